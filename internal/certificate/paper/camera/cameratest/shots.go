package cameratest

import "math"

// shots are thirty pictures, from what a careful officer takes to what no reader can
// be asked to read. The certificate's code lies from (18, 217) to (58, 257)
// millimetres, the proof's from (152, 217) to (192, 257).
var shots = []shot{
	{name: "flat", must: true},
	{name: "tilt 7°", must: true, tilt: 7},
	{name: "tilt 15°, turned 5°", must: true, tilt: 15, roll: 5},
	{name: "tilt 25°", tilt: 25},
	{name: "tilt 35° and 15°", tilt: 35, pan: 15},
	{name: "turned 12°", must: true, roll: 12, field: 205, w: 2000, h: 900},
	{name: "turned 37°", roll: 37, field: 230, w: 2200, h: 1900},
	{name: "upside down, tilt 10°", roll: 180, tilt: -10},
	{name: "fold across both codes", must: true, tilt: 5, folds: []fold{{x: 105, y: 235, along: 1.5, angle: 14}}},
	{name: "fold down the certificate's code", must: true, tilt: 3, folds: []fold{{x: 41, y: 237, along: 92, angle: 16}}},
	{name: "two folds, tilt 12°", tilt: 12, folds: []fold{{x: 105, y: 228, along: -2, angle: 15}, {x: 165, y: 237, along: 88, angle: 18}}},
	{name: "shadow gradient", must: true, tilt: 4, shadow: func(x, y float64) float64 { return 0.15 + 0.85/(1+math.Exp((x-60)/14)) }},
	{name: "edge of a hand's shadow", must: true, shadow: func(x, y float64) float64 { return 0.25 + 0.75/(1+math.Exp((y-236+0.1*x)/0.8)) }},
	{name: "JPEG 60", must: true, tilt: 5, quality: 60},
	{name: "JPEG 25", quality: 25},
	{name: "modules of 2.7 pixels", must: true, tilt: 5, field: 190, w: 1500, h: 570},
	{name: "modules of 2 pixels", field: 190, w: 1120, h: 430},
	{name: "low light", must: true, tilt: 5, dark: 0.18, photons: 900, defocus: 0.5},
	{name: "night", tilt: 5, dark: 0.05, photons: 900, defocus: 0.7},
	{name: "slightly out of focus", defocus: 1.2},
	{name: "out of focus", defocus: 2.2},
	{name: "hand moved", motion: [2]float64{3.5, 1}},
	{name: "hand moved far", motion: [2]float64{5, 5}},
	{name: "glare on the certificate's code", tilt: 8, glare: &spot{50, 228, 9, 1.1}},
	{name: "coffee on the proof's code", tilt: 4, coffee: &spot{183, 247, 16, 0.45}},
	{name: "crumpled", tilt: 5, crumple: 0.45},
	{name: "badly crumpled", tilt: 8, crumple: 1.1},
	{name: "second photocopy, tilt 6°", tilt: 6, copied: 2},
	{name: "one side out of focus, barrel lens", tilt: 10, barrel: 0.03, uneven: func(x, y float64) float64 { return 0.4 + 2.2*x }},
	{name: "scan, 200 dpi grey", must: true, scanner: true, w: 1654, h: 520, field: 1654 / 200.0 * 25.4, roll: 0},
}

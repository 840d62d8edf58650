package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// floors is the plan: a package imports lower floors, and on its own floor only
// those to its left. A subpackage belongs to its parent's place.
//
// Two neighbours stand otherwise than design.md section 3 lists them, recorded in
// docs/adr: keyring is left of ledger, since a log signs with keys; and period is
// left of measure and place, since the day of an exchange rate and of a territory
// are Dates. rules and data are folders of embedded data, which import nothing.
var floors = [][]string{
	{"rules", "data",
		"internal/fault", "internal/ident", "internal/period", "internal/measure", "internal/place", "internal/lang", "internal/access"},
	{"verify",
		"internal/store", "internal/keyring", "internal/ledger", "internal/rule", "internal/geo", "internal/chart",
		"internal/document", "internal/sheet", "internal/job", "internal/web", "internal/module"},
	nouns,
	{"internal/audit"}, // after all faces, see placeOf
	{"internal/app"},
	{"cmd"},
}

const (
	wordFloor = iota
	machineFloor
	nounFloor
	faceFloor
	appFloor
	commandFloor
)

var nouns = []string{"internal/party", "internal/governance", "internal/mine", "internal/conflict", "internal/custody",
	"internal/certificate", "internal/monitoring", "internal/statistics", "internal/review", "internal/fund", "internal/watchdog"}

// place is where a package stands: its floor and how far from the left.
type place struct {
	name  string
	floor int
	index int
}

// faces lists the machines and nouns that may have a face, <x>/<x>web, in order.
var faces = slices.Concat(floors[machineFloor], nouns)

// faceOf is the folder of a machine's or noun's face.
func faceOf(folder string) string { return folder + "/" + path.Base(folder) + "web" }

// placeOf finds a folder's place. A face stands on floor 3, in the order of the
// machines and nouns.
func placeOf(folder string) (place, bool) {
	for i, owner := range faces {
		if face := faceOf(owner); under(folder, face) {
			return place{face, faceFloor, i}, true
		}
	}
	for floor, names := range floors {
		for i, name := range names {
			if under(folder, name) {
				if floor == faceFloor {
					i += len(faces)
				}
				return place{name, floor, i}, true
			}
		}
	}
	return place{}, false
}

func under(folder, top string) bool { return folder == top || strings.HasPrefix(folder, top+"/") }

// mayImport reports whether the plan lets a package at from import one at to.
func mayImport(from, to place) bool {
	switch {
	case from == to:
		return true
	case from.name == "internal/audit" && (to.name == "verify" || to.floor >= nounFloor):
		return false // it judges again by its own means (design.md 3)
	case from.floor == commandFloor:
		return to.floor == appFloor // main hands over to app and does nothing else
	case from.floor != to.floor:
		return to.floor < from.floor
	}
	return to.index < from.index
}

func checkFloors(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		from, planned := placeOf(p.folder)
		if !planned && !forTests(p.folder) {
			wrong = append(wrong, p.folder+": has no place in the plan (floors in internal/arch)")
			continue
		}
		for _, file := range p.files {
			inside, _ := file.imports()
			for _, target := range inside {
				if why := refuses(from, p.folder, file, target); why != "" {
					wrong = append(wrong, fmt.Sprintf("%s: may not import %s: %s", file.path, target, why))
				}
			}
		}
	}
	return wrong
}

// readTwice is what package audit reads again by its own means: its tests alone
// may import the first reading.
var readTwice = []string{"verify", "internal/party"}

// refuses says why a file may not import the target, "" when it may. What exists
// for tests is imported by tests alone, and where it has no place in the plan it
// imports what it likes. Tests otherwise keep to the floor of their package.
func refuses(from place, folder string, file *source, target string) string {
	if forTests(target) {
		if file.test || forTests(folder) {
			return ""
		}
		return "it is for tests"
	}
	if file.test && under(folder, "internal/audit") && slices.ContainsFunc(readTwice, func(name string) bool { return under(target, name) }) {
		return "" // its tests hold the two readings against each other
	}
	to, planned := placeOf(target)
	switch {
	case !planned:
		return "it has no place in the plan"
	case from == place{}, mayImport(from, to):
		return ""
	case from.floor == to.floor:
		return "it stands to the right on the same floor"
	}
	return "it is not on a lower floor"
}

func TestFloorsCanFail(t *testing.T) {
	tests := []proof{
		{"in order", map[string]string{
			"internal/lang/a.go":                            `package lang; import _ "adamas.example/internal/place"`,
			"internal/ledger/a.go":                          `package ledger; import _ "adamas.example/internal/keyring"`,
			"internal/ledger/witness/a.go":                  `package witness; import _ "adamas.example/internal/ledger"`,
			"internal/certificate/a.go":                     `package certificate; import _ "adamas.example/internal/custody"`,
			"internal/certificate/a_test.go":                `package certificate; import _ "adamas.example/internal/worldtest"`,
			"internal/certificate/certificateweb/a.go":      `package certificateweb; import _ "adamas.example/internal/watchdog"`,
			"internal/ledger/ledgerweb/a.go":                `package ledgerweb; import _ "adamas.example/internal/web"`,
			"internal/audit/a.go":                           `package audit; import _ "adamas.example/internal/store"`,
			"internal/audit/a_test.go":                      `package audit; import _ "adamas.example/verify/statement"`,
			"internal/app/a.go":                             `package app; import _ "adamas.example/internal/audit"`,
			"cmd/adamas/main.go":                            `package main; import _ "adamas.example/internal/app"`,
			"internal/store/storetest/a.go":                 `package storetest; import _ "adamas.example/internal/worldtest/pgtest"`,
			"bench/a_test.go":                               `package bench; import _ "adamas.example/internal/app"`,
			"internal/measure/testdata/broken/not_read.go":  `package`,
			"internal/party/node_modules/x/y/not_read.go":   `package`,
			"internal/ledger/schema/not_go/0001_ledger.sql": `CREATE TABLE ledger_entry (id TEXT)`,
		}, ""},
		{"an unplanned package", map[string]string{"internal/misc/a.go": `package misc`}, "internal/misc: has no place"},
		{"an unplanned import", map[string]string{"internal/app/a.go": `package app; import _ "adamas.example/internal/misc"`}, "internal/misc: it has no place"},
		{"upwards", map[string]string{"internal/store/a.go": `package store; import _ "adamas.example/internal/party"`}, "internal/party: it is not on a lower floor"},
		{"to the right among words", map[string]string{"internal/ident/a.go": `package ident; import _ "adamas.example/internal/place"`}, "to the right"},
		{"to the right among machines", map[string]string{"internal/keyring/a.go": `package keyring; import _ "adamas.example/internal/ledger"`}, "to the right"},
		{"to the right among nouns", map[string]string{"internal/custody/a.go": `package custody; import _ "adamas.example/internal/certificate"`}, "custody/a.go: may not import internal/certificate: it stands to the right"},
		{"a subpackage is no way round", map[string]string{"internal/custody/flow/a.go": `package flow; import _ "adamas.example/internal/certificate/paper"`}, "to the right"},
		{"a noun imports its face", map[string]string{"internal/party/a.go": `package party; import _ "adamas.example/internal/party/partyweb"`}, "partyweb: it is not on a lower floor"},
		{"a face imports one to its right", map[string]string{"internal/party/partyweb/a.go": `package partyweb; import _ "adamas.example/internal/fund/fundweb"`}, "to the right"},
		{"a machine imports its face", map[string]string{"internal/ledger/a.go": `package ledger; import _ "adamas.example/internal/ledger/ledgerweb"`}, "ledgerweb: it is not on a lower floor"},
		{"a face imports audit", map[string]string{"internal/party/partyweb/a.go": `package partyweb; import _ "adamas.example/internal/audit"`}, "to the right"},
		{"audit trusts verify", map[string]string{"internal/audit/a.go": `package audit; import _ "adamas.example/verify/statement"`}, "verify/statement: it is not"},
		{"audit trusts a service", map[string]string{"internal/audit/a.go": `package audit; import _ "adamas.example/internal/certificate"`}, "internal/certificate: it is not"},
		{"verify imports a machine", map[string]string{"verify/a.go": `package verify; import _ "adamas.example/internal/store"`}, "to the right"},
		{"main does more than hand over", map[string]string{"cmd/adamas/main.go": `package main; import _ "adamas.example/internal/store"`}, "internal/store: it is not"},
		{"production code imports what is for tests", map[string]string{"internal/app/a.go": `package app; import _ "adamas.example/internal/store/storetest"`}, "it is for tests"},
		{"production code imports the made-up world", map[string]string{"internal/app/a.go": `package app; import _ "adamas.example/internal/worldtest"`}, "it is for tests"},
		{"a test looks up", map[string]string{"internal/fault/a_test.go": `package fault; import _ "adamas.example/internal/party"`}, "internal/party: it is not on a lower floor"},
		{"data imports", map[string]string{"rules/a.go": `package rules; import _ "adamas.example/internal/fault"`}, "to the right"},
	}
	prove(t, checkFloors, tests)
}

func TestFloors(t *testing.T) { hold(t, checkFloors) }

// Every import is allowed in one direction at most, or there could be a circle.
func TestThePlanHasNoCircles(t *testing.T) {
	var all []place
	for _, owner := range faces {
		face, _ := placeOf(faceOf(owner))
		all = append(all, face)
	}
	for _, name := range slices.Concat(floors...) {
		p, ok := placeOf(name)
		if !ok || p.name != name {
			t.Errorf("%s stands at %v", name, p)
		}
		all = append(all, p)
	}
	for _, a := range all {
		for _, b := range all {
			if a != b && mayImport(a, b) && mayImport(b, a) {
				t.Errorf("%s and %s may import each other", a.name, b.name)
			}
		}
	}
}

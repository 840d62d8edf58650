// Package data embeds the real reference data that the program carries. Each
// folder has a README with origin, licence and date.
package data

import "embed"

// FS holds the folders named here and no others.
//
//go:embed mining-sites/*.csv kp-documents/*.csv trade-calibration/*.csv paper/*.toml
var FS embed.FS

// Package rules embeds the rule sets this program ships, as data: a folder for
// each set, TOML files with sources and dates in it. Package internal/rule reads
// them; README.md says how to write one.
//
// Imports: the standard library only.
package rules

import (
	"embed"
	"io/fs"
)

//go:embed kpcs HASHES README.md rule-set.cddl
var embedded embed.FS

// KPCS is the ID of the base set of the scheme and the name of its folder.
const KPCS = "kpcs"

// FS holds one folder for each shipped set, named by the ID of the set, and beside
// them README.md, HASHES (ID, version and address of each) and rule-set.cddl.
func FS() fs.FS { return embedded }

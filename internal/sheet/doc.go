// Package sheet is tables in files, where field offices live: xlsx and CSV, written for
// the spreadsheet of the reader's language and read back whichever of the two they are.
//
//	err := sheet.Sheet{Name: "Applications", Columns: columns, Rows: rows}.XLSX(w)
//	page, err := sheet.Read(raw)
//	for _, row := range page.Rows { row.Cells[1].At ... } // "B7"
//
// # Invariants
//
//   - A number is a number and a day a day, in the file as in the program: no spreadsheet
//     has to guess.
//   - What somebody else typed is text in the reader's spreadsheet, never a formula
//     (OWASP, CSV injection).
//   - Nothing in a file is calculated: a formula counts as the value that was saved
//     with it, and one without a value is a fault.
//   - A file costs no more than the bounds below, whatever its head says about its size.
//   - What was written is read back as it was.
//   - A file of made-up data says so in the sheet's name and in its first head.
//
// It may import floor 0 and excelize.
package sheet

import (
	"embed"
	"io/fs"
)

//go:embed text/*.toml
var text embed.FS

// Text is the folder of words for the faults.
func Text() fs.FS { return text }

// Bounds of a file that is read. Ten times what an office sends in a year's single
// import, and no more than a small node can hold beside its work.
const (
	MostBytes   = 4 << 20  // as it is sent
	mostUnzip   = 24 << 20 // of all parts of an xlsx
	mostParts   = 200      // of an xlsx
	mostRows    = 20_000
	mostColumns = 60
)

// made marks a file of made-up data.
const made = "SYNTHETIC"

package ledger

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the words of the ledger and its subpackages: faults, states, reasons
// for a hold. Those of its commands are ledgerweb's.
func Text() fs.FS { return text }

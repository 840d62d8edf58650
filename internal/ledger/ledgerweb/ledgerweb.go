// Package ledgerweb is the face of the ledger: the commands that run a witness
// and look after a log. Everything it does is package ledger's; here it gets
// its words.
package ledgerweb

import (
	"embed"
	"io/fs"

)

//go:embed text
var text embed.FS

// Text is the face's words.
func Text() fs.FS { return text }

// commands of the ledger.
type commands struct {
	Witness witnessCmd `cmd:"" help:"${cli_witness}"`
}

// Commands is a pointer to the commands, for module.Module.
func Commands() any { return &commands{} }


// Package ledgerweb is the face of the ledger: the commands that run a witness,
// look after a log, read one from anywhere, copy it, and make packs. Everything it
// does is package ledger's and its subpackages'; here it gets its words.
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
// Set is the ledger's commands; package postweb adds those of the post.
type Set struct {
	Pack struct {
		Make  packMakeCmd  `cmd:"" help:"cli_pack_make"`
		Show  packShowCmd  `cmd:"" help:"cli_pack_show"`
		Diff  packDiffCmd  `cmd:"" help:"cli_pack_diff"`
		Apply packApplyCmd `cmd:"" help:"cli_pack_apply"`
	} `cmd:"" help:"cli_pack"`
	Log struct {
		Show logShowCmd `cmd:"" help:"cli_log_show"`
	} `cmd:"" help:"cli_log"`
	Status  statusCmd  `cmd:"" help:"cli_status"`
	Mirror  mirrorCmd  `cmd:"" help:"cli_mirror"`
	Witness witnessCmd `cmd:"" help:"cli_witness"`
}

// Package postweb is the face of an office's post: the commands that send, receive
// and list messages, and that follow the registers of others. They stand beside the
// ledger's other commands, in a package of their own for their number.
//
// Invariant: what imports writes nothing without --apply, and says so.
//
// It may import ledgerweb, the ledger's packages and what lies below.
package postweb

import (
	"time"

	"adamas.example/internal/ledger/ledgerweb"
)

type commands struct {
	ledgerweb.Set `embed:""`
	Follow        followCmd    `cmd:"" help:"cli_follow"`
	Exchange      exchangeCmds `cmd:"" help:"cli_exchange"`
}

// Commands is a pointer to the ledger's commands and these, for module.Module.
func Commands() any { return &commands{} }

func moment(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

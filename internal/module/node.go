package module

import (
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
)

// Node is a node's folder, opened: what commands of the faces need of it. Only
// app knows how to open one, since a node has the tables of every module.
type Node struct {
	Office    string // who issues here, e.g. "CF/bangui"
	Synthetic bool   // every statement of this node is made up, and says so
	LogFolder string // of the home log's public files
	Signer    *keyring.Signer
	Ledger    *ledger.Ledger
	Roots     [][]byte // signed root documents, version 1 first
	// Close closes all of it.
	Close func() error
}

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
	// Nouns are what the nouns have opened on it; Of finds one by its type, which
	// this package, on a lower floor, cannot name.
	Nouns []any
	// Close closes all of it.
	Close func() error
}

// Of finds what a noun has opened on a node. ok is false when it has nothing there.
func Of[T any](n *Node) (v T, ok bool) {
	for _, x := range n.Nouns {
		if v, ok = x.(T); ok {
			return v, true
		}
	}
	return v, false
}

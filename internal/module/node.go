package module

import (
	"fmt"

	"adamas.example/internal/fault"
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
	// Services are what the modules have opened at the node, each of a type of its
	// own; Service finds one.
	Services []any
	// Close closes all of it.
	Close func() error
}

// Service finds what a module has opened at the node, by its type. The fault
// module.no_service says that this node was opened without it.
func Service[T any](n *Node) (T, error) {
	for _, s := range n.Services {
		if t, ok := s.(T); ok {
			return t, nil
		}
	}
	var none T
	return none, fault.Unavailable("module.no_service", fault.Arg("service", fmt.Sprintf("%T", none)))
}

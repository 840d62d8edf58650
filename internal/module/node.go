package module

import (
	"errors"
	"fmt"

	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
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
	Dir       string   // the node's folder
	// Post is the office's post: an act posts a message in its own transaction.
	Post *exchange.Office
	// Followers are the views of all modules, for package follow.
	Followers []follow.Follower
	// Close closes all of it.
	Close func() error
}

// Join gives the node what the modules bring to it: their followers, and their
// handlers of messages. It is called once, when everything else is open.
func (n *Node) Join(modules []Module) error {
	var mistakes []error
	for _, m := range modules {
		if m.Followers != nil {
			more, err := m.Followers(n)
			if err != nil {
				return err
			}
			n.Followers = append(n.Followers, more...)
		}
		if m.Messages == nil {
			continue
		}
		handlers, err := m.Messages(n)
		if err != nil {
			return err
		}
		for kind, h := range handlers {
			if err := n.Post.Register(kind, h); err != nil {
				mistakes = append(mistakes, fmt.Errorf("module %s: %w", m.Name, err))
			}
		}
	}
	return errors.Join(mistakes...)
}

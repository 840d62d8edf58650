package module

import (
	"errors"
	"fmt"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/rule"
)

// Node is a node's folder, opened: what commands of the faces need of it. Only
// app knows how to open one, since a node has the tables of every module.
type Node struct {
	Office    string // who issues here, e.g. "CF/bangui"
	Station   string // this PC, e.g. "CF/bangui/pc-1"
	URL       string // by which the office is known outside; "" when nobody has said
	Synthetic bool   // every statement of this node is made up, and says so
	LogFolder string // of the home log's public files
	Signer    *keyring.Signer
	Ledger    *ledger.Ledger
	Roots     [][]byte // signed root documents, version 1 first
	Dir       string   // the node's folder
	Rules     rule.Set // the rules it works by
	Now       func() time.Time
	// Post is the office's post: an act posts a message in its own transaction.
	Post *exchange.Office
	// Followers are the views of all modules, for package follow.
	Followers []follow.Follower
	// Jobs are what the modules do by themselves while the node is served.
	Jobs []Job
	// Services are what the modules have opened at the node, each of a type of its
	// own; Service finds one.
	Services []any
	// Origins are the addresses under which browsers open the node, scheme and host, the
	// one for links first: what passkeys are bound to. Empty while it is not served.
	Origins []string
	// Offer is what a served node gives to anybody.
	Offer Offer
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

// Join gives the node what the modules bring to it, from left to right: what they
// open, their followers, and their handlers of messages. It is called once, when everything else is open.
func (n *Node) Join(modules []Module) error {
	var mistakes []error
	for _, m := range modules {
		if m.Services != nil {
			more, err := m.Services(n)
			if err != nil {
				return err
			}
			n.Services = append(n.Services, more...)
		}
		if m.Followers != nil {
			more, err := m.Followers(n)
			if err != nil {
				return err
			}
			n.Followers = append(n.Followers, more...)
		}
		if m.Jobs != nil {
			more, err := m.Jobs(n)
			if err != nil {
				return err
			}
			n.Jobs = append(n.Jobs, more...)
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

package keyringweb

import (
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify/statement"
)

// Here is the authority's key, where it lies at a node, and what opens it.
type Here struct {
	Dir        string // of the authority's keys
	Passphrase string
	Field      string // at which a slip of the passphrase is told
}

// OfficerAct is what the authority says of an officer's key by a page of the node where
// its own keys lie.
type OfficerAct struct {
	Here
	Card        []byte
	From, Until string // dates; From "" means now
}

// OfficerEnd is what it says of one that shall sign no more.
type OfficerEnd struct {
	Here
	Key    string // its id
	Reason string
}

// mostReason bounds the reason of a revocation, in bytes (statement.KeyRevoked).
const mostReason = 500

// AuthorityAt finds the name of the authority's key in a folder, "" when there is none.
func AuthorityAt(dir string) string {
	ring, err := keyring.Unlock(dir, nil)
	if err != nil {
		return ""
	}
	cards, err := ring.Cards()
	if i := slices.IndexFunc(cards, func(c *keyring.Card) bool { return c.Purpose == keyring.Authority }); err == nil && i >= 0 {
		return cards[i].Name
	}
	return ""
}

// act opens the key before anything is said, so that a slip is told at its field.
func (h Here) act(env *module.Env, n *module.Node) (f ActFlags, err error) {
	f.Node, f.Dir, f.Key, f.Passphrase, f.Apply = n.Dir, h.Dir, AuthorityAt(h.Dir), h.Passphrase, true
	if f.Public, err = f.public(env, keyring.Authority); err == nil {
		_, err = f.loaded(env.Context, keyring.Authority)
	}
	return f, fault.Locate(err, fault.At(h.Field))
}

// AppointOfficer does what adamas keys appoint --apply does. Faults as there, at the
// fields "from" and "until" and at that of the passphrase.
func AppointOfficer(env *module.Env, n *module.Node, o OfficerAct) error {
	var faults fault.List
	for field, text := range map[string]string{"from": o.From, "until": o.Until} {
		if _, err := period.Parse(text); err != nil && (text != "" || field == "until") {
			faults.Add(fault.Locate(err, fault.At(field)))
		}
	}
	if err := faults.Err(); err != nil {
		return err
	}
	c := &appointCmd{From: o.From, Until: o.Until, CardText: o.Card}
	var err error
	if c.ActFlags, err = o.act(env, n); err != nil {
		return err
	}
	return c.Do(env, n)
}

// RevokeOfficer does what adamas keys revoke --apply does: what the key has signed in the
// register so far stays good. Faults as there, at the field "reason" and at that of the
// passphrase.
func RevokeOfficer(env *module.Env, n *module.Node, o OfficerEnd) error {
	switch {
	case strings.TrimSpace(o.Reason) == "" || len(o.Reason) > mostReason:
		return fault.Invalid("keyring.reason", fault.At("reason"), fault.Arg("most", mostReason))
	case statement.CheckText(o.Reason, 1, mostReason) != nil:
		return fault.Invalid("keyring.reason_form", fault.At("reason"))
	}
	c := &revokeCmd{Reason: o.Reason, ID: o.Key}
	var err error
	if c.ActFlags, err = o.act(env, n); err != nil {
		return err
	}
	return c.Do(env, n)
}

package keyringweb

import (
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
)

// OfficerAct is what the authority says of an officer's key by a page of the node where
// its own keys lie.
type OfficerAct struct {
	Dir         string // of the authority's keys
	Passphrase  string
	Card        []byte
	From, Until string // dates; From "" means now
}

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

// AppointOfficer does what adamas keys appoint --apply does. Faults as there, at the
// fields "passphrase", "from" and "until".
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
	c.Node, c.Dir, c.Key, c.Passphrase, c.Apply = n.Dir, o.Dir, AuthorityAt(o.Dir), o.Passphrase, true
	var err error
	if c.Public, err = c.public(env, keyring.Authority); err != nil {
		return fault.Locate(err, fault.At("passphrase"))
	}
	// Opened before anything is said, so that a slip is told at its field.
	if _, err := c.loaded(env.Context, keyring.Authority); err != nil {
		return fault.Locate(err, fault.At("passphrase"))
	}
	return c.Do(env, n)
}

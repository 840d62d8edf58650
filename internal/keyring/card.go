package keyring

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// cardFormat is the version of the form of a card file.
const cardFormat = 1

// maxCard bounds a card file in bytes.
const maxCard = 8 << 10

// mark is what the card of a key that opens without a passphrase says.
const mark = "SYNTHETIC"

// Card is the public half of a key: what an office hands to its authority, a
// log or a witness to those who believe it. A card proves nothing by itself:
// whoever acts on one compares the key id with its holder by another way.
type Card struct {
	Name      string // of the key in its ring: lower-case letters, digits, hyphens
	Purpose   Purpose
	Created   time.Time // UTC, whole seconds
	Synthetic bool
	Key       statement.Key // zero for a Message key
	VKey      string        // C2SP verifier key of a Log or Witness key
	Recipient string        // age recipient (age1…) of a Message key

	sealed canonical.Hash // of the encrypted file; zero in the copy inside it and in a signer's card
}

// cardFile is the form of a card on disk: indented JSON, in this order.
type cardFile struct {
	Format    int              `json:"adamas_key"`
	Name      string           `json:"name"`
	Purpose   Purpose          `json:"purpose"`
	Created   string           `json:"created"`
	Mark      string           `json:"mark,omitempty"`
	KeyID     *statement.KeyID `json:"key_id,omitempty"`
	Algorithm string           `json:"algorithm,omitempty"`
	CoseKey   string           `json:"cose_key,omitempty"`
	VKey      string           `json:"vkey,omitempty"`
	Recipient string           `json:"recipient,omitempty"`
	Sealed    *canonical.Hash  `json:"sealed,omitempty"`
}

// KeyID is the id of the card's key; zero for a Message key.
func (c *Card) KeyID() statement.KeyID {
	if c.Purpose == Message {
		return statement.KeyID{}
	}
	return c.Key.ID()
}

// Encode writes the card as it stands in a .pub file.
func (c *Card) Encode() ([]byte, error) {
	f := cardFile{Format: cardFormat, Name: c.Name, Purpose: c.Purpose,
		Created: c.Created.UTC().Format(time.RFC3339), VKey: c.VKey, Recipient: c.Recipient}
	if c.Synthetic {
		f.Mark = mark
	}
	if c.Purpose != Message {
		cose, err := canonical.Marshal(c.Key)
		if err != nil {
			return nil, fmt.Errorf("card %s: %w", c.Name, err)
		}
		f.KeyID, f.Algorithm, f.CoseKey = new(c.Key.ID()), c.Key.Alg.String(), hex.EncodeToString(cose)
	}
	if !c.sealed.IsZero() {
		f.Sealed = &c.sealed
	}
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("card %s: %w", c.Name, err)
	}
	return append(b, '\n'), nil
}

// ParseCard reads a card that somebody handed in. It accepts exactly what
// Encode writes, and refuses anything else with keyring.card_unreadable.
func ParseCard(b []byte) (*Card, error) {
	c, err := parseCard(b)
	if err != nil {
		return nil, fault.Invalid("keyring.card_unreadable", fault.Because(err))
	}
	return c, nil
}

func parseCard(b []byte) (*Card, error) {
	if len(b) > maxCard {
		return nil, fmt.Errorf("%d bytes, at most %d", len(b), maxCard)
	}
	var f cardFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	if f.Format != cardFormat {
		return nil, fmt.Errorf("form %d: this program reads form %d", f.Format, cardFormat)
	}
	c := &Card{Name: f.Name, Purpose: f.Purpose, Synthetic: f.Mark == mark, VKey: f.VKey, Recipient: f.Recipient}
	var err error
	if c.Created, err = time.Parse(time.RFC3339, f.Created); err != nil {
		return nil, err
	}
	if f.Sealed != nil {
		c.sealed = *f.Sealed
	}
	if c.Purpose != Message {
		cose, err := hex.DecodeString(f.CoseKey)
		if err != nil {
			return nil, fmt.Errorf("cose_key: %w", err)
		}
		if err := canonical.Unmarshal(cose, &c.Key); err != nil {
			return nil, fmt.Errorf("cose_key: %w", err)
		}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	// Writing the card again also proves what was not looked at above: key id,
	// algorithm, mark, order, spelling, duplicate and unknown members.
	again, err := c.Encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, errors.New("not in the form that this program writes")
	}
	return c, nil
}

// check holds what is true of every card.
func (c *Card) check() error {
	if !validName(c.Name) {
		return fmt.Errorf("name %q", c.Name)
	}
	if !c.Purpose.known() {
		return fmt.Errorf("purpose %q", c.Purpose)
	}
	if !validTime(c.Created) {
		return fmt.Errorf("created %s", c.Created)
	}
	if c.Purpose == Message {
		if c.VKey != "" {
			return errors.New("a message key has no verifier key")
		}
		_, err := age.ParseX25519Recipient(c.Recipient)
		return err
	}
	if c.Recipient != "" {
		return errors.New("only a message key has a recipient")
	}
	public, err := c.Key.Public()
	if err != nil {
		return err
	}
	if c.Purpose.signsNotes() {
		return c.checkVKey(public)
	}
	if c.VKey != "" {
		return errors.New("only a log or witness key has a verifier key")
	}
	return nil
}

func (c *Card) checkVKey(public any) error {
	ed, ok := public.(ed25519.PublicKey)
	if !ok {
		return errors.New("a log or witness key is Ed25519")
	}
	k, err := policy.ParseVKey(c.VKey)
	if err != nil {
		return err
	}
	if c.VKey != vkeyOf(c.Purpose, k.Name, ed) {
		return errors.New("the verifier key is of another key or kind")
	}
	return nil
}

// vkeyOf writes the verifier key of a log or witness called label.
func vkeyOf(p Purpose, label string, public ed25519.PublicKey) string {
	if p == Witness {
		return policy.WitnessVKey(label, public).String()
	}
	return policy.LogVKey(label, public).String()
}

// Label is the name in the verifier key, "" for a card without one.
func (c *Card) Label() string {
	if c.VKey == "" {
		return ""
	}
	k, err := policy.ParseVKey(c.VKey)
	if err != nil {
		return ""
	}
	return k.Name
}

// Card makes the card of a key that lives outside any ring, in an agent or HSM,
// so that it can be handed on like others. label is the log's or witness's name,
// "" for other purposes. Faults: keyring.name, label, created.
func (s *Signer) Card(name, label string, created time.Time) (*Card, error) {
	spec := Spec{Name: name, Purpose: s.purpose, Algorithm: s.key.Alg, Label: label, Created: created}
	if err := spec.check(); err != nil {
		return nil, err
	}
	return spec.card(s.public, s.synthetic)
}

// validName keeps a key's name a plain file name on every system.
func validName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

// validTime wants UTC, whole seconds, and a year that RFC 3339 can write.
func validTime(t time.Time) bool {
	return t.Location() == time.UTC && t.Nanosecond() == 0 && t.Year() >= 1970 && t.Year() <= 9999
}

// equal compares the files that two cards are.
func (c *Card) equal(o *Card) bool {
	a, errA := c.Encode()
	b, errB := o.Encode()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

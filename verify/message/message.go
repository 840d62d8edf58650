// Package message is what one office sends another beside the logs: an advice
// before arrival, a confirmation, a notice, with the statements and bundles that
// belong to it (design.md §3: between Participants only by statements and bundles).
//
// A message is signed by the sending office's key and then encrypted to the key
// that the receiving office's authority has named for messages. This package knows
// the signed form; the encryption is age's and has no place in the verifier.
//
// Invariants: a message has one encoding; its signature has a content type of its
// own, so that it can never be shown as a statement; it says from whom and to whom
// inside what is signed, so that nobody can pass it on as addressed to himself;
// it is SYNTHETIC exactly when everything that it carries is.
package message

import (
	"encoding/hex"
	"errors"
	"fmt"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Version is the version of the form that this program writes and reads.
const Version = 1

// Bounds of a message. With MaxSize a message fits a mail of 10 MB, which is what
// common mail servers let pass, once base64 has made it a third longer.
const (
	MaxSize       = 6 << 20 // of the signed message, in bytes
	MaxStatements = 64
	MaxBundles    = 64
	MaxNote       = 1000 // bytes
)

// ID is 16 random bytes that the sender gives a message, once.
type ID [16]byte

// IsZero tells whether id stands for "none".
func (id ID) IsZero() bool { return id == ID{} }

// String gives 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText makes an ID hexadecimal in JSON.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// Kind is what a message is for. Codes are for ever.
type Kind uint64

// The kinds. A reader takes one that it does not know, shows it, and does nothing
// about it.
const (
	Advice          Kind = 1 // a shipment is on its way (KPCS Annex II 19)
	Confirmation    Kind = 2 // it has arrived (KPCS III(b))
	Notice          Kind = 3 // for people to read
	Instruction     Kind = 4 // an authority's to its office
	Acknowledgement Kind = 5 // the message that it answers has come
)

// maxKind leaves room for kinds that this version does not know.
const maxKind = 255

var kindNames = [...]string{Advice: "advice", Confirmation: "confirmation", Notice: "notice", Instruction: "instruction", Acknowledgement: "acknowledgement"}

// Kinds lists every kind that has a name.
func Kinds() []Kind { return []Kind{Advice, Confirmation, Notice, Instruction, Acknowledgement} }

// String gives the kind's name in the formats documents.
func (k Kind) String() string {
	if k > 0 && k < Kind(len(kindNames)) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint64(k))
}

// MarshalText gives the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Message is the payload: what is signed.
type Message struct {
	Version    uint64   `cbor:"1,keyasint"` // 1
	ID         ID       `cbor:"2,keyasint"`
	From       string   `cbor:"3,keyasint"` // office
	To         string   `cbor:"4,keyasint"` // office
	Time       int64    `cbor:"5,keyasint"` // seconds since 1970 UTC, the sender's own claim
	Kind       Kind     `cbor:"6,keyasint"`
	Synthetic  bool     `cbor:"7,keyasint"`
	Answers    ID       `cbor:"8,keyasint,omitzero"`   // the message that this one answers
	Statements [][]byte `cbor:"9,keyasint,omitempty"`  // signed bytes
	Bundles    [][]byte `cbor:"10,keyasint,omitempty"` // .adamas files
	Note       string   `cbor:"11,keyasint,omitempty"`
}

// Contents is what a message carries, decoded. No signature has been checked.
type Contents struct {
	Statements []*statement.Statement
	Bundles    []Carried
}

// Carried is a bundle and the statement in it.
type Carried struct {
	*bundle.Bundle
	Statement *statement.Statement
}

// Open decodes what the message carries, and refuses what is no statement or
// bundle, or is SYNTHETIC when the message is not, or the reverse.
func (m *Message) Open() (*Contents, error) {
	c := new(Contents)
	for i, b := range m.Statements {
		st, err := statement.Parse(b)
		if err == nil && st.Synthetic != m.Synthetic {
			err = errMixed
		}
		if err != nil {
			return nil, fmt.Errorf("statement %d: %w", i+1, err)
		}
		c.Statements = append(c.Statements, st)
	}
	for i, file := range m.Bundles {
		b, err := bundle.Parse(file)
		if err != nil {
			return nil, fmt.Errorf("bundle %d: %w", i+1, err)
		}
		st, err := statement.Parse(b.Statement)
		if err == nil && st.Synthetic != m.Synthetic {
			err = errMixed
		}
		if err != nil {
			return nil, fmt.Errorf("bundle %d: statement: %w", i+1, err)
		}
		c.Bundles = append(c.Bundles, Carried{b, st})
	}
	return c, nil
}

var errMixed = errors.New("synthetic: not as the message says")

// Check refuses a message that is not well formed in itself, naming the field.
func (m *Message) Check() error {
	if m.Version != Version {
		return fmt.Errorf("version %d: this program reads version %d", m.Version, Version)
	}
	if m.ID.IsZero() {
		return errors.New("id: missing")
	}
	if err := errors.Join(named("from", statement.CheckOffice(m.From)), named("to", statement.CheckOffice(m.To))); err != nil {
		return err
	}
	if m.From == m.To {
		return errors.New("from, to: one office")
	}
	if m.Time <= 0 || m.Time > statement.MaxTime {
		return fmt.Errorf("time: %d is not a time between 1970 and 9999", m.Time)
	}
	if m.Kind == 0 || m.Kind > maxKind {
		return fmt.Errorf("kind: %d, want 1 to %d", uint64(m.Kind), maxKind)
	}
	if len(m.Statements) > MaxStatements || len(m.Bundles) > MaxBundles {
		return fmt.Errorf("%d statements and %d bundles, at most %d and %d", len(m.Statements), len(m.Bundles), MaxStatements, MaxBundles)
	}
	if err := named("note", statement.CheckText(m.Note, 0, MaxNote)); err != nil {
		return err
	}
	carries := len(m.Statements)+len(m.Bundles) > 0
	switch {
	case m.Kind == Acknowledgement && (m.Answers.IsZero() || carries):
		return errors.New("answers: an acknowledgement names the message that has come, and carries nothing")
	case m.Kind != Acknowledgement && !carries && m.Note == "":
		return errors.New("statements, bundles, note: all are missing")
	case m.Answers == m.ID:
		return errors.New("answers: is the message itself")
	}
	_, err := m.Open()
	return err
}

// Encode gives the payload: the bytes that will be signed.
func (m *Message) Encode() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	b, err := canonical.Marshal(m)
	if err != nil {
		return nil, err
	}
	if len(b) > MaxSize-maxFrame {
		return nil, fmt.Errorf("%d bytes, at most %d", len(b), MaxSize-maxFrame)
	}
	return b, nil
}

// ParsePayload decodes what is signed.
func ParsePayload(b []byte) (*Message, error) {
	if len(b) > MaxSize-maxFrame {
		return nil, fmt.Errorf("%d bytes: a message has at most %d", len(b), MaxSize-maxFrame)
	}
	m := new(Message)
	if err := canonical.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	return m, m.Check()
}

// maxFrame is more than the frame around a payload takes.
const maxFrame = 256

func named(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", field, err)
}

// Package commitment keeps a fact back without giving it up: a certificate
// states one Merkle root over {label, salt, value}, and whoever holds the
// values shows all, some or none of them (design.md §5, "three groups of
// facts").
//
// The tree is that of RFC 9162 §2.1.1 over leaves in ascending order of label;
// a leaf is [label, SHA-256 of [salt, value]]. A salt is the first 16 bytes of HMAC-SHA-256(seed, label) with a random seed
// of 128 bits, so that a value with few possible answers (a country, a round
// weight) cannot be guessed from its leaf.
//
// Invariants: one root opens to one value for each label only, whoever made it
// and however much is shown: the label stands outside the hidden part, so that
// nobody can commit to two weights and show each to somebody else; a Disclosure
// that Opens is complete (every leaf is shown or hidden, none left out); a
// hidden leaf tells its label and nothing of its value.
package commitment

import (
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
)

// SeedSize is the length in bytes of the random seed: 128 bits.
const SeedSize = 16

const saltSize = 16

// MaxFacts bounds the number of leaves under one root.
const MaxFacts = 4096

// Root is the commitment itself.
type Root struct {
	_     struct{} `cbor:",toarray"`
	Hash  canonical.Hash
	Count uint64
}

// Check refuses an empty commitment.
func (r Root) Check() error {
	if r.Hash.IsZero() || r.Count == 0 || r.Count > MaxFacts {
		return fmt.Errorf("a commitment needs a root and 1 to %d facts", MaxFacts)
	}
	return nil
}

// MaxValue bounds one value in bytes, so that reading it costs little.
const MaxValue = 64 << 10

// Fact is one labelled value, the value in canonical CBOR.
type Fact struct {
	_     struct{} `cbor:",toarray"`
	Label uint64
	Value canonical.Raw
}

// NewFact encodes v.
func NewFact(label uint64, v any) (Fact, error) {
	b, err := canonical.Marshal(v)
	if err != nil {
		return Fact{}, fmt.Errorf("fact %d: %w", label, err)
	}
	return Fact{Label: label, Value: b}, nil
}

// Shown is a fact disclosed without the seed: with its own salt only.
type Shown struct {
	_     struct{} `cbor:",toarray"`
	Label uint64
	Salt  []byte
	Value canonical.Raw
}

// Hidden is a fact that is kept back: its label, and the hash of salt and value.
type Hidden struct {
	_     struct{} `cbor:",toarray"`
	Label uint64
	Hash  canonical.Hash
}

// Slot is one leaf of a partial disclosure: shown or hidden.
type Slot struct {
	Shown  *Shown  `cbor:"1,keyasint,omitempty"`
	Hidden *Hidden `cbor:"2,keyasint,omitempty"`
}

// Disclosure opens a commitment: with Seed and Facts wholly, with Slots partly.
type Disclosure struct {
	Seed  []byte `cbor:"1,keyasint,omitempty"`
	Facts []Fact `cbor:"2,keyasint,omitempty"`
	Slots []Slot `cbor:"3,keyasint,omitempty"`
}

// Check refuses a disclosure that is neither of the two forms, labels that repeat
// or do not ascend from 1, and values that are not canonical CBOR.
func (d *Disclosure) Check() error {
	if err := d.checkForm(); err != nil {
		return err
	}
	for _, f := range d.Facts {
		if err := checkValue(f.Label, f.Value); err != nil {
			return err
		}
	}
	for _, s := range d.Slots {
		if s.Shown == nil {
			continue
		}
		if err := checkValue(s.Shown.Label, s.Shown.Value); err != nil {
			return err
		}
	}
	return nil
}

// checkForm is Check without a look into the values.
func (d *Disclosure) checkForm() error {
	if len(d.Facts)+len(d.Slots) > MaxFacts {
		return fmt.Errorf("more than %d facts", MaxFacts)
	}
	switch {
	case len(d.Facts) > 0 && len(d.Slots) == 0:
		if len(d.Seed) != SeedSize {
			return fmt.Errorf("seed of %d bytes, want %d", len(d.Seed), SeedSize)
		}
	case len(d.Slots) > 0 && len(d.Facts) == 0 && len(d.Seed) == 0:
	default:
		return errors.New("a disclosure has either a seed and facts, or slots")
	}
	last := uint64(0)
	ascend := func(label uint64) error {
		if label <= last {
			return fmt.Errorf("fact %d: labels ascend, each once", label)
		}
		last = label
		return nil
	}
	for _, f := range d.Facts {
		if err := ascend(f.Label); err != nil {
			return err
		}
		if err := checkSize(f.Label, f.Value); err != nil {
			return err
		}
	}
	for i, s := range d.Slots {
		if (s.Shown == nil) == (s.Hidden == nil) {
			return fmt.Errorf("slot %d: shown or hidden, one of them", i+1)
		}
		if err := ascend(s.label()); err != nil {
			return err
		}
		if err := s.check(); err != nil {
			return err
		}
	}
	return nil
}

func (s Slot) label() uint64 {
	if s.Shown != nil {
		return s.Shown.Label
	}
	return s.Hidden.Label
}

func (s Slot) check() error {
	switch {
	case s.Shown == nil && s.Hidden.Hash.IsZero():
		return fmt.Errorf("fact %d: hidden by no hash", s.Hidden.Label)
	case s.Shown == nil:
		return nil
	case len(s.Shown.Salt) != saltSize:
		return fmt.Errorf("fact %d: salt of %d bytes, want %d", s.Shown.Label, len(s.Shown.Salt), saltSize)
	}
	return checkSize(s.Shown.Label, s.Shown.Value)
}

func checkSize(label uint64, v canonical.Raw) error {
	if len(v) == 0 || len(v) > MaxValue {
		return fmt.Errorf("fact %d: value of %d bytes, want 1 to %d", label, len(v), MaxValue)
	}
	return nil
}

func checkValue(label uint64, v canonical.Raw) error {
	if err := canonical.Check(v); err != nil {
		return fmt.Errorf("fact %d: %w", label, err)
	}
	return nil
}

// Commit computes the root over facts, which must ascend by label.
func Commit(seed []byte, facts []Fact) (Root, error) {
	d := Disclosure{Seed: seed, Facts: facts}
	if err := d.Check(); err != nil {
		return Root{}, err
	}
	return d.root(newHasher(plain)), nil
}

// ErrMismatch means the disclosed facts are not those that were committed to.
var ErrMismatch = errors.New("the facts shown are not the facts signed")

// Open checks d against r and gives the shown facts in order of label. That their
// values are canonical CBOR is for who reads them to see, with
// canonical.Unmarshal: they are bound here byte for byte, and decoded once.
func (d *Disclosure) Open(r Root) ([]Fact, error) { return new(Opener).Open(d, r) }

func (d *Disclosure) open(r Root, h *hasher) ([]Fact, error) {
	if err := d.checkForm(); err != nil {
		return nil, err
	}
	if d.root(h) != r {
		return nil, ErrMismatch
	}
	if len(d.Facts) > 0 {
		return d.Facts, nil
	}
	var shown []Fact
	for _, s := range d.Slots {
		if s.Shown != nil {
			shown = append(shown, Fact{Label: s.Shown.Label, Value: s.Shown.Value})
		}
	}
	return shown, nil
}

// Select turns a whole disclosure into a partial one that shows only the facts
// whose label keep accepts: a bank sees the value without the names.
func (d *Disclosure) Select(keep func(label uint64) bool) (*Disclosure, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	if len(d.Facts) == 0 {
		return nil, errors.New("only a whole disclosure can be narrowed")
	}
	out := &Disclosure{Slots: make([]Slot, len(d.Facts))}
	h := newHasher(plain)
	salts := newSalter(h, d.Seed)
	for i, f := range d.Facts {
		salt := salts.of(f.Label)
		if keep(f.Label) {
			out.Slots[i].Shown = &Shown{Label: f.Label, Salt: salt[:], Value: f.Value}
		} else {
			out.Slots[i].Hidden = &Hidden{Label: f.Label, Hash: h.hide(salt[:], f.Value)}
		}
	}
	return out, nil
}

func (d *Disclosure) root(h *hasher) Root {
	var room [16]canonical.Hash // enough for the facts of a certificate
	leaves := room[:0]
	if len(d.Facts) > 0 {
		salts := newSalter(h, d.Seed)
		for _, f := range d.Facts {
			salt := salts.of(f.Label)
			leaves = append(leaves, h.leaf(f.Label, h.hide(salt[:], f.Value)))
		}
	}
	for _, s := range d.Slots {
		if s.Shown != nil {
			leaves = append(leaves, h.leaf(s.Shown.Label, h.hide(s.Shown.Salt, s.Shown.Value)))
		} else {
			leaves = append(leaves, h.leaf(s.Hidden.Label, s.Hidden.Hash))
		}
	}
	return Root{Hash: h.tree(leaves), Count: uint64(len(leaves))}
}

// Package bundle is the file that travels with a certificate (.adamas): the
// signed bytes, the disclosures its holder gives, and the proof that it is
// recorded (design.md §5). One file: mailed, on a stick, in QR codes, in a PDF.
//
// Invariant: a bundle has one encoding, and every part is bound by something
// that a verifier checks: the statement by its signature, disclosures by the
// statement's commitment, approvals by its FourEyes hash, the proof by log and
// witnesses.
package bundle

import (
	"bytes"
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// magic is the self-described CBOR tag 55799 (RFC 8949 §3.4.6): it tells a
// bundle from text and pictures.
var magic = []byte{0xd9, 0xd9, 0xf7}

// Is tells whether a file begins as a bundle does.
func Is(file []byte) bool { return bytes.HasPrefix(file, magic) }

// MaxSize bounds a bundle file in bytes.
const MaxSize = 4 << 20

// Bundle is a certificate on its way.
type Bundle struct {
	Version    uint64                 `cbor:"1,keyasint"` // 1
	Statement  []byte                 `cbor:"2,keyasint"` // the signed bytes, as logged
	Disclosure *commitment.Disclosure `cbor:"3,keyasint,omitempty"`
	Approvals  [][]byte               `cbor:"4,keyasint,omitempty"` // the preparer's, the validator's
	Proof      canonical.Text         `cbor:"5,keyasint,omitzero"`  // tlog-proof@v1 text
}

// Encode gives the file's bytes.
func (b *Bundle) Encode() ([]byte, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	body, err := canonical.Marshal(b)
	if err != nil {
		return nil, err
	}
	if len(magic)+len(body) > MaxSize {
		return nil, fmt.Errorf("bundle: %d bytes, at most %d", len(magic)+len(body), MaxSize)
	}
	return append(bytes.Clone(magic), body...), nil
}

// Parse reads a bundle file. It does not verify anything. The result shares
// memory with file, which must not change afterwards.
func Parse(file []byte) (*Bundle, error) {
	if len(file) > MaxSize {
		return nil, fmt.Errorf("%d bytes: a bundle has at most %d", len(file), MaxSize)
	}
	body, ok := bytes.CutPrefix(file, magic)
	if !ok {
		return nil, errors.New("not a bundle: it does not begin as an .adamas file")
	}
	c := canonical.NewCursor(body)
	b := read(&c)
	if err := c.Done(); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	return b, b.check()
}

func read(c *canonical.Cursor) *Bundle {
	b := new(Bundle)
	c.Map()
	c.Key(1)
	b.Version = c.Uint()
	c.Key(2)
	b.Statement = c.Bytes()
	if c.Has(3) {
		b.Disclosure = commitment.ReadDisclosure(c)
	}
	if c.Has(4) {
		b.Approvals = make([][]byte, 0, c.List())
		for c.More() {
			b.Approvals = append(b.Approvals, c.Bytes())
		}
		c.Says(len(b.Approvals) > 0)
	}
	if c.Has(5) {
		b.Proof = c.SharedText()
		c.Says(len(b.Proof) > 0)
	}
	c.End()
	return b
}

func (b *Bundle) check() error {
	if b.Version != 1 {
		return fmt.Errorf("bundle: version %d, this program reads version 1", b.Version)
	}
	if len(b.Statement) == 0 || len(b.Statement) > statement.MaxSize {
		return errors.New("bundle: the signed statement is missing or too long")
	}
	if len(b.Approvals) != 0 && len(b.Approvals) != 2 {
		return errors.New("bundle: approvals come as a pair")
	}
	return nil
}

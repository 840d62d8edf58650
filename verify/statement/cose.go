package statement

import (
	"bytes"
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
)

// Content types of the protected header (RFC 9052 §3.1, label 3). Each kind of
// signed thing has its own, so that a signature made for one can never be
// shown as a signature for another.
const (
	ContentStatement = "application/adamas+cbor"
	ContentRoot      = "application/adamas-root+cbor"
	ContentApproval  = "application/adamas-approval+cbor"
	ContentMessage   = "application/adamas-message+cbor" // detached, see package message
)

// MaxSize is the largest signed statement in bytes: what one entry of a
// tlog-tiles log can hold (a uint16 length).
const MaxSize = 65535

// protected is the protected header: exactly these three, nothing else.
type protected struct {
	Alg     Algorithm `cbor:"1,keyasint"`
	Content string    `cbor:"3,keyasint"`
	Kid     []byte    `cbor:"4,keyasint"`
}

// The fixed bytes of the frame: tag 18 (RFC 9052 §4.2) on an array of four, the
// empty unprotected header, and null in the place of a detached payload.
const (
	tag18    = 0xd2
	fourOf   = 0x84
	emptyMap = 0xa0
	detached = 0xf6
)

// Unsigned is a COSE_Sign1 before its signature: the value that is stored,
// signed by a key elsewhere, and finished.
type Unsigned struct {
	alg       Algorithm
	kid       KeyID
	protected []byte
	payload   []byte
	detached  bool
}

// Unsign frames payload for a signature by the key id with alg. A detached
// payload (roots, approvals, messages) is signed but not carried.
func Unsign(alg Algorithm, kid KeyID, content string, payload []byte, detached bool) (*Unsigned, error) {
	p, err := canonical.Marshal(protected{Alg: alg, Content: content, Kid: kid[:]})
	if err != nil {
		return nil, err
	}
	return &Unsigned{alg: alg, kid: kid, protected: p, payload: payload, detached: detached}, nil
}

// Algorithm is the algorithm that the protected header names.
func (u *Unsigned) Algorithm() Algorithm { return u.alg }

// KeyID is the key that must sign.
func (u *Unsigned) KeyID() KeyID { return u.kid }

// Payload is the signed payload. The caller must not change it.
func (u *Unsigned) Payload() []byte { return u.payload }

// Message is the Sig_structure (RFC 9052 §4.4): the exact bytes a signer signs.
func (u *Unsigned) Message() []byte {
	return appendMessage(make([]byte, 0, 32+len(u.protected)+len(u.payload)), u.protected, u.payload)
}

func appendMessage(b, protected, payload []byte) []byte {
	b = append(b, fourOf, 0x6a)
	b = append(b, "Signature1"...)
	b = canonical.AppendBytes(b, protected)
	b = append(b, 0x40)
	return canonical.AppendBytes(b, payload)
}

// Finish joins the signature of 64 bytes and gives the tagged COSE_Sign1. It
// does not verify: a signer checks its own work before it lets bytes go.
func (u *Unsigned) Finish(sig []byte) ([]byte, error) {
	if len(sig) != SignatureSize {
		return nil, fmt.Errorf("signature of %d bytes, want %d", len(sig), SignatureSize)
	}
	b := make([]byte, 0, 16+len(u.protected)+len(u.payload)+SignatureSize)
	b = append(b, tag18, fourOf)
	b = canonical.AppendBytes(b, u.protected)
	b = append(b, emptyMap)
	if u.detached {
		b = append(b, detached)
	} else {
		b = canonical.AppendBytes(b, u.payload)
	}
	b = canonical.AppendBytes(b, sig)
	if len(b) > MaxSize {
		return nil, fmt.Errorf("statement of %d bytes: a log entry holds at most %d; send the body by hash", len(b), MaxSize)
	}
	return b, nil
}

// Signed is a decoded COSE_Sign1 whose signature has not been checked yet.
type Signed struct {
	Algorithm Algorithm
	KeyID     KeyID
	Content   string
	Payload   []byte // nil when detached
	signature []byte
	protected []byte
}

var errFrame = errors.New("not a tagged COSE_Sign1 in canonical form")

// ParseSign1 decodes a tagged COSE_Sign1 strictly: canonical framing, the
// three protected headers and no others, an empty unprotected header, a
// signature of 64 bytes. The result shares memory with b.
func ParseSign1(b []byte) (*Signed, error) {
	if len(b) > MaxSize {
		return nil, fmt.Errorf("%d bytes: a statement has at most %d", len(b), MaxSize)
	}
	rest, ok := bytes.CutPrefix(b, []byte{tag18, fourOf})
	if !ok {
		return nil, errFrame
	}
	s := &Signed{}
	if s.protected, rest, ok = canonical.CutBytes(rest); !ok {
		return nil, errFrame
	}
	if rest, ok = bytes.CutPrefix(rest, []byte{emptyMap}); !ok {
		return nil, fmt.Errorf("%w: the unprotected header must be empty", errFrame)
	}
	if len(rest) > 0 && rest[0] == detached {
		rest = rest[1:]
	} else if s.Payload, rest, ok = canonical.CutBytes(rest); !ok {
		return nil, errFrame
	}
	if s.signature, rest, ok = canonical.CutBytes(rest); !ok || len(rest) != 0 {
		return nil, errFrame
	}
	if len(s.signature) != SignatureSize {
		return nil, fmt.Errorf("%w: signature of %d bytes, want %d", errFrame, len(s.signature), SignatureSize)
	}
	c := canonical.NewCursor(s.protected)
	p := readProtected(&c)
	if err := c.Done(); err != nil {
		return nil, fmt.Errorf("protected header: %w", err)
	}
	if len(p.Kid) != len(KeyID{}) {
		return nil, fmt.Errorf("protected header: key id of %d bytes, want %d", len(p.Kid), len(KeyID{}))
	}
	if p.Alg != EdDSA && p.Alg != ES256 {
		return nil, fmt.Errorf("protected header: %s is not accepted", p.Alg)
	}
	s.Algorithm, s.KeyID, s.Content = p.Alg, KeyID(p.Kid), p.Content
	return s, nil
}

// VerifiedBy tells whether key v made the signature over the carried payload.
func (s *Signed) VerifiedBy(v *Verifier) bool { return s.VerifiedOver(v, s.Payload) }

// VerifiedOver tells whether key v made the signature over a payload that may
// be detached. The key id and the algorithm must be the key's own.
func (s *Signed) VerifiedOver(v *Verifier, payload []byte) bool {
	if v == nil || payload == nil || v.id != s.KeyID || v.alg != s.Algorithm {
		return false
	}
	if s.Payload != nil && !bytes.Equal(s.Payload, payload) {
		return false
	}
	var room [1024]byte // on the stack: most statements are no longer
	return v.verify(appendMessage(room[:0], s.protected, payload), s.signature)
}

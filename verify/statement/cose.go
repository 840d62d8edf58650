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
)

// MaxSize is the largest signed statement in bytes: what one entry of a
// tlog-tiles log can hold (a uint16 length).
const MaxSize = 65535

// tag18 is the initial byte of CBOR tag 18, COSE_Sign1 (RFC 9052 §4.2).
const tag18 = 0xd2

// protected is the protected header: exactly these three, nothing else.
type protected struct {
	Alg     Algorithm `cbor:"1,keyasint"`
	Content string    `cbor:"3,keyasint"`
	Kid     []byte    `cbor:"4,keyasint"`
}

type sign1 struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected map[int64]canonical.Raw
	Payload     *[]byte // nil: detached
	Signature   []byte
}

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
// payload (roots, approvals) is signed but not carried.
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
func (u *Unsigned) Message() []byte { return message(u.protected, u.payload) }

func message(protected, payload []byte) []byte {
	b := make([]byte, 0, 32+len(protected)+len(payload))
	b = append(b, 0x84, 0x6a)
	b = append(b, "Signature1"...)
	b = appendBytes(b, protected)
	b = append(b, 0x40)
	return appendBytes(b, payload)
}

// appendBytes writes a CBOR byte string head and body in the shortest form.
func appendBytes(b, s []byte) []byte {
	switch n := len(s); {
	case n < 24:
		b = append(b, 0x40|byte(n))
	case n < 1<<8:
		b = append(b, 0x58, byte(n))
	case n < 1<<16:
		b = append(b, 0x59, byte(n>>8), byte(n))
	default:
		b = append(b, 0x5a, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, s...)
}

// Finish joins the signature of 64 bytes and gives the tagged COSE_Sign1. It
// does not verify: a signer checks its own work before it lets bytes go.
func (u *Unsigned) Finish(sig []byte) ([]byte, error) {
	if len(sig) != SignatureSize {
		return nil, fmt.Errorf("signature of %d bytes, want %d", len(sig), SignatureSize)
	}
	b := make([]byte, 0, 16+len(u.protected)+len(u.payload)+SignatureSize)
	b = append(b, tag18, 0x84)
	b = appendBytes(b, u.protected)
	b = append(b, 0xa0)
	if u.detached {
		b = append(b, 0xf6)
	} else {
		b = appendBytes(b, u.payload)
	}
	b = appendBytes(b, sig)
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
	if len(b) < 2 || b[0] != tag18 {
		return nil, errFrame
	}
	var m sign1
	if err := canonical.Unmarshal(b[1:], &m); err != nil {
		return nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	if m.Unprotected == nil || len(m.Unprotected) != 0 {
		return nil, fmt.Errorf("%w: the unprotected header must be empty", errFrame)
	}
	if len(m.Signature) != SignatureSize {
		return nil, fmt.Errorf("%w: signature of %d bytes, want %d", errFrame, len(m.Signature), SignatureSize)
	}
	var p protected
	if err := canonical.Unmarshal(m.Protected, &p); err != nil {
		return nil, fmt.Errorf("protected header: %w", err)
	}
	if len(p.Kid) != len(KeyID{}) {
		return nil, fmt.Errorf("protected header: key id of %d bytes, want %d", len(p.Kid), len(KeyID{}))
	}
	if p.Alg != EdDSA && p.Alg != ES256 {
		return nil, fmt.Errorf("protected header: %s is not accepted", p.Alg)
	}
	s := &Signed{Algorithm: p.Alg, KeyID: KeyID(p.Kid), Content: p.Content, signature: m.Signature, protected: m.Protected}
	if m.Payload != nil {
		s.Payload = *m.Payload
	}
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
	return v.verify(message(s.protected, payload), s.signature)
}

package wire

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// Statement is a statement as this package reads it (docs/formats/statement.cddl).
// Its signature has not been checked.
type Statement struct {
	Hash      Hash
	Key       [8]byte // id of the key that is said to have signed
	Alg       int64
	Kind      int64
	Issuer    string
	At        int64 // issued-at, the issuer's own claim
	Subject   string
	Prev      []byte
	Refs      [][]byte // statements acted on
	Synthetic bool
	Body      Mapping // nil for a body kept apart, or of a type without a form
	Payload   []byte
	Message   []byte // what was signed (RFC 9052 §4.4)
	Signature []byte
}

// Participant is the code before the slash of the issuer.
func (s *Statement) Participant() string {
	code, _, _ := strings.Cut(s.Issuer, "/")
	return code
}

// Read decodes a leaf and holds its body against the form of its type.
func Read(leaf []byte) (*Statement, error) {
	protected, payload, signature, err := Sign1(leaf)
	if err != nil {
		return nil, err
	}
	if payload == nil {
		return nil, errors.New("the payload is not there")
	}
	s, err := ReadPayload(payload)
	if err != nil {
		return nil, err
	}
	h, content, err := header(protected)
	switch {
	case err != nil:
		return nil, err
	case content != "application/adamas+cbor":
		return nil, fmt.Errorf("content type %q", content)
	}
	s.Hash, s.Key, s.Alg, s.Signature = sha256.Sum256(leaf), [8]byte(h.Bytes(4)), h.Int(1), signature
	s.Message = SignedBytes(protected, payload)
	return s, nil
}

// header reads the protected header: algorithm, content type, key id.
func header(protected []byte) (Mapping, string, error) {
	v, err := Decode(protected)
	h, ok := v.(Mapping)
	if err != nil || !ok || len(h) != 3 || len(h.Bytes(4)) != 8 {
		return nil, "", errors.New("protected header: not algorithm, content type and key id")
	}
	return h, h.Text(3), nil
}

// ReadPayload decodes what is, or will be, signed.
func ReadPayload(payload []byte) (*Statement, error) {
	v, err := Decode(payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	p, ok := v.(Mapping)
	if !ok {
		return nil, errors.New("payload: no map")
	}
	s := &Statement{Kind: p.Int(1), Issuer: p.Text(3), At: p.Int(4), Subject: p.Text(5), Prev: p.Bytes(6), Synthetic: p.Bool(9),
		Body: p.Sub(8), Payload: payload}
	for _, ref := range p.List(7) {
		if b, ok := ref.([]byte); ok {
			s.Refs = append(s.Refs, b)
		}
	}
	for k := range p {
		if k < 1 || k > 10 {
			return nil, fmt.Errorf("payload: unknown member %d", k)
		}
	}
	switch {
	case p.Int(2) != 1:
		return nil, fmt.Errorf("version %d", p.Int(2))
	case s.Kind == 0 || s.Issuer == "" || s.At <= 0 || s.Subject == "":
		return nil, errors.New("type, issuer, time or subject is missing")
	case (p[8] == nil) == (p[10] == nil):
		return nil, errors.New("payload: either a body or a blob")
	}
	if p[8] != nil {
		if err := CheckBody(s.Kind, p[8]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// ApprovalDigest is what the two officers of a certificate approved: the payload
// without member 13 of the body, issued-at set to the first second of the printed
// day of issue (docs/formats, section 2).
func ApprovalDigest(payload []byte) (Hash, error) {
	v, err := Decode(payload)
	p, ok := v.(Mapping)
	if err != nil || !ok || p.Sub(8) == nil {
		return Hash{}, errors.New("no payload of a certificate")
	}
	delete(p.Sub(8), 13)
	p[4] = p.Sub(8).Int(4) * 86400
	return sha256.Sum256(Encode(p)), nil
}

// Approves tells whether b is an approval of the digest by the key: detached,
// and made for nothing else.
func Approves(b []byte, k Key, digest Hash) bool {
	protected, payload, signature, err := Sign1(b)
	if err != nil || payload != nil {
		return false
	}
	h, content, err := header(protected)
	return err == nil && content == "application/adamas-approval+cbor" && [8]byte(h.Bytes(4)) == k.ID &&
		k.Signed(h.Int(1), SignedBytes(protected, digest[:]), signature)
}

// PairHash is member 13 of a certificate: the hash of both approvals.
func PairHash(preparer, validator []byte) Hash {
	return sha256.Sum256(Encode([]Value{preparer, validator}))
}

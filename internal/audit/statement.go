package audit

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

type hash = [32]byte

// said is a statement as this package reads it (docs/formats/statement.cddl).
type said struct {
	hash      hash
	kid       [8]byte
	alg       int64
	content   string
	kind      int64
	issuer    string
	at        int64
	subject   string
	prev      []byte
	synthetic bool
	body      mapping
	message   []byte // what was signed (RFC 9052 §4.4)
	signature []byte
}

func (s *said) participant() string {
	code, _, _ := strings.Cut(s.issuer, "/")
	return code
}

// Type codes, from docs/formats/statement.cddl.
const (
	kindParticipant = 1
	kindOfficeKey   = 2
	kindKeyRevoked  = 3
	kindRange       = 4
	kindCertificate = 5
	kindOpening     = 6
	kindVoid        = 7
	kindReplacement = 8
	kindLoss        = 9
	kindPrint       = 10
	kindReceipt     = 11
	kindDiscrepancy = 13
	kindSnapshot    = 27
)

// readStatement decodes a leaf.
func readStatement(leaf []byte) (*said, error) {
	protected, payload, signature, err := readSign1(leaf)
	if err != nil {
		return nil, err
	}
	head, err := decode(protected)
	if err != nil {
		return nil, fmt.Errorf("protected header: %w", err)
	}
	h, ok := head.(mapping)
	if !ok || len(h) != 3 || len(h.bytes(4)) != 8 {
		return nil, errors.New("protected header: not algorithm, content type and key id")
	}
	body, err := decode(payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	p, ok := body.(mapping)
	if !ok {
		return nil, errors.New("payload: no map")
	}
	s := &said{hash: sha256.Sum256(leaf), kid: [8]byte(h.bytes(4)), alg: h.int(1), content: h.text(3), kind: p.int(1), issuer: p.text(3),
		at: p.int(4), subject: p.text(5), prev: p.bytes(6), synthetic: p.bool(9), body: p.sub(8), signature: signature,
		message: signedBytes(protected, payload)}
	switch {
	case s.content != "application/adamas+cbor":
		return nil, fmt.Errorf("content type %q", s.content)
	case p.int(2) != 1:
		return nil, fmt.Errorf("version %d", p.int(2))
	case s.kind == 0 || s.issuer == "" || s.at <= 0 || s.subject == "":
		return nil, errors.New("type, issuer, time or subject is missing")
	}
	return s, nil
}

// readSign1 takes a tagged COSE_Sign1 apart (RFC 9052 §4.2).
func readSign1(b []byte) (protected, payload, signature []byte, err error) {
	if len(b) == 0 || b[0] != 0xd2 {
		return nil, nil, nil, errors.New("no tagged COSE_Sign1")
	}
	v, err := decode(b[1:])
	if err != nil {
		return nil, nil, nil, err
	}
	parts, _ := v.([]value)
	if len(parts) != 4 {
		return nil, nil, nil, errors.New("no COSE_Sign1")
	}
	protected, _ = parts[0].([]byte)
	open, ok := parts[1].(mapping)
	payload, _ = parts[2].([]byte)
	signature, _ = parts[3].([]byte)
	if !ok || len(open) != 0 || len(protected) == 0 || len(signature) != 64 {
		return nil, nil, nil, errors.New("no COSE_Sign1 as Adamas signs them")
	}
	return protected, payload, signature, nil
}

// signedBytes is the Sig_structure ["Signature1", protected, ”, payload].
func signedBytes(protected, payload []byte) []byte {
	out := append([]byte{0x84, 0x6a}, "Signature1"...)
	for _, s := range [][]byte{protected, {}, payload} {
		n := len(s)
		switch {
		case n < 24:
			out = append(out, 0x40|byte(n))
		case n < 256:
			out = append(out, 0x58, byte(n))
		default:
			out = append(out, 0x59, byte(n>>8), byte(n))
		}
		out = append(out, s...)
	}
	return out
}

// key is a public key (RFC 9052 §7) with its id (RFC 9679, eight bytes).
type key struct {
	id  [8]byte
	alg int64
	ed  ed25519.PublicKey
	ec  *ecdsa.PublicKey
}

func readKey(m mapping) (key, error) {
	x, y := m.bytes(-2), m.bytes(-3)
	switch {
	case m.int(1) == 1 && m.int(3) == -8 && m.int(-1) == 6 && len(x) == 32:
		// {1: 1, -1: 6, -2: x}
		print := sha256.Sum256(append([]byte{0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20}, x...))
		return key{id: [8]byte(print[:8]), alg: -8, ed: x}, nil
	case m.int(1) == 2 && m.int(3) == -7 && m.int(-1) == 1 && len(x) == 32 && len(y) == 32:
		// {1: 2, -1: 1, -2: x, -3: y}
		b := append([]byte{0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20}, x...)
		print := sha256.Sum256(append(append(b, 0x22, 0x58, 0x20), y...))
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		return key{id: [8]byte(print[:8]), alg: -7, ec: pub}, err
	}
	return key{}, errors.New("no key of a known kind")
}

// signed tells whether k made the signature over the message.
func (k key) signed(alg int64, message, signature []byte) bool {
	switch {
	case alg != k.alg || len(signature) != 64:
		return false
	case k.ed != nil:
		return ed25519.Verify(k.ed, message, signature)
	}
	digest := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	low := new(big.Int).Rsh(elliptic.P256().Params().N, 1)
	return s.Cmp(low) <= 0 && ecdsa.Verify(k.ec, digest[:], r, s)
}

func hexed(b []byte) string { return hex.EncodeToString(b) }

package wire

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
)

// Hash is a SHA-256.
type Hash = [32]byte

// Sign1 takes a tagged COSE_Sign1 apart (RFC 9052 §4.2); the payload of a
// detached one is nil.
func Sign1(b []byte) (protected, payload, signature []byte, err error) {
	if len(b) == 0 || b[0] != 0xd2 {
		return nil, nil, nil, errors.New("no tagged COSE_Sign1")
	}
	v, err := Decode(b[1:])
	if err != nil {
		return nil, nil, nil, err
	}
	parts, _ := v.([]Value)
	if len(parts) != 4 {
		return nil, nil, nil, errors.New("no COSE_Sign1")
	}
	protected, _ = parts[0].([]byte)
	open, ok := parts[1].(Mapping)
	payload, _ = parts[2].([]byte) // never nil when it is there: Decode clones
	signature, _ = parts[3].([]byte)
	if !ok || len(open) != 0 || len(protected) == 0 || len(signature) != 64 || payload == nil && parts[2] != nil {
		return nil, nil, nil, errors.New("no COSE_Sign1 as Adamas signs them")
	}
	return protected, payload, signature, nil
}

// SignedBytes is the Sig_structure ["Signature1", protected, ”, payload].
func SignedBytes(protected, payload []byte) []byte {
	out := append([]byte{0x84, 0x6a}, "Signature1"...)
	for _, s := range [][]byte{protected, {}, payload} {
		out = appendValue(out, s)
	}
	return out
}

// Key is a public key (RFC 9052 §7) with its id (RFC 9679, eight bytes).
type Key struct {
	ID  [8]byte
	alg int64
	ed  ed25519.PublicKey
	ec  *ecdsa.PublicKey
}

// Algorithm is the only one that the key may be used with.
func (k Key) Algorithm() int64 { return k.alg }

// ReadKey reads a COSE_Key.
func ReadKey(m Mapping) (Key, error) {
	x, y := m.Bytes(-2), m.Bytes(-3)
	switch {
	case m.Int(1) == 1 && m.Int(3) == -8 && m.Int(-1) == 6 && len(x) == 32:
		// {1: 1, -1: 6, -2: x}
		if weak(x) {
			return Key{}, errors.New("an Ed25519 key of small order: one signature of it is true for any text")
		}
		print := sha256.Sum256(append([]byte{0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20}, x...))
		return Key{ID: [8]byte(print[:8]), alg: -8, ed: x}, nil
	case m.Int(1) == 2 && m.Int(3) == -7 && m.Int(-1) == 1 && len(x) == 32 && len(y) == 32:
		// {1: 2, -1: 1, -2: x, -3: y}
		b := append([]byte{0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20}, x...)
		print := sha256.Sum256(append(append(b, 0x22, 0x58, 0x20), y...))
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		return Key{ID: [8]byte(print[:8]), alg: -7, ec: pub}, err
	}
	return Key{}, errors.New("no key of a known kind")
}

// Signed tells whether k made the signature over the message.
func (k Key) Signed(alg int64, message, signature []byte) bool {
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

// Asserted tells whether k made an authenticator's signature over the message: of ES256 in
// DER, whichever s (W3C WebAuthn §6.5.5).
func (k Key) Asserted(message, signature []byte) bool {
	if k.ed != nil {
		return ed25519.Verify(k.ed, message, signature)
	}
	digest := sha256.Sum256(message)
	return k.ec != nil && ecdsa.VerifyASN1(k.ec, digest[:], signature)
}

// smallOrder are the points of small order on edwards25519 without the sign bit
// (RFC 8032 §5.1.7 leaves their refusal to the application).
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

func weak(x []byte) bool {
	y := slices.Clone(x)
	y[31] &= 0x7f
	return slices.Contains(smallOrder, hex.EncodeToString(y))
}

// Same tells whether b is the hash h.
func Same(b []byte, h Hash) bool { return len(b) == 32 && Hash(b) == h }

// Hex writes bytes for people.
func Hex(b []byte) string { return hex.EncodeToString(b) }

package statement

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"adamas.example/verify/canonical"
)

// Algorithm is a COSE algorithm number (RFC 9053 §2).
type Algorithm int64

// The two algorithms of the scheme: EdDSA by default, ES256 where an HSM or a
// national rule demands it.
const (
	EdDSA Algorithm = -8
	ES256 Algorithm = -7
)

// String gives the name in the COSE registry.
func (a Algorithm) String() string {
	switch a {
	case EdDSA:
		return "EdDSA"
	case ES256:
		return "ES256"
	}
	return fmt.Sprintf("algorithm %d", int64(a))
}

// SignatureSize is the length of every signature of both algorithms, in bytes.
const SignatureSize = 64

// KeyID is the first 8 bytes of a key's COSE thumbprint (RFC 9679). It finds a
// key, it does not prove one: the signature does.
type KeyID [8]byte

// String gives 16 hexadecimal digits.
func (k KeyID) String() string { return hex.EncodeToString(k[:]) }

// MarshalText makes a KeyID hexadecimal in JSON.
func (k KeyID) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads 16 hexadecimal digits.
func (k *KeyID) UnmarshalText(t []byte) error {
	if len(t) != 2*len(k) {
		return fmt.Errorf("a key id has %d hexadecimal digits, this has %d characters", 2*len(k), len(t))
	}
	_, err := hex.Decode(k[:], t)
	return err
}

// IsZero tells whether k stands for "none".
func (k KeyID) IsZero() bool { return k == KeyID{} }

// Key is a public key as a COSE_Key (RFC 9052 §7): OKP/Ed25519 or EC2/P-256.
type Key struct {
	Kty int64     `cbor:"1,keyasint"`
	Alg Algorithm `cbor:"3,keyasint"`
	Crv int64     `cbor:"-1,keyasint"`
	X   []byte    `cbor:"-2,keyasint"`
	Y   []byte    `cbor:"-3,keyasint,omitempty"`
}

const (
	ktyOKP     = 1
	ktyEC2     = 2
	crvP256    = 1
	crvEd25519 = 6
)

// NewKey makes a Key of an ed25519.PublicKey or an *ecdsa.PublicKey on P-256.
func NewKey(pub crypto.PublicKey) (Key, error) {
	switch pub := pub.(type) {
	case ed25519.PublicKey:
		return Key{Kty: ktyOKP, Alg: EdDSA, Crv: crvEd25519, X: pub}, nil
	case *ecdsa.PublicKey:
		if pub.Curve != elliptic.P256() {
			return Key{}, fmt.Errorf("curve %s: ES256 needs P-256", pub.Curve.Params().Name)
		}
		b, err := pub.Bytes()
		if err != nil {
			return Key{}, err
		}
		return Key{Kty: ktyEC2, Alg: ES256, Crv: crvP256, X: b[1:33], Y: b[33:65]}, nil
	}
	return Key{}, fmt.Errorf("%T: only Ed25519 and ECDSA P-256 keys sign statements", pub)
}

// Public gives the key in the form of the standard library, or an error that
// says what is wrong with it. Points off the curve are refused.
func (k Key) Public() (crypto.PublicKey, error) {
	switch {
	case k.Kty == ktyOKP && k.Alg == EdDSA && k.Crv == crvEd25519 && len(k.X) == ed25519.PublicKeySize && k.Y == nil:
		if WeakEd25519(k.X) {
			return nil, errors.New("an Ed25519 key of small order: one signature of it would be true for any text")
		}
		return ed25519.PublicKey(k.X), nil
	case k.Kty == ktyEC2 && k.Alg == ES256 && k.Crv == crvP256 && len(k.X) == 32 && len(k.Y) == 32:
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, k.X...), k.Y...))
	}
	return nil, errors.New("neither an Ed25519 key for EdDSA nor a P-256 key for ES256")
}

// Thumbprint is the COSE key thumbprint (RFC 9679 §3): SHA-256 over the
// deterministic encoding of the required members only.
func (k Key) Thumbprint() canonical.Hash {
	b, err := canonical.Marshal(struct {
		Kty int64  `cbor:"1,keyasint"`
		Crv int64  `cbor:"-1,keyasint"`
		X   []byte `cbor:"-2,keyasint"`
		Y   []byte `cbor:"-3,keyasint,omitempty"`
	}{k.Kty, k.Crv, k.X, k.Y})
	if err != nil {
		panic(err) // integers and byte strings always encode
	}
	return canonical.Sum(b)
}

// ID is the key id that stands in the protected header of what k signs.
func (k Key) ID() KeyID {
	t := k.Thumbprint()
	return KeyID(t[:8])
}

// Verifier checks signatures of one key. It is safe for concurrent use.
type Verifier struct {
	id  KeyID
	alg Algorithm
	ed  ed25519.PublicKey
	ec  *ecdsa.PublicKey
}

// Verifier prepares k for checking; the error is that of Public.
func (k Key) Verifier() (*Verifier, error) {
	pub, err := k.Public()
	if err != nil {
		return nil, err
	}
	v := &Verifier{id: k.ID(), alg: k.Alg}
	switch pub := pub.(type) {
	case ed25519.PublicKey:
		v.ed = pub
	case *ecdsa.PublicKey:
		v.ec = pub
	}
	return v, nil
}

// ID is the id of the verifier's key.
func (v *Verifier) ID() KeyID { return v.id }

// Algorithm is the only algorithm the verifier's key may be used with.
func (v *Verifier) Algorithm() Algorithm { return v.alg }

var halfP256 = new(big.Int).Rsh(elliptic.P256().Params().N, 1)

// verify checks a raw signature of 64 bytes over msg. For ES256 the signature
// is r||s (RFC 9053 §2.1) and s must be the lower of its two values: otherwise
// anyone could turn one logged statement into a second with another hash.
func (v *Verifier) verify(msg, sig []byte) bool {
	if len(sig) != SignatureSize {
		return false
	}
	if v.ed != nil {
		return ed25519.Verify(v.ed, msg, sig)
	}
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	if s.Cmp(halfP256) > 0 {
		return false
	}
	digest := sha256.Sum256(msg)
	return ecdsa.Verify(v.ec, digest[:], r, s)
}

// LowS gives the 64-byte r||s with the lower s, as verification demands; a
// signer that gets its signature from an HSM applies it. Other lengths come
// back unchanged and fail verification.
func LowS(sig []byte) []byte {
	if len(sig) != SignatureSize {
		return sig
	}
	s := new(big.Int).SetBytes(sig[32:])
	if s.Cmp(halfP256) > 0 {
		out := append([]byte(nil), sig...)
		s.Sub(elliptic.P256().Params().N, s).FillBytes(out[32:])
		return out
	}
	return sig
}

// smallOrder are the encodings of the eight points of small order on edwards25519
// and the non-canonical ones of the same y, without the sign bit (RFC 8032 §5.1;
// the list is libsodium's ge25519_has_small_order).
var smallOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

// WeakEd25519 tells whether pub is a point of small order. Under such a key one
// fixed signature verifies for every message, so nothing may be hung on it.
func WeakEd25519(pub []byte) bool {
	if len(pub) != ed25519.PublicKeySize {
		return true
	}
	y := [32]byte(pub)
	y[31] &= 0x7f
	return slices.Contains(smallOrder[:], hex.EncodeToString(y[:]))
}

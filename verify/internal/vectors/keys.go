package vectors

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// Signer is a key of a vector. Secret is the seed of an Ed25519 key, or the
// scalar of a P-256 key, 32 bytes big-endian.
type Signer struct {
	Name   string
	Secret []byte
	Key    statement.Key
	sign   func(msg []byte) []byte
}

// Ed25519 is the key of that name in the world of verifytest.
func Ed25519(name string) Signer {
	s := verifytest.NewSigner(name)
	return Signer{Name: name, Secret: s.Private.Seed(), Key: s.Key,
		sign: func(msg []byte) []byte { return ed25519.Sign(s.Private, msg) }}
}

// P256 is an ES256 key made of a name; it signs as RFC 6979 says, so that the
// same bytes come out each time.
func P256(name string) Signer {
	d := sha256.Sum256([]byte("SYNTHETIC adamas vectors " + name))
	priv, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d[:])
	if err != nil {
		panic(err) // one seed in 2^32 is no scalar; these are
	}
	key, err := statement.NewKey(&priv.PublicKey)
	if err != nil {
		panic(err)
	}
	return Signer{Name: name + " (ES256)", Secret: d[:], Key: key, sign: func(msg []byte) []byte {
		digest := sha256.Sum256(msg)
		der, err := priv.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			panic(err)
		}
		var rs struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(der, &rs); err != nil {
			panic(err)
		}
		out := make([]byte, statement.SignatureSize)
		rs.R.FillBytes(out[:32])
		rs.S.FillBytes(out[32:])
		return statement.LowS(out)
	}}
}

// Sign frames and signs a payload.
func (s Signer) Sign(content string, payload []byte, detached bool) (signed, message, signature []byte) {
	u, err := statement.Unsign(s.Key.Alg, s.Key.ID(), content, payload, detached)
	if err != nil {
		panic(err)
	}
	signature = s.sign(u.Message())
	signed, err = u.Finish(signature)
	if err != nil {
		panic(err)
	}
	return signed, u.Message(), signature
}

// KeyVector is a key with its public forms.
type KeyVector struct {
	Name       string `json:"name"`
	Algorithm  string `json:"algorithm"`
	Secret     Hex    `json:"secret"`     // Ed25519 seed, or P-256 scalar
	COSEKey    Hex    `json:"cose_key"`   // RFC 9052 §7, deterministic
	Thumbprint Hex    `json:"thumbprint"` // RFC 9679
	KeyID      Hex    `json:"key_id"`
}

func (s Signer) vector() KeyVector {
	k, err := canonical.Marshal(s.Key)
	if err != nil {
		panic(err)
	}
	t, id := s.Key.Thumbprint(), s.Key.ID()
	return KeyVector{Name: s.Name, Algorithm: s.Key.Alg.String(), Secret: s.Secret, COSEKey: k, Thumbprint: t[:], KeyID: id[:]}
}

// Hex is a byte string, hexadecimal in JSON.
type Hex []byte

// MarshalText gives lower-case digits.
func (h Hex) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%x", []byte(h)), nil }

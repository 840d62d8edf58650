package assertion

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"

	"adamas.example/internal/audit/wire"
)

// made is an assertion as an authenticator makes it, with a key of either kind.
func made(t testing.TB, edDSA bool) *Assertion {
	t.Helper()
	digest := sha256.Sum256([]byte("what will be signed"))
	rp := sha256.Sum256([]byte("register.example"))
	a := &Assertion{Digest: digest[:], AuthenticatorData: append(rp[:], 0x05, 0, 0, 0, 9),
		ClientData: fmt.Appendf(nil, `{"type":"webauthn.get","challenge":%q,"origin":"https://register.example"}`, base64.RawURLEncoding.EncodeToString(digest[:]))}
	client := sha256.Sum256(a.ClientData)
	signed := bytes.Join([][]byte{a.AuthenticatorData, client[:]}, nil)
	if edDSA {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		a.Key, a.Signature = wire.Encode(wire.Mapping{1: int64(1), 3: int64(-8), -1: int64(6), -2: []byte(public)}), ed25519.Sign(private, signed)
		return a
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(signed)
	if a.Signature, err = ecdsa.SignASN1(rand.Reader, private, sum[:]); err != nil {
		t.Fatal(err)
	}
	a.Key = wire.Encode(wire.Mapping{1: int64(2), 3: int64(-7), -1: int64(1), -2: raw[1:33], -3: raw[33:]})
	return a
}

// TestOneByte: an assertion of either kind of key is right, and is not after any byte of
// what was signed, of the signature or of the digest is changed.
func TestOneByte(t *testing.T) {
	for _, edDSA := range []bool{false, true} {
		a := made(t, edDSA)
		if field, why := a.Wrong(); field != "" {
			t.Fatalf("%s: %s", field, why)
		}
		for name, part := range map[string]*[]byte{"digest": &a.Digest, "authenticator data": &a.AuthenticatorData, "client data": &a.ClientData, "signature": &a.Signature, "key": &a.Key} {
			for i := range *part {
				(*part)[i] ^= 1
				if field, _ := a.Wrong(); field == "" {
					t.Errorf("EdDSA %v: right with byte %d of the %s changed", edDSA, i, name)
				}
				(*part)[i] ^= 1
			}
			whole := *part
			*part = whole[:len(whole)-1]
			if field, _ := a.Wrong(); field == "" {
				t.Errorf("EdDSA %v: right with the %s cut", edDSA, name)
			}
			*part = whole
		}
	}
}

// FuzzWrong: nothing that stands in a database brings the audit down.
func FuzzWrong(f *testing.F) {
	for _, edDSA := range []bool{false, true} {
		a := made(f, edDSA)
		f.Add(a.Digest, a.AuthenticatorData, a.ClientData, a.Signature, a.Key)
	}
	f.Add([]byte(nil), []byte(nil), []byte(`{"origin":"https://["}`), []byte(nil), []byte{0xa0})
	f.Fuzz(func(t *testing.T, digest, authenticator, client, signature, key []byte) {
		(&Assertion{Digest: digest, AuthenticatorData: authenticator, ClientData: client, Signature: signature, Key: key}).Wrong()
	})
}

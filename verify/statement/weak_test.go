package statement

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"
)

// TestSmallOrderKeysAreRefused: under the identity point the signature (R =
// identity, S = 0) is true for every text. The standard library accepts it;
// nothing here may hang on such a key.
func TestSmallOrderKeysAreRefused(t *testing.T) {
	identity := make([]byte, 32)
	identity[0] = 1
	sig := append(append([]byte(nil), identity...), make([]byte, 32)...)
	if !ed25519.Verify(identity, []byte("any text"), sig) {
		t.Fatal("the attack does not work: this test shows nothing")
	}
	for _, h := range smallOrder {
		for _, sign := range []byte{0, 0x80} {
			pub, err := hex.DecodeString(h)
			if err != nil {
				t.Fatal(err)
			}
			pub[31] |= sign
			k, err := NewKey(ed25519.PublicKey(pub))
			if err != nil {
				continue
			}
			if _, err := k.Public(); err == nil {
				t.Errorf("%x was accepted", pub)
			}
			if _, err := k.Verifier(); err == nil {
				t.Errorf("%x verifies", pub)
			}
		}
	}
}

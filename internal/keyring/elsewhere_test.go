package keyring_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/verify/canonical"
)

// TestElsewhere: a signature made by other means over ToApprove is the approval that the
// key itself would give, and no other is taken.
func TestElsewhere(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	nist, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	digest, other := canonical.Sum([]byte("SYNTHETIC")), canonical.Sum([]byte("SYNTHETIC other"))
	for name, key := range map[string]crypto.Signer{"EdDSA": edwards, "ES256": nist} {
		t.Run(name, func(t *testing.T) {
			s, err := keyring.NewSigner(keyring.Officer, key)
			if err != nil {
				t.Fatal(err)
			}
			message, err := keyring.ToApprove(s.Key(), digest)
			if err != nil {
				t.Fatal(err)
			}
			var sig []byte
			switch k := key.(type) {
			case ed25519.PrivateKey:
				sig = ed25519.Sign(k, message)
			case *ecdsa.PrivateKey:
				sum := sha256.Sum256(message)
				r, s, err := ecdsa.Sign(rand.Reader, k, sum[:])
				if err != nil {
					t.Fatal(err)
				}
				sig = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
			}
			e := &keyring.Elsewhere{Key: s.Key(), Signature: sig}
			if e.ID() != s.ID() {
				t.Error("another id")
			}
			got, err := e.Approve(t.Context(), digest)
			if err != nil {
				t.Fatal(err)
			}
			if own, err := s.Approve(t.Context(), digest); err != nil || name == "EdDSA" && !bytes.Equal(got, own) || len(got) != len(own) {
				t.Errorf("%x\n%x %v", got, own, err)
			}
			for name, bad := range map[string]*keyring.Elsewhere{"another digest's": {Key: s.Key(), Signature: sig}, "short": {Key: s.Key(), Signature: sig[:63]}, "changed": {Key: s.Key(), Signature: append(bytes.Clone(sig[:63]), sig[63]^1)}, "empty": {Key: s.Key(), Signature: []byte{}}} {
				d := digest
				if name == "another digest's" {
					d = other
				}
				if _, err := bad.Approve(t.Context(), d); !fault.Is(err, "keyring.approval_false") {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := (&keyring.Elsewhere{Key: s.Key()}).Approve(t.Context(), digest); !fault.Is(err, "keyring.approval_awaited") {
				t.Error(err)
			}
			if _, err := keyring.ToApprove(s.Key(), canonical.Hash{}); !fault.Is(err, "keyring.unsignable") {
				t.Error(err)
			}
		})
	}
}

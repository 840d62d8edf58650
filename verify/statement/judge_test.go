package statement_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"testing"

	cose "github.com/veraison/go-cose"

	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/statement"
)

// TestGoCOSEVerifies lets a foreign library read and verify every vector, and
// refuse it with one byte of the payload changed.
func TestGoCOSEVerifies(t *testing.T) {
	keys := map[string]vectors.Signer{}
	for _, n := range []string{"authority CF", "office CF/bangui", "office AE/dubai"} {
		keys[n] = vectors.Ed25519(n)
	}
	es := vectors.P256("office CF/bangui")
	keys[es.Name] = es
	for _, v := range vectors.Statements() {
		k := keys[v.Key]
		pub, err := k.Key.Public()
		if err != nil {
			t.Fatal(v.Name, err)
		}
		alg := cose.AlgorithmEdDSA
		if k.Key.Alg == statement.ES256 {
			alg = cose.AlgorithmES256
		}
		verifier, err := cose.NewVerifier(alg, pub)
		if err != nil {
			t.Fatal(v.Name, err)
		}
		var m cose.Sign1Message
		if err := m.UnmarshalCBOR(v.Statement); err != nil {
			t.Fatalf("%s: go-cose cannot read it: %v", v.Name, err)
		}
		if err := m.Verify(nil, verifier); err != nil {
			t.Errorf("%s: go-cose does not verify it: %v", v.Name, err)
		}
		if content := m.Headers.Protected[cose.HeaderLabelContentType]; content != statement.ContentStatement {
			t.Errorf("%s: content type %v", v.Name, content)
		}
		if !bytes.Equal(m.Payload, v.Payload) {
			t.Errorf("%s: another payload", v.Name)
		}
		m.Payload[len(m.Payload)/2] ^= 1
		if m.Verify(nil, verifier) == nil {
			t.Errorf("%s: go-cose verifies a changed payload", v.Name)
		}
		coseKey := cose.Key{}
		if err := coseKey.UnmarshalCBOR(coseKeyOf(t, k.Key)); err != nil {
			t.Errorf("%s: go-cose cannot read the key: %v", v.Name, err)
		} else if got, err := coseKey.PublicKey(); err != nil || !equalKeys(got, pub) {
			t.Errorf("%s: go-cose reads another key (%v)", v.Name, err)
		}
	}
}

func coseKeyOf(t *testing.T, k statement.Key) []byte {
	t.Helper()
	b, err := canonical.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func equalKeys(a, b any) bool {
	switch a := a.(type) {
	case ed25519.PublicKey:
		b, ok := b.(ed25519.PublicKey)
		return ok && a.Equal(b)
	case *ecdsa.PublicKey:
		b, ok := b.(*ecdsa.PublicKey)
		return ok && a.Equal(b)
	}
	return false
}

// TestWeReadGoCOSE: what go-cose signs with our headers is a statement here,
// byte for byte what Finish writes.
func TestWeReadGoCOSE(t *testing.T) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := statement.NewKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	id := key.ID()
	payload, err := statement.Payload(vectors.Header(statement.TypeVoid), vectors.Bodies()[6])
	if err != nil {
		t.Fatal(err)
	}
	m := cose.NewSign1Message()
	m.Payload = payload
	m.Headers.Protected = cose.ProtectedHeader{cose.HeaderLabelAlgorithm: cose.AlgorithmEdDSA,
		cose.HeaderLabelContentType: statement.ContentStatement, cose.HeaderLabelKeyID: id[:]}
	signer, err := cose.NewSigner(cose.AlgorithmEdDSA, priv)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Sign(rand.Reader, nil, signer); err != nil {
		t.Fatal(err)
	}
	b, err := m.MarshalCBOR()
	if err != nil {
		t.Fatal(err)
	}
	st, err := statement.Parse(b)
	if err != nil {
		t.Fatalf("a statement made by go-cose: %v", err)
	}
	v, err := key.Verifier()
	if err != nil || !st.Signed.VerifiedBy(v) {
		t.Errorf("does not verify (%v)", err)
	}
	u, err := statement.Unsign(statement.EdDSA, id, statement.ContentStatement, payload, false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := u.Finish(m.Signature)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("we write %x, go-cose %x (%v)", again, b, err)
	}
}

// TestHighSIsRefused: the second of the two true ECDSA signatures would be a
// second statement with the same content.
func TestHighSIsRefused(t *testing.T) {
	k := vectors.P256("office CF/bangui")
	payload, err := statement.Payload(vectors.Header(statement.TypeVoid), vectors.Bodies()[6])
	if err != nil {
		t.Fatal(err)
	}
	b, message, sig := k.Sign(statement.ContentStatement, payload, false)
	v, err := k.Key.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	n := elliptic.P256().Params().N
	high := bytes.Clone(sig)
	new(big.Int).Sub(n, new(big.Int).SetBytes(sig[32:])).FillBytes(high[32:])
	pub, err := k.Key.Public()
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(message)
	if !ecdsa.Verify(pub.(*ecdsa.PublicKey), digest[:], new(big.Int).SetBytes(high[:32]), new(big.Int).SetBytes(high[32:])) {
		t.Fatal("the higher s is no true signature: this test proves nothing")
	}
	bad := append(bytes.Clone(b[:len(b)-64]), high...)
	st, err := statement.Parse(bad)
	if err != nil || st.Signed.VerifiedBy(v) {
		t.Errorf("high s verifies (%v)", err)
	}
	if !bytes.Equal(statement.LowS(high), sig) || !bytes.Equal(statement.LowS(sig), sig) {
		t.Error("LowS does not give the lower one")
	}
	for _, s := range [][]byte{make([]byte, 64), n.FillBytes(make([]byte, 64)), bytes.Repeat([]byte{0xff}, 64)} {
		bad := append(bytes.Clone(b[:len(b)-64]), s...)
		if st, err := statement.Parse(bad); err != nil || st.Signed.VerifiedBy(v) {
			t.Errorf("signature %x verifies (%v)", s, err)
		}
	}
}

// BenchmarkParse is the figure of docs/adr/0002: framing and payload read by
// us, and the framing alone read by go-cose. Neither verifies the signature.
func BenchmarkParse(b *testing.B) {
	signed := vectors.Statements()[4].Statement
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := statement.Parse(signed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours-framing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := statement.ParseSign1(signed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("go-cose-framing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var m cose.Sign1Message
			if err := m.UnmarshalCBOR(signed); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package keyring

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/veraison/go-cose"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// ecKey makes a P-256 key.
func ecKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func edKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newTestSigner(t testing.TB, p Purpose, k crypto.Signer) *Signer {
	t.Helper()
	s, err := NewSigner(p, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bothAlgorithms runs a test with a signer of each algorithm.
func bothAlgorithms(t *testing.T, p Purpose, f func(t *testing.T, s *Signer, k crypto.Signer)) {
	for _, k := range []crypto.Signer{edKey(t), ecKey(t)} {
		s := newTestSigner(t, p, k)
		t.Run(s.Key().Alg.String(), func(t *testing.T) { f(t, s, k) })
	}
}

// revocation is a small statement to sign.
func revocation(reason string, synthetic bool) (statement.Header, statement.Body) {
	return statement.Header{Type: statement.TypeKeyRevoked, Issuer: "CF/authority", IssuedAt: verifytest.Start,
			Subject: "key/0102030405060708", Synthetic: synthetic},
		&statement.KeyRevoked{Key: statement.KeyID{1, 2, 3, 4, 5, 6, 7, 8}, Reason: reason,
			CutOff: []statement.Vector{{Origin: "cf.kp.example/2026", Size: 7, Root: canonical.Hash{1}}}}
}

func frame(t testing.TB, s *Signer, reason string) *statement.Unsigned {
	t.Helper()
	h, body := revocation(reason, true)
	u, err := s.Frame(h, body)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantFault(t testing.TB, err error, key string) {
	t.Helper()
	f, ok := fault.Of(err)
	if !ok || f.Key != "keyring."+key {
		t.Fatalf("error %v, want the fault keyring.%s", err, key)
	}
}

func TestSignGivesAStatementThatEveryoneAccepts(t *testing.T) {
	bothAlgorithms(t, Authority, func(t *testing.T, s *Signer, _ crypto.Signer) {
		for range 20 { // half of all ES256 signatures have the higher s
			u := frame(t, s, "SYNTHETIC reason")
			b, err := s.Sign(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			st, err := statement.Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			v, err := s.Key().Verifier()
			if err != nil {
				t.Fatal(err)
			}
			if !st.Signed.VerifiedBy(v) || st.Signed.KeyID != s.ID() || s.ID() != s.Key().ID() {
				t.Error("our own verifier refuses the statement")
			}
			if diff := cmp.Diff(u.Payload(), st.Signed.Payload); diff != "" {
				t.Errorf("another payload came back: %s", diff)
			}
			if err := coseVerify(b, s); err != nil {
				t.Errorf("go-cose refuses the statement: %v", err)
			}
			b[len(b)-1] ^= 1
			if err := coseVerify(b, s); err == nil {
				t.Error("go-cose accepts a changed signature: the judge is asleep")
			}
		}
	})
}

// coseVerify asks veraison/go-cose.
func coseVerify(b []byte, s *Signer) error {
	v, err := cose.NewVerifier(cose.Algorithm(s.Key().Alg), s.public)
	if err != nil {
		return err
	}
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(b); err != nil {
		return err
	}
	kid := s.ID()
	if !bytes.Equal(m.Headers.Protected[cose.HeaderLabelKeyID].([]byte), kid[:]) {
		return errors.New("another key id")
	}
	return m.Verify(nil, v)
}

func TestStatementsMadeByGoCoseVerify(t *testing.T) {
	bothAlgorithms(t, Authority, func(t *testing.T, s *Signer, k crypto.Signer) {
		v, err := s.Key().Verifier()
		if err != nil {
			t.Fatal(err)
		}
		signer, err := cose.NewSigner(cose.Algorithm(s.Key().Alg), k)
		if err != nil {
			t.Fatal(err)
		}
		kid := s.ID()
		// go-cose does not normalise s: both halves must turn up, each judged
		// for what it is.
		low, high := 0, 0
		for range 64 {
			b, err := cose.Sign1(rand.Reader, signer, cose.Headers{Protected: cose.ProtectedHeader{
				cose.HeaderLabelAlgorithm:   cose.Algorithm(s.Key().Alg),
				cose.HeaderLabelContentType: statement.ContentStatement,
				cose.HeaderLabelKeyID:       kid[:],
			}}, frame(t, s, "SYNTHETIC").Payload(), nil)
			if err != nil {
				t.Fatal(err)
			}
			st, err := statement.Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			isLow := s.Key().Alg == statement.EdDSA || bytes.Equal(statement.LowS(b[len(b)-64:]), b[len(b)-64:])
			if got := st.Signed.VerifiedBy(v); got != isLow {
				t.Fatalf("verified %v, lower s %v", got, isLow)
			}
			if isLow {
				low++
			} else {
				high++
			}
		}
		if low == 0 || (s.Key().Alg == statement.ES256) != (high > 0) {
			t.Errorf("%d lower and %d higher s of 64", low, high)
		}
	})
}

// highS always gives the higher s, as an HSM may.
type highS struct{ *ecdsa.PrivateKey }

func (k highS) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, k.PrivateKey, digest)
	if err != nil {
		return nil, err
	}
	n := elliptic.P256().Params().N
	if s.Cmp(new(big.Int).Rsh(n, 1)) <= 0 {
		s.Sub(n, s)
	}
	return der(r, s), nil
}

// der writes an ECDSA signature; for 32-byte values all lengths are short forms.
func der(r, s *big.Int) []byte {
	integer := func(n *big.Int) []byte {
		b := append([]byte{0}, n.Bytes()...)
		if len(b) > 1 && b[1] < 0x80 {
			b = b[1:]
		}
		return append([]byte{2, byte(len(b))}, b...)
	}
	body := append(integer(r), integer(s)...)
	return append([]byte{0x30, byte(len(body))}, body...)
}

func TestHigherSIsNormalised(t *testing.T) {
	k := ecKey(t)
	s := newTestSigner(t, Authority, highS{k})
	u := frame(t, s, "SYNTHETIC")
	b, err := s.Sign(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := s.Key().Verifier()
	signed, err := statement.ParseSign1(b)
	if err != nil || !signed.VerifiedBy(v) {
		t.Fatalf("the statement does not verify: %v", err)
	}
	// The same signature with the higher s is true to the curve and refused here.
	sig := b[len(b)-32:]
	n := elliptic.P256().Params().N
	new(big.Int).Sub(n, new(big.Int).SetBytes(sig)).FillBytes(sig)
	digest := sha256.Sum256(u.Message())
	r, hs := new(big.Int).SetBytes(b[len(b)-64:len(b)-32]), new(big.Int).SetBytes(sig)
	if !ecdsa.Verify(&k.PublicKey, digest[:], r, hs) {
		t.Fatal("the test made no second signature")
	}
	if signed, err = statement.ParseSign1(b); err != nil || signed.VerifiedBy(v) {
		t.Errorf("a second form of one signature is accepted (%v)", err)
	}
}

// brokenKey is a keeper that does something wrong.
type brokenKey struct {
	crypto.Signer
	sign func(message []byte) ([]byte, error)
}

func (k brokenKey) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	return k.sign(message)
}

func TestNothingFalseLeaves(t *testing.T) {
	ed, ec, other := edKey(t), ecKey(t), edKey(t)
	tests := []struct {
		name string
		key  crypto.Signer
		sign func([]byte) ([]byte, error)
		want string
	}{
		{"another key", ed, func(m []byte) ([]byte, error) { return ed25519.Sign(other, m), nil }, "false_signature"},
		{"another message", ed, func(m []byte) ([]byte, error) { return ed25519.Sign(ed, m[1:]), nil }, "false_signature"},
		{"short", ed, func(m []byte) ([]byte, error) { return ed25519.Sign(ed, m)[:63], nil }, "false_signature"},
		{"empty", ed, func([]byte) ([]byte, error) { return nil, nil }, "false_signature"},
		{"fails", ed, func([]byte) ([]byte, error) { return nil, errors.New("token removed") }, "signer_failed"},
		{"another digest", ec, func([]byte) ([]byte, error) { return ec.Sign(rand.Reader, make([]byte, 32), crypto.SHA256) }, "false_signature"},
		{"no DER", ec, func([]byte) ([]byte, error) { return []byte("OK"), nil }, "signer_failed"},
		{"trailing bytes", ec, func(m []byte) ([]byte, error) {
			b, err := ec.Sign(rand.Reader, m, crypto.SHA256)
			return append(b, 0), err
		}, "signer_failed"},
		{"zero r", ec, func([]byte) ([]byte, error) { return der(new(big.Int), big.NewInt(1)), nil }, "signer_failed"},
		{"huge s", ec, func([]byte) ([]byte, error) { return der(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 256)), nil }, "signer_failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestSigner(t, Authority, brokenKey{tt.key, tt.sign})
			b, err := s.Sign(t.Context(), frame(t, s, "SYNTHETIC"))
			wantFault(t, err, tt.want)
			if b != nil {
				t.Errorf("%d bytes left", len(b))
			}
			if s.Key().Alg != statement.EdDSA {
				return
			}
			l := newTestSigner(t, Log, brokenKey{tt.key, tt.sign})
			b, err = l.SignMessage(t.Context(), []byte("log.example\n1\nAAAA\n"))
			wantFault(t, err, tt.want)
			if b != nil {
				t.Errorf("%d bytes of a note left", len(b))
			}
		})
	}
}

func TestSignRefusesWhatIsNotItsOwn(t *testing.T) {
	k := edKey(t)
	s := newTestSigner(t, Authority, brokenKey{k, func([]byte) ([]byte, error) {
		t.Error("the key was asked to sign what should have been refused")
		return nil, errors.New("refused")
	}})
	good := frame(t, s, "SYNTHETIC").Payload()
	unsign := func(alg statement.Algorithm, id statement.KeyID, content string, payload []byte, detached bool) *statement.Unsigned {
		u, err := statement.Unsign(alg, id, content, payload, detached)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	tests := []struct {
		name string
		u    *statement.Unsigned
		want string
	}{
		{"another key id", unsign(statement.EdDSA, statement.KeyID{1}, statement.ContentStatement, good, false), "other_key"},
		{"another algorithm", unsign(statement.ES256, s.ID(), statement.ContentStatement, good, false), "other_key"},
		{"a root", unsign(statement.EdDSA, s.ID(), statement.ContentRoot, good, true), "purpose_forbids"},
		{"an approval", unsign(statement.EdDSA, s.ID(), statement.ContentApproval, make([]byte, 32), true), "purpose_forbids"},
		{"unknown content", unsign(statement.EdDSA, s.ID(), "text/plain", good, false), "purpose_forbids"},
		{"a detached statement", unsign(statement.EdDSA, s.ID(), statement.ContentStatement, good, true), "unsignable"},
		{"no statement", unsign(statement.EdDSA, s.ID(), statement.ContentStatement, []byte{0xa0}, false), "unsignable"},
		{"a trailing byte", unsign(statement.EdDSA, s.ID(), statement.ContentStatement, append(good[:len(good):len(good)], 0), false), "unsignable"},
		{"too long for a log", unsign(statement.EdDSA, s.ID(), statement.ContentStatement, make([]byte, statement.MaxSize), false), "unsignable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := s.Sign(t.Context(), tt.u)
			wantFault(t, err, tt.want)
			if b != nil {
				t.Error("bytes came back")
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sign(ctx, frame(t, s, "SYNTHETIC")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

// Each purpose against each kind of thing that can be signed.
func TestPurposesAreApart(t *testing.T) {
	w := verifytest.New()
	root, err := w.Root.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Purposes() {
		if p == Message {
			_, err := NewSigner(Message, edKey(t))
			wantFault(t, err, "purpose")
			continue
		}
		s := newTestSigner(t, p, edKey(t))
		may := map[string]bool{}
		for content, payload := range map[string][]byte{
			statement.ContentStatement: frame(t, newTestSigner(t, Office, edKey(t)), "SYNTHETIC").Payload(),
			statement.ContentRoot:      root,
			statement.ContentApproval:  make([]byte, 32),
		} {
			u, err := statement.Unsign(s.Key().Alg, s.ID(), content, payload, content != statement.ContentStatement)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Sign(t.Context(), u)
			if may[content] = err == nil; err != nil {
				wantFault(t, err, "purpose_forbids")
			}
		}
		for name, message := range map[string]string{"checkpoint": "log.example\n0\nAAAA\n", "cosignature": "cosignature/v1\ntime 1\nlog.example\n0\nAAAA\n"} {
			_, err := s.SignMessage(t.Context(), []byte(message))
			if may[name] = err == nil; err != nil {
				wantFault(t, err, "purpose_forbids")
			}
		}
		var got []string
		for _, c := range []string{statement.ContentStatement, statement.ContentRoot, statement.ContentApproval, "checkpoint", "cosignature"} {
			if may[c] {
				got = append(got, c)
			}
		}
		want := map[Purpose]string{Root: statement.ContentRoot, Authority: statement.ContentStatement, Office: statement.ContentStatement,
			Officer: statement.ContentApproval, Log: "checkpoint", Witness: "cosignature"}[p]
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("%s signs: %s", p, diff)
		}
	}
}

func TestUnsuitableKeys(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewSigner(Office, p384)
	wantFault(t, err, "unsuitable")
	for _, p := range []Purpose{Log, Witness} {
		_, err = NewSigner(p, ecKey(t))
		wantFault(t, err, "unsuitable")
	}
	_, err = NewSigner("everything", edKey(t))
	wantFault(t, err, "purpose")
}

func TestManyClerksAtOnce(t *testing.T) {
	bothAlgorithms(t, Office, func(t *testing.T, s *Signer, _ crypto.Signer) {
		v, err := s.Key().Verifier()
		if err != nil {
			t.Fatal(err)
		}
		var clerks sync.WaitGroup
		for n := range 16 {
			clerks.Go(func() {
				reason := strings.Repeat("x", n+1)
				for range 8 {
					b, err := s.Sign(t.Context(), frame(t, s, reason))
					if err != nil {
						t.Error(err)
						return
					}
					st, err := statement.Parse(b)
					if err != nil || !st.Signed.VerifiedBy(v) || st.Body.(*statement.KeyRevoked).Reason != reason {
						t.Errorf("clerk %d got another's or a false statement: %v", n, err)
					}
				}
			})
		}
		clerks.Wait()
	})
}

func TestES256IsAlwaysNormalAndTrue(t *testing.T) {
	k := ecKey(t)
	s := newTestSigner(t, Authority, k)
	v, err := s.Key().Verifier()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		reason := rapid.StringMatching(`[a-z ]{1,200}`).Draw(rt, "reason")
		b, err := s.Sign(t.Context(), frame(t, s, reason))
		if err != nil {
			rt.Fatal(err)
		}
		signed, err := statement.ParseSign1(b)
		if err != nil || !signed.VerifiedBy(v) {
			rt.Fatalf("refused: %v", err)
		}
		sig := b[len(b)-64:]
		if !bytes.Equal(statement.LowS(sig), sig) {
			rt.Fatal("the higher s left")
		}
		at := rapid.IntRange(0, len(b)-1).Draw(rt, "at")
		b[at] ^= byte(rapid.IntRange(1, 255).Draw(rt, "by"))
		if signed, err := statement.ParseSign1(b); err == nil && signed.VerifiedBy(v) {
			rt.Fatalf("byte %d changed and nobody saw it", at)
		}
	})
}

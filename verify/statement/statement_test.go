package statement_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/statement"
)

func signed(t testing.TB, body statement.Body) ([]byte, *statement.Verifier) {
	t.Helper()
	k := vectors.SignerOf(body.Type())
	return signedBy(t, k, body)
}

func signedBy(t testing.TB, k vectors.Signer, body statement.Body) ([]byte, *statement.Verifier) {
	t.Helper()
	p, err := statement.Payload(vectors.Header(body.Type()), body)
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ := k.Sign(statement.ContentStatement, p, false)
	v, err := k.Key.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	return b, v
}

// masks change one bit low, one high, and all bits of a byte.
var masks = []byte{0x01, 0x80, 0xff}

// TestEveryByteIsBound changes every byte of a signed statement in turn:
// nothing but the original verifies.
func TestEveryByteIsBound(t *testing.T) {
	for name, k := range map[string]vectors.Signer{"EdDSA": vectors.Ed25519("office CF/bangui"), "ES256": vectors.P256("office CF/bangui")} {
		b, v := signedBy(t, k, vectors.Bodies()[4])
		st, err := statement.Parse(b)
		if err != nil || !st.Signed.VerifiedBy(v) {
			t.Fatalf("%s: the original: %v", name, err)
		}
		for i := range b {
			for _, m := range masks {
				bad := bytes.Clone(b)
				bad[i] ^= m
				if st, err := statement.Parse(bad); err == nil && st.Signed.VerifiedBy(v) {
					t.Errorf("%s: byte %d xor %02x still verifies", name, i, m)
				}
			}
		}
	}
}

// TestHeaderRefusals bends one field of the header at a time, on both ways in.
func TestHeaderRefusals(t *testing.T) {
	refs := make([]canonical.Hash, 65)
	for i := range refs {
		refs[i] = canonical.Sum([]byte{byte(i)})
	}
	body := vectors.Bodies()[6]
	for _, c := range []struct {
		field string
		bend  func(*statement.Header)
	}{
		{"header says", func(h *statement.Header) { h.Type = 0 }},
		{"header says", func(h *statement.Header) { h.Type = statement.TypeLoss }},
		{"issuer", func(h *statement.Header) { h.Issuer = "" }},
		{"issuer", func(h *statement.Header) { h.Issuer = "CF/" }},
		{"issuer", func(h *statement.Header) { h.Issuer = "CF/ban gui" }},
		{"issued-at", func(h *statement.Header) { h.IssuedAt = 0 }},
		{"issued-at", func(h *statement.Header) { h.IssuedAt = -1 }},
		{"issued-at", func(h *statement.Header) { h.IssuedAt = math.MinInt64 }},
		{"issued-at", func(h *statement.Header) { h.IssuedAt = statement.MaxTime + 1 }},
		{"subject", func(h *statement.Header) { h.Subject = "" }},
		{"subject", func(h *statement.Header) { h.Subject = strings.Repeat("x", 129) }},
		{"subject", func(h *statement.Header) { h.Subject = "a\x1b[0m" }},
		{"subject", func(h *statement.Header) { h.Subject = "\xff\xfe" }},
		{"refs", func(h *statement.Header) { h.Refs = refs }},
		{"refs", func(h *statement.Header) { h.Refs = []canonical.Hash{{}} }},
	} {
		h := vectors.Header(statement.TypeVoid)
		c.bend(&h)
		if _, err := statement.Payload(h, body); err == nil || !strings.HasPrefix(err.Error(), c.field) {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	h := vectors.Header(statement.TypeVoid)
	h.Refs = refs[:64]
	if _, err := statement.Payload(h, body); err != nil {
		t.Errorf("64 refs: %v", err)
	}
}

// TestPayloadRefuses lists signed maps that no Payload writes.
func TestPayloadRefuses(t *testing.T) {
	m := func(change func(map[int]any)) []byte {
		v := map[int]any{1: 7, 2: 1, 3: "CF/bangui", 4: int64(1795442400), 5: "certificate/CF00000001",
			8: map[int]any{1: "CF00000001", 2: bytes.Repeat([]byte{1}, 32), 3: "SYNTHETIC"}, 9: true}
		change(v)
		b, err := canonical.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	body := func(change func(map[int]any)) []byte {
		return m(func(v map[int]any) { change(v[8].(map[int]any)) })
	}
	blob := []any{bytes.Repeat([]byte{1}, 32), 20000, "application/pdf"}
	if _, err := statement.ParsePayload(m(func(map[int]any) {})); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	if st, err := statement.ParsePayload(m(func(v map[int]any) { delete(v, 8); v[10] = blob })); err != nil || st.Blob == nil || st.Body != nil {
		t.Fatalf("the good one with a blob: %v", err)
	}
	for why, b := range map[string][]byte{
		"version 0":            m(func(v map[int]any) { v[2] = 0 }),
		"negative version":     m(func(v map[int]any) { v[2] = -1 }),
		"negative type":        m(func(v map[int]any) { v[1] = -7 }),
		"negative time":        m(func(v map[int]any) { v[4] = -1795442400 }),
		"time beyond int64":    m(func(v map[int]any) { v[4] = uint64(math.MaxUint64) }),
		"no issuer":            m(func(v map[int]any) { delete(v, 3) }),
		"issuer null":          m(func(v map[int]any) { v[3] = nil }),
		"issuer as bytes":      m(func(v map[int]any) { v[3] = []byte("CF/bangui") }),
		"prev of zeros":        m(func(v map[int]any) { v[6] = make([]byte, 32) }),
		"prev of 31 bytes":     m(func(v map[int]any) { v[6] = make([]byte, 31) }),
		"prev null":            m(func(v map[int]any) { v[6] = nil }),
		"prev as a list":       m(func(v map[int]any) { v[6] = []int{1, 2} }),
		"empty refs":           m(func(v map[int]any) { v[7] = []any{} }),
		"refs null":            m(func(v map[int]any) { v[7] = nil }),
		"no synthetic mark":    m(func(v map[int]any) { delete(v, 9) }),
		"synthetic null":       m(func(v map[int]any) { v[9] = nil }),
		"neither body nor":     m(func(v map[int]any) { delete(v, 8) }),
		"body and blob":        m(func(v map[int]any) { v[10] = blob }),
		"body null":            m(func(v map[int]any) { v[8] = nil }),
		"blob null":            m(func(v map[int]any) { delete(v, 8); v[10] = nil }),
		"blob of nothing":      m(func(v map[int]any) { delete(v, 8); v[10] = []any{bytes.Repeat([]byte{1}, 32), 0, "a/b"} }),
		"blob without type":    m(func(v map[int]any) { delete(v, 8); v[10] = []any{bytes.Repeat([]byte{1}, 32), 1, ""} }),
		"blob of a false type": m(func(v map[int]any) { delete(v, 8); v[10] = []any{bytes.Repeat([]byte{1}, 32), 1, "a\n/b"} }),
		"blob of zeros":        m(func(v map[int]any) { delete(v, 8); v[10] = []any{make([]byte, 32), 1, "a/b"} }),
		"blob of four":         m(func(v map[int]any) { delete(v, 8); v[10] = append(append([]any{}, blob...), 1) }),
		"member 11":            m(func(v map[int]any) { v[11] = 1 }),
		"member -1":            m(func(v map[int]any) { v[-1] = 1 }),
		"body with member 4":   body(func(v map[int]any) { v[4] = 1 }),
		"body without reason":  body(func(v map[int]any) { delete(v, 3) }),
		"body of another type": body(func(v map[int]any) { v[3] = 7 }),
		"body nested embedded": m(func(v map[int]any) { v[8] = map[string]any{"About": map[int]any{1: "CF00000001"}} }),
		"a list":               {0x80},
		"nothing":              {},
	} {
		if st, err := statement.ParsePayload(b); err == nil {
			t.Errorf("%s: accepted %x as %+v", why, b, st)
		}
	}
	for _, f := range []float64{1.5, 1} {
		b := m(func(v map[int]any) { v[1] = 14; v[8] = map[int]any{1: f} })
		if _, err := statement.ParsePayload(b); err == nil {
			t.Errorf("float %v in a reserved type: accepted", f)
		}
	}
}

// TestSizes holds the bounds: a body of 16 KiB, a statement of 65,535 bytes.
func TestSizes(t *testing.T) {
	h := vectors.Header(statement.TypeClearance)
	opaque := func(n int) *statement.Opaque {
		b, err := canonical.Marshal(make([]byte, n))
		if err != nil {
			t.Fatal(err)
		}
		return &statement.Opaque{Code: h.Type, CBOR: b}
	}
	if _, err := statement.Payload(h, opaque(statement.MaxBody-3)); err != nil {
		t.Errorf("body of %d: %v", statement.MaxBody, err)
	}
	if _, err := statement.Payload(h, opaque(statement.MaxBody-2)); err == nil || !strings.Contains(err.Error(), "blob") {
		t.Errorf("body of %d: %v", statement.MaxBody+1, err)
	}
	if _, err := statement.Payload(h, &statement.Opaque{Code: h.Type}); err == nil {
		t.Error("an opaque body without bytes was written")
	}
	k := vectors.Ed25519("office CF/bangui")
	u, err := statement.Unsign(k.Key.Alg, k.Key.ID(), statement.ContentStatement, make([]byte, statement.MaxSize), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Finish(make([]byte, 64)); err == nil || !strings.Contains(err.Error(), "65535") {
		t.Errorf("statement over the entry's bound: %v", err)
	}
	if _, err := u.Finish(make([]byte, 63)); err == nil {
		t.Error("a signature of 63 bytes was joined")
	}
	if _, err := statement.Parse(make([]byte, statement.MaxSize+1)); err == nil || !strings.Contains(err.Error(), "65535") {
		t.Errorf("parse over the bound: %v", err)
	}
}

// TestPayloadIsReadable: whatever header and text Payload writes, ParsePayload
// reads as the same.
func TestPayloadIsReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := &statement.Void{About: statement.About{Number: "CF0001", Certificate: canonical.Sum(nil)}, Reason: rapid.String().Draw(t, "reason")}
		h := statement.Header{Type: statement.TypeVoid, Issuer: "CF/" + rapid.StringMatching("[a-z0-9-]{0,42}").Draw(t, "slug"),
			IssuedAt: rapid.Int64().Draw(t, "at"), Subject: rapid.String().Draw(t, "subject"), Synthetic: rapid.Bool().Draw(t, "synthetic")}
		if rapid.Bool().Draw(t, "later") {
			h.Prev = canonical.Sum([]byte("prev"))
			h.Refs = []canonical.Hash{canonical.Sum([]byte(h.Subject))}
		}
		if rapid.Bool().Draw(t, "plain time") {
			h.IssuedAt = rapid.Int64Range(1, statement.MaxTime).Draw(t, "time")
		}
		b, err := statement.Payload(h, body)
		if err != nil {
			return
		}
		st, err := statement.ParsePayload(b)
		if err != nil {
			t.Fatalf("wrote %x, cannot read it: %v", b, err)
		}
		if d := cmp.Diff(h, st.Header) + cmp.Diff(statement.Body(body), st.Body); d != "" {
			t.Fatal(d)
		}
	})
}

// TestDetached: a payload that is signed and not carried verifies over those
// bytes only, and no statement may be detached.
func TestDetached(t *testing.T) {
	k := vectors.Ed25519("preparer CF/bangui")
	v, err := k.Key.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ := k.Sign(statement.ContentApproval, []byte("digest"), true)
	s, err := statement.ParseSign1(b)
	if err != nil || s.Payload != nil {
		t.Fatalf("%v, payload %x", err, s.Payload)
	}
	if !s.VerifiedOver(v, []byte("digest")) || s.VerifiedOver(v, []byte("other")) || s.VerifiedOver(v, nil) || s.VerifiedBy(v) || s.VerifiedOver(nil, []byte("digest")) {
		t.Error("a detached signature is not bound to its payload")
	}
	if _, err := statement.Parse(b); err == nil {
		t.Error("an approval passed for a statement")
	}
	b, _, _ = k.Sign(statement.ContentApproval, nil, false)
	if s, err := statement.ParseSign1(b); err != nil || s.Payload == nil {
		t.Errorf("an empty payload is carried, not detached: %v", err)
	}
	// A carried payload is the only one a signature may be shown for.
	b, _, _ = k.Sign(statement.ContentApproval, []byte("carried"), false)
	if s, err := statement.ParseSign1(b); err != nil || s.VerifiedOver(v, []byte("other")) || !s.VerifiedOver(v, []byte("carried")) {
		t.Errorf("carried payload: %v", err)
	}
}

// TestApprovalDigest leaves out the hash of the approvals and the second of
// issue, and nothing else.
func TestApprovalDigest(t *testing.T) {
	cert := vectors.Bodies()[4].(*statement.Certificate)
	h := vectors.Header(statement.TypeCertificate)
	was, err := statement.ApprovalDigest(h, cert)
	if err != nil || cert.FourEyes.IsZero() {
		t.Fatalf("%v; the certificate itself must not change", err)
	}
	cert.FourEyes = canonical.Sum([]byte("another pair"))
	if d, _ := statement.ApprovalDigest(h, cert); d != was {
		t.Error("the digest depends on the approvals it is approved by")
	}
	cert.Destination = "AO"
	if d, _ := statement.ApprovalDigest(h, cert); d == was {
		t.Error("the digest does not cover the destination")
	}
	cert.Destination = "AE"
	h.IssuedAt += 7200
	if d, _ := statement.ApprovalDigest(h, cert); d != was {
		t.Error("the digest depends on the second of issue: the second officer approves later")
	}
	cert.Issued++
	if d, _ := statement.ApprovalDigest(h, cert); d == was {
		t.Error("the digest does not cover the day of issue")
	}
	cert.Issued--
	h.Synthetic = false
	if d, _ := statement.ApprovalDigest(h, cert); d == was {
		t.Error("the digest does not cover the mark")
	}
	if statement.PairHash([]byte("a"), []byte("bc")) == statement.PairHash([]byte("ab"), []byte("c")) {
		t.Error("the pair's hash does not keep the two apart")
	}
}

// TestSerial holds numbers of another form outside a range.
func TestSerial(t *testing.T) {
	r := vectors.Bodies()[3].(*statement.NumberRange)
	for number, want := range map[string]uint64{"CF00000001": 1, "CF00000500": 500} {
		if n, in := r.Serial(number); n != want || !in || r.Number(want) != number {
			t.Errorf("%s: %d %t, written %s", number, n, in, r.Number(want))
		}
	}
	for _, number := range []string{"CF00000000", "CF00000501", "CF0000001", "AE00000001", "CF+0000001", "CF0000_001", "", "CF"} {
		if n, in := r.Serial(number); in {
			t.Errorf("%q is in the range as %d", number, n)
		}
	}
}

package bundle_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const start = verifytest.Start

func whole(t testing.TB) (*verifytest.World, *bundle.Bundle) {
	t.Helper()
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	return w, cf.Record(cf.Sign(cf.Draft("AE", start)), start+60)
}

// TestRoundTrip: every form of a bundle is read as it was written.
func TestRoundTrip(t *testing.T) {
	_, b := whole(t)
	part := *b
	var err error
	if part.Disclosure, err = b.Disclosure.Select(func(l uint64) bool { return l == 35 }); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*bundle.Bundle{
		"whole":           b,
		"weight only":     &part,
		"statement alone": {Version: 1, Statement: b.Statement},
		"without proof":   {Version: 1, Statement: b.Statement, Disclosure: b.Disclosure, Approvals: b.Approvals},
	} {
		file, err := b.Encode()
		if err != nil {
			t.Fatal(name, err)
		}
		read, err := bundle.Parse(file)
		if err != nil {
			t.Fatal(name, err)
		}
		if d := cmp.Diff(b, read, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(commitment.Fact{}, commitment.Shown{}, commitment.Hidden{})); d != "" {
			t.Error(name, d)
		}
		if again, err := read.Encode(); err != nil || !bytes.Equal(again, file) {
			t.Errorf("%s: written otherwise (%v)", name, err)
		}
	}
}

// TestRefusals: Encode and Parse have the same bounds.
func TestRefusals(t *testing.T) {
	_, b := whole(t)
	for why, change := range map[string]func(*bundle.Bundle){
		"version 0":                 func(b *bundle.Bundle) { b.Version = 0 },
		"version 2":                 func(b *bundle.Bundle) { b.Version = 2 },
		"no statement":              func(b *bundle.Bundle) { b.Statement = nil },
		"a statement of 65,536":     func(b *bundle.Bundle) { b.Statement = make([]byte, statement.MaxSize+1) },
		"one approval":              func(b *bundle.Bundle) { b.Approvals = b.Approvals[:1] },
		"three approvals":           func(b *bundle.Bundle) { b.Approvals = append(b.Approvals[:2:2], b.Approvals[0]) },
		"a proof of four megabytes": func(b *bundle.Bundle) { b.Proof = canonical.Text(strings.Repeat("x", bundle.MaxSize)) },
	} {
		bent := *b
		change(&bent)
		if _, err := bent.Encode(); err == nil {
			t.Errorf("%s: written", why)
		}
	}
	if _, err := bundle.Parse(make([]byte, bundle.MaxSize+1)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a file over the bound: %v", err)
	}
}

// TestEveryByteIsBound changes every byte of a bundle in turn and does what a
// verifier does with the parts: each byte is bound by the signature, the
// commitment, the pair's hash, or log and witnesses.
func TestEveryByteIsBound(t *testing.T) {
	w, b := whole(t)
	pol, err := policy.Parse(w.Policy(w.Logs[1]))
	if err != nil {
		t.Fatal(err)
	}
	key, err := w.Offices["CF/bangui"].Signer.Key.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	verified := func(file []byte) bool {
		b, err := bundle.Parse(file)
		if err != nil || b.Disclosure == nil || len(b.Proof) == 0 || len(b.Approvals) != 2 {
			return false
		}
		st, err := statement.Parse(b.Statement)
		if err != nil || !st.Signed.VerifiedBy(key) {
			return false
		}
		cert, ok := st.Body.(*statement.Certificate)
		if !ok || statement.PairHash(b.Approvals[0], b.Approvals[1]) != cert.FourEyes {
			return false
		}
		if _, err := b.Disclosure.Open(cert.Facts); err != nil {
			return false
		}
		p, err := proof.Parse(b.Proof.String())
		if err != nil || p.CheckPath(proof.LeafHash(b.Statement)) != nil {
			return false
		}
		_, err = pol.Check(p.Checkpoint)
		return err == nil
	}
	file, err := b.Encode()
	if err != nil || !verified(file) {
		t.Fatalf("the original: %v", err)
	}
	for i := range file {
		for _, m := range []byte{0x01, 0x20, 0x80} {
			bad := bytes.Clone(file)
			bad[i] ^= m
			if verified(bad) {
				t.Errorf("byte %d xor %02x still verifies", i, m)
			}
		}
	}
}

// TestHostileDisclosures: what a small file declares, or packs into one value,
// must not become a flood in memory.
func TestHostileDisclosures(t *testing.T) {
	head := "\xd9\xd9\xf7\xa3\x01\x01\x02\x41\x00\x03"
	seed := "\xa2\x01\x50" + strings.Repeat("s", 16) + "\x02"
	for name, file := range map[string]string{
		"a million slots of null": head + "\xa1\x03\x9a\x00\x10\x00\x00" + strings.Repeat("\xf6", 1<<20),
		"a million facts of null": head + seed + "\x9a\x00\x10\x00\x00" + strings.Repeat("\xf6", 1<<20),
		"60,000 empty slots":      head + "\xa1\x03\x99\xea\x60" + strings.Repeat("\xa0", 60000),
		"a value of 65,000 maps":  head + seed + "\x81\x82\x01\x99\xfd\xe8" + strings.Repeat("\xa0", 65000),
		"a value of a megabyte":   head + seed + "\x81\x82\x01\x5a\x00\x10\x00\x00" + strings.Repeat("x", 1<<20),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b, err := bundle.Parse([]byte(file))
		if err == nil {
			_, err = b.Disclosure.Open(commitment.Root{Count: 1})
		}
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: opened", name)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 24<<20 {
			t.Errorf("%s: %d bytes of memory for a file of %d (%v)", name, grown, len(file), err)
		}
	}
}

// FuzzParse: nothing panics; what is read is written back the same.
func FuzzParse(f *testing.F) {
	_, b := whole(f)
	file, err := b.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte("\xd9\xd9\xf7\xa2\x01\x01\x02\x41\x00"))
	f.Add([]byte("\xd9\xd9\xf7\xa3\x01\x01\x02\x41\x00\x03\xa0"))
	f.Add([]byte("\xd9\xd9\xf7\xa3\x01\x01\x02\x41\x00\x04\x82\xf6\xf6"))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := bundle.Parse(file)
		if err != nil {
			return
		}
		if again, err := b.Encode(); err != nil || !bytes.Equal(again, file) {
			t.Fatalf("read %x, writes %x (%v)", file, again, err)
		}
	})
}

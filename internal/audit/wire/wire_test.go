package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// FuzzDecode: what is read is written back to the same bytes, so nothing that
// was read can have two forms.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"\x00", "\x18\x18", "\x43abc", "\x83\x01\x02\x03", "\xa2\x01\x02\x20\x03", "\xf4", "\xf6", "\x1b\x00\x00\x00\x01\x00\x00\x00\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := Decode(b); err == nil && !bytes.Equal(Encode(v), b) {
			t.Fatalf("%x became %x", b, Encode(v))
		}
	})
}

// TestLooseFormsAreRefused: RFC 8949 §4.2.1, one broken rule each.
func TestLooseFormsAreRefused(t *testing.T) {
	for what, s := range map[string]string{"long head": "\x18\x01", "longer head": "\x19\x00\xff", "indefinite": "\x9f\xff", "float": "\xf9\x00\x00",
		"undefined": "\xf7", "tag": "\xc0\x00", "two values": "\x00\x00", "keys out of order": "\xa2\x02\x01\x01\x01", "a key twice": "\xa2\x01\x01\x01\x01",
		"text key": "\xa1\x61a\x01", "no UTF-8": "\x61\xff", "cut short": "\x42a", "empty": "", "too deep": strings.Repeat("\x81", 40) + "\x00"} {
		if v, err := Decode([]byte(s)); err == nil {
			t.Errorf("%s: read as %v", what, v)
		}
	}
}

// TestDisclosures: this package computes the commitment that package commitment
// made, whole and in part, and another for another value.
func TestDisclosures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "facts")
		seed := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "seed")
		var facts []commitment.Fact
		for i := range n {
			f, err := commitment.NewFact(uint64(i*3+1), rapid.Uint64Range(0, 1<<40).Draw(t, "value"))
			if err != nil {
				t.Fatal(err)
			}
			facts = append(facts, f)
		}
		root, err := commitment.Commit(seed, facts)
		if err != nil {
			t.Fatal(err)
		}
		d := &commitment.Disclosure{Seed: seed, Facts: facts}
		if rapid.Bool().Draw(t, "part") {
			even := rapid.Bool().Draw(t, "even")
			if d, err = d.Select(func(l uint64) bool { return (l%2 == 0) == even }); err != nil {
				t.Fatal(err)
			}
		}
		b, err := canonical.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		v, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		o, err := Open(AsMap(v))
		if err != nil || o.Root != root.Hash || o.Count != int64(root.Count) || len(o.Shown)+len(o.Hidden) != n {
			t.Fatalf("%v %+v, want %v", err, o, root)
		}
		for label, value := range o.Shown {
			was := Encode(value)
			o.Shown[label] = value.(int64) + 1
			if bytes.Equal(Encode(o.Shown[label]), was) {
				t.Fatal("another value has the same form")
			}
		}
	})
}

// TestApprovals: the digest is that of package statement, and an approval counts
// for its own key and certificate only.
func TestApprovals(t *testing.T) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	d := o.Draft("AE", verifytest.Start+60)
	b := o.Sign(d)
	s, err := Read(b.Statement)
	if err != nil {
		t.Fatal(err)
	}
	h := d.Header
	h.Type = statement.TypeCertificate
	want, err := statement.ApprovalDigest(h, &d.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ApprovalDigest(s.Payload)
	if err != nil || got != Hash(want) {
		t.Fatalf("%x, want %x", got, want)
	}
	if pair := PairHash(b.Approvals[0], b.Approvals[1]); pair != Hash(statement.PairHash(b.Approvals[0], b.Approvals[1])) {
		t.Error("another hash of the pair")
	}
	key := keyOf(t, o.Preparer)
	for i, approves := range []bool{true, false} {
		if Approves(b.Approvals[i], key, got) != approves {
			t.Errorf("approval %d by the preparer: %v", i, !approves)
		}
	}
	other := got
	other[0] ^= 1
	if Approves(b.Approvals[0], key, other) {
		t.Error("approves another certificate")
	}
	if Approves(b.Statement, keyOf(t, o.Signer), got) {
		t.Error("a statement passes for an approval")
	}
}

func keyOf(t *testing.T, s verifytest.Signer) Key {
	t.Helper()
	b, err := canonical.Marshal(s.Key)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ReadKey(AsMap(v))
	if err != nil || k.ID != [8]byte(s.Key.ID()) {
		t.Fatal(k, err)
	}
	return k
}

// TestHeads: every byte of a checkpoint counts, the quorum is of all three
// pillars, and its time is the oldest that the policy asks for.
func TestHeads(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	policy, err := ReadPolicy(w.Policy(l))
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(l.Leaves))
	text := l.Checkpoint(size, verifytest.Start+9, "gov1", "ind2", "civ1", "civ2")
	check := func(text string) error {
		h, err := ReadHead(text)
		if err == nil {
			err = policy.Check(h)
		}
		if err == nil && h.Quorum != verifytest.Start+9 {
			t.Errorf("quorum at %d", h.Quorum)
		}
		return err
	}
	if err := check(text); err != nil {
		t.Fatal(err)
	}
	for i := range text {
		for _, bit := range []byte{1, 2, 4, 32} {
			b := []byte(text)
			b[i] ^= bit
			if check(string(b)) == nil {
				t.Errorf("byte %d changed, and it is good", i)
			}
		}
	}
	line := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for what, other := range map[string]string{"a pillar is missing": l.Checkpoint(size, 9, "gov1", "gov2", "ind1"), "a witness twice": text + line[len(line)-1] + "\n",
		"no end": strings.TrimSuffix(text, "\n"), "an extra line": strings.Replace(text, "\n\n", "\nextra\n\n", 1)} {
		if check(other) == nil {
			t.Error(what)
		}
	}
}

// TestPolicies that let one hand stand for two are refused.
func TestPolicies(t *testing.T) {
	w := verifytest.New()
	good := w.Policy(w.Logs[0])
	gov1 := w.Witnesses["gov1"].VKey.String()
	for what, text := range map[string]string{"one key twice": strings.Replace(good, w.Witnesses["ind1"].VKey.String(), gov1, 1),
		"a witness in two groups": strings.Replace(good, "any ind1 ind2", "any gov1 ind2", 1), "no log": strings.Replace(good, "log ", "# log ", 1),
		"no civil society": strings.Replace(good, "group civil", "group other", 1), "none needed": strings.Replace(good, "group civil any", "group civil 0", 1),
		"more than there are": strings.Replace(good, "group civil any", "group civil 3", 1), "no members": strings.Replace(good, "any civ1 civ2", "any", 1),
		"weak": strings.Replace(good, gov1, "w.example/x+00000000+"+base64.StdEncoding.EncodeToString(append([]byte{4}, make([]byte, 32)...)), 1)} {
		if _, err := ReadPolicy(text); err == nil {
			t.Error(what)
		}
	}
}

// TestTileNumbers: C2SP tlog-tiles, "Merkle Tree".
func TestTileNumbers(t *testing.T) {
	for _, n := range []int64{1, 255, 256, 257, 600} {
		if got, want := tileNumber(n*1000+n), fmt.Sprintf("x%03d/%03d", n, n); n < 999 && got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := tileNumber(1234067); got != "x001/x234/067" {
		t.Error(got)
	}
}

// FuzzReaders: no file makes a reader panic.
func FuzzReaders(f *testing.F) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	b := o.Record(o.Sign(o.Draft("AE", verifytest.Start+60)), verifytest.Start+70)
	file, err := b.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(w.Roots[0])
	f.Add([]byte(w.Policy(w.Logs[0])))
	f.Add([]byte(w.Logs[0].Checkpoint(3, verifytest.Start)))
	f.Fuzz(func(t *testing.T, in []byte) {
		mine, err := ReadBundle(in)
		theirs, err2 := bundle.Parse(in)
		if err == nil && err2 == nil && !bytes.Equal(mine.Statement, theirs.Statement) {
			t.Fatal("the two read different things")
		}
		if _, err := ReadRoots([][]byte{in}); err == nil && !bytes.Equal(in, w.Roots[0]) {
			t.Fatal("another root document is believed")
		}
		if p, err := ReadPolicy(string(in)); err == nil {
			if h, err := ReadHead(w.Logs[0].Checkpoint(3, verifytest.Start)); err == nil {
				_ = p.Check(h) // must not panic
			}
		}
		_, _ = ReadHead(string(in))
	})
}

// TestSignedBytesOfAnyLength: a root document of fifty Participants is longer than
// two bytes of length can say.
func TestSignedBytesOfAnyLength(t *testing.T) {
	for _, n := range []int{0, 23, 24, 255, 256, 65535, 65536, 1 << 17} {
		payload := bytes.Repeat([]byte{7}, n)
		want := Encode([]Value{"Signature1", []byte{0xa0}, []byte{}, payload})
		if got := SignedBytes([]byte{0xa0}, payload); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %x", n, got[:min(len(got), 24)])
		}
	}
}

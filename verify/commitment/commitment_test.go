package commitment_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/internal/vectors"
)

var seed = []byte("SYNTHETIC seed 1")

func facts(t interface{ Fatal(...any) }, labels ...uint64) []commitment.Fact {
	var out []commitment.Fact
	for _, l := range labels {
		f, err := commitment.NewFact(l, "SYNTHETIC")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// TestSelectOpens: whatever is chosen to be shown opens the same root, and
// shows exactly that.
func TestSelectOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfNDistinct(rapid.Uint64Range(1, 1<<40), 1, 40, func(l uint64) uint64 { return l }).Draw(t, "labels")
		slices.Sort(labels)
		fs := facts(t, labels...)
		for i := range fs {
			fs[i].Value, _ = canonical.Marshal(rapid.String().Draw(t, "value"))
		}
		root, err := commitment.Commit(seed, fs)
		if err != nil {
			t.Fatal(err)
		}
		whole := &commitment.Disclosure{Seed: seed, Facts: fs}
		shown, err := whole.Open(root)
		if err != nil || !cmp.Equal(shown, fs, cmpopts.IgnoreUnexported(commitment.Fact{})) {
			t.Fatalf("whole: %v", err)
		}
		keep := map[uint64]bool{}
		var want []commitment.Fact
		for _, f := range fs {
			if keep[f.Label] = rapid.Bool().Draw(t, "keep"); keep[f.Label] {
				want = append(want, f)
			}
		}
		part, err := whole.Select(func(l uint64) bool { return keep[l] })
		if err != nil {
			t.Fatal(err)
		}
		b, err := canonical.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		var read commitment.Disclosure
		if err := canonical.Unmarshal(b, &read); err != nil {
			t.Fatal(err)
		}
		shown, err = read.Open(root)
		if err != nil || !cmp.Equal(shown, want, cmpopts.IgnoreUnexported(commitment.Fact{})) {
			t.Fatalf("partial: %v %v, want %v", err, shown, want)
		}
		if _, err := read.Select(func(uint64) bool { return true }); err == nil {
			t.Fatal("a partial disclosure was narrowed as if it were whole")
		}
	})
}

// TestSecondComputation computes the root from the words of docs/formats, with
// none of the package's code.
func TestSecondComputation(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 8, 13, 100} {
		var labels []uint64
		for i := range n {
			labels = append(labels, uint64(i*3+1))
		}
		fs := facts(t, labels...)
		var hashes []tlog.Hash
		store := hashStore{&hashes}
		for i := range fs { // of one block, two, and more
			fs[i].Value, _ = canonical.Marshal(strings.Repeat("x", 3*i))
		}
		for i, f := range fs {
			mac := hmac.New(sha256.New, seed)
			if err := binary.Write(mac, binary.BigEndian, f.Label); err != nil {
				t.Fatal(err)
			}
			salted, err := canonical.Marshal([]any{mac.Sum(nil)[:16], f.Value})
			if err != nil {
				t.Fatal(err)
			}
			h := sha256.Sum256(salted)
			entry, err := canonical.Marshal([]any{f.Label, h[:]})
			if err != nil {
				t.Fatal(err)
			}
			more, err := tlog.StoredHashes(int64(i), entry, store) // a log's entry: SHA-256(00, entry)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, more...)
		}
		want, err := tlog.TreeHash(int64(n), store)
		if err != nil {
			t.Fatal(err)
		}
		got, err := commitment.Commit(seed, fs)
		if err != nil || got.Hash != canonical.Hash(want) || got.Count != uint64(n) {
			t.Errorf("%d facts: %v, want %v (%v)", n, got, want, err)
		}
	}
}

type hashStore struct{ hashes *[]tlog.Hash }

func (s hashStore) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	for i, x := range idx {
		out[i] = (*s.hashes)[x]
	}
	return out, nil
}

// TestRefusals lists disclosures that are none.
func TestRefusals(t *testing.T) {
	ok := &commitment.Disclosure{Seed: seed, Facts: facts(t, 1, 2, 3)}
	root, err := commitment.Commit(seed, ok.Facts)
	if err != nil {
		t.Fatal(err)
	}
	slots := func(change func(s []commitment.Slot) []commitment.Slot) *commitment.Disclosure {
		d, err := ok.Select(func(l uint64) bool { return l != 2 })
		if err != nil {
			t.Fatal(err)
		}
		d.Slots = change(d.Slots)
		return d
	}
	long := commitment.Fact{Label: 1, Value: canonical.Raw("\x5a\x00\x01\x00\x00" + strings.Repeat("x", 1<<16))}
	if len(long.Value) <= commitment.MaxValue {
		t.Fatal("not long enough to be refused")
	}
	many := make([]uint64, commitment.MaxFacts+1)
	for i := range many {
		many[i] = uint64(i + 1)
	}
	for why, d := range map[string]*commitment.Disclosure{
		"nothing":                 {},
		"seed alone":              {Seed: seed},
		"facts without seed":      {Facts: ok.Facts},
		"seed of 15 bytes":        {Seed: seed[:15], Facts: ok.Facts},
		"facts and slots":         {Seed: seed, Facts: ok.Facts, Slots: slots(func(s []commitment.Slot) []commitment.Slot { return s }).Slots},
		"slots with a seed":       {Seed: seed, Slots: slots(func(s []commitment.Slot) []commitment.Slot { return s }).Slots},
		"label 0":                 {Seed: seed, Facts: facts(t, 0)},
		"a label twice":           {Seed: seed, Facts: facts(t, 1, 1)},
		"labels descending":       {Seed: seed, Facts: facts(t, 2, 1)},
		"value of nothing":        {Seed: seed, Facts: []commitment.Fact{{Label: 1}}},
		"value of two items":      {Seed: seed, Facts: []commitment.Fact{{Label: 1, Value: canonical.Raw("\x00\x00")}}},
		"value not canonical":     {Seed: seed, Facts: []commitment.Fact{{Label: 1, Value: canonical.Raw("\x18\x00")}}},
		"value a float":           {Seed: seed, Facts: []commitment.Fact{{Label: 1, Value: canonical.Raw("\xf9\x3c\x00")}}},
		"value too long":          {Seed: seed, Facts: []commitment.Fact{long}},
		"too many facts":          {Seed: seed, Facts: facts(t, many...)},
		"slot of neither":         slots(func(s []commitment.Slot) []commitment.Slot { s[1] = commitment.Slot{}; return s }),
		"slot of both":            slots(func(s []commitment.Slot) []commitment.Slot { s[1].Shown = s[0].Shown; return s }),
		"hidden by no hash":       slots(func(s []commitment.Slot) []commitment.Slot { s[1].Hidden.Hash = canonical.Hash{}; return s }),
		"hidden under 0":          slots(func(s []commitment.Slot) []commitment.Slot { s[0] = s[1]; s[0].Hidden.Label = 0; return s }),
		"salt of 15 bytes":        slots(func(s []commitment.Slot) []commitment.Slot { s[0].Shown.Salt = s[0].Shown.Salt[:15]; return s }),
		"slots out of order":      slots(func(s []commitment.Slot) []commitment.Slot { s[0], s[1] = s[1], s[0]; return s }),
		"hidden label shown too":  slots(func(s []commitment.Slot) []commitment.Slot { s[1].Hidden.Label = 1; return s }),
		"shown value a half item": slots(func(s []commitment.Slot) []commitment.Slot { s[0].Shown.Value = canonical.Raw("\x82\x00"); return s }),
	} {
		if err := d.Check(); err == nil {
			t.Errorf("%s: accepted", why)
		}
		if _, err := d.Open(root); err == nil {
			t.Errorf("%s: Open accepts it", why)
		}
	}
	for why, d := range map[string]*commitment.Disclosure{
		"one fact less":       {Seed: seed, Facts: ok.Facts[:2]},
		"another seed":        {Seed: []byte("SYNTHETIC seed 2"), Facts: ok.Facts},
		"another label":       {Seed: seed, Facts: append(ok.Facts[:2:2], facts(t, 4)...)},
		"one slot less":       slots(func(s []commitment.Slot) []commitment.Slot { return s[:2] }),
		"another salt":        slots(func(s []commitment.Slot) []commitment.Slot { s[0].Shown.Salt[0] ^= 1; return s }),
		"another value":       slots(func(s []commitment.Slot) []commitment.Slot { s[0].Shown.Value = canonical.Raw("\x01"); return s }),
		"another hash":        slots(func(s []commitment.Slot) []commitment.Slot { s[1].Hidden.Hash[31] ^= 1; return s }),
		"hidden as a subtree": slots(func(s []commitment.Slot) []commitment.Slot { return s[1:] }),
	} {
		if _, err := d.Open(root); !errors.Is(err, commitment.ErrMismatch) {
			t.Errorf("%s: %v", why, err)
		}
	}
	wrong := root
	wrong.Count++
	if _, err := ok.Open(wrong); !errors.Is(err, commitment.ErrMismatch) {
		t.Errorf("another count: %v", err)
	}
}

// TestOneValueForEachLabel: an issuer who commits to two weights cannot show
// each of them to somebody else, though he alone makes the tree.
func TestOneValueForEachLabel(t *testing.T) {
	two := []commitment.Fact{{Label: 1, Value: canonical.Raw("\x0a")}, {Label: 1, Value: canonical.Raw("\x14")}}
	var hidden [2]*commitment.Hidden
	var shown [2]*commitment.Shown
	for i, f := range two {
		d := &commitment.Disclosure{Seed: seed, Facts: []commitment.Fact{f}}
		h, err := d.Select(func(uint64) bool { return false })
		if err != nil {
			t.Fatal(err)
		}
		s, err := d.Select(func(uint64) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		hidden[i], shown[i] = h.Slots[0].Hidden, s.Slots[0].Shown
	}
	for _, slots := range [][]commitment.Slot{
		{{Shown: shown[0]}, {Hidden: hidden[1]}},
		{{Hidden: hidden[0]}, {Shown: shown[1]}},
		{{Hidden: hidden[0]}, {Hidden: hidden[1]}},
	} {
		d := &commitment.Disclosure{Slots: slots}
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), "ascend") {
			t.Errorf("two facts under one label: %v", err)
		}
	}
}

// TestEveryByteIsBound changes every byte of a disclosure in turn.
func TestEveryByteIsBound(t *testing.T) {
	root, err := commitment.Commit(seed, vectors.Facts())
	if err != nil {
		t.Fatal(err)
	}
	whole := vectors.Disclosure()
	part, err := whole.Select(func(l uint64) bool { return l%2 == 1 })
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*commitment.Disclosure{"whole": whole, "partial": part} {
		b, err := canonical.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			for _, m := range []byte{0x01, 0x80, 0xff} {
				bad := bytes.Clone(b)
				bad[i] ^= m
				var d commitment.Disclosure
				if canonical.Unmarshal(bad, &d) != nil {
					continue
				}
				if _, err := d.Open(root); err == nil {
					t.Errorf("%s: byte %d xor %02x still opens", name, i, m)
				}
			}
		}
	}
}

// FuzzOpen: no disclosure but the true ones opens, none panics, and what is
// read is written back the same.
func FuzzOpen(f *testing.F) {
	root, err := commitment.Commit(seed, vectors.Facts())
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range vectors.Commitments() {
		f.Add([]byte(v.Whole))
		for _, p := range v.Partial {
			f.Add([]byte(p.Disclosure))
		}
	}
	f.Add([]byte("\xa1\x03\x81\xa0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d commitment.Disclosure
		if canonical.Unmarshal(b, &d) != nil {
			return
		}
		again, err := canonical.Marshal(d)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("read %x, writes %x (%v)", b, again, err)
		}
		shown, err := d.Open(root)
		if err != nil {
			return
		}
		signed := vectors.Facts()
		for _, s := range shown {
			i := slices.IndexFunc(signed, func(f commitment.Fact) bool { return f.Label == s.Label })
			if i < 0 || !bytes.Equal(signed[i].Value, s.Value) {
				t.Fatalf("opened to %d = %x", s.Label, s.Value)
			}
		}
	})
}

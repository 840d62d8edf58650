package difference_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/verify/canonical"
	"adamas.example/verify/difference"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest"
)

const most = 1 << 28

func differ(t testing.TB, old, next []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := difference.Make(bytes.NewReader(old), int64(len(old)), bytes.NewReader(next), int64(len(next)), "CF/bangui", verifytest.Start, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func apply(old, diff []byte) ([]byte, error) {
	var out bytes.Buffer
	_, err := difference.Apply(bytes.NewReader(old), int64(len(old)), bytes.NewReader(diff), &out, most)
	return out.Bytes(), err
}

// noise is content that looks like nothing else.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	io.ReadFull(r, b)
	return b
}

// TestEveryEdit: whatever was cut, put in, moved or doubled, what comes out is the
// new file, byte for byte.
func TestEveryEdit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := noise(rapid.Uint64Range(0, 3).Draw(t, "seed"), rapid.IntRange(0, 3000).Draw(t, "length"))
		var next []byte
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			from := rapid.IntRange(0, len(old)).Draw(t, "from")
			to := rapid.IntRange(from, len(old)).Draw(t, "to")
			next = append(next, old[from:to]...)
			next = append(next, rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "put in")...)
		}
		var out bytes.Buffer
		if err := difference.Make(bytes.NewReader(old), int64(len(old)), bytes.NewReader(next), int64(len(next)), "AE/dubai", 0, &out); err != nil {
			t.Fatal(err)
		}
		got, err := apply(old, out.Bytes())
		if err != nil || !bytes.Equal(got, next) {
			t.Fatalf("%v: %d bytes, want %d", err, len(got), len(next))
		}
	})
}

// TestSmall: what two files share is not carried, also over the pages by which
// they are read.
func TestSmall(t *testing.T) {
	old := noise(1, 3<<20)
	next := append(append(append(noise(2, 100), old[:1<<20]...), noise(3, 500)...), old[1<<20+7:]...)
	diff := differ(t, old, next)
	if len(diff) > 800 {
		t.Errorf("%d bytes for 600 new ones", len(diff))
	}
	if got, err := apply(old, diff); err != nil || !bytes.Equal(got, next) {
		t.Error(err)
	}
	if diff := differ(t, old, old); len(diff) > 150 {
		t.Errorf("%d bytes for no difference", len(diff))
	}
}

// TestPacks: an old pack and a difference give the very pack that was made, and it
// verifies.
func TestPacks(t *testing.T) {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	for range 50 {
		cf.Record(cf.Sign(cf.Draft("AE", verifytest.Start)), verifytest.Start+60)
	}
	old := w.Pack(verifytest.Start + 120)
	cf.Record(cf.Sign(cf.Draft("AE", verifytest.Start)), verifytest.Start+60)
	next := w.Pack(verifytest.Start + 180)
	diff := differ(t, old, next)
	got, err := apply(old, diff)
	if err != nil || !bytes.Equal(got, next) {
		t.Fatal(err)
	}
	if _, err := pack.Parse(got, canonical.Hash{}); err != nil {
		t.Error(err)
	}
	// Another base is refused by name, and nothing is written.
	part, err := apply(next, diff)
	wrong, ok := errors.AsType[*difference.WrongBase](err)
	if !ok || len(part) != 0 || wrong.Header.Base.Digest != canonical.Sum(old) || wrong.Header.Office != "CF/bangui" || wrong.Have.Digest != canonical.Sum(next) {
		t.Errorf("%v, %d bytes", err, len(part))
	}
	if _, err := pack.Parse(diff, canonical.Hash{}); err == nil {
		t.Error("a difference passes for a pack")
	}
	// Every byte counts: of the header too, but for whom to ask for the base.
	h, err := difference.ReadHeader(bytes.NewReader(diff))
	if err != nil || h.Result.Size != int64(len(next)) {
		t.Fatal(h, err)
	}
	for i := range diff {
		bad := bytes.Clone(diff)
		bad[i] ^= 1 << (i % 8)
		if got, err := apply(old, bad); err == nil && !bytes.Equal(got, next) {
			t.Errorf("byte %d xor %02x gives another file", i, 1<<(i%8))
		}
	}
	for n := range diff {
		if _, err := apply(old, diff[:n]); err == nil {
			t.Errorf("the first %d bytes pass", n)
		}
	}
	if _, err := apply(old, append(bytes.Clone(diff), 0x41, 0)); err == nil {
		t.Error("a byte more passes")
	}
}

// TestHostile: what points beyond the base, gives nothing, or promises too much is
// refused.
func TestHostile(t *testing.T) {
	old := noise(1, 1000)
	whole := differ(t, old, old)
	head := whole[:len(whole)-len("\x82\x00\x19\x03\xe8")]
	for why, pieces := range map[string]string{
		"nothing":                   "",
		"copies beyond the end":     "\x82\x01\x19\x03\xe8",
		"copies from 2^64-1":        "\x82\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"copies 2^64-1":             "\x82\x00\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
		"copies nothing":            "\x82\x00\x00\x82\x00\x19\x03\xe8",
		"puts in nothing":           "\x40\x82\x00\x19\x03\xe8",
		"puts in what is not there": "\x5a\x00\x00\x03\xe8",
		"twice as much":             "\x82\x00\x19\x03\xe8\x82\x00\x19\x03\xe8",
		"too little":                "\x82\x00\x18\xff",
		"other bytes":               "\x82\x01\x19\x03\xe7\x41\x00",
		"a long head":               "\x82\x00\x1a\x00\x00\x03\xe8",
		"an array of three":         "\x83\x00\x19\x03\xe8\x00",
		"a map":                     "\xa0",
		"a number":                  "\x05",
		"an indefinite string":      "\x5f\x41\x00\xff",
	} {
		if _, err := apply(old, append(bytes.Clone(head), pieces...)); !errors.Is(err, difference.ErrForm) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if got, err := apply(old, whole); err != nil || !bytes.Equal(got, old) {
		t.Error(err)
	}
	if _, err := difference.Apply(bytes.NewReader(old), 1000, bytes.NewReader(whole), io.Discard, 999); !errors.Is(err, difference.ErrForm) {
		t.Error("more than was wanted", err)
	}
	if err := difference.Make(bytes.NewReader(old), 1000, bytes.NewReader(old), 1000, "an\x1b[2J", 0, io.Discard); err == nil {
		t.Error("an office that gives orders to a terminal")
	}
	if err := difference.Make(bytes.NewReader(old), 1001, bytes.NewReader(old), 1000, "", 0, io.Discard); err == nil {
		t.Error("a base that is cut")
	}
}

// FuzzApply: nothing panics, and what is accepted is what the header names.
func FuzzApply(f *testing.F) {
	old := noise(1, 500)
	f.Add(differ(f, old, old))
	f.Add(differ(f, old, append(noise(2, 70), old[3:]...)))
	f.Add(differ(f, old, nil))
	f.Fuzz(func(t *testing.T, diff []byte) {
		var out bytes.Buffer
		h, err := difference.Apply(bytes.NewReader(old), int64(len(old)), bytes.NewReader(diff), &out, 1<<16)
		if err == nil && (canonical.Sum(out.Bytes()) != h.Result.Digest || int64(out.Len()) != h.Result.Size) {
			t.Fatal("another file than the one it names")
		}
		if out.Len() > 1<<16 {
			t.Fatal("more than was wanted")
		}
	})
}

package canonical_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/readtest"
)

// everything has a member of each kind that a Cursor can read.
type everything struct {
	Uint   uint64           `cbor:"1,keyasint"`
	Day    canonical.Day    `cbor:"3,keyasint"`
	Int    int64            `cbor:"4,keyasint"`
	Bool   bool             `cbor:"5,keyasint"`
	Bytes  []byte           `cbor:"6,keyasint,omitempty"`
	ID     [8]byte          `cbor:"7,keyasint"`
	Hash   canonical.Hash   `cbor:"8,keyasint,omitzero"`
	Text   string           `cbor:"9,keyasint"`
	Raw    canonical.Raw    `cbor:"10,keyasint,omitempty"`
	Pairs  []pair           `cbor:"11,keyasint"`
	Hashes []canonical.Hash `cbor:"12,keyasint,omitempty"`
	Below  int64            `cbor:"-1,keyasint"`
}

type pair struct {
	_     struct{} `cbor:",toarray"`
	Name  string
	Value canonical.Raw
}

func readEverything(c *canonical.Cursor) (e everything) {
	c.Map()
	c.Key(1)
	e.Uint = c.Uint()
	c.Key(3)
	e.Day = canonical.Day(c.Uint32())
	c.Key(4)
	e.Int = c.Int()
	c.Key(5)
	e.Bool = c.Bool()
	if c.Has(6) {
		e.Bytes = c.Bytes()
		c.Says(len(e.Bytes) > 0)
	}
	c.Key(7)
	c.Fixed(e.ID[:])
	if c.Has(8) {
		e.Hash = c.Hash()
		c.Says(!e.Hash.IsZero())
	}
	c.Key(9)
	e.Text = c.TextOf("known")
	if c.Has(10) {
		e.Raw = c.Raw()
	}
	c.Key(11)
	e.Pairs = make([]pair, 0, c.List())
	for c.More() {
		c.Tuple(2)
		e.Pairs = append(e.Pairs, pair{Name: c.Text(), Value: c.Raw()})
		c.End()
	}
	if c.Has(12) {
		e.Hashes = make([]canonical.Hash, 0, c.List())
		for c.More() {
			e.Hashes = append(e.Hashes, c.Hash())
		}
		c.Says(len(e.Hashes) > 0)
	}
	c.Key(-1)
	e.Below = c.Int()
	c.End()
	return e
}

// kinds are all kinds of items, alone and together, each read by a Cursor and by
// the library.
var kinds = []readtest.Pair{
	readtest.Of(readEverything),
	readtest.Of((*canonical.Cursor).Uint),
	readtest.Of((*canonical.Cursor).Uint32),
	readtest.Of((*canonical.Cursor).Int),
	readtest.Of((*canonical.Cursor).Bool),
	readtest.Of((*canonical.Cursor).Bytes),
	readtest.Of((*canonical.Cursor).Hash),
	readtest.Of((*canonical.Cursor).Text),
	readtest.Of((*canonical.Cursor).Raw),
}

func good(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, e := range []everything{
		{Pairs: []pair{}},
		{Uint: 23, Day: 24, Int: 255, Bool: true, Bytes: []byte("x"), ID: [8]byte{1}, Hash: canonical.Hash{2}, Text: "known",
			Raw: canonical.Raw("\x82\x01\x61a"), Pairs: []pair{{Name: "é", Value: canonical.Raw("\xf6")}, {Value: canonical.Raw("\x18\x01")}},
			Hashes: []canonical.Hash{{}, {3}}, Below: -25},
		{Uint: 1<<64 - 1, Day: 1<<32 - 1, Int: -1 << 63, Text: "a longer text, of more than eight letters — and some more", Below: 1<<63 - 1,
			Pairs: []pair{{Value: canonical.Raw("\xa1\x02\xa1\x01\x80")}, {Value: canonical.Raw("\xfa\x3f\x80\x00\x00")}}},
	} {
		b, err := canonical.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// TestCursorReadsAsTheLibrary: what is not as Marshal writes it is refused by both.
func TestCursorReadsAsTheLibrary(t *testing.T) {
	all := good(t)
	if taken := kinds[0].Hold(t, 100_000, all...); taken == 0 {
		t.Error("no bent form was good: these bends are too coarse to find anything")
	}
	for _, b := range all {
		for from := range b {
			for to := from; to <= len(b); to++ {
				for _, k := range kinds[1:] {
					k.Agree(t, b[from:to])
				}
			}
		}
	}
}

// TestEveryHead asks for each kind of item at every first byte, with and without
// what should follow.
func TestEveryHead(t *testing.T) {
	for first := range 256 {
		for _, second := range []byte{0, 1, 20, 23, 24, 31, 32, 127, 128, 255} {
			for n := range 12 {
				b := append([]byte{byte(first), second}, bytes.Repeat([]byte{second}, 40)...)
				for _, k := range kinds {
					k.Agree(t, b[:n])
					k.Agree(t, b[:min(len(b), 1+first&31)])
				}
			}
		}
	}
}

// TestNesting: both stop at the same depth, whatever stands around.
func TestNesting(t *testing.T) {
	raw := readtest.Of((*canonical.Cursor).Raw)
	list := readtest.Of(func(c *canonical.Cursor) []pair {
		all := make([]pair, 0, c.List())
		for c.More() {
			c.Tuple(2)
			all = append(all, pair{Name: c.Text(), Value: c.Raw()})
			c.End()
		}
		return all
	})
	for depth := range 20 {
		nest := bytes.Repeat([]byte{0x81}, depth)
		if got := raw.Agree(t, append(nest, 0)); got != (depth <= 16) {
			t.Errorf("%d levels: %t", depth, got)
		}
		if got := list.Agree(t, append(append([]byte("\x81\x82\x61x"), nest...), 0)); got != (depth <= 14) {
			t.Errorf("%d levels in two others: %t", depth, got)
		}
	}
}

// TestManyElements: both have the same bound.
func TestManyElements(t *testing.T) {
	raw := readtest.Of((*canonical.Cursor).Raw)
	hashes := readtest.Of(func(c *canonical.Cursor) []uint64 {
		all := make([]uint64, 0, c.List())
		for c.More() {
			all = append(all, c.Uint())
		}
		return all
	})
	for _, n := range []int{1 << 15, 1<<16 - 1, 1 << 16, 1<<16 + 1} {
		b := append([]byte{0x9a, 0, byte(n >> 16), byte(n >> 8), byte(n)}, make([]byte, n)...)
		if n < 1<<16 {
			b = append([]byte{0x99}, b[3:]...)
		}
		for _, p := range []readtest.Pair{raw, hashes} {
			if got := p.Agree(t, b); got != (n <= 1<<16) {
				t.Errorf("%d elements: %t", n, got)
			}
		}
	}
}

// TestRefusedCursor: after a refusal every question has an answer, and the first
// refusal is the one that is told.
func TestRefusedCursor(t *testing.T) {
	c := canonical.NewCursor([]byte{0x61, 0xff})
	_ = c.Text()
	for range 20 { // more than can be open
		c.Map()
		c.Key(1)
		_ = c.Has(2)
		c.Tuple(3)
		_ = c.Uint() + uint64(c.Int())
		_ = c.Raw()
		c.Fixed(make([]byte, 3))
		for n := c.List(); c.More(); n-- {
			t.Fatal("an element of nothing")
		}
		c.End()
		c.End()
		c.End()
	}
	if err := c.Done(); err == nil || err.Error() != "at byte 2: not a text of UTF-8 in its one form" {
		t.Error(err)
	}
}

// FuzzCursor holds every kind against the library.
func FuzzCursor(f *testing.F) {
	for _, b := range good(f) {
		f.Add(b)
	}
	for _, b := range []string{"", "\x00", "\x18\x18", "\x38\xff", "\x41a", "\x61a", "\xf4", "\x58\x20", "\x81\xf9\x7c\x00", "\xa1\x01\x02"} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, k := range kinds {
			k.Agree(t, b)
		}
	})
}

// FuzzText: text is what the standard library takes for UTF-8.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "ascii", "longer than eight letters", "né — «ß» 𝄞", "12345678\xff", "\xed\xa0\x80", "1234567\xc3\xa9", "\xf4\x90\x80\x80", "\xef\xbf\xbd"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		b, err := canonical.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		b[0] |= 0x20 // of bytes, text
		c := canonical.NewCursor(b)
		if got := c.Text(); (c.Done() == nil) != utf8.Valid(s) || utf8.Valid(s) && got != string(s) {
			t.Fatalf("%q: read as %q", s, got)
		}
	})
}

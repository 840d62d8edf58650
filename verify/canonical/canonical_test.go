package canonical

import (
	"bytes"
	"encoding/hex"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

type sample struct {
	Number string `cbor:"1,keyasint"`
	Size   uint64 `cbor:"2,keyasint"`
	Root   Hash   `cbor:"3,keyasint,omitzero"`
	Note   []byte `cbor:"4,keyasint,omitempty"`
}

func TestUnmarshalRefuses(t *testing.T) {
	good, err := Marshal(sample{Number: "CF", Size: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, hex string }{
		{"trailing byte", hex.EncodeToString(good) + "00"},
		{"key order", "a2021901f401624346"},
		{"duplicate key", "a3016243460162434602f6"},
		{"indefinite map", "bf01624346021901f4ff"},
		{"long length", "a2017802434602 1901f4"},
		{"long integer", "a20162434602 1a000001f4"},
		{"unknown field", "a301624346021901f40901"},
		{"invalid utf-8", "a20162ff46021901f4"},
		{"tag", "a2c00102c002"},
		{"short hash", "a301624346021901f40341aa"},
		{"long hash", "a301624346021901f4035821" + "0102030405060708091011121314151617181920212223242526272829303132" + "33"},
		{"empty optional", "a301624346021901f40440"},
		{"float", "a20162434602f93c00"},
	} {
		b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(c.hex), []byte(" "), nil)))
		if err != nil {
			t.Fatal(err)
		}
		var s sample
		if err := Unmarshal(b, &s); err == nil {
			t.Errorf("%s: accepted %x as %+v", c.name, b, s)
		}
	}
	var s sample
	if err := Unmarshal(good, &s); err != nil || s.Size != 500 {
		t.Fatalf("good bytes refused: %v %+v", err, s)
	}
}

// FuzzCheck holds the invariant of the package: what Check accepts, Marshal
// writes back byte for byte.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"a2016243460218c8", "83010203", "f6", "d9d9f7a0", "fb3ff8000000000000", "9f01ff"} {
		b, _ := hex.DecodeString(s)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if Check(b) != nil {
			return
		}
		var v any
		if err := decMode.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		again, err := Marshal(v)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("accepted %x, writes %x (%v)", b, again, err)
		}
	})
}

func TestOneByteNeverMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := sample{Number: rapid.String().Draw(t, "number"), Size: rapid.Uint64().Draw(t, "size")}
		b, err := Marshal(in)
		if err != nil {
			t.Skip()
		}
		i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		b[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "xor"))
		var out sample
		if Unmarshal(b, &out) == nil {
			again, _ := Marshal(out)
			if !bytes.Equal(again, b) {
				t.Fatalf("%x decodes to %+v which is %x", b, out, again)
			}
		}
	})
}

func TestDayEndsAtMidnightUTC(t *testing.T) {
	if d := DayOf(1795392000 + 86399); d.Last() != 1795392000+86399 || d.First() != 1795392000 {
		t.Fatalf("day %d: %d..%d", d, d.First(), d.Last())
	}
}

// The library is the judge of what is written here by hand.
func TestHeadsAreTheLibrarys(t *testing.T) {
	same := func(n uint64, b []byte) bool {
		number, err := Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		text, err := Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		cut, rest, ok := CutBytes(append(text[:len(text):len(text)], 7))
		return bytes.Equal(number, AppendUint(nil, n)) && bytes.Equal(text, AppendBytes(nil, b)) &&
			ok && bytes.Equal(cut, b) && len(rest) == 1
	}
	for _, edge := range []uint64{0, 23, 24, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, 1<<64 - 1} {
		if !same(edge, make([]byte, min(edge, 1<<17))) {
			t.Errorf("%d: otherwise than the library", edge)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if !same(rapid.Uint64().Draw(t, "n"), rapid.SliceOf(rapid.Byte()).Draw(t, "b")) {
			t.Fatal("otherwise than the library")
		}
	})
}

// FuzzCutBytes: what CutBytes takes is what the library takes for a byte string
// and writes in the same way.
func FuzzCutBytes(f *testing.F) {
	for _, b := range []string{"", "\x40", "\x41a", "\x41", "\x58\x02ab", "\x58\x18", "\x59\x00\x01a", "\x5f\xff", "\x5b\xff\xff\xff\xff\xff\xff\xff\xff", "\x61a"} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, rest, ok := CutBytes(b)
		var want []byte
		after, err := decMode.UnmarshalFirst(b, &want)
		if err == nil && len(b) > 0 && b[0]&^minorMask == majorBytes {
			again, _ := Marshal(want)
			if taken := b[:len(b)-len(after)]; bytes.Equal(again, taken) != ok {
				t.Fatalf("%x: taken is %v, the library writes %x", b, ok, again)
			}
			if ok && (!bytes.Equal(got, want) || !bytes.Equal(rest, after)) {
				t.Fatalf("%x: %x and %x, the library %x and %x", b, got, rest, want, after)
			}
		} else if ok {
			t.Fatalf("%x: taken, the library says %v", b, err)
		}
	})
}

// TestNode: the hash of two is that of the transparency-log library.
func TestNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.SliceOfN(rapid.Byte(), HashSize, HashSize)
		l, r := Hash(one.Draw(t, "left")), Hash(one.Draw(t, "right"))
		if got, want := Node(l, r), Hash(tlog.NodeHash(tlog.Hash(l), tlog.Hash(r))); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

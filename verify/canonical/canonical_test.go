package canonical

import (
	"bytes"
	"encoding/hex"
	"testing"

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

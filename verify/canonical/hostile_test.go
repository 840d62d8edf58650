package canonical

import (
	"bytes"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"
)

type lists struct {
	Texts  []string `cbor:"1,keyasint"`
	Bytes  []byte   `cbor:"2,keyasint"`
	Hashes []Hash   `cbor:"3,keyasint"`
	Opt    *[]byte  `cbor:"4,keyasint"`
}

// TestAnEmptyListHasOneForm: null must not pass for an empty list or an empty
// byte string, or two byte strings would stand for the same statement.
func TestAnEmptyListHasOneForm(t *testing.T) {
	good, err := Marshal(lists{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "a4018002400380" + "04f6"; hex.EncodeToString(good) != want {
		t.Fatalf("nil lists are written %x, want %s", good, want)
	}
	var out lists
	if err := Unmarshal(good, &out); err != nil {
		t.Fatal(err)
	}
	for i, b := range good[:7] {
		if b != 0x80 && b != 0x40 {
			continue
		}
		bad := bytes.Clone(good)
		bad[i] = 0xf6
		if err := Unmarshal(bad, &lists{}); !errors.Is(err, ErrNotCanonical) {
			t.Errorf("null at byte %d of %x: %v", i, bad, err)
		}
	}
	// A pointer keeps the difference that COSE needs: null is a detached
	// payload, an empty string an empty one.
	if err := Unmarshal([]byte("\xa4\x01\x80\x02\x40\x03\x80\x04\x40"), &out); err != nil || out.Opt == nil || len(*out.Opt) != 0 {
		t.Fatalf("empty string behind a pointer: %v %v", out.Opt, err)
	}
}

// TestCheckRefuses lists well-formed CBOR that has no place in a statement.
func TestCheckRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"half float":              "f93c00",
		"float in a list":         "8201fb3ff199999999999a",
		"float as a key":          "a1f93c0001",
		"float deep in a map":     "a101a102fa3fc00000",
		"undefined":               "f7",
		"tagged":                  "c000",
		"bignum":                  "c249010000000000000000",
		"self-described":          "d9d9f700",
		"indefinite list":         "9f01ff",
		"indefinite text":         "7f6161ff",
		"keys out of order":       "a202000100",
		"keys by length first":    "a2200119012c02", // as RFC 7049 did; RFC 8949 goes by bytes
		"the same key twice":      "a201000101",
		"long head":               "1800",
		"long length":             "580101",
		"invalid UTF-8":           "61ff",
		"two items":               "0000",
		"nothing":                 "",
		"cut short":               "8201",
		"break alone":             "ff",
		"17 levels":               strings.Repeat("81", 17) + "00",
		"reserved simple value":   "f818",
		"declares 2^31 elements":  "9a80000000",
		"declares 2^63 elements":  "9b8000000000000000",
		"declares 2^31 pairs":     "ba80000000",
		"declares 2^40 bytes":     "5b0000010000000000",
		"declares a text of 4 GB": "7affffffff",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(name, err)
		}
		if Check(b) == nil {
			t.Errorf("%s: accepted %x", name, b)
		}
	}
	for name, text := range map[string]string{
		"least integer":    "3bffffffffffffffff",
		"greatest integer": "1bffffffffffffffff",
		"null":             "f6",
		"16 levels":        strings.Repeat("81", 15) + "00",
		"mixed keys":       "a3010020026161f5",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(name, err)
		}
		if err := Check(b); err != nil {
			t.Errorf("%s: %x: %v", name, b, err)
		}
	}
}

// TestDeclaredSizesMakeNoRoom holds memory against input: what a hostile file
// declares must not be allocated before it is there, and small elements in the
// file must not become a flood of large ones in memory.
func TestDeclaredSizesMakeNoRoom(t *testing.T) {
	type wide struct {
		_     struct{} `cbor:",toarray"`
		A     Hash
		B     Hash
		Bytes []byte
	}
	array := func(n int, element string) []byte {
		head := []byte{0x9a, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		return append(head, strings.Repeat(element, n)...)
	}
	for name, c := range map[string]struct {
		b     []byte
		limit uint64
	}{
		"a million nulls":        {array(1<<20, "\xf6"), 1 << 20},
		"65,536 nulls":           {array(1<<16, "\xf6"), 64 << 20}, // within the bound: read, written back, found to differ
		"a million declared":     {array(1<<20, "")[:5], 1 << 20},
		"a million empty arrays": {array(1<<20, "\x80"), 1 << 20},
	} {
		for mode, decode := range map[string]func() error{
			"typed": func() error { return Unmarshal(c.b, new([]wide)) },
			"any":   func() error { return Check(c.b) },
			"large": func() error { return UnmarshalLarge(c.b, new([]wide), 72) },
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := decode()
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > c.limit {
				t.Errorf("%s, %s: %d bytes of input made %d bytes of memory", name, mode, len(c.b), grown)
			}
			if err == nil && !(mode == "any" && name == "65,536 nulls") {
				t.Errorf("%s, %s: accepted", name, mode)
			}
		}
	}
}

// TestUnmarshalLarge takes the long array that Unmarshal refuses.
func TestUnmarshalLarge(t *testing.T) {
	in := make([]Hash, maxElements+1)
	b, err := Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out []Hash
	if Unmarshal(b, &out) == nil {
		t.Error("Unmarshal has no bound")
	}
	if err := UnmarshalLarge(b, &out, HashSize); err != nil || len(out) != len(in) {
		t.Errorf("UnmarshalLarge: %d elements, %v", len(out), err)
	}
}

// Package canonical is the one encoding of everything Adamas signs or hashes:
// deterministic CBOR (RFC 8949 §4.2.1), decoded strictly.
//
// Invariant: for every value v, Unmarshal(b, &v) succeeds only if Marshal(v)
// gives back exactly b. Two byte strings can therefore never stand for the
// same statement, and a signature, a leaf hash and a commitment all bind the
// same bytes. Floats, undefined, tags other than the ones a caller names, and
// indefinite lengths have no place in a statement and are refused.
//
// It imports only the CBOR library; everything under verify/ builds on it.
package canonical

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"

	"github.com/fxamacker/cbor/v2"
)

// Raw is a piece of canonical CBOR that a later, typed step decodes.
type Raw = cbor.RawMessage

// ErrNotCanonical means the bytes are well-formed CBOR but not the one
// deterministic encoding of what they say.
var ErrNotCanonical = errors.New("not in canonical form (RFC 8949 §4.2.1)")

var encMode = must(cbor.EncOptions{
	Sort:          cbor.SortCoreDeterministic,
	ShortestFloat: cbor.ShortestFloat16,
	NaNConvert:    cbor.NaNConvertReject,
	InfConvert:    cbor.InfConvertReject,
	IndefLength:   cbor.IndefLengthForbidden,
	TagsMd:        cbor.TagsForbidden,
	// An empty list has one form: null in its place would otherwise decode to
	// the same value and be written back as null.
	NilContainers: cbor.NilContainerAsEmpty,
}.EncMode())

// maxElements bounds every array and map unless a caller asks for more: a
// decoder makes room for all declared elements at once, up to 40 bytes for one
// byte of input.
const maxElements = 1 << 16

var decMode = must(decOptions(maxElements).DecMode())

func decOptions(elements int) cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8RejectInvalid,
		MaxNestedLevels:   maxNested,
		MaxArrayElements:  elements,
		MaxMapPairs:       min(elements, maxElements),
		IntDec:            cbor.IntDecConvertNone,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		NaN:               cbor.NaNDecodeForbidden,
		Inf:               cbor.InfDecodeForbidden,
	}
}

// must stands at package level only: the options above are constants, so a
// failure is a programming error that no input can cause.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Marshal gives the one encoding of v.
func Marshal(v any) ([]byte, error) { return encMode.Marshal(v) }

// Unmarshal decodes b into v (a non-nil pointer) and refuses duplicate keys,
// unknown fields, trailing bytes, and anything that Marshal would write
// differently.
func Unmarshal(b []byte, v any) error { return unmarshal(decMode, b, v) }

// UnmarshalLarge is Unmarshal for a file that may hold long arrays, each of
// whose elements is at least least bytes long in the file (1 or more): an
// array that declares more elements than could be there is refused before room
// is made for it.
func UnmarshalLarge(b []byte, v any, least int) error {
	mode, err := decOptions(max(maxElements, len(b)/least)).DecMode()
	if err != nil {
		return err
	}
	return unmarshal(mode, b, v)
}

func unmarshal(mode cbor.DecMode, b []byte, v any) error {
	if err := mode.Unmarshal(b, v); err != nil {
		return err
	}
	again, err := encMode.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return ErrNotCanonical
	}
	return nil
}

// Check refuses b unless it is canonical CBOR of some value without floats.
// It serves statement types this version does not know.
func Check(b []byte) error {
	var v any
	if err := decMode.Unmarshal(b, &v); err != nil {
		return err
	}
	if hasFloat(v) {
		return fmt.Errorf("floating point: %w", ErrNotCanonical)
	}
	again, err := encMode.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return ErrNotCanonical
	}
	return nil
}

func hasFloat(v any) bool {
	switch v := v.(type) {
	case float32, float64:
		return true
	case []any:
		for _, e := range v {
			if hasFloat(e) {
				return true
			}
		}
	case map[any]any:
		for k, e := range v {
			if hasFloat(k) || hasFloat(e) {
				return true
			}
		}
	}
	return false
}

// Major types of RFC 8949 §3.1, as they stand in the first byte of an item, and
// the two simple values that statements use.
const (
	majorUint     = 0 << 5
	majorNegative = 1 << 5
	majorBytes    = 2 << 5
	majorText     = 3 << 5
	majorArray    = 4 << 5
	majorMap      = 5 << 5
	majorTag      = 6 << 5
	majorSimple   = 7 << 5
	minorMask     = 1<<5 - 1

	simpleFalse = majorSimple | 20
	simpleTrue  = majorSimple | 21
)

// AppendUint writes n in its one form. It, AppendBytes and CutBytes serve fixed frames
// that are hashed or signed in great numbers; everything else is Marshal's.
func AppendUint(b []byte, n uint64) []byte { return appendHead(b, majorUint, n) }

// AppendBytes writes s as a byte string in its one form.
func AppendBytes(b, s []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(s))), s...)
}

// CutBytes takes a byte string in its one form from the front of b, as
// AppendBytes wrote it. The string shares memory with b.
func CutBytes(b []byte) (s, rest []byte, ok bool) {
	n, head := argument(b)
	if head == 0 || b[0]&^minorMask != majorBytes || n > uint64(len(b)-head) {
		return nil, nil, false
	}
	end := head + int(n)
	return b[head:end:end], b[end:], true
}

func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

// HashSize is the length in bytes of every hash in Adamas (SHA-256).
const HashSize = sha256.Size

// Hash is a SHA-256 digest. The zero Hash means "none" and is never a digest
// that occurs.
type Hash [HashSize]byte

// Sum gives the SHA-256 of b.
func Sum(b []byte) Hash { return sha256.Sum256(b) }

// Node is the hash of an inner node of a Merkle tree (RFC 9162 §2.1.1).
func Node(left, right Hash) Hash {
	b := [1 + 2*HashSize]byte{1}
	copy(b[1:], left[:])
	copy(b[1+HashSize:], right[:])
	return sha256.Sum256(b[:])
}

// IsZero tells whether h stands for "none".
func (h Hash) IsZero() bool { return h == Hash{} }

// String gives 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText makes a Hash hexadecimal in JSON.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(t []byte) error {
	if len(t) != 2*HashSize {
		return fmt.Errorf("a hash has %d hexadecimal digits, this has %d characters", 2*HashSize, len(t))
	}
	_, err := hex.Decode(h[:], t)
	return err
}

// Day is a civil day as days since 1970-01-01; it ends at 24:00 UTC.
type Day uint32

// Last is the last second of the day, in seconds since 1970-01-01T00:00:00Z;
// a certificate that expires on d is good up to and including Last.
func (d Day) Last() int64 { return int64(d)*86400 + 86399 }

// First is the first second of the day.
func (d Day) First() int64 { return int64(d) * 86400 }

// DayOf gives the civil day in UTC of a time in Unix seconds (0 before 1970).
func DayOf(unix int64) Day {
	if unix < 0 || unix/86400 > math.MaxUint32 {
		return 0
	}
	return Day(unix / 86400)
}

package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"unicode/utf8"
)

// A second reading of deterministic CBOR (RFC 8949 §4.2.1), written apart from
// package canonical: integers, byte and text strings, arrays, maps, true,
// false, null. Everything else, and every form that is not the shortest or not
// in order, is refused.

// Value is one of: int64, []byte, string, []Value, Mapping, bool, nil.
type Value any

// Mapping is a map with integer keys.
type Mapping map[int64]Value

var errCBOR = errors.New("not deterministic CBOR")

type reader struct {
	b     []byte
	depth int
}

// Decode reads exactly one value.
func Decode(b []byte) (Value, error) {
	r := reader{b: b}
	v, err := r.value()
	if err == nil && len(r.b) > 0 {
		return nil, errCBOR
	}
	return v, err
}

// head reads the initial byte and its argument.
func (r *reader) head() (major byte, arg uint64, err error) {
	if len(r.b) == 0 {
		return 0, 0, errCBOR
	}
	first := r.b[0]
	r.b = r.b[1:]
	major, low := first>>5, first&31
	switch {
	case low < 24:
		return major, uint64(low), nil
	case low > 27:
		return 0, 0, errCBOR
	}
	n := 1 << (low - 24)
	if len(r.b) < n {
		return 0, 0, errCBOR
	}
	var wide [8]byte
	copy(wide[8-n:], r.b[:n])
	r.b = r.b[n:]
	arg = binary.BigEndian.Uint64(wide[:])
	least := [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}[low-24]
	if arg < least {
		return 0, 0, errCBOR
	}
	return major, arg, nil
}

func (r *reader) value() (Value, error) {
	if r.depth++; r.depth > 20 {
		return nil, errCBOR
	}
	defer func() { r.depth-- }()
	major, arg, err := r.head()
	if err != nil {
		return nil, err
	}
	switch major {
	case 0, 1:
		if arg > 1<<62 {
			return nil, errCBOR
		}
		if major == 1 {
			return -1 - int64(arg), nil
		}
		return int64(arg), nil
	case 2, 3:
		return r.text(major, arg)
	case 4:
		return r.array(arg)
	case 5:
		return r.mapping(arg)
	case 7:
		switch arg {
		case 20, 21:
			return arg == 21, nil
		case 22:
			return nil, nil
		}
	}
	return nil, errCBOR
}

func (r *reader) text(major byte, n uint64) (Value, error) {
	if n > uint64(len(r.b)) {
		return nil, errCBOR
	}
	s := r.b[:n]
	r.b = r.b[n:]
	if major == 2 {
		return bytes.Clone(s), nil
	}
	if !utf8.Valid(s) {
		return nil, errCBOR
	}
	return string(s), nil
}

func (r *reader) array(n uint64) (Value, error) {
	if n > uint64(len(r.b)) {
		return nil, errCBOR
	}
	out := make([]Value, 0, n)
	for range n {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *reader) mapping(n uint64) (Value, error) {
	if n > uint64(len(r.b)) {
		return nil, errCBOR
	}
	out := make(Mapping, n)
	var last []byte
	for range n {
		before := r.b
		k, err := r.value()
		if err != nil {
			return nil, err
		}
		key, ok := k.(int64)
		coded := before[:len(before)-len(r.b)]
		if !ok || last != nil && bytes.Compare(last, coded) >= 0 {
			return nil, errCBOR
		}
		last = coded
		if out[key], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// The getters give the zero value for what is missing or of another type: each
// use says what it does about that.

// Int gives a whole number.
func (m Mapping) Int(k int64) int64 { v, _ := m[k].(int64); return v }

// Text gives a text.
func (m Mapping) Text(k int64) string { v, _ := m[k].(string); return v }

// Bytes gives a byte string, nil when there is none.
func (m Mapping) Bytes(k int64) []byte { v, _ := m[k].([]byte); return v }

// List gives an array.
func (m Mapping) List(k int64) []Value { v, _ := m[k].([]Value); return v }

// Bool gives true or false.
func (m Mapping) Bool(k int64) bool { v, _ := m[k].(bool); return v }

// Sub gives a map.
func (m Mapping) Sub(k int64) Mapping { return AsMap(m[k]) }

// AsMap gives v as a map, nil when it is none.
func AsMap(v Value) Mapping { m, _ := v.(Mapping); return m }

// AsList gives v as an array, nil when it is none.
func AsList(v Value) []Value { l, _ := v.([]Value); return l }

// Encode writes a value as Decode reads it (RFC 8949 §4.2.1).
func Encode(v Value) []byte { return appendValue(nil, v) }

func appendHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

func appendValue(b []byte, v Value) []byte {
	switch v := v.(type) {
	case int64:
		if v < 0 {
			return appendHead(b, 1, uint64(-1-v))
		}
		return appendHead(b, 0, uint64(v))
	case []byte:
		return append(appendHead(b, 2, uint64(len(v))), v...)
	case string:
		return append(appendHead(b, 3, uint64(len(v))), v...)
	case []Value:
		b = appendHead(b, 4, uint64(len(v)))
		for _, e := range v {
			b = appendValue(b, e)
		}
		return b
	case Mapping:
		b = appendHead(b, 5, uint64(len(v)))
		keys := make([][]byte, 0, len(v))
		for k := range v {
			keys = append(keys, appendValue(nil, k))
		}
		slices.SortFunc(keys, bytes.Compare)
		for _, k := range keys {
			key, err := Decode(k)
			if n, ok := key.(int64); err == nil && ok {
				b = appendValue(append(b, k...), v[n])
			}
		}
		return b
	case bool:
		return append(b, map[bool]byte{false: 0xf4, true: 0xf5}[v])
	}
	return append(b, 0xf6)
}

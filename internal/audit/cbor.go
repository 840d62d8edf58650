package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// A second reading of deterministic CBOR (RFC 8949 §4.2.1), written apart from
// package canonical: integers, byte and text strings, arrays, maps, true,
// false, null. Everything else, and every form that is not the shortest or not
// in order, is refused.

// value is one of: int64, []byte, string, []value, mapping, bool, nil.
type value any

// mapping is a map with integer keys.
type mapping map[int64]value

var errCBOR = errors.New("not deterministic CBOR")

type reader struct {
	b     []byte
	depth int
}

// decode reads exactly one value.
func decode(b []byte) (value, error) {
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

func (r *reader) value() (value, error) {
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

func (r *reader) text(major byte, n uint64) (value, error) {
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

func (r *reader) array(n uint64) (value, error) {
	if n > uint64(len(r.b)) {
		return nil, errCBOR
	}
	out := make([]value, 0, n)
	for range n {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *reader) mapping(n uint64) (value, error) {
	if n > uint64(len(r.b)) {
		return nil, errCBOR
	}
	out := make(mapping, n)
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

func (m mapping) int(k int64) int64    { v, _ := m[k].(int64); return v }
func (m mapping) text(k int64) string  { v, _ := m[k].(string); return v }
func (m mapping) bytes(k int64) []byte { v, _ := m[k].([]byte); return v }
func (m mapping) list(k int64) []value { v, _ := m[k].([]value); return v }
func (m mapping) bool(k int64) bool    { v, _ := m[k].(bool); return v }
func (m mapping) sub(k int64) mapping  { v, _ := m[k].(mapping); return v }

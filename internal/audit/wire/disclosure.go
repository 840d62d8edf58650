package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// Opened is what a disclosure shows, bound to the commitment that it opens
// (docs/formats, section 4).
type Opened struct {
	Root   Hash
	Count  int64
	Shown  map[int64]Value
	Hidden []int64 // labels of what is kept back
}

// Is tells whether it opens the commitment [root, count].
func (o *Opened) Is(c []Value) bool {
	if len(c) != 2 {
		return false
	}
	root, _ := c[0].([]byte)
	n, _ := c[1].(int64)
	return Same(root, o.Root) && n == o.Count
}

// Open computes the commitment that a disclosure opens.
func Open(d Mapping) (*Opened, error) {
	o := &Opened{Shown: map[int64]Value{}}
	var leaves []Hash
	last := int64(0)
	take := func(label int64, hidden Hash) error {
		if label <= last {
			return errors.New("labels do not ascend")
		}
		last = label
		leaf := append([]byte{0}, Encode([]Value{label, hidden[:]})...)
		leaves = append(leaves, sha256.Sum256(leaf))
		return nil
	}
	seed := d.Bytes(1)
	whole := len(d) == 2 && len(seed) == 16 && len(d.List(2)) > 0
	if !whole && (len(d) != 1 || len(d.List(3)) == 0) {
		return nil, errors.New("neither seed and facts nor slots")
	}
	for _, f := range d.List(2) {
		parts := AsList(f)
		if len(parts) != 2 {
			return nil, errors.New("a fact is no pair")
		}
		label, _ := parts[0].(int64)
		mac := hmac.New(sha256.New, seed)
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(label)))
		if err := take(label, hide(mac.Sum(nil)[:16], parts[1])); err != nil {
			return nil, err
		}
		o.Shown[label] = parts[1]
	}
	for _, s := range d.List(3) {
		label, hidden, value, shown, err := slot(AsMap(s))
		if err == nil {
			err = take(label, hidden)
		}
		if err != nil {
			return nil, err
		}
		if shown {
			o.Shown[label] = value
		} else {
			o.Hidden = append(o.Hidden, label)
		}
	}
	o.Root, o.Count = fold(leaves), int64(len(leaves))
	return o, nil
}

// slot reads {1: [label, salt, value]} or {2: [label, hash]}.
func slot(s Mapping) (label int64, hidden Hash, value Value, shown bool, err error) {
	if len(s) == 1 && len(s.List(1)) == 3 {
		parts := s.List(1)
		label, _ = parts[0].(int64)
		if salt, _ := parts[1].([]byte); len(salt) == 16 {
			return label, hide(salt, parts[2]), parts[2], true, nil
		}
	}
	if len(s) == 1 && len(s.List(2)) == 2 {
		parts := s.List(2)
		label, _ = parts[0].(int64)
		if h, _ := parts[1].([]byte); len(h) == 32 {
			return label, Hash(h), nil, false, nil
		}
	}
	return 0, hidden, nil, false, errors.New("a slot is neither shown nor hidden")
}

// hide is SHA-256 of CBOR [salt, value]. What was decoded strictly encodes to the
// same bytes.
func hide(salt []byte, v Value) Hash { return sha256.Sum256(Encode([]Value{salt, v})) }

// Bundle is a .adamas file as this package reads it (docs/formats, section 7).
type Bundle struct {
	Statement  []byte
	Disclosure Mapping // nil when it shows nothing
	Approvals  [][]byte
	Checkpoint string // of its proof; "" without one
}

// ReadBundle reads a bundle's file.
func ReadBundle(file []byte) (*Bundle, error) {
	body, ok := bytes.CutPrefix(file, []byte{0xd9, 0xd9, 0xf7})
	if !ok || len(file) > 4<<20 {
		return nil, errors.New("not an .adamas file")
	}
	v, err := Decode(body)
	m, ok := v.(Mapping)
	if err != nil || !ok || m.Int(1) != 1 || m.Bytes(2) == nil {
		return nil, errors.New("no bundle of version 1")
	}
	b := &Bundle{Statement: m.Bytes(2), Disclosure: m.Sub(3)}
	for _, a := range m.List(4) {
		one, _ := a.([]byte)
		b.Approvals = append(b.Approvals, one)
	}
	if len(b.Approvals) != 0 && len(b.Approvals) != 2 {
		return nil, errors.New("approvals come as a pair")
	}
	if proof := m.Text(5); proof != "" {
		_, checkpoint, ok := bytes.Cut([]byte(proof), []byte("\n\n"))
		if !ok {
			return nil, errors.New("its proof has no checkpoint")
		}
		b.Checkpoint = string(checkpoint)
	}
	return b, nil
}

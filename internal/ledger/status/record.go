package status

import (
	"encoding/binary"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/life"
	"adamas.example/verify/statement"
)

// record is what is kept of one statement until all that concern its number are
// together. It has a fixed size and sorts, as bytes, by number and place.
type record struct {
	number  uint64 // statement.NumberKey
	log     int
	index   uint64
	what    life.What // 0: the certificate
	home    int       // which of its Participant's home logs it stands in
	by      string
	hash    canonical.Hash // of the certificate, or of the one that is named
	other   uint64         // a replacement's number
	facts   commitment.Root
	kind    statement.Kind
	to      string
	issued  canonical.Day
	expires canonical.Day
	refused uint16 // index of why it does not count; 0 when it does
	signed  bool   // by an entitled office, at home: the number is used
}

const (
	recordSize = 116
	sortedBy   = 16 // leading bytes: number and place
	indexBits  = 48
)

func (r *record) put(b []byte) {
	be := binary.BigEndian
	be.PutUint64(b, r.number)
	be.PutUint64(b[8:], uint64(r.log)<<indexBits|r.index)
	b[16], b[17] = byte(r.what), byte(r.home)
	copy(b[18:20], r.by)
	copy(b[20:52], r.hash[:])
	be.PutUint64(b[52:], r.other)
	copy(b[60:92], r.facts.Hash[:])
	be.PutUint64(b[92:], r.facts.Count)
	be.PutUint16(b[100:], uint16(r.kind))
	copy(b[102:104], r.to)
	be.PutUint32(b[104:], uint32(r.issued))
	be.PutUint32(b[108:], uint32(r.expires))
	be.PutUint16(b[112:], r.refused)
	b[114] = 0
	if r.signed {
		b[114] = 1
	}
}

func (r *record) get(b []byte) {
	be := binary.BigEndian
	place := be.Uint64(b[8:])
	*r = record{number: be.Uint64(b), log: int(place >> indexBits), index: place & (1<<indexBits - 1), what: life.What(b[16]), home: int(b[17]),
		by: text(b[18:20]), hash: canonical.Hash(b[20:52]), other: be.Uint64(b[52:]),
		facts: commitment.Root{Hash: canonical.Hash(b[60:92]), Count: be.Uint64(b[92:])}, kind: statement.Kind(be.Uint16(b[100:])), to: text(b[102:104]),
		issued: canonical.Day(be.Uint32(b[104:])), expires: canonical.Day(be.Uint32(b[108:])), refused: be.Uint16(b[112:]), signed: b[114] == 1}
}

// text is a Participant's code, "" for none.
func text(b []byte) string {
	if b[0] == 0 {
		return ""
	}
	return string(b)
}

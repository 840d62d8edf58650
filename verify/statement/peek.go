package statement

import (
	"bytes"
	"strconv"

	"adamas.example/verify/canonical"
)

// PeekType reads the type of a statement from its first bytes, to pass over what a
// reader has no use for. It checks nothing else: what is used is parsed. ok is false
// for anything that cannot be a statement.
func PeekType(b []byte) (t Type, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte{0xd2, 0x84}) // tag 18, array of 4 (RFC 9052 §4.2)
	if !ok {
		return 0, false
	}
	if _, rest, ok = canonical.CutBytes(rest); !ok || len(rest) == 0 || rest[0] != 0xa0 {
		return 0, false
	}
	payload, _, ok := canonical.CutBytes(rest[1:])
	if !ok || len(payload) < 3 || payload[0]>>5 != 5 || payload[1] != 1 {
		return 0, false
	}
	switch {
	case payload[2] < 24:
		return Type(payload[2]), true
	case payload[2] == 24:
		return Type(payload[3]), true
	}
	return 0, false
}

// NumberKey writes a certificate number, two capital letters and 4 to 12 digits,
// into 8 bytes: no two numbers have the same, and they order by Participant, then
// length, then serial. Zero for what is no number.
func NumberKey(number string) uint64 {
	if checkNumber(number) != nil {
		return 0
	}
	serial, err := strconv.ParseUint(number[2:], 10, 64)
	if err != nil {
		return 0
	}
	return uint64(number[0]-'A')<<59 | uint64(number[1]-'A')<<54 | uint64(len(number)-2)<<50 | serial
}

// NumberOf is the number that NumberKey wrote.
func NumberOf(key uint64) string {
	r := NumberRange{Participant: string([]byte{'A' + byte(key>>59), 'A' + byte(key>>54&31)}), Digits: key >> 50 & 15}
	return r.Number(key & (1<<50 - 1))
}

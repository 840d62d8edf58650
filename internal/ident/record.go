package ident

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"adamas.example/internal/fault"
)

// RecordID names a record of ours: a UUID version 7 (RFC 9562 §5.7) in lower
// case. Ids sort by the millisecond they were made in; within one their order is
// chance. They cannot be guessed from one another.
type RecordID string

// NewRecordID makes an id from the time and ten bytes of entropy, both given by
// the caller. The time lies from 1970 to the year 10889.
func NewRecordID(at time.Time, entropy io.Reader) (RecordID, error) {
	ms := at.UnixMilli()
	if ms < 0 || ms >= 1<<48 {
		return "", fmt.Errorf("record id: time %s has no place in 48 bits of milliseconds", at)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(ms)<<16)
	if _, err := io.ReadFull(entropy, b[6:]); err != nil {
		return "", fmt.Errorf("record id: %w", err)
	}
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	return RecordID(dashed(b)), nil
}

func dashed(b [16]byte) string {
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ParseRecord reads a lower-case UUID version 7.
func ParseRecord(s string) (RecordID, error) {
	b, err := undashed(s)
	if err != nil || dashed(b) != s || b[6]>>4 != 7 || b[8]>>6 != 2 {
		return "", fault.Invalid("ident.not_a_record", fault.Text(s))
	}
	return RecordID(s), nil
}

// undashed is lenient about case and dashes; the caller compares the spelling.
func undashed(s string) (b [16]byte, err error) {
	if len(s) != 36 {
		return b, io.ErrUnexpectedEOF
	}
	raw, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	copy(b[:], raw)
	return b, err
}

// Time is the millisecond the id was made in; the zero time for no id.
func (id RecordID) Time() time.Time {
	b, err := undashed(string(id))
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b[:8]) >> 16)).UTC()
}

// UnmarshalText reads what ParseRecord reads.
func (id *RecordID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseRecord(string(text))
	return err
}

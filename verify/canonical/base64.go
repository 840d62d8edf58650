package canonical

import (
	"encoding/base64"
	"errors"
	"strings"
)

// strict is made once: the standard library copies a whole encoding for it.
var strict = base64.StdEncoding.Strict()

var errBase64 = errors.New("not base64 in its one form")

// Base64 decodes standard base64 (RFC 4648 §4) in its one form. The standard
// library skips line ends wherever they stand, even when it is strict: two
// texts would then be the same signature.
func Base64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errBase64
	}
	b, err := strict.DecodeString(s)
	if err != nil {
		return nil, errBase64
	}
	return b, nil
}

// HashChars is the length of a hash in base64.
const HashChars = (HashSize + 2) / 3 * 4

// Base64Hash is Base64 for a hash.
func Base64Hash[T string | []byte](s T) (h Hash, err error) {
	var from [HashChars]byte
	var b [HashChars / 4 * 3]byte
	if len(s) != HashChars {
		return h, errBase64
	}
	copy(from[:], s)
	// A line end that is skipped leaves too few characters for a hash.
	if n, err := strict.Decode(b[:], from[:]); err != nil || n != HashSize {
		return h, errBase64
	}
	return Hash(b[:HashSize]), nil
}

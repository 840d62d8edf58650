package reading

import (
	"errors"
	"testing"
)

// TestBytesAreNoCodes: "#" behind a letter in a damaged file does not make it a damaged
// code; in a text it does.
func TestBytesAreNoCodes(t *testing.T) {
	for raw, want := range map[string]error{
		"\x83\xff\nC#\x00":                   ErrFile,
		"\xa2/P#12\xfe":                      ErrFile,
		"re\xe7u\nHTTPS://V.KP.EXAMPLE/C#12": ErrFile,
		"HTTPS://V.KP.EXAMPLE/C#12":          ErrCodes,
		"hello":                              ErrFile,
		"":                                   ErrFile,
	} {
		if _, err := Open(nil, []byte(raw)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", raw, err, want)
		}
	}
}

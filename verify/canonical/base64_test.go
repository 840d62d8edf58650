package canonical

import (
	"encoding/base64"
	"testing"
)

// FuzzBase64: one text for one byte string.
func FuzzBase64(f *testing.F) {
	for _, s := range []string{"", "AA==", "AB==", "AAA=", "AAAA", "AA\n==", "\rAAAA", "AAAA\n", "AA", "AA=A", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", "____", "AAAA=", "AAAAAA==\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := Base64(s)
		if err == nil && base64.StdEncoding.EncodeToString(b) != s {
			t.Fatalf("%q was read, and is written %q", s, base64.StdEncoding.EncodeToString(b))
		}
		if h, hashErr := Base64Hash(s); (hashErr == nil) != (err == nil && len(b) == HashSize) || hashErr == nil && string(h[:]) != string(b) {
			t.Fatalf("%q as a hash: %x, %v", s, h, hashErr)
		}
	})
}

func TestBase64RefusesLineEnds(t *testing.T) {
	for _, s := range []string{"AA\r==", "AA\n==", "\nAAAA", "AAAA\r", "AB==", "AA="} {
		if b, err := Base64(s); err == nil {
			t.Errorf("%q was read as %x", s, b)
		}
	}
	if b, err := Base64("AAEC"); err != nil || string(b) != "\x00\x01\x02" {
		t.Errorf("%x %v", b, err)
	}
}

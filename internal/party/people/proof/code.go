package proof

import (
	"crypto/hmac"
	"crypto/sha1" // RFC 6238 §1.2; every app knows it, few know another
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

const (
	codeDigits = 6
	codeEvery  = 30 // seconds: RFC 6238 §5.2
	secretSize = 20 // RFC 4226 §4, R6
)

// NewSecret makes the secret of an app.
func NewSecret(entropy io.Reader) ([]byte, error) {
	b := make([]byte, secretSize)
	_, err := io.ReadFull(entropy, b)
	return b, err
}

// hotp is RFC 4226 §5.3.
func hotp(secret []byte, counter uint64, digits int) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], counter)
	mac := hmac.New(sha1.New, secret)
	mac.Write(b[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, n%pow10(digits))
}

func pow10(n int) uint32 {
	out := uint32(1)
	for range n {
		out *= 10
	}
	return out
}

// Step is the time step of RFC 6238 §4.2.
func Step(at time.Time) int64 { return at.Unix() / codeEvery }

// CodeAt is what the app shows.
func CodeAt(secret []byte, at time.Time) string {
	return hotp(secret, uint64(Step(at)), codeDigits)
}

// CheckCode tells whether the code is that of now, of the step before or of the one
// after (clocks differ: RFC 6238 §6), and later than the last that was taken. The
// step is to be stored as the last.
func CheckCode(secret []byte, typed string, at time.Time, last int64) (step int64, ok bool) {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
	for s := Step(at) - 1; s <= Step(at)+1; s++ {
		same := subtle.ConstantTimeCompare([]byte(hotp(secret, uint64(s), codeDigits)), []byte(typed)) == 1
		if same && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

var base = base32.StdEncoding.WithPadding(base32.NoPadding)

// Base32 is the secret for people who type it.
func Base32(secret []byte) string { return base.EncodeToString(secret) }

// URI is the secret for an app's camera
// (github.com/google/google-authenticator/wiki/Key-Uri-Format).
func URI(node, login string, secret []byte) string {
	q := url.Values{"secret": {Base32(secret)}, "issuer": {node}, "digits": {"6"}, "period": {"30"}, "algorithm": {"SHA1"}}
	// Some apps show a plus instead of a blank.
	return (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + node + ":" + login, RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}).String()
}

// RecoveryCodes is how many are printed at a time.
const RecoveryCodes = 10

// NewRecoveryCodes makes a list to print: 80 bits each, which nobody guesses, so
// that a plain hash keeps them.
func NewRecoveryCodes(entropy io.Reader) ([]string, error) {
	var out []string
	for range RecoveryCodes {
		b := make([]byte, 10)
		if _, err := io.ReadFull(entropy, b); err != nil {
			return nil, err
		}
		s := strings.ToLower(base.EncodeToString(b))
		out = append(out, s[:4]+"-"+s[4:8]+"-"+s[8:12]+"-"+s[12:])
	}
	return out, nil
}

// RecoveryHash is what is stored of a recovery code, however it was typed; false
// for what is none.
func RecoveryHash(typed string) ([32]byte, bool) {
	s := strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, typed))
	return sha256.Sum256([]byte("adamas recovery code " + s)), len(s) == 16
}

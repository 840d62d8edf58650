package api

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
)

// Token is an access key as a program sends it:
//
//	Authorization: Bearer adamas_live_3f9ac01b77d2_<64 hexadecimal digits>
//
// The word before tells people (and programs that look for lost secrets) what it is.
// The id finds the key; the secret is 256 random bits, so that its plain SHA-256 keeps
// it as well as a slow hash would.
type Token struct {
	Sandbox bool
	ID      string // 12 hexadecimal digits
	secret  [32]byte
}

const (
	tokenLive = "adamas_live_"
	tokenTest = "adamas_test_"
	idDigits  = 12
)

// NewToken makes a key.
func NewToken(entropy io.Reader, sandbox bool) (t Token, err error) {
	var id [idDigits / 2]byte
	if _, err := io.ReadFull(entropy, id[:]); err != nil {
		return t, err
	}
	if _, err := io.ReadFull(entropy, t.secret[:]); err != nil {
		return t, err
	}
	t.Sandbox, t.ID = sandbox, hex.EncodeToString(id[:])
	return t, nil
}

// Secret writes the key out, for the one moment in which it is shown.
func (t Token) Secret() string {
	prefix := tokenLive
	if t.Sandbox {
		prefix = tokenTest
	}
	return prefix + t.ID + "_" + hex.EncodeToString(t.secret[:])
}

// Hash is what is stored of it: it covers the kind and the id as well, so that a sandbox's
// key cannot be made one that counts.
func (t Token) Hash() [32]byte { return sha256.Sum256([]byte(t.Secret())) }

// String never writes the secret: a key that comes into a log by mistake stays one.
func (t Token) String() string { return "access key " + t.ID }

// GoString is String, for %#v.
func (t Token) GoString() string { return t.String() }

// ParseToken reads one; ok is false for anything that is not exactly one.
func ParseToken(s string) (t Token, ok bool) {
	rest, live := strings.CutPrefix(s, tokenLive)
	if !live {
		if rest, t.Sandbox = strings.CutPrefix(s, tokenTest); !t.Sandbox {
			return Token{}, false
		}
	}
	id, secret, cut := strings.Cut(rest, "_")
	raw, err := hex.DecodeString(secret)
	if !cut || err != nil || len(raw) != len(t.secret) || len(id) != idDigits || strings.Trim(id+secret, "0123456789abcdef") != "" {
		return Token{}, false
	}
	t.ID = id
	copy(t.secret[:], raw)
	return t, true
}

// bearer takes what is said to be a key out of an Authorization header (RFC 6750 §2.1).
func bearer(header string) (sent string, ok bool) {
	scheme, rest, _ := strings.Cut(header, " ")
	return strings.TrimLeft(rest, " "), strings.EqualFold(scheme, "Bearer")
}

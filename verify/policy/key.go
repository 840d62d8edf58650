package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"adamas.example/verify/canonical"

	"adamas.example/verify/statement"
)

// Signature types of a signed note's verifier key (C2SP signed-note).
const (
	algEd25519     = 0x01
	algCosignature = 0x04
)

// VKey is a signed-note verifier key: a name, a 4-byte hash of name and key,
// and the raw Ed25519 public key.
type VKey struct {
	Name   string
	Hash   uint32
	Public ed25519.PublicKey
	alg    byte
}

// LogVKey makes the key of a log (signature type 0x01).
func LogVKey(name string, pub ed25519.PublicKey) VKey { return newVKey(name, algEd25519, pub) }

// WitnessVKey makes the key of a witness (cosignature/v1, type 0x04).
func WitnessVKey(name string, pub ed25519.PublicKey) VKey { return newVKey(name, algCosignature, pub) }

func newVKey(name string, alg byte, pub ed25519.PublicKey) VKey {
	return VKey{Name: name, Hash: keyHash(name, alg, pub), Public: pub, alg: alg}
}

// String gives the text form: name+hash+base64(type, key).
func (k VKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.Name, k.Hash, base64.StdEncoding.EncodeToString(append([]byte{k.alg}, k.Public...)))
}

func keyHash(name string, alg byte, pub []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name))
	h.Write([]byte{'\n', alg})
	h.Write(pub)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// ParseVKey reads the text form of an Ed25519 log key or cosignature/v1 key.
func ParseVKey(s string) (VKey, error) {
	name, rest, ok1 := strings.Cut(s, "+")
	hash, b64, ok2 := strings.Cut(rest, "+")
	if !ok1 || !ok2 {
		return VKey{}, fmt.Errorf("%q is not a verifier key of the form name+hash+key", s)
	}
	if err := checkName(name); err != nil {
		return VKey{}, err
	}
	n, err := strconv.ParseUint(hash, 16, 32)
	if err != nil || len(hash) != 8 || strings.ToLower(hash) != hash {
		return VKey{}, fmt.Errorf("key of %s: the hash %q is not 8 lower-case hexadecimal digits", name, hash)
	}
	raw, err := canonical.Base64(b64)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		return VKey{}, fmt.Errorf("key of %s: not the base64 of a type byte and 32 bytes", name)
	}
	if raw[0] != algEd25519 && raw[0] != algCosignature {
		return VKey{}, fmt.Errorf("key of %s: signature type 0x%02x is not accepted here", name, raw[0])
	}
	if statement.WeakEd25519(raw[1:]) {
		return VKey{}, fmt.Errorf("key of %s: a point of small order, under which one signature is true for any text", name)
	}
	k := newVKey(name, raw[0], raw[1:])
	if k.Hash != uint32(n) {
		return VKey{}, fmt.Errorf("key of %s: the hash should be %08x, it says %s", name, k.Hash, hash)
	}
	return k, nil
}

// sameKey compares raw public keys, whatever they are called.
func (k VKey) sameKey(o VKey) bool { return bytes.Equal(k.Public, o.Public) }

// checkName holds the signed-note rule for key names and is stricter about
// what a reader could mistake: control and format characters are refused.
func checkName(s string) error {
	if s == "" || len(s) > 200 || !utf8.ValidString(s) || strings.ContainsRune(s, '+') {
		return fmt.Errorf("%q is not a key name", s)
	}
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return fmt.Errorf("%q is not a key name: the character U+%04X is not allowed", s, r)
		}
	}
	return nil
}

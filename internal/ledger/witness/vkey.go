package witness

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/fault"
	"adamas.example/verify/policy"
)

// maxName is the longest key name or origin in bytes that verify/policy reads.
const maxName = 200

// VKey writes the verifier key of a witness: name, key id, and the Ed25519
// public key under signature type 0x04 (tlog-cosignature, "Format"). It is what
// a log's operator puts on a `witness` line of the policy.
// Faults: witness.name, witness.signer.
func VKey(name string, pub ed25519.PublicKey) (string, error) {
	if err := checkKey(name, pub); err != nil {
		return "", err
	}
	return policy.WitnessVKey(name, pub).String(), nil
}

// LogVKey writes the verifier key of a log: as VKey, under signature type 0x01.
func LogVKey(name string, pub ed25519.PublicKey) (string, error) {
	if err := checkKey(name, pub); err != nil {
		return "", err
	}
	return policy.LogVKey(name, pub).String(), nil
}

func checkKey(name string, pub ed25519.PublicKey) error {
	if err := checkName(name); err != nil {
		return fault.Invalid("witness.name", fault.Arg("name", name), fault.Because(err))
	}
	if len(pub) != ed25519.PublicKeySize {
		return fault.Invalid("witness.signer", fault.Because(fmt.Errorf("public key of %d bytes", len(pub))))
	}
	return nil
}

// OriginHash is the folder of a log in a witness's monitoring address:
// lower-case hex of SHA-256 of the origin line without its newline.
func OriginHash(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return hex.EncodeToString(sum[:])
}

// checkName holds signed-note's rule for key names (not empty, UTF-8, no
// Unicode space, no plus) and is stricter where the name is shown to people:
// nothing invisible, so that no name can imitate another by control characters
// or by turning the direction of writing.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("empty")
	case len(name) > maxName:
		return fmt.Errorf("longer than %d bytes", maxName)
	case !utf8.ValidString(name):
		return errors.New("not UTF-8")
	}
	for _, r := range name {
		if r == '+' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return fmt.Errorf("holds %U", r)
		}
	}
	return nil
}

// logKey is one verifier key of a log, taken apart.
type logKey struct {
	vkey     string
	pub      [ed25519.PublicKeySize]byte
	verifier note.Verifier
}

// parseLogKey reads a log's verifier key of type 0x01 and refuses every
// spelling but the one LogVKey writes: two spellings of one key would pass for
// two keys.
func parseLogKey(vkey string) (logKey, error) {
	bad := func(err error) (logKey, error) {
		return logKey{}, fault.Invalid("witness.log_key", fault.Arg("vkey", vkey), fault.Because(err))
	}
	key, err := policy.ParseVKey(vkey)
	if err != nil {
		return bad(err)
	}
	canonical, err := LogVKey(key.Name, key.Public)
	if err != nil {
		return bad(err)
	}
	if canonical != vkey {
		return bad(errors.New("not an Ed25519 key of type 0x01 in its one spelling"))
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return bad(err)
	}
	return logKey{vkey: vkey, pub: [ed25519.PublicKeySize]byte(key.Public), verifier: verifier}, nil
}

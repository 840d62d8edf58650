package keyring

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"filippo.io/age"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

func TestAFileThatAsksForTooMuchWorkIsRefused(t *testing.T) {
	r := newRing(t, word(testPhrase))
	mustNew(t, r, Spec{Name: "office", Purpose: Office, Created: created})
	rewrite(t, r, "office", func(b []byte) []byte {
		_, rest, _ := bytes.Cut(b, []byte(" 1\n"))
		head, _, _ := bytes.Cut(b, []byte(" 1\n"))
		return append(append(head[:len(head):len(head)], " 21\n"...), rest...)
	})
	_, err := r.Signer(t.Context(), "office", Office)
	wantFault(t, err, "damaged")
}

// rewrite changes a key file and the seal in its card: what somebody does who
// knows this program.
func rewrite(t testing.TB, r *Ring, name string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(r.path(name, keySuffix))
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Card(name)
	if err != nil {
		t.Fatal(err)
	}
	b = change(b)
	c.sealed = canonical.Sum(b)
	card, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(r.path(name, keySuffix), b, 0o600), os.WriteFile(r.path(name, cardSuffix), card, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestEveryByteOfAKeyFileCounts(t *testing.T) {
	id, _ := newIdentity(t)
	for lockName, lock := range map[string]Lock{"passphrase": word(testPhrase), "identity": id} {
		for _, spec := range []Spec{{Name: "k", Purpose: Office, Created: created}, {Name: "k", Purpose: Message, Created: created}} {
			t.Run(lockName+" "+string(spec.Purpose), func(t *testing.T) {
				r := newRing(t, lock)
				mustNew(t, r, spec)
				use := func() error {
					_, _, err := r.open(t.Context(), "k", spec.Purpose)
					return err
				}
				whole, err := os.ReadFile(r.path("k", keySuffix))
				if err != nil {
					t.Fatal(err)
				}
				id, err := lock.identity(t.Context(), r.dir)
				if err != nil {
					t.Fatal(err)
				}
				for i := range whole {
					bad := bytes.Clone(whole)
					bad[i] ^= 1
					if err := os.WriteFile(r.path("k", keySuffix), bad, 0o600); err != nil {
						t.Fatal(err)
					}
					wantFault(t, use(), "damaged")
					// Were the card to agree, age would see it.
					if _, err := unseal(lock, id, bad); err == nil {
						t.Fatalf("byte %d changed and age opened the file", i)
					}
				}
				if err := os.WriteFile(r.path("k", keySuffix), whole, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := use(); err != nil {
					t.Fatalf("the whole file: %v", err)
				}
				for _, n := range []int{0, 1, len(whole) / 2, len(whole) - 1} {
					os.WriteFile(r.path("k", keySuffix), whole[:n], 0o600)
					wantFault(t, use(), "damaged")
				}
			})
		}
	}
}

// Somebody who knows this program changes the file and the card alike. Where
// only the key can tell the difference, it looks like a wrong passphrase.
func TestAFileChangedTogetherWithItsCardIsRefused(t *testing.T) {
	r := newRing(t, word(testPhrase))
	mustNew(t, r, Spec{Name: "k", Purpose: Office, Created: created})
	whole, err := os.ReadFile(r.path("k", keySuffix))
	if err != nil {
		t.Fatal(err)
	}
	salt := bytes.Index(whole, []byte("-> scrypt ")) + len("-> scrypt ")
	for at, want := range map[int]string{0: "damaged", salt: "wrong_passphrase", len(whole) - 1: "damaged"} {
		rewrite(t, r, "k", func([]byte) []byte {
			bad := bytes.Clone(whole)
			if bad[at]++; at == salt { // remains a letter of base64
				bad[at] = 'B'
				if whole[at] == 'B' {
					bad[at] = 'C'
				}
			}
			return bad
		})
		_, err := r.Signer(t.Context(), "k", Office)
		if wantFault(t, err, want); t.Failed() {
			t.Fatalf("byte %d", at)
		}
	}
	rewrite(t, r, "k", func([]byte) []byte { return whole })
	if _, err := r.Signer(t.Context(), "k", Office); err != nil {
		t.Error(err)
	}
}

func TestEveryByteOfACardCounts(t *testing.T) {
	id, _ := newIdentity(t)
	r := newRing(t, id)
	for _, spec := range []Spec{{Name: "k", Purpose: Office, Created: created}, {Name: "l", Purpose: Log, Label: origin, Created: created}} {
		mustNew(t, r, spec)
		path := r.path(spec.Name, cardSuffix)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range whole {
			for _, by := range []byte{1, 0x20} {
				bad := bytes.Clone(whole)
				bad[i] ^= by
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := r.Signer(t.Context(), spec.Name, spec.Purpose); err == nil {
					t.Fatalf("%s: byte %d (%q) changed by %d and nobody saw it", spec.Name, i, whole[i], by)
				} else if _, told := fault.Of(err); !told {
					t.Fatalf("%s: byte %d: no fault: %v", spec.Name, i, err)
				}
			}
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What the package comment promises to people without this program.
func TestOtherProgramsReadTheText(t *testing.T) {
	lock, id := newIdentity(t)
	r := newRing(t, lock)
	for _, spec := range specs() {
		mustNew(t, r, spec)
		b, err := os.ReadFile(r.path(spec.Name, keySuffix))
		if err != nil {
			t.Fatal(err)
		}
		text, err := unseal(lock, id, b)
		if err != nil {
			t.Fatal(err)
		}
		if spec.Purpose == Message {
			if ids, err := age.ParseIdentities(bytes.NewReader(text)); err != nil || len(ids) != 1 {
				t.Errorf("age reads %d identities: %v", len(ids), err)
			}
			continue
		}
		block, rest := pem.Decode(text)
		if block == nil || len(rest) != 0 {
			t.Fatalf("%s: no PEM block", spec.Name)
		}
		if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
			t.Errorf("%s: %v", spec.Name, err)
		}
		openssl, err := exec.LookPath("openssl")
		if err != nil {
			continue
		}
		cmd := exec.CommandContext(t.Context(), openssl, "pkey", "-noout")
		cmd.Stdin = bytes.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: openssl: %v: %s", spec.Name, err, out)
		}
	}
}

func secretText(t testing.TB, spec Spec) []byte {
	t.Helper()
	if err := spec.check(); err != nil {
		t.Fatal(err)
	}
	s, err := generate(spec.Purpose, spec.Algorithm)
	if err != nil {
		t.Fatal(err)
	}
	c, err := spec.card(s.public(), false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.render(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSecretsOfOthersAreRefused(t *testing.T) {
	office := string(secretText(t, Spec{Name: "k", Purpose: Office, Created: created}))
	other := string(secretText(t, Spec{Name: "k", Purpose: Office, Created: created}))
	message := string(secretText(t, Spec{Name: "k", Purpose: Message, Created: created}))
	i, j := strings.Index(office, "-----BEGIN"), strings.Index(other, "-----BEGIN")
	m := strings.Index(message, "AGE-SECRET")
	rsa := "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"
	for name, text := range map[string]string{
		"another's key":          office[:i] + other[j:],
		"an age key":             office[:i] + message[m:],
		"a key for messages":     message[:m] + office[i:],
		"no key":                 office[:i],
		"no card":                office[i:],
		"two keys":               office + office[i:],
		"something before":       "\n" + office,
		"something after":        office + "\n",
		"another PEM type":       strings.ReplaceAll(office, "PRIVATE KEY", "EC PRIVATE KEY"),
		"damaged PKCS#8":         office[:i] + rsa,
		"Windows line ends":      strings.ReplaceAll(office, "\n", "\r\n"),
		"an unterminated card":   strings.TrimSuffix(office[:i], "\n"),
		"an empty text":          "",
		"an age key in capitals": message[:m] + strings.ToLower(message[m:]),
	} {
		if _, _, err := parseSecret([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, _, err := parseSecret([]byte(office)); err != nil {
		t.Errorf("the key itself: %v", err)
	}
}

func TestCardsOfOthersAreRefused(t *testing.T) {
	r := newRing(t, Demonstration())
	read := func(s Spec) string {
		b, err := mustNew(t, r, s).Encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	office := read(Spec{Name: "office", Purpose: Office, Created: created})
	hsm := read(Spec{Name: "hsm", Purpose: Office, Algorithm: statement.ES256, Created: created})
	log := read(Spec{Name: "log", Purpose: Log, Label: origin, Created: created})
	message := read(Spec{Name: "message", Purpose: Message, Created: created})
	for name, text := range map[string]string{
		"a later form":               strings.Replace(office, `"adamas_key": 1`, `"adamas_key": 2`, 1),
		"an unknown member":          strings.Replace(office, "{", "{\n  \"x\": 1,", 1),
		"a member twice":             strings.Replace(office, `  "purpose": "office",`, `  "purpose": "office",`+"\n"+`  "purpose": "office",`, 1),
		"capitals":                   strings.Replace(office, `"purpose"`, `"Purpose"`, 1),
		"another purpose, no vkey":   strings.Replace(office, `"purpose": "office"`, `"purpose": "log"`, 1),
		"a log as an office":         strings.Replace(log, `"purpose": "log"`, `"purpose": "office"`, 1),
		"a log as a witness":         strings.Replace(log, `"purpose": "log"`, `"purpose": "witness"`, 1),
		"an HSM's key as a log":      strings.Replace(hsm, `"purpose": "office"`, `"purpose": "log"`, 1),
		"a message key as an office": strings.Replace(message, `"purpose": "message"`, `"purpose": "office"`, 1),
		"an office as a message key": strings.Replace(office, `"purpose": "office"`, `"purpose": "message"`, 1),
		"a message key with a vkey":  strings.Replace(message, `"recipient"`, `"vkey": "x",`+"\n"+`  "recipient"`, 1),
		"an office with a recipient": strings.Replace(office, `"sealed"`, `"recipient": "age1",`+"\n"+`  "sealed"`, 1),
		"a local time":               strings.Replace(office, "14:02:00Z", "15:02:00+01:00", 1),
		"half a mark":                strings.Replace(office, "SYNTHETIC", "synthetic", 1),
		"no end":                     office[:len(office)-1],
		"two cards":                  office + office,
		"very long":                  office + strings.Repeat(" ", maxCard),
		"nothing":                    "",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseCard([]byte(text))
			wantFault(t, err, "card_unreadable")
		})
	}
	for _, text := range []string{office, hsm, log, message} {
		if _, err := ParseCard([]byte(text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

func FuzzSecret(f *testing.F) {
	for _, spec := range specs() {
		f.Add(secretText(f, spec))
	}
	f.Add([]byte("# {}\n-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, s, err := parseSecret(text)
		if err != nil {
			return
		}
		again, err := s.render(c)
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("two texts for one key: %v", err)
		}
		if !c.isOf(s.public()) {
			t.Fatal("the card of another key")
		}
	})
}

func FuzzCard(f *testing.F) {
	r := newRing(f, Demonstration())
	for _, spec := range specs() {
		b, err := mustNew(f, r, spec).Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCard(b)
		if err != nil {
			return
		}
		again, err := c.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("two forms of one card: %v\n%s\n%s", err, b, again)
		}
		if c.Purpose != Message && c.KeyID().IsZero() {
			t.Fatal("a card without a key")
		}
	})
}

// FuzzKeyFile gives damaged files to the whole way from disk to signer.
func FuzzKeyFile(f *testing.F) {
	r := newRing(f, Demonstration())
	mustNew(f, r, Spec{Name: "k", Purpose: Office, Created: created})
	whole, err := os.ReadFile(r.path("k", keySuffix))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte("age-encryption.org/v1\n-> X25519 \n\n--- \n"))
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18\n\n--- \n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > maxKeyFile {
			return
		}
		rewrite(t, r, "k", func([]byte) []byte { return b })
		s, err := r.Signer(t.Context(), "k", Office)
		if (err == nil) != bytes.Equal(b, whole) {
			t.Fatalf("%d bytes: signer %v, error %v", len(b), s, err)
		}
		if _, told := fault.Of(err); err != nil && !told {
			t.Fatalf("no fault: %v", err)
		}
	})
}

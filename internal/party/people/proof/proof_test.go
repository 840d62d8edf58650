package proof

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/fault"
)

// TestTheVectorsOfRFC6238 are those of its appendix B for SHA-1, and what an app of
// six digits shows of them.
func TestTheVectorsOfRFC6238(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924",
		2000000000: "69279037", 20000000000: "65353130"} {
		if got := hotp(secret, uint64(Step(time.Unix(at, 0))), 8); got != want {
			t.Errorf("%d: %s, want %s", at, got, want)
		}
		if got := CodeAt(secret, time.Unix(at, 0)); got != want[2:] {
			t.Errorf("%d: %s, want %s", at, got, want[2:])
		}
	}
}

// TestNoCodeTwice: a code serves once, one step early or late and no further.
func TestNoCodeTwice(t *testing.T) {
	secret := []byte("12345678901234567890")
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "at"), 0)
		off := rapid.Int64Range(-3, 3).Draw(t, "off")
		last := Step(at) + rapid.Int64Range(-4, 2).Draw(t, "last")
		code := CodeAt(secret, at.Add(time.Duration(off)*30*time.Second))
		step, ok := CheckCode(secret, " "+code[:3]+" "+code[3:], at, last)
		want := off >= -1 && off <= 1 && Step(at)+off > last
		if ok != want && !collides(secret, code, at, last) {
			t.Fatalf("%d steps off, last %d of %d: %v", off, last, Step(at), ok)
		}
		if ok {
			if again, twice := CheckCode(secret, code, at, step); twice && again <= step {
				t.Fatal("a code was taken twice")
			}
		}
	})
}

// collides: another step near shows the same six digits by chance.
func collides(secret []byte, code string, at time.Time, last int64) bool {
	n := 0
	for s := Step(at) - 1; s <= Step(at)+1; s++ {
		if hotp(secret, uint64(s), codeDigits) == code && s > last {
			n++
		}
	}
	return n > 0
}

func TestPasswords(t *testing.T) {
	cheap := Cost{8, 1, 1}
	h, err := NewHasher(cheap, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.Hash(t.Context(), rand.Reader, "Ängste im Nebel")
	if err != nil || !strings.HasPrefix(text, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Fatal(text, err)
	}
	verify := func(h *Hasher, stored, typed string, ok, renew bool) {
		t.Helper()
		gotOK, gotRenew, err := h.Verify(t.Context(), stored, typed)
		if err != nil || gotOK != ok || gotRenew != renew {
			t.Errorf("%q: %v %v %v", typed, gotOK, gotRenew, err)
		}
	}
	verify(h, text, "Ängste im Nebel", true, false)
	verify(h, text, "A\u0308ngste im Nebel", true, false) // as another keyboard spells it
	verify(h, text, "ängste im Nebel", false, false)
	verify(h, text, "", false, false)
	verify(h, text, strings.Repeat("x", longest+1), false, false)
	verify(h, "", "Ängste im Nebel", false, false)
	dearer, err := NewHasher(Cost{16, 1, 1}, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	verify(dearer, text, "Ängste im Nebel", true, true)
	verify(dearer, text, "another one here", false, false)
	for _, bad := range []string{"x", "$argon2id$v=19$m=999999999,t=1,p=1$AAAA$AAAA", text[:len(text)-4], strings.Replace(text, "argon2id", "argon2i", 1)} {
		if ok, _, err := h.Verify(t.Context(), bad, "x"); err == nil || ok {
			t.Errorf("%q was read", bad)
		}
	}
}

// TestOnlySoManyAtOnce: who finds the line full is told, and who waits may give up.
func TestOnlySoManyAtOnce(t *testing.T) {
	h, err := NewHasher(Cost{8, 1, 1}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	done, err := h.turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() {
		_, err := h.turn(ctx)
		waits <- err
	}()
	for h.waiting.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	if _, err := h.turn(t.Context()); !fault.Is(err, "people.busy") {
		t.Error(err)
	}
	giveUp()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	done()
	if n := h.waiting.Load(); n != 0 {
		t.Error(n, "still wait")
	}
}

func TestPasswordsThatAreRefused(t *testing.T) {
	for password, want := range map[string]string{
		"elf tiger nacht":                  "",
		"elf t nacht":                      "people.password_short",
		"Password1234":                     "people.password_common",
		"motdepasse2026":                   "people.password_common",
		"password and thirty-one herons":   "",
		"aaaaaaaaaaaaaaaa":                 "people.password_common",
		"abababababababab":                 "people.password_common",
		"xx a.ngama 4711 xx":               "people.password_own",
		"the Ngama family":                 "people.password_own",
		"les hérons d’Anaïs":               "people.password_own",
		strings.Repeat("héron ", 200):      "people.password_long",
		"\u00e9\u00e8\u00ea\u00eb\u00e0 x": "people.password_short",
	} {
		err := CheckPassword(password, "a.ngama", "Anaïs Ngama")
		if want == "" && err != nil || want != "" && !fault.Is(err, want) {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}

func TestRecoveryCodes(t *testing.T) {
	codes, err := NewRecoveryCodes(rand.Reader)
	if err != nil || len(codes) != RecoveryCodes {
		t.Fatal(codes, err)
	}
	seen := make(map[[32]byte]bool)
	for _, c := range codes {
		hash, ok := RecoveryHash(c)
		other, _ := RecoveryHash(" " + strings.ToUpper(strings.ReplaceAll(c, "-", " ")))
		if !ok || hash != other || seen[hash] {
			t.Error(c)
		}
		seen[hash] = true
	}
	if _, ok := RecoveryHash("123456"); ok {
		t.Error("six digits are a recovery code")
	}
}

func TestSealAndItsKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "people.key")
	key, err := LoadKey(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadKey(path, rand.Reader)
	if err != nil || string(again) != string(key) || len(key) != 32 {
		t.Fatal(err)
	}
	s, err := NewSeal(key)
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.Close([]byte("secret"), "one")
	if got, err := s.Open(sealed, "one"); err != nil || string(got) != "secret" {
		t.Error(err)
	}
	if _, err := s.Open(sealed, "two"); err == nil {
		t.Error("opened for another")
	}
	if _, err := s.Open(nil, "one"); err == nil {
		t.Error("nothing was opened")
	}
	for name, spoil := range map[string]func() error{
		"cut off":  func() error { return os.Truncate(path, 60) },
		"too open": func() error { return os.Chmod(path, 0o644) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKey(path, rand.Reader); !fault.Is(err, "people.key_file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package keyring

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/verify/statement"
)

func TestPassphraseIsAskedOnceAndAgainAfterAWrongOne(t *testing.T) {
	r := newRing(t, word(testPhrase))
	mustNew(t, r, Spec{Name: "a", Purpose: Office, Created: created})
	mustNew(t, r, Spec{Name: "b", Purpose: Officer, Created: created})
	answers := []string{"SYNTHETIC but wrong", testPhrase, "never asked for"}
	asked := 0
	lock := &Passphrase{Ask: func(context.Context) (string, error) {
		asked++
		return answers[asked-1], nil
	}}
	r, err := Open(r.dir, lock)
	if err != nil {
		t.Fatal(err)
	}
	if asked != 0 {
		t.Error("asked before a key was needed")
	}
	if _, err := r.Cards(); err != nil || asked != 0 {
		t.Errorf("asked %d times for a list of cards: %v", asked, err)
	}
	_, err = r.Signer(t.Context(), "a", Office)
	wantFault(t, err, "wrong_passphrase")
	if f, _ := fault.Of(err); f.Args["name"] != "a" || strings.Contains(err.Error(), answers[0]) {
		t.Errorf("the fault says %v", f)
	}
	for _, k := range []struct {
		name    string
		purpose Purpose
	}{{"a", Office}, {"b", Officer}, {"a", Office}} {
		if _, err := r.Signer(t.Context(), k.name, k.purpose); err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want 2", asked)
	}
	nobody := errors.New("no terminal")
	r, err = Open(r.dir, &Passphrase{Ask: func(context.Context) (string, error) { return "", nobody }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Signer(t.Context(), "a", Office); !errors.Is(err, nobody) {
		t.Errorf("error %v, want that of Ask", err)
	}
}

func TestShortPassphrasesMakeNoKey(t *testing.T) {
	for _, phrase := range []string{"", "elevenchars"} {
		r := newRing(t, word(phrase))
		_, err := r.New(t.Context(), Spec{Name: "office", Purpose: Office, Created: created})
		wantFault(t, err, "passphrase_short")
		if left, _ := os.ReadDir(r.dir); len(left) != 0 {
			t.Errorf("left %v", left)
		}
	}
	mustNew(t, newRing(t, word("éééééééééééé")), Spec{Name: "office", Purpose: Office, Created: created})
}

func TestTheWrongLockSaysSo(t *testing.T) {
	id, _ := newIdentity(t)
	other, _ := newIdentity(t)
	spec := Spec{Name: "office", Purpose: Office, Created: created}
	byWord, byID, demo := newRing(t, word(testPhrase)), newRing(t, id), newRing(t, Demonstration())
	for _, r := range []*Ring{byWord, byID, demo} {
		mustNew(t, r, spec)
	}
	tests := []struct {
		name string
		ring *Ring
		lock Lock
		want string
	}{
		{"another passphrase", byWord, word("SYNTHETIC another"), "wrong_passphrase"},
		{"another identity", byID, other, "wrong_identity"},
		{"identity for a passphrase", byWord, id, "other_lock"},
		{"passphrase for an identity", byID, word(testPhrase), "other_lock"},
		{"a demonstration's key by passphrase", demo, word(testPhrase), "synthetic_only"},
		{"a demonstration's key by identity", demo, id, "synthetic_only"},
		{"a real key in the demonstration", byID, Demonstration(), "not_synthetic"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Open(tt.ring.dir, tt.lock)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Signer(t.Context(), "office", Office)
			wantFault(t, err, tt.want)
		})
	}
	_, err := byID.Signer(t.Context(), "office", Officer)
	wantFault(t, err, "other_purpose")
	_, err = byID.Messages(t.Context(), "office")
	wantFault(t, err, "other_purpose")
	for _, text := range []string{"", "AGE-SECRET-KEY-1", "# nothing\n", "age1qqqq"} {
		_, err := Identity(text)
		wantFault(t, err, "identity_form")
	}
}

// Somebody who holds the demonstration's identity takes the mark off the card.
func TestTheMarkCannotBeTakenOff(t *testing.T) {
	demo := newRing(t, Demonstration())
	mustNew(t, demo, Spec{Name: "office", Purpose: Office, Created: created})
	c, err := demo.Card("office")
	if err != nil {
		t.Fatal(err)
	}
	c.Synthetic = false
	b, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(demo.path("office", cardSuffix), b, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(demo.dir, demonstrationFile))
	if err != nil {
		t.Fatal(err)
	}
	lock, err := Identity(string(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(demo.dir, lock)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Signer(t.Context(), "office", Office)
	wantFault(t, err, "card_damaged")
}

func TestDemonstrationKeysSignOnlySyntheticThings(t *testing.T) {
	r := newRing(t, Demonstration())
	c := mustNew(t, r, Spec{Name: "authority", Purpose: Authority, Created: created})
	if card, _ := os.ReadFile(r.path("authority", cardSuffix)); !c.Synthetic || !strings.Contains(string(card), `"SYNTHETIC"`) {
		t.Errorf("the card is not marked:\n%s", card)
	}
	s, err := r.Signer(t.Context(), "authority", Authority)
	if err != nil {
		t.Fatal(err)
	}
	h, body := revocation("a test", false)
	_, err = s.Frame(h, body)
	wantFault(t, err, "synthetic_only")
	real := newTestSigner(t, Authority, edKey(t))
	payload, err := statement.Payload(h, body)
	if err != nil {
		t.Fatal(err)
	}
	u, err := statement.Unsign(s.Key().Alg, s.ID(), statement.ContentStatement, payload, false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Sign(t.Context(), u)
	wantFault(t, err, "synthetic_only")
	if _, err := s.Sign(t.Context(), frame(t, s, "a test")); err != nil {
		t.Errorf("a SYNTHETIC statement: %v", err)
	}
	if _, err := real.Frame(h, body); err != nil {
		t.Errorf("a real key: %v", err)
	}
}

func TestUnlockTakesAFolderAtItsWord(t *testing.T) {
	for name, lock := range map[string]Lock{"passphrase": word(testPhrase), "demonstration": Demonstration()} {
		made := newRing(t, lock)
		mustNew(t, made, Spec{Name: "office", Purpose: Office, Created: created})
		asked := 0
		r, err := Unlock(made.dir, func(context.Context) (string, error) { asked++; return testPhrase, nil })
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Signer(t.Context(), "office", Office)
		if err != nil {
			t.Fatal(err)
		}
		if demo := name == "demonstration"; s.Synthetic() != demo || (asked == 0) != demo {
			t.Errorf("%s: synthetic %v, asked %d times", name, s.Synthetic(), asked)
		}
	}
	_, err := Unlock(filepath.Join(t.TempDir(), "nowhere"), nil)
	wantFault(t, err, "folder_missing")

	// An identity smuggled into a real ring opens nothing and asks for nothing.
	made := newRing(t, word(testPhrase))
	mustNew(t, made, Spec{Name: "office", Purpose: Office, Created: created})
	other := newRing(t, Demonstration())
	mustNew(t, other, Spec{Name: "office", Purpose: Office, Created: created})
	b, err := os.ReadFile(filepath.Join(other.dir, demonstrationFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(made.dir, demonstrationFile), b, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Unlock(made.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Signer(t.Context(), "office", Office)
	wantFault(t, err, "not_synthetic")
}

func TestTheDemonstrationsIdentityIsLookedAt(t *testing.T) {
	r, other := newRing(t, Demonstration()), newRing(t, Demonstration())
	for _, r := range []*Ring{r, other} {
		mustNew(t, r, Spec{Name: "office", Purpose: Office, Created: created})
	}
	path := filepath.Join(r.dir, demonstrationFile)
	use := func() error {
		_, err := r.Signer(t.Context(), "office", Office)
		return err
	}
	b, err := os.ReadFile(filepath.Join(other.dir, demonstrationFile))
	if err != nil {
		t.Fatal(err)
	}
	_, id := newIdentity(t)
	for _, tt := range []struct{ text, want string }{
		{string(b), "wrong_identity"},
		{id.String() + "\n", "damaged"}, // without the warning
		{"", "damaged"},
	} {
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		wantFault(t, use(), tt.want)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantFault(t, use(), "identity_missing")
}

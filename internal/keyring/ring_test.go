package keyring

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

var created = time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)

const testPhrase = "SYNTHETIC twelve stones"

// word is a lock that knows its passphrase and costs a test nothing.
func word(phrase string) *Passphrase {
	return &Passphrase{Ask: func(context.Context) (string, error) { return phrase, nil }, WorkFactor: 1}
}

func newRing(t testing.TB, l Lock) *Ring {
	t.Helper()
	r, err := Create(filepath.Join(t.TempDir(), "keys"), l)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newIdentity(t testing.TB) (Lock, *age.X25519Identity) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	l, err := Identity("# kept on a stick\n" + id.String() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return l, id
}

// specs has one key of each purpose, and of each algorithm it may have.
func specs() []Spec {
	var all []Spec
	for _, p := range Purposes() {
		s := Spec{Name: string(p) + "-1", Purpose: p, Created: created}
		switch p {
		case Log:
			s.Label = origin
		case Witness:
			s.Label = "witness.cso.example/w1"
		}
		all = append(all, s)
		if p != Message && !p.signsNotes() {
			s.Name, s.Algorithm = string(p)+"-hsm", statement.ES256
			all = append(all, s)
		}
	}
	return all
}

func mustNew(t testing.TB, r *Ring, s Spec) *Card {
	t.Helper()
	c, err := r.New(t.Context(), s)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return c
}

func TestKeysComeBackFromTheDisk(t *testing.T) {
	id, _ := newIdentity(t)
	for name, lock := range map[string]Lock{"passphrase": word(testPhrase), "identity": id, "demonstration": Demonstration()} {
		t.Run(name, func(t *testing.T) {
			r := newRing(t, lock)
			made := map[string]*Card{}
			for _, s := range specs() {
				made[s.Name] = mustNew(t, r, s)
			}
			again, err := Open(r.dir, lock)
			if err != nil {
				t.Fatal(err)
			}
			cards, err := again.Cards()
			if err != nil || len(cards) != len(made) {
				t.Fatalf("%d cards of %d: %v", len(cards), len(made), err)
			}
			for _, c := range cards {
				if !c.equal(made[c.Name]) || c.Synthetic != (name == "demonstration") {
					t.Errorf("%s came back as another card: %+v", c.Name, c)
				}
				if c.Purpose == Message {
					openMessage(t, again, c)
					continue
				}
				s, err := again.Signer(t.Context(), c.Name, c.Purpose)
				if err != nil {
					t.Errorf("%s: %v", c.Name, err)
					continue
				}
				if diff := cmp.Diff(c.Key, s.Key()); diff != "" || s.ID() != c.KeyID() || s.Purpose() != c.Purpose {
					t.Errorf("%s: %s", c.Name, diff)
				}
				if s.Synthetic() != c.Synthetic || s.label != c.Label() {
					t.Errorf("%s: synthetic %v, label %q", c.Name, s.Synthetic(), s.label)
				}
			}
		})
	}
}

// openMessage sends a message to a card and reads it.
func openMessage(t *testing.T, r *Ring, c *Card) {
	t.Helper()
	to, err := age.ParseX25519Recipient(c.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := seal(to, []byte("SYNTHETIC bundle"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := r.Messages(t.Context(), c.Name)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(plain); err != nil || string(b) != "SYNTHETIC bundle" {
		t.Errorf("read %q, %v", b, err)
	}
	_, err = r.Signer(t.Context(), c.Name, Message)
	wantFault(t, err, "purpose")
}

func TestCardsSayWhatOthersNeed(t *testing.T) {
	r := newRing(t, word(testPhrase))
	for _, s := range specs() {
		c := mustNew(t, r, s)
		b, err := os.ReadFile(r.path(s.Name, cardSuffix))
		if err != nil {
			t.Fatal(err)
		}
		handed, err := ParseCard(b)
		if err != nil || !handed.equal(c) {
			t.Errorf("%s: the file does not parse as the card: %v", s.Name, err)
		}
		if s.Label == "" {
			continue
		}
		k, err := policy.ParseVKey(c.VKey)
		if err != nil || k.Name != s.Label {
			t.Errorf("%s: verifier key %q: %v", s.Name, c.VKey, err)
		}
		text := "log " + c.VKey + "\n"
		if s.Purpose == Witness {
			text = "witness w " + c.VKey + "\nlog " + policy.LogVKey("l", make([]byte, 32)).String() + "\nquorum w\n"
		} else {
			text += "witness w " + policy.WitnessVKey("w", make([]byte, 32)).String() + "\nquorum w\n"
		}
		if _, err := policy.Parse(text); err != nil {
			t.Errorf("%s: a policy does not take its verifier key: %v", s.Name, err)
		}
	}
}

func TestSpecsThatMakeNoKey(t *testing.T) {
	r := newRing(t, word(testPhrase))
	good := Spec{Name: "office", Purpose: Office, Created: created}
	tests := []struct {
		name string
		bend func(*Spec)
		want string
	}{
		{"no name", func(s *Spec) { s.Name = "" }, "name"},
		{"path in the name", func(s *Spec) { s.Name = "../office" }, "name"},
		{"capital in the name", func(s *Spec) { s.Name = "Office" }, "name"},
		{"long name", func(s *Spec) { s.Name = strings.Repeat("a", 65) }, "name"},
		{"no purpose", func(s *Spec) { s.Purpose = "" }, "purpose"},
		{"no time", func(s *Spec) { s.Created = time.Time{} }, "created"},
		{"label of an office", func(s *Spec) { s.Label = origin }, "label"},
		{"log without label", func(s *Spec) { s.Purpose = Log }, "label"},
		{"log with a bad label", func(s *Spec) { s.Purpose, s.Label = Log, "a b" }, "label"},
		{"log with ES256", func(s *Spec) { s.Purpose, s.Label, s.Algorithm = Log, origin, statement.ES256 }, "algorithm"},
		{"message with EdDSA", func(s *Spec) { s.Purpose, s.Algorithm = Message, statement.EdDSA }, "algorithm"},
		{"unknown algorithm", func(s *Spec) { s.Algorithm = -37 }, "algorithm"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			tt.bend(&s)
			_, err := r.New(t.Context(), s)
			wantFault(t, err, tt.want)
		})
	}
	if left, err := os.ReadDir(r.dir); err != nil || len(left) != 0 {
		t.Errorf("refused keys left %v (%v)", left, err)
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	r := newRing(t, word(testPhrase))
	s := Spec{Name: "office", Purpose: Office, Created: created}
	mustNew(t, r, s)
	before := snapshot(t, r.dir)
	_, err := r.New(t.Context(), s)
	wantFault(t, err, "exists")
	if diff := cmp.Diff(before, snapshot(t, r.dir)); diff != "" {
		t.Error(diff)
	}
	for _, suffix := range []string{keySuffix, cardSuffix} {
		if err := os.WriteFile(r.path("stray", suffix), []byte("somebody's"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := r.New(t.Context(), Spec{Name: "stray", Purpose: Office, Created: created})
		wantFault(t, err, "exists")
		if b, _ := os.ReadFile(r.path("stray", suffix)); string(b) != "somebody's" {
			t.Errorf("the stray %s now holds %q", suffix, b)
		}
		os.Remove(r.path("stray", suffix))
	}
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

// Many rings on one folder, as several processes would be: one of them wins.
func TestOneOfManyCreatorsWins(t *testing.T) {
	first := newRing(t, Demonstration())
	mustNew(t, first, Spec{Name: "first", Purpose: Office, Created: created})
	dir := first.dir
	var made, refused atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			r, err := Open(dir, Demonstration())
			if err != nil {
				t.Error(err)
				return
			}
			switch _, err := r.New(t.Context(), Spec{Name: "office", Purpose: Office, Created: created}); {
			case err == nil:
				made.Add(1)
			case fault.Is(err, "keyring.exists"):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if made.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
	r, err := Open(dir, Demonstration())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Signer(t.Context(), "office", Office); err != nil {
		t.Error(err)
	}
}

func TestAnInterruptedCreationIsSeen(t *testing.T) {
	r := newRing(t, word(testPhrase))
	mustNew(t, r, Spec{Name: "office", Purpose: Office, Created: created})
	mustNew(t, r, Spec{Name: "other", Purpose: Office, Created: created})
	if err := os.Remove(r.path("office", cardSuffix)); err != nil {
		t.Fatal(err)
	}
	_, err := r.Signer(t.Context(), "office", Office)
	wantFault(t, err, "unfinished")
	cards, err := r.Cards()
	wantFault(t, err, "unfinished")
	if len(cards) != 1 || cards[0].Name != "other" {
		t.Errorf("the good card is not listed beside the fault: %v", cards)
	}
	if err := os.Remove(r.path("other", keySuffix)); err != nil {
		t.Fatal(err)
	}
	_, err = r.Signer(t.Context(), "other", Office)
	wantFault(t, err, "not_found")
	for _, name := range []string{"nobody", "../keys/other", ""} {
		_, err = r.Signer(t.Context(), name, Office)
		wantFault(t, err, "not_found")
	}
	_, err = Open(filepath.Join(r.dir, "nowhere"), word(testPhrase))
	wantFault(t, err, "folder_missing")
	_, err = Open(r.path("other", cardSuffix), word(testPhrase))
	wantFault(t, err, "folder_missing")
	_, err = Create(filepath.Join(r.path("other", cardSuffix), "x"), word(testPhrase))
	wantFault(t, err, "folder_create")
}

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
				for i := range whole {
					bad := bytes.Clone(whole)
					bad[i] ^= 1
					if err := os.WriteFile(r.path("k", keySuffix), bad, 0o600); err != nil {
						t.Fatal(err)
					}
					wantFault(t, use(), "damaged")
					// And with a card that agrees, so that age alone must see it.
					// Where only the key can tell, it looks like a wrong one.
					rewrite(t, r, "k", func([]byte) []byte { return bad })
					err := use()
					if !fault.Is(err, "keyring.damaged") && !fault.Is(err, "keyring.wrong_passphrase") &&
						!fault.Is(err, "keyring.wrong_identity") && !fault.Is(err, "keyring.other_lock") {
						t.Fatalf("byte %d changed: %v", i, err)
					}
					rewrite(t, r, "k", func([]byte) []byte { return whole })
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

func TestOpenPermissionsAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access lists, not modes, decide on Windows")
	}
	id, _ := newIdentity(t)
	r := newRing(t, id)
	mustNew(t, r, Spec{Name: "office", Purpose: Office, Created: created})
	for _, suffix := range []string{keySuffix, cardSuffix} {
		if info, err := os.Stat(r.path("office", suffix)); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v (%v)", suffix, info.Mode(), err)
		}
	}
	if info, err := os.Stat(r.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v (%v)", info.Mode(), err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o610, 0o666} {
		if err := os.Chmod(r.path("office", keySuffix), mode); err != nil {
			t.Fatal(err)
		}
		_, err := r.Signer(t.Context(), "office", Office)
		wantFault(t, err, "too_open")
	}
	if err := os.Chmod(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Open(r.dir, id)
	wantFault(t, err, "too_open")
	_, err = Create(r.dir, id)
	wantFault(t, err, "too_open")
}

func TestNoTemporaryFileStays(t *testing.T) {
	r := newRing(t, Demonstration())
	mustNew(t, r, Spec{Name: "office", Purpose: Office, Created: created})
	var got []string
	for name := range snapshot(t, r.dir) {
		got = append(got, name)
	}
	want := map[string]bool{"office.key.age": true, "office.pub": true, demonstrationFile: true}
	if len(got) != len(want) || !want[got[0]] || !want[got[1]] || !want[got[2]] {
		t.Errorf("the folder holds %v", got)
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

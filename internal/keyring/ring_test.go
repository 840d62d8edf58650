package keyring

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
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
	"adamas.example/internal/store/durable"
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
		another, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		text := "log " + c.VKey + "\n"
		if s.Purpose == Witness {
			text = "witness w " + c.VKey + "\nlog " + policy.LogVKey("l", another).String() + "\nquorum w\n"
		} else {
			text += "witness w " + policy.WitnessVKey("w", another).String() + "\nquorum w\n"
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
	wantFault(t, err, "key_missing")
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

func TestADiskThatRefusesIsReported(t *testing.T) {
	r := newRing(t, Demonstration())
	c := mustNew(t, r, Spec{Name: "message", Purpose: Message, Created: created})
	if !c.KeyID().IsZero() {
		t.Errorf("a message key has the id %s, and signs nothing", c.KeyID())
	}
	if err := os.Mkdir(r.path("folder", cardSuffix), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := r.Card("folder")
	wantFault(t, err, "read")
	if err := errors.Join(os.Remove(r.path("message", keySuffix)), os.Mkdir(r.path("message", keySuffix), 0o700)); err != nil {
		t.Fatal(err)
	}
	_, err = r.Messages(t.Context(), "message")
	wantFault(t, err, "damaged")
	gone := newRing(t, word(testPhrase))
	if err := os.Remove(gone.dir); err != nil {
		t.Fatal(err)
	}
	_, err = gone.New(t.Context(), Spec{Name: "office", Purpose: Office, Created: created})
	wantFault(t, err, "write")
	_, err = gone.Cards()
	wantFault(t, err, "read")
}

// TestWritingAtomically: a name is taken once, and a writing that fails leaves it free.
func TestWritingAtomically(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "k")
	if err := writeNew(path, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(path, []byte("again")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second writing: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"k": "whole"}, snapshot(t, dir)); diff != "" {
		t.Error(diff)
	}
	if err := writeNew(filepath.Join(dir, "none", "k"), []byte("whole")); err == nil {
		t.Error("written into a folder that is not there")
	}
	failing := errors.New("no room")
	if err := durable.New(filepath.Join(dir, "l"), 0o600, func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		return errors.Join(err, failing)
	}); !errors.Is(err, failing) {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{"k": "whole"}, snapshot(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestMend: whatever a power cut leaves of making keys is finished, with the keys that
// were there, and a key that has its card is never touched.
func TestMend(t *testing.T) {
	for name, lock := range map[string]Lock{"passphrase": word(testPhrase), "demonstration": Demonstration()} {
		t.Run(name, func(t *testing.T) {
			r := newRing(t, lock)
			for _, s := range []Spec{{Name: "log", Purpose: Log, Label: "log.example/1", Created: created}, {Name: "office", Purpose: Office, Created: created}, {Name: "message", Purpose: Message, Created: created}} {
				mustNew(t, r, s)
			}
			if err := r.Keep(t.Context(), "https", []byte("secret")); err != nil {
				t.Fatal(err)
			}
			whole := snapshot(t, r.dir)
			for _, cut := range []func(t *testing.T){
				func(*testing.T) {},
				func(t *testing.T) { remove(t, r.path("office", cardSuffix)) },
				func(t *testing.T) { remove(t, r.path("message", cardSuffix)); remove(t, r.path("log", cardSuffix)) },
				func(t *testing.T) { empty(t, r.path("log", cardSuffix)) },
				func(t *testing.T) { empty(t, r.path("new", keySuffix)) },
				func(t *testing.T) { empty(t, r.path("new", keySuffix)); empty(t, r.path("new", cardSuffix)) },
				func(t *testing.T) { empty(t, r.path("new", keptSuffix)) },
				func(t *testing.T) {
					empty(t, r.path(".new", keySuffix+".1"))
					if err := os.WriteFile(r.path(".office", cardSuffix+".2147483648"), []byte("half a card"), 0o600); err != nil {
						t.Fatal(err)
					}
				},
			} {
				cut(t)
				if err := r.Mend(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(whole, snapshot(t, r.dir)); diff != "" {
					t.Error(diff)
				}
			}
			if _, err := r.Signer(t.Context(), "office", Office); err != nil {
				t.Error(err)
			}
		})
	}
	r := newRing(t, word(testPhrase))
	mustNew(t, r, Spec{Name: "office", Purpose: Office, Created: created})
	remove(t, r.path("office", cardSuffix))
	other, err := Open(r.dir, word("another passphrase altogether"))
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, other.Mend(t.Context()), "wrong_passphrase")
	if err := os.Rename(r.path("office", keySuffix), r.path("bureau", keySuffix)); err != nil {
		t.Fatal(err)
	}
	wantFault(t, r.Mend(t.Context()), "damaged")
	if exists(r.path("bureau", cardSuffix)) || !exists(r.path("bureau", keySuffix)) {
		t.Error("a key under another name got a card, or was taken away")
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func empty(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

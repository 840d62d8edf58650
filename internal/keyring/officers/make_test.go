package officers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
)

// TestMake: a key is made once, opens with its passphrase alone, and neither what a killed
// try left nor an empty folder is in its way; a try that fails leaves nothing.
func TestMake(t *testing.T) {
	at, now := At(t.TempDir()), time.Unix(1790000000, 0)
	lock := func(passphrase string, err error) keyring.Lock {
		return &keyring.Passphrase{WorkFactor: 10, Ask: func(context.Context) (string, error) { return passphrase, err }}
	}
	const good = "four green herons there"
	if _, err := at.Make(t.Context(), "ngoma", lock("", errors.New("gone")), now); err == nil {
		t.Error("made without a passphrase")
	}
	if left, err := os.ReadDir(filepath.Join(string(at), Folder)); err != nil || len(left) != 0 {
		t.Errorf("a failed try left %v %v", left, err)
	}
	// A kill after the key and before its card, and one of a folder made by hand.
	temp := filepath.Join(string(at), Folder, ".ngoma.making")
	for _, dir := range []string{temp, at.Ring("ngoma")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(temp, "officer.key.age"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all := at.All(); len(all) != 0 {
		t.Errorf("a half-made key is somebody's: %+v", all)
	}
	o, err := at.Make(t.Context(), "ngoma", lock(good, nil), now)
	if err != nil {
		t.Fatal(err)
	}
	if all := at.All(); len(all) != 1 || all[0] != o {
		t.Errorf("%+v, made %+v", all, o)
	}
	if _, err := os.Stat(temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder stays: %v", err)
	}
	if c, err := at.Card("ngoma"); err != nil || c.KeyID() != o.Key || c.Purpose != keyring.Officer || !c.Created.Equal(now) || c.Synthetic {
		t.Errorf("%+v %v", c, err)
	}
	if s, err := at.Signer(t.Context(), "ngoma", good); err != nil || s.ID() != o.Key {
		t.Errorf("%v %v", s, err)
	}
	if _, err := at.Signer(t.Context(), "ngoma", "five green herons there"); !fault.Is(err, "keyring.wrong_passphrase") {
		t.Errorf("another passphrase: %v", err)
	}
	if _, err := at.Make(t.Context(), "ngoma", lock(good, nil), now); !fault.Is(err, "keyring.officer_exists") {
		t.Errorf("a second key: %v", err)
	}
	if again, err := at.Of("ngoma"); err != nil || again != o {
		t.Errorf("the first key is gone: %+v %v", again, err)
	}
	if _, err := at.Make(t.Context(), "../keys", lock(good, nil), now); !fault.Is(err, "keyring.officer_login") {
		t.Errorf("a path: %v", err)
	}
}

// TestReplace: another key takes the place of a first one, which is kept beside it and is
// nobody's; a try that fails, or is cut short before, changes nothing.
func TestReplace(t *testing.T) {
	at, now := At(t.TempDir()), time.Unix(1790000000, 0)
	lock := func(passphrase string, err error) keyring.Lock {
		return &keyring.Passphrase{WorkFactor: 10, Ask: func(context.Context) (string, error) { return passphrase, err }}
	}
	const good, other = "four green herons there", "five blue herons there"
	if _, err := at.Replace(t.Context(), "ngoma", lock(good, nil), now); !fault.Is(err, "keyring.no_officer") {
		t.Errorf("nothing to replace: %v", err)
	}
	first, err := at.Make(t.Context(), "ngoma", lock(good, nil), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := at.Replace(t.Context(), "ngoma", lock("", errors.New("gone")), now); err == nil {
		t.Error("replaced without a passphrase")
	}
	if still, err := at.Of("ngoma"); err != nil || still != first {
		t.Errorf("a failed try left %+v %v", still, err)
	}
	// The new one cannot take the name: the first has it again.
	if err := place(filepath.Join(string(at), Folder, ".ngoma.making"), at.Ring("ngoma"), filepath.Join(string(at), Folder, ".ngoma."+first.Key.String())); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there took the name: %v", err)
	}
	if still, err := at.Of("ngoma"); err != nil || still != first {
		t.Errorf("a failed exchange left %+v %v", still, err)
	}
	second, err := at.Replace(t.Context(), "ngoma", lock(other, nil), now)
	if err != nil || second.Key == first.Key {
		t.Fatalf("%+v %v", second, err)
	}
	if all := at.All(); len(all) != 1 || all[0] != second {
		t.Errorf("%+v", all)
	}
	if s, err := at.Signer(t.Context(), "ngoma", other); err != nil || s.ID() != second.Key {
		t.Errorf("%v %v", s, err)
	}
	kept, err := keyring.Unlock(filepath.Join(string(at), Folder, ".ngoma."+first.Key.String()), func(context.Context) (string, error) { return good, nil })
	if err != nil {
		t.Fatal(err)
	}
	if s, err := kept.Signer(t.Context(), keyName, keyring.Officer); err != nil || s.ID() != first.Key {
		t.Errorf("the first key: %v %v", s, err)
	}
	// Cut short between the two: he has none, and makes one; what was set aside stays.
	if err := os.Rename(at.Ring("ngoma"), filepath.Join(string(at), Folder, ".ngoma."+second.Key.String())); err != nil {
		t.Fatal(err)
	}
	if third, err := at.Make(t.Context(), "ngoma", lock(good, nil), now); err != nil || third.Key == first.Key || third.Key == second.Key {
		t.Errorf("%+v %v", third, err)
	}
	if left, err := os.ReadDir(filepath.Join(string(at), Folder)); err != nil || len(left) != 3 {
		t.Errorf("%v %v", left, err)
	}
}

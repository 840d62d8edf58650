package officers

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
)

// TestOfficers: a login is no path, a folder without an officer's key is nobody's, and a
// key is opened by its own passphrase alone.
func TestOfficers(t *testing.T) {
	at := At(t.TempDir())
	if all := at.All(); len(all) != 0 {
		t.Errorf("%v in an empty folder", all)
	}
	for login, purpose := range map[string]keyring.Purpose{"ngoma": keyring.Officer, "b.kossi": keyring.Officer, "press": keyring.Office} {
		ring, err := keyring.Create(at.Ring(login), keyring.Demonstration())
		if err == nil {
			_, err = ring.New(t.Context(), keyring.Spec{Name: "mine", Purpose: purpose, Created: time.Unix(1790000000, 0)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(string(at), Folder, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	all := at.All()
	if len(all) != 2 || all[0].Login != "b.kossi" || all[1].Login != "ngoma" || all[0].Key == all[1].Key {
		t.Fatalf("%+v", all)
	}
	s, err := at.Signer(t.Context(), "ngoma", "")
	if err != nil || s.ID() != all[1].Key {
		t.Errorf("%v %v", s, err)
	}
	for _, login := range []string{"press", "empty", "nobody", "", ".", "..", "../officers/ngoma", "NGOMA", "ngoma/", "ngoma\x00"} {
		if _, err := at.Signer(t.Context(), login, ""); !fault.Is(err, "keyring.no_officer") {
			t.Errorf("%q: %v", login, err)
		}
	}
}

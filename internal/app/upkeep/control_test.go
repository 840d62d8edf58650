package upkeep

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// TestControl: who has the token gets a backup, and nobody else anything.
func TestControl(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(dir, "adamas.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	path := filepath.Join(dir, controlFile)
	if err := os.WriteFile(path, []byte("of a process that was killed"), 0o644); err != nil {
		t.Fatal(err)
	}
	stop, err := Listen(t.Context(), dir, Services{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the token: %v %v", info.Mode(), err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var c contact
	if err := json.Unmarshal(b, &c); err != nil || !strings.HasPrefix(c.Address, "127.0.0.1:") || len(c.Token) < 26 {
		t.Fatalf("%+v %v", c, err)
	}
	target := filepath.Join(t.TempDir(), "backup")
	for _, bad := range []struct{ method, path, token, file string }{
		{"POST", "/backup", "", target},
		{"POST", "/backup", c.Token[1:], target},
		{"POST", "/backup", c.Token + "A", target},
		{"GET", "/backup", c.Token, target},
		{"POST", "/", c.Token, target},
		{"POST", "/backup", c.Token, "backup"}, // where would that be?
	} {
		body, err := json.Marshal(backupOrder{bad.file})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest(bad.method, "http://"+c.Address+bad.path, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+bad.token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode < 400 || resp.StatusCode > 499 {
			t.Errorf("%+v: %s", bad, resp.Status)
		}
	}
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a backup was made without the token: %v", err)
	}
	made, err := askForBackup(t.Context(), dir, target, nil)
	if err != nil || made.Size == 0 || len(made.SHA256) != 64 {
		t.Fatalf("%+v %v", made, err)
	}
	// What it cannot do arrives as the fault it is.
	if _, err := askForBackup(t.Context(), dir, target, nil); !fault.Is(err, "store.snapshot_exists") {
		t.Errorf("%v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the address stays behind: %v", err)
	}
	if _, err := askForBackup(t.Context(), dir, target, nil); !fault.Is(err, "backup.no_answer") {
		t.Errorf("%v", err)
	}
}

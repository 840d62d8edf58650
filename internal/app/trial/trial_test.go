package trial

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
)

var now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func config() node.Config {
	return node.Config{Office: "CF/bangui", Station: "CF/bangui/pc-1", Origin: "cf.bangui.trial.example/2026", Synthetic: true}
}

// files are all that stand in a folder, by their paths within it.
func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			path, err = filepath.Rel(dir, path)
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestMakeCutOff: whatever file is missing, empty or half when the power comes back, a
// trial is made whole again. A key's own file is written in one go, so that no half of it
// is tried.
func TestMakeCutOff(t *testing.T) {
	dir := t.TempDir()
	if err := Make(t.Context(), dir, config(), now); err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	if len(all) < 20 {
		t.Fatalf("%q", all)
	}
	for _, name := range all {
		for _, cut := range []func(path string) error{os.Remove, func(path string) error { return os.Truncate(path, 0) }} {
			if err := cut(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			if err := Make(t.Context(), dir, config(), now); err != nil {
				t.Errorf("without %s: %v", name, err)
			}
			if o, err := setup.OfficeIn(dir); !fault.Is(err, "node.no_config") {
				t.Error(o, err)
			}
		}
	}
	if err := node.WriteConfig(dir, config()); err != nil {
		t.Fatal(err)
	}
	o, err := setup.OfficeIn(dir)
	if err != nil || len(o.Waits()) > 0 {
		t.Errorf("%v %v", o, err)
	}
	if err := Make(t.Context(), dir, config(), now); !fault.Is(err, "setup.folder_taken") {
		t.Errorf("made over an office: %v", err)
	}
}

// TestRealKeysStay: a folder with the keys of a real office in it is no trial's, also
// where the making of those was cut off.
func TestRealKeysStay(t *testing.T) {
	for _, cut := range []string{"", "office.pub"} {
		dir := t.TempDir()
		keys := filepath.Join(dir, node.KeysFolder)
		ring, err := keyring.Create(keys, &keyring.Passphrase{Ask: func(context.Context) (string, error) { return "SYNTHETIC passphrase", nil }, WorkFactor: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ring.New(t.Context(), keyring.Spec{Name: "office", Purpose: keyring.Office, Created: now}); err != nil {
			t.Fatal(err)
		}
		if cut != "" {
			if err := os.Remove(filepath.Join(keys, cut)); err != nil {
				t.Fatal(err)
			}
		}
		before := strings.Join(files(t, dir), " ")
		if err := Make(t.Context(), dir, config(), now); err == nil {
			t.Error("a trial was made over real keys")
		}
		if after := strings.Join(files(t, dir), " "); after != before {
			t.Errorf("%s, not %s", after, before)
		}
	}
}

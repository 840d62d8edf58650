package e2e

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStranger: somebody has a log folder and the root document, and nothing
// else. The audit is clean, and not clean after one byte of any file it reads
// is changed.
func TestStranger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if _, errs, code := run(t, nil, program(t), "demo", "--dir", dir, "--no-serve"); code != 0 {
		t.Fatal(errs)
	}
	root, log := filepath.Join(dir, "trust", "root-1.cbor"), filepath.Join(dir, "node-cf", "log")
	args := []string{program(t), "audit", "--root", root, log}
	if out, errs, code := run(t, nil, args...); code != 0 || !strings.Contains(out, "No violation found") || !strings.Contains(out, "SYNTHETIC") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	var files []string
	err := fs.WalkDir(os.DirFS(log), ".", func(path string, d fs.DirEntry, err error) error {
		if path == "checkpoint" || strings.HasPrefix(path, "tile/entries/") && !d.IsDir() {
			files = append(files, filepath.Join(log, path))
		}
		return err
	})
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	newest := files[:0:0] // older partial bundles may lie about; the audit reads the newest
	for _, f := range append(files, root) {
		whole, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		clean := 0
		for range 8 {
			bent := bytes.Clone(whole)
			bent[rand.IntN(len(bent))] ^= byte(1 + rand.IntN(255))
			if err := os.WriteFile(f, bent, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, _, code := run(t, nil, args...); code == 0 {
				clean++
			}
		}
		if err := os.WriteFile(f, whole, 0o644); err != nil {
			t.Fatal(err)
		}
		if clean == 0 {
			newest = append(newest, f)
		} else if !strings.Contains(f, ".p/") {
			t.Errorf("%s: clean after a byte was changed, %d of 8 times", f, clean)
		}
	}
	if len(newest) < 3 {
		t.Errorf("only %v matter to the audit", newest)
	}
}

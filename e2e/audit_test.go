package e2e

import (
	"bytes"
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
	// The checkpoint's second line is the size; the log is one bundle of that width.
	checkpoint := filepath.Join(log, "checkpoint")
	head, err := os.ReadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(log, "tile", "entries", "000.p", strings.Split(string(head), "\n")[1])
	for _, f := range []string{checkpoint, bundle, root} {
		whole, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			bent := bytes.Clone(whole)
			i := rand.IntN(len(bent))
			bent[i] ^= byte(1 + rand.IntN(255))
			if err := os.WriteFile(f, bent, 0o644); err != nil {
				t.Fatal(err)
			}
			if out, _, code := run(t, nil, args...); code == 0 {
				t.Errorf("%s: clean with byte %d changed\n%s", f, i, out)
			}
		}
		if err := os.WriteFile(f, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

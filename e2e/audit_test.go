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
// else. The audit is clean, and not clean after one byte of any public file
// is changed.
func TestStranger(t *testing.T) {
	dir := copied(t)
	root, log := filepath.Join(dir, "trust", "root-1.cbor"), filepath.Join(dir, "node-cf", "log")
	args := []string{program(t), "audit", "--root", root, log}
	if out, errs, code := run(t, nil, args...); code != 0 || !strings.Contains(out, "No violation found") || !strings.Contains(out, "SYNTHETIC") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	// With what the node holds besides, more is proved and nothing is wrong.
	more := append(args, "--node", filepath.Join(dir, "node-cf"), "--bundles", filepath.Join(dir, "certificates"))
	if out, errs, code := run(t, nil, more...); code != 0 || !strings.Contains(out, "whose approval by two officers is proved") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	for _, f := range append(publicFiles(t, log), root) {
		whole, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		bent := bytes.Clone(whole)
		i := rand.IntN(len(bent)) // audit.TestOneByteOfAnyFile bends more of each
		bent[i] ^= byte(1 + rand.IntN(255))
		if err := os.WriteFile(f, bent, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, _, code := run(t, nil, args...); code == 0 {
			t.Errorf("%s: clean with byte %d changed\n%s", f, i, out)
		}
		if err := os.WriteFile(f, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// publicFiles lists what a web server serves of a log: folders that begin with a
// point are the log's own.
func publicFiles(t *testing.T, log string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(log, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !d.IsDir():
			out = append(out, path)
		}
		return nil
	})
	if err != nil || len(out) < 3 {
		t.Fatal(out, err)
	}
	return out
}

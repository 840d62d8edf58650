package offered

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"adamas.example/internal/module"
)

// TestLeftAside: what a maker left that was killed is removed, and nothing else.
func TestLeftAside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{File, "." + File + ".123", "." + File + ".456", "node.toml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	New(&module.Node{Dir: dir}, slog.New(slog.DiscardHandler)).Run(ended)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 || left[0].Name() != "node.toml" || left[1].Name() != File {
		t.Errorf("%v %v", left, err)
	}
}

package ledger_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
)

func TestThreeLanguages(t *testing.T) {
	differences, err := lang.Compare(ledger.Text())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
}

// TestEveryFaultHasWords reads the sources of the ledger and of what belongs to
// it: every fault made there has words and a remedy, every word is used.
func TestEveryFaultHasWords(t *testing.T) {
	placeholders, err := lang.Placeholders(ledger.Text())
	if err != nil {
		t.Fatal(err)
	}
	keys := slices.Sorted(maps.Keys(placeholders))
	want := map[string]bool{}
	for _, state := range []ledger.State{ledger.Prepared, ledger.Signed, ledger.Logged, ledger.Witnessed} {
		want["ledger.state."+state.String()] = true
	}
	for _, hold := range []string{ledger.HoldRestored, ledger.HoldBehind, ledger.HoldForked, ledger.HoldClosed} {
		want["ledger.hold."+hold] = true
	}
	made := regexp.MustCompile(`fault\.[A-Z][A-Za-z]+\("(ledger\.[a-z_]+)"`)
	for _, dir := range []string{".", "tiles", "follow"} {
		names, err := fs.Glob(os.DirFS(dir), "*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range made.FindAllStringSubmatch(string(source), -1) {
				want["fault."+m[1]], want["fault."+m[1]+".remedy"] = true, true
			}
		}
	}
	if len(want) < 60 {
		t.Fatalf("only %d keys found: the test looks in the wrong place", len(want))
	}
	for key := range want {
		if !slices.Contains(keys, key) {
			t.Errorf("%s has no words", key)
		}
	}
	for _, key := range keys {
		if !want[key] {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

package ledger_test

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/ledger"
)

// TestPoints: the list of points is that of the source.
func TestPoints(t *testing.T) {
	here := os.DirFS(".")
	names, err := fs.Glob(here, "*.go")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	call := regexp.MustCompile(`\.point\("([^"]*)"\)`)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := fs.ReadFile(here, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			called[m[1]] = true
		}
	}
	want := slices.Sorted(slices.Values(ledger.Points()))
	if got := slices.Sorted(maps.Keys(called)); !slices.Equal(got, want) {
		t.Errorf("the source calls %v, listed are %v", got, want)
	}
}

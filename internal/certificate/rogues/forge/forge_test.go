package forge

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestForgersKnowNoDetector: nothing that is built into this package judges
// certificates, parties, shipments or logs (design.md 17). The formats that it writes
// are read by the same packages that the verifier reads them with.
func TestForgersKnowNoDetector(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for name := range strings.Lines(string(out)) {
		if inside, ours := strings.CutPrefix(strings.TrimSpace(name), "adamas.example/"); ours {
			got = append(got, inside)
		}
	}
	slices.Sort(got)
	want := []string{"internal/certificate/generate/openkeys", "internal/certificate/rogues/forge",
		"verify/bundle", "verify/canonical", "verify/commitment", "verify/pack", "verify/paper", "verify/policy", "verify/proof", "verify/statement", "verify/trust"}
	if !slices.Equal(got, want) {
		t.Errorf("built of\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

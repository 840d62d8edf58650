package judges

import (
	"strings"
	"testing"

	"github.com/transparency-dev/tessera"

	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

// TestTesseraCountsOneSignatureTwice is the third of the three parsers that
// docs/adr/0003 names (the others are judged beside our own, in verify/policy):
// a log that publishes under Tessera's policy takes the government's one
// cosignature, relabelled, for civil society's.
func TestTesseraCountsOneSignatureTwice(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	gov := w.Witnesses["gov1"]
	again := policy.WitnessVKey("witness.ngo.example/w", gov.Public())
	text := strings.Replace(w.Policy(l), w.Witnesses["civ1"].VKey.String(), again.String(), 1)
	size := int64(len(l.Leaves))
	short := l.Checkpoint(size, verifytest.Start+60, "gov1", "ind1")
	line := gov.Cosign(l.Body(size), verifytest.Start+60)
	line.Name, line.Hash = again.Name, again.Hash

	group, err := tessera.NewWitnessGroupFromPolicy([]byte(withAddresses(text)))
	if err != nil {
		t.Fatalf("Tessera refuses the policy now: %v", err)
	}
	if group.Satisfied([]byte(short)) {
		t.Fatal("Tessera is satisfied without civil society: this test proves nothing")
	}
	if !group.Satisfied([]byte(short + line.String())) {
		t.Error("Tessera has closed the hole")
	}
	if _, err := policy.Parse(text); err == nil {
		t.Error("our parser accepts one key in two pillars")
	}
	good, err := tessera.NewWitnessGroupFromPolicy([]byte(withAddresses(w.Policy(l))))
	if err != nil || !good.Satisfied([]byte(l.Checkpoint(size, verifytest.Start+60))) {
		t.Errorf("Tessera and our good policy: %v", err)
	}
}

// withAddresses gives each witness the URL that Tessera wants.
func withAddresses(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "witness ") {
			lines[i] = l + " https://w.example/"
		}
	}
	return strings.Join(lines, "\n")
}

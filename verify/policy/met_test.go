package policy_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

// TestMet: the witnesses that satisfy the quorum on paper are those whose
// cosignatures do.
func TestMet(t *testing.T) {
	l := verifytest.New().Logs[1]
	pol := parse(t, verifytest.New().Policy(l))
	rapid.Check(t, func(t *rapid.T) {
		labels := []string{}
		for _, label := range verifytest.WitnessLabels {
			if rapid.Bool().Draw(t, label) {
				labels = append(labels, label)
			}
		}
		c, err := policy.ParseCheckpoint(l.Checkpoint(1, verifytest.Start, labels...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = pol.Check(c)
		if err != nil && !errors.Is(err, policy.ErrQuorum) {
			t.Fatal(err)
		}
		if got := pol.Met(append(labels, "nobody")...); got != (err == nil) {
			t.Fatalf("Met(%v) = %v, Check says %v", labels, got, err)
		}
	})
}

package verify_test

import (
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/commitment"
)

// TestNullIsNoFact: a value of null would count as shown and say nothing, and
// the sums would pass over it.
func TestNullIsNoFact(t *testing.T) {
	for label := verify.LabelCarats; label <= verify.LabelHSValue; label++ {
		f, err := verify.DecodeFacts([]commitment.Fact{{Label: label, Value: []byte{0xf6}}})
		if err == nil {
			t.Errorf("label %d: null was taken: %+v", label, f)
		}
	}
}

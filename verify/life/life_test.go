package life

import (
	"slices"
	"testing"
)

// TestStanding: a case is closed by who opened it, later, and by what that Participant
// may say at all: an issuer cannot release goods that it opened a case about.
func TestStanding(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []Event
		want   []int
	}{
		{"a case", []Event{{What: Discrepant, By: "AE"}}, []int{0}},
		{"closed", []Event{{What: Discrepant, By: "AE"}, {What: Released, By: "AE", Index: 1}}, nil},
		{"closed by receipt", []Event{{What: Discrepant, By: "AE"}, {What: Received, By: "AE", Index: 1}}, []int{1}},
		{"closed before it was opened", []Event{{What: Discrepant, By: "AE", Index: 1}, {What: Released, By: "AE"}}, []int{0}},
		{"closed by another", []Event{{What: Discrepant, By: "AE"}, {What: Released, By: "EU", Index: 1}}, []int{0}},
		{"the issuer's, released by it", []Event{{What: Discrepant, By: "CF"}, {What: Released, By: "CF", Index: 1}}, []int{0}},
		{"the issuer's, seized by it", []Event{{What: Discrepant, By: "CF"}, {What: Seized, By: "CF", Index: 1}}, []int{0}},
		{"the issuer's, received back by it", []Event{{What: Discrepant, By: "CF"}, {What: Received, By: "CF", Index: 1}}, []int{1}},
	} {
		if got := Standing("CF", c.events); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

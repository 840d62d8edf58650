package shift

import (
	"testing"
	"time"

	"adamas.example/internal/web"
)

// TestShifts: each signature carries the proof on, to the end of a shift.
func TestShifts(t *testing.T) {
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	v := web.Visitor{Session: "s", Proven: start}
	var s Book
	signed := 0
	for at := start; at.Before(start.Add(24 * time.Hour)); at = at.Add(20 * time.Minute) {
		if s.Sign(v, at) {
			signed++
		}
	}
	if want := int(Longest/(20*time.Minute)) + 1; signed != want {
		t.Errorf("%d signatures, want %d", signed, want)
	}
	other := web.Visitor{Session: "t", Proven: start}
	if at := start.Add(40 * time.Minute); s.Sign(other, at) {
		t.Error("another session lives on signatures that are not its own")
	}
	if (&Book{}).Fresh(web.Visitor{Session: "s"}, start) || (&Book{}).Fresh(web.Visitor{Session: "s", Proven: start.Add(time.Hour)}, start) {
		t.Error("never proven, or in time to come")
	}
	v.Proven = start.Add(30 * time.Hour)
	if !s.Sign(v, v.Proven.Add(time.Minute)) {
		t.Error("proven anew")
	}
}

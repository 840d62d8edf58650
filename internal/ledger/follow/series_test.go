package follow_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/ledger/follow"
)

func thinned(times []time.Time) (out []time.Time) {
	for _, i := range follow.Thin(times) {
		out = append(out, times[i])
	}
	return out
}

// TestThin: thinned after every new checkpoint, as a node does, the series is the
// same as thinned once; the newest is always kept, and so is a day's last.
func TestThin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
		var all, kept []time.Time
		for range rapid.IntRange(1, 120).Draw(t, "checkpoints") {
			at = at.Add(time.Duration(rapid.Int64Range(1, 4*86400).Draw(t, "seconds")) * time.Second)
			all = append(all, at)
			kept = thinned(append(kept, at))
		}
		if once := thinned(all); !slices.Equal(once, kept) {
			t.Fatalf("thinned each time %v, once %v", kept, once)
		}
		if !kept[len(kept)-1].Equal(at) {
			t.Fatal("the newest is gone")
		}
		for i, x := range all {
			last := i+1 == len(all) || !all[i+1].Truncate(24*time.Hour).Equal(x.Truncate(24*time.Hour))
			if last && !slices.ContainsFunc(kept, x.Equal) {
				t.Fatalf("the last of the day %s is gone", x)
			}
		}
	})
}

// TestThinRule: all of a day, the last of each hour for 90 days, then of each day.
func TestThinRule(t *testing.T) {
	newest := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var all []time.Time
	for at := newest.AddDate(0, 0, -100); !at.After(newest); at = at.Add(10 * time.Minute) {
		all = append(all, at)
	}
	counts := map[string]int{}
	for _, x := range thinned(all) {
		switch age := newest.Sub(x); {
		case age <= 24*time.Hour:
			counts["all"]++
		case age <= 90*24*time.Hour:
			counts["hourly"]++
		default:
			counts["daily"]++
		}
	}
	if counts["all"] != 145 || counts["hourly"] != 89*24 || counts["daily"] < 10 || counts["daily"] > 11 {
		t.Error(counts)
	}
}

package period

import (
	"fmt"
	"time"
)

// Range is the days from From to the day before Until: [From, Until). The zero
// value is empty.
type Range struct {
	From  Date `json:"from"`
	Until Date `json:"until"`
}

// Since is the range that starts at from and has no end: it ends at Max.
func Since(from Date) Range { return Range{From: from, Until: Max} }

// Days is the range with both first and last day inside.
func Days(first, last Date) Range { return Range{From: first, Until: last.AddDays(1)} }

// Empty reports that no day lies in r.
func (r Range) Empty() bool { return r.From >= r.Until }

// Open reports that r has no end.
func (r Range) Open() bool { return r.Until == Max }

// Contains reports whether d lies in r.
func (r Range) Contains(d Date) bool { return r.From <= d && (d < r.Until || r.Open() && !r.Empty()) }

// Overlaps reports whether a day lies in both.
func (r Range) Overlaps(o Range) bool { return !r.Intersect(o).Empty() }

// Intersect is the days in both, an empty Range when there are none.
func (r Range) Intersect(o Range) Range {
	both := Range{From: max(r.From, o.From), Until: min(r.Until, o.Until)}
	if both.Empty() {
		return Range{}
	}
	return both
}

// Len is the number of days in r.
func (r Range) Len() int {
	if r.Empty() {
		return 0
	}
	return r.Until.DaysSince(r.From)
}

// Start is the first instant of r, 00:00 UTC.
func (r Range) Start() time.Time { return r.From.Start() }

// End is the first instant after r.
func (r Range) End() time.Time { return r.Until.Start() }

// String is "from/until", with ".." for no end (ISO 8601-2).
func (r Range) String() string {
	if r.Open() {
		return r.From.String() + "/.."
	}
	return fmt.Sprintf("%s/%s", r.From, r.Until)
}

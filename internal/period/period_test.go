package period_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
)

func day(t *testing.T, s string) period.Date {
	t.Helper()
	d, err := period.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func anyDate() *rapid.Generator[period.Date] {
	return rapid.Map(rapid.Int32Range(int32(period.Min), int32(period.Max)), func(n int32) period.Date { return period.Date(n) })
}

func TestBoundsAreTheWrittenYears(t *testing.T) {
	if period.Min.String() != "0001-01-01" || period.Max.String() != "9999-12-31" || period.Date(0).String() != "1970-01-01" {
		t.Errorf("%s %s %s", period.Min, period.Max, period.Date(0))
	}
	if period.Max.AddDays(1) != period.Max || period.Min.AddDays(-1) != period.Min {
		t.Error("a date left the years that can be written")
	}
}

func TestParseIsStrict(t *testing.T) {
	for _, s := range []string{"", "2026-1-2", "2026-02-29", "2026-13-01", "26-11-23", " 2026-11-23", "2026-11-23 ",
		"20261123", "2026-W47-1", "0000-01-01", "+2026-11-23", "2026-11-23T00:00:00Z", "２０２６-11-23"} {
		if d, err := period.Parse(s); !fault.Is(err, "period.not_a_day") {
			t.Errorf("Parse(%q) = %v, %v", s, d, err)
		}
	}
}

func TestTypedDatesAreDayFirst(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2026-11-23", "2026-11-23"},
		{" 23/11/2026 ", "2026-11-23"},
		{"3/1/2026", "2026-01-03"},
		{"03.01.2026", "2026-01-03"},
		{"3-1-2026", "2026-01-03"},
		{"1/13/2026", ""}, // month first is never guessed
		{"3/1/26", ""},
		{"31/02/2026", ""},
		{"0/1/2026", ""},
	}
	for _, tt := range tests {
		d, err := period.ParseTyped(tt.in)
		if tt.want == "" {
			if !fault.Is(err, "period.not_a_day") {
				t.Errorf("ParseTyped(%q) = %v, %v", tt.in, d, err)
			}
			continue
		}
		if err != nil || d.String() != tt.want {
			t.Errorf("ParseTyped(%q) = %v, %v, want %s", tt.in, d, err, tt.want)
		}
	}
}

func TestADayEndsAt24UTC(t *testing.T) {
	d := day(t, "2026-11-23")
	if got := d.End(); !got.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("End = %v", got)
	}
	if period.DateOf(d.End()) != d+1 || period.DateOf(d.End().Add(-time.Nanosecond)) != d {
		t.Error("the last instant of the day does not lie in it")
	}
	paris := time.FixedZone("", 2*60*60)
	if got := period.DateOf(time.Date(2026, 11, 24, 1, 59, 0, 0, paris)); got != d {
		t.Errorf("01:59 at UTC+2 lies on %v, want the UTC day", got)
	}
	if got := period.DateOf(time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)); got != -1 {
		t.Errorf("the day before the epoch is %d", got)
	}
}

func TestDatesAgreeWithTheStandardCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate().Draw(t, "d")
		back, err := period.Parse(d.String())
		if err != nil || back != d {
			t.Fatalf("%d prints %s, reads %d, %v", d, d, back, err)
		}
		n := rapid.IntRange(-20000, 20000).Draw(t, "n")
		if moved := d.AddDays(n); moved > period.Min && moved < period.Max {
			if got := d.Start().AddDate(0, 0, n).Format("2006-01-02"); got != moved.String() {
				t.Fatalf("%s %+d days = %s, want %s", d, n, moved, got)
			}
			if moved.DaysSince(d) != n {
				t.Fatalf("DaysSince = %d, want %d", moved.DaysSince(d), n)
			}
		}
		made, err := period.Day(d.Year(), d.Month(), d.Day())
		if err != nil || made != d {
			t.Fatalf("Day(%s) = %v, %v", d, made, err)
		}
	})
}

func TestMonthsKeepTheDayOrTheMonthsEnd(t *testing.T) {
	tests := []struct {
		from   string
		months int
		want   string
	}{
		{"2026-12-31", 2, "2027-02-28"},
		{"2027-12-31", 2, "2028-02-29"},
		{"2026-11-23", 1, "2026-12-23"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-01-15", -13, "2024-12-15"},
		{"2024-02-29", 12, "2025-02-28"},
	}
	for _, tt := range tests {
		if got := day(t, tt.from).AddMonths(tt.months).String(); got != tt.want {
			t.Errorf("%s %+d months = %s, want %s", tt.from, tt.months, got, tt.want)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	friday := day(t, "2026-11-20")
	monday := day(t, "2026-11-23")
	holiday := func(d period.Date) bool { return d == monday }
	tests := []struct {
		n       int
		holiday func(period.Date) bool
		want    string
	}{
		{0, nil, "2026-11-20"},
		{1, nil, "2026-11-23"},
		{1, holiday, "2026-11-24"},
		{10, nil, "2026-12-04"},
		{-5, nil, "2026-11-13"},
	}
	for _, tt := range tests {
		if got := friday.AddWorkingDays(tt.n, tt.holiday).String(); got != tt.want {
			t.Errorf("%d working days = %s, want %s", tt.n, got, tt.want)
		}
	}
}

// KPCS Annex III and domain.md 1.9: the dates are written out, not computed.
func TestDeadlinesOfAnnexIII(t *testing.T) {
	tests := []struct{ part, first, last, due string }{
		{"2026-Q1", "2026-01-01", "2026-03-31", "2026-05-31"},
		{"2026-Q2", "2026-04-01", "2026-06-30", "2026-08-31"},
		{"2026-Q3", "2026-07-01", "2026-09-30", "2026-11-30"},
		{"2026-Q4", "2026-10-01", "2026-12-31", "2027-02-28"},
		{"2027-Q4", "2027-10-01", "2027-12-31", "2028-02-29"},
		{"2026-H1", "2026-01-01", "2026-06-30", "2026-08-31"},
		{"2026-H2", "2026-07-01", "2026-12-31", "2027-02-28"},
	}
	for _, tt := range tests {
		var r period.Range
		var due period.Date
		if strings.Contains(tt.part, "Q") {
			q, err := period.ParseQuarter(tt.part)
			if err != nil {
				t.Fatal(err)
			}
			r, due = q.Range(), q.Due()
		} else {
			h, err := period.ParseHalf(tt.part)
			if err != nil {
				t.Fatal(err)
			}
			r, due = h.Range(), h.Due()
		}
		if got := []string{r.From.String(), r.Until.AddDays(-1).String(), due.String()}; !cmp.Equal(got, []string{tt.first, tt.last, tt.due}) {
			t.Errorf("%s: %v, want %s %s %s", tt.part, got, tt.first, tt.last, tt.due)
		}
	}
	if got := period.Year(2026).AnnualReportDue().String(); got != "2027-03-31" {
		t.Errorf("annual report due %s", got)
	}
}

func TestQuartersAndHalvesCoverEveryDayOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate().Filter(func(d period.Date) bool { return d.Year() < 9999 }).Draw(t, "d")
		q, h := period.QuarterOf(d), period.HalfOf(d)
		if !q.Range().Contains(d) || !h.Range().Contains(d) || q.Half() != h {
			t.Fatalf("%s not in %s and %s", d, q, h)
		}
		if q.Next().Range().Contains(d) || q.Next().Range().From != q.Range().Until || h.Next().Range().From != h.Range().Until {
			t.Fatalf("%s: the next part does not follow", d)
		}
		if back, err := period.ParseQuarter(q.String()); err != nil || back != q {
			t.Fatalf("%s reads %v, %v", q, back, err)
		}
		if q.Due() < q.Range().Until || h.Due() < h.Range().Until {
			t.Fatalf("%s: the deadline is not after the period", d)
		}
	})
}

func TestPartsAreStrict(t *testing.T) {
	for _, s := range []string{"", "2026Q4", "2026-Q5", "2026-Q0", "2026-q4", "0000-Q1", "2026-Q44", "202 -Q1"} {
		if _, err := period.ParseQuarter(s); !fault.Is(err, "period.not_a_quarter") {
			t.Errorf("ParseQuarter(%q): %v", s, err)
		}
	}
	for _, s := range []string{"2026-H3", "2026-H0", "2026-Q1"} {
		if _, err := period.ParseHalf(s); !fault.Is(err, "period.not_a_half") {
			t.Errorf("ParseHalf(%q): %v", s, err)
		}
	}
}

func TestLimits(t *testing.T) {
	tests := []struct{ limit, from, want string }{
		{"60 days", "2026-11-23", "2027-01-22"},
		{"1 month", "2026-01-31", "2026-02-28"},
		{"2 months", "2026-12-31", "2027-02-28"},
		{"10 working days", "2026-11-23", "2026-12-07"},
		{"3 weeks", "2026-11-23", "2026-12-14"},
		{"5 years", "2024-02-29", "2029-02-28"},
	}
	for _, tt := range tests {
		var l period.Limit
		if err := l.UnmarshalText([]byte(tt.limit)); err != nil {
			t.Fatal(err)
		}
		if got := l.After(day(t, tt.from), nil).String(); got != tt.want {
			t.Errorf("%s after %s = %s, want %s", tt.limit, tt.from, got, tt.want)
		}
	}
	if got := period.AmendmentNotice.Before(day(t, "2026-11-10"), nil).String(); got != "2026-08-12" {
		t.Errorf("90 days before 10 November = %s", got)
	}
	for _, s := range []string{"", "days", "60", "60days", "0 days", "-3 days", "060 days", "+6 days", "60 fortnights", "99999 days"} {
		if l, err := period.ParseLimit(s); !fault.Is(err, "period.not_a_limit") {
			t.Errorf("ParseLimit(%q) = %v, %v", s, l, err)
		}
	}
}

func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Map(rapid.Int32Range(0, 12), func(n int32) period.Date { return period.Date(n) })
		a := period.Range{From: small.Draw(t, "a"), Until: small.Draw(t, "b")}
		b := period.Range{From: small.Draw(t, "c"), Until: small.Draw(t, "d")}
		both, days := 0, 0
		for d := period.Date(-1); d < 14; d++ {
			if a.Contains(d) {
				days++
			}
			if a.Contains(d) && b.Contains(d) {
				both++
			}
			if (a.Contains(d) && b.Contains(d)) != a.Intersect(b).Contains(d) {
				t.Fatalf("%s and %s disagree with their intersection on %s", a, b, d)
			}
		}
		if a.Len() != days || a.Overlaps(b) != (both > 0) || a.Overlaps(b) != b.Overlaps(a) {
			t.Fatalf("%s %s: len %d of %d, overlap %v of %d", a, b, a.Len(), days, a.Overlaps(b), both)
		}
	})
	open := period.Since(day(t, "2014-03-30"))
	if !open.Contains(period.Max) || open.Contains(day(t, "2014-03-29")) || open.String() != "2014-03-30/.." {
		t.Errorf("open range %s", open)
	}
	closed := period.Days(day(t, "2026-01-01"), day(t, "2026-01-31"))
	if closed.Len() != 31 || closed.String() != "2026-01-01/2026-02-01" || !closed.End().Equal(day(t, "2026-01-31").End()) {
		t.Errorf("January is %s", closed)
	}
}

func TestJSONAndSQLForms(t *testing.T) {
	type record struct {
		Expires period.Date    `json:"expires"`
		Quarter period.Quarter `json:"quarter"`
		Half    period.Half    `json:"half"`
		Valid   period.Limit   `json:"valid"`
	}
	const text = `{"expires":"2027-01-22","quarter":"2026-Q4","half":"2026-H2","valid":"60 days"}`
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r)
	if err != nil || string(raw) != text {
		t.Errorf("%s %v", raw, err)
	}
	if err := json.Unmarshal([]byte(`{"expires":20475}`), &r); err == nil {
		t.Error("a number was read as a date")
	}
	value, err := r.Expires.Value()
	if err != nil || value != "2027-01-22" {
		t.Errorf("Value = %v, %v", value, err)
	}
	var back period.Date
	for _, src := range []any{"2027-01-22", []byte("2027-01-22")} {
		if err := back.Scan(src); err != nil || back != r.Expires {
			t.Errorf("Scan(%T) = %v, %v", src, back, err)
		}
	}
	if err := back.Scan(int64(3)); err == nil {
		t.Error("Scan took a number")
	}
	if _, err := (period.Max + 1).Value(); err == nil {
		t.Error("a date after 9999 was stored")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-11-23", "23/11/2026", "2026-Q4", "2026-H1", "60 days", "9999-12-31", "0001-01-01", "31.12.9999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := period.Parse(s); err == nil && d.String() != s {
			t.Errorf("Parse(%q) prints %s", s, d)
		}
		if d, err := period.ParseTyped(s); err == nil {
			if back, err := period.Parse(d.String()); err != nil || back != d {
				t.Errorf("ParseTyped(%q) = %d which does not read back", s, d)
			}
		}
		if q, err := period.ParseQuarter(s); err == nil && q.String() != s {
			t.Errorf("ParseQuarter(%q) prints %s", s, q)
		}
		if h, err := period.ParseHalf(s); err == nil && h.String() != s {
			t.Errorf("ParseHalf(%q) prints %s", s, h)
		}
		if l, err := period.ParseLimit(s); err == nil {
			if back, err := period.ParseLimit(l.String()); err != nil || back != l {
				t.Errorf("ParseLimit(%q) = %v which does not read back", s, l)
			}
		}
	})
}

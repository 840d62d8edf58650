package period

import (
	"fmt"
	"time"

	"adamas.example/internal/fault"
)

// Year is a civil year, 1 to 9999.
type Year int

// Range is the days of the year.
func (y Year) Range() Range { return monthsOf(int(y), 1, 12) }

// AnnualReportDue is the day by which a Participant's annual report on the year
// is due: 31 March of the next.
func (y Year) AnnualReportDue() Date { return y.Range().Until.AddMonths(3).AddDays(-1) }

// Quarter is three months of a year; N is 1 to 4. Trade statistics and counts
// of certificates are quarterly (KPCS Annex III).
type Quarter struct {
	Year int
	N    int
}

// Half is six months of a year; N is 1 or 2. Production statistics are
// semi-annual (KPCS Annex III).
type Half struct {
	Year int
	N    int
}

// QuarterOf is the quarter that holds d.
func QuarterOf(d Date) Quarter { return Quarter{d.Year(), (int(d.Month())-1)/3 + 1} }

// HalfOf is the half-year that holds d.
func HalfOf(d Date) Half { return Half{d.Year(), (int(d.Month())-1)/6 + 1} }

// ParseQuarter reads "2026-Q4".
func ParseQuarter(s string) (Quarter, error) {
	year, n, ok := parsePart(s, 'Q', 4)
	if !ok {
		return Quarter{}, fault.Invalid("period.not_a_quarter", fault.Text(s))
	}
	return Quarter{year, n}, nil
}

// ParseHalf reads "2026-H2".
func ParseHalf(s string) (Half, error) {
	year, n, ok := parsePart(s, 'H', 2)
	if !ok {
		return Half{}, fault.Invalid("period.not_a_half", fault.Text(s))
	}
	return Half{year, n}, nil
}

// parsePart reads four digits, '-', letter and one digit from 1 to most.
func parsePart(s string, letter byte, most int) (year, n int, ok bool) {
	if len(s) != 7 || s[4] != '-' || s[5] != letter {
		return 0, 0, false
	}
	for i, c := range []byte(s) {
		if i == 4 || i == 5 {
			continue
		}
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		if i < 4 {
			year = year*10 + int(c-'0')
		} else {
			n = int(c - '0')
		}
	}
	return year, n, year >= 1 && n >= 1 && n <= most
}

// monthsOf is the range of count months from month first of year.
func monthsOf(year, first, count int) Range {
	from := DateOf(time.Date(year, time.Month(first), 1, 0, 0, 0, 0, time.UTC))
	return Range{From: from, Until: from.AddMonths(count)}
}

// Range is the days of the quarter.
func (q Quarter) Range() Range { return monthsOf(q.Year, 3*q.N-2, 3) }

// Range is the days of the half-year.
func (h Half) Range() Range { return monthsOf(h.Year, 6*h.N-5, 6) }

// Due is the last day on which the quarter's statistics are in time, two months
// after the quarter: 31 May, 31 August, 30 November, last day of February
// (KPCS Annex III).
func (q Quarter) Due() Date { return due(q.Range()) }

// Due is the last day on which the half-year's production is in time: 31 August,
// last day of February (KPCS Annex III).
func (h Half) Due() Date { return due(h.Range()) }

// due counts whole months: to the day before the third month after the period.
func due(r Range) Date { return r.Until.AddMonths(2).AddDays(-1) }

// Next is the quarter after q.
func (q Quarter) Next() Quarter { return QuarterOf(q.Range().Until) }

// Next is the half-year after h.
func (h Half) Next() Half { return HalfOf(h.Range().Until) }

// Half is the half-year the quarter lies in.
func (q Quarter) Half() Half { return Half{q.Year, (q.N + 1) / 2} }

// String is "2026-Q4".
func (q Quarter) String() string { return fmt.Sprintf("%04d-Q%d", q.Year, q.N) }

// String is "2026-H2".
func (h Half) String() string { return fmt.Sprintf("%04d-H%d", h.Year, h.N) }

// MarshalText writes "2026-Q4".
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// MarshalText writes "2026-H2".
func (h Half) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (q *Quarter) UnmarshalText(text []byte) error {
	parsed, err := ParseQuarter(string(text))
	if err != nil {
		return err
	}
	*q = parsed
	return nil
}

// UnmarshalText reads what MarshalText writes.
func (h *Half) UnmarshalText(text []byte) error {
	parsed, err := ParseHalf(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

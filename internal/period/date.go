package period

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"adamas.example/internal/fault"
)

// Date is a civil day, as the number of days since 1970-01-01. The zero value
// is that day; a date that may be missing is a *Date. Dates compare with < and
// ==. Years 1 to 9999 can be written; see Min and Max.
type Date int32

// Min and Max are the first and last day that can be written.
const (
	Min Date = -719162 // 0001-01-01
	Max Date = 2932896 // 9999-12-31
)

const isoDay = "2006-01-02"

// DateOf is the UTC day that holds the instant t.
func DateOf(t time.Time) Date {
	const day = 24 * 60 * 60
	days := t.Unix() / day
	if t.Unix()%day < 0 {
		days--
	}
	return clamp(days)
}

// Day is the date of a year, month and day of month that exist.
func Day(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || t.Month() != month || t.Day() != day || year < 1 || year > 9999 {
		return 0, fault.Invalid("period.not_a_day", fault.Text(fmt.Sprintf("%04d-%02d-%02d", year, month, day)))
	}
	return DateOf(t), nil
}

// MustDay is Day for dates written in the program; it panics on a day that does
// not exist.
func MustDay(year int, month time.Month, day int) Date {
	d, err := Day(year, month, day)
	if err != nil {
		panic(err)
	}
	return d
}

// Parse reads the ISO 8601 calendar date "2026-11-23" and nothing else: no
// blanks, no short form, no week or ordinal date.
func Parse(s string) (Date, error) {
	t, err := time.Parse(isoDay, s)
	if err != nil || t.Year() < 1 {
		return 0, fault.Invalid("period.not_a_day", fault.Text(s))
	}
	return DateOf(t), nil
}

// ParseTyped reads a date as a person or a spreadsheet writes it: "2026-11-23",
// or day before month as French and Portuguese do, "23/11/2026" and "3.1.2026".
// Month before day is never guessed, and a year has four digits.
func ParseTyped(s string) (Date, error) {
	trimmed := strings.TrimSpace(s)
	if d, err := Parse(trimmed); err == nil {
		return d, nil
	}
	for _, layout := range []string{"2/1/2006", "2.1.2006", "2-1-2006"} {
		if t, err := time.Parse(layout, trimmed); err == nil && t.Year() >= 1 {
			return DateOf(t), nil
		}
	}
	return 0, fault.Invalid("period.not_a_day", fault.Text(s))
}

func clamp(days int64) Date { return Date(min(max(days, int64(Min)), int64(Max))) }

// Start is 00:00 UTC of the day.
func (d Date) Start() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// End is 24:00 UTC of the day, which is Start of the next. An instant t lies in
// the day when it is not before Start and before End.
func (d Date) End() time.Time { return d.Start().Add(24 * time.Hour) }

// Year, Month and Day of month.
func (d Date) Year() int { return d.Start().Year() }

// Month of the year.
func (d Date) Month() time.Month { return d.Start().Month() }

// Day of the month, from 1.
func (d Date) Day() int { return d.Start().Day() }

// Weekday of the date.
func (d Date) Weekday() time.Weekday { return d.Start().Weekday() }

// AddDays counts n days on, or back when n is negative. Beyond Min and Max it
// stays there.
func (d Date) AddDays(n int) Date { return clamp(int64(d) + int64(n)) }

// AddMonths counts n months on to the same day of the month, or to the month's
// last day when it has no such day: 31 December and two months is the last day
// of February.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	length := first.AddDate(0, 1, -1).Day()
	return DateOf(first.AddDate(0, 0, min(d.Day(), length)-1))
}

// AddWorkingDays counts n days on, or back when n is negative, skipping
// Saturdays, Sundays and the days for which holiday answers true. The day itself
// is not counted. holiday may be nil.
func (d Date) AddWorkingDays(n int, holiday func(Date) bool) Date {
	step := Date(1)
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 && d > Min && d < Max {
		d += step
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		if !weekend && (holiday == nil || !holiday(d)) {
			n--
		}
	}
	return d
}

// DaysSince is the number of days from earlier to d; negative when d is first.
func (d Date) DaysSince(earlier Date) int { return int(d) - int(earlier) }

// String is the ISO 8601 calendar date.
func (d Date) String() string { return d.Start().Format(isoDay) }

// MarshalText writes the ISO 8601 date; a Date outside Min to Max is refused.
func (d Date) MarshalText() ([]byte, error) {
	if d < Min || d > Max {
		return nil, fmt.Errorf("date %d days from 1970 cannot be written", int32(d))
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value stores a date as ISO 8601 text, which sorts by day on both engines.
func (d Date) Value() (driver.Value, error) {
	text, err := d.MarshalText()
	return string(text), err
}

// Scan reads what Value stores.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	}
	return fmt.Errorf("cannot read a date from %T", src)
}

package period

import (
	"fmt"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
)

// Unit is what a Limit counts.
type Unit string

// The units in which the scheme and national law state limits.
const (
	CalendarDays Unit = "days"
	WorkingDays  Unit = "working days"
	Weeks        Unit = "weeks"
	Months       Unit = "months"
	Years        Unit = "years"
)

// Limit is a length of time as a rule states it: "60 days", "10 working days".
// Limits that differ by Participant are data of rule sets; those below bind all.
type Limit struct {
	N    int
	Unit Unit
}

// Limits of the scheme itself, the same for every Participant.
var (
	// KeepOriginal is how long the importing side keeps certificates at least
	// (KPCS III(b)); national law may ask for more.
	KeepOriginal = Limit{3, Years}
	// KeepRecords is how long buyers, sellers and exporters keep theirs (Annex II 15).
	KeepRecords = Limit{5, Years}
	// ApplicationCirculated is when the Chair has sent an application round (KPCS VI(9)).
	ApplicationCirculated = Limit{1, Months}
	// AmendmentNotice is how long before a Plenary an amendment is proposed (KPCS VI(18)).
	AmendmentNotice = Limit{90, CalendarDays}
	// MissionReport and MissionComments follow a review mission (KPCS VI(15)).
	MissionReport   = Limit{3, Weeks}
	MissionComments = Limit{3, Weeks}
)

// ParseLimit reads "60 days", "1 month", "10 working days", "5 years". The
// singular is read too.
func ParseLimit(s string) (Limit, error) {
	count, unit, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(count)
	if err == nil && n > 0 && n <= 36500 && strconv.Itoa(n) == count {
		for _, u := range []Unit{CalendarDays, WorkingDays, Weeks, Months, Years} {
			if unit == string(u) || unit == strings.TrimSuffix(string(u), "s") {
				return Limit{n, u}, nil
			}
		}
	}
	return Limit{}, fault.Invalid("period.not_a_limit", fault.Text(s))
}

// After is the last day on which something is in time when the limit starts on
// from. holiday is asked for working days only and may be nil.
func (l Limit) After(from Date, holiday func(Date) bool) Date {
	return from.shift(l.N, l.Unit, holiday)
}

// Before is the last day on which something is in time that must precede day by
// the limit. holiday as in After.
func (l Limit) Before(day Date, holiday func(Date) bool) Date {
	return day.shift(-l.N, l.Unit, holiday)
}

func (d Date) shift(n int, unit Unit, holiday func(Date) bool) Date {
	switch unit {
	case WorkingDays:
		return d.AddWorkingDays(n, holiday)
	case Weeks:
		return d.AddDays(7 * n)
	case Months:
		return d.AddMonths(n)
	case Years:
		return d.AddMonths(12 * n)
	}
	return d.AddDays(n)
}

// String is the form ParseLimit reads, in the plural.
func (l Limit) String() string { return fmt.Sprintf("%d %s", l.N, l.Unit) }

// MarshalText writes "60 days".
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what ParseLimit reads; rule files hold limits so.
func (l *Limit) UnmarshalText(text []byte) error {
	parsed, err := ParseLimit(string(text))
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}

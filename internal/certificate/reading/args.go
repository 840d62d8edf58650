package reading

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify"
)

// Carats are signed in hundredths and counted in thousandths.
func Carats(hundredths uint64) measure.Carats {
	const most = math.MaxInt64 / 10
	return measure.Carats(min(hundredths, most)) * 10
}

// args are the facts of a check as arguments of its words.
func (r reader) args(c verify.Check) Args {
	args := r.shown(c.Facts.All())
	switch {
	case c.Code == verify.CodeFresh && c.AsOf != nil:
		allowed, _ := time.ParseDuration(fmt.Sprint(c.Facts.Get("allowed")))
		args["age"], args["allowed"] = r.older(r.At.Sub(*c.AsOf), allowed), r.span(allowed)
	case c.Code == verify.CodeTime:
		within, _ := time.ParseDuration(fmt.Sprint(c.Facts.Get("log_within")))
		args["log_within"] = r.span(within)
	case c.Code == verify.CodeProof:
		args["searched"] = r.registers(searched(c))
	}
	return args
}

// shown are facts in the types that have a form in each language, under the names
// that the words use.
func (r reader) shown(facts map[string]any) Args {
	args := make(Args, len(facts))
	for name, value := range facts {
		switch v := value.(type) {
		case *time.Time:
			args[name] = *v
		case string:
			args[name] = typed(clean(v))
			if name == "reason" || name == "remark" { // somebody's own words, even where they look like a number
				args[name] = clean(v)
			}
		default:
			args[name] = v
		}
	}
	if h, ok := facts["hundredths"].(uint64); ok {
		args["carats"] = Carats(h)
	}
	if by, ok := facts["by"]; ok {
		args["number"] = typed(fmt.Sprint(by))
	}
	args["count"] = facts["parcels"]
	return args
}

// typed gives a text the type that its form shows: a day, a certificate number, a
// Participant. Other texts stay as they are.
func typed(s string) any {
	if d, err := period.Parse(s); err == nil {
		return d
	}
	if p, err := ident.ParseParticipant(s); err == nil {
		return p
	}
	if n, err := ident.ParseNumber(s); err == nil {
		return n
	}
	return s
}

// clean keeps a text that nobody has checked, such as the name of an unknown
// register, from giving orders to a terminal.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, s)
}

// searched are the registers in which a record was looked for, with their sizes.
func searched(c verify.Check) map[string]any {
	m, _ := c.Facts.Get("searched").(map[string]any)
	return m
}

func (r reader) registers(sizes map[string]any) []string {
	var out []string
	for _, log := range slices.Sorted(maps.Keys(sizes)) {
		out = append(out, r.words.T("verify.entries", Args{"log": log, "count": sizes[log]}))
	}
	return out
}

// span is a length of time in the largest unit that it is a whole number of.
func (r reader) span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day == 0:
		return r.words.Limit(period.Limit{N: int(d / day), Unit: period.CalendarDays})
	case d >= time.Hour && d%time.Hour == 0:
		return r.words.T("verify.hours", Args{"hours": int64(d / time.Hour)})
	}
	return r.words.T("verify.minutes", Args{"minutes": int64(math.Ceil(d.Minutes()))})
}

// older is an age that is more than what is allowed: in whole days where those
// show it.
func (r reader) older(age, allowed time.Duration) string {
	if days := age.Truncate(24 * time.Hour); days > allowed {
		return r.span(days)
	}
	return r.words.T("verify.more_than", Args{"span": r.span(allowed)})
}

// asStored is a fact as it stands in JSON, for --verbose.
func asStored(v any) string {
	switch v := v.(type) {
	case *time.Time:
		return v.Format(time.RFC3339)
	case time.Time:
		return v.Format(time.RFC3339)
	}
	return clean(fmt.Sprint(v))
}

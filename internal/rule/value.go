package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
)

// Type is what kind of value a parameter has.
type Type string

// The types, with what stands in TOML.
const (
	TypeBool     Type = "bool"      // true, false
	TypeCount    Type = "count"     // 3: a number of things
	TypeDays     Type = "days"      // 30: calendar days
	TypeHours    Type = "hours"     // 72
	TypeLimit    Type = "limit"     // "2 months", "10 working days": see period.Limit
	TypeCarats   Type = "carats"    // "0.10": at most three decimals
	TypePercent  Type = "percent"   // "0.02": at most two decimals, so basis points
	TypeDecimal  Type = "decimal"   // "3.5": a plain number, at most three decimals
	TypeUSD      Type = "usd"       // "15000.00": at most two decimals
	TypeWord     Type = "word"      // "highest": one of the words the parameter lists
	TypeCodes    Type = "codes"     // ["7102.10"]: words in an order that counts
	TypeText     Type = "text"      // "Kimberley Process Certificate": literal words
	TypeMonthDay Type = "month-day" // "03-31": a day of every year
)

// Types lists every type.
func Types() []Type {
	return []Type{
		TypeBool, TypeCount, TypeDays, TypeHours, TypeLimit, TypeCarats, TypePercent,
		TypeDecimal, TypeUSD, TypeWord, TypeCodes, TypeText, TypeMonthDay,
	}
}

// Value is a value of some Type. Which field holds it follows from the type:
// Number for bool (0, 1), count, days, hours, carats (thousandths), percent
// (hundredths), decimal (thousandths), usd (cents); Codes for codes; Text for
// the others.
type Value struct {
	Number int64    `cbor:"1,keyasint,omitempty"`
	Text   string   `cbor:"2,keyasint,omitempty"`
	Codes  []string `cbor:"3,keyasint,omitempty"`
}

// MonthDay is a day of every year; 29 February is none.
type MonthDay struct {
	Month time.Month
	Day   int
}

// In is that day of a year.
func (m MonthDay) In(year int) (period.Date, error) { return period.Day(year, m.Month, m.Day) }

// String is "03-31".
func (m MonthDay) String() string { return fmt.Sprintf("%02d-%02d", int(m.Month), m.Day) }

// Bounds of numbers: more is a slip of the pen, and sums stay far from overflow.
const (
	mostNumber = 1_000_000_000_000_000
	mostDays   = 36500
	mostHours  = 24 * mostDays
	mostCodes  = 200
)

// decimals are the types written as decimal strings, with their places.
var decimals = map[Type]int{TypeCarats: 3, TypePercent: 2, TypeDecimal: 3, TypeUSD: 2}

// valueOf reads what the TOML library found for a value of type t. The fault
// has no place; the caller adds it.
func valueOf(t Type, raw any) (Value, *fault.Fault) {
	switch t {
	case TypeBool:
		if b, ok := raw.(bool); ok {
			if b {
				return Value{Number: 1}, nil
			}
			return Value{}, nil
		}
		return Value{}, fault.Invalid("rule.not_bool")
	case TypeCount, TypeDays, TypeHours:
		if n, ok := raw.(int64); ok {
			return Value{Number: n}, nil
		}
		return Value{}, fault.Invalid("rule.not_integer")
	case TypeCodes:
		codes, ok := stringsOf(raw)
		if !ok {
			return Value{}, fault.Invalid("rule.not_texts")
		}
		return Value{Codes: codes}, nil
	}
	s, ok := raw.(string)
	if !ok {
		return Value{}, fault.Invalid("rule.not_text")
	}
	if places, ok := decimals[t]; ok {
		n, ok := parseDecimal(s, places)
		if !ok {
			return Value{}, fault.Invalid("rule.not_decimal", fault.Text(s), fault.Arg("decimals", places))
		}
		return Value{Number: n}, nil
	}
	if t == TypeLimit {
		l, err := period.ParseLimit(s)
		if err != nil {
			return Value{}, fault.Invalid("rule.not_a_limit", fault.Text(s))
		}
		return Value{Text: l.String()}, nil
	}
	return Value{Text: s}, nil
}

// stringsOf reads a TOML array of strings.
func stringsOf(raw any) ([]string, bool) {
	list, ok := raw.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, each := range list {
		if out[i], ok = each.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

// parseDecimal reads "12.5" as an integer scaled by 10^places: no sign, no
// exponent, no group marks, no zero in front.
func parseDecimal(s string, places int) (int64, bool) {
	whole, frac, dot := strings.Cut(s, ".")
	if len(whole) == 0 || len(whole) > 12 || len(whole) > 1 && whole[0] == '0' ||
		dot && (frac == "" || len(frac) > places) {
		return 0, false
	}
	digits := whole + frac + strings.Repeat("0", places-len(frac))
	if strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// formatDecimal writes what parseDecimal reads, without zeros at the end.
func formatDecimal(n int64, places int) string {
	digits := fmt.Sprintf("%0*d", places+1, n)
	cut := len(digits) - places
	return strings.TrimSuffix(strings.TrimRight(digits[:cut]+"."+digits[cut:], "0"), ".")
}

// valid refuses a value that is none of type t, or not among of. It holds for
// values from TOML and from the canonical form alike.
func (v Value) valid(t Type, of []string) *fault.Fault {
	if v.shape() != t.shape() && !v.zero() {
		return fault.Invalid("rule.value_of_other_type", fault.Arg("type", string(t)))
	}
	switch t {
	case TypeBool:
		return v.between(1)
	case TypeDays:
		return v.between(mostDays)
	case TypeHours:
		return v.between(mostHours)
	case TypeCount, TypeCarats, TypePercent, TypeDecimal, TypeUSD:
		return v.between(mostNumber)
	case TypeLimit:
		if l, err := period.ParseLimit(v.Text); err != nil || l.String() != v.Text {
			return fault.Invalid("rule.not_a_limit", fault.Text(v.Text))
		}
	case TypeMonthDay:
		if _, ok := parseMonthDay(v.Text); !ok {
			return fault.Invalid("rule.not_month_day", fault.Text(v.Text))
		}
	case TypeText:
		return goodLine(v.Text, mostText)
	case TypeWord:
		return among(v.Text, of)
	case TypeCodes:
		return validCodes(v.Codes, of)
	}
	return nil
}

func validCodes(codes, of []string) *fault.Fault {
	if len(codes) > mostCodes {
		return fault.TooLarge("rule.too_many_codes", fault.Arg("limit", mostCodes))
	}
	for i, code := range codes {
		if slices.Contains(codes[:i], code) {
			return fault.Invalid("rule.repeated", fault.Text(code))
		}
		if !isCode(code) {
			return fault.Invalid("rule.not_a_code", fault.Text(code))
		}
		if len(of) == 0 {
			continue
		}
		if f := among(code, of); f != nil {
			return f
		}
	}
	return nil
}

func among(word string, of []string) *fault.Fault {
	if slices.Contains(of, word) {
		return nil
	}
	return fault.Invalid("rule.not_one_of", fault.Text(word), fault.Arg("allowed", strings.Join(of, ", ")))
}

func (v Value) between(most int64) *fault.Fault {
	if v.Number < 0 || v.Number > most {
		return fault.Invalid("rule.out_of_range", fault.Arg("most", most))
	}
	return nil
}

func (v Value) zero() bool { return v.Number == 0 && v.Text == "" && len(v.Codes) == 0 }

// shape is the field that holds a value: n, t or c.
func (v Value) shape() byte {
	switch {
	case v.Text == "" && len(v.Codes) == 0:
		return 'n'
	case v.Number == 0 && len(v.Codes) == 0:
		return 't'
	case v.Number == 0 && v.Text == "":
		return 'c'
	}
	return 0
}

func (t Type) shape() byte {
	switch t {
	case TypeBool, TypeCount, TypeDays, TypeHours, TypeCarats, TypePercent, TypeDecimal, TypeUSD:
		return 'n'
	case TypeCodes:
		return 'c'
	}
	return 't'
}

// parseMonthDay reads "03-31". The year asked with is no leap year, so a day
// that not every year has is refused.
func parseMonthDay(s string) (MonthDay, bool) {
	d, err := period.Parse("2001-" + s)
	if err != nil {
		return MonthDay{}, false
	}
	return MonthDay{d.Month(), d.Day()}, true
}

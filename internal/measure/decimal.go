package measure

import (
	"math"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
)

// parseCanonical reads "-12.34" into units of 10^-decimals: ASCII digits, a
// point, at most decimals of them after it, no grouping, no plus.
func parseCanonical(s string, decimals int) (int64, error) {
	body, negative := strings.CutPrefix(s, "-")
	whole, fraction, pointed := strings.Cut(body, ".")
	if !allDigits(whole) || whole == "" || pointed && fraction == "" || !allDigits(fraction) {
		return 0, fault.Invalid("measure.not_a_number", fault.Text(s))
	}
	if len(fraction) > decimals {
		return 0, fault.Invalid("measure.too_many_decimals", fault.Text(s), fault.Arg("decimals", decimals))
	}
	digits := whole + fraction + strings.Repeat("0", decimals-len(fraction))
	if negative {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fault.Invalid("measure.out_of_range", fault.Text(s))
	}
	return n, nil
}

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// parseTyped reads a number as people write it in English, French and
// Portuguese: point or comma before the decimals; blanks, or the other sign, in
// groups of three before them; a real minus sign.
//
// One comma before exactly three digits ("1,234") is a thousand and more to one
// reader and one and a bit to another. It is refused; a factor of a thousand is
// too much to guess. A single point is always the decimal point.
func parseTyped(typed string, decimals int) (int64, error) {
	s := strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009':
			return ' '
		case '\u2212':
			return '-'
		}
		return r
	}, strings.TrimSpace(typed))
	body, negative := strings.CutPrefix(s, "-")
	plain, ok := ungroup(strings.TrimSpace(body))
	if !ok {
		return 0, fault.Invalid("measure.not_a_number", fault.Text(typed))
	}
	if whole, rest, _ := strings.Cut(plain, ","); strings.Contains(plain, ",") {
		if len(rest) == 3 && whole != "0" && len(whole) <= 3 {
			return 0, fault.Invalid("measure.ambiguous", fault.Text(typed),
				fault.Arg("small", whole+"."+rest), fault.Arg("large", whole+rest))
		}
		plain = whole + "." + rest
	}
	if negative {
		plain = "-" + plain
	}
	n, err := parseCanonical(plain, decimals)
	return n, fault.Restate(err, fault.Text(typed))
}

// ungroup takes grouping out of an unsigned number and leaves digits with at
// most one point or comma before the decimals.
func ungroup(s string) (string, bool) {
	separators := strings.Map(func(r rune) rune {
		if r == '.' || r == ',' || r == ' ' {
			return r
		}
		return -1
	}, s)
	if separators == "" || separators == "." || separators == "," {
		return s, true
	}
	group := separators[:1]
	whole, fraction, mark := s, "", ""
	if last := separators[len(separators)-1:]; last != group {
		at := strings.LastIndex(s, last)
		whole, fraction, mark = s[:at], s[at+1:], last
		if last == " " {
			return "", false
		}
		if mark == "," { // the other sign groups, or blanks do: no doubt is left
			mark = "."
		}
	}
	for i, part := range strings.Split(whole, group) {
		if !allDigits(part) || i > 0 && len(part) != 3 || i == 0 && (part == "" || len(part) > 3) {
			return "", false
		}
	}
	return strings.ReplaceAll(whole, group, "") + mark + fraction, true
}

// format prints n units of 10^-decimals with at least least decimals.
func format(n int64, decimals, least int) string {
	digits := strconv.FormatUint(magnitude(n), 10)
	if missing := decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	for len(fraction) > least && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if n < 0 {
		whole = "-" + whole
	}
	return whole
}

// magnitude is |n|, right for the smallest int64 too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

// add is a + b, or a fault when the sum does not fit.
func add[T ~int64](a, b T) (T, error) {
	if b > 0 && a > math.MaxInt64-b || b < 0 && a < math.MinInt64-b {
		return 0, fault.Invalid("measure.sum_out_of_range")
	}
	return a + b, nil
}

// subtract is a - b, or a fault when the difference does not fit.
func subtract[T ~int64](a, b T) (T, error) {
	if b < 0 && a > math.MaxInt64+b || b > 0 && a < math.MinInt64+b {
		return 0, fault.Invalid("measure.sum_out_of_range")
	}
	return a - b, nil
}

// sum adds up, or a fault when a partial sum does not fit.
func sum[T ~int64](amounts []T) (T, error) {
	var total T
	for _, a := range amounts {
		var err error
		if total, err = add(total, a); err != nil {
			return 0, err
		}
	}
	return total, nil
}

package plain

import (
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// NoBreak keeps a number together at the end of a line. It is U+00A0 and not the
// narrow U+202F, which the typeface's Latin-1 does not hold.
const NoBreak = "\u00a0"

// Form is how a language writes numbers and dates. It travels in a file of words.
type Form struct {
	Group     string     `json:"group"`
	Point     string     `json:"point"`
	CodeFirst bool       `json:"code_first"`  // the currency's code before the amount
	ZeroIsOne bool       `json:"zero_is_one"` // nothing takes the singular, as in French
	Months    [12]string `json:"months"`
	Day       string     `json:"day"`       // with D, M and Y
	FirstDay  string     `json:"first_day"` // how the first of a month is written
	Clock     string     `json:"clock"`     // with H and N
	// QuarterN and HalfN are written with N and Y, FirstQuarter and FirstHalf with Y;
	// these are "" where the ordinal of 1 is regular.
	QuarterN     string `json:"quarter_n"`
	FirstQuarter string `json:"first_quarter,omitempty"`
	HalfN        string `json:"half_n"`
	FirstHalf    string `json:"first_half,omitempty"`
}

// Decimal is a plain decimal with a point, as measure prints it ("-1234.50"), in the
// language's form.
func (f Form) Decimal(plain string) string {
	sign, digits := "", plain
	if rest, negative := strings.CutPrefix(plain, "-"); negative {
		sign, digits = "\u2212", rest
	}
	whole, fraction, pointed := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(f.Group)
		}
		b.WriteRune(digit)
	}
	if pointed {
		b.WriteString(f.Point)
		b.WriteString(fraction)
	}
	return b.String()
}

// Number is a whole number with its thousands parted: 1,234 or 1 234.
func (f Form) Number(n int64) string { return f.Decimal(strconv.FormatInt(n, 10)) }

// Weight is a weight without its unit, for columns that name it in the head.
func (f Form) Weight(c measure.Carats) string { return f.Decimal(c.String()) }

// Carats is a weight with its unit: "12.40 ct".
func (f Form) Carats(c measure.Carats) string { return f.Weight(c) + NoBreak + "ct" }

// USD is an amount of US dollars: "USD 1,234.50", "1 234,50 USD".
func (f Form) USD(u measure.USD) string { return f.Money(u.Money()) }

// Money is an amount with its currency's code.
func (f Form) Money(m measure.Money) string {
	amount := f.Decimal(m.Decimal())
	if f.CodeFirst {
		return string(m.Currency) + NoBreak + amount
	}
	return amount + NoBreak + string(m.Currency)
}

// Date is a day in full: "23 November 2026", "1er décembre 2026", "23 de novembro
// de 2026".
func (f Form) Date(d period.Date) string {
	day := strconv.Itoa(d.Day())
	if d.Day() == 1 {
		day = f.FirstDay
	}
	return fill(f.Day, slot{'D', day}, slot{'M', f.Months[d.Month()-1]}, slot{'Y', strconv.Itoa(d.Year())})
}

// Month is the month a day lies in: "November 2026", "novembre 2026", "novembro de 2026".
func (f Form) Month(d period.Date) string {
	_, month, _ := strings.Cut(f.Day, "M")
	return f.Months[d.Month()-1] + strings.ReplaceAll(month, "Y", strconv.Itoa(d.Year()))
}

// Time is an instant to the minute, always in UTC: "23 November 2026, 14:02 UTC".
func (f Form) Time(t time.Time) string {
	utc := t.UTC()
	return f.Date(period.DateOf(utc)) + ", " + fill(f.Clock, slot{'H', utc.Format("15")}, slot{'N', utc.Format("04")}) + NoBreak + "UTC"
}

// Quarter is "quarter 4 of 2026", "4e trimestre 2026", "4.º trimestre de 2026".
func (f Form) Quarter(q period.Quarter) string { return part(f.QuarterN, f.FirstQuarter, q.N, q.Year) }

// Half is "half-year 2 of 2026", "1er semestre 2026", "1.º semestre de 2026".
func (f Form) Half(h period.Half) string { return part(f.HalfN, f.FirstHalf, h.N, h.Year) }

func part(pattern, first string, n, year int) string {
	if n == 1 && first != "" {
		pattern = first
	}
	return fill(pattern, slot{'N', strconv.Itoa(n)}, slot{'Y', strconv.Itoa(year)})
}

// slot is a letter of a pattern and what stands in its place.
type slot struct {
	letter byte
	text   string
}

// fill is a pattern with its letters replaced. A list of two hundred files shows four
// hundred dates: a strings.Replacer built for each was a sixth of the page's time.
func fill(pattern string, slots ...slot) string {
	var b strings.Builder
	b.Grow(len(pattern) + 16)
next:
	for i := range len(pattern) {
		for _, s := range slots {
			if s.letter == pattern[i] {
				b.WriteString(s.text)
				continue next
			}
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}

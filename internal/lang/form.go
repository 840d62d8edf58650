package lang

import (
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// noBreak keeps a number together at the end of a line. It is U+00A0 and not the
// narrow U+202F, which the typeface's Latin-1 does not hold.
const noBreak = "\u00a0"

// form is how a language writes numbers and dates.
type form struct {
	group, decimal string
	codeFirst      bool // the currency's code before the amount
	months         [12]string
	date           string // with D, M and Y
	firstDay       string // how the first of a month is written
	clock          string // with H and N
	quarter, half  string // with N and Y; ordinals of halves and quarters are regular
}

var portugueseMonths = [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}

var forms = map[Language]form{
	English: {
		group: ",", decimal: ".", codeFirst: true,
		months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		date:   "D M Y", firstDay: "1", clock: "H:N", quarter: "quarter N of Y", half: "half-year N of Y",
	},
	French: {
		group: noBreak, decimal: ",",
		months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		date:   "D M Y", firstDay: "1er", clock: "H" + noBreak + "h" + noBreak + "N", quarter: "Ne trimestre Y", half: "Ne semestre Y",
	},
	Portuguese: {
		group: noBreak, decimal: ",", months: portugueseMonths,
		date: "D de M de Y", firstDay: "1", clock: "H:N", quarter: "N.º trimestre de Y", half: "N.º semestre de Y",
	},
	Brazilian: {
		group: ".", decimal: ",", codeFirst: true, months: portugueseMonths,
		date: "D de M de Y", firstDay: "1º", clock: "H:N", quarter: "N.º trimestre de Y", half: "N.º semestre de Y",
	},
}

// number groups the digits of a plain decimal, "-1234.50".
func (f form) number(plain string) string {
	sign, digits := "", plain
	if rest, negative := strings.CutPrefix(plain, "-"); negative {
		sign, digits = "\u2212", rest
	}
	whole, fraction, pointed := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(f.group)
		}
		b.WriteRune(digit)
	}
	if pointed {
		b.WriteString(f.decimal)
		b.WriteString(fraction)
	}
	return b.String()
}

// Number is a whole number with its thousands parted: 1,234 or 1 234.
func (p *Printer) Number(n int64) string { return p.form.number(strconv.FormatInt(n, 10)) }

// Decimal is a plain decimal with a point, as measure prints it, in the
// language's form.
func (p *Printer) Decimal(plain string) string { return p.form.number(plain) }

// Weight is a weight without its unit, for columns that name it in the head.
func (p *Printer) Weight(c measure.Carats) string { return p.form.number(c.String()) }

// Carats is a weight with its unit: "12.40 ct".
func (p *Printer) Carats(c measure.Carats) string { return p.Weight(c) + noBreak + "ct" }

// USD is an amount of US dollars: "USD 1,234.50", "1 234,50 USD".
func (p *Printer) USD(u measure.USD) string { return p.Money(u.Money()) }

// Money is an amount with its currency's code.
func (p *Printer) Money(m measure.Money) string {
	amount := p.form.number(m.Decimal())
	if p.form.codeFirst {
		return string(m.Currency) + noBreak + amount
	}
	return amount + noBreak + string(m.Currency)
}

// Date is a day in full: "23 November 2026", "1er décembre 2026", "23 de novembro
// de 2026".
func (p *Printer) Date(d period.Date) string {
	day := strconv.Itoa(d.Day())
	if d.Day() == 1 {
		day = p.form.firstDay
	}
	return strings.NewReplacer("D", day, "M", p.form.months[d.Month()-1], "Y", strconv.Itoa(d.Year())).Replace(p.form.date)
}

// Time is an instant to the minute, always in UTC: "23 November 2026, 14:02 UTC".
func (p *Printer) Time(t time.Time) string {
	utc := t.UTC()
	clock := strings.NewReplacer("H", utc.Format("15"), "N", utc.Format("04")).Replace(p.form.clock)
	return p.Date(period.DateOf(utc)) + ", " + clock + noBreak + "UTC"
}

// Quarter is "quarter 4 of 2026", "4e trimestre 2026", "4.º trimestre de 2026".
func (p *Printer) Quarter(q period.Quarter) string { return p.part(p.form.quarter, q.N, q.Year) }

// Half is "half-year 2 of 2026", "1er semestre 2026", "1.º semestre de 2026".
func (p *Printer) Half(h period.Half) string { return p.part(p.form.half, h.N, h.Year) }

func (p *Printer) part(pattern string, n, year int) string {
	if n == 1 && p.language == French {
		pattern = strings.Replace(pattern, "Ne", "Ner", 1)
	}
	return strings.NewReplacer("N", strconv.Itoa(n), "Y", strconv.Itoa(year)).Replace(pattern)
}

// Limit is a length of time in words: "60 days", "10 jours ouvrables".
func (p *Printer) Limit(l period.Limit) string {
	unit := strings.ReplaceAll(string(l.Unit), " ", "_")
	return p.T("limit."+unit, Args{"count": l.N})
}

package lang

import (
	"adamas.example/internal/lang/plain"
	"adamas.example/internal/period"
)

const noBreak = plain.NoBreak

// form is how a language writes numbers and dates; a Printer has its methods.
type form = plain.Form

var portugueseMonths = [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}

var forms = map[Language]form{
	English: {
		Group: ",", Point: ".", CodeFirst: true,
		Months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		Day:    "D M Y", FirstDay: "1", Clock: "H:N", QuarterN: "quarter N of Y", HalfN: "half-year N of Y",
	},
	French: {
		Group: noBreak, Point: ",", ZeroIsOne: true,
		Months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		Day:    "D M Y", FirstDay: "1er", Clock: "H" + noBreak + "h" + noBreak + "N",
		QuarterN: "Ne trimestre Y", FirstQuarter: "1er trimestre Y", HalfN: "Ne semestre Y", FirstHalf: "1er semestre Y",
	},
	Portuguese: {
		Group: noBreak, Point: ",", Months: portugueseMonths,
		Day: "D de M de Y", FirstDay: "1", Clock: "H:N", QuarterN: "N.º trimestre de Y", HalfN: "N.º semestre de Y",
	},
	Brazilian: {
		Group: ".", Point: ",", CodeFirst: true, ZeroIsOne: true, Months: portugueseMonths,
		Day: "D de M de Y", FirstDay: "1º", Clock: "H:N", QuarterN: "N.º trimestre de Y", HalfN: "N.º semestre de Y",
	},
}

// Limit is a length of time in words: "60 days", "10 jours ouvrables".
func (p *Printer) Limit(l period.Limit) string { return plain.Limit(p, l) }

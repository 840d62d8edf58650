// Package measure holds weights and money as whole numbers, so that sums are
// exact.
//
//	Carats  int64 thousandths of a carat (UN/ECE Recommendation 20 unit CTM)
//	USD     int64 cents
//	Money   int64 minor units of a currency of ISO 4217
//	Price   US dollars a carat, a ratio that is rounded once, when it is shown
//
// A certificate bears hundredths of a carat. Carats.Hundredths gives them and
// the difference left over, which custody books as an operation of its own, so
// that no carat is gained or lost by printing.
//
// Every rounding is to the nearest, halves away from zero, and happens at an
// edge: on paper, on a page, in a conversion. Nothing wraps around: what does
// not fit in an int64 is a fault.
//
// In JSON amounts are strings ("2.31"), never numbers, since a reader's floating
// point would change them. In a database they are integers of 64 bits.
//
// Invariants: parsing what String prints gives the same amount; the parts of a
// Split add up to the whole; Hundredths·10 + rounding is the weight.
//
// Imports: fault, period (the day of an exchange rate).
package measure

package measure

import (
	"database/sql/driver"
	"math/big"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
)

// USD is an amount of US dollars in cents.
type USD int64

const dollarDecimals = 2

// ParseUSD reads an amount as typed: "1234.50", "1 234,50", "1,234.50". More
// than two decimals, a negative amount, and one comma before exactly three
// digits are refused.
func ParseUSD(typed string) (USD, error) {
	n, err := parseTyped(typed, dollarDecimals)
	if err == nil && n < 0 {
		return 0, fault.Invalid("measure.negative", fault.Text(typed))
	}
	return USD(n), err
}

// String is the amount with two decimals and no sign of the currency.
func (u USD) String() string { return format(int64(u), dollarDecimals, dollarDecimals) }

// Add is u + o, or a fault when the sum does not fit.
func (u USD) Add(o USD) (USD, error) { return add(u, o) }

// Sub is u - o, or a fault when the difference does not fit.
func (u USD) Sub(o USD) (USD, error) { return subtract(u, o) }

// SumUSD adds up amounts.
func SumUSD(amounts ...USD) (USD, error) { return sum(amounts) }

// Money is the amount in its currency.
func (u USD) Money() Money { return Money{Amount: int64(u), Currency: Dollar} }

// MarshalText writes String.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads a decimal with a point and at most two decimals.
func (u *USD) UnmarshalText(text []byte) error {
	n, err := parseCanonical(string(text), dollarDecimals)
	if err == nil {
		*u = USD(n)
	}
	return err
}

// Value stores cents.
func (u USD) Value() (driver.Value, error) { return int64(u), nil }

// Scan reads cents.
func (u *USD) Scan(src any) error { return scan(u, src) }

// Money is an amount in some currency. Amount counts its minor units: francs for
// XAF, cents for EUR. Amounts of two currencies meet only through a Rate.
type Money struct {
	Amount   int64
	Currency Currency
}

// ParseMoney reads a typed amount of the currency, not negative.
func ParseMoney(typed string, c Currency) (Money, error) {
	if _, err := ParseCurrency(string(c)); err != nil {
		return Money{}, err
	}
	n, err := parseTyped(typed, c.Decimals())
	if err == nil && n < 0 {
		err = fault.Invalid("measure.negative", fault.Text(typed))
	}
	return Money{n, c}, err
}

// Add is m + o, or a fault when the currencies differ or the sum does not fit.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, fault.Invalid("measure.currencies_differ",
			fault.Arg("first", string(m.Currency)), fault.Arg("second", string(o.Currency)))
	}
	n, err := add(m.Amount, o.Amount)
	return Money{n, m.Currency}, err
}

// Decimal is the amount without its currency: "655957" for XAF, "12.34" for EUR.
func (m Money) Decimal() string {
	return format(m.Amount, m.Currency.Decimals(), m.Currency.Decimals())
}

// String is "XAF 655957".
func (m Money) String() string { return string(m.Currency) + " " + m.Decimal() }

// rateDecimals bounds how exactly a rate is stated.
const rateDecimals = 9

// Rate is an exchange rate of a day: one major unit of Base costs PerBase
// billionths of a major unit of Quote. It is kept beside every converted amount,
// since a conversion means nothing without its day.
type Rate struct {
	Base, Quote Currency
	PerBase     int64
	Day         period.Date
}

// ParseRate reads a rate with at most nine decimals, "655.957" for XAF to the
// EUR.
func ParseRate(base, quote Currency, typed string, day period.Date) (Rate, error) {
	for _, c := range []Currency{base, quote} {
		if _, err := ParseCurrency(string(c)); err != nil {
			return Rate{}, err
		}
	}
	n, err := parseTyped(typed, rateDecimals)
	if err == nil && n <= 0 {
		err = fault.Invalid("measure.rate_not_positive", fault.Text(typed))
	}
	return Rate{base, quote, n, day}, err
}

// Convert changes an amount of Base into Quote or of Quote into Base, rounded
// once, halves away from zero.
func (r Rate) Convert(m Money) (Money, error) {
	if r.PerBase <= 0 {
		return Money{}, fault.Invalid("measure.rate_not_positive", fault.Text(format(r.PerBase, rateDecimals, 0)))
	}
	top, bottom := big.NewInt(m.Amount), big.NewInt(1)
	var into Currency
	switch m.Currency {
	case r.Base:
		into = r.Quote
		top.Mul(top, big.NewInt(r.PerBase))
		bottom.Mul(bottom, pow10(rateDecimals))
	case r.Quote:
		into = r.Base
		top.Mul(top, pow10(rateDecimals))
		bottom.Mul(bottom, big.NewInt(r.PerBase))
	default:
		return Money{}, fault.Invalid("measure.currencies_differ",
			fault.Arg("first", string(m.Currency)), fault.Arg("second", string(r.Base)+", "+string(r.Quote)))
	}
	top.Mul(top, pow10(into.Decimals()))
	bottom.Mul(bottom, pow10(m.Currency.Decimals()))
	n, err := divide(top, bottom)
	return Money{n, into}, err
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// divide is top / bottom rounded to the nearest, halves away from zero; bottom is
// positive. It uses up its arguments.
func divide(top, bottom *big.Int) (int64, error) {
	sign := top.Sign()
	top.Abs(top)
	top.Lsh(top, 1).Add(top, bottom)
	top.Quo(top, bottom.Lsh(bottom, 1))
	if sign < 0 {
		top.Neg(top)
	}
	if !top.IsInt64() {
		return 0, fault.Invalid("measure.sum_out_of_range")
	}
	return top.Int64(), nil
}

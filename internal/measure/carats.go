package measure

import (
	"database/sql/driver"
	"fmt"

	"adamas.example/internal/fault"
)

// Carats is a weight in thousandths of a metric carat (0.2 mg). It may be
// negative where it is a difference.
type Carats int64

const (
	// Carat is one metric carat, 200 mg.
	Carat Carats = 1000
	// UnitCarat is the carat's code in UN/ECE Recommendation 20.
	UnitCarat = "CTM"

	caratDecimals   = 3
	printedDecimals = 2
)

// ParseCarats reads a weight as typed: "2.31", "2,31", "1 234,5", "1,234.567".
// More than three decimals, a negative weight, and a comma before exactly three
// digits ("1,234", which two readers read two ways) are refused.
func ParseCarats(typed string) (Carats, error) {
	c, err := ParseCaratDifference(typed)
	if err == nil && c < 0 {
		return 0, fault.Invalid("measure.negative", fault.Text(typed))
	}
	return c, err
}

// ParseCaratDifference is ParseCarats for amounts that may be negative.
func ParseCaratDifference(typed string) (Carats, error) {
	n, err := parseTyped(typed, caratDecimals)
	return Carats(n), err
}

// String is the exact weight with two decimals, or three where the third is not
// zero: "2.31", "2.315". It is the form in JSON and in statements' texts.
func (c Carats) String() string { return format(int64(c), caratDecimals, printedDecimals) }

// Hundredths is the weight as certificates print it, in hundredths of a carat,
// halves away from zero, and what that leaves over: h·10 + rounding == c, with
// rounding from -0.005 to 0.005 ct.
func (c Carats) Hundredths() (h int64, rounding Carats) {
	h, rest := int64(c)/10, int64(c)%10
	switch {
	case rest >= 5:
		h++
	case rest <= -5:
		h--
	}
	return h, c - Carats(h*10)
}

// FromHundredths is the weight of a printed number of hundredths.
func FromHundredths(h int64) (Carats, error) {
	c := Carats(h * 10)
	if int64(c)/10 != h {
		return 0, fault.Invalid("measure.sum_out_of_range")
	}
	return c, nil
}

// Printed is Hundredths as text, always two decimals: "2.32" for 2.315.
func (c Carats) Printed() string {
	h, _ := c.Hundredths()
	return format(h, printedDecimals, printedDecimals)
}

// Add is c + o, or a fault when the sum does not fit.
func (c Carats) Add(o Carats) (Carats, error) { return add(c, o) }

// Sub is c - o, or a fault when the difference does not fit.
func (c Carats) Sub(o Carats) (Carats, error) { return subtract(c, o) }

// SumCarats adds up weights.
func SumCarats(weights ...Carats) (Carats, error) { return sum(weights) }

// MarshalText writes String.
func (c Carats) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a decimal with a point and at most three decimals; no
// grouping and no comma. It takes a minus: who wants no negative weight asks.
func (c *Carats) UnmarshalText(text []byte) error {
	n, err := parseCanonical(string(text), caratDecimals)
	if err == nil {
		*c = Carats(n)
	}
	return err
}

// Value stores thousandths.
func (c Carats) Value() (driver.Value, error) { return int64(c), nil }

// Scan reads thousandths.
func (c *Carats) Scan(src any) error { return scan(c, src) }

// scan takes the integer both engines give and nothing a driver had to convert.
func scan[T ~int64](dst *T, src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("cannot read an amount from %T", src)
	}
	*dst = T(n)
	return nil
}

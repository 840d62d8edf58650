package fields

import (
	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// Licence holds that a licence names its holder, its number and its end.
func Licence(c *Checker, l *certificate.Licence) {
	c.Need("holder", l.Holder, 200)
	c.Need("number", l.Number, 60)
	c.May("kind", l.Kind, 40)
	if l.Until == 0 {
		c.Missing("until")
	}
}

// Lines holds tariff lines: of rough diamonds, each code once, with weight and
// value.
func Lines(c *Checker, lines []certificate.ValuedLine) {
	codes := map[string]bool{}
	var value measure.USD
	var err error
	for i, l := range lines {
		c.Within(Each("lines", i), func(c *Checker) {
			if l.HS == "" {
				c.Missing("hs")
			} else {
				c.Once(codes, "hs", string(l.HS))
			}
			if l.Carats <= 0 {
				c.Missing("carats")
			}
			if l.Value <= 0 {
				c.Missing("value_usd")
			}
			if value, err = value.Add(l.Value); err != nil {
				c.Wrong("value_usd", l.Value.String())
			}
		})
	}
}

// Valuation holds one valuation by itself: who, when, and lines whose sums fit.
func Valuation(v *certificate.Valuation, today period.Date) error {
	c := &Checker{}
	if v.By == "" {
		c.Missing("by")
	}
	c.Need("name", v.Name, 200)
	c.Day("day", v.Day, today)
	c.May("note", v.Note, 1000)
	if len(v.Lines) == 0 {
		c.Missing("lines")
	}
	Lines(c, v.Lines)
	if v.Local != nil && c.Faults.Err() == nil {
		c.Within("local", func(c *Checker) { checkLocal(c, v) })
	}
	return c.Faults.Err()
}

// checkLocal holds the total in local money against the total in dollars, at the
// rate of its day, to the unit.
func checkLocal(c *Checker, v *certificate.Valuation) {
	if v.Local.RateDay == 0 {
		c.Missing("rate_day")
	}
	amount, err := measure.ParseMoney(v.Local.Amount, v.Local.Currency)
	if err != nil {
		c.Faults.Add(fault.Locate(err, fault.At(c.At("amount"))))
		return
	}
	rate, err := measure.ParseRate(measure.Dollar, v.Local.Currency, v.Local.Rate, v.Local.RateDay)
	if err != nil {
		c.Faults.Add(fault.Locate(err, fault.At(c.At("rate"))))
		return
	}
	total, err := v.Total()
	if err != nil {
		c.Faults.Add(fault.Locate(err, fault.At(c.At("amount"))))
		return
	}
	want, err := rate.Convert(total.Money())
	if err != nil {
		c.Faults.Add(fault.Locate(err, fault.At(c.At("rate"))))
		return
	}
	if diff := want.Amount - amount.Amount; diff < -1 || diff > 1 {
		c.Faults.Add(fault.Invalid("certificate.local_money", fault.At(c.At("amount")), fault.Arg("amount", amount), fault.Arg("want", want)))
	}
}

// Tax holds a receipt, or an exemption with its reason.
func Tax(t *certificate.Tax, today period.Date) error {
	c := &Checker{}
	c.Need("authority", t.Authority, 200)
	c.Day("day", t.Day, today)
	c.May("exempt", t.Exempt, 500)
	if t.Exempt != "" {
		return c.Faults.Err()
	}
	c.Need("number", t.Number, 60)
	if t.Assessed <= 0 {
		c.Missing("assessed_usd")
	}
	seen := map[string]bool{}
	for i, l := range t.Lines {
		c.Within(Each("lines", i), func(c *Checker) {
			c.Need("name", l.Name, 60)
			c.Once(seen, "name", l.Name)
			c.Need("rate", l.Rate, 10)
			if l.Amount < 0 {
				c.Wrong("amount_usd", l.Amount.String())
			}
		})
	}
	return c.Faults.Err()
}

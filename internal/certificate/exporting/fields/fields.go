// Package fields checks the fields of a form one by one, and names every one that is
// wrong by its path, "parcels[2].carats".
//
// It may import certificate and what lies below.
package fields

import (
	"fmt"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
	"adamas.example/verify/statement"
)

// Checker collects faults by field.
type Checker struct {
	Faults fault.List
	prefix string
}

// At is the whole path of a field of the part that is checked.
func (c *Checker) At(field string) string {
	if c.prefix == "" {
		return field
	}
	return c.prefix + "." + field
}

// Within checks a part of the form, whose fields are named under its path.
func (c *Checker) Within(path string, check func(*Checker)) {
	part := &Checker{prefix: c.At(path)}
	check(part)
	c.Faults = append(c.Faults, part.Faults...)
}

// Each is the path of one member of a list, counted from one.
func Each(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i+1) }

// Missing says that a field is not given.
func (c *Checker) Missing(field string) {
	c.Faults.Add(fault.Invalid("certificate.field_missing", fault.At(c.At(field))))
}

// Wrong says that a field cannot hold a text.
func (c *Checker) Wrong(field, text string) {
	c.Faults.Add(fault.Invalid("certificate.field_form", fault.At(c.At(field)), fault.Text(text)))
}

// Need wants a text of at most so many bytes, without control characters.
func (c *Checker) Need(field, text string, most int) {
	if strings.TrimSpace(text) == "" {
		c.Missing(field)
		return
	}
	c.May(field, text, most)
}

// May wants such a text or none.
func (c *Checker) May(field, text string, most int) {
	if statement.CheckText(text, 0, most) != nil {
		c.Wrong(field, text)
	}
}

// Day wants a day that is given and not later than today.
func (c *Checker) Day(field string, d, today period.Date) {
	switch {
	case d == 0:
		c.Missing(field)
	case d > today:
		c.Faults.Add(fault.Invalid("certificate.field_future", fault.At(c.At(field)), fault.Arg("day", d)))
	}
}

// Sum wants the parts of a list to make the whole.
func (c *Checker) Sum(field string, have, whole any, equal bool) {
	if !equal {
		c.Faults.Add(fault.Invalid("certificate.field_sum", fault.At(c.At(field)), fault.Arg("sum", have), fault.Arg("whole", whole)))
	}
}

// Once wants each name of a list once.
func (c *Checker) Once(seen map[string]bool, field, name string) {
	if seen[name] {
		c.Faults.Add(fault.Invalid("certificate.field_twice", fault.At(c.At(field)), fault.Text(name)))
	}
	seen[name] = true
}

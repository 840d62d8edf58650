package exporting

import (
	"fmt"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
	"adamas.example/verify/statement"
)

// checker collects faults by field.
type checker struct {
	faults fault.List
	prefix string
}

// below is a checker whose fields stand below a path; it shares nothing else.
func (c *checker) at(field string) string {
	if c.prefix == "" {
		return field
	}
	return c.prefix + "." + field
}

// within checks a part of the form, whose fields are named under its path.
func (c *checker) within(path string, check func(*checker)) {
	part := &checker{prefix: c.at(path)}
	check(part)
	c.faults = append(c.faults, part.faults...)
}

// each is the path of one member of a list, counted from one.
func each(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i+1) }

func (c *checker) missing(field string) {
	c.faults.Add(fault.Invalid("certificate.field_missing", fault.At(c.at(field))))
}

func (c *checker) wrong(field, text string) {
	c.faults.Add(fault.Invalid("certificate.field_form", fault.At(c.at(field)), fault.Text(text)))
}

// need wants a text of at most so many bytes, without control characters.
func (c *checker) need(field, text string, most int) {
	if strings.TrimSpace(text) == "" {
		c.missing(field)
		return
	}
	c.may(field, text, most)
}

// may wants such a text or none.
func (c *checker) may(field, text string, most int) {
	if statement.CheckText(text, 0, most) != nil {
		c.wrong(field, text)
	}
}

// day wants a day that is given and not later than today.
func (c *checker) day(field string, d, today period.Date) {
	switch {
	case d == 0:
		c.missing(field)
	case d > today:
		c.faults.Add(fault.Invalid("certificate.field_future", fault.At(c.at(field)), fault.Arg("day", d)))
	}
}

// sum wants the parts of a list to make the whole.
func (c *checker) sum(field string, have, whole any, equal bool) {
	if !equal {
		c.faults.Add(fault.Invalid("certificate.field_sum", fault.At(c.at(field)), fault.Arg("sum", have), fault.Arg("whole", whole)))
	}
}

// once wants each name of a list once.
func (c *checker) once(seen map[string]bool, field, name string) {
	if seen[name] {
		c.faults.Add(fault.Invalid("certificate.field_twice", fault.At(c.at(field)), fault.Text(name)))
	}
	seen[name] = true
}

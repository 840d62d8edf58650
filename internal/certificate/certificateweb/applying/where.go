package applying

import (
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/web/form"
)

// destinations are where goods may go on a day, and where not and why.
type destinations struct {
	on  period.Date
	yes []ident.ParticipantCode
	no  []notTo
}

type notTo struct {
	code ident.ParticipantCode
	why  []rule.Finding
}

// refusal is a destination that is not offered.
type refusal struct{ Name, Why string }

// today finds the destinations of a day, once.
func (c *counter) today() (*destinations, error) {
	day := period.DateOf(c.site.Now())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.where != nil && c.where.on == day {
		return c.where, nil
	}
	d := &destinations{on: day}
	for _, code := range c.scheme.Register.Codes() {
		if code == c.site.Office().Participant() {
			continue
		}
		why, err := c.service.Refuses(code)
		if err != nil {
			return nil, err
		}
		if len(why) == 0 {
			d.yes = append(d.yes, code)
		} else {
			d.no = append(d.no, notTo{code, why})
		}
	}
	c.where = d
	return d, nil
}

func (d *destinations) options(p *lang.Printer) (out []form.Option) {
	for _, code := range d.yes {
		out = append(out, form.Option{Value: string(code), Text: p.Participant(code)})
	}
	lang.Sort(p, out, func(o form.Option) string { return o.Text })
	return out
}

func (d *destinations) refused(p *lang.Printer) (out []refusal) {
	for _, n := range d.no {
		f := n.why[0]
		out = append(out, refusal{p.Participant(n.code), p.T(f.Reason.Key, lang.Args(f.Reason.Args))})
	}
	lang.Sort(p, out, func(r refusal) string { return r.Name })
	return out
}

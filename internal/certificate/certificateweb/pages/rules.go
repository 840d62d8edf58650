package pages

import (
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
)

// The rules that say when silence is late.
const (
	confirmRule = "R-IMP-07"
	openRule    = "R-OPN-01"
)

func (d *desk) today() period.Date { return period.DateOf(d.node.Now().UTC()) }

// limits are the days that the rules give after a certificate has expired.
type limits struct{ confirm, open int }

// limits of a pair, today. A rule that is not for one of them gives no limit, and
// nothing is ever late by it.
func (d *desk) limits(from, to ident.ParticipantCode) (l limits, err error) {
	today := d.today()
	if l.confirm, err = d.days(confirmRule, "overdue-after", rule.Scope{Participant: to, Counterpart: from, On: today}); err != nil {
		return l, err
	}
	l.open, err = d.days(openRule, "open-after-expiry", rule.Scope{Participant: from, Counterpart: to, On: today})
	return l, err
}

// never is longer than any register goes back.
const never = 1 << 20

func (d *desk) days(id, param string, scope rule.Scope) (int, error) {
	n, _, err := d.node.Rules.Days(id, param, scope)
	if fault.Is(err, "rule.not_for_participant") || fault.Is(err, "rule.not_in_force") {
		return never, nil
	}
	return n, err
}

// terms are the days before which a certificate must have expired to be late now.
func (d *desk) terms(from, to ident.ParticipantCode) (life.Terms, error) {
	l, err := d.limits(from, to)
	today := d.today()
	return life.Terms{Unconfirmed: today.AddDays(-l.confirm), Unopened: today.AddDays(-l.open)}, err
}

// lawRow is a rule in words with where it comes from.
type lawRow struct{ ID, Text, Source string }

// laws are the rules that a page goes by.
func (d *desk) laws(p *lang.Printer, ids ...string) ([]lawRow, error) {
	var out []lawRow
	for _, id := range ids {
		r, err := d.node.Rules.Rule(id, rule.Scope{On: d.today()})
		if err != nil {
			return nil, err
		}
		row := lawRow{ID: id, Text: r.Text.EN}
		switch p.Language() {
		case lang.French:
			row.Text = r.Text.FR
		case lang.Portuguese:
			row.Text = r.Text.PT
		}
		for i, s := range r.Sources {
			if i > 0 {
				row.Source += "; "
			}
			row.Source += d.sources.Named(s.Ref)
			if s.Certainty == rule.Inference {
				row.Source += " " + p.T("certificate.page.rule.inference", nil)
			}
		}
		out = append(out, row)
	}
	return out, nil
}

package rule

import (
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// DescribeRule is every edition of one rule as Describe writes it. Fault
// rule.no_such_rule.
func DescribeRule(s Set, id string, p *lang.Printer) (string, error) {
	if len(s.byID[id]) == 0 {
		return "", fault.NotFound("rule.no_such_rule", fault.Arg("rule", id), fault.Arg("set", s.ID()))
	}
	d := describer{p: p}
	for _, r := range s.byID[id] {
		d.rule(r)
	}
	return d.b.String()[1:], nil // without the empty line that parts rules
}

// DescribeFor is one rule as it stands in a scope: the severity and each value
// that count there, and where they come from. Faults as Set.Rule.
func DescribeFor(s Set, id string, sc Scope, p *lang.Printer) (string, error) {
	r, err := s.rule(id, sc)
	if err != nil {
		return "", err
	}
	severity, from, err := s.Severity(id, sc)
	if err != nil {
		return "", err
	}
	d := describer{p: p}
	d.line(0, r.ID+" · "+d.t("rule.severity."+string(severity))+" · "+d.t("rule.side."+string(r.Side))+" · "+d.span(r.From, r.Until))
	d.line(1, strings.ReplaceAll(d.in(r.Text), "\n\n", " "))
	d.adopted(1, r.AdoptedBy)
	d.sources(1, r.Sources)
	if from.Override != nil {
		d.line(1, d.t("rule.list.setting", "about", d.when(*from.Override), "value", d.t("rule.severity."+string(severity))))
		d.sources(2, from.Sources)
	}
	for i := range r.Params {
		d.valueFor(s, id, &r.Params[i], sc)
	}
	return d.b.String(), nil
}

// valueFor writes the value of a parameter in a scope.
func (d *describer) valueFor(s Set, id string, param *Param, sc Scope) {
	v, t, from, err := s.Param(id, param.Name, sc)
	if err != nil { // no value for this Participant on that day
		d.line(1, d.t("rule.list.setting", "about", d.label(param), "value", d.t("rule.list.unset_here")))
		return
	}
	d.line(1, d.t("rule.list.setting", "about", d.label(param), "value", d.value(t, v)))
	if from.Override != nil {
		d.line(2, d.t("rule.list.by_override", "about", d.when(*from.Override)))
	}
	if from.Alternative != "" {
		d.line(2, d.t("rule.list.of_conflict", "text", from.Alternative))
	}
	d.sources(2, from.Sources)
}

// Plain is a value as it stands in TOML: a bool, an int64, a string (decimals as
// text, so that no program rounds them) or a []string.
func (v Value) Plain(t Type) any {
	switch t {
	case TypeBool:
		return v.Number == 1
	case TypeCount, TypeDays, TypeHours:
		return v.Number
	case TypeCodes:
		return append([]string{}, v.Codes...)
	case TypeCarats, TypePercent, TypeDecimal, TypeUSD:
		return formatDecimal(v.Number, decimals[t])
	}
	return v.Text
}

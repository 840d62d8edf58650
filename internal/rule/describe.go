package rule

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

//go:embed text/*.toml
var ownText embed.FS

// Text is the folder of this package's words, for lang.Load.
func Text() fs.FS { return ownText }

// Describe is the whole set as plain text in the printer's language, every
// value with its source and how that is known: what is adopted, for people.
// Words that are codes, and sources, stand as in the set.
func Describe(s Set, p *lang.Printer) string {
	d := describer{p: p}
	c := s.content
	d.line(0, d.t("rule.list.title", "title", d.in(c.Title), "set", c.ID, "version", strconv.Itoa(c.Version)))
	d.line(0, d.t("rule.list.hash", "hash", s.hash.String()))
	d.line(0, d.span(c.From, c.Until))
	d.adopted(0, c.AdoptedBy)
	for paragraph := range strings.SplitSeq(d.in(c.Text), "\n\n") {
		d.line(0, "")
		d.line(0, paragraph)
	}
	d.line(0, "")
	d.line(0, d.t("rule.list.sources"))
	d.sources(1, c.Sources)
	for i := range c.Rules {
		d.rule(&c.Rules[i])
	}
	return d.b.String()
}

type describer struct {
	p *lang.Printer
	b strings.Builder
}

// t is a text with arguments given as name and value by turns.
func (d *describer) t(key string, namesAndValues ...any) string {
	args := lang.Args{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		args[namesAndValues[i].(string)] = namesAndValues[i+1]
	}
	return d.p.T(key, args)
}

func (d *describer) line(depth int, text string) {
	if text != "" {
		d.b.WriteString(strings.Repeat("  ", depth) + text)
	}
	d.b.WriteByte('\n')
}

// in is the text in the printer's language.
func (d *describer) in(t Words) string { return t.In(d.p.Language()) }

// In is the text in a language, for Brazil in Portuguese.
func (t Words) In(l lang.Language) string {
	switch l {
	case lang.French:
		return t.FR
	case lang.Portuguese, lang.Brazilian:
		return t.PT
	}
	return t.EN
}

func (d *describer) span(from, until *period.Date) string {
	switch {
	case from != nil && until != nil:
		return d.t("rule.list.from_until", "from", *from, "until", *until)
	case from != nil:
		return d.t("rule.list.from", "from", *from)
	case until != nil:
		return d.t("rule.list.until", "until", *until)
	}
	return ""
}

// adopted says of a set that nobody adopted it; of a rule it says nothing then.
func (d *describer) adopted(depth int, by string) {
	if by != "" {
		d.line(depth, d.t("rule.list.adopted", "by", by))
	} else if depth == 0 {
		d.line(depth, d.t("rule.list.not_adopted"))
	}
}

func (d *describer) sources(depth int, sources []Source) {
	for _, s := range sources {
		certainty := d.t("rule.certainty." + string(s.Certainty))
		d.line(depth, "– "+d.t("rule.list.source", "ref", s.Ref, "certainty", certainty))
	}
}

func (d *describer) rule(r *Rule) {
	d.line(0, "")
	head := []string{r.ID, d.t("rule.severity." + string(r.Severity)), d.t("rule.side." + string(r.Side)), d.span(r.From, r.Until)}
	if len(r.Participants) > 0 {
		names := make([]string, len(r.Participants))
		for i, code := range r.Participants {
			names[i] = d.p.Participant(code)
		}
		head = append(head, d.t("rule.list.only", "participants", names))
	}
	d.line(0, strings.Join(head, " · "))
	d.line(1, strings.ReplaceAll(d.in(r.Text), "\n\n", " "))
	d.adopted(1, r.AdoptedBy)
	d.sources(1, r.Sources)
	for _, o := range r.Severities {
		d.line(1, d.t("rule.list.setting", "about", d.when(o.When), "value", d.t("rule.severity."+string(o.Severity))))
		d.sources(2, o.Sources)
	}
	for i := range r.Params {
		p := &r.Params[i]
		if p.Base == nil {
			d.line(1, d.t("rule.list.setting", "about", d.label(p), "value", d.t("rule.list.unset")))
		} else {
			d.setting(1, d.label(p), p, p.Base)
		}
		for j := range p.Overrides {
			d.setting(2, d.when(p.Overrides[j].When), p, &p.Overrides[j].Setting)
		}
	}
}

func (d *describer) label(p *Param) string { return fmt.Sprintf("%s [%s]", d.in(p.Label), p.Name) }

func (d *describer) when(w When) string {
	who := d.t("rule.list.everybody")
	switch w.Specificity() {
	case 3:
		who = d.t("rule.list.pair", "exporter", w.Exporter, "importer", w.Importer)
	case 2:
		who = d.p.Participant(w.Participant)
	}
	if span := d.span(w.From, w.Until); span != "" {
		return who + ", " + span
	}
	return who
}

func (d *describer) setting(depth int, about string, p *Param, s *Setting) {
	if s.Value != nil {
		d.line(depth, d.t("rule.list.setting", "about", about, "value", d.value(p.Type, *s.Value)))
		d.sources(depth+1, s.Sources)
		return
	}
	d.line(depth, d.t("rule.list.setting", "about", about, "value", d.t("rule.certainty.conflict")))
	for _, a := range s.Alternatives {
		key := "rule.list.not_chosen"
		if a.ID == s.Choose {
			key = "rule.list.chosen"
		}
		d.line(depth+1, d.t(key, "value", fmt.Sprintf("%s [%s]", d.value(p.Type, *a.Value), a.ID)))
		d.sources(depth+2, a.Sources)
	}
}

// value is a checked value with its unit in the language's form.
func (d *describer) value(t Type, v Value) string {
	switch t {
	case TypeBool:
		if v.Number == 1 {
			return d.t("rule.list.yes")
		}
		return d.t("rule.list.no")
	case TypeCount:
		return d.p.Number(v.Number)
	case TypeDays:
		return d.p.Limit(period.Limit{N: int(v.Number), Unit: period.CalendarDays})
	case TypeHours:
		return d.t("rule.list.hours", "count", v.Number)
	case TypeLimit:
		if l, err := period.ParseLimit(v.Text); err == nil {
			return d.p.Limit(l)
		}
	case TypeCarats:
		return d.p.Carats(measure.Carats(v.Number))
	case TypePercent:
		return d.t("rule.list.percent", "number", d.p.Decimal(formatDecimal(v.Number, decimals[t])))
	case TypeDecimal:
		return d.p.Decimal(formatDecimal(v.Number, decimals[t]))
	case TypeUSD:
		return d.p.USD(measure.USD(v.Number))
	case TypeCodes:
		if len(v.Codes) == 0 {
			return d.t("rule.list.none")
		}
		return strings.Join(v.Codes, ", ")
	}
	return v.Text
}

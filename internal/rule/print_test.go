package rule_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"pgregory.net/rapid"

	"adamas.example/internal/period"
	"adamas.example/internal/rule"
)

// press writes a content as TOML the way some hand might: in any order of keys
// and rules, as headers or inline, with comments, over several files.
type press struct {
	t *rapid.T
	b strings.Builder
}

// printFolder gives the files of a set.
func printFolder(t *rapid.T, c rule.Content) fs.FS {
	files := fstest.MapFS{}
	p := &press{t: t}
	p.header(c)
	name := "set.toml"
	for i, r := range rapid.Permutation(c.Rules).Draw(t, "order of rules") {
		if rapid.Bool().Draw(t, "another file") {
			files[name] = &fstest.MapFile{Data: []byte(p.b.String())}
			name, p = fmt.Sprintf("%c.toml", 'a'+i), &press{t: t}
		}
		p.rule(r)
	}
	files[name] = &fstest.MapFile{Data: []byte(p.b.String())}
	return files
}

// lines writes lines in some order with some noise between.
func (p *press) lines(header string, lines ...string) {
	p.b.WriteString(header + "\n")
	for _, line := range rapid.Permutation(lines).Draw(p.t, "order of keys") {
		if line == "" {
			continue
		}
		p.b.WriteString(rapid.SampledFrom([]string{"", "\n", "# a remark = [\n", "   ", "\t"}).Draw(p.t, "noise"))
		p.b.WriteString(line)
		p.b.WriteString(rapid.SampledFrom([]string{"\n", " # why\n", "\r\n", "\n\n"}).Draw(p.t, "end"))
	}
}

// text writes a string in one of the ways TOML has; paragraphs as lines that
// wrap anywhere between words.
func (p *press) text(s string) string {
	if strings.Contains(s, "\n\n") || rapid.IntRange(0, 4).Draw(p.t, "long") == 0 {
		escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
		if rapid.Bool().Draw(p.t, "wrapped") {
			escaped = strings.ReplaceAll(escaped, " ", rapid.SampledFrom([]string{"\n", "  ", " \\\n   "}).Draw(p.t, "break"))
		}
		return "\"\"\"\n" + escaped + "\n\"\"\""
	}
	return p.line(s)
}

func (p *press) line(s string) string {
	if !strings.Contains(s, "'") && rapid.Bool().Draw(p.t, "literal") {
		return "'" + s + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "é", `\u00e9`, "ç", "c\u0327").Replace(s) + `"`
}

func (p *press) three(key string, v rule.Words, one func(string) string) string {
	en, fr, pt := one(v.EN), one(v.FR), one(v.PT)
	if rapid.Bool().Draw(p.t, "inline") {
		return fmt.Sprintf("%s = {pt = %s, en=%s, fr = %s }", key, pt, en, fr)
	}
	return fmt.Sprintf("%s.fr = %s\n%s.en = %s\n%s.pt = %s", key, fr, key, en, key, pt)
}

func (p *press) sources(list []rule.Source) string {
	if len(list) == 0 {
		return ""
	}
	var items []string
	for _, s := range rapid.Permutation(list).Draw(p.t, "order of sources") {
		items = append(items, fmt.Sprintf("{ ref = %s, certainty = %q }", p.line(s.Ref), s.Certainty))
	}
	return "source = [" + strings.Join(items, ",\n") + rapid.SampledFrom([]string{"", ", ", "\n# last\n"}).Draw(p.t, "end") + "]"
}

func optional(key, value string) string {
	if value == "" {
		return ""
	}
	return key + " = " + value
}

func day(key string, d *period.Date) string {
	if d == nil {
		return ""
	}
	return key + " = " + d.String()
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return `"` + s + `"`
}

func (p *press) adopted(by string) string {
	if by == "" {
		return ""
	}
	return "adopted-by = " + p.line(by)
}

func (p *press) header(c rule.Content) {
	p.lines("[set]",
		fmt.Sprintf("id = %q", c.ID), fmt.Sprintf("version = %d", c.Version),
		p.three("title", c.Title, p.line), p.three("text", c.Text, p.text), p.sources(c.Sources),
		p.adopted(c.AdoptedBy), day("valid-from", c.From), day("valid-until", c.Until))
}

func (p *press) rule(r rule.Rule) {
	var codes []string
	for _, code := range r.Participants {
		codes = append(codes, string(code))
	}
	p.lines("[[rule]]",
		fmt.Sprintf("id = %q", r.ID), fmt.Sprintf("severity = %q", r.Severity), fmt.Sprintf("side = %q", r.Side),
		day("valid-from", r.From), day("valid-until", r.Until), p.adopted(r.AdoptedBy),
		p.list("participants", codes, true), p.three("text", r.Text, p.text), p.sources(r.Sources))
	for _, o := range rapid.Permutation(r.Severities).Draw(p.t, "order of severities") {
		p.lines("[[rule.override]]", append(p.when(o.When), fmt.Sprintf("severity = %q", o.Severity), p.sources(o.Sources))...)
	}
	for _, param := range rapid.Permutation(r.Params).Draw(p.t, "order of parameters") {
		p.param(param)
	}
}

// list writes a list of plain words, in any order where the order says nothing.
func (p *press) list(key string, items []string, anyOrder bool) string {
	if len(items) == 0 {
		return ""
	}
	if anyOrder {
		items = rapid.Permutation(items).Draw(p.t, "order of list")
	}
	return key + ` = ["` + strings.Join(items, `", "`) + `"]`
}

func (p *press) when(w rule.When) []string {
	return []string{
		optional("participant", quoted(string(w.Participant))), optional("exporter", quoted(string(w.Exporter))),
		optional("importer", quoted(string(w.Importer))), day("valid-from", w.From), day("valid-until", w.Until),
	}
}

func (p *press) param(param rule.Param) {
	lines := []string{
		fmt.Sprintf("name = %q", param.Name), fmt.Sprintf("type = %q", param.Type),
		p.three("label", param.Label, p.line), p.list("of", param.Of, true),
	}
	base := rule.Setting{}
	if param.Base == nil {
		lines = append(lines, "unset = true")
	} else {
		base = *param.Base
	}
	p.lines("[[rule.param]]", append(lines, p.setting(param.Type, base)...)...)
	p.alternatives("rule.param.alternative", param.Type, base)
	for _, o := range rapid.Permutation(param.Overrides).Draw(p.t, "order of overrides") {
		p.lines("[[rule.param.override]]", append(p.when(o.When), p.setting(param.Type, o.Setting)...)...)
		p.alternatives("rule.param.override.alternative", param.Type, o.Setting)
	}
}

func (p *press) setting(t rule.Type, s rule.Setting) []string {
	return []string{p.value(t, s.Value), p.sources(s.Sources), optional("choose", quoted(s.Choose))}
}

func (p *press) alternatives(header string, t rule.Type, s rule.Setting) {
	for _, a := range rapid.Permutation(s.Alternatives).Draw(p.t, "order of alternatives") {
		p.lines("[["+header+"]]", fmt.Sprintf("id = %q", a.ID), p.value(t, a.Value), p.sources(a.Sources))
	}
}

// value writes a value, decimals with or without zeros at the end.
func (p *press) value(t rule.Type, v *rule.Value) string {
	if v == nil {
		return ""
	}
	decimal := func(places int) string {
		s := fmt.Sprintf("%0*d", places+1, v.Number)
		s = s[:len(s)-places] + "." + s[len(s)-places:]
		if rapid.Bool().Draw(p.t, "trimmed") {
			s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
		}
		return fmt.Sprintf("value = %q", s)
	}
	switch t {
	case rule.TypeBool:
		return fmt.Sprintf("value = %t", v.Number == 1)
	case rule.TypeCount, rule.TypeDays, rule.TypeHours:
		return fmt.Sprintf("value = %d", v.Number)
	case rule.TypeCarats, rule.TypeDecimal:
		return decimal(3)
	case rule.TypePercent, rule.TypeUSD:
		return decimal(2)
	case rule.TypeCodes:
		if len(v.Codes) == 0 {
			return "value = []"
		}
		return p.list("value", v.Codes, false)
	}
	return "value = " + p.line(v.Text)
}

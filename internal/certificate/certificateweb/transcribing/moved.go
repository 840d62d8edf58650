package transcribing

import (
	"maps"
	"net/url"
	"slices"

	"adamas.example/internal/lang"
	"adamas.example/internal/web/form"
)

// moved is what somebody else has saved while the visitor typed.
type moved struct {
	By, At string
	Rows   []difference
}

// difference is a field that two have typed differently.
type difference struct {
	ID, Name     string
	Mine, Theirs string
}

// differences compares two versions of a paper field by field, in the order of the form,
// in the words in which the form shows them.
func differences(p *lang.Printer, mine, theirs url.Values, correcting, compared bool) (out []difference) {
	both := maps.Clone(theirs)
	maps.Copy(both, mine)
	compare := func(row string, all []form.Field) {
		for _, x := range all {
			d := difference{ID: x.ID, Name: x.Label, Mine: shown(p, x, mine.Get(x.Name)), Theirs: shown(p, x, theirs.Get(x.Name))}
			if row != "" {
				d.Name = row + " · " + x.Label
			}
			if d.Mine != d.Theirs {
				out = append(out, d)
			}
		}
	}
	for _, g := range groups(p, form.New(p, both), correcting, compared) {
		for _, row := range g.Rows {
			compare(row.Legend, row.Fields)
		}
		compare("", g.Fields)
	}
	return out
}

// shown is a value as its field shows it.
func shown(p *lang.Printer, x form.Field, value string) string {
	if x.Kind == "check" {
		return p.T(map[bool]string{true: "papers.moved.ticked", false: "papers.moved.unticked"}[value != ""], nil)
	}
	if i := slices.IndexFunc(x.Options, func(o form.Option) bool { return o.Value == value }); i >= 0 {
		return x.Options[i].Text
	}
	if value == "" {
		return p.T("papers.moved.nothing", nil)
	}
	return value
}

package transcribing

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/transcript"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web/form"
	"adamas.example/verify/statement"
)

// typed is a paper as the page sends it: what stands on it, and how it was presented.
type typed struct {
	importing.Transcript
	Place     string `json:"place"`
	Original  bool   `json:"original"`
	Presenter string `json:"presenter"`
	Remark    string `json:"remark"`
	Because   string `json:"because"` // of a correction
}

// group is a section of the form: fields, or rows of them.
type group struct {
	ID, Heading, Hint string
	Errors            []string // about a list as a whole
	Fields            []form.Field
	Rows              []fieldRow
	More              string // the list's name, for the button that adds a row; "" for none
}

// fieldRow is one row of a list.
type fieldRow struct {
	Legend string
	Fields []form.Field
	Less   string // its name, for the button that takes it out; "" for the only one
}

var indices = regexp.MustCompile(`\[[0-9]+\]`)

// labels makes fields whose words stand under their names.
type labels struct {
	p *lang.Printer
	f *form.Form
}

func (l labels) label(name string) string { return "papers.f." + indices.ReplaceAllString(name, "") }

func (l labels) hinted(x form.Field) form.Field {
	if key := l.label(x.Name) + ".hint"; l.p.Has(key) {
		x.Hint = l.p.T(key, nil)
	}
	return x
}

func (l labels) text(name, width string) form.Field {
	return l.hinted(l.f.Text(name, l.label(name)).Narrow(width))
}

func (l labels) number(name, unit string) form.Field {
	return l.hinted(l.f.Number(name, l.label(name), unit))
}

// groups are the form's sections in the order of the paper (KPCS Annex I A).
func groups(p *lang.Printer, f *form.Form, correcting, compared bool) []group {
	l := labels{p, f}
	head := func(id string, fields ...form.Field) group {
		return group{ID: "g-" + id, Heading: p.T("papers.g."+id, nil), Fields: fields}
	}
	number := l.hinted(f.Text("certificate_number", l.label("certificate_number")).Exact().Narrow("20").First())
	out := []group{
		head("paper", number, f.Select("issuer", l.label("issuer"), countries(p)), l.text("issuing_authority", ""), f.Date("date_of_issuance", l.label("date_of_issuance")),
			f.Date("date_of_expiry", l.label("date_of_expiry")), f.Select("kind", l.label("kind"), kinds(p)), f.Select("destination", l.label("destination"), countries(p))),
		head("parties", l.text("exporter.name", ""), l.text("exporter.address", ""), l.text("importer.name", ""), l.text("importer.address", "")),
		head("goods", l.number("carat_weight", "ct"), l.number("value_usd", "USD"), l.hinted(f.Text("number_of_parcels", l.label("number_of_parcels")).Digits().Narrow("5"))),
		l.rows("hs_codes", 1, func(r form.Row) []form.Field {
			return []form.Field{l.text(r.Name("hs_code"), "5"), l.number(r.Name("carat_weight"), "ct"), l.number(r.Name("value_usd"), "USD")}
		}),
		l.rows("origin", 1, func(r form.Row) []form.Field {
			return []form.Field{l.text(r.Name("country"), "5"), l.number(r.Name("carat_weight"), "ct")}
		}),
		l.rows("parcels", 1, func(r form.Row) []form.Field {
			return []form.Field{l.text(r.Name("number"), "20"), l.text(r.Name("container"), "5"), l.number(r.Name("carat_weight"), "ct")}
		}),
		l.rows("seals", 1, func(r form.Row) []form.Field {
			return []form.Field{l.text(r.Name("container"), "5"), l.text(r.Name("seal"), "10"), f.Select(r.Name("found"), l.label("seals.found"), sealStates(p))}
		}),
		head("presented", l.text("place", ""), f.Check("original", l.label("original")), f.Check("validated", l.label("validated")), l.text("presenter", ""), l.text("remark", "")),
	}
	out[4].Fields = []form.Field{l.text("origin_as_written", "")}
	if compared {
		out = append(out, head("looks", f.Radios("looks", l.label("looks"), form.Options(p, transcript.Likenesses()...)), l.text("looks_note", "")))
	}
	if correcting {
		out = append(out, head("because", l.text("because", "")))
	}
	return out
}

// rows makes a section of a list.
func (l labels) rows(list string, least int, row func(form.Row) []form.Field) group {
	whole := l.f.Text(list, l.label(list))
	g := group{ID: whole.ID, Heading: whole.Label, Errors: whole.Errors, More: list}
	if key := "papers.f." + list + ".hint"; l.p.Has(key) {
		g.Hint = l.p.T(key, nil)
	}
	for _, r := range l.f.Rows(list, least) {
		one := fieldRow{Legend: l.p.T("papers.row", lang.Args{"heading": whole.Label, "n": r.N}), Fields: row(r)}
		if !r.Only {
			one.Less = r.Prefix
		}
		g.Rows = append(g.Rows, one)
	}
	return g
}

// countries are all whose certificate a paper may claim to be: also those that take no
// part, since false papers name them.
func countries(p *lang.Printer) (out []form.Option) {
	codes := []ident.ParticipantCode{ident.EuropeanUnion}
	for c := range ident.Countries() {
		codes = append(codes, ident.ParticipantCode(c))
	}
	for _, c := range codes {
		out = append(out, form.Option{Value: string(c), Text: p.Participant(c)})
	}
	lang.Sort(p, out, func(o form.Option) string { return o.Text })
	return out
}

func kinds(p *lang.Printer) (out []form.Option) {
	for k := statement.KindExport; k <= statement.KindReturn; k++ {
		out = append(out, form.Option{Value: k.String(), Text: p.T("certificate.kind."+k.String(), nil)})
	}
	return out
}

// How a seal was found.
const (
	sealWhole  = "whole"
	sealBroken = "broken"
	sealAbsent = "absent"
)

func sealStates(p *lang.Printer) (out []form.Option) {
	for _, s := range []string{sealWhole, sealBroken, sealAbsent} {
		out = append(out, form.Option{Value: s, Text: p.T("papers.seal."+s, nil)})
	}
	return out
}

// take reads what was typed: the paper, and the seals as they were found, which stand
// beside those that the paper names.
func take(given url.Values) (typed, importing.Arrival, error) {
	values := url.Values{}
	for name, all := range given {
		values[name] = all
	}
	a := importing.Arrival{}
	for n := 1; n <= form.MostRows; n++ {
		at := fmt.Sprintf("seals[%d].", n)
		container, seal := strings.TrimSpace(values.Get(at+"container")), strings.TrimSpace(values.Get(at+"seal")) // as form.Values reads the paper's, which they are compared with
		found := values.Get(at + "found")
		values.Del(at + "found")
		if container+seal != "" && found != "" && found != sealAbsent {
			a.Seals = append(a.Seals, importing.SealFound{Container: container, Seal: seal, Intact: found == sealWhole})
		}
	}
	v, err := form.Values[typed](values)
	a.Place, a.Original, a.Presenter, a.Remark = oneLine(v.Place), v.Original, oneLine(v.Presenter), oneLine(v.Remark)
	return v, a, err
}

// kept is the form of a paper that is keyed again.
func kept(t *importing.Transcript, a importing.Arrival) url.Values {
	v := form.Typed(typed{Transcript: *t, Place: a.Place, Original: a.Original, Presenter: a.Presenter, Remark: a.Remark})
	for n, s := range t.Seals {
		state := sealAbsent
		for _, f := range a.Seals {
			if f.Container == s.Container && f.Seal == s.Seal {
				state = map[bool]string{true: sealWhole, false: sealBroken}[f.Intact]
			}
		}
		v.Set(fmt.Sprintf("seals[%d].found", n+1), state)
	}
	return v
}

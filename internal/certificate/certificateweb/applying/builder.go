package applying

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/web/form"
)

// group is a section of a form: fields, or rows of them.
type group struct {
	ID       string
	Heading  string
	Hint     string
	Errors   []string // about the list as a whole
	Fields   []form.Field
	Rows     []fieldRow
	Ways     []way    // buttons that add a row
	Totals   []string // what the rows come to
	Refused  []refusal
	RefusedN string // what stands over them
}

// fieldRow is one row of a list.
type fieldRow struct {
	Legend string
	Fields []form.Field
	Less   string // its name, for the button that takes it out
}

// way is a button that adds a row.
type way struct{ Value, Text string }

// builder makes the sections of one part.
type builder struct {
	p     *lang.Printer
	f     *form.Form
	given url.Values
	more  string                // the list that gets an empty row, with the sort of evidence behind a colon
	notes map[string]string     // what the office has written about a field
	fixed bool                  // kind and destination are the file's
	where *destinations         // nil where answers are only read
	mine  []certificate.Balance // imported certificates with something left
	shown map[string]bool       // names for which there is an input
	lands []form.Option         // countries by name, once they are asked for
	about applications.Part
}

var indices = regexp.MustCompile(`\[[0-9]+\]`)

// rowForm takes a field in a row apart: list, number, the rest.
var rowForm = regexp.MustCompile(`^([a-z_]+)\[([0-9]+)\](.*)$`)

// label is the key of a field's words: its path without the numbers of rows.
func label(name string) string { return "apply.f." + indices.ReplaceAllString(name, "") }

// said finishes a field: its hint, and what the office has written about it.
func (b *builder) said(x form.Field) form.Field {
	b.shown[x.Name] = true
	if hint := label(x.Name) + ".hint"; b.p.Has(hint) {
		x.Hint = b.p.T(hint, nil)
	}
	if note := b.notes[x.Name]; note != "" {
		x.Errors = append(slices.Clone(x.Errors), b.p.T("apply.office_says", lang.Args{"reason": note}))
	}
	return x
}

func (b *builder) text(name, width string) form.Field {
	return b.said(b.f.Text(name, label(name)).Narrow(width))
}
func (b *builder) exact(name string) form.Field {
	return b.said(b.f.Text(name, label(name)).Exact().Narrow("20"))
}
func (b *builder) area(name string) form.Field { return b.said(b.f.Area(name, label(name), 3)) }
func (b *builder) date(name string) form.Field { return b.said(b.f.Date(name, label(name))) }
func (b *builder) number(name, unit string) form.Field {
	return b.said(b.f.Number(name, label(name), unit))
}

// choose is one of several; few are shown all.
func (b *builder) choose(name string, options []form.Option) form.Field {
	if v := b.f.Value(name); v != "" && !slices.ContainsFunc(options, func(o form.Option) bool { return o.Value == v }) {
		options = append(slices.Clone(options), form.Option{Value: v, Text: v}) // what was typed stays
	}
	if len(options) > 3 {
		return b.said(b.f.Select(name, label(name), options))
	}
	return b.said(b.f.Radios(name, label(name), options))
}

// words are options with words of their own under a key.
func (b *builder) words(key string, values ...string) (out []form.Option) {
	for _, v := range values {
		o := form.Option{Value: v, Text: b.p.T(key+"."+strings.ReplaceAll(v, "-", "_"), nil)}
		if b.p.Has(key + "." + v + ".hint") {
			o.Hint = b.p.T(key+"."+v+".hint", nil)
		}
		out = append(out, o)
	}
	return out
}

func (b *builder) group(id string, fields ...form.Field) group {
	g := group{ID: id, Heading: b.p.T("apply.g."+id, nil), Fields: fields}
	if b.p.Has("apply.g." + id + ".hint") {
		g.Hint = b.p.T("apply.g."+id+".hint", nil)
	}
	return g
}

// rows makes a section of a list.
func (b *builder) rows(list string, least int, row func(r form.Row) []form.Field) group {
	g := b.group(list)
	g.ID = b.f.Text(list, label(list)).ID
	g.Errors = b.f.Text(list, label(list)).Errors
	if note := b.notes[list]; note != "" {
		g.Errors = append(slices.Clone(g.Errors), b.p.T("apply.office_says", lang.Args{"reason": note}))
	}
	n := len(b.f.Rows(list, 0))
	if more, _, _ := strings.Cut(b.more, ":"); more == list {
		least = n + 1
	}
	for _, r := range b.f.Rows(list, least) {
		fields := row(r)
		g.Rows = append(g.Rows, fieldRow{Legend: b.p.T("apply.row."+list, lang.Args{"n": r.N}), Fields: fields, Less: r.Prefix})
	}
	g.Ways = []way{{list, b.p.T("apply.more."+list, nil)}}
	return g
}

// groups are the sections of a part.
func (b *builder) groups(part applications.Part) []group {
	b.shown = map[string]bool{}
	b.about = part
	switch part {
	case applications.About:
		return b.aboutIt()
	case applications.Route:
		return b.route()
	case applications.Goods:
		return b.goods()
	case applications.Origin:
		return []group{b.evidence()}
	}
	additions := b.rows("additions", 0, func(r form.Row) []form.Field {
		return []form.Field{b.text(r.Name("field"), "20"), b.text(r.Name("value"), "")}
	})
	return []group{additions}
}

// licence are a licence's fields.
func (b *builder) licence(at string, kinds ...string) []form.Field {
	out := []form.Field{b.text(at+".holder", ""), b.exact(at + ".number")}
	if len(kinds) > 0 {
		out = append(out, b.choose(at+".kind", b.words("apply.licence", kinds...)))
	}
	return append(out, b.date(at+".until"))
}

func (b *builder) aboutIt() []group {
	kinds := b.words("apply.kind", string(exporting.Export), string(exporting.Temporary), string(exporting.Laboratory), string(exporting.Return), string(exporting.Technical))
	kind := exporting.Kind(b.f.Value("kind"))
	wanted := b.group("kind")
	if b.fixed {
		kinds = slices.DeleteFunc(kinds, func(o form.Option) bool { return o.Value != string(kind) })
	}
	wanted.Fields = append(wanted.Fields, b.said(b.f.Radios("kind", label("kind"), kinds)))
	if kind == exporting.Temporary || kind == exporting.Laboratory {
		wanted.Fields = append(wanted.Fields, b.date("return_by"))
	}
	out := []group{wanted}
	if kind == exporting.Technical {
		out = append(out, b.group("follows", b.exact("follows.number"), b.text("follows.case", "20"),
			b.choose("follows.reason", b.words("apply.reason", "detained", "seized", "scientific-research", "ordered-back-from-customs")), b.said(b.f.Check("follows.requested_by_issuer", label("follows.requested_by_issuer")))))
	}
	return append(out,
		b.group("applicant", b.text("applicant.name", ""), b.area("applicant.address"), b.text("applicant.acts_for", "")),
		b.group("exporter", append([]form.Field{b.text("exporter.name", ""), b.area("exporter.address")},
			b.licence("exporter.licence", "buying_house", "mining_company", "dealer", "collector")...)...))
}

func (b *builder) route() []group {
	to := b.group("destination")
	switch {
	case b.fixed:
		code := ident.ParticipantCode(b.f.Value("destination"))
		to.Fields = append(to.Fields, b.said(b.f.Radios("destination", label("destination"), []form.Option{{Value: string(code), Text: b.p.Participant(code)}})))
	case b.where == nil:
		code := ident.ParticipantCode(b.f.Value("destination"))
		to.Fields = append(to.Fields, b.choose("destination", []form.Option{{Value: string(code), Text: b.p.Participant(code)}}))
	default:
		to.Fields = append(to.Fields, b.choose("destination", b.where.options(b.p)))
		to.Refused, to.RefusedN = b.where.refused(b.p), b.p.T("apply.refused", lang.Args{"count": len(b.where.no)})
	}
	to.Fields = append(to.Fields, b.exact("destination_office"))
	return []group{to,
		b.group("consignee", b.text("consignee.name", ""), b.area("consignee.address")),
		b.group("carriage", append([]form.Field{b.choose("carriage.mode", b.words("apply.mode", "hand_carry", "courier", "air_freight")), b.text("carriage.carrier", "")},
			b.licence("carriage.licence")...)...)}
}

func (b *builder) goods() []group {
	parcels := b.rows("parcels", 1, func(r form.Row) []form.Field {
		return []form.Field{b.text(r.Name("mark"), "10"), b.text(r.Name("container"), "5"), b.number(r.Name("carats"), "ct"), b.number(r.Name("stones"), "").Digits().Narrow("5")}
	})
	codes := b.words("apply.hs", string(ident.Unsorted), string(ident.Industrial), string(ident.NonIndustrial))
	lines := b.rows("lines", 1, func(r form.Row) []form.Field {
		hs := b.said(b.f.Select(r.Name("hs"), label(r.Name("hs")), codes))
		return []form.Field{hs, b.number(r.Name("carats"), "ct"), b.number(r.Name("value_usd"), "USD")}
	})
	weight, rows := b.carats("parcels")
	parcels.Totals = []string{b.p.T("apply.total.parcels", lang.Args{"count": rows, "carats": weight})}
	declared, _ := b.carats("lines")
	var value measure.USD
	for _, r := range b.f.Rows("lines", 0) {
		if v, err := measure.ParseUSD(b.f.Value(r.Name("value_usd"))); err == nil {
			value, _ = value.Add(v)
		}
	}
	lines.Totals = []string{b.p.T("apply.total.lines", lang.Args{"carats": declared, "value": value})}
	if declared != weight {
		lines.Totals = append(lines.Totals, b.p.T("apply.total.differ", lang.Args{"carats": declared, "whole": weight}))
	}
	return []group{parcels, lines}
}

// carats is what the rows of a list weigh, as far as it can be read, and how many have
// a weight.
func (b *builder) carats(list string) (sum measure.Carats, rows int) {
	for _, r := range b.f.Rows(list, 0) {
		if w, err := measure.ParseCarats(b.f.Value(r.Name("carats"))); err == nil {
			sum, _ = sum.Add(w)
			rows++
		}
	}
	return sum, rows
}

// evidence is what the weight rests on, each row with the fields of its sort.
func (b *builder) evidence() group {
	_, added, _ := strings.Cut(b.more, ":")
	g := b.rows("evidence", 0, func(r form.Row) []form.Field {
		name := r.Name("sort")
		if b.f.Value(name) == "" {
			b.f.Set(name, cmp.Or(added, string(applications.Mine)))
		}
		return append([]form.Field{b.said(b.f.Hidden(name))}, b.evidenceOf(r, applications.Sort(b.f.Value(name)))...)
	})
	for i := range g.Rows {
		sort := b.f.Value(g.Rows[i].Less + ".sort")
		g.Rows[i].Legend = b.p.T("apply.row.sorted", lang.Args{"n": i + 1, "sort": b.p.T("apply.sort."+sort, nil)})
	}
	g.Ways = nil
	for _, s := range applications.Sorts() {
		g.Ways = append(g.Ways, way{"evidence:" + string(s), b.p.T("apply.sort."+string(s), nil)})
	}
	have, _ := b.carats("evidence")
	g.Totals = []string{b.p.T("apply.total.evidence", lang.Args{"carats": have})}
	return g
}

func (b *builder) evidenceOf(r form.Row, sort applications.Sort) []form.Field {
	var own []form.Field
	switch sort {
	case applications.Exploration:
		own = []form.Field{b.text(r.Name("mine.name"), ""), b.exact(r.Name("mine.point")), b.text(r.Name("mine.record"), "")}
	case applications.Concentrate:
		own = []form.Field{b.text(r.Name("mine.name"), ""), b.text(r.Name("mine.place"), ""), b.text(r.Name("mine.record"), "")}
	case applications.Imported:
		own = []form.Field{b.imported(r.Name("certificate.number"))}
	case applications.Lot:
		own = []form.Field{b.exact(r.Name("lot.lot")), b.said(b.f.Text(r.Name("lot.root"), label(r.Name("lot.root"))).Exact())}
	case applications.Stock:
		own = []form.Field{b.text(r.Name("stock.basis"), ""), b.date(r.Name("stock.on"))}
	default:
		own = []form.Field{b.text(r.Name("mine.name"), ""), b.text(r.Name("mine.place"), ""), b.exact(r.Name("mine.point")), b.text(r.Name("mine.record"), "")}
	}
	if sort != "" { // names differ by sort where the paper does
		for i := range own {
			if key := fmt.Sprintf("%s.%s", label(own[i].Name), sort); b.p.Has(key) {
				own[i].Label = b.p.T(key, nil)
			}
		}
	}
	return append(own, b.said(b.f.Select(r.Name("origin"), label(r.Name("origin")), b.countries())), b.number(r.Name("carats"), "ct"))
}

// imported is a certificate under which stones came: chosen from the company's own with
// what is left of each, or typed where none is known to be the company's.
func (b *builder) imported(name string) form.Field {
	typed := b.f.Value(name)
	var options []form.Option
	for _, x := range b.mine {
		options = append(options, form.Option{Value: x.Number, Text: b.p.T("apply.left", lang.Args{"number": ident.CertificateNumber(x.Number), "carats": measure.Carats(x.Free() * 10), "day": x.ReceivedAt})})
	}
	if len(options) == 0 || typed != "" && !slices.ContainsFunc(options, func(o form.Option) bool { return o.Value == typed }) {
		return b.exact(name)
	}
	return b.said(b.f.Select(name, label(name), options))
}

// countries are those where stones may have been mined, by name.
func (b *builder) countries() (out []form.Option) {
	if b.lands == nil { // each row of evidence asks
		for code := range ident.Countries() {
			b.lands = append(b.lands, form.Option{Value: string(code), Text: b.p.Country(code)})
		}
		lang.Sort(b.p, b.lands, func(o form.Option) string { return o.Text })
	}
	return slices.Clone(b.lands)
}

// hidden carries on what was typed and has no input on this page.
func (b *builder) hidden() (out []form.Field) {
	for name := range b.given {
		if !b.shown[name] && applications.PartOf(name) == b.about {
			out = append(out, b.f.Hidden(name))
		}
	}
	slices.SortFunc(out, func(x, y form.Field) int { return cmp.Compare(x.Name, y.Name) })
	return out
}

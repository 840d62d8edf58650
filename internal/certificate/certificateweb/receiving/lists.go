package receiving

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing/worklist"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/table"
)

// list is one of the desk's lists.
type list struct {
	What string
	Sums []count
	List *table.Shown
}

// came is what a shipment came with. A paper from outside is no certificate that its
// issuer has signed, and counts apart from those.
type came string

const (
	withCertificate came = "certificate"
	withPaper       came = "paper"
	withNone        came = "none"
)

func cames() []came { return []came{withCertificate, withPaper, withNone} }

// TextKeys names its words.
func (c came) TextKeys() []string { return []string{"receiving.came." + string(c)} }

func cameOf(f *consignment.Consignment) came {
	switch {
	case f.OnPaper:
		return withPaper
	case f.Number == "":
		return withNone
	}
	return withCertificate
}

// lists are the desk's, by name; that of open cases stands beside them.
var lists = []string{"arrived", "confirmed", "overdue"}

// entry is a row of a list: a shipment, and the time by which the list goes.
type entry struct {
	*consignment.Consignment
	at time.Time // since when it is overdue, or the end of a case's next clock; zero for none
}

// showList serves a list as a page, or as the file that its address asks for.
func (c *counter) showList(name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		rows, err := c.listed(r.Context(), name)
		if err != nil {
			return err
		}
		p := c.site.Printer(r)
		t := c.table(p, name, rows)
		shown, err := t.Answer(w, r, c.site, table.Rows(t, rows))
		if shown == nil {
			return err
		}
		data := list{What: p.T("receiving.list."+name+".what", nil), List: shown}
		for _, with := range cames() {
			data.Sums = append(data.Sums, count{listPath(name) + "?came=" + string(with), p.T("receiving.sum."+string(with), nil), p.Number(counted(rows, with))})
		}
		return c.list.Render(w, r, p.T("receiving.list."+name, nil), data)
	}
}

// counted is how many of a list came with something.
func counted(rows []entry, with came) (n int64) {
	for _, e := range rows {
		if cameOf(e.Consignment) == with {
			n++
		}
	}
	return n
}

// table is a list's columns; rows say which states and countries can be asked for.
func (c *counter) table(p *lang.Printer, name string, rows []entry) *table.Table[entry] {
	t := &table.Table[entry]{
		Name: "receiving.list." + name, Empty: "receiving.list.none",
		Link: func(e entry) string { return rowPath(e.Consignment) },
		Columns: []table.Column[entry]{
			{Key: "number", Title: "receiving.col.number", Sort: true, Exact: true, Value: func(e entry) any { return numberOf(e.Consignment) }},
			{Key: "from", Title: "receiving.col.from", Sort: true, Value: func(e entry) any { return p.Participant(e.Counterpart) }},
			{Key: "came", Title: "receiving.col.came", Sort: true, Value: func(e entry) any { return cameOf(e.Consignment) }},
			{Key: "state", Title: "receiving.col.state", Sort: true, Value: func(e entry) any { return p.Show(e.State) }},
			{Key: "since", Title: "receiving.col.since", Sort: true, Value: func(e entry) any { return e.MovedAt }},
		},
		Filters: []table.Filter[entry]{
			{Key: "number", Label: "receiving.col.number"},
			{Key: "from", Label: "receiving.col.from", Value: func(e entry) string { return string(e.Counterpart) }, Options: func(*lang.Printer) []form.Option {
				return distinct(rows, func(e entry) form.Option {
					return form.Option{Value: string(e.Counterpart), Text: p.Participant(e.Counterpart)}
				})
			}},
			{Key: "came", Label: "receiving.col.came", Value: func(e entry) string { return string(cameOf(e.Consignment)) }, Options: func(*lang.Printer) []form.Option { return form.Options(p, cames()...) }},
			{Key: "state", Label: "receiving.col.state", Value: func(e entry) string { return string(e.State) }, Options: func(*lang.Printer) []form.Option {
				return distinct(rows, func(e entry) form.Option { return form.Option{Value: string(e.State), Text: p.Show(e.State)} })
			}},
		},
	}
	switch name {
	case "overdue":
		t.Columns = append(t.Columns, table.Column[entry]{Key: "late", Title: "receiving.col.late", Sort: true, Value: day})
	case "cases":
		t.Columns = append(t.Columns, table.Column[entry]{Key: "due", Title: "receiving.col.due", Sort: true, Value: day, Mark: func(e entry) web.Mark {
			if e.at.IsZero() {
				return web.Wait
			}
			return clockOf(p, worklist.Clock{Param: "report-within", Until: period.DateOf(e.at)}, period.DateOf(c.site.Now())).Mark
		}})
	}
	return t
}

// numberOf is the certificate's, or the file's where there is no certificate: grouped on
// the page and not in a file.
func numberOf(f *consignment.Consignment) any {
	if f.Number == "" {
		return f.ID
	}
	return ident.CertificateNumber(f.Number)
}

// day is the one by which the list goes; nil for none.
func day(e entry) any {
	if e.at.IsZero() {
		return nil
	}
	return period.DateOf(e.at)
}

// distinct are the options that the rows of a list have, each once, by their words.
func distinct(rows []entry, of func(entry) form.Option) (out []form.Option) {
	for _, e := range rows {
		if o := of(e); !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b form.Option) int { return strings.Compare(table.Folded(a.Text), table.Folded(b.Text)) })
	return out
}

// listed reads a list.
func (c *counter) listed(ctx context.Context, name string) (out []entry, err error) {
	var found []*consignment.Consignment
	switch name {
	case "overdue":
		late, err := c.work.Overdue(ctx)
		for _, f := range late {
			out = append(out, entry{f.Consignment, f.Since})
		}
		return out, err
	case "cases":
		found, err = c.work.Cases(ctx)
	case "arrived":
		found, err = c.work.On(ctx, consignment.Arrive, period.DateOf(c.site.Now()))
	case "confirmed":
		found, err = c.work.On(ctx, consignment.Confirm, period.DateOf(c.site.Now()))
	}
	for _, f := range found {
		e := entry{Consignment: f}
		if name == "cases" && !f.Due.IsZero() {
			e.at = f.Due.Add(-1) // the end of that day
		}
		out = append(out, e)
	}
	return out, err
}

// sendPaper sends what a confirmed receipt is printed as.
func (c *counter) sendPaper(print printing.Paper) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := c.desk.Look(r.Context(), r.PathValue("id"))
		if err != nil {
			return err
		}
		raw, err := printing.Confirmed(r.Context(), c.node, c.desk, s.ID, print)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Disposition", `attachment; filename="`+s.Number+"-"+path.Base(r.URL.Path)+`"`)
		w.Header().Set("Cache-Control", "no-store")
		return c.site.SendText(w, r, "application/pdf", raw)
	}
}

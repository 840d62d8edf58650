package accounts

import (
	"net/http"

	"adamas.example/internal/certificate/certificateweb/issuing"
	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// backPage lists goods that are to come back.
type backPage struct {
	Rows []backRow
}

type backRow struct {
	Path, Number, Until, Out, Back, Open string
	Late                                 bool
	Mark                                 web.Mark
}

// horizon is how far ahead goods that are to come back are listed, in days.
const horizon = 3660

func (d *desk) showBack(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	today := d.today()
	var all []exporting.Outward
	err := d.read(r, func(tx *store.Tx) (err error) {
		all, err = exporting.NotReturned(tx, today.AddDays(horizon))
		return err
	})
	if err != nil {
		return err
	}
	data := backPage{}
	for _, x := range all {
		path := "/certificates/" + x.Number
		if d.site.May(r, work) {
			path = "/issuing/" + x.Consignment
		}
		row := backRow{Path: path, Number: number(x.Number), Until: p.Show(x.ReturnBy), Out: carats(p, &x.Out), Back: carats(p, &x.Back), Late: x.ReturnBy < today, Mark: web.Wait}
		open := x.Out - x.Back
		if row.Open = carats(p, &open); row.Late {
			row.Mark = web.Tell
		}
		data.Rows = append(data.Rows, row)
	}
	return d.back.Render(w, r, p.T("certificate.accounts.back.title", nil), data)
}

func carats(p *lang.Printer, hundredths *uint64) string {
	if hundredths == nil {
		return ""
	}
	c, err := measure.FromHundredths(int64(*hundredths))
	if err != nil {
		return ""
	}
	return p.Show(c)
}

func value(p *lang.Printer, cents *uint64) string {
	if cents == nil {
		return ""
	}
	return p.Show(measure.USD(*cents))
}

func (d *desk) today() period.Date { return period.DateOf(d.node.Now().UTC()) }

// dayPage is what the office did on a day.
type dayPage struct {
	Day           string
	Before, After string
	Problem       string
	Tables        []dayTable
	XLSX, PDF     string
}

type dayTable struct {
	ID, Title, Other, When string
	Apart                  bool // what it counts is of no certificate
	Rows                   []dayRow
	Carats, Value          string
	Without                bool // numbers without a certificate
}

type dayRow struct{ Path, Number, Other, Day, Carats, Value, State string }

// chosen is the day that was asked for: today when none was. Fault of
// period.ParseTyped.
func (d *desk) chosen(r *http.Request) (period.Date, error) {
	typed := r.URL.Query().Get("day")
	if typed == "" {
		return d.today(), nil
	}
	day, err := period.ParseTyped(typed)
	if err != nil {
		return d.today(), fault.Locate(err, fault.At("day"))
	}
	return day, nil
}

func (d *desk) showDay(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	day, wrong := d.chosen(r)
	got, err := printing.Days(d.env(r), d.node, day, day)
	if err != nil {
		return err
	}
	data := dayPage{Day: day.String(), Before: "/daily?day=" + day.AddDays(-1).String(), XLSX: "/daily/register.xlsx?day=" + day.String(), PDF: "/daily/register.pdf?day=" + day.String()}
	if day < d.today() {
		data.After = "/daily?day=" + day.AddDays(1).String()
	}
	data.Tables = tables(p, got)
	status := http.StatusOK
	if wrong != nil {
		status = http.StatusUnprocessableEntity
		for _, s := range p.Explain(wrong, "-") {
			data.Problem += s.Text + " " + s.Remedy
		}
	}
	return d.day.RenderAs(w, r, status, p.T("certificate.accounts.day.title", lang.Args{"day": day}), data)
}

// part is one of the parts of a day's register.
type part struct {
	id, other, when string
	entries         []paper.Entry
}

func parts(r paper.Register) []part {
	return []part{{"issued", "col.to", "col.expires", r.Issued}, {"received", "col.from_p", "col.day", r.Received}, {"papers", "col.from_p", "col.day", r.Papers}, {"ended", "", "col.day", r.Ended}}
}

// tables are the parts of a day's register on the page.
func tables(p *lang.Printer, r paper.Register) (out []dayTable) {
	t := func(key string) string { return p.T("certificate.accounts."+key, nil) }
	for _, part := range parts(r) {
		table := dayTable{ID: part.id, Title: t("day." + part.id), When: t(part.when), Without: part.id == "ended", Apart: part.id == "papers"}
		if part.other != "" {
			table.Other = t(part.other)
		}
		var weight, worth uint64
		for _, e := range part.entries {
			row := dayRow{Path: "/certificates/" + e.Number, Number: number(e.Number), Other: p.Participant(e.Other), Day: p.Show(e.Day), Carats: carats(p, e.Carats), Value: value(p, e.Value), State: p.Show(e.State)}
			if table.Without {
				row.Path, row.Other = "", e.Remark
				row.State = p.T("certificate.sheet."+e.Without, nil)
			}
			if e.Carats != nil {
				weight += *e.Carats
			}
			if e.Value != nil {
				worth += *e.Value
			}
			table.Rows = append(table.Rows, row)
		}
		table.Carats, table.Value = carats(p, &weight), value(p, &worth)
		out = append(out, table)
	}
	return out
}

// sendDay sends the day as a workbook.
func (d *desk) sendDay(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	day, err := d.chosen(r)
	if err != nil {
		return err
	}
	got, err := printing.Days(d.env(r), d.node, day, day)
	if err != nil {
		return err
	}
	s := sheet.Sheet{Name: day.String(), Synthetic: d.node.Synthetic}
	for _, c := range []string{"kind", "number", "to", "day", "carats", "value", "state", "reason"} {
		s.Columns = append(s.Columns, sheet.Column{Head: p.T("certificate.accounts.col."+c, nil)})
	}
	s.Rows = func(yield func([]any, error) bool) {
		for _, part := range parts(got) {
			for _, e := range part.entries {
				if !yield(dayLine(p, p.T("certificate.accounts.day."+part.id, nil), &e), nil) {
					return
				}
			}
		}
	}
	return issuing.Send(w, p, s, issuing.XLSX, "register-"+day.String())
}

// dayLine is an entry as a row of the workbook; what was not disclosed stays empty.
func dayLine(p *lang.Printer, kind string, e *paper.Entry) []any {
	line := []any{kind, e.Number, "", e.Day, nil, nil, "", e.Remark}
	if e.Without != "" {
		line[6] = p.T("certificate.sheet."+e.Without, nil)
		return line
	}
	line[2], line[6] = p.Participant(e.Other), p.Show(e.State)
	if e.Carats != nil {
		if c, err := measure.FromHundredths(int64(*e.Carats)); err == nil {
			line[4] = c
		}
	}
	if e.Value != nil {
		line[5] = measure.USD(*e.Value)
	}
	return line
}

// printDay sends the day as the paper that is filed.
func (d *desk) printDay(w http.ResponseWriter, r *http.Request) error {
	day, err := d.chosen(r)
	if err != nil {
		return err
	}
	got, err := printing.Days(d.env(r), d.node, day, day)
	if err != nil {
		return err
	}
	look := printing.Look{Second: "profile", Site: "HTTPS://V.KP.EXAMPLE"}
	raw, err := look.PDF(d.env(r), d.node, got)
	if err != nil {
		return err
	}
	return issuing.SendFile(w, "application/pdf", "register-"+day.String()+".pdf", raw)
}

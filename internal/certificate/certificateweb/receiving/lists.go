package receiving

import (
	"bytes"
	"net/http"
	"path"
	"time"

	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/period"
	"adamas.example/internal/sheet"
	"adamas.example/internal/web"
)

// list is one of the desk's lists as a table.
type list struct {
	Name  string
	What  string
	Rows  []lateRow
	Late  bool   // a column of since when
	File  string // the same as a table in a file, without its ending
	Pages web.Pages
	Paper bool // each row has its receipt to print
}

type lateRow struct{ Path, Number, From, State, Since, Late, Receipt, Coupon string }

// listShown is how many rows one page has.
const listShown = 100

// lists are the desk's, by name.
var lists = []string{"arrived", "confirmed", "overdue"}

// showList serves one of them as a page.
func (c *counter) showList(name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		rows, err := c.listed(r, name)
		if err != nil {
			return err
		}
		return c.renderList(w, r, name, rows)
	}
}

func (c *counter) renderList(w http.ResponseWriter, r *http.Request, name string, rows []entry) error {
	start, err := rankOf(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	data := list{Name: name, What: p.T("receiving.list."+name+".what", nil), Late: name == "overdue", Paper: name == "confirmed", File: "/imports/lists/" + name,
		Pages: ranked(p, r.URL, start, listShown, len(rows))}
	for _, f := range rows[min(start, len(rows)):min(start+listShown, len(rows))] {
		one := rowOf(p, f.Consignment)
		row := lateRow{Path: one.Path, Number: one.Number, From: one.From, State: one.State, Since: one.Since}
		if !f.late.IsZero() {
			row.Late = p.Show(period.DateOf(f.late))
		}
		if data.Paper {
			row.Receipt, row.Coupon = "/imports/"+f.ID+"/receipt.pdf", "/imports/"+f.ID+"/coupon.pdf"
		}
		data.Rows = append(data.Rows, row)
	}
	return c.list.Render(w, r, p.T("receiving.list."+name, nil), data)
}

// entry is a row before it is put into words.
type entry struct {
	*consignment.Consignment
	late time.Time // since when something is overdue; zero otherwise
}

// listed reads a list.
func (c *counter) listed(r *http.Request, name string) (out []entry, err error) {
	acts := map[string]consignment.Act{"arrived": consignment.Arrive, "confirmed": consignment.Confirm}
	if act, ok := acts[name]; ok {
		found, err := c.work.On(r.Context(), act, period.DateOf(c.site.Now()))
		for _, f := range found {
			out = append(out, entry{f, time.Time{}})
		}
		return out, err
	}
	found, err := c.work.Overdue(r.Context())
	for _, f := range found {
		out = append(out, entry{f.Consignment, f.Since})
	}
	return out, err
}

// sendList sends a list for a spreadsheet: names that do not change with the language.
func (c *counter) sendList(name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		rows, err := c.listed(r, name)
		if err != nil {
			return err
		}
		return c.sendTable(w, r, name, c.table(rows))
	}
}

func (c *counter) table(rows []entry) [][]any {
	out := [][]any{{"consignment", "certificate", "from", "state", "moved_at", "overdue_since"}}
	for _, f := range rows {
		out = append(out, []any{f.ID, f.Number, string(f.Counterpart), string(f.State), f.MovedAt, f.late})
	}
	return out
}

// sendTable sends a table, whose first row is its head, as the file that the address
// names: a workbook, or CSV for the spreadsheet of the reader's language.
func (c *counter) sendTable(w http.ResponseWriter, r *http.Request, name string, rows [][]any) (err error) {
	var out bytes.Buffer
	table, ext, kind := sheet.Sheet{Name: name, Synthetic: c.site.Synthetic()}, path.Ext(r.URL.Path), "text/csv; charset=utf-8"
	for _, head := range rows[0] {
		table.Columns = append(table.Columns, sheet.Column{Head: head.(string), Width: 20})
	}
	table.Rows = func(yield func([]any, error) bool) {
		for _, row := range rows[1:] {
			if !yield(row, nil) {
				return
			}
		}
	}
	if ext == ".xlsx" {
		kind, err = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", table.XLSX(&out)
	} else {
		err = table.CSV(&out, c.site.Printer(r).Language())
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="imports-`+name+"-"+period.DateOf(c.site.Now()).String()+ext+`"`)
	w.Header().Set("Cache-Control", "no-store")
	return c.site.SendText(w, r, kind, out.Bytes())
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

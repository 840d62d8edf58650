package receiving

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"path"
	"strings"
	"time"

	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/period"
	"adamas.example/internal/web"
)

// list is one of the desk's lists as a table.
type list struct {
	Name  string
	What  string
	Rows  []lateRow
	Late  bool   // a column of since when
	File  string // the same as a table file
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
	data := list{Name: name, What: p.T("receiving.list."+name+".what", nil), Late: name == "overdue", Paper: name == "confirmed", File: "/imports/lists/" + name + ".csv",
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

func (c *counter) table(rows []entry) [][]string {
	out := [][]string{{"consignment", "certificate", "from", "state", "moved_at", "overdue_since", "synthetic"}}
	for _, f := range rows {
		late := ""
		if !f.late.IsZero() {
			late = f.late.UTC().Format(time.RFC3339)
		}
		out = append(out, []string{f.ID, f.Number, string(f.Counterpart), string(f.State), f.MovedAt.UTC().Format(time.RFC3339), late, yes(c.site.Synthetic())})
	}
	return out
}

// sendTable sends a table as CSV; what a spreadsheet would reckon with is text there.
func (c *counter) sendTable(w http.ResponseWriter, r *http.Request, name string, rows [][]string) error {
	var out bytes.Buffer
	cw := csv.NewWriter(&out)
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
		cw.Write(row) // into memory: it cannot fail
	}
	cw.Flush()
	w.Header().Set("Content-Disposition", `attachment; filename="imports-`+name+"-"+period.DateOf(c.site.Now()).String()+`.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	return c.site.SendText(w, r, "text/csv; charset=utf-8", out.Bytes())
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
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

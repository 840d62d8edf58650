package applying

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/web"
)

// list is the company's applications, or for an officer everybody's.
type list struct {
	MayStart bool
	Drafts   []draftLine
	States   []choice
	Text     string
	Sort     string
	Up       bool
	Filtered bool
	Heads    []head
	Rows     []line
	Count    string
	Pages    web.Pages
	CSV      string
	Officer  bool
}

type choice struct {
	Value, Name string
	Chosen      bool
}

// head is a column's name, with the way to sort by it.
type head struct {
	Name, Path, Sign string
	Aria             string
}

type draftLine struct{ Path, Name, Edited, Weight string }

type line struct {
	Path, ID, To, Number, Status, Since, Opened, Who string
	Mark                                             web.Mark
}

// pageSize is how many applications one page shows.
const pageSize = 50

// filterOf reads what a reader asks the list for.
func filterOf(q url.Values) (f consignment.Filter, page int) {
	f = consignment.Filter{Text: strings.TrimSpace(q.Get("text")), Sort: q.Get("sort"), Up: q.Get("way") == "up"}
	if s := consignment.State(q.Get("state")); slices.Contains(consignment.ExportStates(), s) {
		f.States = []consignment.State{s}
	}
	if page, _ = strconv.Atoi(q.Get("page")); page < 1 || page > 1_000_000 {
		page = 1
	}
	return f, page
}

func (c *counter) showList(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	f, page := filterOf(r.URL.Query())
	data := list{MayStart: who.Company != "", Officer: who.Company == "", Text: f.Text, Sort: f.Sort, Up: f.Up, Filtered: f.Text != "" || len(f.States) > 0}
	if data.MayStart && page == 1 {
		if data.Drafts, err = c.drafts(r, p, who); err != nil {
			return err
		}
	}
	files, count, err := c.service.Files(r.Context(), who, f, (page-1)*pageSize, pageSize)
	if err != nil {
		return err
	}
	for _, x := range files {
		data.Rows = append(data.Rows, lineOf(p, x))
	}
	for _, s := range consignment.ExportStates() {
		data.States = append(data.States, choice{string(s), p.T("apply.state."+string(s), nil), slices.Contains(f.States, s)})
	}
	data.Count = p.T("apply.count", lang.Args{"count": int(count)})
	data.Heads = heads(p, r.URL, f)
	data.CSV = "/applications.csv?" + r.URL.Query().Encode()
	earlier, later := "", ""
	if page > 1 {
		earlier = strconv.Itoa(page - 1)
	}
	if int64(page)*pageSize < count {
		later = strconv.Itoa(page + 1)
	}
	data.Pages = web.Newer(p, r.URL, "page", earlier, later)
	return c.list.Render(w, r, p.T("apply.menu", nil), data)
}

// heads are the columns; a second choice of one turns its order round.
func heads(p *lang.Printer, u *url.URL, f consignment.Filter) (out []head) {
	for _, name := range []string{"id", "to", "state", "moved", "opened"} {
		h := head{Name: p.T("apply.head."+name, nil)}
		if sort := map[string]string{"id": "id", "moved": "moved", "opened": "opened"}[name]; sort != "" {
			q := u.Query()
			q.Del("page")
			q.Set("sort", sort)
			q.Set("way", "down")
			if chosen := f.Sort == sort || f.Sort == "" && sort == "moved"; chosen {
				h.Sign, h.Aria = "↓", "descending"
				if f.Up {
					h.Sign, h.Aria = "↑", "ascending"
				} else {
					q.Set("way", "up")
				}
			}
			h.Path = "/applications?" + q.Encode()
		}
		out = append(out, h)
	}
	return out
}

func lineOf(p *lang.Printer, x consignment.Owned) line {
	l := line{Path: "/applications/" + x.ID, ID: x.ID, To: p.Participant(x.Counterpart), Status: p.T("apply.state."+string(x.State), nil), Since: p.Time(x.MovedAt), Opened: p.Time(x.OpenedAt),
		Who: x.Owner.Name, Mark: markOf(x.State)}
	if x.Number != "" {
		l.Number = ident.CertificateNumber(x.Number).Display()
	}
	return l
}

// drafts are the company's applications that are not sent.
func (c *counter) drafts(r *http.Request, p *lang.Printer, who applications.Who) (out []draftLine, err error) {
	all, err := c.service.Drafts(r.Context(), who)
	for _, d := range all {
		line := draftLine{Path: draftPath(d.ID), Name: c.titleOf(p, d), Edited: p.T("apply.edited", lang.Args{"by": d.EditedBy, "at": d.EditedAt})}
		if to, err := ident.ParseParticipant(d.Fields(applications.Route).Get("destination")); err == nil {
			line.Name = p.T("apply.to", lang.Args{"what": line.Name, "participant": to})
		}
		var sum measure.Carats
		for name, v := range d.Fields(applications.Goods) {
			if w, err := measure.ParseCarats(v[0]); err == nil && strings.HasPrefix(name, "parcels[") && strings.HasSuffix(name, ".carats") {
				sum, _ = sum.Add(w)
			}
		}
		if sum > 0 {
			line.Weight = p.Show(sum)
		}
		out = append(out, line)
	}
	return out, err
}

// mostRows bounds a table that is sent as a file.
const mostRows = 10_000

// sendTable sends the list as CSV: UTF-8 with a byte order mark, for spreadsheets.
func (c *counter) sendTable(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	f, _ := filterOf(r.URL.Query())
	files, _, err := c.service.Files(r.Context(), who, f, 0, mostRows)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="applications.csv"`)
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write([]byte("\ufeff")); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	var names []string
	for _, key := range []string{"id", "opened", "moved", "state", "to", "number", "by"} {
		names = append(names, p.T("apply.head."+key, nil))
	}
	if err := out.Write(names); err != nil {
		return err
	}
	for _, x := range files {
		row := []string{x.ID, x.OpenedAt.Format("2006-01-02T15:04:05Z"), x.MovedAt.Format("2006-01-02T15:04:05Z"), p.T("apply.state."+string(x.State), nil), string(x.Counterpart), x.Number, harmless(x.Owner.Name)}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from reckoning with a name.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

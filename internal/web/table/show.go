package table

import (
	"net/url"
	"strconv"

	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// Shown is a list as the template "table" shows it.
type Shown struct {
	Caption string
	Heads   []Head
	Rows    []Line
	Filter  Asking
	Count   string // in words: how many, of which these
	None    string // in words, when there is no row
	Pages   web.Pages
	Sizes   []Choice
	Files   []Choice
	Words   Words
}

// Words are what stands around every list.
type Words struct{ Sizes, Files string }

// Head is a column's head.
type Head struct {
	Text   string
	Link   string // sorts by it; "" where that cannot be done
	Sorted string // ascending, descending: aria-sort
	Right  bool
}

// Line is a row: the cell that names it, which is its link, and the others.
type Line struct {
	Link  string
	Name  Cell
	Cells []Cell
}

// Cell is one cell.
type Cell struct {
	Label string // the column's, for a screen too narrow for columns
	Text  string
	Mark  *web.Mark
	Right bool
	Exact bool
}

// Asking is the form above a list.
type Asking struct {
	Path, Label, Button string
	Fields              []form.Field
	Hidden              []form.Field
	Clear, ClearWords   string // address without filters; "" when none is set
}

// Choice is a link.
type Choice struct {
	Path, Text string
	Current    bool
}

func (t *Table[R]) show(p *lang.Printer, u *url.URL, q Query, rows []R, total int) *Shown {
	s := &Shown{Caption: p.T(t.Name, nil), Filter: t.asking(p, u, q), Words: Words{p.T("web.table.sizes", nil), p.T("web.table.files", nil)}}
	for _, c := range t.Columns {
		s.Heads = append(s.Heads, t.head(p, u, q, c))
	}
	s.Rows = make([]Line, 0, len(rows))
	for _, r := range rows {
		line := Line{Cells: make([]Cell, 0, len(t.Columns)-1)}
		if t.Link != nil {
			line.Link = t.Link(r)
		}
		for i, c := range t.Columns {
			x := Cell{Label: s.Heads[i].Text, Exact: c.Exact}
			x.Text, x.Right = cell(p, c.Value(r))
			if c.Mark != nil && x.Text != "" { // a shape says nothing without its word
				m := c.Mark(r)
				x.Mark = &m
			}
			s.Heads[i].Right = s.Heads[i].Right || x.Right
			if i == 0 {
				line.Name = x
			} else {
				line.Cells = append(line.Cells, x)
			}
		}
		s.Rows = append(s.Rows, line)
	}
	switch {
	case total > 0:
		s.Count = p.T("web.table.count", lang.Args{"count": total, "first": q.Offset + 1, "last": q.Offset + len(rows)})
		s.Files = []Choice{{Path: with(u, formatName, "csv", pageName, ""), Text: "CSV"}, {Path: with(u, formatName, "xlsx", pageName, ""), Text: "xlsx"}}
	case len(q.Filters) > 0:
		s.None = p.T("web.table.none", nil)
	default:
		s.None, s.Filter = p.T(t.Empty, nil), Asking{}
	}
	s.pages(p, u, q, total)
	return s
}

// head links to the order by the column, and where that is chosen to the other way round.
func (t *Table[R]) head(p *lang.Printer, u *url.URL, q Query, c Column[R]) Head {
	h := Head{Text: c.title(p)}
	if !c.Sort {
		return h
	}
	order := c.Key
	if q.Order == c.Key {
		h.Sorted = map[bool]string{false: "ascending", true: "descending"}[q.Down]
		if !q.Down {
			order = "-" + c.Key
		}
	}
	h.Link = with(u, orderName, order, pageName, "")
	return h
}

func (s *Shown) pages(p *lang.Printer, u *url.URL, q Query, total int) {
	s.Pages = web.Pages{EarlierWords: p.T("web.table.earlier", nil), LaterWords: p.T("web.table.later", nil), Label: p.T("web.pages", nil)}
	if n := q.Offset / q.Limit; n > 0 {
		s.Pages.Earlier = with(u, pageName, strconv.Itoa(n))
	}
	if q.Offset+q.Limit < total {
		s.Pages.Later = with(u, pageName, strconv.Itoa(q.Offset/q.Limit+2))
	}
	if total > sizes[0] {
		for _, n := range sizes {
			s.Sizes = append(s.Sizes, Choice{with(u, sizeName, strconv.Itoa(n), pageName, ""), p.Number(int64(n)), n == q.Limit})
		}
	}
}

// asking is the form that narrows the list; what else stands in the address stays there.
func (t *Table[R]) asking(p *lang.Printer, u *url.URL, q Query) Asking {
	if len(t.Filters) == 0 {
		return Asking{}
	}
	a := Asking{Path: u.EscapedPath(), Label: p.T("web.table.filter", nil), Button: p.T("web.table.show", nil), ClearWords: p.T("web.table.clear", nil)}
	given, rest := url.Values{}, u.Query()
	for key, text := range q.Filters {
		given.Set(key, text)
	}
	f := form.New(p, given)
	clear := []string{pageName, ""}
	for _, x := range t.Filters {
		if x.Options != nil {
			a.Fields = append(a.Fields, f.Select(x.Key, x.Label, x.Options(p)))
		} else {
			a.Fields = append(a.Fields, f.Text(x.Key, x.Label).Narrow("20"))
		}
		rest.Del(x.Key)
		clear = append(clear, x.Key, "")
	}
	rest.Del(pageName)
	kept := form.New(p, rest)
	for _, name := range sorted(rest) {
		a.Hidden = append(a.Hidden, kept.Hidden(name))
	}
	if len(q.Filters) > 0 {
		a.Clear = with(u, clear...)
	}
	return a
}

package table

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// Table says what a list of R shows. It is made once and used by many at once.
type Table[R any] struct {
	Name    string // key of what the list is called
	Columns []Column[R]
	Filters []Filter[R]
	Link    func(R) string // where a row leads; nil: nowhere
	Order   string         // of rows when nobody chose: a column's key, "-" before it for the greatest first
	Empty   string         // key of what is said when there is nothing at all, and what to do then
}

// Column is one column.
type Column[R any] struct {
	Key   string // in the address, and the column's name for a Source
	Title string // key of its words
	Unit  string // of all its numbers, in the head: "ct"
	// Value is what stands in it: of a type that lang shows. Weights and dollars stand
	// there without their unit, whole numbers and these to the right.
	Value func(R) any
	Mark  func(R) web.Mark // the status whose words Value gives; nil: none
	Sort  bool             // can be sorted by
	Exact bool             // to be compared sign by sign: numbers of certificates
}

// Filter narrows the list.
type Filter[R any] struct {
	Key     string // in the address, and its name for a Source
	Label   string // key of its words
	Value   func(R) string
	Options func(*lang.Printer) []form.Option // one of these; nil: rows that contain a text
}

// Query is what somebody wants to see.
type Query struct {
	Order   string // key of a column that sorts
	Down    bool   // the greatest first
	Filters map[string]string
	Limit   int
	Offset  int

	words *lang.Printer // of who asks: a list in memory is looked through as he reads it
}

// Source finds rows, and how many there are on all pages together.
type Source[R any] func(ctx context.Context, q Query) (rows []R, total int, err error)

// Names in the address; a filter has none of them.
const (
	orderName  = "sort"
	pageName   = "page"
	sizeName   = "size"
	formatName = "format"
)

// sizes are rows of a page; the first is what nobody chose.
var sizes = []int{25, 100, 200}

const mostText = 100 // signs of a filter

// query reads an address. What it does not know it leaves out: an address that is old
// shows the list and no fault.
func (t *Table[R]) query(p *lang.Printer, given url.Values) Query {
	q := Query{Filters: map[string]string{}, Limit: sizes[0], words: p}
	if n, err := strconv.Atoi(given.Get(sizeName)); err == nil && slices.Contains(sizes, n) {
		q.Limit = n
	}
	if n, err := strconv.Atoi(given.Get(pageName)); err == nil && n > 1 && n < 1_000_000 {
		q.Offset = (n - 1) * q.Limit
	}
	for _, order := range []string{given.Get(orderName), t.Order} {
		key, down := strings.CutPrefix(order, "-")
		if slices.ContainsFunc(t.Columns, func(c Column[R]) bool { return c.Sort && c.Key == key }) {
			q.Order, q.Down = key, down
			break
		}
	}
	for _, f := range t.Filters {
		text := strings.TrimSpace(strings.ToValidUTF8(given.Get(f.Key), ""))
		if signs := []rune(text); len(signs) > mostText {
			text = string(signs[:mostText])
		}
		if f.Options != nil && !slices.ContainsFunc(f.Options(p), func(o form.Option) bool { return o.Value == text }) {
			continue
		}
		if text != "" {
			q.Filters[f.Key] = text
		}
	}
	return q
}

// Answer shows the list as the address wants it. Where the address wants a file it
// writes that, and gives no list.
func (t *Table[R]) Answer(w http.ResponseWriter, r *http.Request, s *web.Site, from Source[R]) (*Shown, error) {
	p := s.Printer(r)
	q := t.query(p, r.URL.Query())
	if format := r.URL.Query().Get(formatName); format == "csv" || format == "xlsx" {
		return nil, t.file(w, r, s, from, q, format)
	}
	rows, total, err := from(r.Context(), q)
	if err == nil && len(rows) == 0 && total > 0 { // a page beyond the last: the last
		q.Offset = (total - 1) / q.Limit * q.Limit
		rows, total, err = from(r.Context(), q)
	}
	if err != nil {
		return nil, err
	}
	return t.show(p, r.URL, q, rows, total), nil
}

// title is a column's words with its unit.
func (c Column[R]) title(p *lang.Printer) string {
	if title := p.T(c.Title, nil); c.Unit == "" {
		return title
	} else {
		return title + ", " + c.Unit
	}
}

// cell is a value as the page shows it, and whether it is a number.
func cell(p *lang.Printer, v any) (text string, right bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case measure.Carats:
		return p.Weight(v), true
	case measure.USD:
		return p.Decimal(v.String()), true
	case int, int32, int64, uint64:
		return p.Show(v), true
	}
	return p.Show(v), false
}

// raw is a value as a file has it: numbers and days as such, what has words as words.
func raw(p *lang.Printer, v any) any {
	switch v := v.(type) {
	case ident.CertificateNumber:
		return string(v)
	case lang.Keyed, ident.CountryCode, ident.ParticipantCode, []string, measure.Money:
		return p.Show(v)
	}
	return v
}

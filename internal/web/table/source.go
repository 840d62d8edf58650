package table

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/sheet"
	"adamas.example/internal/web"
	"golang.org/x/text/unicode/norm"
)

// Rows is the source of a short list that is in memory. A filter without a Value looks
// at the column of its key.
func Rows[R any](t *Table[R], all []R) Source[R] {
	return func(_ context.Context, q Query) ([]R, int, error) {
		var found []R
		for _, r := range all {
			if t.fits(r, q) {
				found = append(found, r)
			}
		}
		for _, c := range t.Columns {
			if c.Key == q.Order {
				sortBy(q.words, found, c.Value, q.Down)
			}
		}
		first := min(q.Offset, len(found))
		return found[first:min(first+q.Limit, len(found))], len(found), nil
	}
}

func (t *Table[R]) fits(r R, q Query) bool {
	for _, f := range t.Filters {
		want, asked := q.Filters[f.Key]
		if !asked {
			continue
		}
		var has string
		if f.Value != nil {
			has = f.Value(r)
		} else {
			for _, c := range t.Columns {
				if c.Key == f.Key {
					has = shown(q.words, c.Value(r))
				}
			}
		}
		if f.Options != nil && has != want || f.Options == nil && !strings.Contains(Folded(has), Folded(want)) {
			return false
		}
	}
	return true
}

// Folded is a text as it is looked for: without accents, capitals, and spaces.
func Folded(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}

// sortBy puts rows into the order of a value, which is made once a row: words are dear to
// fold.
func sortBy[R any](p *lang.Printer, rows []R, value func(R) any, down bool) {
	type keyed struct {
		key any
		row R
	}
	all := make([]keyed, len(rows))
	for i, r := range rows {
		all[i] = keyed{keyOf(p, value(r)), r}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		if down {
			a, b = b, a
		}
		return compare(a.key, b.key)
	})
	for i, k := range all {
		rows[i] = k.row
	}
}

// keyOf is a value as it is compared: a number or a time as it is, all else as its words.
func keyOf(p *lang.Printer, v any) any {
	switch v.(type) {
	case int, int64, measure.Carats, measure.USD, period.Date, time.Time:
		return v
	}
	return Folded(shown(p, v))
}

// shown is a value in words; nothing for none.
func shown(p *lang.Printer, v any) string {
	if v == nil {
		return ""
	}
	return p.Show(v)
}

// compare orders two keys of one column; nothing, which is "", stands before everything.
func compare(a, b any) int {
	switch x := a.(type) {
	case int:
		return ordered(x, b)
	case int64:
		return ordered(x, b)
	case measure.Carats:
		return ordered(x, b)
	case measure.USD:
		return ordered(x, b)
	case period.Date:
		return ordered(x, b)
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	case string:
		if y, ok := b.(string); ok {
			return cmp.Compare(x, y)
		}
		return -1
	}
	return 1
}

func ordered[T cmp.Ordered](x T, b any) int {
	if y, ok := b.(T); ok {
		return cmp.Compare(x, y)
	}
	return 1
}

func sorted(v url.Values) []string { return slices.Sorted(maps.Keys(v)) }

// with is an address with values put into its query, in pairs of name and value; ""
// takes one out.
func with(u *url.URL, pairs ...string) string {
	q := u.Query()
	for i := 0; i < len(pairs); i += 2 {
		q.Del(pairs[i])
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + q.Encode()
}

const (
	mostRows = 100_000 // of a file; more is for whoever runs the node
	batch    = 1000    // asked of a source at once
)

// file sends the list with the rows of all pages. It is whole before the first byte
// leaves: half a file would look like a whole one.
func (t *Table[R]) file(w http.ResponseWriter, r *http.Request, s *web.Site, from Source[R], q Query, format string) error {
	p := s.Printer(r)
	out := sheet.Sheet{Name: p.T(t.Name, nil), Synthetic: s.Synthetic()}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, sheet.Column{Head: c.title(p)})
	}
	out.Rows = func(yield func([]any, error) bool) {
		for r, err := range every(r.Context(), from, q) {
			var row []any
			if err == nil {
				for _, c := range t.Columns {
					row = append(row, raw(p, c.Value(r)))
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
	var b bytes.Buffer
	kind, err := "text/csv; charset=utf-8", error(nil)
	if format == "xlsx" {
		kind, err = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.XLSX(&b)
	} else {
		err = out.CSV(&b, p.Language())
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+fileName(out.Name, s, format)+`"`)
	_, err = w.Write(b.Bytes())
	return err
}

// every gives the rows of all pages.
func every[R any](ctx context.Context, from Source[R], q Query) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		q.Limit = batch
		for q.Offset = 0; ; q.Offset += batch {
			rows, total, err := from(ctx, q)
			if err == nil && total > mostRows {
				err = fault.TooLarge("web.table_large", fault.Arg("count", total), fault.Arg("most", mostRows))
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if len(rows) < batch {
				return
			}
		}
	}
}

// fileName is the list's name in plain letters with the day.
func fileName(name string, s *web.Site, format string) string {
	plain := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, norm.NFD.String(strings.ToLower(name))), "-")
	if s.Synthetic() {
		plain = "SYNTHETIC-" + plain
	}
	return plain + "-" + s.Now().Format(time.DateOnly) + "." + format
}

package applications

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/exporting"
)

// Sort is what one piece of evidence is, as an exporter chooses it.
type Sort string

// The sorts. The first three are a mine's in the application.
const (
	Mine        Sort = "mine"
	Exploration Sort = "exploration"
	Concentrate Sort = "concentrate"
	Imported    Sort = "certificate"
	Lot         Sort = "lot"
	Stock       Sort = "stock"
)

// Sorts lists them.
func Sorts() []Sort { return []Sort{Mine, Exploration, Concentrate, Imported, Lot, Stock} }

// part of an evidence's row that belongs to a sort.
func (s Sort) part() string {
	if s == Exploration || s == Concentrate {
		return string(Mine)
	}
	return string(s)
}

// sortField is typed beside the application's own fields: of which sort a row is.
const sortField = "sort"

// Flatten is an application as the form shows it: each value under its field's name,
// as a text that the form reads again.
func Flatten(a exporting.Application) url.Values {
	a.Attachments = nil // they are rows of their own
	out := url.Values{}
	raw, err := json.Marshal(a)
	var tree map[string]any
	if err == nil {
		err = json.Unmarshal(raw, &tree)
	}
	if err != nil {
		panic(fmt.Sprintf("applications: an application that is no JSON: %v", err)) // it came from JSON
	}
	flatten(out, "", tree)
	out.Del("follows.statement")
	for i, e := range a.Evidence {
		sort := Stock
		switch {
		case e.Mine != nil && e.Mine.Sort != "":
			sort = Sort(e.Mine.Sort)
		case e.Mine != nil:
			sort = Mine
		case e.Certificate != nil:
			sort = Imported
			out.Del(fmt.Sprintf("evidence[%d].certificate.statement", i+1)) // found again by the number
		case e.Lot != nil:
			sort = Lot
		}
		out.Set(fmt.Sprintf("evidence[%d].%s", i+1, sortField), string(sort))
		out.Del(fmt.Sprintf("evidence[%d].mine.sort", i+1))
	}
	return out
}

func flatten(out url.Values, path string, v any) {
	switch t := v.(type) {
	case map[string]any:
		for name, x := range t {
			if path != "" {
				name = path + "." + name
			}
			flatten(out, name, x)
		}
	case []any:
		for i, x := range t {
			flatten(out, fmt.Sprintf("%s[%d]", path, i+1), x)
		}
	case string:
		if t != "" {
			out.Set(path, t)
		}
	case float64:
		if t != 0 {
			out.Set(path, strconv.FormatInt(int64(t), 10)) // counts of stones: below 2^53
		}
	case bool:
		if t {
			out.Set(path, "yes")
		}
	}
}

// row takes a name apart: "parcels[2].carats" is parcels, 2, ".carats".
func row(name string) (list string, n int, rest string, ok bool) {
	list, after, ok := strings.Cut(name, "[")
	if !ok {
		return name, 0, "", false
	}
	number, rest, ok := strings.Cut(after, "]")
	n, err := strconv.Atoi(number)
	return list, n, rest, ok && err == nil
}

// compact numbers the rows of each list without gaps, so that a row has the number
// that the person sees also in what is made of it. A row of evidence of which only the
// sort is known is none.
func compact(fields url.Values) url.Values {
	used := map[string]map[int]bool{}
	for name := range fields {
		if list, n, rest, ok := row(name); ok && rest != "."+sortField {
			if used[list] == nil {
				used[list] = map[int]bool{}
			}
			used[list][n] = true
		}
	}
	out := url.Values{}
	for name, all := range fields {
		list, n, rest, ok := row(name)
		switch {
		case !ok:
			out[name] = all
		case used[list][n]:
			at := slices.Index(slices.Sorted(maps.Keys(used[list])), n) + 1
			out[fmt.Sprintf("%s[%d]%s", list, at, rest)] = all
		}
	}
	return out
}

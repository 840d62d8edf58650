package table_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/table"
)

// parcel is a row of the lists here.
type parcel struct {
	name   string
	carats any // measure.Carats; nil: not weighed
	from   ident.ParticipantCode
	count  int
	day    period.Date
}

func newSite(t *testing.T) *web.Site {
	t.Helper()
	own := fstest.MapFS{}
	for _, l := range lang.Languages() {
		own["text/"+string(l)+".toml"] = &fstest.MapFile{Data: []byte("\"t.name\" = \"Parcels\"\n\"t.empty\" = \"Nothing yet\"\n\"t.col\" = \"Column\"\n")}
	}
	words, err := lang.Load(web.Text(), own)
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(web.Config{Words: words, Office: "CF/bangui", Now: func() time.Time { return time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func parcels() *table.Table[parcel] {
	return &table.Table[parcel]{Name: "t.name", Empty: "t.empty", Order: "name",
		Columns: []table.Column[parcel]{
			{Key: "name", Title: "t.col", Sort: true, Value: func(p parcel) any { return p.name }},
			{Key: "carats", Title: "t.col", Unit: "ct", Sort: true, Value: func(p parcel) any { return p.carats }, Mark: func(parcel) web.Mark { return web.Wait }},
			{Key: "count", Title: "t.col", Sort: true, Value: func(p parcel) any { return p.count }},
			{Key: "day", Title: "t.col", Sort: true, Value: func(p parcel) any { return p.day }},
			{Key: "from", Title: "t.col", Sort: true, Value: func(p parcel) any { return p.from }},
			{Key: "note", Title: "t.col", Value: func(parcel) any { return "=1+1" }},
		},
		Filters: []table.Filter[parcel]{{Key: "name", Label: "t.col"}, {Key: "from", Label: "t.col"},
			{Key: "many", Label: "t.col", Value: func(p parcel) string { return strconv.FormatBool(p.count > 9) }, Options: func(*lang.Printer) []form.Option {
				return []form.Option{{Value: "true"}, {Value: "false"}}
			}}},
	}
}

// ask shows the list that an address wants.
func ask(t *testing.T, s *web.Site, all []parcel, query string) (*table.Shown, *httptest.ResponseRecorder) {
	t.Helper()
	tab, w := parcels(), httptest.NewRecorder()
	shown, err := tab.Answer(w, httptest.NewRequest(http.MethodGet, "/parcels?"+query, nil), s, table.Rows(tab, all))
	if err != nil {
		t.Fatal(err)
	}
	return shown, w
}

func names(s *table.Shown) (out []string) {
	for _, l := range s.Rows {
		out = append(out, l.Name.Text)
	}
	return out
}

func TestOrder(t *testing.T) {
	s := newSite(t)
	day := period.DateOf(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	all := []parcel{{"Zimba", measure.Carats(900), "AE", 2, day + 1}, {"émeraude", nil, "CF", 10, day}, {"Eau", measure.Carats(10_000), "AO", 1, day + 2}, {"zim A", measure.Carats(900), "ZA", 3, day - 40}}
	for query, want := range map[string][]string{
		"":                        {"Eau", "émeraude", "zim A", "Zimba"},
		"sort=-name":              {"Zimba", "zim A", "émeraude", "Eau"},
		"sort=carats":             {"émeraude", "Zimba", "zim A", "Eau"}, // not weighed stands first, equal ones keep their places
		"sort=-carats":            {"Eau", "Zimba", "zim A", "émeraude"},
		"sort=count":              {"Eau", "Zimba", "zim A", "émeraude"}, // by number, not by digits
		"sort=day":                {"zim A", "émeraude", "Zimba", "Eau"},
		"sort=from":               {"Eau", "émeraude", "zim A", "Zimba"}, // as their names are read, not their codes
		"from=africa":             {"émeraude", "zim A"},
		"sort=note":               {"Eau", "émeraude", "zim A", "Zimba"}, // cannot be sorted by: as nobody chose
		"sort=nothing":            {"Eau", "émeraude", "zim A", "Zimba"},
		"name=EM":                 {"émeraude"},
		"name=ZIMA":               {"zim A"},
		"many=true":               {"émeraude"},
		"many=perhaps":            {"Eau", "émeraude", "zim A", "Zimba"}, // no such answer: not asked
		"name=nobody":             nil,
		"name=zim&sort=-count":    {"zim A", "Zimba"},
		"page=7":                  {"Eau", "émeraude", "zim A", "Zimba"}, // beyond the last page: the last
		"page=-1&size=3&sort=day": {"zim A", "émeraude", "Zimba", "Eau"},
	} {
		if shown, _ := ask(t, s, all, query); !slices.Equal(names(shown), want) {
			t.Errorf("%q: %q, not %q", query, names(shown), want)
		}
	}
	shown, _ := ask(t, s, all, "sort=name")
	if h := shown.Heads[0]; h.Sorted != "ascending" || h.Link != "/parcels?sort=-name" || shown.Heads[5].Link != "" || !shown.Heads[1].Right {
		t.Errorf("%+v", shown.Heads)
	}
	for _, l := range shown.Rows {
		if c := l.Cells[0]; (c.Mark != nil) != (c.Text != "") {
			t.Errorf("%+v: a mark stands with its word, and not without", c)
		}
	}
	if shown, _ := ask(t, s, nil, ""); shown.None != "Nothing yet" || shown.Count != "" {
		t.Errorf("%+v", shown)
	}
	if shown, _ := ask(t, s, all, "name=nobody"); shown.None == "Nothing yet" || shown.None == "" || shown.Filter.Clear == "" {
		t.Errorf("%+v", shown)
	}
}

// TestPages: turned page by page, every row is seen once, in the order of the file.
func TestPages(t *testing.T) {
	s := newSite(t)
	rapid.Check(t, func(r *rapid.T) {
		var all []parcel
		for i := range rapid.IntRange(1, 130).Draw(r, "rows") {
			all = append(all, parcel{name: "p" + strconv.Itoa(i), count: rapid.IntRange(0, 9).Draw(r, "count")})
		}
		query := "sort=" + rapid.SampledFrom([]string{"name", "-name", "count", "-count"}).Draw(r, "sort")
		var turned []string
		for next := "/parcels?" + query; next != ""; {
			u, err := url.Parse(next)
			if err != nil {
				r.Fatal(err)
			}
			shown, _ := ask(t, s, all, u.RawQuery)
			turned = append(turned, names(shown)...)
			next = shown.Pages.Later
		}
		_, w := ask(t, s, all, query+"&format=csv&page=3")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
		if err != nil {
			r.Fatal(err)
		}
		var filed []string
		for _, row := range rows[1:] {
			filed = append(filed, row[0])
			if strings.HasPrefix(row[5], "=") {
				r.Fatalf("a formula: %q", row[5])
			}
		}
		if len(turned) != len(all) || !slices.Equal(turned, filed) {
			r.Fatalf("pages %q, file %q", turned, filed)
		}
	})
}

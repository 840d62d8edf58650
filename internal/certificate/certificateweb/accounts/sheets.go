package accounts

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/issuing"
	"adamas.example/internal/certificate/sheets"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/verify/canonical"
)

// Bounds of a page.
const (
	rangesShown = 20
	sheetsShown = 100
	gapsShown   = 100
	mostSent    = 50_000
)

// sheetsPage counts the sheets of each range by what has become of them.
type sheetsPage struct {
	Lead     string
	Warnings []warning
	States   []string // heads of the columns
	Ranges   []rangeRow
	Pages    web.Pages
}

type warning struct {
	Mark web.Mark
	Text string
}

type rangeRow struct {
	Path, First, Last, From, Until, Station, Remark string
	Counts                                          []string
	Left, Gaps                                      string
	Missing                                         bool
}

// becomes are the states of a sheet that has been taken.
var becomes = []certificate.SheetState{certificate.Allotted, certificate.Spent, certificate.Spoiled, certificate.Void}

// showSheets serves the account of all ranges, newest first.
func (d *desk) showSheets(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	before, err := momentOf(r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	all, err := d.ranges(r, before, rangesShown+1)
	if err != nil {
		return err
	}
	data := sheetsPage{Lead: p.T("certificate.accounts.sheets.lead", lang.Args{"station": d.node.Station})}
	next, first := "", ""
	if len(all) > rangesShown {
		all = all[:rangesShown]
		next = "/sheets?before=" + url.QueryEscape(all[rangesShown-1].TakenAt.UTC().Format(time.RFC3339Nano))
	}
	if !before.IsZero() {
		first = "/sheets"
	}
	data.Pages = pagesOf(p, first, next)
	for _, s := range becomes {
		data.States = append(data.States, p.Show(s))
	}
	today := period.DateOf(d.node.Now().UTC())
	var missing, left int64
	low := false
	for i := range all {
		x := &all[i]
		data.Ranges = append(data.Ranges, rowOf(p, x))
		missing += x.Gaps
		if x.InForce(today) {
			left += x.Left
			low = low || x.Low()
		}
	}
	if missing > 0 {
		data.Warnings = append(data.Warnings, warning{web.Invalid, p.T("certificate.accounts.sheets.gaps", lang.Args{"count": missing})})
	}
	switch {
	case len(all) == 0 || !before.IsZero():
	case left == 0:
		data.Warnings = append(data.Warnings, warning{web.Invalid, p.T("certificate.accounts.sheets.nothing_left", nil)})
	case low:
		data.Warnings = append(data.Warnings, warning{web.Tell, p.T("certificate.accounts.sheets.low", nil)})
	}
	return d.sheets.Render(w, r, p.T("certificate.accounts.sheets.title", nil), data)
}

func (d *desk) ranges(r *http.Request, before time.Time, most int) (all []sheets.Range, err error) {
	err = d.read(r, func(tx *store.Tx) error {
		g, err := ledger.Generation(tx)
		if err != nil {
			return err
		}
		all, err = sheets.Ranges(tx, g, before, most)
		return err
	})
	return all, err
}

func rowOf(p *lang.Printer, x *sheets.Range) rangeRow {
	row := rangeRow{Path: "/sheets/" + x.ID.String(), First: number(x.First), Last: number(x.Last), From: p.Show(x.From), Until: p.Show(x.Until), Station: x.R.Station,
		Left: p.Show(x.Left), Gaps: p.Show(x.Gaps), Missing: x.Gaps > 0}
	for _, s := range becomes {
		row.Counts = append(row.Counts, p.Show(x.Count[s]))
	}
	if x.Burnt {
		row.Left, row.Remark = "–", p.T("certificate.accounts.sheets.burnt", nil)
	} else if x.R.Offline {
		row.Remark = p.T("certificate.accounts.sheets.offline", nil)
	}
	return row
}

func number(s string) string { return ident.CertificateNumber(s).Display() }

// rangePage lists the sheets of one range.
type rangePage struct {
	Path    string
	Row     rangeRow
	States  []stateChoice
	Gaps    []string
	Rows    []sheetRow
	Pages   web.Pages
	CSV     string
	XLSX    string
	Missing bool
}

type stateChoice struct {
	Value, Text string
	Chosen      bool
}

type sheetRow struct{ Path, Number, State, At, By, Reason string }

// find is the range of the address. Fault web.no_page.
func (d *desk) find(r *http.Request) (*sheets.Range, error) {
	var id canonical.Hash
	if err := id.UnmarshalText([]byte(r.PathValue("id"))); err != nil {
		return nil, fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	var found *sheets.Range
	err := d.read(r, func(tx *store.Tx) error {
		g, err := ledger.Generation(tx)
		if err == nil {
			found, err = sheets.One(tx, g, id)
		}
		return err
	})
	if err == nil && found == nil {
		err = fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	return found, err
}

// stateAsked is which state of sheets is asked for; "" for all.
func stateAsked(r *http.Request) certificate.SheetState {
	if s := certificate.SheetState(r.URL.Query().Get("state")); slices.Contains(becomes, s) {
		return s
	}
	return ""
}

func (d *desk) showRange(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	x, err := d.find(r)
	if err != nil {
		return err
	}
	state := stateAsked(r)
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64) // rubbish is the first page
	data := rangePage{Path: "/sheets/" + x.ID.String(), Row: rowOf(p, x), States: []stateChoice{{"", p.T("certificate.accounts.range.all", nil), state == ""}}}
	for _, s := range becomes {
		data.States = append(data.States, stateChoice{string(s), p.Show(s), s == state})
	}
	var rows []sheets.Sheet
	err = d.read(r, func(tx *store.Tx) (err error) {
		if rows, err = sheets.Of(tx, x.ID, state, after, sheetsShown+1); err != nil || x.Gaps == 0 {
			return err
		}
		data.Gaps = nil
		gaps, err := sheets.Gaps(tx, x, gapsShown)
		for _, g := range gaps {
			text := number(g[0])
			if g[0] != g[1] {
				text = p.T("certificate.accounts.range.run", lang.Args{"first": number(g[0]), "last": number(g[1])})
			}
			data.Gaps = append(data.Gaps, text)
		}
		return err
	})
	if err != nil {
		return err
	}
	query := "?state=" + string(state)
	first, next := "", ""
	if len(rows) > sheetsShown {
		rows = rows[:sheetsShown]
		next = data.Path + query + "&after=" + strconv.FormatInt(rows[sheetsShown-1].Serial, 10)
	}
	if after > 0 {
		first = data.Path + query
	}
	data.Pages = pagesOf(p, first, next)
	data.CSV, data.XLSX = data.Path+"/list.csv"+query, data.Path+"/list.xlsx"+query
	for i := range rows {
		data.Rows = append(data.Rows, sheetOf(p, &rows[i], d.site.May(r, work)))
	}
	return d.one.Render(w, r, p.T("certificate.accounts.range.title", lang.Args{"first": number(x.First), "last": number(x.Last)}), data)
}

// work is the right to the desk at which a sheet's file lies (package issuing).
const work = "certificate.work"

// sheetOf is a sheet in words: what has become of it last, when, by whom. It leads to its
// file for those who work on it, for others to what is public.
func sheetOf(p *lang.Printer, sh *sheets.Sheet, works bool) sheetRow {
	by, at := sh.Last()
	path := ""
	switch {
	case works:
		path = "/issuing?q=" + sh.Number
	case sh.State == certificate.Spent:
		path = "/certificates/" + sh.Number
	}
	return sheetRow{Path: path, Number: number(sh.Number), State: p.Show(sh.State), At: p.Time(at.UTC()), By: by, Reason: sh.Reason}
}

func (d *desk) sendRange(kind string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := d.site.Printer(r)
		x, err := d.find(r)
		if err != nil {
			return err
		}
		var rows []sheets.Sheet
		err = d.read(r, func(tx *store.Tx) (err error) {
			rows, err = sheets.Of(tx, x.ID, stateAsked(r), 0, mostSent)
			return err
		})
		if err != nil {
			return err
		}
		s := sheet.Sheet{Name: p.T("certificate.accounts.sheets.title", nil), Synthetic: d.node.Synthetic}
		for _, c := range []string{"number", "state", "at", "by", "reason"} {
			s.Columns = append(s.Columns, sheet.Column{Head: p.T("certificate.accounts.col."+c, nil)})
		}
		s.Rows = func(yield func([]any, error) bool) {
			for i := range rows {
				by, at := rows[i].Last()
				if !yield([]any{rows[i].Number, p.Show(rows[i].State), at, by, rows[i].Reason}, nil) {
					return
				}
			}
		}
		return issuing.Send(w, p, s, kind, "sheets-"+x.First)
	}
}

// momentOf reads a place in the list of ranges. Fault certificate.page_place.
func momentOf(s string) (at time.Time, err error) {
	if s == "" {
		return at, nil
	}
	if at, err = time.Parse(time.RFC3339Nano, s); err != nil {
		err = fault.Invalid("certificate.page_place", fault.At("before"), fault.Text(s))
	}
	return at, err
}

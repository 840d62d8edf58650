package entrance

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/web"
)

// trailPage is what was done to accounts, newest first.
type trailPage struct {
	Rows   []trailRow
	Head   string // how many, and the last one's hash
	Broken string // the first row that was changed; "" for none
	Pages  web.Pages
}

type trailRow struct {
	N, At, Who, Act, About, More, Address string
}

func (h *house) showTrail(w http.ResponseWriter, r *http.Request) error {
	p, ctx := h.site.Printer(r), r.Context()
	before := number(r.URL.Query().Get("before"))
	page, err := h.people.Trail(ctx, VisitOf(r), people.TrailWanted{Before: before})
	if err != nil {
		return err
	}
	data := trailPage{}
	if data.Rows, err = h.trailRows(ctx, p, page.Rows); err != nil {
		return err
	}
	broken, head, err := h.people.CheckTrail(ctx)
	if err != nil {
		return err
	}
	data.Head = p.T("people.trail.head", lang.Args{"count": head.N, "hash": head.Hash})
	if broken != 0 {
		data.Broken = p.T("people.trail.broken", lang.Args{"row": broken})
	}
	newer, older := "", ""
	if before != 0 {
		newer = "0"
	}
	if page.Next != 0 {
		older = p.T("people.number", lang.Args{"n": page.Next})
	}
	data.Pages = web.Newer(p, r.URL, "before", newer, older)
	return h.trail.Render(w, r, p.T("people.trail", nil), data)
}

// trailRows puts records into words.
func (h *house) trailRows(ctx context.Context, p *lang.Printer, all []trail.Record) (out []trailRow, err error) {
	names, err := h.people.Names(ctx)
	if err != nil {
		return nil, err
	}
	name := func(id ident.RecordID) string {
		if id == "" {
			return p.T("people.nobody", nil)
		}
		return names[id]
	}
	for _, t := range all {
		row := trailRow{N: p.Number(t.N), At: p.Time(t.At), Who: name(t.Who), Act: p.T("people.act."+string(t.Act), nil), Address: t.Address}
		if t.About != "" && t.About != t.Who {
			row.About = names[t.About]
		}
		var more []string
		for _, k := range slices.Sorted(maps.Keys(t.Args)) {
			more = append(more, t.Args[k])
		}
		row.More = strings.Join(more, " · ")
		out = append(out, row)
	}
	return out, nil
}

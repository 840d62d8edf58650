package entrance

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/web"
)

// trailPage is what was done to accounts, newest first.
type trailPage struct {
	Rows   []trailRow
	Head   string // how many
	Hash   string // the last one's
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
	data.Head, data.Hash = p.T("people.trail.head", lang.Args{"count": head.N}), head.Hash
	if broken != 0 {
		data.Broken = p.T("people.trail.broken", lang.Args{"row": broken})
	}
	newer, older := "", ""
	if before != 0 {
		newer = "0"
	}
	if page.Next != 0 {
		older = strconv.FormatInt(page.Next, 10)
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
		row.More = particulars(p, t, name)
		out = append(out, row)
	}
	return out, nil
}

// particulars puts what a record says beside its act into words. What the row says
// already, and ids, which nobody reads, are left out.
func particulars(p *lang.Printer, t trail.Record, name func(ident.RecordID) string) string {
	var more []string
	for _, k := range slices.Sorted(maps.Keys(t.Args)) {
		v := t.Args[k]
		switch k {
		case "name", "session", "credential", "public_key":
			continue
		case "purpose":
			if v == people.ToProve {
				continue
			}
			v = p.T("assent."+v, nil)
		case "way":
			v = p.T("people.way."+v, nil)
		case "factors":
			v = each(v, func(s string) string { return p.T("people.factor."+s, nil) })
		case "roles", "before":
			v = each(v, func(s string) string { return roleWords(p, s) })
			if k == "before" {
				v = p.T("people.trail.before", lang.Args{"roles": v})
			}
		case "first":
			v = name(ident.RecordID(v))
		case "language":
			v = p.T("people.language."+languageKey(v), nil)
		}
		if v != "" {
			more = append(more, v)
		}
	}
	return strings.Join(more, " · ")
}

// each puts each part of a list with commas into words.
func each(list string, words func(string) string) string {
	if list == "" {
		return ""
	}
	parts := strings.Split(list, ", ")
	for i := range parts {
		parts[i] = words(parts[i])
	}
	return strings.Join(parts, ", ")
}

// roleWords is a grant as the trail writes it ("valuator CF/bangui"), in words.
func roleWords(p *lang.Printer, grant string) string {
	role, where, _ := strings.Cut(grant, " ")
	if !slices.Contains(access.Roles(), access.Role(role)) {
		return grant
	}
	return p.T("role."+role, nil) + " " + where
}

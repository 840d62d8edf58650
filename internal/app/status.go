package app

import (
	"context"
	"net/http"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

// statusPage shows how the node is, in the reader's language.
type statusPage struct {
	env    *module.Env
	node   *node.Node
	site   *web.Site
	view   *web.View[status]
	offer  module.Offer
	others *following
}

// status is what the page shows: words and values ready to print.
type status struct {
	Origin       string
	Mark         web.Mark
	Sentence     string
	Witnesses    []witnessRow
	Counts       []countRow
	Entries      []entryRow
	Lives        []lifeRow
	Followed     []followedRow
	Problems     []string // what keeps others' registers from being followed
	Checks       []checkRow
	Certificates []string
	HasPack      bool
}

type witnessRow struct{ Label, Pillar, Time string }
type countRow struct{ Name, Value string }
type entryRow struct{ Index, Sentence, State, Time, Hash string }

// show renders the page.
func (s *statusPage) show(w http.ResponseWriter, r *http.Request) error {
	p := s.site.Printer(r)
	st, err := s.read(r.Context(), p)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.view.Render(w, r, p.T("status.heading", nil), st)
}

func (s *statusPage) read(ctx context.Context, p *lang.Printer) (status, error) {
	h, err := s.node.Ledger.Health(ctx)
	if err != nil {
		return status{}, err
	}
	st := status{Origin: s.node.Config.Origin, HasPack: s.offer.HasPack()}
	st.Mark, st.Sentence = sentence(p, h)
	for _, w := range s.node.Log.Policy().Witnesses {
		row := witnessRow{Label: w.Label, Time: p.T("status.never", nil)}
		if pillar, ok := s.node.Log.Policy().PillarOf(w.Label); ok {
			row.Pillar = p.T("status.pillar."+pillar.String(), nil)
		}
		if t, ok := h.Witnesses[w.Label]; ok {
			row.Time = p.Time(t)
		}
		st.Witnesses = append(st.Witnesses, row)
	}
	for _, c := range []struct {
		key string
		n   int64
	}{{"status.count.entries", h.Size}, {"status.count.witnessed", h.Witnessed}, {"status.count.logged", h.Logged}, {"status.count.signed", h.Signed}} {
		st.Counts = append(st.Counts, countRow{p.T(c.key, nil), p.Number(c.n)})
	}
	if st.Entries, err = s.entries(ctx, p); err != nil {
		return st, err
	}
	if st.Lives, err = s.lives(ctx, p); err != nil {
		return st, err
	}
	if st.Followed, st.Problems, err = s.others.rows(ctx, p); err != nil {
		return st, err
	}
	st.Checks = s.checks(ctx, p)
	st.Certificates, err = s.offer.Names()
	return st, err
}

// sentence says in one line how the log stands.
func sentence(p *lang.Printer, h ledger.Health) (mark web.Mark, text string) {
	switch {
	case h.Hold != "":
		return web.Invalid, p.T("status.hold."+h.Hold, nil)
	case h.Time.IsZero():
		return web.Tell, p.T("status.not_witnessed", nil)
	case h.Witnessed < h.Size || h.Signed > 0:
		return web.Tell, p.T("status.waiting", lang.Args{"time": h.Time})
	}
	return web.Valid, p.T("status.witnessed", lang.Args{"time": h.Time})
}

// newest is how many entries the page shows.
const newest = 40

func (s *statusPage) entries(ctx context.Context, p *lang.Printer) ([]entryRow, error) {
	es, err := s.node.Ledger.Newest(ctx, newest)
	if err != nil {
		return nil, err
	}
	var out []entryRow
	for _, e := range es {
		row := entryRow{State: p.T("demo.state."+e.State().String(), nil), Hash: e.Hash.String(), Time: p.Time(e.SignedAt),
			Sentence: ledgerweb.Sentence(p, e.Type, e.Issuer, e.Subject)}
		if e.Index >= 0 {
			row.Index = p.Number(e.Index)
		}
		out = append(out, row)
	}
	return out, nil
}

// pack gives the pack that is offered.
func (s *statusPage) pack(w http.ResponseWriter, r *http.Request) error {
	coming := s.offer.Want()
	switch {
	case s.offer.HasPack():
	case coming:
		w.Header().Set("Retry-After", "10")
		return fault.Busy("serve.pack_soon")
	default:
		return fault.NotFound("serve.no_pack")
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="pack"`)
	http.ServeFile(w, r, s.offer.Pack)
	return nil
}

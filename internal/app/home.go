package app

import (
	"context"
	"net/http"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// homePage is the first page: the question most readers come with, and what is new.
type homePage struct {
	node *module.Node
	site *web.Site
	view *web.View[home]
}

// home is what it shows.
type home struct {
	Number  string // typed and not found out yet
	Recent  []recentEntry
	Readers []reader
	Counts  []countRow
	HasPack bool
}

// recentEntry is a line of the register in one sentence.
type recentEntry struct{ Path, Sentence, Time string }

// reader is one of those for whom the page is, and where to begin.
type reader struct{ Who, What, Path, Link string }

func newHome(n *module.Node, s *web.Site) (*homePage, error) {
	v, err := web.Parse[home](s, pages, "page/home.html", web.Options{Home: true})
	return &homePage{n, s, v}, err
}

// recent is how many entries the first page shows.
const recent = 6

func (h *homePage) show(w http.ResponseWriter, r *http.Request) error {
	p := h.site.Printer(r)
	data := home{HasPack: h.node.Offer.HasPack()}
	newest, err := h.node.Ledger.Newest(r.Context(), recent)
	if err != nil {
		return err
	}
	for _, e := range newest {
		row := recentEntry{Sentence: ledgerweb.Sentence(p, e.Type, e.Issuer, e.Subject), Time: p.Time(e.SignedAt)}
		if e.Index >= 0 {
			row.Path = "/register/" + e.Hash.String()
		}
		data.Recent = append(data.Recent, row)
	}
	for _, who := range []struct{ name, path string }{{"office", "/status"}, {"industry", "/check"}, {"public", "/register"}, {"process", "/unconfirmed"}} {
		data.Readers = append(data.Readers, reader{p.T("home.reader."+who.name, nil), p.T("home.reader."+who.name+".what", nil), who.path, p.T("home.reader."+who.name+".link", nil)})
	}
	n, err := h.count(r.Context())
	if err != nil {
		return err
	}
	for _, c := range []struct {
		key string
		n   int64
	}{{"home.count.certificates", n.Certificates}, {"home.count.received", n.Received}, {"home.count.void", n.Void}} {
		data.Counts = append(data.Counts, countRow{p.T(c.key, nil), p.Number(c.n)})
	}
	return h.view.Render(w, r, p.T("home.title", nil), data)
}

func (h *homePage) count(ctx context.Context) (n life.Counts, err error) {
	err = h.node.Ledger.Store().Read(ctx, h.site.Now(), func(tx *store.Tx) (err error) {
		n, err = life.Count(tx)
		return err
	})
	return n, err
}

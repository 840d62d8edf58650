package pages_test

import (
	"crypto/rand"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/certificateweb/pages"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/rules"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const hour = 3600

// engines are what every page is tried on.
var engines = map[string]func(*testing.T) store.Config{
	"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
	"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
}

// scene is a reading room: an office without certificates of its own, that follows the
// registers of CF and AE.
type scene struct {
	t      *testing.T
	world  *verifytest.World
	cf, ae *verifytest.Office
	now    time.Time
	dir    string
	node   *module.Node
	mux    *http.ServeMux
}

func newScene(t *testing.T) *scene {
	w := verifytest.New()
	return &scene{t: t, world: w, cf: w.Offices["CF/bangui"], ae: w.Offices["AE/dubai"], now: time.Unix(verifytest.Start+2*hour, 0).UTC(), dir: t.TempDir()}
}

// issue records a certificate; change may bend it first.
func (s *scene) issue(from *verifytest.Office, to string, change ...func(*verifytest.Draft)) (number string, b *bundle.Bundle) {
	d := from.Draft(to, verifytest.Start+600)
	for _, c := range change {
		c(d)
	}
	b = from.Sign(d)
	from.Log.Append(b.Statement)
	return d.Body.Number, b
}

// facts replaces what a certificate commits to.
func facts(f verify.Facts) func(*verifytest.Draft) {
	return func(d *verifytest.Draft) {
		var err error
		if d.Facts, err = f.Encode(); err != nil {
			panic(err)
		}
		if d.Body.Facts, err = commitment.Commit(d.Seed, d.Facts); err != nil {
			panic(err)
		}
	}
}

// say records what an office says of a certificate, some seconds after the last.
func (s *scene) say(by *verifytest.Office, number string, of *bundle.Bundle, after int64, body func(statement.About) statement.Body) {
	h, a := by.About(number, of.Statement, verifytest.Start+700+after)
	by.Log.Append(by.Signer.Statement(h, body(a)))
}

func receipt(a statement.About) statement.Body {
	return &statement.Receipt{About: a, Day: canonical.DayOf(verifytest.Start), Carats: 1238, Parcels: 1}
}

// opening discloses what keep lets through of a bundle's facts.
func opening(b *bundle.Bundle, keep func(uint64) bool) func(statement.About) statement.Body {
	return func(a statement.About) statement.Body {
		d, err := b.Disclosure.Select(keep)
		if err != nil {
			panic(err)
		}
		return &statement.Opening{About: a, Facts: *d}
	}
}

func discrepancy(a statement.About) statement.Body {
	return &statement.Discrepancy{About: a, Day: canonical.DayOf(verifytest.Start), Reason: "SYNTHETIC: <b>0.60 ct</b> are missing"}
}

func disposition(step statement.Step, under string) func(statement.About) statement.Body {
	return func(a statement.About) statement.Body {
		return &statement.Disposition{About: a, Step: step, Day: canonical.DayOf(verifytest.Start), Reason: "SYNTHETIC step", Under: under}
	}
}

// open publishes the registers, reads them, and opens the pages.
func (s *scene) open(sc store.Config) {
	t := s.t
	t.Helper()
	now := func() time.Time { return s.now }
	lw := ledgertest.New(t, "mirror.example/2026")
	lc := lw.LogConfig()
	lc.Interval = time.Hour
	l, done := lw.OpenWith(ledger.Config{Now: now}, lc, sc, certificate.Schema())
	t.Cleanup(done)
	var feeds []follow.Feed
	peers := peer.Peers{}
	for i, log := range s.world.Logs {
		dir := filepath.Join(s.dir, log.Origin)
		s.must(os.MkdirAll(dir, 0o755))
		ledgertest.Publish(t, dir, log, int64(len(log.Leaves)), verifytest.Start+1000)
		pol, err := policy.Parse(s.world.Policy(log))
		s.must(err)
		feeds = append(feeds, follow.Feed{Source: tiles.OpenFolder(dir), Policy: pol})
		peers = append(peers, peer.Peer{Participant: []string{"AE", "CF"}[i], Logs: []peer.Place{{Origin: log.Origin, From: []string{dir}}}})
	}
	f, err := follow.New(follow.Config{Ledger: l, Now: now, Followers: []follow.Follower{life.Follower{}, life.Contents{}, exchange.Heard()}, Feeds: feeds})
	s.must(err)
	for _, feed := range feeds {
		_, err := f.Log(t.Context(), feed)
		s.must(err)
	}
	_, err = life.Settle(t.Context(), l.Store(), s.now, s.world.ParsedPack(verifytest.Start+1000).Directory)
	s.must(err)
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	s.must(err)
	set, err := rule.Check(kpcs)
	s.must(err)
	post := exchange.New(exchange.Config{Ledger: l, Office: "CF/mirror", Synthetic: true, Roots: func() ([][]byte, error) { return s.world.Roots, nil },
		Peers: peers, Dir: s.dir, Now: now, Entropy: rand.Reader})
	s.node = &module.Node{Office: "CF/mirror", Synthetic: true, Ledger: l, Roots: s.world.Roots, Rules: set, Now: now, Post: post,
		Offer: module.Offer{Certificates: filepath.Join(s.dir, "offered")}}
	s.node.Services = []any{judge.New(s.node)}
	s.mux = serve(t, s.node)
}

// serve makes the routes with the words of what they need.
func serve(t *testing.T, n *module.Node) *http.ServeMux {
	t.Helper()
	words, err := lang.Load(web.Text(), certificateweb.Text(), pages.Text(), rule.Text())
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{Words: words, Synthetic: true, Office: n.Office, Now: n.Now, Log: failing{t}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := pages.Pages(n, site)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, p := range all {
		mux.Handle(p.Pattern, web.Secure(p.Handler))
	}
	return mux
}

// failing is a log in which nothing may be written: it is for what is no fault.
type failing struct{ t *testing.T }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("an error that is no fault: %s", b)
	return io.Discard.Write(b)
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// ask gives the answer to a request.
func (s *scene) ask(path string) (int, string, http.Header) {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

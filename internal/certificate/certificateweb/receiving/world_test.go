package receiving_test

import (
	"bytes"
	"crypto/rand"
	"image"
	"image/png"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/certificateweb/accounts"
	"adamas.example/internal/certificate/certificateweb/checking"
	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/certificateweb/receiving"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/measure"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/rules"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/paper"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const office = "AE/dubai"

// scene is the importing office in Dubai, to which CF/bangui exports.
type scene struct {
	t       *testing.T
	world   *verifytest.World
	cf      *verifytest.Office
	now     time.Time
	dir     string
	node    *module.Node
	desk    *importing.Desk
	site    *web.Site
	mux     *http.ServeMux
	visitor web.Visitor
	cookie  string
	every   time.Duration // between checkpoints of its own log
}

// newScene makes the office; issue says what was issued before its pages are opened.
func newScene(t *testing.T, issue func(*scene)) *scene {
	t.Helper()
	w := verifytest.New()
	s := &scene{t: t, world: w, cf: w.Offices["CF/bangui"], now: time.Unix(verifytest.Start+7200, 0).UTC(), dir: t.TempDir(),
		every: time.Hour} // nothing of the office's own is logged: what is signed counts here at once
	if issue != nil {
		issue(s)
	}
	s.open()
	s.visitor = s.officer("officer-1")
	return s
}

func (s *scene) officer(login string) web.Visitor {
	return web.Visitor{Actor: access.Actor{ID: ident.RecordID(login), Grants: []access.Grant{{Role: access.Importer, Office: office}}}, Login: login, Name: login,
		Session: "session of " + login, Proven: s.now}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// certificate is one that CF has issued and recorded.
func (s *scene) certificate(change ...func(*verifytest.Draft)) *bundle.Bundle {
	d := s.cf.Draft("AE", verifytest.Start+600)
	for _, c := range change {
		c(d)
	}
	return s.cf.Record(s.cf.Sign(d), verifytest.Start+700)
}

// facts replaces what a certificate commits to.
func facts(change func(*verify.Facts)) func(*verifytest.Draft) {
	return func(d *verifytest.Draft) {
		f, err := verify.DecodeFacts(d.Facts)
		if err == nil {
			change(f)
			d.Facts, err = f.Encode()
		}
		if err == nil {
			d.Body.Facts, err = commitment.Commit(d.Seed, d.Facts)
		}
		if err != nil {
			panic(err)
		}
	}
}

func (s *scene) open() {
	t := s.t
	t.Helper()
	now := func() time.Time { return s.now }
	lw := ledgertest.New(t, "mirror.example/2026")
	lc := lw.LogConfig()
	lc.Interval = s.every
	l, done := lw.OpenWith(ledger.Config{Now: now}, lc, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}, certificate.Schema(), stated.Schema())
	t.Cleanup(done)
	signer, err := keyring.NewSigner(keyring.Office, verifytest.NewSigner("office "+office).Private)
	s.must(err)
	peers := peer.Peers{}
	for i, log := range s.world.Logs {
		dir := filepath.Join(s.dir, log.Origin)
		s.must(os.MkdirAll(dir, 0o755))
		ledgertest.Publish(t, dir, log, int64(len(log.Leaves)), verifytest.Start+7000)
		peers = append(peers, peer.Peer{Participant: []string{"AE", "CF"}[i], Logs: []peer.Place{{Origin: log.Origin, From: []string{dir}}}})
	}
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	s.must(err)
	set, err := rule.Check(kpcs)
	s.must(err)
	post := exchange.New(exchange.Config{Ledger: l, Office: office, Synthetic: true, Roots: func() ([][]byte, error) { return s.world.Roots, nil },
		Peers: peers, Dir: s.dir, Now: now, Entropy: rand.Reader})
	s.node = &module.Node{Office: office, Synthetic: true, Ledger: l, Roots: s.world.Roots, Rules: set, Now: now, Post: post, Signer: signer}
	j := judge.New(s.node)
	scheme, err := party.Load(data.FS, nil)
	s.must(err)
	s.desk = importing.New(importing.Config{Ledger: l, Rules: set, Office: office, Signer: signer, Now: now, Synthetic: true, Judge: j.Import, Scheme: scheme, Entropy: rand.Reader})
	s.node.Services = []any{j, s.desk}
	s.serve()
}

func (s *scene) serve() {
	words, err := lang.Load(web.Text(), certificateweb.Text(), receiving.Text(), checking.Text(), rule.Text(), certificate.Text(), consignment.Text(), importing.Text(), exporting.Text(), outside.Text(), accounts.Text(), sheet.Text(),
		access.Text(), ledger.Text(), exchange.Text(), keyring.Text(), store.Text())
	s.must(err)
	rights, err := access.NewMatrix(receiving.Permissions(), accounts.Permissions())
	s.must(err)
	s.site, err = web.New(web.Config{Words: words, Synthetic: true, Office: office, Rights: rights, Now: s.node.Now, Log: failing{s.t}})
	s.must(err)
	all, err := receiving.Pages(s.node, s.site)
	s.must(err)
	s.mux = http.NewServeMux()
	s.site.SetMenu([]web.Item{{Path: "/imports", Key: "receiving.menu", Permission: receiving.Permission}})
	for _, p := range all {
		if p.Permission != receiving.Permission {
			s.t.Errorf("%s asks for %q", p.Pattern, p.Permission)
		}
		s.mux.Handle(p.Pattern, web.Secure(p))
	}
	daily, err := accounts.Pages(s.node, s.site)
	s.must(err)
	for _, p := range daily {
		s.mux.Handle(p.Pattern, web.Secure(p))
	}
}

// failing is a log in which nothing may be written: it is for what is no fault.
type failing struct{ t *testing.T }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("an error that is no fault: %s", b)
	return len(b), nil
}

// page is an answer.
type page struct {
	code int
	body string
	to   string // where it leads
	head http.Header
}

func (s *scene) ask(r *http.Request, language string) page {
	s.t.Helper()
	r.Header.Set("Accept-Language", language)
	if s.cookie != "" {
		r.Header.Set("Cookie", s.cookie)
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r.WithContext(web.WithVisitor(r.Context(), s.visitor)))
	for _, c := range w.Result().Cookies() {
		if c.Name == "import_desk" {
			s.cookie = c.Name + "=" + c.Value
		}
	}
	return page{w.Code, strings.ReplaceAll(w.Body.String(), "\u00a0", " "), w.Header().Get("Location"), w.Header()}
}

func (s *scene) get(path string) page {
	s.t.Helper()
	return s.ask(httptest.NewRequest(http.MethodGet, path, nil), "en")
}

// raw is an answer as it was sent.
func (s *scene) raw(path string) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	s.mux.ServeHTTP(w, r.WithContext(web.WithVisitor(r.Context(), s.visitor)))
	return w.Body.String()
}

func (s *scene) post(path string, fields url.Values) page {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.ask(r, "en")
}

// file is an upload.
type file struct {
	name    string
	content []byte
}

func (s *scene) upload(path string, fields url.Values, files ...file) page {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range fields {
		s.must(w.WriteField(name, fields.Get(name)))
	}
	field := "file"
	if strings.HasSuffix(path, "/case") {
		field = "papers"
	}
	for _, f := range files {
		part, err := w.CreateFormFile(field, f.name)
		s.must(err)
		part.Write(f.content)
	}
	s.must(w.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.ask(r, "en")
}

// announce is the exporting office's message before arrival.
func (s *scene) announce(b *bundle.Bundle) { s.announceWith(b, "") }

func (s *scene) announceWith(b *bundle.Bundle, note string) {
	s.t.Helper()
	h, about := s.cf.About(number(b), b.Statement, verifytest.Start+750)
	advice := s.cf.Signer.Statement(h, &statement.Advice{About: about, To: office, Day: canonical.DayOf(verifytest.Start), Exit: "SYNTHETIC Bangui", Note: note})
	s.must(s.node.Ledger.Store().Write(s.t.Context(), s.now, func(tx *store.Tx) error { return s.desk.Announce(tx, advice, b) }))
}

// paper records one from outside, of which nothing is known but what stands on it; n makes
// each another.
func (s *scene) paper(n byte) (id string) {
	s.t.Helper()
	m := image.NewGray(image.Rect(0, 0, 4, 4))
	m.Pix[0] = n
	var scan bytes.Buffer
	s.must(png.Encode(&scan, m))
	today := period.DateOf(s.now)
	got, err := s.desk.Transcribe(s.t.Context(), importing.Officer{ID: "officer-1"}, importing.Transcript{Number: "SL 00491" + string('0'+n), Issuer: "SL", Authority: "SYNTHETIC authority",
		Issued: today.AddDays(-3), Expires: today.AddDays(57), Exporter: importing.Named{Name: "SYNTHETIC exporter", Address: "Freetown"},
		Importer: importing.Named{Name: "SYNTHETIC importer", Address: "Dubai"}, Carats: 3210, Value: new(measure.USD(64200)), Parcels: 1,
		Lines: []importing.PaperLine{{HS: "7102.10", Carats: 3210}}, Origin: []importing.PaperOrigin{{Country: "SL"}},
		ParcelList: []importing.PaperParcel{{Number: "P1", Container: "1", Carats: 3210}}, Seals: []verify.Seal{{Container: "1", Seal: "S7"}}, Validated: true},
		importing.Arrival{Place: "SYNTHETIC counter", Original: true, Seals: []importing.SealFound{{Container: "1", Seal: "S7", Intact: true}}}, [][]byte{scan.Bytes()}, ledger.Logged)
	s.must(err)
	return got.Consignment.ID
}

// codes are what a hand scanner writes of a certificate's paper.
func codes(b *bundle.Bundle) (c, p string) {
	c = "HTTPS://V.KP.EXAMPLE/C#" + paper.Digits(b.Statement)
	return c, ""
}

// number of a certificate.
func number(b *bundle.Bundle) string {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		panic(err)
	}
	return st.Body.(*statement.Certificate).Number
}

// scan presents a certificate by its code and gives its screen.
func (s *scene) scan(b *bundle.Bundle) (path string) {
	s.t.Helper()
	c, _ := codes(b)
	got := s.post("/imports", url.Values{"scan": {c}, "place": {"SYNTHETIC Dubai, counter 2"}, "scale": {"SYNTHETIC balance 4"}})
	if got.code != http.StatusSeeOther || !strings.HasPrefix(got.to, "/imports/AE-dubai-") {
		s.t.Fatalf("scanned: %d %s %s", got.code, got.to, plain(got.body))
	}
	return got.to
}

var (
	inputs   = regexp.MustCompile(`<(input|textarea)\b[^>]*>`)
	attr     = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	areas    = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
	measured = regexp.MustCompile(`(?s)<form id="measure".*?</form>`)
	tags     = regexp.MustCompile(`<[^>]*>`)
)

// form reads the fields of the screen's form as a browser would send them.
func form(t *testing.T, body string) url.Values {
	t.Helper()
	part := measured.FindString(body)
	if part == "" {
		t.Fatalf("no form: %s", plain(body))
	}
	out := url.Values{}
	for _, tag := range inputs.FindAllString(part, -1) {
		a := map[string]string{}
		for _, m := range attr.FindAllStringSubmatch(tag, -1) {
			a[m[1]] = m[2]
		}
		if a["name"] == "" || a["type"] == "checkbox" && !strings.Contains(tag, " checked") {
			continue
		}
		out.Set(a["name"], a["value"])
	}
	for _, m := range areas.FindAllStringSubmatch(part, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

// plain is a page as text, for what a test says.
func plain(body string) string {
	_, body, _ = strings.Cut(body, `<main`)
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

// state reads a consignment's.
func (s *scene) state(path string) consignment.State {
	s.t.Helper()
	got, err := s.desk.Look(s.t.Context(), strings.Split(path, "/")[2])
	s.must(err)
	return got.State
}

func has(t *testing.T, p page, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(p.body, w) && !strings.Contains(plain(p.body), w) {
			t.Errorf("%d: no %q in: %.900s", p.code, w, plain(p.body))
		}
	}
}

// until waits for what other goroutines do.
func (s *scene) until(what string, done func() bool) {
	s.t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("it never came about that %s", what)
}

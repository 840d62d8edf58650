package issuing_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificatetest"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/certificateweb/accounts"
	"adamas.example/internal/certificate/certificateweb/issuing"
	"adamas.example/internal/certificate/certificateweb/pages"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/rules"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// office is CF/bangui with its desk, two validating officers with keys, and the pages.
type office struct {
	*exporting.Desk
	t       *testing.T
	node    *module.Node
	service *certificate.Service
	now     *atomic.Int64
	mux     *http.ServeMux
	letters int
	signers *signers
}

func newOffice(t *testing.T) *office {
	t.Helper()
	return newOfficeAt(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, o *office)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newOffice(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newOfficeAt(t, store.Config{DSN: pgtest.Start(t)})) })
}

func newOfficeAt(t *testing.T, sc store.Config) *office {
	o := &office{t: t, now: &atomic.Int64{}, signers: &signers{lacks: map[string]signatory.Lack{}}}
	o.now.Store(verifytest.Start + 600)
	world := verifytest.New()
	now := func() time.Time { return time.Unix(o.now.Load(), 0).UTC() }
	lw := ledgertest.New(t, "cf.kp.example/2026")
	lc := lw.LogConfig()
	lc.Interval = time.Hour
	dir := t.TempDir()
	o.signers.at = officers.At(dir)
	l, done := lw.OpenWith(ledger.Config{Now: now}, lc, sc, certificate.Schema())
	t.Cleanup(done)
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	o.must(err)
	set, err := rule.Check(kpcs)
	o.must(err)
	signer, err := keyring.NewSigner(keyring.Office, verifytest.NewSigner("office CF/bangui").Private)
	o.must(err)
	o.service = certificate.New(certificatetest.Registers(certificate.Config{Ledger: l, Rules: set, Office: "CF/bangui", Station: "CF/bangui/pc-1",
		Signer: signer, Now: now, Entropy: rand.Reader, Synthetic: true}))
	o.Desk = exporting.New(exporting.Config{Certificates: o.service, Ledger: l, Rules: set, Office: "CF/bangui", Signer: signer, Now: now, Entropy: rand.Reader, Synthetic: true,
		Post: func(*store.Tx, string, string, [][]byte, [][]byte) error { o.letters++; return nil }})
	for _, leaf := range world.Offices["CF/bangui"].Log.Leaves {
		st, err := statement.Parse(leaf)
		o.must(err)
		if st.Hash == world.Offices["CF/bangui"].Range {
			o.must(o.service.TakeRange(t.Context(), st))
		}
	}
	post := exchange.New(exchange.Config{Ledger: l, Office: "CF/bangui", Synthetic: true, Roots: func() ([][]byte, error) { return world.Roots, nil }, Dir: dir, Now: now, Entropy: rand.Reader})
	o.node = &module.Node{Office: "CF/bangui", Station: "CF/bangui/pc-1", Synthetic: true, Signer: signer, Ledger: l, Roots: world.Roots, Dir: dir, Rules: set, Now: now, Post: post,
		Services: []any{assenting{}, o.signers, o.Desk, o.service, importing.New(importing.Config{Ledger: l, Rules: set, Office: "CF/bangui", Signer: signer, Now: now, Synthetic: true})}}
	o.key("ngoma")
	o.key("mbala")
	o.serve()
	return o
}

// key makes a folder of keys for an officer, as adamas keys does for the demonstration.
func (o *office) key(login string) {
	o.t.Helper()
	ring, err := keyring.Create(filepath.Join(o.node.Dir, "officers", login), keyring.Demonstration())
	o.must(err)
	_, err = ring.New(o.t.Context(), keyring.Spec{Name: "officer", Purpose: keyring.Officer, Created: o.node.Now()})
	o.must(err)
}

func (o *office) serve() {
	words, err := lang.Load(web.Text(), access.Text(), certificate.Text(), consignment.Text(), exporting.Text(), certificateweb.Text(), pages.Text(), issuing.Text(), accounts.Text(), filing.Text(), rule.Text(), keyring.Text(), ledger.Text(), signatory.Text())
	o.must(err)
	rights, err := access.NewMatrix(issuing.Permissions(), accounts.Permissions())
	o.must(err)
	site, err := web.New(web.Config{Words: words, Synthetic: true, Office: o.node.Office, Rights: rights, Now: o.node.Now, Log: failing{o.t}})
	o.must(err)
	all, err := issuing.Pages(o.node, site)
	o.must(err)
	more, err := accounts.Pages(o.node, site)
	o.must(err)
	all = append(all, more...)
	var menu []web.Item
	for _, p := range all {
		if p.Menu != "" {
			menu = append(menu, web.Item{Path: strings.TrimPrefix(p.Pattern, "GET "), Key: p.Menu, Permission: p.Permission})
		}
	}
	site.SetMenu(menu)
	o.mux = http.NewServeMux()
	for _, p := range all {
		o.mux.Handle(p.Pattern, web.Secure(site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if err := site.Require(r, p.Permission); err != nil {
				return err
			}
			p.ServeHTTP(w, r)
			return nil
		})))
	}
}

// assenting has every officer show that it is he; e2e/assent_test.go plays the
// real thing.
type assenting struct{}

func (assenting) Ask(*http.Request, *lang.Printer, string) (*form.Passkey, error) { return nil, nil }
func (assenting) Question(http.ResponseWriter, *http.Request, *lang.Printer, entrance.Act) error {
	return nil
}
func (assenting) Given(*http.Request, entrance.Act) error { return nil }

// signers are the officers with a key in the office's folder; lacks says what keeps one of
// them from signing, by his login.
type signers struct {
	at    officers.At
	lacks map[string]signatory.Lack
}

func (s *signers) Officers(ctx context.Context) (out []signatory.Officer, err error) {
	for _, k := range s.at.All() {
		o, _ := s.Of(ctx, k.Login)
		out = append(out, o)
	}
	return out, nil
}

func (s *signers) Of(_ context.Context, login string) (signatory.Officer, error) {
	o := signatory.Officer{Login: login, Name: "SYNTHETIC " + login, Role: true, Word: stated.Word{State: stated.InForce}}
	if k, err := s.at.Of(login); err == nil {
		o.Key = k.Key.String()
	}
	switch s.lacks[login] {
	case signatory.NotStated:
		o.Word.State = stated.Unstated
	case signatory.Withdrawn:
		o.Word = stated.Word{State: stated.Revoked, Reason: "SYNTHETIC reason"}
	}
	return o, nil
}

func (s *signers) Told(_ context.Context, p *lang.Printer, o *signatory.Officer) (string, error) {
	if o.Lack() == signatory.Nothing {
		return "", nil
	}
	return p.T("signatory.lack."+string(o.Lack()), lang.Args{"name": o.Called(), "administrators": "SYNTHETIC boss", "from": o.Word.From, "until": o.Word.Until, "reason": o.Word.Reason}), nil
}

// failing is a log in which nothing may be written: it is for what is no fault.
type failing struct{ t *testing.T }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("an error that is no fault: %s", b)
	return len(b), nil
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) today() period.Date { return period.DateOf(o.node.Now()) }

// visitor is somebody with roles at this office.
func visitor(login string, roles ...access.Role) web.Visitor {
	v := web.Visitor{Actor: access.Actor{ID: ident.RecordID(login)}, Login: login, Name: "SYNTHETIC " + login}
	for _, r := range roles {
		v.Actor.Grants = append(v.Actor.Grants, access.Grant{Role: r, Office: "CF/bangui"})
	}
	return v
}

var (
	valuer = visitor("kossi", access.Valuator)
	sealer = visitor("yara", access.Sealer)
	first  = visitor("ngoma", access.Validator)
	second = visitor("mbala", access.Validator)
)

// answer is what came back.
type answer struct {
	code int
	body string
	h    http.Header
}

func (o *office) do(v web.Visitor, r *http.Request) answer {
	o.t.Helper()
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r.WithContext(web.WithVisitor(r.Context(), v)))
	a := answer{w.Code, w.Body.String(), w.Header()}
	if i := max(strings.Index(a.body, "certificate.issuing."), strings.Index(a.body, "certificate.accounts.")); i >= 0 && strings.HasPrefix(a.h.Get("Content-Type"), "text/html") {
		o.t.Errorf("%s: words are missing: %.80s", r.URL, a.body[i:])
	}
	if i := strings.Index(a.body, "{"); i >= 0 && strings.HasPrefix(a.h.Get("Content-Type"), "text/html") {
		o.t.Errorf("%s: a placeholder without value: %.80s", r.URL, a.body[max(0, i-40):])
	}
	return a
}

func (o *office) get(v web.Visitor, path string) answer {
	o.t.Helper()
	return o.do(v, httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form; pairs of name and value.
func (o *office) post(v web.Visitor, path string, pairs ...string) answer {
	o.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return o.do(v, r)
}

// send sends a form with files.
func (o *office) send(v web.Visitor, path string, files map[string][]byte, pairs ...string) answer {
	o.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		o.must(m.WriteField(pairs[i], pairs[i+1]))
	}
	for name, content := range files {
		f, err := m.CreateFormFile(name, "photo.html")
		o.must(err)
		_, err = f.Write(content)
		o.must(err)
	}
	o.must(m.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return o.do(v, r)
}

func (o *office) wants(a answer, code int, texts ...string) {
	o.t.Helper()
	if a.code != code {
		o.t.Fatalf("status %d, want %d: %s", a.code, code, plain(a.body))
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			o.t.Errorf("does not say %q: %s", text, plain(a.body))
		}
	}
}

// plain is the middle of a page, for the report of a failed test.
func plain(body string) string {
	_, main, ok := strings.Cut(body, "<main")
	if !ok {
		return body[:min(len(body), 2000)]
	}
	return main[:min(len(main), 2500)]
}

func (o *office) seen(id string) string {
	o.t.Helper()
	c, _, err := o.Get(o.t.Context(), id)
	o.must(err)
	return fmt.Sprint(c.Steps)
}

func (o *office) state(id string) consignment.State {
	o.t.Helper()
	c, _, err := o.Get(o.t.Context(), id)
	o.must(err)
	return c.State
}

// application is 12.405 ct in two parcels from one site.
func (o *office) application() exporting.Application {
	licence := &certificate.Licence{Holder: "SYNTHETIC exporter", Number: "BA-1", Kind: "buying_house", Until: o.today().AddDays(300)}
	return exporting.Application{
		Kind:        exporting.Export,
		Applicant:   exporting.Person{Name: "SYNTHETIC agent", Address: "Bangui", For: "SYNTHETIC exporter"},
		Exporter:    exporting.Trader{Name: "SYNTHETIC exporter", Address: "Bangui", Licence: licence},
		Consignee:   exporting.Trader{Name: "SYNTHETIC importer", Address: "Dubai"},
		Destination: "AE", Office: "AE/dubai",
		Parcels:     []exporting.Parcel{{Mark: "P1", Container: "1", Carats: 10005, Stones: 12}, {Mark: "P2", Container: "2", Carats: 2400}},
		Lines:       []certificate.ValuedLine{{HS: "7102.10", Carats: 12000, Value: 240000}, {HS: "7102.31", Carats: 405, Value: 8000}},
		Evidence:    []certificate.Evidence{{Origin: "CF", Carats: 12405, Mine: &certificate.MineSource{Name: "SYNTHETIC site", Place: "Carnot", Record: "SYNTHETIC register 4"}}},
		Carriage:    exporting.Carriage{Mode: "hand_carry", Carrier: "SYNTHETIC carrier", Licence: &certificate.Licence{Holder: "SYNTHETIC carrier", Number: "T-1", Until: o.today().AddDays(300)}},
		Declaration: exporting.Declaration{By: "SYNTHETIC agent", Day: o.today(), Warranty: period.MustDay(2021, 1, 1)},
	}
}

func (o *office) applied() string {
	o.t.Helper()
	c, err := o.Apply(context.Background(), exporting.Officer{ID: "exporter", Role: access.Exporter}, o.application())
	o.must(err)
	return c.ID
}

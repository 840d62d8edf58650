package applying_test

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/certificatetest"
	"adamas.example/internal/certificate/certificateweb/applying"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/rule"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/rules"
	"adamas.example/verify/verifytest"
)

// engines are what the pages are tried on.
var engines = map[string]func(*testing.T) store.Config{
	"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
	"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
}

// office is CF/bangui with its exporters' pages.
type office struct {
	t       *testing.T
	desk    *exporting.Desk
	service *applications.Service
	store   *store.Store
	mux     *http.ServeMux
	now     *atomic.Int64
}

func newOffice(t *testing.T, sc store.Config) *office {
	t.Helper()
	o := &office{t: t, now: &atomic.Int64{}, mux: http.NewServeMux()}
	o.now.Store(verifytest.Start + 600)
	now := func() time.Time { return time.Unix(o.now.Load(), 0).UTC() }
	lw := ledgertest.New(t, "cf.kp.example/2026")
	lc := lw.LogConfig()
	lc.Interval = time.Hour
	l, done := lw.OpenWith(ledger.Config{Now: now}, lc, sc, certificate.Schema())
	t.Cleanup(done)
	signer, err := keyring.NewSigner(keyring.Office, verifytest.NewSigner("office CF/bangui").Private)
	o.must(err)
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	o.must(err)
	set, err := rule.Check(kpcs)
	o.must(err)
	certificates := certificate.New(certificatetest.Registers(certificate.Config{Ledger: l, Rules: set, Office: "CF/bangui", Station: "CF/bangui/pc-1", Signer: signer,
		Now: now, Entropy: rand.Reader, Synthetic: true}))
	o.desk = exporting.New(exporting.Config{Certificates: certificates, Ledger: l, Rules: set, Office: "CF/bangui", Signer: signer, Now: now, Entropy: rand.Reader, Synthetic: true})
	o.store = l.Store()
	o.service = applications.New(applications.Config{Desk: o.desk, Certificates: certificates, Store: o.store, Rules: set, Office: "CF/bangui", Now: now, Entropy: rand.Reader})
	words, err := lang.Load(web.Text(), sheet.Text(), rule.Text(), party.Text(), access.Text(), certificate.Text(), consignment.Text(), exporting.Text(), applications.Text(), applying.Text())
	o.must(err)
	rights, err := access.NewMatrix(applying.Permissions())
	o.must(err)
	site, err := web.New(web.Config{Words: words, Synthetic: true, Office: "CF/bangui", Rights: rights, Now: now, Log: failing{t}})
	o.must(err)
	site.Register(o.mux)
	site.SetMenu([]web.Item{{Path: "/applications", Key: "apply.menu", Permission: "certificate.read_applications"}})
	node := &module.Node{Office: "CF/bangui", Synthetic: true, Ledger: l, Rules: set, Now: now, Services: []any{o.service}, Dir: t.TempDir()}
	all, err := applying.Pages(node, site)
	o.must(err)
	for _, p := range all {
		o.mux.Handle(p.Pattern, web.Secure(site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if err := site.Require(r, p.Permission); err != nil {
				return err
			}
			p.ServeHTTP(w, r)
			return nil
		})))
	}
	return o
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

// visitor is somebody who has signed in.
func visitor(login, company string, role access.Role) web.Visitor {
	return web.Visitor{Actor: access.Actor{ID: ident.RecordID(login), Grants: []access.Grant{{Role: role, Office: "CF/bangui"}}}, Login: login, Name: "SYNTHETIC " + login, Company: company}
}

var (
	anna  = visitor("anna", "SYNTHETIC Comptoir A|BA-1", access.Exporter)
	bruno = visitor("bruno", "SYNTHETIC Comptoir A|BA-1", access.Exporter)
	carla = visitor("carla", "SYNTHETIC Comptoir C|BA-3", access.Exporter)
	value = visitor("value", "", access.Valuator)
)

// answer is what came back.
type answer struct {
	Code int
	Body string
	Head http.Header
	To   string
}

func (o *office) do(v web.Visitor, r *http.Request, language string) answer {
	o.t.Helper()
	w := httptest.NewRecorder()
	r.Header.Set("Accept-Language", language)
	o.mux.ServeHTTP(w, r.WithContext(web.WithVisitor(r.Context(), v)))
	return answer{w.Code, w.Body.String(), w.Header(), w.Header().Get("Location")}
}

func (o *office) get(v web.Visitor, path string, language ...string) answer {
	o.t.Helper()
	return o.do(v, httptest.NewRequest(http.MethodGet, path, nil), append(language, "en")[0])
}

func (o *office) post(v web.Visitor, path string, given url.Values, language ...string) answer {
	o.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(given.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return o.do(v, r, append(language, "en")[0])
}

func (o *office) upload(v web.Visitor, path, name string, content []byte) answer {
	o.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("paper", name)
	o.must(err)
	_, err = part.Write(content)
	o.must(err)
	o.must(m.Close())
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return o.do(v, r, "en")
}

// want fails unless the answer has a status and holds texts.
func (a answer) want(t *testing.T, code int, texts ...string) answer {
	t.Helper()
	if a.Code != code {
		t.Fatalf("status %d, want %d: %s", a.Code, code, plain(a.Body))
	}
	for _, text := range texts {
		if !strings.Contains(a.Body, text) {
			t.Errorf("no %q in: %s", text, plain(a.Body))
		}
	}
	return a
}

var tags = regexp.MustCompile(`(?s)<head>.*</head>|<[^>]*>|\s+`)

func plain(body string) string { return tags.ReplaceAllString(body, " ") }

// start begins an application and gives its address.
func (o *office) start(v web.Visitor) string {
	o.t.Helper()
	return o.post(v, "/applications/drafts", nil).want(o.t, 303).To
}

// whole is everything that an application needs, part by part.
func whole() map[string]url.Values {
	v := func(pairs ...string) url.Values {
		out := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			out.Set(pairs[i], pairs[i+1])
		}
		return out
	}
	return map[string]url.Values{
		"about": v("kind", "export", "applicant.name", "SYNTHETIC Anna", "applicant.address", "Bangui", "applicant.acts_for", "SYNTHETIC Comptoir A", "exporter.name", "SYNTHETIC Comptoir A",
			"exporter.address", "Avenue Boganda, Bangui", "exporter.licence.holder", "SYNTHETIC Comptoir A", "exporter.licence.number", "BA-1", "exporter.licence.kind", "buying_house", "exporter.licence.until", "31/12/2027"),
		"route": v("destination", "AE", "destination_office", "AE/dubai", "consignee.name", "SYNTHETIC importer", "consignee.address", "Dubai", "carriage.mode", "hand_carry",
			"carriage.carrier", "SYNTHETIC carrier", "carriage.licence.holder", "SYNTHETIC carrier", "carriage.licence.number", "T-1", "carriage.licence.until", "2027-12-31"),
		"goods": v("parcels[1].mark", "P1", "parcels[1].container", "1", "parcels[1].carats", "10,00", "parcels[1].stones", "12", "parcels[3].mark", "P2", "parcels[3].container", "1", "parcels[3].carats", "2.40",
			"lines[1].hs", "7102.10", "lines[1].carats", "12,40", "lines[1].value_usd", "2 480,00"),
		"origin": v("evidence[1].sort", "mine", "evidence[1].mine.name", "SYNTHETIC site", "evidence[1].mine.place", "Carnot", "evidence[1].mine.record", "register 4", "evidence[1].origin", "CF", "evidence[1].carats", "12.40"),
		"papers": v(),
	}
}

// fill types all of it, the last part first: none waits for another.
func (o *office) fill(v web.Visitor, draft string) {
	o.t.Helper()
	for _, p := range slices.Backward(applications.Parts()) {
		part := string(p)
		given := whole()[part]
		seen := hidden(o.get(v, draft+"/part/"+part).want(o.t, 200).Body, "seen")
		given.Set("seen", seen)
		given.Set("act", "continue")
		o.post(v, draft+"/part/"+part, given).want(o.t, 303)
	}
}

// hidden finds the value of a hidden field.
func hidden(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// send declares and sends.
func (o *office) send(v web.Visitor, draft string, language ...string) answer {
	o.t.Helper()
	page := o.get(v, draft+"/check", language...).want(o.t, 200).Body
	return o.post(v, draft+"/check", url.Values{"version": {hidden(page, "version")}, "seen": {hidden(page, "seen")}, "warranty": {hidden(page, "warranty")},
		"declaration.by": {"SYNTHETIC Anna"}, "agreed": {"yes"}}, language...)
}

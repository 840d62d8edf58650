package transcribing_test

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"image"
	"image/png"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/certificateweb/receiving"
	"adamas.example/internal/certificate/certificateweb/transcribing"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/party/partyweb/specimens"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/rule"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/rules"
	"adamas.example/verify/verifytest"
)

const office = "AE/dubai"

// scene is the importing office in Dubai, with the published register of Participants.
type scene struct {
	t       *testing.T
	now     time.Time
	node    *module.Node
	desk    *importing.Desk
	mux     *http.ServeMux
	visitor web.Visitor
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, now: time.Unix(verifytest.Start+7200, 0).UTC()}
	now := func() time.Time { return s.now }
	lw := ledgertest.New(t, "mirror.example/2026")
	lc := lw.LogConfig()
	lc.Interval = time.Hour
	l, done := lw.OpenWith(ledger.Config{Now: now}, lc, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}, certificate.Schema(), stated.Schema())
	t.Cleanup(done)
	signer := must[*keyring.Signer](t)(keyring.NewSigner(keyring.Office, verifytest.NewSigner("office "+office).Private))
	kpcs := must[fs.FS](t)(fs.Sub(rules.FS(), rules.KPCS))
	set := must[rule.Set](t)(rule.Check(kpcs))
	scheme := must[*party.Scheme](t)(party.Load(data.FS, nil))
	s.node = &module.Node{Office: office, Synthetic: true, Ledger: l, Rules: set, Now: now, Signer: signer}
	s.desk = importing.New(importing.Config{Ledger: l, Rules: set, Office: office, Signer: signer, Now: now, Synthetic: true, Scheme: scheme, Entropy: rand.Reader})
	exports := exporting.New(exporting.Config{Ledger: l, Rules: set, Office: office, Signer: signer, Now: now, Synthetic: true, Entropy: rand.Reader})
	s.node.Services = []any{s.desk, exports}
	words := must[*lang.Catalogue](t)(lang.Load(web.Text(), certificateweb.Text(), receiving.Text(), transcribing.Text(), rule.Text(), certificate.Text(), consignment.Text(), importing.Text(), exporting.Text(),
		outside.Text(), party.Text(), specimen.Text(), specimens.Text(), access.Text(), ledger.Text(), keyring.Text(), store.Text(), sheet.Text()))
	rights := must[*access.Matrix](t)(access.NewMatrix(receiving.Permissions(), transcribing.Permissions(), specimens.Permissions()))
	site := must[*web.Site](t)(web.New(web.Config{Words: words, Synthetic: true, Office: office, Rights: rights, Now: now, Log: failing{t}}))
	s.mux = http.NewServeMux()
	for _, pages := range []func(*module.Node, *web.Site) ([]module.Page, error){transcribing.Pages, specimens.Pages} {
		for _, p := range must[[]module.Page](t)(pages(s.node, site)) {
			s.mux.Handle(p.Pattern, web.Secure(p))
		}
	}
	s.visitor = web.Visitor{Actor: access.Actor{ID: ident.RecordID("importer"), Grants: []access.Grant{{Role: access.Importer, Office: office}}}, Login: "importer", Name: "importer", Session: "s", Proven: s.now}
	return s
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
	to   string
	head http.Header
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plain is a page as text.
func (p page) plain() string {
	_, body, _ := strings.Cut(p.body, `<main`)
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

func (p page) has(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(p.body, w) && !strings.Contains(p.plain(), w) {
			t.Errorf("%d: no %q in: %.1500s", p.code, w, p.plain())
		}
	}
}

func (s *scene) ask(r *http.Request, language string) page {
	s.t.Helper()
	r.Header.Set("Accept-Language", language)
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r.WithContext(web.WithVisitor(r.Context(), s.visitor)))
	return page{w.Code, strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(w.Body.String()), w.Header().Get("Location"), w.Header()}
}

func (s *scene) get(path string) page {
	s.t.Helper()
	return s.ask(httptest.NewRequest(http.MethodGet, path, nil), "en")
}

// post sends a form; that of a paper that is keyed as it stands now, unless fields say
// what was seen.
func (s *scene) post(path string, fields url.Values) page {
	s.t.Helper()
	if strings.HasPrefix(path, "/keying/") && !fields.Has("seen") {
		fields = with(fields, fields.Get("act"), "seen", cmp.Or(seenOf(s.get(path)), "1"))
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.ask(r, "en")
}

func (s *scene) upload(path, field string, fields url.Values, files ...[]byte) page {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range fields {
		w.WriteField(name, fields.Get(name))
	}
	for _, f := range files {
		must2(w.CreateFormFile(field, "paper.png")).Write(f)
	}
	w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.ask(r, "en")
}

func must2[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

const secret = "SYNTHETIC place of the scanner"

// scan is a SYNTHETIC picture with a text beside it that is shown to nobody.
func scan(n byte) []byte {
	m := image.NewGray(image.Rect(0, 0, 5, 5))
	m.Pix[0] = n
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	raw := b.Bytes()
	return bytes.Join([][]byte{raw[:33], {0, 0, 0, byte(len(secret))}, []byte("tEXt" + secret + "\x00\x00\x00\x00"), raw[33:]}, nil)
}

// keyed is what stands on a SYNTHETIC paper of Sierra Leone with nothing wrong in it.
func (s *scene) keyed() url.Values {
	day := func(n int) string { return s.now.AddDate(0, 0, n).Format(time.DateOnly) }
	return url.Values{"certificate_number": {"SL 004911"}, "issuer": {"SL"}, "issuing_authority": {"SYNTHETIC authority"}, "date_of_issuance": {day(-3)}, "date_of_expiry": {day(57)},
		"exporter.name": {"SYNTHETIC exporter"}, "exporter.address": {"Freetown"}, "importer.name": {"SYNTHETIC importer"}, "importer.address": {"Dubai"},
		"carat_weight": {"12,40"}, "value_usd": {"2 480,00"}, "number_of_parcels": {"1"}, "hs_codes[1].hs_code": {"7102.10"}, "hs_codes[1].carat_weight": {"12,40"}, "hs_codes[1].value_usd": {"2480"},
		"origin[1].country": {"SL"}, "parcels[1].number": {"JMI/GGDO/4911"}, "parcels[1].container": {"1"}, "parcels[1].carat_weight": {"12.4"},
		"seals[1].container": {"1"}, "seals[1].seal": {"A118"}, "seals[1].found": {"whole"}, "place": {"SYNTHETIC counter 2"}, "original": {"yes"}, "validated": {"yes"}}
}

// with is the form with what a button wants, and changes in pairs.
func with(v url.Values, act string, pairs ...string) url.Values {
	out := url.Values{"act": {act}}
	for name, all := range v {
		out[name] = all
	}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// begin scans a paper and gives where it is keyed.
func (s *scene) begin(n byte) string {
	s.t.Helper()
	got := s.upload("/papers", "scans", nil, scan(n))
	if got.code != http.StatusSeeOther || !strings.HasPrefix(got.to, "/keying/") {
		s.t.Fatalf("%d %s %s", got.code, got.to, got.plain())
	}
	return got.to
}

// record keys a paper and records it, and gives its page.
func (s *scene) record(n byte, pairs ...string) string {
	s.t.Helper()
	got := s.post(s.begin(n), with(s.keyed(), "record", pairs...))
	if got.code != http.StatusSeeOther || !strings.HasPrefix(got.to, "/papers/") {
		s.t.Fatalf("%d %s %.2000s", got.code, got.to, got.plain())
	}
	return got.to
}

package firstrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/people"
	"adamas.example/internal/web"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

var now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

const (
	origin     = "cf.kp.example/2026"
	passphrase = "seven grey herons over Boda"
)

// visit is a site with a browser that was let in.
type visit struct {
	*testing.T
	site    *Site
	out     *bytes.Buffer
	cookie  string
	lang    string
	started []string // passphrases with which the office was started
	fails   error    // what starting comes to
}

func open(t *testing.T, dir string) *visit {
	t.Helper()
	words, err := lang.Load(Text(), doors.Text(), web.Text(), people.Text(), keyring.Text(), os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	v := &visit{T: t, out: &bytes.Buffer{}, lang: "en"}
	env := &module.Env{Context: t.Context(), Out: v.out, Err: io.Discard, Now: func() time.Time { return now }, Getenv: func(string) string { return "" }, Words: words.Printer(lang.English)}
	v.site, err = New(Config{Env: env, Words: words, Dir: dir, Listen: "127.0.0.1:8080", WorkFactor: 1, Start: func(_ context.Context, typed string) (Started, error) {
		v.started = append(v.started, typed)
		return Started{Address: "http://localhost:8080", Link: "/come-in/x"}, v.fails
	}}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.site.newCode("setup.page.open"); err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`code=(\S+)`).FindStringSubmatch(v.out.String())
	got := v.get("/set-up/enter?code=" + code[1])
	v.cookie = got.Result().Cookies()[0].Value
	return v
}

func (v *visit) do(r *http.Request) *httptest.ResponseRecorder {
	r.Host = "localhost:8080"
	r.Header.Set("Accept-Language", v.lang)
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: v.cookie})
	w := httptest.NewRecorder()
	v.site.Handler().ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, ">setup.") || strings.Contains(body, ">fault.") {
		v.Errorf("%s in %s: words are missing", r.URL, v.lang)
	}
	return w
}

func (v *visit) get(path string) *httptest.ResponseRecorder {
	return v.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form and wants what the answer says, or where it leads.
func (v *visit) post(step, wants string, pairs ...string) {
	v.Helper()
	given := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		given.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/set-up/"+step, strings.NewReader(given.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v.wants(v.do(r), wants)
}

func (v *visit) wants(w *httptest.ResponseRecorder, wants string) {
	v.Helper()
	if to := w.Header().Get("Location"); to != wants && !strings.Contains(w.Body.String(), wants) {
		v.Fatalf("%d to %q, not %q:\n%s", w.Code, to, wants, regexp.MustCompile(`(?s)<[^>]*>|\s+`).ReplaceAllString(w.Body.String(), " "))
	}
}

// send sends a form with a file.
func (v *visit) send(act, wants, field string, file []byte, pairs ...string) {
	v.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i, p := range append([]string{"act", act}, pairs...) {
		if i%2 == 0 {
			m.WriteField(p, append([]string{"act", act}, pairs...)[i+1])
		}
	}
	if file != nil {
		w, err := m.CreateFormFile(field, "file")
		if err != nil {
			v.Fatal(err)
		}
		w.Write(file)
	}
	m.Close()
	r := httptest.NewRequest(http.MethodPost, "/set-up/waiting", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	v.wants(v.do(r), wants)
}

// answered is a real office, asked for to the last question.
func answered(v *visit) {
	v.Helper()
	v.post("kind", "Nothing is chosen")
	v.post("kind", "/set-up/office", "kind", "real")
	v.post("office", "“Name of the register” is empty", "participant", "CF", "duty", "receives", "office_name", "Bureau", "office", "Bangui", "authority", "Ministère", "computer", "pc-1")
	v.post("office", "cannot be a short name", "origin", origin)
	v.wants(v.get("/set-up/office"), `value="Bangui"`) // what was typed is kept
	v.post("office", "/set-up/keys", "office", "bangui")
	v.post("keys", "too easily guessed", "passphrase", "short", "again", "short")
	v.post("keys", "The two passphrases differ", "passphrase", passphrase, "again", passphrase+"!")
	v.post("keys", "/set-up/people", "passphrase", passphrase, "again", passphrase)
	v.post("people", "cannot be a login", "name", "Alda Abara", "login", "a b", "reads", "fr")
	v.post("people", "/set-up/network", "login", "a.abara")
	v.post("network", "is not the address of a site", "way", "proxy", "url", "kp")
	v.post("network", "/set-up/backup", "way", "proxy", "url", "https://kp.cf.example/")
	v.post("backup", "is not a whole path", "backup_to", "backups")
	v.post("backup", "/set-up/summary", "backup_to", filepath.Join(v.TempDir(), "backups"))
}

// TestReal: a real office from the first question to the day on which nothing is waited
// for; started again in between, it asks for the passphrase that is kept nowhere.
func TestReal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "office")
	v := open(t, dir)
	answered(v)
	for _, v.lang = range []string{"fr", "pt", "en"} {
		for _, step := range []string{"kind", "office", "keys", "people", "network", "backup", "summary"} {
			if got := v.get("/set-up/" + step); got.Code != http.StatusOK {
				t.Errorf("%s in %s: %d", step, v.lang, got.Code)
			}
		}
	}
	kept, err := os.ReadFile(filepath.Join(dir, setup.DraftFile))
	if err != nil || strings.Contains(string(kept), "herons") {
		t.Fatalf("the draft holds the passphrase, or %v", err)
	}
	v.post("summary", "/set-up/waiting")
	v.wants(v.get("/set-up"), "/set-up/waiting")
	v.wants(v.get("/set-up/kind"), "There is no page at")
	for _, v.lang = range []string{"fr", "pt", "en"} {
		v.wants(v.get("/set-up/waiting"), "--types receipt,")
	}
	for name, code := range map[string]int{"office.pub": 200, "message.pub": 200, "log.pub": 200, "office.key.age": 404, "..%2fnode.toml": 404} {
		if got := v.get("/set-up/hand-on/" + name); got.Code != code || strings.Contains(got.Body.String(), "AGE-SECRET") {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	o, err := setup.OfficeIn(dir)
	if err != nil || o.Config.URL != "https://kp.cf.example" || o.Config.Synthetic || o.Config.Origin != origin {
		t.Fatalf("%+v %v", o, err)
	}

	again := open(t, dir)
	again.send("start", "Something is still waited for", "", nil)
	again.send("policy", "No file was chosen", "", nil)
	again.send("policy", "The witness policy is refused", "policy", []byte("nonsense"))
	root, text := scheme(t, o.Log.VKey)
	again.send("policy", "/set-up/waiting", "policy", []byte(text))
	again.send("root", "Nobody would believe", "root", []byte("nonsense"), "fingerprint", "")
	again.send("root", "/set-up/waiting", "root", root)
	sum, _, err := setup.Fingerprint([][]byte{root})
	if err != nil {
		t.Fatal(err)
	}
	again.wants(again.get("/set-up/waiting"), sum.String()[:4]+" "+sum.String()[4:8])
	again.send("root", "is empty", "", nil, "fingerprint", "")
	again.send("root", "Nothing is taken", "", nil, "fingerprint", strings.Repeat("ab", 32))
	again.send("root", "/set-up/waiting", "", nil, "fingerprint", sum.String())
	again.wants(again.get("/set-up/waiting"), "Passphrase of the office")
	again.send("start", "passphrase", "", nil, "passphrase", "another one than that")
	if len(again.started) != 0 {
		t.Fatal("it was started with a wrong passphrase")
	}
	again.fails = errors.New("SYNTHETIC")
	again.send("start", "Something went wrong", "", nil, "passphrase", passphrase)
	again.fails = nil
	again.send("start", "Come in as the first administrator", "", nil)
	again.send("start", "was started already", "", nil)
	if fmt.Sprint(again.started) != fmt.Sprint([]string{passphrase, passphrase}) {
		t.Error(again.started)
	}
}

// scheme signs a root document that enters the register, and its policy.
func scheme(t *testing.T, logKey string) (root []byte, text string) {
	t.Helper()
	key := func(purpose keyring.Purpose, label string, lock keyring.Lock) (*keyring.Ring, *keyring.Card) {
		ring, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), lock)
		if err != nil {
			t.Fatal(err)
		}
		card, err := ring.New(t.Context(), keyring.Spec{Name: "k", Purpose: purpose, Label: label, Created: now})
		if err != nil {
			t.Fatal(err)
		}
		return ring, card
	}
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", logKey)
	for _, p := range policy.Pillars {
		for n := 1; n <= 2; n++ {
			_, card := key(keyring.Witness, fmt.Sprintf("witness.%s-%d.example/w", p, n), keyring.Demonstration())
			fmt.Fprintf(&b, "witness %s-%d %s\n", p, n, card.VKey)
		}
	}
	for _, p := range policy.Pillars {
		fmt.Fprintf(&b, "group %s any %s-1 %s-2\n", p, p, p)
	}
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	real := func() keyring.Lock {
		return &keyring.Passphrase{WorkFactor: 1, Ask: func(context.Context) (string, error) { return passphrase, nil }}
	}
	_, authority := key(keyring.Authority, "", real())
	r := trust.Root{Issued: now.Unix(), Expires: now.Add(1000 * time.Hour).Unix(), Scheme: "KPCS", Threshold: trust.Threshold{Government: 1, Industry: 1, Civil: 1, Total: 3},
		Participants: []trust.Participant{{Code: "CF", Name: "CF", Authority: authority.Key, Homes: []trust.Home{{Origin: origin}}}},
		Logs:         []trust.Log{{Origin: origin, Policy: b.String()}}}
	var signers []*keyring.Signer
	for _, p := range policy.Pillars {
		ring, card := key(keyring.Root, "", real())
		s, err := ring.Signer(t.Context(), "k", keyring.Root)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, s)
		r.Keys = append(r.Keys, trust.RootKey{Pillar: p, Holder: p.String(), Key: card.Key})
	}
	payload, err := keyring.NewRoot(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	var signatures [][]byte
	for _, s := range signers {
		sig, err := keyring.SignRoot(t.Context(), s, nil, payload, now)
		if err != nil {
			t.Fatal(err)
		}
		signatures = append(signatures, sig)
	}
	if root, err = keyring.AssembleRoot(nil, payload, signatures, now); err != nil {
		t.Fatal(err)
	}
	return root, b.String()
}

// TestAgain: what is no office, or no backup of one, is refused before anything is made.
func TestAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "office")
	v := open(t, dir)
	v.post("kind", "/set-up/old", "kind", "again")
	v.post("old", "is empty", "from", "", "backup", "")
	v.post("old", "does not hold an office", "from", t.TempDir(), "backup", filepath.Join(t.TempDir(), "none"))
	for _, v.lang = range []string{"fr", "pt", "en"} {
		v.get("/set-up/old")
	}
	if stage, err := setup.StageOf(dir); stage != setup.Empty || err != nil {
		t.Error(stage, err)
	}
}

// TestViews: the pages show nothing that their data does not have.
func TestViews(t *testing.T) {
	for _, c := range open(t, t.TempDir()).site.Views() {
		if err := templatecheck.CheckHTML(c.Template, c.Data); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

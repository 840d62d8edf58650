package app

import (
	"context"
	"crypto/tls"
	"encoding/base32"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/proof"
)

// hire gives somebody an account at a served node, with a password and codes.
func (r *running) hire(t *testing.T, login string, g access.Grant) synthetic.Person {
	t.Helper()
	s, err := module.Service[*people.Service](r.others.node)
	if err != nil {
		t.Fatal(err)
	}
	p := people.Proposal{Login: login, Name: "SYNTHETIC " + login, Language: lang.English, Grants: []access.Grant{g}}
	if g.Role == access.Exporter {
		p.Company = people.Company{Holder: "SYNTHETIC house", Licence: "BA-17"}
	}
	token, err := s.InviteAtServer(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.StartCode(t.Context(), people.From{Address: login}, token)
	if err != nil {
		t.Fatal(err)
	}
	out := synthetic.Person{Office: "CF/bangui", Login: login, Name: p.Name, Role: g.Role, Password: "four green herons there", Secret: set.Secret}
	if _, err := s.Accept(t.Context(), people.From{Address: login}, token, people.Factors{Password: out.Password, Code: r.code(t, out, 0)}); err != nil {
		t.Fatal(err)
	}
	r.ahead(r.later + time.Minute) // past the code by which he came in
	return out
}

// code is what the app of a person shows by the node's clock, or a while later.
func (r *running) code(t *testing.T, p synthetic.Person, later time.Duration) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(p.Secret)
	if err != nil {
		t.Fatal(err)
	}
	return proof.CodeAt(secret, time.Now().Add(r.later+later))
}

// browsing is a browser without scripts: it keeps cookies and follows nothing.
type browsing struct {
	to      http.Handler
	address string
	host    string
	secure  bool
	header  map[string]string
	cookies map[string]string
	ctx     context.Context // of its requests; nil: it waits for the answers
}

func (r *running) browse(address string) *browsing {
	return &browsing{to: r.server.Handler, address: address + ":40000", host: "localhost:8080", cookies: map[string]string{}}
}

func (b *browsing) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	req.RemoteAddr, req.Host = b.address, b.host
	if b.ctx != nil {
		req = req.WithContext(b.ctx)
	}
	if b.secure {
		req.TLS = &tls.ConnectionState{}
	}
	for k, v := range b.header {
		req.Header.Set(k, v)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range b.cookies {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	out := httptest.NewRecorder()
	b.to.ServeHTTP(out, req)
	for _, c := range out.Result().Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return out
}

func (b *browsing) get(path string) *httptest.ResponseRecorder {
	return b.ask(http.MethodGet, path, nil)
}

func (b *browsing) signIn(login, password, code, more string) *httptest.ResponseRecorder {
	next, language, _ := strings.Cut(more, " ")
	return b.ask(http.MethodPost, "/sign-in?lang="+language, url.Values{"login": {login}, "password": {password}, "code": {code}, "next": {next}})
}

func sessionOf(a *httptest.ResponseRecorder) *http.Cookie {
	for _, c := range a.Result().Cookies() {
		if c.Name == "session" {
			return c
		}
	}
	return nil
}

func here(role access.Role) access.Grant { return access.Grant{Role: role, Office: "CF/bangui"} }

// TestSignInAnswers: what a sign-in says and gives, good and bad, in each language.
func TestSignInAnswers(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	who := r.hire(t, "v.dation", here(access.Validator))
	for language, words := range map[string]string{"en": "do not belong together", "fr": "ne correspondent pas", "pt": "não correspondem"} {
		for _, bad := range [][2]string{{"v.dation", "nine green herons there"}, {"nobody.here", who.Password}, {"", ""}, {"é<script>", "x"}} {
			got := r.browse("192.0.2.1").signIn(bad[0], bad[1], r.code(t, who, 0), " "+language)
			if got.Code != http.StatusUnauthorized || sessionOf(got) != nil || got.Header().Get("Cache-Control") != "no-store" || strings.Contains(got.Body.String(), "<script>") {
				t.Errorf("%s %v: %d %v", language, bad, got.Code, got.Header())
			}
			if !strings.Contains(got.Body.String(), words) {
				t.Errorf("%s %v: nothing is said of %q", language, bad, words)
			}
		}
		if page := r.browse("192.0.2.2").get("/sign-in?lang=" + language).Body.String(); !strings.Contains(page, `<html lang="`+language) || strings.Contains(page, ">people.") {
			t.Errorf("the page in %s", language)
		}
	}
	b := r.browse("192.0.2.3")
	b.cookies["session"] = "brought-along"
	got := b.signIn("v.dation", who.Password, r.code(t, who, 0), "/account en")
	first := sessionOf(got)
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/account" || first == nil || first.Value == "brought-along" || len(first.Value) != 43 {
		t.Fatalf("%d %v", got.Code, got.Header())
	}
	if !first.HttpOnly || first.Secure || first.SameSite != http.SameSiteLaxMode || first.Path != "/" || first.Domain != "" {
		t.Errorf("the cookie on http: %v", first)
	}
	s := r.browse("192.0.2.4")
	s.secure = true
	next := r.code(t, who, 30*time.Second)
	second := sessionOf(s.signIn("v.dation", who.Password, next, "/account en"))
	if second == nil || !second.Secure || !second.HttpOnly || second.Value == first.Value {
		t.Errorf("the cookie on https: %v", second)
	}
	again := r.browse("192.0.2.5")
	if got := again.signIn("v.dation", who.Password, next, "/account en"); got.Code != http.StatusUnauthorized {
		t.Errorf("a code that was used: %d", got.Code)
	}
	if got := b.ask(http.MethodPost, "/sign-out", nil); got.Code != http.StatusSeeOther || b.cookies["session"] != "" {
		t.Errorf("signing out: %d", got.Code)
	}
	b.cookies["session"] = first.Value
	if got := b.get("/account"); got.Code != http.StatusSeeOther || b.cookies["session"] != "" {
		t.Errorf("the token still serves: %d", got.Code)
	}
}

// TestOnwards: after a sign-in nobody is sent to another site.
func TestOnwards(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	who := r.hire(t, "v.dation", here(access.Validator))
	b := r.browse("127.0.0.1")
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\n/evil.example",
		"evil.example", "javascript:alert(1)", "", "http:/evil.example", "/people?a=b"} {
		page := b.get("/sign-in?lang=en&next=" + url.QueryEscape(next)).Body.String()
		_, rest, found := strings.Cut(page, `name="next" value="`)
		kept, _, _ := strings.Cut(rest, `"`)
		want, to := "", "/issuing"
		if strings.HasPrefix(next, "/people") {
			want, to = next, next
		}
		if !found || kept != want {
			t.Errorf("next %q stays %q", next, kept)
		}
		r.ahead(r.later + time.Minute) // each code serves once
		got := r.browse("127.0.0.1").ask(http.MethodPost, "/sign-in", url.Values{"login": {who.Login}, "password": {who.Password}, "code": {r.code(t, who, 0)}, "next": {next}})
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
			t.Errorf("next %q: %d to %q", next, got.Code, got.Header().Get("Location"))
		}
	}
}

// TestLockedOut: who guesses is locked out, from wherever he comes, and is told so; the
// right password does not open then either, and opens afterwards.
func TestLockedOut(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	who := r.hire(t, "v.dation", here(access.Validator))
	most := people.DefaultLimits().Failures
	for n := range most {
		if got := r.browse("192.0.2."+string(rune('1'+n%9))).signIn(who.Login, "nine green herons there", "123456", ""); got.Code != http.StatusUnauthorized && n < most-1 {
			t.Fatalf("try %d: %d", n, got.Code)
		}
	}
	for language, words := range map[string]string{"en": "is closed until", "fr": "est bloquée jusqu", "pt": "está bloqueada até"} {
		got := r.browse("198.51.100.1").signIn(who.Login, who.Password, r.code(t, who, 0), " "+language)
		if got.Code != http.StatusTooManyRequests || sessionOf(got) != nil || !strings.Contains(got.Body.String(), words) {
			t.Errorf("%s: %d, without %q", language, got.Code, words)
		}
	}
	r.ahead(r.later + people.DefaultLimits().LockedFor + time.Minute)
	if got := r.browse("198.51.100.1").signIn(who.Login, who.Password, r.code(t, who, 0), ""); got.Code != http.StatusSeeOther {
		t.Errorf("afterwards: %d", got.Code)
	}
}

// entered is a browser signed in.
func (r *running) entered(t *testing.T, who synthetic.Person, address string) *browsing {
	t.Helper()
	b := r.browse(address)
	if got := b.signIn(who.Login, who.Password, r.code(t, who, 0), "/account en"); got.Code != http.StatusSeeOther {
		t.Fatalf("%s: %d", who.Login, got.Code)
	}
	return b
}

// TestWhoSeesWhat: pages by role; a stranger is sent to sign in, and what he posts is
// refused in words; another office's administrator sees nothing of this one's people; no
// page of an account is kept by a cache; and reading changes nothing.
func TestWhoSeesWhat(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	admin := r.hire(t, "a.dmin", here(access.Administrator))
	officer := r.hire(t, "v.dation", here(access.Validator))
	other := r.hire(t, "b.erberati", access.Grant{Role: access.Administrator, Office: "CF/berberati"})
	s, err := module.Service[*people.Service](r.others.node)
	w.must(err)
	all, err := s.Everybody(t.Context())
	w.must(err)
	ids := map[string]ident.RecordID{}
	for _, p := range all {
		ids[p.Login] = p.ID
	}
	private := []string{"/account", "/account/codes", "/account/prove", "/people", "/people/invite", "/people/roles", "/people/trail", "/people/" + string(ids["v.dation"])}
	nobody := r.browse("192.0.2.1")
	for _, path := range private {
		got := nobody.get(path)
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/sign-in?next="+url.QueryEscape(path) || got.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("a stranger at %s: %d %v", path, got.Code, got.Header())
		}
	}
	for _, path := range []string{"/account", "/sign-out", "/people/invite", "/people/" + string(ids["v.dation"]), "/account/passkey"} {
		if got := nobody.ask(http.MethodPost, path+"?lang=fr", url.Values{"act": {"suspend"}, "reason": {"x"}}); got.Code != http.StatusUnauthorized || !strings.Contains(got.Body.String(), "<h1>") {
			t.Errorf("a stranger posts to %s: %d", path, got.Code)
		}
	}
	for _, b := range []struct {
		who    synthetic.Person
		people int
	}{{admin, http.StatusOK}, {officer, http.StatusForbidden}, {other, http.StatusForbidden}} {
		in := r.entered(t, b.who, "192.0.2.7")
		for _, path := range private {
			want := http.StatusOK
			if strings.HasPrefix(path, "/people") {
				want = b.people
			}
			got := in.get(path)
			if got.Code != want || got.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s at %s: %d %v", b.who.Login, path, got.Code, got.Header())
			}
			if want == http.StatusForbidden && strings.Contains(got.Body.String(), "SYNTHETIC v.dation") && b.who.Login != "v.dation" {
				t.Errorf("%s at %s reads of others", b.who.Login, path)
			}
			if head := in.ask(http.MethodHead, path, nil); head.Code != want {
				t.Errorf("%s: HEAD %s: %d", b.who.Login, path, head.Code)
			}
		}
		if b.people == http.StatusForbidden {
			got := in.ask(http.MethodPost, "/people/"+string(ids["a.dmin"]), url.Values{"act": {"suspend"}, "reason": {"because"}})
			if got.Code != http.StatusForbidden {
				t.Errorf("%s suspends: %d", b.who.Login, got.Code)
			}
		}
		for _, path := range []string{"/sign-out", "/people/recoveries/x", "/account/passkey", "/sign-in/passkey"} {
			if got := in.get(path); got.Code == http.StatusOK || got.Code == http.StatusSeeOther {
				t.Errorf("GET %s: %d", path, got.Code)
			}
		}
		if got := in.get("/account"); got.Code != http.StatusOK {
			t.Errorf("%s: reading has ended the session", b.who.Login)
		}
	}
	crossed := r.entered(t, r.hire(t, "a.second", here(access.Administrator)), "192.0.2.8")
	crossed.header = map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
	if got := crossed.ask(http.MethodPost, "/people/"+string(ids["v.dation"]), url.Values{"act": {"suspend"}, "reason": {"because"}}); got.Code != http.StatusForbidden {
		t.Errorf("posted by another site: %d", got.Code)
	}
	for _, p := range must(s.Everybody(t.Context())) {
		if p.State != people.Active {
			t.Errorf("%s is %s", p.Login, p.State)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestLentPeople: the people of a demonstration are offered, and let in, at this computer
// alone, by the names of this computer; a few times a minute, since a code serves once.
func TestLentPeople(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, synthetic.FileName)
	write := func(people ...synthetic.Person) {
		b, err := json.Marshal(synthetic.File{Synthetic: true, People: people})
		w.must(err)
		w.must(os.WriteFile(file, b, 0o600))
	}
	first := w.run("cf", "127.0.0.1:0")
	who := first.hire(t, "officer-1", here(access.Validator))
	wrong := first.hire(t, "officer-2", here(access.Validator))
	wrong.Password = "not the password at all"
	if got := first.browse("127.0.0.1").ask(http.MethodPost, "/sign-in/as", url.Values{"login": {"officer-1"}}); got.Code != http.StatusNotFound && got.Code != http.StatusMethodNotAllowed {
		t.Errorf("without a demonstration: %d", got.Code)
	}
	first.stop()
	elsewhere := who
	elsewhere.Office, elsewhere.Login = "AE/dubai", "admin-ae"
	write(who, wrong, elsewhere)
	r := w.run("cf", "127.0.0.1:0")
	const later = 5 * time.Minute // past the code by which they came in
	r.ahead(later)
	for _, tt := range []struct {
		name, address, host string
		header              map[string]string
		lent                bool
	}{
		{"here", "127.0.0.1", "localhost:8080", nil, true},
		{"here, by IPv6", "[::1]", "[::1]:8080", nil, true},
		{"another computer", "192.0.2.1", "localhost:8080", nil, false},
		{"another name", "127.0.0.1", "register.example", nil, false},
		{"a name that begins so", "127.0.0.1", "localhost.evil.example", nil, false},
		{"a proxy nobody named", "127.0.0.1", "localhost:8080", map[string]string{"Via": "1.1 proxy"}, false},
		{"a page of another name", "127.0.0.1", "localhost:8080", map[string]string{"Origin": "https://register.example", "Sec-Fetch-Site": "same-origin"}, false},
	} {
		b := r.browse(tt.address)
		b.host, b.header = tt.host, tt.header
		page := b.get("/sign-in?lang=en").Body.String()
		if got := strings.Contains(page, "/sign-in/as"); got != tt.lent || strings.Contains(page, "admin-ae") {
			t.Errorf("%s: offered %v", tt.name, got)
		}
		if tt.lent {
			continue
		}
		got := b.ask(http.MethodPost, "/sign-in/as", url.Values{"login": {"officer-1"}})
		if got.Code != http.StatusNotFound || sessionOf(got) != nil {
			t.Errorf("%s: let in with %d", tt.name, got.Code)
		}
	}
	b := r.browse("127.0.0.1")
	as := func(login string) *httptest.ResponseRecorder {
		return b.ask(http.MethodPost, "/sign-in/as?lang=en", url.Values{"login": {login}, "next": {"//evil.example"}})
	}
	entered, last := 0, as("officer-1")
	for ; last.Code == http.StatusSeeOther && entered < 15; last = as("officer-1") { // one more for each half minute that passes
		if entered++; last.Header().Get("Location") != "/issuing" {
			t.Fatalf("sent to %q", last.Header().Get("Location"))
		}
	}
	if entered < 3 || last.Code != http.StatusTooManyRequests || !strings.Contains(last.Body.String(), "seconds") {
		t.Errorf("entered %d times, then %d", entered, last.Code)
	}
	r.ahead(later + 2*time.Minute)
	if got := b.ask(http.MethodPost, "/account/prove/as", url.Values{"next": {"/account"}}); got.Code != http.StatusSeeOther {
		t.Errorf("confirming: %d", got.Code)
	}
	if got := as("officer-2"); got.Code != http.StatusTooManyRequests || got.Header().Get("Location") != "" { // the file's password opens nothing by itself
		t.Errorf("a password that is not right: %d", got.Code)
	}
	for _, login := range []string{"admin-ae", "", "officer-9"} {
		if got := as(login); got.Code != http.StatusNotFound {
			t.Errorf("%q: %d", login, got.Code)
		}
	}
}

package app

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
	"adamas.example/internal/web"
)

var placeholder = regexp.MustCompile(`\{[a-z.]+\}`)

// TestEveryForeignPost: no route takes what another site makes a visitor's browser post,
// whoever the visitor is, with files or without. One that a module adds is tried too.
func TestEveryForeignPost(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	rights, err := matrix()
	w.must(err)
	in := map[access.Role]*browsing{access.Public: r.browse("192.0.2.9")}
	hired := map[access.Role]synthetic.Person{}
	roles := []access.Role{access.Exporter, access.Valuator, access.Sealer, access.Validator, access.Importer, access.Administrator}
	for _, role := range roles {
		hired[role] = r.hire(t, "x."+strings.ReplaceAll(string(role), "_", "."), here(role))
	}
	for _, role := range roles {
		in[role] = r.entered(t, hired[role], "192.0.2.7")
	}
	able := func(permission string) *browsing { // one whom only the other site stands in the way of
		for _, role := range append(roles, access.Public) {
			if rights.Can(granted(role, "CF/bangui"), permission, "CF/bangui") {
				return in[role]
			}
		}
		t.Fatalf("nobody here has the right %s", permission)
		return nil
	}
	heads := []map[string]string{{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}}
	tried := 0
	for _, page := range r.routes(t) {
		method, path, _ := strings.Cut(page.Pattern, " ")
		if method == http.MethodGet {
			continue
		}
		path = placeholder.ReplaceAllString(path, "x")
		for _, head := range heads {
			for _, files := range []bool{false, true} {
				tried++
				got := able(page.Permission).forged(t, method, path, head, files)
				if got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "another site") || sessionOf(got) != nil {
					t.Errorf("%s with %v, files %v: %d %.900s", page.Pattern, head, files, got.Code, bodyText(got.Body.String()))
				}
			}
		}
	}
	if tried < 8*30 {
		t.Errorf("only %d posts were tried", tried)
	}
	for _, role := range roles {
		if got := in[role].get("/account"); got.Code != http.StatusOK {
			t.Errorf("another site has signed out the %s: %d", role, got.Code)
		}
	}
}

// routes are those of all modules, as the node serves them.
func (r *running) routes(t *testing.T) []module.Page {
	t.Helper()
	_, all := r.w.siteOf(r)
	return all
}

// forged posts as the browser of a visitor does on the order of another site's page.
func (b *browsing) forged(t *testing.T, method, path string, head map[string]string, files bool) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	kind := "application/x-www-form-urlencoded"
	if files {
		m := multipart.NewWriter(&body)
		if f, err := m.CreateFormFile("file", "x.pdf"); err != nil {
			t.Fatal(err)
		} else if _, err := f.Write([]byte("%PDF-1.7")); err != nil {
			t.Fatal(err)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		kind = m.FormDataContentType()
	} else {
		body.WriteString(url.Values{"act": {"suspend"}, "seen": {"1"}, "do": {"confirm"}, "reason": {"because"}, "next": {"/"}}.Encode())
	}
	req := httptest.NewRequest(method, path, &body)
	req.RemoteAddr, req.Host = b.address, b.host
	req.Header.Set("Content-Type", kind)
	for k, v := range head {
		req.Header.Set(k, v)
	}
	for k, v := range b.cookies {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	out := httptest.NewRecorder()
	b.to.ServeHTTP(out, req)
	return out
}

// TestNothingOfOthers: an officer of another Participant, whatever his role there, and
// somebody whose roles are all at another office of this Participant, reach no page of
// this office that is not for everybody: neither what it shows nor what it does.
func TestNothingOfOthers(t *testing.T) {
	w := newWorld(t)
	site, all := w.site("cf")
	rights, err := matrix()
	w.must(err)
	for _, office := range []access.Grant{{Office: "EU/antwerp"}, {Office: "CF/berberati"}, {Participant: "EU"}} {
		for _, role := range access.Roles() {
			g := office
			g.Role = role
			if g.Validate() != nil {
				continue
			}
			actor := access.Actor{ID: "somebody", Grants: []access.Grant{g}}
			for _, page := range all {
				if rights.Can(access.Actor{}, page.Permission, site.Office()) || strings.HasPrefix(page.Permission, "people.account") {
					continue // for everybody, or of his own account
				}
				method, _, _ := strings.Cut(page.Pattern, " ")
				reached := false
				guarded := site.Handle(behind(site, module.Page{Pattern: page.Pattern, Permission: page.Permission,
					Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })}, false))
				req := httptest.NewRequest(method, "/", nil)
				got := httptest.NewRecorder()
				guarded.ServeHTTP(got, req.WithContext(web.WithVisitor(req.Context(), web.Visitor{Actor: actor, Session: "s"})))
				if reached || got.Code != http.StatusForbidden {
					t.Errorf("%s by a %s of %s%s: %d, reached %v", page.Pattern, role, g.Office, g.Participant, got.Code, reached)
				}
			}
		}
	}
}

var markup = regexp.MustCompile(`(?s)<head>.*</head>|<[^>]*>|\s+`)

// bodyText is a page as it reads.
func bodyText(page string) string { return markup.ReplaceAllString(page, " ") }

package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

// site is a served node's site with the routes of all modules.
func (w *world) site(folder string) (*web.Site, []module.Page) {
	w.t.Helper()
	return w.siteOf(w.run(folder, "127.0.0.1:0"))
}

func (w *world) siteOf(r *running) (*web.Site, []module.Page) {
	w.t.Helper()
	words, err := loadWords()
	w.must(err)
	rights, err := matrix()
	w.must(err)
	s, err := web.New(web.Config{Words: words, Office: r.node.Config.Office, Rights: rights, Now: w.env(nil).Now, Log: io.Discard})
	w.must(err)
	all, err := module.PagesOf(Modules(), r.others.node, s)
	w.must(err)
	return s, all
}

// granted is somebody with one role as far as it reaches for an office.
func granted(role access.Role, office ident.OfficeID) access.Actor {
	if role == access.Public {
		return access.Actor{}
	}
	for _, g := range []access.Grant{{Role: role, Office: office}, {Role: role, Participant: office.Participant()}, {Role: role}} {
		if g.Validate() == nil {
			return access.Actor{ID: "somebody", Grants: []access.Grant{g}}
		}
	}
	panic("a role that reaches nowhere: " + role)
}

// TestRoutes holds who may open what against testdata/routes.txt: every permission and
// every route by every role. Each cell is asked of the guard itself, which answers for a
// page whose handler only says that it was reached. Whoever widens a right changes a line
// that a reviewer sees.
func TestRoutes(t *testing.T) {
	w := newWorld(t)
	site, all := w.site("cf")
	rights, err := matrix()
	w.must(err)
	public := map[string]bool{}
	for _, p := range declared() {
		public[p.Name] = slices.Contains(p.Holders, access.Public)
	}
	slices.SortFunc(all, func(a, b module.Page) int {
		return strings.Compare(pathOf(a.Pattern)+a.Pattern, pathOf(b.Pattern)+b.Pattern)
	})
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n", rights)
	for _, r := range access.Roles() {
		fmt.Fprintf(&out, "%s ", r)
	}
	out.WriteString("\n")
	for _, page := range all {
		guarded := site.Handle(behind(site, module.Page{Pattern: page.Pattern, Permission: page.Permission,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })}, public[page.Permission]))
		method, _, _ := strings.Cut(page.Pattern, " ")
		for _, r := range access.Roles() {
			for _, office := range []ident.OfficeID{site.Office(), "EU/antwerp"} {
				got := httptest.NewRecorder()
				req := httptest.NewRequest(method, "/", nil)
				actor := granted(r, office)
				guarded.ServeHTTP(got, req.WithContext(web.WithVisitor(req.Context(), web.Visitor{Actor: actor})))
				reached := got.Code == http.StatusTeapot
				if reached != rights.Can(actor, page.Permission, site.Office()) {
					t.Errorf("%s by %s of %s: reached %v", page.Pattern, r, office, reached)
				}
				if office != site.Office() {
					continue
				}
				mark := "· "
				if reached {
					mark = "x "
				}
				out.WriteString(mark)
			}
		}
		fmt.Fprintf(&out, "%s  (%s)\n", page.Pattern, page.Permission)
	}
	const golden = "testdata/routes.txt"
	if *update {
		w.must(os.MkdirAll("testdata", 0o755))
		w.must(os.WriteFile(golden, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	w.must(err)
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("who may do what has changed; with -update the file follows:\n%s", diff)
	}
}

// TestForeignForms: what another site makes a browser post is not carried out; what no
// browser sends is.
func TestForeignForms(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	for _, tt := range []struct {
		name string
		head map[string]string
		want int
	}{
		{"a form of another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"an old browser's form of another site", map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		{"a form of a neighbouring host", map[string]string{"Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		{"our own form", map[string]string{"Sec-Fetch-Site": "same-origin"}, http.StatusOK},
		{"a program", nil, http.StatusOK},
	} {
		req := httptest.NewRequest(http.MethodPost, "/check", strings.NewReader("codes=nothing"))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for k, v := range tt.head {
			req.Header.Set(k, v)
		}
		got := httptest.NewRecorder()
		r.server.Handler.ServeHTTP(got, req)
		if refused := got.Code == http.StatusForbidden; refused != (tt.want == http.StatusForbidden) {
			t.Errorf("%s: %d", tt.name, got.Code)
		}
		if tt.want == http.StatusForbidden && !strings.Contains(got.Body.String(), "another site") {
			t.Errorf("%s: refused without words", tt.name)
		}
	}
}

// TestRightsHaveWords: the page that prints who may do what names each right in words.
func TestRightsHaveWords(t *testing.T) {
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range declared() {
		if !words.Printer(lang.English).Has("right." + p.Name) {
			t.Errorf("right.%s has no words", p.Name)
		}
	}
}

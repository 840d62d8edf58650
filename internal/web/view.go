package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/lang"
)

// Policy is what a page may do in a browser, as Content-Security-Policy.
type Policy int

// The policies. Only the page that checks certificates runs the verifier, keeps itself
// for use without a network, and may use the camera.
const (
	Plain    Policy = iota // style and pictures of this site; forms to it
	Scripted               // also its scripts
	Checking               // also the verifier in WASM, a service worker, and the camera's pictures
)

const plainPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

var policies = map[Policy]string{
	Plain:    plainPolicy,
	Scripted: plainPolicy + "; script-src 'self'; connect-src 'self'",
	Checking: strings.Replace(plainPolicy, "img-src 'self'", "img-src 'self' blob:", 1) +
		"; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self' blob:",
}

// Set puts the policy into the head of an answer that is not a page: the script of a
// worker has a policy of its own, and what it loads is held against that.
func (p Policy) Set(h http.Header) { h.Set("Content-Security-Policy", policies[p]) }

// Options of a View.
type Options struct {
	Policy  Policy
	Scripts []string // built files, "check.js"
	Home    bool     // the page without a way back to the first
}

// View is a template with the type of what it shows.
type View[T any] struct {
	site    *Site
	page    *template.Template
	options Options
}

// Checked is a View as a test sees it: the template, and a value of its data's type.
type Checked struct {
	Name     string
	Template *template.Template
	Data     any
}

// Views lists the views that were made, for the test that holds templates against
// types.
func (s *Site) Views() []Checked { return s.views }

// Parse reads a page's template: the file named, which defines "main", and with it
// every other template in the same files that patterns name. Error: a template that
// does not parse.
func Parse[T any](s *Site, files fs.FS, name string, o Options, more ...string) (*View[T], error) {
	page, err := template.New("frame.html").ParseFS(layout, "layout/frame.html", "layout/pieces.html", "layout/fields.html", "layout/table.html")
	if err == nil {
		page, err = page.ParseFS(files, append([]string{name}, more...)...)
	}
	if err != nil {
		return nil, fmt.Errorf("web: %s: %w", name, err)
	}
	s.views = append(s.views, Checked{name, page, Frame[T]{}})
	return &View[T]{s, page, o}, nil
}

// Frame is what a template is given: words, the page's own data, and what stands
// around it.
type Frame[T any] struct {
	P         *lang.Printer
	Title     string
	Data      T
	Lang      string
	Languages []Choice
	Menu      []Choice
	Desk      []Choice // what the visitor can do here
	Visitor   string   // his name; "" for nobody
	Said      string   // what the last act has come to
	SignIn    string   // address of the page to sign in at, which leads back here; "" when there is none
	Synthetic bool
	Office    string
	Home      bool
	Style     string
	Icon      string
	Manifest  string
	Scripts   []string
	Now       string
}

// Choice is a link in the menu or the list of languages.
type Choice struct {
	Path, Name, Code string
	Current          bool
}

// T is the text of a key; arguments come in pairs of name and value.
func (f Frame[T]) T(key string, pairs ...any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", fmt.Errorf("web: %s: arguments come in pairs", key)
	}
	args := make(lang.Args, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return "", fmt.Errorf("web: %s: argument %d has no name", key, i/2+1)
		}
		args[name] = pairs[i+1]
	}
	return f.P.T(key, args), nil
}

// Show is a value in the language's form.
func (f Frame[T]) Show(value any) string { return f.P.Show(value) }

// Render shows the page.
func (v *View[T]) Render(w http.ResponseWriter, r *http.Request, title string, data T) error {
	return v.render(w, r, http.StatusOK, title, data)
}

// RenderAs shows the page under a status other than OK: a form that is given back with
// what is wrong in it, a search that found nothing.
func (v *View[T]) RenderAs(w http.ResponseWriter, r *http.Request, status int, title string, data T) error {
	return v.render(w, r, status, title, data)
}

func (v *View[T]) render(w http.ResponseWriter, r *http.Request, status int, title string, data T) error {
	p := v.site.Printer(r)
	out := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(out)
	out.Reset()
	frame := v.frame(r, p, title, data)
	frame.Said = v.site.heard(w, r, p)
	if status >= http.StatusBadRequest {
		// A summary of faults stands above the fields of its form, which are made while the
		// page is written: the second time it knows which there are and what they are called.
		if err := v.page.Execute(io.Discard, frame); err != nil {
			return err
		}
	}
	if err := v.page.Execute(out, frame); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(p.Language()))
	h.Set("Content-Security-Policy", policies[v.options.Policy])
	if v.options.Policy == Checking {
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=()")
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Add("Vary", "Accept-Language, Cookie")
	if chosen := r.URL.Query().Get("lang"); chosen != "" {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: string(p.Language()), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return v.site.send(w, r, status, out.Bytes())
}

func (v *View[T]) frame(r *http.Request, p *lang.Printer, title string, data T) Frame[T] {
	s := v.site
	f := Frame[T]{P: p, Title: title, Data: data, Lang: p.Language().Tag().String(), Synthetic: s.synthetic, Office: s.office, Home: v.options.Home,
		Style: s.Asset("site.css"), Icon: s.Asset("icon.svg"), Now: p.Time(s.Now())}
	if v.options.Policy == Checking {
		f.Manifest = "/check/manifest.webmanifest?lang=" + string(p.Language())
	}
	for _, name := range v.options.Scripts {
		f.Scripts = append(f.Scripts, s.Asset(name))
	}
	for _, l := range lang.Languages() {
		f.Languages = append(f.Languages, Choice{with(r.URL, "lang", string(l)), p.T("web.language."+string(l), nil), l.Tag().String(), l.Tag() == p.Language().Tag()})
	}
	f.Menu, f.Desk = s.menus(r, p)
	if visitor := VisitorOf(r.Context()); visitor.SignedIn() {
		f.Visitor = visitor.Name
	} else if s.signIn != "" && r.URL.Path != s.signIn {
		f.SignIn = s.signIn + "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	return f
}

// menus are the lines for everybody, and those that the visitor's rights open.
func (s *Site) menus(r *http.Request, p *lang.Printer) (public, desk []Choice) {
	for _, m := range s.menu {
		c := Choice{Path: m.Path, Name: p.T(m.Key, nil), Current: r.URL.Path == m.Path || strings.HasPrefix(r.URL.Path, m.Path+"/")}
		switch {
		case m.Everybody:
			public = append(public, c)
		case s.May(r, m.Permission):
			desk = append(desk, c)
		}
	}
	return public, desk
}

// FirstDesk is the first line of the menu that somebody's rights open, beyond what
// everybody reads: where his day begins. "" where there is none.
func (s *Site) FirstDesk(a access.Actor) string {
	for _, m := range s.menu {
		if !m.Everybody && s.rights.Require(a, m.Permission, s.Office()) == nil {
			return m.Path
		}
	}
	return ""
}

// with is the address with one value of its query put in.
func with(u *url.URL, name, value string) string {
	q := u.Query()
	q.Set(name, value)
	return u.EscapedPath() + "?" + q.Encode() // as it came: /%2Fhost is a path, //host is not
}

package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

//go:embed layout/*.html
var layout embed.FS

//go:embed text
var text embed.FS

// Text is the words of the frame.
func Text() fs.FS { return text }

// Site is what all pages of a node share. It is safe for use by many at once when
// every View is made.
type Site struct {
	words     *lang.Catalogue
	synthetic bool
	office    string
	rights    *access.Matrix
	now       func() time.Time
	slog      *slog.Logger
	assets    *assets
	menu      []Item
	signIn    string
	views     []Checked
	errors    *View[errorPage]
}

// Config is what a Site is made of.
type Config struct {
	Words     *lang.Catalogue
	Synthetic bool           // the node's world is made up, and every page says so
	Office    string         // whose register this is: "CF/bangui"
	Rights    *access.Matrix // nil: nobody holds any
	Now       func() time.Time
	Log       io.Writer    // what readers are not told, where there is no Slog
	Slog      *slog.Logger // the same, and under which reference
}

// New makes a site. Error ErrNotBuilt.
func New(c Config) (*Site, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &Site{words: c.Words, synthetic: c.Synthetic, office: c.Office, rights: cmp.Or(c.Rights, new(access.Matrix)), now: c.Now, slog: c.Slog, assets: a}
	if s.slog == nil {
		s.slog = slog.New(slog.NewTextHandler(cmp.Or(c.Log, io.Discard), nil))
	}
	s.errors, err = Parse[errorPage](s, layout, "layout/error.html", Options{})
	return s, err
}

// Item is a line of the menu.
type Item struct {
	Path       string // "/participants"
	Key        string // of its words
	Permission string // who is not given it does not see the line
	Everybody  bool   // the permission is the public's: the line stands among the register's
}

// SetMenu says what stands in the menu of every page: what everybody can read, and
// below it what the visitor can do here.
func (s *Site) SetMenu(items []Item) { s.menu = items }

// SetSignIn says where people sign in; the page takes "next", the address to go on to.
func (s *Site) SetSignIn(path string) { s.signIn = path }

// CanSignIn tells whether there is such a page.
func (s *Site) CanSignIn() bool { return s.signIn != "" }

// ToSignIn sends somebody who has to sign in first there, and back afterwards.
func (s *Site) ToSignIn(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, s.signIn+"?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
}

// Register adds what the frame itself needs.
func (s *Site) Register(mux *http.ServeMux) {
	mux.Handle("GET /assets/{digest}/{name}", Secure(s.assets))
	mux.Handle("GET /favicon.ico", Secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.assets.path("icon.svg"), http.StatusMovedPermanently)
	})))
}

// Asset is the address of a built file, which changes with its content; "" when it is
// not built in.
func (s *Site) Asset(name string) string { return s.assets.path(name) }

// languageCookie keeps the language that somebody chose; it holds nothing else.
const languageCookie = "language"

// Printer speaks the language that the reader chose in the address, chose earlier, or
// has set in the browser.
func (s *Site) Printer(r *http.Request) *lang.Printer {
	if v := r.URL.Query().Get("lang"); v != "" {
		return s.Speaker(lang.Match(v))
	}
	if c, err := r.Cookie(languageCookie); err == nil && c.Value != "" {
		return s.Speaker(lang.Match(c.Value))
	}
	return s.Speaker(lang.Match(r.Header.Get("Accept-Language")))
}

// Speaker speaks a language that is asked for by name.
func (s *Site) Speaker(l lang.Language) *lang.Printer { return s.words.Printer(l).Unbroken() }

// Now is the site's time.
func (s *Site) Now() time.Time { return s.now().UTC() }

// Synthetic tells whether the world of this site is made up.
func (s *Site) Synthetic() bool { return s.synthetic }

// Handle makes a handler of a function whose error becomes a page: a fault in its
// words and with its status, anything else as one sentence with a reference, under
// which the whole error stands in the log.
func (s *Site) Handle(f func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
}

// errorPage is what the page of an error shows.
type errorPage struct {
	Sentences []string
}

// NotFound is the page for an address that leads nowhere.
func (s *Site) NotFound(w http.ResponseWriter, r *http.Request) {
	s.Fail(w, r, fault.NotFound("web.no_page", fault.Text(r.URL.Path)))
}

// Fail renders an error.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.Printer(r)
	ref := reference()
	gone := errors.Is(err, context.Canceled) && r.Context().Err() != nil // the reader went to another page: nobody's fault
	if _, known := fault.Of(err); !gone && (!known || fault.KindOf(err).Status() >= http.StatusInternalServerError && fault.KindOf(err) != fault.KindBusy) {
		s.slog.Error("page failed", "reference", ref, "method", r.Method, "route", cmp.Or(r.Pattern, r.URL.Path), "error", err)
	}
	var sentences []string
	for _, e := range p.Explain(err, ref) {
		sentences = append(sentences, e.Text)
		if e.Remedy != "" {
			sentences = append(sentences, e.Remedy)
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	if failed := s.errors.render(w, r, fault.KindOf(err).Status(), p.T("web.error.title", nil), errorPage{sentences}); failed != nil {
		s.slog.Error("page of an error failed", "reference", ref, "error", failed)
		http.Error(w, strings.Join(sentences, "\n"), fault.KindOf(err).Status())
	}
}

// reference is what a reader tells whoever looks after the site.
func reference() string {
	var b [4]byte
	rand.Read(b[:])
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

// Secure sets what holds for every answer: nothing is loaded from anywhere, framed,
// guessed at or told to others.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", cmp.Or(h.Get("Content-Security-Policy"), policies[Plain]))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer a form of ours would arrive with "Origin: null" (Fetch, append a request Origin header)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		next.ServeHTTP(w, r)
	})
}

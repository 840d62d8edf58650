// Package firstrun is the site that `adamas serve` shows where there is no office yet: it
// asks what an office is made of, one question after the other, makes it by the functions
// of package setup, and gives over to the office itself in the same process.
//
// Invariants:
//   - It is served on this computer alone, and to one browser: who opens it shows the
//     code that stands on the console, which serves once.
//   - What is typed is kept in the folder (setup.Draft) and can be changed until the
//     office is made; passphrases are kept nowhere but in memory.
//   - Whatever is cut off at any point, the folder holds either a set-up that goes on or
//     a whole office: node.toml is written last.
//   - Every page works without script.
//
// It may import everything that app may.
package firstrun

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

//go:embed page
var files embed.FS

//go:embed text
var text embed.FS

// Text is the words of the pages.
func Text() fs.FS { return text }

// Started is an office that was opened and is about to be served.
type Started struct {
	Address string   // where browsers find it
	Link    string   // by which its first administrator comes in, the path alone
	Trust   string   // where devices get its certificate; "" without https
	Print   []string // the fingerprint of that certificate, in lines
}

// Config is what the site needs.
type Config struct {
	Env    *module.Env
	Words  *lang.Catalogue
	Dir    string // the node's folder, empty or with a set-up that was cut off
	Listen string // the node's own plain address, of which this computer's side is used
	// Start opens the office that is made; passphrase opens its keys.
	Start func(ctx context.Context, passphrase string) (Started, error)
	// Schemas are the tables of all modules, for an office that comes back.
	Schemas node.Schemas
	// WorkFactor is setup.Locks'; 0 for the usual.
	WorkFactor int
	// Open has a browser shown the address, where the person asked for it; may be nil.
	Open func(address string)
}

// Site is the set-up while it runs.
type Site struct {
	Config
	site *web.Site
	mux  *http.ServeMux
	ask  *web.View[stepPage]
	sum  *web.View[summaryPage]
	wait *web.View[waitingPage]
	door *web.View[doorPage]
	done *web.View[donePage]

	base string        // "http://localhost:8080"
	over chan struct{} // closed when the office was started

	mu         sync.Mutex
	code       string   // on the console; "" when it was used
	session    [32]byte // SHA-256 of the cookie of the one browser
	passphrase string
	unlocked   bool     // the passphrase was typed and is right; a trial's keys have none
	root       [][]byte // root documents that were sent and wait for their fingerprint
	started    bool
}

// Run serves the set-up until the office is started, or ctx ends.
func Run(ctx context.Context, c Config) error {
	ln, err := net.Listen("tcp", loopback(c.Listen))
	if err != nil {
		return fault.Unavailable("ledger.cannot_listen", fault.At("--listen"), fault.Text(c.Listen), fault.Because(err))
	}
	s, err := New(c, ln.Addr())
	if err != nil {
		ln.Close()
		return err
	}
	if err := s.newCode("setup.page.open"); err != nil {
		ln.Close()
		return err
	}
	return s.serve(ctx, ln)
}

// loopback is this computer's side of an address to listen on.
func loopback(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "localhost" || ip != nil && ip.IsLoopback()) {
		return listen
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// New makes the site for an address that is listened on.
func New(c Config, at net.Addr) (*Site, error) {
	s := &Site{Config: c, over: make(chan struct{}), base: "http://" + strings.Replace(at.String(), "127.0.0.1", "localhost", 1)}
	var err error
	if s.site, err = web.New(web.Config{Words: c.Words, Office: "", Now: c.Env.Now, Slog: c.Env.Logger()}); err != nil {
		return nil, err
	}
	if s.ask, err = web.Parse[stepPage](s.site, files, "page/step.html", web.Options{}); err != nil {
		return nil, err
	}
	if s.sum, err = web.Parse[summaryPage](s.site, files, "page/summary.html", web.Options{}); err != nil {
		return nil, err
	}
	if s.wait, err = web.Parse[waitingPage](s.site, files, "page/waiting.html", web.Options{}); err != nil {
		return nil, err
	}
	if s.door, err = web.Parse[doorPage](s.site, files, "page/door.html", web.Options{}); err != nil {
		return nil, err
	}
	if s.done, err = web.Parse[donePage](s.site, files, "page/done.html", web.Options{}); err != nil {
		return nil, err
	}
	s.routes()
	return s, nil
}

// Views are the pages, for the test that holds templates against types.
func (s *Site) Views() []web.Checked { return s.site.Views() }

// serve answers until it is over. The page that says so is finished first.
func (s *Site) serve(ctx context.Context, ln net.Listener) error {
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 5 * time.Minute,
		ErrorLog: log.New(quiet{s.Env.Logger()}, "", 0)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	var err error
	select {
	case err = <-failed:
		return err
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.over:
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	server.Shutdown(wait)
	<-failed
	return err
}

type quiet struct{ log *slog.Logger }

func (q quiet) Write(p []byte) (int, error) {
	q.log.Debug("http", "text", strings.TrimSpace(string(p)))
	return len(p), nil
}

// newCode makes the code by which the next browser comes in, and says it on the console.
func (s *Site) newCode(key string) error {
	var b [15]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	code := base64.RawURLEncoding.EncodeToString(b[:])
	s.mu.Lock()
	s.code = code
	s.mu.Unlock()
	address := s.base + "/set-up/enter?code=" + code
	s.Env.Say(key, lang.Args{"dir": s.Dir})
	fmt.Fprintf(s.Env.Out, "\n  %s\n\n", address)
	if s.Open != nil {
		s.Open(address)
		s.Open = nil
	}
	return nil
}

// sessionCookie holds the one browser's secret.
const sessionCookie = "set-up"

// Handler is the whole site: behind the code, and deaf to what other sites make a browser
// ask of it.
func (s *Site) Handler() http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(web.Secure(s.site.Handle(func(http.ResponseWriter, *http.Request) error { return fault.Forbidden("web.cross_site") })))
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case !ownName(r.Host): // another's name that leads here (DNS rebinding)
			web.Secure(s.site.Handle(func(http.ResponseWriter, *http.Request) error { return fault.Forbidden("setup.other_host") })).ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/assets/"), r.URL.Path == "/favicon.ico", r.URL.Path == "/set-up/enter", s.knows(r):
			s.mux.ServeHTTP(w, r)
		default:
			http.Redirect(w, r, "/set-up/enter", http.StatusSeeOther)
		}
	}))
}

// ownName tells whether a request was sent to a name of this computer.
func ownName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Site) knows(r *http.Request) bool {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	typed := sha256.Sum256([]byte(c.Value))
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session != [32]byte{} && subtle.ConstantTimeCompare(typed[:], s.session[:]) == 1
}

// enter lets in the browser that shows the code, and no browser that came before.
func (s *Site) enter(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Invalid("web.form_unreadable", fault.Arg("why", "not a form"), fault.Because(err))
	}
	typed := strings.TrimSpace(r.Form.Get("code"))
	if typed == "" && s.knows(r) {
		http.Redirect(w, r, "/set-up", http.StatusSeeOther)
		return nil
	}
	f := s.form(r, url.Values{})
	if typed == "" {
		return s.door.Render(w, r, s.t(r, "setup.page.door"), doorPage{f})
	}
	s.mu.Lock()
	right := s.code != "" && subtle.ConstantTimeCompare([]byte(typed), []byte(s.code)) == 1
	var secret string
	if right {
		s.code, secret = "", rand.Text()
		s.session = sha256.Sum256([]byte(secret))
	}
	s.mu.Unlock()
	if !right {
		if s.knows(r) { // the link was opened twice
			http.Redirect(w, r, "/set-up", http.StatusSeeOther)
			return nil
		}
		if err := f.Refuse(fault.Forbidden("setup.code", fault.At("code"))); err != nil {
			return err
		}
		return s.door.RenderAs(w, r, http.StatusForbidden, s.t(r, "setup.page.door"), doorPage{f})
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	if err := s.newCode("setup.page.open_again"); err != nil {
		return err
	}
	http.Redirect(w, r, "/set-up", http.StatusSeeOther)
	return nil
}

// draft reads what was typed so far.
func (s *Site) draft() (setup.Draft, error) {
	d, err := setup.ReadDraft(s.Dir)
	if d == nil {
		d = setup.Draft{}
	}
	return d, err
}

func (s *Site) t(r *http.Request, key string) string { return s.site.Printer(r).T(key, nil) }

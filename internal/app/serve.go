package app

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
)

// serveCmd runs a node: its log as static files, its status page.
type serveCmd struct {
	Dir          string `default:"." placeholder:"DIR" help:"cli_serve_dir"`
	Listen       string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"cli_serve_listen"`
	Pack         string `placeholder:"FILE" help:"cli_serve_pack"`
	Certificates string `placeholder:"DIR" help:"cli_serve_certificates"`
	WithParent   bool   `hidden:"" help:"cli_witness_with_parent"`
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(env *module.Env) (err error) {
	n, err := node.Open(env, c.Dir, schemas())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if c.WithParent { // whoever started us has ended when our standard input does
		ctx, end := context.WithCancel(env.Context)
		defer end()
		ours := *env
		ours.Context = ctx
		env = &ours
		go func() {
			io.Copy(io.Discard, env.In)
			end()
		}()
	}
	return serveNode(env, n, c.Listen, c.Pack, c.Certificates)
}

//go:embed page
var pages embed.FS

// contentSecurityPolicy allows this site's own style sheet and nothing else.
const contentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// serveNode serves a node's public face until the environment's context ends, and
// meanwhile follows others and exchanges messages with them.
func serveNode(env *module.Env, n *node.Node, listen, pack, certificates string) (err error) {
	life, end := context.WithCancel(env.Context)
	defer end()
	others, err := startFollowing(life, env, n, Modules())
	if err != nil {
		return err
	}
	defer func() { end(); others.wait() }()
	words, err := loadWords()
	if err != nil {
		return err
	}
	face, err := publicFace(env, n, others, words, pack, certificates)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return fault.Unavailable("ledger.cannot_listen", fault.At("--listen"), fault.Text(listen), fault.Because(err))
	}
	stopControl, err := upkeep.Listen(env.Context, n.Dir, upkeep.Services{Store: n.Store, Orders: orders(env, others.node, words)})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, stopControl()) }()
	server := &http.Server{Handler: face, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute}
	env.Say("serve.running", lang.Args{"address": "http://" + address(ln)})
	stopped := make(chan error, 1)
	go func() {
		<-env.Context.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(env.Context), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(ctx)
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// publicFace is what a node shows the world: its logs, its status page, and where it
// takes messages.
func publicFace(env *module.Env, n *node.Node, others *following, words *lang.Catalogue, pack, certificates string) (http.Handler, error) {
	page, err := template.ParseFS(pages, "page/status.html")
	if err != nil {
		return nil, err
	}
	s := &statusPage{env: env, node: n, words: words, page: page, pack: pack, certificates: certificates, others: others}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s)
	mux.HandleFunc("GET /adamas.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, pages, "page/adamas.css") })
	if err := serveLogs(mux, n.Dir); err != nil {
		return nil, err
	}
	mux.Handle("POST /exchange", others.node.Post.Handler())
	mux.HandleFunc("GET /following", others.serveFollowed)
	mux.HandleFunc("GET /pack", s.file(pack))
	mux.HandleFunc("GET /certificates/{name}", s.bundle)
	mux.HandleFunc("GET /health", s.health)
	return secure(mux), nil
}

var logFolderForm = regexp.MustCompile(`^log(-[0-9]+)?$`)

// serveLogs serves the node's log, and those it has closed, each under the name of
// its folder: an address leads to the same log for ever.
func serveLogs(mux *http.ServeMux, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); logFolderForm.MatchString(name) {
			mux.Handle("GET /"+name+"/", http.StripPrefix("/"+name, tiles.Handler(filepath.Join(dir, name))))
		}
	}
	return nil
}

// address is what a person types into the browser.
func address(ln net.Listener) string {
	return strings.Replace(ln.Addr().String(), "127.0.0.1", "localhost", 1)
}

func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// statusPage shows how the node is, in the reader's language.
type statusPage struct {
	env                *module.Env
	node               *node.Node
	words              *lang.Catalogue
	page               *template.Template
	pack, certificates string
	others             *following
}

// status is what the page shows: words and values ready to print.
type status struct {
	Lang         string
	Languages    []languageLink
	T            func(key string) string
	Synthetic    bool
	Office       string
	Origin       string
	Mark         string // ● ▲ ■
	Sentence     string
	Witnesses    []witnessRow
	Counts       []countRow
	Entries      []entryRow
	Lives        []lifeRow
	Followed     []followedRow
	Problems     []string // what keeps others' registers from being followed
	Certificates []string
	HasPack      bool
	Now          string
}

type languageLink struct {
	Code, Name string
	Current    bool
}
type witnessRow struct{ Label, Pillar, Time string }
type countRow struct{ Name, Value string }
type entryRow struct{ Index, Sentence, State, Time, Hash string }

func (s *statusPage) printer(r *http.Request) *lang.Printer {
	if v := r.URL.Query().Get("lang"); v != "" {
		return s.words.Printer(lang.Match(v))
	}
	return s.words.Printer(lang.Match(r.Header.Get("Accept-Language")))
}

// ServeHTTP renders the page.
func (s *statusPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := s.printer(r)
	st, err := s.read(r.Context(), p)
	if err != nil {
		s.fail(w, p, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Language", st.Lang)
	w.Header().Set("Vary", "Accept-Language")
	if err := s.page.Execute(w, st); err != nil {
		s.env.Err.Write([]byte(err.Error() + "\n"))
	}
}

func (s *statusPage) fail(w http.ResponseWriter, p *lang.Printer, err error) {
	ref := reference()
	s.env.Err.Write([]byte("[" + ref + "] " + err.Error() + "\n"))
	http.Error(w, p.Explain(err, ref)[0].Text, fault.KindOf(err).Status())
}

func (s *statusPage) read(ctx context.Context, p *lang.Printer) (status, error) {
	h, err := s.node.Ledger.Health(ctx)
	if err != nil {
		return status{}, err
	}
	st := status{Lang: string(p.Language()), T: func(key string) string { return p.T(key, nil) }, Synthetic: s.node.Config.Synthetic,
		Office: s.node.Config.Office, Origin: s.node.Config.Origin, Now: p.Time(s.env.Now())}
	for _, l := range lang.Languages() {
		st.Languages = append(st.Languages, languageLink{string(l), p.T("status.language."+string(l), nil), l == p.Language()})
	}
	st.Mark, st.Sentence = sentence(p, h)
	for _, w := range s.node.Log.Policy().Witnesses {
		row := witnessRow{Label: w.Label, Time: p.T("status.never", nil)}
		if pillar, ok := s.node.Log.Policy().PillarOf(w.Label); ok {
			row.Pillar = p.T("status.pillar."+pillar.String(), nil)
		}
		if t, ok := h.Witnesses[w.Label]; ok {
			row.Time = p.Time(t)
		}
		st.Witnesses = append(st.Witnesses, row)
	}
	for _, c := range []struct {
		key string
		n   int64
	}{{"status.count.entries", h.Size}, {"status.count.witnessed", h.Witnessed}, {"status.count.logged", h.Logged}, {"status.count.signed", h.Signed}} {
		st.Counts = append(st.Counts, countRow{p.T(c.key, nil), p.Number(c.n)})
	}
	if st.Entries, err = s.entries(ctx, p); err != nil {
		return st, err
	}
	if st.Lives, err = s.lives(ctx, p); err != nil {
		return st, err
	}
	if st.Followed, st.Problems, err = s.others.rows(ctx, p); err != nil {
		return st, err
	}
	if st.Certificates, err = s.names(); err != nil {
		return st, err
	}
	_, err = os.Stat(s.pack)
	st.HasPack = s.pack != "" && err == nil
	return st, nil
}

// sentence says in one line how the log stands.
func sentence(p *lang.Printer, h ledger.Health) (mark, text string) {
	switch {
	case h.Hold != "":
		return "■", p.T("status.hold."+h.Hold, nil)
	case h.Time.IsZero():
		return "▲", p.T("status.not_witnessed", nil)
	case h.Witnessed < h.Size || h.Signed > 0:
		return "▲", p.T("status.waiting", lang.Args{"time": h.Time})
	}
	return "●", p.T("status.witnessed", lang.Args{"time": h.Time})
}

// newest is how many entries the page shows.
const newest = 40

func (s *statusPage) entries(ctx context.Context, p *lang.Printer) ([]entryRow, error) {
	es, err := s.node.Ledger.Newest(ctx, newest)
	if err != nil {
		return nil, err
	}
	var out []entryRow
	for _, e := range es {
		row := entryRow{State: p.T("demo.state."+e.State().String(), nil), Hash: e.Hash.String(), Time: p.Time(e.SignedAt),
			Sentence: ledgerweb.Sentence(p, e.Type, e.Issuer, e.Subject)}
		if e.Index >= 0 {
			row.Index = p.Number(e.Index)
		}
		out = append(out, row)
	}
	return out, nil
}

func (s *statusPage) names() ([]string, error) {
	if s.certificates == "" {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(s.certificates, "*.adamas"))
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	slices.Sort(files)
	return files, err
}

// bundle serves a certificate file of the folder that was named for it.
func (s *statusPage) bundle(w http.ResponseWriter, r *http.Request) {
	names, err := s.names()
	if err != nil || !slices.Contains(names, r.PathValue("name")) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeFile(w, r, filepath.Join(s.certificates, r.PathValue("name")))
}

func (s *statusPage) file(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if path == "" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="pack"`)
		http.ServeFile(w, r, path)
	}
}

// health is for a watchdog: 200 while the log appends and is witnessed, and no
// followed log has split. One that is not up to date is its own node's matter.
func (s *statusPage) health(w http.ResponseWriter, r *http.Request) {
	h, err := s.node.Ledger.Health(r.Context())
	split, failed := s.others.split(r.Context())
	switch err = errors.Join(err, failed); {
	case err != nil:
		http.Error(w, "store", http.StatusServiceUnavailable)
	case h.Hold != "":
		http.Error(w, "hold: "+h.Hold, http.StatusServiceUnavailable)
	case h.Fault != nil:
		http.Error(w, "fault", http.StatusServiceUnavailable)
	case split != "":
		http.Error(w, "split: "+split, http.StatusServiceUnavailable)
	default:
		w.Write([]byte("ok\n"))
	}
}

// Package doors is how a node stands in the world while it is served: at which
// addresses it listens and by which it is known, who may ask what without https, and
// where its messages go.
//
// It may import everything that app may.
package doors

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"adamas.example/internal/app/caller"
	"adamas.example/internal/app/logs"
	"adamas.example/internal/app/tlsca"
	"adamas.example/internal/fault"
	"adamas.example/internal/module"
)

//go:embed text
var text embed.FS

// Text is the words of this package and of its neighbours that serve: caller, tlsca,
// watch, service, setup.
func Text() fs.FS { return text }

// Options are those of `adamas serve`.
type Options struct {
	HTTPS       string   `name:"https" placeholder:"ADDRESS" help:"cli_serve_https"`
	Host        []string `placeholder:"NAME" sep:"," help:"cli_serve_host"`
	BehindProxy []string `placeholder:"CIDR" sep:"," help:"cli_serve_behind_proxy"`
	Metrics     string   `placeholder:"ADDRESS" help:"cli_serve_metrics"`
	LogFormat   string   `enum:"text,json" default:"text" placeholder:"FORM" help:"cli_serve_log_format"`
	LogLevel    string   `enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"cli_serve_log_level"`
}

// Logging gives an environment the log that the options ask for.
func (o Options) Logging(env *module.Env) *module.Env {
	ours := *env
	ours.Slog = logs.New(env.Err, o.LogFormat, o.LogLevel)
	return &ours
}

// Door is the node's listeners, open and not yet served.
type Door struct {
	Rules *caller.Rules
	// Authority certifies the node in its own building; nil without https.
	Authority *tlsca.Authority

	plain, tls, metrics net.Listener
	log                 *slog.Logger
}

// Open opens the listeners: plain at listen, the others as the options say. url is the
// office's outside address, "" for none; authority makes the authority for the hosts,
// when https is asked for. Faults: ledger.cannot_listen, those of caller and tlsca.
func Open(o Options, listen, url string, log *slog.Logger, authority func(hosts []string) (*tlsca.Authority, error)) (_ *Door, err error) {
	d := &Door{log: log}
	if d.Rules, err = caller.New(o.BehindProxy, url); err != nil {
		return nil, err
	}
	if o.HTTPS == "" && len(o.Host) > 0 {
		return nil, fault.Usage("running.host_without_https", fault.At("--host"))
	}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if o.HTTPS != "" {
		if d.Authority, err = authority(o.Host); err != nil {
			return nil, err
		}
	}
	for _, l := range []struct {
		at          *net.Listener
		flag, where string
	}{{&d.plain, "--listen", listen}, {&d.tls, "--https", o.HTTPS}, {&d.metrics, "--metrics", o.Metrics}} {
		if l.where == "" {
			continue
		}
		if *l.at, err = net.Listen("tcp", l.where); err != nil {
			return nil, fault.Unavailable("ledger.cannot_listen", fault.At(l.flag), fault.Text(l.where), fault.Because(err))
		}
	}
	return d, nil
}

func (d *Door) close() error {
	var err error
	for _, l := range []net.Listener{d.plain, d.tls, d.metrics} {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return err
}

// Close closes the listeners of a door that was never served.
func (d *Door) Close() error { return d.close() }

// Address is what a person types into the browser at this computer.
func (d *Door) Address() string {
	if d.Authority != nil {
		return "https://" + net.JoinHostPort("localhost", port(d.tls))
	}
	return "http://" + strings.Replace(d.plain.Addr().String(), "127.0.0.1", "localhost", 1)
}

// Plain is the plain address, at this computer.
func (d *Door) Plain() string { return "http://" + d.plain.Addr().String() }

// MetricsAddress is where the metrics are served, "" where they are not.
func (d *Door) MetricsAddress() string {
	if d.metrics == nil {
		return ""
	}
	return "http://" + d.metrics.Addr().String()
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// Origins are the addresses under which browsers open this node, the one for links
// first: what passkeys may be bound to.
func (d *Door) Origins() (out []string) {
	if u := d.Rules.URL(); u != "" {
		out = append(out, u)
	}
	if d.Authority != nil {
		for _, h := range d.Authority.Hosts() {
			out = append(out, "https://"+hostPort(h, port(d.tls), "443"))
		}
		return out
	}
	if here := "http://" + hostPort("localhost", port(d.plain), "80"); !slices.Contains(out, here) {
		out = append(out, here)
	}
	return out
}

func hostPort(host, port, usual string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == usual {
		return host
	}
	return host + ":" + port
}

// Secure is where a client finds by https what it asked for at the plain address: under
// the name that it used, if that is certified.
func (d *Door) Secure(r *http.Request) string {
	asked := caller.Of(r).Host
	if h, _, err := net.SplitHostPort(asked); err == nil {
		asked = h
	}
	host := d.Authority.Hosts()[0]
	if slices.Contains(d.Authority.Hosts(), strings.Trim(asked, "[]")) {
		host = strings.Trim(asked, "[]")
	}
	return "https://" + hostPort(host, port(d.tls), "443")
}

// programs are paths that are answered without https too: what they give is signed or
// public, and the programs of other offices have not installed our certificate. What
// messages hold is encrypted by itself. A key of a program is not: package api refuses
// what comes without https, where there is https, and is not sent on with it.
var programs = []string{"/log/", "/log-", "/health", "/following", "/pack", "/exchange", "/api/", "/openapi.json", "/assets/", "/favicon.ico", tlsca.FilePath}

// plainly is the plain address beside https: people are shown how to trust this office
// or are sent on, programs are answered.
func (d *Door) plainly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		switch {
		case caller.Of(r).Secure(), // a proxy has done it
			path == tlsca.PagePath, slices.ContainsFunc(programs, func(p string) bool { return strings.HasPrefix(path, p) }):
			next.ServeHTTP(w, r)
		case path == "/":
			http.Redirect(w, r, tlsca.PagePath, http.StatusSeeOther)
		default: // not for ever: an office may give https up again
			http.Redirect(w, r, d.Secure(r)+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		}
	})
}

// Serve serves until ctx ends; metrics may be nil.
func (d *Door) Serve(ctx context.Context, handler, metrics http.Handler) error {
	plain := handler
	if d.Authority != nil {
		plain = d.plainly(handler)
	}
	g, ctx := errgroup.WithContext(ctx)
	start := func(l net.Listener, h http.Handler, secure bool) {
		s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
			ErrorLog: log.New(quiet{d.log}, "", 0)}
		if secure {
			s.TLSConfig = d.Authority.TLS()
		}
		g.Go(func() error {
			var err error
			if secure {
				err = s.ServeTLS(l, "", "")
			} else {
				err = s.Serve(l)
			}
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return err
		})
		g.Go(func() error {
			<-ctx.Done()
			wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return s.Shutdown(wait)
		})
	}
	start(d.plain, d.Rules.Handler(plain), false)
	if d.tls != nil {
		start(d.tls, d.Rules.Handler(handler), true)
	}
	if d.metrics != nil && metrics != nil {
		start(d.metrics, metrics, false)
	}
	return g.Wait()
}

// quiet takes what net/http complains of: browsers that have not installed the
// certificate, scanners. It is worth nobody's evening.
type quiet struct{ log *slog.Logger }

func (q quiet) Write(p []byte) (int, error) {
	q.log.Debug("http", "text", strings.TrimSpace(string(p)))
	return len(p), nil
}

package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/node"
	"adamas.example/internal/app/tlsca"
	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/app/watch"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

// lines is a log that a test reads while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serving is a node that is served as `adamas serve` does it.
type serving struct {
	w      *world
	said   *lines // what it prints: the address
	logged *lines
	door   *doors.Door
	end    context.CancelFunc
	result chan error
}

func (w *world) serveAs(folder string, o doors.Options) *serving {
	w.t.Helper()
	s := &serving{w: w, said: &lines{}, logged: &lines{}, result: make(chan error, 1)}
	env := w.env(nil)
	ctx, end := context.WithCancel(context.Background())
	s.end = end
	env.Context, env.Out, env.Err = ctx, s.said, s.logged
	cmd := &serveCmd{Dir: filepath.Join(w.dir, folder), Listen: "127.0.0.1:0", Options: o}
	env = cmd.Logging(env)
	n, err := node.Open(env, cmd.Dir, w.tables())
	w.must(err)
	s.door, err = cmd.open(env, n)
	w.must(err)
	go func() { s.result <- errors.Join(serveNode(env, n, s.door, module.Offer{}), n.Close()) }()
	w.t.Cleanup(s.stop)
	w.until("it is served", func() bool { return s.said.String() != "" })
	return s
}

func (s *serving) stop() {
	s.end()
	select {
	case err := <-s.result:
		if err != nil {
			s.w.t.Errorf("serving ended with %v", err)
		}
		s.result <- nil
	case <-time.After(time.Minute):
		s.w.t.Error("serving does not end")
	}
}

// fetch asks without following redirections.
func fetch(t *testing.T, client *http.Client, url string, head ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// trusting is a browser into which the office's certificate was installed, as the page
// at the plain address gives it.
func trusting(t *testing.T, plain string) *http.Client {
	t.Helper()
	resp, der := fetch(t, &http.Client{}, plain+tlsca.FilePath)
	cert, err := x509.ParseCertificate([]byte(der))
	if err != nil || resp.Header.Get("Content-Type") != "application/x-x509-ca-cert" {
		t.Fatalf("%s %v", resp.Status, err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// TestHTTPS: an office in a building answers by https whoever has installed its
// certificate; the plain address shows how, answers programs, and sends people on.
func TestHTTPS(t *testing.T) {
	w := newWorld(t)
	s := w.serveAs("cf", doors.Options{HTTPS: "127.0.0.1:0", Host: []string{"bangui-pc"}, LogLevel: "debug"})
	plain, secure := s.door.Plain(), s.door.Address()
	if !strings.HasPrefix(secure, "https://localhost:") || !strings.Contains(s.said.String(), secure) {
		t.Fatalf("it is served at %s and says %s", secure, s.said)
	}
	numbered := strings.Replace(secure, "localhost", "127.0.0.1", 1) // as the plain address was asked
	client := trusting(t, plain)
	if resp, page := fetch(t, client, secure+"/status"); resp.StatusCode != http.StatusOK || resp.Header.Get("Strict-Transport-Security") != "" || !strings.Contains(page, cfOrigin) {
		t.Errorf("%s %s", resp.Status, resp.Header)
	}
	for _, l := range []struct{ code, says string }{{"en", "Let your device trust this office"}, {"fr", "Faire confiance à ce bureau"}, {"pt", "Confiar nesta repartição"}} {
		resp, page := fetch(t, &http.Client{}, plain+tlsca.PagePath+"?lang="+l.code)
		groups := strings.Fields(s.door.Authority.Fingerprint())
		if resp.StatusCode != http.StatusOK || !strings.Contains(page, l.says) || !strings.Contains(page, groups[0]) || !strings.Contains(page, groups[15]) ||
			!strings.Contains(page, "certutil -addstore") || !strings.Contains(page, numbered) {
			t.Errorf("%s: %s %s", l.code, resp.Status, page)
		}
	}
	for path, want := range map[string]int{"/openapi.json": http.StatusOK, "/api/v1/self": http.StatusBadRequest, "/api/v1/participants": http.StatusBadRequest, "/": http.StatusSeeOther, "/status": http.StatusTemporaryRedirect, "/health": http.StatusOK, "/log/checkpoint": http.StatusOK, "/following": http.StatusOK} {
		resp, _ := fetch(t, &http.Client{}, plain+path)
		if resp.StatusCode != want {
			t.Errorf("%s: %s", path, resp.Status)
		}
		if want == http.StatusTemporaryRedirect && resp.Header.Get("Location") != numbered+path {
			t.Errorf("%s leads to %s", path, resp.Header.Get("Location"))
		}
	}
	if got := s.door.Origins(); len(got) != 3 || !strings.HasPrefix(got[0], "https://bangui-pc:") {
		t.Errorf("%v", got)
	}
	// Tomorrow devices still trust it.
	s.stop()
	again := w.serveAs("cf", doors.Options{HTTPS: "127.0.0.1:0"})
	if again.door.Authority.Fingerprint() != s.door.Authority.Fingerprint() {
		t.Error("another authority")
	}
	if resp, _ := fetch(t, client, again.door.Address()+"/status"); resp.StatusCode != http.StatusOK {
		t.Error(resp.Status)
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "cf", tlsca.CertificateFile))
	if block, _ := pem.Decode(text); err != nil || block == nil {
		t.Errorf("no certificate beside the node: %v", err)
	}
}

// TestBehindProxy: what a proxy says is believed, what a stranger says is not.
func TestBehindProxy(t *testing.T) {
	w := newWorld(t)
	cfg, err := node.ReadConfig(filepath.Join(w.dir, "cf"))
	w.must(err)
	cfg.URL = "https://kp.cf.example"
	w.must(node.WriteConfig(filepath.Join(w.dir, "cf"), cfg))
	s := w.serveAs("cf", doors.Options{BehindProxy: []string{"127.0.0.1"}})
	if got := s.door.Origins(); got[0] != "https://kp.cf.example" {
		t.Errorf("%v", got)
	}
	post := func(origin string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.door.Plain()+"/check", strings.NewReader(""))
		w.must(err)
		req.Header.Set("Origin", origin)
		req.Header.Set("X-Forwarded-Proto", "https")
		req.Header.Set("X-Forwarded-For", "192.0.2.1")
		resp, err := http.DefaultClient.Do(req)
		w.must(err)
		resp.Body.Close()
		return resp.StatusCode
	}
	if code := post("https://kp.cf.example"); code == http.StatusForbidden {
		t.Error("the office's own form is refused behind the proxy")
	}
	if code := post("https://evil.example"); code != http.StatusForbidden {
		t.Errorf("another site's form: %d", code)
	}
}

// TestWatched: health, metrics and the log tell how a node is, and nothing that people
// typed.
func TestWatched(t *testing.T) {
	w := newWorld(t)
	s := w.serveAs("cf", doors.Options{Metrics: "127.0.0.1:0", LogFormat: "json", LogLevel: "debug"})
	resp, text := fetch(t, &http.Client{}, s.door.Plain()+"/health")
	var h watch.Health
	w.must(json.Unmarshal([]byte(text), &h))
	names := map[string]string{}
	for _, c := range h.Checks {
		names[c.Name] = c.State
	}
	if resp.StatusCode != http.StatusOK || !h.Ready || names["database"] != watch.Good || names["log"] != watch.Good || names["clock"] != watch.Good || names["disk"] == "" || names["witnessed"] == "" {
		t.Errorf("%s %s", resp.Status, text)
	}
	fetch(t, &http.Client{}, s.door.Plain()+"/register/typed-by-somebody?token=abc123")
	fetch(t, &http.Client{}, s.door.Plain()+"/nowhere/typed-by-somebody")
	if resp, _ := fetch(t, &http.Client{}, s.door.Plain()+"/metrics"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("the public address serves the metrics: %s", resp.Status)
	}
	_, metrics := fetch(t, &http.Client{}, s.door.MetricsAddress()+"/metrics")
	for _, want := range []string{"adamas_ready 1", `adamas_entries{state="witnessed"}`, "adamas_certificates{what=\"issued\"} 0", "adamas_database_bytes", "adamas_log_size", "go_goroutines",
		`adamas_http_request_duration_seconds_count{class="4xx",route="GET /register/{entry}"} 1`, `adamas_check_ok{check="clock"} 1`, "adamas_disk_free_bytes"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics without %s\n%s", want, metrics)
		}
	}
	w.until("requests are in the log", func() bool { return strings.Contains(s.logged.String(), `"route":"GET /health"`) })
	for _, never := range []string{"abc123", "typed-by-somebody"} {
		if strings.Contains(metrics, never) || strings.Contains(s.logged.String(), never) {
			t.Errorf("%s is told", never)
		}
	}
	for line := range strings.Lines(s.logged.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no line of JSON: %s", line)
		}
	}
	if _, page := fetch(t, &http.Client{}, s.door.Plain()+"/status?lang=en"); !strings.Contains(page, "This computer") || !strings.Contains(page, "MB free") {
		t.Error("the status page does not say how the computer is")
	}
}

// recorded is what a handler answers.
func recorded(h http.Handler, path string) string {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec.Body.String()
}

// TestReference: what a reader is told to quote is found in the log.
func TestReference(t *testing.T) {
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	logged := &lines{}
	opts := doors.Options{LogFormat: "json"}
	env := opts.Logging(&module.Env{Err: logged})
	site, err := web.New(web.Config{Words: words, Now: time.Now, Slog: env.Logger()})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /page/{secret}", site.Handle(func(http.ResponseWriter, *http.Request) error { return errors.New("the reason") }))
	rec := recorded(mux, "/page/abc123")
	var line struct{ Reference, Error, Route string }
	if err := json.Unmarshal([]byte(logged.String()), &line); err != nil || len(line.Reference) != 8 || line.Error != "the reason" || line.Route != "GET /page/{secret}" {
		t.Fatalf("%v %s", err, logged)
	}
	if !strings.Contains(rec, line.Reference) || strings.Contains(rec, "the reason") || strings.Contains(logged.String(), "abc123") {
		t.Errorf("%s", rec)
	}
	authority := &tlsca.Authority{}
	if err := authority.Register(mux, site, func(*http.Request) string { return "" }); err != nil {
		t.Fatal(err)
	}
	for _, v := range site.Views() {
		if err := templatecheck.CheckHTML(v.Template, v.Data); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

// TestMoved: a node whose folder is moved is the same node: nothing in it names where
// it lay.
func TestMoved(t *testing.T) {
	w := newWorld(t)
	cfg, err := node.ReadConfig(filepath.Join(w.dir, "cf"))
	w.must(err)
	cfg.BackupTo = "backups"
	w.must(node.WriteConfig(filepath.Join(w.dir, "cf"), cfg))
	s := w.serveAs("cf", doors.Options{HTTPS: "127.0.0.1:0"})
	w.until("a backup is made", func() bool { return len(backupsOf(t, filepath.Join(w.dir, "cf", "backups"))) == 1 })
	print := s.door.Authority.Fingerprint()
	_, before := fetch(t, &http.Client{}, s.door.Plain()+"/log/checkpoint")
	s.stop()
	moved := filepath.Join(w.dir, "elsewhere", "with a blank")
	w.must(os.MkdirAll(filepath.Dir(moved), 0o755))
	w.must(os.Rename(filepath.Join(w.dir, "cf"), moved))
	s = w.serveAs(filepath.Join("elsewhere", "with a blank"), doors.Options{HTTPS: "127.0.0.1:0"})
	if s.door.Authority.Fingerprint() != print {
		t.Error("another authority")
	}
	_, after := fetch(t, &http.Client{}, s.door.Plain()+"/log/checkpoint")
	if strings.Split(before, "\n")[1] != strings.Split(after, "\n")[1] {
		t.Errorf("the register was\n%s\nand is\n%s", before, after)
	}
	if n := backupsOf(t, filepath.Join(moved, "backups")); len(n) != 1 { // none is due
		t.Errorf("%v", n)
	}
}

func backupsOf(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".backup") && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}

// TestLostLog: a node whose register's files are gone does not begin a new register
// under the old name: it says what is missing and which command makes it anew.
func TestLostLog(t *testing.T) {
	w := newWorld(t)
	s := w.serveAs("cf", doors.Options{})
	s.stop()
	w.must(os.RemoveAll(filepath.Join(w.dir, "cf", node.LogFolder)))
	env := w.env(nil)
	_, err := node.Open(env, filepath.Join(w.dir, "cf"), w.tables())
	if err == nil {
		t.Fatal("it begins anew")
	}
	said := ""
	for _, e := range env.Words.Explain(err, "-") {
		said += e.Text + e.Remedy
	}
	if !strings.Contains(said, "hold 0 entries") || !strings.Contains(said, "adamas recover") {
		t.Errorf("%s (%v)", said, err)
	}
}

// TestScheduledBackups: a served node backs itself up when one is due, keeps as many as
// it was told, touches nothing else in the folder, and says when it cannot.
func TestScheduledBackups(t *testing.T) {
	w := newWorld(t)
	n := w.open("cf")
	defer func() { w.must(n.Close()) }()
	to := filepath.Join(w.dir, "stick", "backups")
	now := w.start
	b := &upkeep.Backups{Store: n.Store, Office: "CF/bangui", To: to, Every: 6 * time.Hour, Keep: 2, Now: func() time.Time { return now }, Slog: w.env(nil).Logger()}
	w.must(b.Round(t.Context()))
	w.must(b.Round(t.Context()))
	if got := backupsOf(t, to); len(got) != 1 || !strings.HasPrefix(got[0], "adamas-CF-bangui-") {
		t.Fatalf("%v", got)
	}
	stranger := filepath.Join(to, "adamas-CF-bangui-mine.backup")
	w.must(os.WriteFile(stranger, []byte("somebody's"), 0o600))
	for range 4 {
		now = now.Add(7 * time.Hour)
		w.must(b.Round(t.Context()))
	}
	if got := backupsOf(t, to); len(got) != 3 { // two, and the stranger
		t.Errorf("%v", got)
	}
	if s := b.State(); s.Fault != nil || now.Sub(s.Last) > time.Minute {
		t.Errorf("%+v", s)
	}
	now = now.Add(7 * time.Hour)
	b.To = stranger // no folder can be made there
	if err := b.Round(t.Context()); err == nil || b.State().Fault == nil {
		t.Errorf("%v", err)
	}
}

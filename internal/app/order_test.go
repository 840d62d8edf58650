package app

import (
	"bytes"
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/node"
	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/fault"
	"adamas.example/internal/module"
)

// said is what one run of the program has come to.
type said struct {
	Out, Err string
	Exit     int
}

func typed(args ...string) said {
	var out, err bytes.Buffer
	code := Main(Invocation{Args: args, In: strings.NewReader(""), Out: &out, Err: &err, Now: time.Now, Getenv: func(string) string { return "" }})
	return said{out.String(), err.String(), code}
}

// serve serves a node's folder as the program does, until stop.
func (w *world) serve(folder string) (stop func()) {
	w.t.Helper()
	env := w.env(nil)
	ctx, cancel := context.WithCancel(context.Background())
	env.Context = ctx
	dir := filepath.Join(w.dir, folder)
	n, err := node.Open(env, dir, schemas())
	w.must(err)
	door, err := doors.Open(doors.Options{}, "127.0.0.1:0", "", env.Logger(), nil)
	w.must(err)
	ended := make(chan error, 1)
	go func() { ended <- serveNode(env, n, door, module.Offer{}) }()
	w.until("it is served", func() bool { return upkeep.Served(w.t.Context(), dir) == nil })
	stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, n.Close()); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

var references = regexp.MustCompile(`\b[0-9a-f]{8}\b`) // of a fault's report

// TestOrderAsDirect: what the serving process does for who asks reads as if it had
// been done here: results, remarks, faults with their status, in his language.
func TestOrderAsDirect(t *testing.T) {
	w := makeWorld(t, true)
	cf := filepath.Join(w.dir, "cf")
	cases := [][]string{
		{"consignment", "list", "--dir", cf},
		{"consignment", "list", "--dir", cf, "--json"},
		{"consignment", "list", "--dir", cf, "-L", "fr"},
		{"consignment", "list", "--dir", cf, "--state", "asleep", "-L", "pt"},
		{"consignment", "show", "--dir", cf, "CF-bangui-1999-000001"},
		{"consignment", "show", "--dir", cf, "CF-bangui-1999-000001", "--json", "-L", "fr"},
		{"consignment", "do", "apply", "--dir", cf, "--by", "agent", "--file", filepath.Join(w.dir, "none.json")},
		{"consignment", "balance", "--dir", cf, "--json"},
		{"consignment", "hear", "--dir", cf},
		{"certificate", "bundle", "CF00000009", "--dir", cf, "--out", filepath.Join(w.dir, "none.adamas")},
		{"exchange", "list", "--dir", cf},
		{"exchange", "show", "--dir", cf, "0123456789ab"},
		{"exchange", "send", "--dir", cf, "--to", "AE/dubai", "--note", "SYNTHETIC"},
		{"follow", "--dir", cf, "--rebuild", "nonsense"},
		{"party", "offices", "--node", cf, "--on", "2026-01-01"},
		{"party", "refused", "--node", cf, "--json"},
		{"party", "state", "account", "--node", cf, "--dir", filepath.Join(w.dir, "people", "authority CF"), "--key", "authority", "--name", "X", "--authority", "Y"},
		{"keys", "revoke", "--node", cf, "--dir", filepath.Join(w.dir, "people", "authority CF"), "--key", "authority", "--reason", "x", "0011223344556677"},
		{"pack", "make", "--dir", cf, "--out", filepath.Join(w.dir, "nowhere", "pack")},
	}
	statement := strings.Repeat("ab", 32)
	opening := []string{"consignment", "opening-balance", "AE00000001", "--dir", cf, "--statement", statement, "--carats", "2.5", "--basis", "SYNTHETIC"}
	stop := w.serve("cf")
	var served []said
	for _, args := range cases {
		served = append(served, typed(args...))
	}
	if got := typed(opening...); got.Exit != 0 || !strings.Contains(got.Out, "2.50") {
		t.Errorf("%+v", got)
	}
	stop()
	if got := typed(opening...); got.Exit != fault.Conflict("x").Kind.ExitCode() {
		t.Errorf("what the serving process has entered is not there: %+v", got)
	}
	statuses := map[int]bool{}
	typed("consignment", "list", "--dir", cf)
	for i, args := range cases {
		if args[1] == "balance" {
			continue // it has changed
		}
		direct := typed(args...)
		direct.Err, served[i].Err = references.ReplaceAllString(direct.Err, ""), references.ReplaceAllString(served[i].Err, "")
		if served[i] != direct {
			t.Errorf("%v\nserved: %+v\nhere:   %+v", args, served[i], direct)
		}
		if direct.Exit == fault.KindInternal.ExitCode() {
			t.Errorf("%v: %+v", args, direct)
		}
		statuses[direct.Exit] = true
	}
	if len(statuses) < 4 {
		t.Errorf("only %v were seen", statuses)
	}
}

// listen takes orders for a folder with a handler of the test's.
func listen(t *testing.T, dir string, h http.Handler) {
	t.Helper()
	stop, err := upkeep.Listen(context.Background(), dir, upkeep.Services{Orders: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop() })
}

// note is an order of the test's.
type note struct {
	Text string
}

func (*note) Load(*module.Env) error             { return nil }
func (*note) Do(*module.Env, *module.Node) error { return errors.New("done here") }

func asker(t *testing.T, ctx context.Context) *module.Env {
	t.Helper()
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	return &module.Env{Context: ctx, Out: io.Discard, Err: io.Discard, Words: words.Printer("en")}
}

// TestServerGone: once the order is given, nobody does it a second time, whatever
// becomes of the serving process; the person is told that it cannot be told.
func TestServerGone(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"at once": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"in the middle": func(w http.ResponseWriter, _ *http.Request) {
			write(w, orderLine{Out: "so"})
			panic(http.ErrAbortHandler)
		},
		"without an end": func(w http.ResponseWriter, _ *http.Request) { write(w, orderLine{Out: "so"}) },
		"in good order":  func(w http.ResponseWriter, _ *http.Request) { write(w, orderLine{Last: true, Exit: interrupted}) },
		"by a refusal":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadRequest) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			listen(t, dir, h)
			if taken, err := forward(Invocation{}, asker(t, t.Context()), "note", dir, &note{}); !taken || !fault.Is(err, "module.server_gone") {
				t.Errorf("%v %v", taken, err)
			}
		})
	}
}

func write(w http.ResponseWriter, l orderLine) {
	json.NewEncoder(w).Encode(l)
	http.NewResponseController(w).Flush()
}

// TestAskerGone: Ctrl-C reaches the serving process, as it would reach this one.
func TestAskerGone(t *testing.T) {
	dir := t.TempDir()
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan struct{})
	listen(t, dir, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		interrupt()
		<-r.Context().Done()
		close(ended)
	}))
	if taken, err := forward(Invocation{}, asker(t, ctx), "note", dir, &note{}); !taken || !errors.Is(err, context.Canceled) {
		t.Errorf("%v %v", taken, err)
	}
	<-ended
}

// TestLeftOver: what a killed process has left behind leads nobody astray, and who
// listens at its port by now learns nothing.
func TestLeftOver(t *testing.T) {
	w := makeWorld(t, true)
	cf := filepath.Join(w.dir, "cf")
	var heard atomic.Value
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		heard.Store(fmt.Sprint(r.Header, r.URL, string(b)))
	}))
	defer stranger.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	at := func(url string) string { return strings.TrimPrefix(url, "http://") }
	for name, file := range map[string]string{
		"dead":      `{"address":"` + at(gone.URL) + `","token":"SECRET"}`,
		"stranger":  `{"address":"` + at(stranger.URL) + `","token":"SECRET"}`,
		"elsewhere": `{"address":"192.0.2.1:80","token":"SECRET"}`,
		"no token":  `{"address":"` + at(stranger.URL) + `"}`,
		"cut off":   `{"addr`,
	} {
		w.must(os.WriteFile(filepath.Join(cf, ".control"), []byte(file), 0o600))
		if got := typed("consignment", "list", "--dir", cf); got.Exit != 0 || got.Err != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if text, _ := heard.Load().(string); text == "" || strings.Contains(text, "SECRET") || strings.Contains(text, "consignment") {
		t.Errorf("the stranger has heard: %s", text)
	}

	// With another token than the serving process has, it is as if nobody served; and
	// the folder is in use.
	w.serve("cf")
	control := filepath.Join(cf, ".control")
	b, err := os.ReadFile(control)
	w.must(err)
	var c map[string]string
	w.must(json.Unmarshal(b, &c))
	wrong, err := json.Marshal(map[string]string{"address": c["address"], "token": c["token"][1:] + "A"})
	w.must(err)
	w.must(os.WriteFile(control, wrong, 0o600))
	if got := typed("consignment", "list", "--dir", cf); got.Exit != fault.Busy("x").Kind.ExitCode() || !strings.Contains(got.Err, "in use by another process") {
		t.Errorf("%+v", got)
	}
}

// TestOrdersAtOnce: many orders at a time, each with its own answer.
func TestOrdersAtOnce(t *testing.T) {
	w := makeWorld(t, true)
	cf := filepath.Join(w.dir, "cf")
	w.serve("cf")
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			number := fmt.Sprintf("AE0000000%d", i+1)
			got := typed("consignment", "opening-balance", number, "--dir", cf, "--statement", strings.Repeat("ab", 32), "--carats", fmt.Sprint(i+1), "--basis", "SYNTHETIC", "--json")
			if got.Exit != 0 || !strings.Contains(got.Out, number) || strings.Count(got.Out, "\n") != 1 {
				t.Errorf("%+v", got)
			}
		})
	}
	all.Wait()
	if got := typed("consignment", "balance", "--dir", cf); strings.Count(got.Out, "\n") != 7 { // SYNTHETIC, and one line each
		t.Errorf("%+v", got)
	}
}

// TestOrderRefused: what is no order is not done, whoever has the token; and what is
// too large for one is said to be so before it is sent.
func TestOrderRefused(t *testing.T) {
	w := makeWorld(t, true)
	cf := filepath.Join(w.dir, "cf")
	w.serve("cf")
	for _, command := range []string{"", "consignment", "serve", "verify", "certificate show", "backup", "consignment nonsense"} {
		resp, err := upkeep.Ask(t.Context(), cf, "/order", order{Command: command, Fields: json.RawMessage(`{}`), Language: "en"})
		w.must(err)
		var last orderLine
		for lines := json.NewDecoder(resp.Body); lines.More() && err == nil; {
			last = orderLine{}
			err = lines.Decode(&last)
		}
		resp.Body.Close()
		if err != nil || !last.Last || last.Exit != fault.KindInternal.ExitCode() {
			t.Errorf("%q: %+v %v", command, last, err)
		}
	}
	big := &note{Text: strings.Repeat("x", mostOrder)}
	if taken, err := forward(Invocation{}, asker(t, t.Context()), "note", cf, big); !taken || !fault.Is(err, "module.order_too_large") {
		t.Errorf("%v %v", taken, err)
	}
	if taken, err := forward(Invocation{}, asker(t, t.Context()), "note", filepath.Join(w.dir, "ae"), big); taken || err != nil {
		t.Errorf("where nobody serves, it can be done here: %v %v", taken, err)
	}
}

// TestWhereHeStands: files are those of the person who asks, read and written
// where he stands, not where the serving process does.
func TestWhereHeStands(t *testing.T) {
	w := makeWorld(t, true)
	his, its := t.TempDir(), t.TempDir()
	env := w.env(nil)
	cf := filepath.Join(w.dir, "cf")
	n, err := node.Open(env, cf, schemas())
	w.must(err)
	defer n.Close()
	face, err := n.Face(env, Modules())
	w.must(err)
	words, err := loadWords()
	w.must(err)
	do := orders(env, face, words)
	listen(t, cf, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		os.Chdir(its)
		answer := httptest.NewRecorder()
		do.ServeHTTP(answer, r)
		os.Chdir(his) // before he who asks goes on
		maps.Copy(rw.Header(), answer.Header())
		rw.WriteHeader(answer.Code)
		rw.Write(answer.Body.Bytes())
	}))
	t.Chdir(his)
	w.must(os.Symlink(cf, "node"))
	ae := w.open("ae")
	recordOn(w, ae, 1, "")
	w.must(ae.Close())
	w.must(os.CopyFS("log", os.DirFS(filepath.Join(w.dir, "ae", "log"))))
	form := typed("consignment", "do", "apply", "--example")
	w.must(os.WriteFile("form.json", []byte(form.Out), 0o644))
	w.must(os.CopyFS("authority", os.DirFS(filepath.Join(w.dir, "people", "authority CF"))))
	w.must(filepath.WalkDir("authority", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			err = os.Chmod(path, 0o600)
		} else if err == nil {
			err = os.Chmod(path, 0o700)
		}
		return err
	}))
	w.must(os.WriteFile("picture.png", []byte("SYNTHETIC"), 0o644))
	for _, args := range [][]string{
		{"consignment", "do", "apply", "--dir", "node", "--by", "agent", "--file", "form.json"},
		{"pack", "make", "--dir", "node", "--out", "pack"},
		{"pack", "make", "--dir", "node", "--since", "pack", "--out", "since"},
		{"follow", "--dir", "node", "--from", "log"},
		{"exchange", "send", "--dir", "node", "--to", "AE/dubai", "--note", "SYNTHETIC", "--apply"},
		{"exchange", "write", "--dir", "node", "--stick", "."},
		{"exchange", "receive", "--dir", "node", "."},
		{"party", "state", "specimen", "--node", "node", "--dir", "authority", "--key", "authority", "--name", "X", "--features", "Y", "--picture", "picture.png", "--apply"},
	} {
		if got := typed(args...); got.Exit != 0 {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if left, err := os.ReadDir(its); err != nil || len(left) != 0 {
		t.Errorf("written where the serving process stands: %v %v", left, err)
	}
	for _, file := range []string{"pack", "since"} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}

// TestOrdersTravel: every field of every order comes through as it was.
func TestOrdersTravel(t *testing.T) {
	parser, err := newParser(asker(t, t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	err = kong.Visit(parser.Model, func(v kong.Visitable, next kong.Next) error {
		n, ok := v.(*kong.Node)
		if !ok || !n.Target.IsValid() || !n.Target.CanAddr() {
			return next(nil)
		}
		if _, ok := n.Target.Addr().Interface().(module.Order); !ok {
			return next(nil)
		}
		count++
		sent := reflect.New(n.Target.Type())
		fill(t, sent.Elem(), commandPath(n))
		b, err := json.Marshal(sent.Interface())
		if err != nil {
			return err
		}
		came := reflect.New(n.Target.Type())
		if err := json.Unmarshal(b, came.Interface()); err != nil || !reflect.DeepEqual(sent.Interface(), came.Interface()) {
			t.Errorf("%s: %v\nsent %+v\ncame %+v", commandPath(n), err, sent.Elem(), came.Elem())
		}
		return next(nil)
	})
	if err != nil || count < 35 {
		t.Errorf("%d orders: %v", count, err)
	}
}

// spelled are texts that types which check their text may have.
var spelled = []string{"CF", "2026-11-29"}

// fill gives every field a value of its own; one that checks its text gets one of those
// that are spelled as it wants.
func fill(t *testing.T, v reflect.Value, name string) {
	if v.CanAddr() && v.CanInterface() {
		if x, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok && slices.ContainsFunc(spelled, func(s string) bool { return x.UnmarshalText([]byte(s)) == nil }) {
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Name == "_" { // of a CBOR array
				continue
			}
			if !f.IsExported() && !f.Anonymous {
				t.Errorf("%s.%s does not travel", name, f.Name)
				continue
			}
			fill(t, v.Field(i), name+"."+f.Name)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		if v.Type().Elem().Kind() == reflect.Struct { // an empty one need not travel
			fill(t, v.Index(0), name)
		}
		fill(t, v.Index(1), name)
	case reflect.Array:
		fill(t, v.Index(0), name)
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int8:
		v.SetInt(7)
	case reflect.Uint, reflect.Uint64, reflect.Uint8:
		v.SetUint(7)
	default:
		t.Errorf("%s: a %s", name, v.Kind())
	}
}

// TestNodesByOrder: no command of a face opens a node by itself; else it would fail
// while the node is served.
func TestNodesByOrder(t *testing.T) {
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "app/") || path == "module/order.go" {
			return err
		}
		b, err := os.ReadFile(filepath.Join("..", path))
		if bytes.Contains(b, []byte(".OpenNode(")) {
			t.Errorf("%s opens a node: make its command a module.Order", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

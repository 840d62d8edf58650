package hook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/internal/web/hook"
	"adamas.example/internal/worldtest/pgtest"
)

// sender is a service with a clock that the test sets.
type sender struct {
	*hook.Service
	t   *testing.T
	st  *store.Store
	now atomic.Int64
	n   int
}

func newSender(t *testing.T, networks ...string) *sender {
	t.Helper()
	return newSenderAt(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}, networks...)
}

func newSenderAt(t *testing.T, c store.Config, networks ...string) *sender {
	t.Helper()
	return newSenderWith(t, c, hook.Config{}, networks...)
}

func newSenderWith(t *testing.T, c store.Config, more hook.Config, networks ...string) *sender {
	t.Helper()
	st, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	s := &sender{t: t, st: st}
	s.now.Store(1_800_000_000)
	if err := st.Migrate(t.Context(), s.clock(), []store.Schema{api.Schema()}); err != nil {
		t.Fatal(err)
	}
	var open []netip.Prefix
	for _, n := range networks {
		open = append(open, netip.MustParsePrefix(n))
	}
	more.Store, more.Now, more.Key, more.Networks, more.Plain, more.Slog = st, s.clock, []byte("a key of the node, 32 bytes long"), open, true, slog.New(slog.DiscardHandler)
	s.Service = hook.New(more)
	return s
}

func (s *sender) clock() time.Time { return time.Unix(s.now.Load(), 0).UTC() }

func (s *sender) write(fn func(tx *store.Tx) error) {
	s.t.Helper()
	if err := s.st.Write(s.t.Context(), s.clock(), fn); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sender) make(url string, events ...hook.Event) (h hook.Hook) {
	s.t.Helper()
	return s.makeFor("", url, events...)
}

func (s *sender) makeFor(program, url string, events ...hook.Event) (h hook.Hook) {
	s.t.Helper()
	s.n++
	s.write(func(tx *store.Tx) (err error) {
		h, err = s.Make(tx, ident.RecordID(fmt.Sprintf("hook-%d", s.n)), hook.Hook{Name: "SYNTHETIC system", URL: url, Events: events, Program: program})
		return err
	})
	return h
}

func (s *sender) post(id string, e hook.Event) {
	s.t.Helper()
	s.write(func(tx *store.Tx) error { return hook.Post(tx, id, e, s.clock(), map[string]string{"consignment": id}) })
}

func (s *sender) deliver() {
	s.t.Helper()
	if err := s.Deliver(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sender) of(h hook.Hook) []hook.Delivery {
	s.t.Helper()
	all, err := s.Deliveries(s.t.Context(), h.ID, 0, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// got is what a listener was sent.
type got struct {
	id, event string
	at        int64
}

// listener is a program's address, which may be out of order.
type listener struct {
	*httptest.Server
	mu     sync.Mutex
	taken  []got
	tries  int
	status atomic.Int64
	secret []byte
	t      *testing.T
}

// count is how many have been taken.
func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.taken)
}

func listen(t *testing.T) *listener {
	l := &listener{t: t}
	l.status.Store(http.StatusNoContent)
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var m struct {
			Type string
			Data map[string]string
		}
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		at, bad := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.tries++
		if l.secret != nil && r.Header.Get("webhook-signature") != hook.Sign(l.secret, r.Header.Get("webhook-id"), time.Unix(at, 0), body) {
			t.Errorf("the signature is false")
		}
		if err != nil || bad != nil {
			t.Error(err, bad)
		}
		if code := int(l.status.Load()); code < 300 {
			l.taken = append(l.taken, got{r.Header.Get("webhook-id"), m.Type, at})
		} else {
			w.Header().Set("Location", "http://169.254.169.254/latest")
		}
		w.WriteHeader(int(l.status.Load()))
	}))
	t.Cleanup(l.Close)
	return l
}

// TestDeliver: in order, signed, once more after a failure and not before its time, given
// up in the end without holding up what follows.
func TestDeliver(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { testDeliver(t, newSender(t, "127.0.0.0/8", "::1/128")) })
	t.Run("PostgreSQL", func(t *testing.T) {
		testDeliver(t, newSenderAt(t, store.Config{DSN: pgtest.Start(t)}, "127.0.0.0/8", "::1/128"))
	})
}

func testDeliver(t *testing.T, s *sender) {
	l := listen(t)
	h := s.make(l.URL, hook.AdviceReceived, hook.ReceiptReceived)
	var err error
	if l.secret, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Secret(h.ID), "whsec_")); err != nil || len(l.secret) != 32 {
		t.Fatal(err)
	}
	for i := range 3 {
		s.post(fmt.Sprintf("e%d", i), hook.AdviceReceived)
	}
	s.post("e1", hook.AdviceReceived)   // the same again
	s.post("x", hook.CertificateIssued) // not wanted
	s.deliver()
	s.deliver()
	if want := []got{{"e0", "advice.received", s.now.Load()}, {"e1", "advice.received", s.now.Load()}, {"e2", "advice.received", s.now.Load()}}; !slices.Equal(l.taken, want) {
		t.Fatalf("%v", l.taken)
	}

	for _, code := range []int64{http.StatusInternalServerError, http.StatusFound, http.StatusTemporaryRedirect} {
		l.status.Store(code)
		before := l.tries
		s.post(fmt.Sprint("down", code), hook.ReceiptReceived)
		s.post(fmt.Sprint("after", code), hook.ReceiptReceived)
		s.deliver()
		s.deliver() // its time has not come
		if l.tries != before+1 || s.of(h)[1].Status != code || s.of(h)[1].Error == "" || s.of(h)[1].State != "due" || s.of(h)[0].Tries != 0 {
			t.Fatalf("%d: %d tries, %+v", code, l.tries-before, s.of(h)[:2])
		}
		s.now.Add(61)
		l.status.Store(http.StatusOK)
		s.deliver()
		if n := len(l.taken); l.taken[n-2].id != fmt.Sprint("down", code) || l.taken[n-1].id != fmt.Sprint("after", code) {
			t.Fatalf("%v", l.taken)
		}
	}

	l.status.Store(http.StatusServiceUnavailable)
	s.post("lost", hook.AdviceReceived)
	s.post("next", hook.AdviceReceived)
	began := s.now.Load()
	for range len(hook.Tries) + 1 {
		s.deliver()
		s.now.Add(int64(28*time.Hour/time.Second) + 1)
	}
	if d := s.of(h)[1]; d.State != "given_up" || d.Tries != int64(len(hook.Tries)+1) {
		t.Fatalf("%+v", d)
	}
	var whole time.Duration
	for _, d := range hook.Tries {
		whole += d
	}
	if whole < 72*time.Hour || began == s.now.Load() {
		t.Errorf("given up after %s", whole)
	}
	l.status.Store(http.StatusOK)
	s.now.Add(int64(28*time.Hour/time.Second) + 1)
	s.deliver()
	if l.taken[len(l.taken)-1].id != "next" {
		t.Errorf("%v", l.taken)
	}
	if err := s.Again(t.Context(), h.ID, s.of(h)[1].Seq); err != nil {
		t.Fatal(err)
	}
	s.deliver()
	if l.taken[len(l.taken)-1].id != "lost" {
		t.Errorf("%v", l.taken)
	}
	s.post("late", hook.AdviceReceived)
	s.write(func(tx *store.Tx) error { _, err := s.End(tx, h.ID); return err })
	s.post("never", hook.AdviceReceived)
	s.deliver()
	if n := len(l.taken); l.taken[n-1].id != "lost" || s.of(h)[0].State != "given_up" {
		t.Errorf("told after its end: %v", l.taken[n-1])
	}
	if err := s.st.Write(t.Context(), s.clock(), func(tx *store.Tx) error { _, err := s.End(tx, h.ID); return err }); !fault.Is(err, "web.hook_none") {
		t.Error(err)
	}
}

// TestClosedNetworks: a message reaches no address that the operator has not opened,
// however it is written and whatever a name resolves to.
func TestClosedNetworks(t *testing.T) {
	s, l := newSender(t), listen(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(l.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "127.1", "2130706433", "0x7f000001", "017700000001", "localhost."} {
		h := s.make("http://"+host+":"+port+"/x", hook.AdviceReceived)
		s.post("to "+host, hook.AdviceReceived)
		s.deliver()
		if d := s.of(h)[0]; d.State != "due" || d.Tries != 1 || d.Error == "" {
			t.Errorf("%s: %+v", host, d)
		}
		s.write(func(tx *store.Tx) error { _, err := s.End(tx, h.ID); return err })
	}
	if l.tries != 0 {
		t.Errorf("%d requests came through", l.tries)
	}
	for _, a := range []string{"127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1",
		"fec0::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "fe80::1%eth0"} {
		if hook.Allowed(netip.MustParseAddr(a), nil) {
			t.Errorf("%s is open", a)
		}
	}
	for _, a := range []string{"9.9.9.9", "193.0.6.139", "2620:fe::fe", "2a00:1450:4001:800::200e"} {
		if !hook.Allowed(netip.MustParseAddr(a), nil) {
			t.Errorf("%s is closed", a)
		}
	}
	open := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	if !hook.Allowed(netip.MustParseAddr("10.1.2.3"), open) || hook.Allowed(netip.MustParseAddr("10.2.2.3"), open) || !hook.Allowed(netip.MustParseAddr("::ffff:10.1.2.3"), open) {
		t.Error("what the operator opens is not what is open")
	}
}

func TestWhatIsNoHook(t *testing.T) {
	s := newSender(t)
	for _, tt := range []struct {
		url    string
		events []hook.Event
		key    string
	}{
		{"ftp://x.example/", []hook.Event{hook.AdviceReceived}, "web.hook_url"},
		{"file:///etc/passwd", []hook.Event{hook.AdviceReceived}, "web.hook_url"},
		{"https://user:secret@x.example/", []hook.Event{hook.AdviceReceived}, "web.hook_url"},
		{"https://x.example/#a", []hook.Event{hook.AdviceReceived}, "web.hook_url"},
		{"//x.example/", []hook.Event{hook.AdviceReceived}, "web.hook_url"},
		{"https://x.example/" + strings.Repeat("a", 500), []hook.Event{hook.AdviceReceived}, "web.hook_url"},
		{"https://x.example/", nil, "web.hook_events"},
		{"https://x.example/", []hook.Event{"king.crowned"}, "web.hook_events"},
		{"https://x.example/", []hook.Event{hook.AdviceReceived, hook.AdviceReceived}, "web.hook_events"},
	} {
		err := s.st.Write(context.Background(), s.clock(), func(tx *store.Tx) error {
			_, err := s.Make(tx, "h", hook.Hook{Name: "SYNTHETIC", URL: tt.url, Events: tt.events})
			return err
		})
		if !fault.Is(err, tt.key) {
			t.Errorf("%s: %v", tt.url, err)
		}
	}
	strict := hook.New(hook.Config{Store: s.st, Now: s.clock, Key: make([]byte, 32)})
	err := s.st.Write(t.Context(), s.clock(), func(tx *store.Tx) error {
		_, err := strict.Make(tx, "h", hook.Hook{Name: "SYNTHETIC", URL: "http://x.example/", Events: []hook.Event{hook.AdviceReceived}})
		return err
	})
	if !fault.Is(err, "web.hook_plain") {
		t.Error(err)
	}
}

// TestOfProgram: what a program has named itself ends with its access key, is not without
// bound, and can be tried.
func TestOfProgram(t *testing.T) {
	var over []string
	noted := func(_ *store.Tx, h hook.Hook) error { over = append(over, h.ID); return nil }
	s, l := newSenderWith(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}, hook.Config{Over: noted}, "127.0.0.0/8", "::1/128"), listen(t)
	until := s.clock().Add(time.Hour)
	name := func(program string) (h hook.Hook, err error) {
		s.n++
		err = s.st.Write(t.Context(), s.clock(), func(tx *store.Tx) (err error) {
			h, err = s.Make(tx, ident.RecordID(fmt.Sprintf("hook-%d", s.n)), hook.Hook{Name: "SYNTHETIC system", URL: l.URL, Events: []hook.Event{hook.AdviceReceived}, Program: program, Until: until})
			return err
		})
		return h, err
	}
	var mine []hook.Hook
	for range hook.Most {
		h, err := name("a")
		if err != nil {
			t.Fatal(err)
		}
		mine = append(mine, h)
	}
	if _, err := name("a"); !fault.Is(err, "web.hook_many") {
		t.Error(err)
	}
	other, err := name("b")
	if err != nil {
		t.Fatal(err)
	}
	s.write(func(tx *store.Tx) error { return hook.Try(tx, other.ID, "try-1") })
	s.deliver()
	if len(l.taken) != 1 || l.taken[0].event != "webhook.test" || l.taken[0].id != "try-1" {
		t.Fatalf("%v", l.taken)
	}
	if d, err := s.Delivery(t.Context(), other.ID, "try-1"); err != nil || d.State != "delivered" || d.Seq != 1 {
		t.Errorf("%+v %v", d, err)
	}
	if d, err := s.Delivery(t.Context(), other.ID, "1"); err != nil || d.ID != "try-1" {
		t.Errorf("%+v %v", d, err)
	}
	if _, err := s.Delivery(t.Context(), mine[0].ID, "try-1"); !fault.Is(err, "web.delivery_none") {
		t.Error(err)
	}
	// The key of the one is ended: of what was due to it nothing is sent.
	s.post("late", hook.AdviceReceived)
	s.write(func(tx *store.Tx) error {
		if ended, err := hook.EndOf(tx, "a"); err != nil || len(ended) != len(mine) {
			t.Errorf("%d ended, %v", len(ended), err)
		}
		return nil
	})
	s.deliver()
	if len(l.taken) != 2 || s.of(mine[0])[0].State != "given_up" || s.of(other)[0].State != "delivered" {
		t.Fatalf("%v", l.taken)
	}
	if err := s.st.Write(t.Context(), s.clock(), func(tx *store.Tx) error { return hook.Try(tx, mine[0].ID, "try-2") }); !fault.Is(err, "web.hook_none") {
		t.Error(err)
	}
	// The key of the other has run out.
	s.post("last", hook.AdviceReceived)
	s.now.Store(until.Unix())
	s.deliver()
	s.post("never", hook.AdviceReceived)
	s.deliver()
	if len(l.taken) != 2 || s.of(other)[0].State != "given_up" || s.of(other)[0].Failure != hook.EndedHook {
		t.Errorf("%v", l.taken)
	}
	if !slices.Equal(over, []string{other.ID}) {
		t.Errorf("noted as over: %v", over)
	}
}

// TestSlow: a server that takes its time holds up the addresses of the program that has
// named it, and no other.
func TestSlow(t *testing.T) {
	s, quick, let := newSender(t, "127.0.0.0/8", "::1/128"), listen(t), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-let
	}))
	defer slow.Close()
	s.make(quick.URL, hook.AdviceReceived)
	s.makeFor("b", quick.URL, hook.AdviceReceived)
	s.now.Add(1)
	for range 3 { // newer than the others
		s.makeFor("a", slow.URL, hook.AdviceReceived)
	}
	s.post("e1", hook.AdviceReceived)
	s.post("e2", hook.AdviceReceived)
	done := make(chan error)
	go func() { done <- s.Deliver(t.Context()) }()
	for quick.count() < 4 {
		select {
		case err := <-done:
			t.Fatalf("the round is over, and others have heard %d of 4: %v", quick.count(), err)
		case <-time.After(time.Millisecond):
		}
	}
	close(let)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestTurns: a round ends although more is due, and whose turn did not come has the first
// of the next: no address of a program is told at the cost of its others.
func TestTurns(t *testing.T) {
	s := newSenderWith(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}, hook.Config{Round: 100 * time.Millisecond}, "127.0.0.0/8", "::1/128")
	var mu sync.Mutex
	var heard []string
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		time.Sleep(110 * time.Millisecond) // to beyond the end of its round
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, r.URL.Path)
	}))
	defer slow.Close()
	s.makeFor("a", slow.URL+"/1", hook.AdviceReceived)
	s.makeFor("a", slow.URL+"/2", hook.AdviceReceived)
	s.post("e1", hook.AdviceReceived)
	s.post("e2", hook.AdviceReceived)
	for range 100 {
		before := len(heard)
		s.deliver()
		if len(heard) > before+1 {
			t.Fatalf("a round that was over went on: %v", heard)
		}
		if len(heard) == 4 {
			break
		}
	}
	if want := []string{"/1", "/2", "/1", "/2"}; !slices.Equal(heard, want) {
		t.Errorf("%v, want %v", heard, want)
	}
}

// TestTriedOnce: of test messages to an address one is due at a time, however it came to be.
func TestTriedOnce(t *testing.T) {
	s, l := newSender(t, "127.0.0.0/8", "::1/128"), listen(t)
	h, other := s.make(l.URL, hook.AdviceReceived), s.make(l.URL, hook.AdviceReceived)
	try := func(h hook.Hook, id string) error {
		return s.st.Write(t.Context(), s.clock(), func(tx *store.Tx) error { return hook.Try(tx, h.ID, ident.RecordID(id)) })
	}
	for i, want := range []error{try(h, "1"), try(other, "2")} {
		if want != nil {
			t.Error(i, want)
		}
	}
	if err := try(h, "3"); !fault.Is(err, "web.hook_tried") {
		t.Error(err)
	}
	s.deliver()
	if err := try(h, "4"); err != nil {
		t.Error(err)
	}
	if err := s.Again(t.Context(), h.ID, 1); !fault.Is(err, "web.hook_tried") {
		t.Error(err)
	}
	s.deliver()
	if err := s.Again(t.Context(), h.ID, 1); err != nil {
		t.Error(err)
	}
}

// TestAgainWhileDue: what failed and waits is sent at once for whoever has mended his server,
// once a minute, and its tries go on being counted.
func TestAgainWhileDue(t *testing.T) {
	s, l := newSender(t, "127.0.0.0/8", "::1/128"), listen(t)
	h := s.make(l.URL, hook.AdviceReceived)
	s.write(func(tx *store.Tx) error { return hook.Try(tx, h.ID, "1") })
	again := func() error { return s.Again(t.Context(), h.ID, 1) }
	if err := again(); !fault.Is(err, "web.delivery_none") {
		t.Error("before its first try:", err)
	}
	l.status.Store(http.StatusInternalServerError)
	s.deliver()
	if err := again(); !fault.Is(err, "web.delivery_none") {
		t.Error("right after it failed:", err)
	}
	s.now.Add(60) // and it fails once more, after which it would wait five
	s.deliver()
	s.now.Add(60)
	l.status.Store(http.StatusNoContent)
	s.deliver()
	if d := s.of(h)[0]; d.State != "due" || d.Tries != 2 {
		t.Fatalf("%+v", d)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
	s.deliver()
	if d := s.of(h)[0]; d.State != "delivered" || d.Tries != 3 {
		t.Errorf("%+v", d)
	}
}

// TestFailures: why a try failed is said in words of ours beside those of the computer.
func TestFailures(t *testing.T) {
	s, l := newSender(t, "127.0.0.0/8", "::1/128"), listen(t)
	l.status.Store(http.StatusTeapot)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct {
		url  string
		want hook.Failure
	}{
		{"http://10.1.2.3/", hook.Closed}, {l.URL, hook.Answered}, {gone.URL, hook.Unreached}, {secure.URL, hook.Untrusted},
	} {
		h := s.make(tt.url, hook.AdviceReceived)
		s.post(tt.url, hook.AdviceReceived)
		s.deliver()
		if d := s.of(h)[0]; d.Failure != tt.want || d.Error == "" {
			t.Errorf("%s: %q, want %q (%s)", tt.url, d.Failure, tt.want, d.Error)
		}
	}
}

func TestWords(t *testing.T) {
	if found, err := lang.Compare(hook.Text()); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}

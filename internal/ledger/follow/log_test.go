package follow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

// grown is a node whose followed log has a size.
func grown(t *testing.T, size int) *node {
	t.Helper()
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, false)
	grow(n.other, size)
	n.publish(t)
	return n
}

func grow(l *verifytest.Log, size int) {
	for len(l.Leaves) < size {
		l.Append(fmt.Appendf(nil, "SYNTHETIC entry %d", len(l.Leaves)))
	}
}

func (n *node) followed(t *testing.T, run int64) []string {
	t.Helper()
	return n.dump(t, run)
}

// TestFollowOverHTTP and again when the log has grown; an unchanged log costs no
// entries.
func TestFollowOverHTTP(t *testing.T) {
	n := grown(t, 600)
	s := httptest.NewServer(tiles.Handler(n.dir))
	defer s.Close()
	src, err := tiles.OpenURL(s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := n.follow(t, nil, counts{1, nil})
	feed := follow.Feed{Source: src, Policy: n.feed.Policy}
	read := []int64{}
	for _, size := range []int{600, 600, 1025} {
		grow(n.other, size)
		n.publish(t)
		pass, err := f.Log(t.Context(), feed)
		if err != nil {
			t.Fatal(err)
		}
		if pass.Size != int64(size) || pass.Origin != n.other.Origin || pass.Time.Unix() != verifytest.Start || pass.Behind != 0 {
			t.Errorf("%+v", pass)
		}
		read = append(read, pass.Read)
	}
	if diff := cmp.Diff([]int64{600, 0, 425}, read); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want(map[string][][]byte{n.other.Origin: n.other.Leaves}, nil), n.followed(t, 1)); diff != "" {
		t.Error(diff)
	}
}

// TestForkStopsFollowing: of a log that contradicts what was followed nothing is
// applied, whatever its size, and the evidence is kept.
func TestForkStopsFollowing(t *testing.T) {
	for _, size := range []int{500, 600, 900} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			n := grown(t, 600)
			f := n.follow(t, nil, counts{1, nil})
			if _, err := f.Log(t.Context(), n.feed); err != nil {
				t.Fatal(err)
			}
			before := n.followed(t, 1)
			other := verifytest.New().Logs[0]
			grow(other, 400)
			other.Append([]byte("SYNTHETIC another past"))
			grow(other, size)
			fork := t.TempDir()
			if size < 600 { // the fork's checkpoint beside the tree that was followed
				n.publish(t)
				fork = n.dir
				ledgertest.Put(t, fork, "checkpoint", []byte(other.Checkpoint(int64(size), verifytest.Start)))
			} else {
				ledgertest.Publish(t, fork, other, int64(size), verifytest.Start)
			}
			for range 2 { // the second time it is the same evidence
				_, err := f.Log(t.Context(), follow.Feed{Source: tiles.OpenFolder(fork), Policy: n.feed.Policy})
				got := wantFault(t, err, "ledger.log_forked")
				root := func(l *verifytest.Log, size int64) string {
					c, err := policy.ParseCheckpoint(l.Checkpoint(size, verifytest.Start))
					if err != nil {
						t.Fatal(err)
					}
					return c.Root.String()
				}
				must := map[string]any{"origin": n.other.Origin, "known_size": int64(600), "known_root": root(n.other, 600),
					"found_size": int64(size), "found_root": root(other, int64(size))}
				if diff := cmp.Diff(must, got.Args); diff != "" {
					t.Error(diff)
				}
			}
			if diff := cmp.Diff(before, n.followed(t, 1)); diff != "" {
				t.Errorf("a forked log changed the view: %s", diff)
			}
			forks, err := f.Forks(t.Context())
			if err != nil || len(forks) != 1 {
				t.Fatal(forks, err)
			}
			for _, text := range []string{forks[0].Known, forks[0].Found} {
				c, err := policy.ParseCheckpoint(text)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := n.feed.Policy.Check(c); err != nil {
					t.Errorf("evidence that proves nothing: %v", err)
				}
			}
			if forks[0].Known == forks[0].Found || forks[0].Origin != n.other.Origin {
				t.Error("evidence against nobody")
			}
		})
	}
}

// TestBehind: an older stick is no fault, changes nothing, and is told as what it
// is.
func TestBehind(t *testing.T) {
	n := grown(t, 700)
	f := n.follow(t, nil, counts{1, nil})
	if _, err := f.Log(t.Context(), n.feed); err != nil {
		t.Fatal(err)
	}
	before := n.followed(t, 1)
	old := t.TempDir()
	ledgertest.Publish(t, old, n.other, 300, verifytest.Start-100)
	for name, dir := range map[string]string{"its files end there": old, "an older checkpoint beside the whole tree": n.dir} {
		ledgertest.Put(t, dir, "checkpoint", []byte(n.other.Checkpoint(300, verifytest.Start-100)))
		pass, err := f.Log(t.Context(), follow.Feed{Source: tiles.OpenFolder(dir), Policy: n.feed.Policy})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		must := &follow.Pass{Origin: n.other.Origin, Size: 300, Time: time.Unix(verifytest.Start-100, 0).UTC(), Behind: 400}
		if diff := cmp.Diff(must, pass); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(before, n.followed(t, 1)); diff != "" {
		t.Error(diff)
	}
	n.publish(t)
	if pass, err := f.Log(t.Context(), n.feed); err != nil || pass.Behind != 0 || pass.Read != 0 {
		t.Errorf("%+v, %v", pass, err)
	}
}

// TestDamageStopsAtIt: what is before a damaged bundle is applied, nothing after;
// when it is whole again the rest follows.
func TestDamageStopsAtIt(t *testing.T) {
	n := grown(t, 3000)
	f := n.follow(t, nil, counts{1, nil})
	name := filepath.Join(n.dir, "tile", "entries", "007")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append([]byte{whole[0], whole[1], whole[2] ^ 1}, whole[3:]...), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = f.Log(t.Context(), n.feed)
	if got := wantFault(t, err, "ledger.source_damaged"); got.Args["file"] != name {
		t.Errorf("blames %v", got.Args["file"])
	}
	rows := n.followed(t, 1)
	kept := len(n.other.Leaves[:0])
	for size := range 3001 {
		if cmp.Equal(want(map[string][][]byte{n.other.Origin: n.other.Leaves[:size]}, nil), rows) {
			kept = size
		}
	}
	if kept == 0 || kept%256 != 0 || kept > 7*256 {
		t.Errorf("the view holds %d entries", kept)
	}
	if err := os.WriteFile(name, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	pass, err := f.Log(t.Context(), n.feed)
	if err != nil || pass.Read != int64(3000-kept) {
		t.Fatalf("%+v, %v", pass, err)
	}
	if diff := cmp.Diff(want(map[string][][]byte{n.other.Origin: n.other.Leaves}, nil), n.followed(t, 1)); diff != "" {
		t.Error(diff)
	}
}

// TestUntrustedIsNotFollowed: a log that its witnesses have not cosigned, and this
// node's own.
func TestUntrustedIsNotFollowed(t *testing.T) {
	n := grown(t, 20)
	f := n.follow(t, nil, counts{1, nil})
	ledgertest.Publish(t, n.dir, n.other, 20, verifytest.Start, "gov1", "gov2", "ind1")
	_, err := f.Log(t.Context(), n.feed)
	wantFault(t, err, "ledger.source_untrusted")
	own := verifytest.New().Logs[1]
	dir := t.TempDir()
	grow(own, 20)
	ledgertest.Publish(t, dir, own, 20, verifytest.Start)
	pol, err := policy.Parse(n.world.Policy(own))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Log(t.Context(), follow.Feed{Source: tiles.OpenFolder(dir), Policy: pol})
	wantFault(t, err, "ledger.follows_itself")
	if rows := n.followed(t, 1); len(rows) != 0 {
		t.Error(rows)
	}
}

// TestRun: own entries are in the view soon, another log too, and one that does
// not answer is asked again and shown as what it is.
func TestRun(t *testing.T) {
	n := grown(t, 20)
	var down atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		tiles.Handler(n.dir).ServeHTTP(w, r)
	}))
	defer s.Close()
	src, err := tiles.OpenURL(s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	feeds := []follow.Feed{{Source: src, Policy: n.feed.Policy}}
	f := n.follow(t, feeds, counts{1, nil})
	if s := f.Feeds(); len(s) != 1 || s[0].Origin != n.other.Origin || s[0].Source != src.Name() || s[0].Last != nil {
		t.Errorf("%+v", s)
	}
	run, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Run(run, 10*time.Millisecond)
	}()
	wait := func(what string, done func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: never", what)
			}
		}
	}
	e := n.ruleSet(t, 1)
	must := func(size int) func() bool {
		return func() bool {
			return cmp.Equal(want(map[string][][]byte{n.w.Origin: {e.Signed}, n.other.Origin: n.other.Leaves[:size]}, nil), n.followed(t, 1))
		}
	}
	wait("own entry and other log", must(20))
	wait("a pass that succeeded", func() bool { s := f.Feeds()[0]; return s.Last != nil && s.Last.Size == 20 && s.Fault == nil })
	down.Store(true)
	wait("the fault", func() bool {
		s := f.Feeds()[0]
		return fault.Is(s.Fault, "ledger.source_unreachable") && s.Retry.After(s.At) && s.Last != nil && s.Last.Size == 20
	})
	grow(n.other, 40)
	n.publish(t)
	down.Store(false)
	wait("what came after", must(40))
	stop()
	<-ended
}

// TestRetries: a log that cannot be read is asked after 1, 2, 4 seconds and so on
// up to poll, and not before its server says.
func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var asked []string
		begin := time.Now()
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			since := time.Since(begin)
			asked = append(asked, fmt.Sprint(since.Seconds()))
			if since < 36*time.Second {
				return nil, errors.New("no network")
			}
			return &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {"60"}}, Body: http.NoBody}, nil
		})}
		src, err := tiles.OpenURL("http://ae.kp.example/", client)
		if err != nil {
			t.Fatal(err)
		}
		world := verifytest.New()
		pol, err := policy.Parse(world.Policy(world.Logs[0]))
		if err != nil {
			t.Fatal(err)
		}
		f := follow.NewForTest([]follow.Feed{{Source: src, Policy: pol}}, time.Now)
		run, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f.RunFeed(run, 0, 10*time.Second)
		}()
		time.Sleep(156 * time.Second)
		stop()
		<-ended
		mu.Lock()
		defer mu.Unlock()
		if got := strings.Join(asked, " "); got != "0 1 3 7 15 25 35 45 105" {
			t.Error(got)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(q *http.Request) (*http.Response, error) { return r(q) }

// TestForkBehindTheBack: while one process proves a log that it does not know
// yet, another follows another version of it. One of the two is found out.
func TestForkBehindTheBack(t *testing.T) {
	n := grown(t, 300)
	other := verifytest.New().Logs[0]
	other.Append([]byte("SYNTHETIC another past"))
	grow(other, 400)
	fork := t.TempDir()
	ledgertest.Publish(t, fork, other, 400, verifytest.Start)
	first, second := n.follow(t, nil, counts{1, nil}), n.follow(t, nil, counts{1, nil})
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/tile/") {
			once.Do(func() {
				if _, err := second.Log(context.Background(), n.feed); err != nil {
					t.Error(err)
				}
			})
		}
		tiles.Handler(fork).ServeHTTP(w, r)
	}))
	defer s.Close()
	src, err := tiles.OpenURL(s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = first.Log(t.Context(), follow.Feed{Source: src, Policy: n.feed.Policy})
	wantFault(t, err, "ledger.log_forked")
	if diff := cmp.Diff(want(map[string][][]byte{n.other.Origin: n.other.Leaves}, nil), n.followed(t, 1)); diff != "" {
		t.Error(diff)
	}
}

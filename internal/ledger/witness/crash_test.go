package witness

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// kills is how often TestKilledUnderLoad kills the witness: 20, or as many as
// ADAMAS_WITNESS_KILLS says (the soak gives 200).
func kills(t *testing.T) int {
	given := os.Getenv("ADAMAS_WITNESS_KILLS")
	if given == "" {
		return 20
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// cosigned is one 200 a client of the witness has in its hands.
type cosigned struct {
	size int64
	root tlog.Hash
	at   int64
}

// rival is a client that shows the witness its own continuation of a log, as
// fast as it is answered. Of two rivals one becomes the log's history; the
// other goes on trying to have its fork cosigned.
type rival struct {
	*tree
	label    string
	url      string
	verifier note.Verifier
	got      []cosigned
	statuses map[int]int
	fault    error
}

// run sends until the witness is gone, and tells of the first cosignature.
func (r *rival) run(ctx context.Context, tb testing.TB, first func()) {
	old := r.n
	for {
		r.grow(r.label, 1+rand.IntN(3))
		size := r.n
		a, err := postTo(ctx, r.url, r.request(tb, old, size))
		if err != nil {
			return
		}
		r.statuses[a.status]++
		switch a.status {
		case 200:
			if r.fault = r.keep(tb, size, a.body); r.fault != nil {
				return
			}
			first()
			old = size
		case 409:
			known, err := parseSize(strings.TrimSuffix(a.body, "\n"))
			if err != nil {
				r.fault = fmt.Errorf("409 with %q", a.body)
				return
			}
			old = known
			if old > r.n {
				r.grow(r.label, int(old-r.n))
			}
		case 422: // the other rival's history has been cosigned
		default:
			r.fault = fmt.Errorf("status %d: %s", a.status, a.body)
			return
		}
	}
}

// keep verifies a cosignature as torchwood does and remembers what it says.
func (r *rival) keep(tb testing.TB, size int64, line string) error {
	n, err := note.Open(append(r.checkpoint(tb, size), line...), note.VerifierList(r.verifier))
	if err != nil {
		return err
	}
	at, err := torchwood.CosignatureTimestamp(n.Sigs[0])
	if err != nil {
		return err
	}
	r.got = append(r.got, cosigned{size: size, root: r.root(size), at: at})
	return nil
}

// TestKilledUnderLoad kills a witness process again and again while two rivals
// have it cosign as fast as it can. After every start, what it serves is one of
// the two histories, and every cosignature anybody was ever given stands in it:
// no size above, no other root, no later time. (SIGKILL leaves the kernel's
// page cache in place: this proves the order of the writes, and
// TestPersistedBeforeSigned that of disk and signature; neither is a power cut.)
func TestKilledUnderLoad(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	c := childConfig{Dir: t.TempDir(), Name: testWitness, Seed: witnessSeed, Logs: []Log{key.log()}}
	rivals := [2]*rival{{tree: newTree(key, 0)}, {tree: newTree(key, 0)}}
	var all []cosigned
	statuses := make(map[int]int)

	for round := range kills(t) + 1 {
		ch := startChild(t, c)
		current := servedHistory(t, ch, rivals, all)
		verifier, err := torchwood.NewCosignatureVerifier(ch.vkey)
		if err != nil {
			t.Fatal(err)
		}
		begun, ended := make(chan struct{}), make(chan struct{})
		first := sync.OnceFunc(func() { close(begun) })
		var group sync.WaitGroup
		for i := range rivals {
			rivals[i] = &rival{
				tree: current.fork(), label: fmt.Sprintf("SYNTHETIC round %d rival %d", round, i),
				url: ch.url, verifier: verifier, statuses: statuses,
			}
			if i == 1 {
				rivals[i].statuses = make(map[int]int)
			}
			group.Go(func() { rivals[i].run(t.Context(), t, first) })
		}
		go func() {
			group.Wait()
			close(ended)
		}()
		select {
		case <-begun:
			time.Sleep(time.Duration(rand.IntN(30_000)) * time.Microsecond)
		case <-ended: // by a fault, reported below
		}
		ch.kill()
		<-ended
		for i, r := range rivals {
			if r.fault != nil {
				t.Fatalf("round %d, rival %d: %v", round, i, r.fault)
			}
			all = append(all, r.got...)
		}
		for status, count := range rivals[1].statuses {
			statuses[status] += count
		}
	}
	ch := startChild(t, c)
	final := servedHistory(t, ch, rivals, all)
	t.Logf("%d kills, %d entries, %d cosignatures, answers %v", kills(t), final.n, len(all), statuses)
	if len(all) < kills(t) || statuses[422] == 0 {
		t.Errorf("too little happened to prove anything: %d cosignatures, answers %v", len(all), statuses)
	}
}

// servedHistory is the history the witness serves after a start, after holding
// every cosignature of the past against it.
func servedHistory(t *testing.T, ch *child, rivals [2]*rival, all []cosigned) *tree {
	t.Helper()
	a, err := getFrom(t.Context(), ch.url+"/"+OriginHash(testOrigin)+"/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	if a.status == 404 && len(all) == 0 {
		return newTree(rivals[0].key, 0)
	}
	n, err := note.Open([]byte(a.body), note.VerifierList(rivals[0].key, mustCosignatureVerifier(t, ch.vkey)))
	if err != nil || len(n.Sigs) != 2 {
		t.Fatalf("status %d: %v in %q", a.status, err, a.body)
	}
	served, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil {
		t.Fatal(err)
	}
	at, err := torchwood.CosignatureTimestamp(n.Sigs[1])
	if err != nil {
		t.Fatal(err)
	}
	var history *tree
	for _, r := range rivals {
		if r.n >= served.N && r.root(served.N) == served.Hash {
			history = &tree{key: r.key, hashes: r.hashes[:tlog.StoredHashCount(served.N)], n: served.N}
			history = history.fork()
			break
		}
	}
	if history == nil {
		t.Fatalf("the witness serves what nobody sent:\n%s", n.Text)
	}
	for _, c := range all {
		if c.size > served.N || history.root(c.size) != c.root || c.at > at {
			t.Fatalf("cosigned for %d at %d, served %d at %d: shrunk, forked or back in time", c.size, c.at, served.N, at)
		}
	}
	return history
}

func mustCosignatureVerifier(tb testing.TB, vkey string) note.Verifier {
	tb.Helper()
	v, err := torchwood.NewCosignatureVerifier(vkey)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

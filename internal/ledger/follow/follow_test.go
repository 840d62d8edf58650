package follow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/verifytest"
)

// ctx gives a test's context; rapid's T has one too.
func ctx(t ledgertest.Failer) context.Context {
	if c, ok := t.(interface{ Context() context.Context }); ok {
		return c.Context()
	}
	return context.Background()
}

const sequences = 20

// TestRebuildGivesTheSameTables does random things in random order: own
// statements, the other log growing, disclosures early, late and in parts, passes
// over both, followers that fail half-way, stops and starts, rebuilds that are cut
// off. In the end the views hold what they must, and hold it again after they
// were made anew.
func TestRebuildGivesTheSameTables(t *testing.T) {
	engines(t, func(t *testing.T, sc func(*testing.T) store.Config) {
		n := newNode(t, sc(t), false)
		vault := map[canonical.Hash]*bundle.Bundle{}
		own := [][]byte{}
		var hidden, ahead []*bundle.Bundle // foreign certificates, to be disclosed or not; those not logged yet
		runs := int64(0)
		rapid.Check(t, func(rt *rapid.T) {
			// The record of the node grows from one sequence to the next, so a hundred
			// of them would take minutes.
			if runs++; runs > sequences {
				return
			}
			run, fuse := runs, new(int)
			feeds := []follow.Feed{n.feed}
			start := func() *follow.Followers { return n.follow(rt, feeds, counts{run, fuse}, facts{run, fuse}) }
			f := start()
			tolerate := func(err error) {
				if err != nil && !errors.Is(err, errFuse) {
					rt.Fatal(err)
				}
			}
			rt.Repeat(map[string]func(*rapid.T){
				"own statement": func(rt *rapid.T) {
					own = append(own, n.ruleSet(rt, rapid.IntRange(0, 3).Draw(rt, "subject")).Signed)
				},
				"own certificate": func(rt *rapid.T) {
					e, b := n.certificate(rt)
					own, vault[e.ID] = append(own, e.Signed), b
				},
				"other log grows": func(rt *rapid.T) {
					o := n.world.Offices["AE/dubai"]
					for range rapid.IntRange(1, 5).Draw(rt, "entries") {
						switch kind := rapid.IntRange(0, 3).Draw(rt, "kind"); {
						case kind == 0:
							n.other.Append([]byte("SYNTHETIC no statement"))
						case kind == 1 && len(ahead) > 0:
							n.other.Append(ahead[0].Statement)
							ahead = ahead[1:]
						default: // sent ahead, logged now or later
							b := o.Sign(o.Draft("CF", verifytest.Start))
							hidden = append(hidden, b)
							if kind == 2 {
								ahead = append(ahead, b)
							} else {
								n.other.Append(b.Statement)
							}
						}
					}
					n.publish(rt)
				},
				"disclosure": func(rt *rapid.T) {
					if len(hidden) == 0 {
						rt.Skip("nothing to disclose")
					}
					b := hidden[rapid.IntRange(0, len(hidden)-1).Draw(rt, "which")]
					id := payloadOf(rt, b.Statement)
					if rapid.Bool().Draw(rt, "in part") && vault[id] == nil {
						part, err := b.Disclosure.Select(func(label uint64) bool { return label%2 == 0 })
						if err != nil {
							rt.Fatal(err)
						}
						b = &bundle.Bundle{Version: 1, Statement: b.Statement, Disclosure: part, Approvals: b.Approvals}
					}
					n.keep(rt, b)
					vault[id] = b
				},
				"follow own": func(rt *rapid.T) { tolerate(f.Own(ctx(rt))) },
				"follow the other": func(rt *rapid.T) {
					_, err := f.Log(ctx(rt), n.feed)
					tolerate(err)
				},
				"mistake ahead": func(rt *rapid.T) { *fuse = rapid.IntRange(1, 40).Draw(rt, "applied") },
				"rebuild": func(rt *rapid.T) {
					tolerate(f.Rebuild(ctx(rt), rapid.SampledFrom([]string{counts{run: run}.Name(), facts{run: run}.Name()}).Draw(rt, "who")))
				},
				"start again": func(rt *rapid.T) {
					if rapid.IntRange(0, 7).Draw(rt, "the whole node") == 0 {
						n.reopen()
					}
					f = start()
				},
			})
			*fuse = 0
			if err := f.Own(ctx(rt)); err != nil {
				rt.Fatal(err)
			}
			if _, err := f.Log(ctx(rt), n.feed); err != nil {
				rt.Fatal(err)
			}
			must := want(map[string][][]byte{n.w.Origin: own, n.other.Origin: n.other.Leaves}, vault)
			if diff := cmp.Diff(must, n.dump(rt, run)); diff != "" {
				rt.Fatalf("followed live (-want +got):\n%s", diff)
			}
			for _, name := range []string{counts{run: run}.Name(), facts{run: run}.Name()} {
				if err := f.Rebuild(ctx(rt), name); err != nil {
					rt.Fatal(err)
				}
			}
			if diff := cmp.Diff(must, n.dump(rt, run)); diff != "" {
				rt.Fatalf("made anew (-want +got):\n%s", diff)
			}
		})
	})
}

// TestOwnEntriesAtOnce: what is signed is in the views before it is in any log,
// and its state is asked for, not stored.
func TestOwnEntriesAtOnce(t *testing.T) {
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, true)
	seen := &states{}
	f := n.follow(t, nil, seen)
	e := n.ruleSet(t, 1)
	if err := f.Own(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(seen.all) != 1 || !seen.all[0].Own || seen.all[0].Hash != e.Hash || seen.all[0].Origin != n.w.Origin {
		t.Fatalf("%+v", seen.all)
	}
	if _, err := n.Await(t.Context(), e.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	if err := f.Own(t.Context()); err != nil || len(seen.all) != 1 {
		t.Fatal("told again of a state, which pages ask for", err)
	}
	err := n.Store().Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		state, index, err := ledger.StateOf(tx, e.Hash)
		if err != nil || state != ledger.Witnessed || index != 0 {
			t.Errorf("state %s at %d, %v", state, index, err)
		}
		state, index, err = ledger.StateOf(tx, canonical.Sum([]byte("another's")))
		if err != nil || state != 0 || index != -1 {
			t.Errorf("another's statement: state %d at %d, %v", state, index, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// states remembers what it was told, outside the transaction: only a test may.
type states struct{ all []follow.Followed }

func (*states) Name() string          { return "view.states" }
func (*states) Reset(*store.Tx) error { return nil }
func (s *states) Apply(_ *store.Tx, e follow.Followed) error {
	s.all = append(s.all, e)
	return nil
}

// TestOneFailsTheOthersGoOn, in own entries and in a log.
func TestOneFailsTheOthersGoOn(t *testing.T) {
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, false)
	fuse := 3
	f := n.follow(t, []follow.Feed{n.feed}, counts{1, &fuse}, counts{2, nil})
	for subject := range 5 {
		n.ruleSet(t, subject)
	}
	err := f.Own(t.Context())
	if !errors.Is(err, errFuse) || !strings.Contains(err.Error(), "view.counts.r1") {
		t.Fatalf("error %v, want one that names the follower", err)
	}
	_, err = f.Log(t.Context(), n.feed) // the fuse has burnt: both go on
	if err != nil {
		t.Fatal(err)
	}
	standing, err := f.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(n.other.Leaves))
	must := []follow.Standing{
		{Follower: "view.counts.r1", Next: 0, Of: 5}, {Follower: "view.counts.r1", Origin: n.other.Origin, Next: size, Of: size},
		{Follower: "view.counts.r2", Next: 5, Of: 5}, {Follower: "view.counts.r2", Origin: n.other.Origin, Next: size, Of: size},
	}
	if diff := cmp.Diff(must, standing); diff != "" {
		t.Error(diff)
	}
	if err := f.Own(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(strings.Join(n.dump(t, 1), "\n"), "r1", ""), strings.ReplaceAll(strings.Join(n.dump(t, 2), "\n"), "r2", "")); diff != "" {
		t.Error(diff)
	}
}

// TestRebuildCutOff: a rebuild that ends between emptying and the end leaves a
// view that the next pass completes, in this process or another.
func TestRebuildCutOff(t *testing.T) {
	engines(t, func(t *testing.T, sc func(*testing.T) store.Config) {
		n := newNode(t, sc(t), false)
		for len(n.other.Leaves) < 700 {
			n.other.Append(fmt.Appendf(nil, "SYNTHETIC entry %d", len(n.other.Leaves)))
		}
		n.publish(t)
		fuse := new(int)
		feeds := []follow.Feed{n.feed}
		f := n.follow(t, feeds, counts{1, fuse}, counts{2, nil})
		if _, err := f.Log(t.Context(), n.feed); err != nil {
			t.Fatal(err)
		}
		before := n.dump(t, 1)
		*fuse = 400
		if err := f.Rebuild(t.Context(), "view.counts.r1"); !errors.Is(err, errFuse) {
			t.Fatal(err)
		}
		n.reopen()
		f = n.follow(t, feeds, counts{1, nil}, counts{2, nil})
		standing, err := f.Standing(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s := standing[1]; s.Next != 256 || s.Of != 700 {
			t.Fatalf("%+v: one whole batch should stand, and no more", s)
		}
		pass, err := f.Log(t.Context(), n.feed)
		if err != nil || pass.Read != 700-256 {
			t.Fatalf("%+v, %v", pass, err)
		}
		if diff := cmp.Diff(before, n.dump(t, 1)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestRebuildWhileFollowing: passes that were under way when a view was emptied
// add nothing to it twice.
func TestRebuildWhileFollowing(t *testing.T) {
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, false)
	for len(n.other.Leaves) < 1200 {
		n.other.Append(fmt.Appendf(nil, "SYNTHETIC entry %d", len(n.other.Leaves)))
	}
	n.publish(t)
	feeds := []follow.Feed{n.feed}
	var f *follow.Followers
	rebuilt := make(chan error, 1)
	var once atomic.Bool
	slow := hook{counts{1, nil}, func(e follow.Followed) {
		if e.Index == 600 && once.CompareAndSwap(false, true) {
			go func() { rebuilt <- f.Rebuild(context.Background(), "view.counts.r1") }()
			time.Sleep(20 * time.Millisecond) // most likely the rebuild waits now
		}
	}}
	f = n.follow(t, feeds, slow)
	if _, err := f.Log(t.Context(), n.feed); err != nil {
		t.Fatal(err)
	}
	if err := <-rebuilt; err != nil {
		t.Fatal(err)
	}
	if _, err := f.Log(t.Context(), n.feed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want(map[string][][]byte{n.other.Origin: n.other.Leaves}, nil), n.dump(t, 1)); diff != "" {
		t.Error(diff)
	}
}

type hook struct {
	counts
	do func(follow.Followed)
}

func (h hook) Apply(tx *store.Tx, e follow.Followed) error {
	h.do(e)
	return h.counts.Apply(tx, e)
}

// TestTwoProcesses follow into one database: every entry is applied once.
func TestTwoProcesses(t *testing.T) {
	engines(t, func(t *testing.T, sc func(*testing.T) store.Config) {
		n := newNode(t, sc(t), false)
		for len(n.other.Leaves) < 900 {
			n.other.Append(fmt.Appendf(nil, "SYNTHETIC entry %d", len(n.other.Leaves)))
		}
		n.publish(t)
		var own [][]byte
		for subject := range 20 {
			own = append(own, n.ruleSet(t, subject%3).Signed)
		}
		done := make(chan error)
		for range 3 {
			f := n.follow(t, []follow.Feed{n.feed}, counts{1, nil})
			go func() {
				_, err := f.Log(context.Background(), n.feed)
				done <- errors.Join(err, f.Own(context.Background()))
			}()
		}
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		f := n.follow(t, nil, counts{1, nil})
		if _, err := f.Log(t.Context(), n.feed); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want(map[string][][]byte{n.w.Origin: own, n.other.Origin: n.other.Leaves}, nil), n.dump(t, 1)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, false)
	for name, c := range map[string]follow.Config{
		"two of one name": {Followers: []follow.Follower{counts{1, nil}, counts{1, nil}}},
		"no name":         {Followers: []follow.Follower{hidden{}}},
		"two of one log":  {Feeds: []follow.Feed{n.feed, n.feed}},
	} {
		c.Ledger = n.Ledger
		if _, err := follow.New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	f := n.follow(t, nil)
	if err := f.Rebuild(t.Context(), "view.nobody"); err == nil {
		t.Error("rebuilt nobody")
	}
}

type hidden struct{ counts }

func (hidden) Name() string { return "Not a name" }

func wantFault(t *testing.T, err error, key string) *fault.Fault {
	t.Helper()
	f, ok := fault.Of(err)
	if !ok || f.Key != key {
		t.Fatalf("error %v, want the fault %s", err, key)
	}
	return f
}

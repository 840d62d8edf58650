package follow_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// appoint records in the node's own log what the authority of CF has said in the
// world's: its account, its keys and ranges.
func (n *node) appoint(t *testing.T) {
	t.Helper()
	authority := ledgertest.Signer{Signer: n.world.Authority["CF"]}
	for _, leaf := range n.world.Logs[1].Leaves {
		st, err := statement.Parse(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Record(t.Context(), authority, st.Header, st.Body, ledger.Logged); err != nil {
			t.Fatal(err)
		}
	}
}

// roots is the world's root document with the node's own log in the place of
// CF's.
func (n *node) roots() [][]byte {
	r := *n.world.Root
	r.Logs = slices.Clone(r.Logs)
	r.Logs[1] = trust.Log{Origin: n.w.Origin, Policy: n.w.Policy()}
	return [][]byte{n.world.SignRoot(&r)}
}

// TestPack: what a node packs of its own log and of another's, a verifier reads,
// and finds in it what it was made of.
func TestPack(t *testing.T) {
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, true)
	f := n.follow(t, []follow.Feed{n.feed}, counts{1, nil})
	if _, err := f.MakePack(t.Context(), bangui, "CF/bangui", time.Unix(verifytest.Start, 0), n.roots(), n.feed.Source); !fault.Is(err, "ledger.not_witnessed") {
		t.Fatal(err)
	}
	n.appoint(t)
	e, b := n.certificate(t)
	if _, err := n.Await(t.Context(), e.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	// A snapshot that a crash left unsigned is signed before the next.
	err := n.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) error {
		_, err := n.Intend(tx, bangui.Key(), statement.Header{Issuer: "CF/bangui", IssuedAt: verifytest.Start, Subject: follow.SnapshotSubject, Synthetic: true},
			&statement.Snapshot{Logs: []statement.Vector{{Origin: "x", Root: e.Hash}}, Digest: e.Hash})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		raw, err := f.MakePack(t.Context(), bangui, "CF/bangui", time.Unix(verifytest.Start+60, 0), n.roots(), n.feed.Source)
		if err != nil {
			t.Fatal(err)
		}
		p, err := pack.Parse(raw, canonical.Hash{})
		if err != nil {
			t.Fatal(err)
		}
		if l := p.Log(n.other.Origin); l == nil || l.Size() != uint64(len(n.other.Leaves)) {
			t.Errorf("the other log: %+v", l)
		}
		own := p.Log(n.w.Origin)
		if own == nil {
			t.Fatal("the own log is missing")
		}
		if leaf, ok := own.Leaf(uint64(6)); !ok || leaf != canonical.Hash(tlog.RecordHash(b.Statement)) {
			t.Error("the certificate is not at its place")
		}
		if p.Snapshot.IssuedAt != verifytest.Start+60 || !p.Snapshot.Synthetic {
			t.Errorf("%+v", p.Snapshot.Header)
		}
		// The snapshot itself is recorded.
		if e, err := n.Entry(t.Context(), p.Snapshot.Hash); err != nil || e.State() < ledger.Signed {
			t.Error(e, err)
		}
	}
	left, err := n.Unsigned(t.Context())
	if err != nil || len(left) != 0 {
		t.Errorf("left unsigned: %v, %v", left, err)
	}
}

func TestPackRefusals(t *testing.T) {
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, true)
	n.appoint(t)
	e := n.ruleSet(t, 1)
	if _, err := n.Await(t.Context(), e.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	f := n.follow(t, nil, counts{1, nil})
	grow(n.other, 40)
	n.publish(t)
	if _, err := f.Log(t.Context(), n.feed); err != nil {
		t.Fatal(err)
	}
	at, roots := time.Unix(verifytest.Start, 0), n.roots()
	old, fork, stray := t.TempDir(), t.TempDir(), t.TempDir()
	ledgertest.Publish(t, old, n.other, 20, verifytest.Start)
	another := verifytest.New().Logs[0]
	another.Append([]byte("SYNTHETIC another past"))
	grow(another, 50)
	ledgertest.Publish(t, fork, another, 50, verifytest.Start)
	ledgertest.Put(t, stray, "checkpoint", []byte("hotel"))
	unnamed := *n.world.Root
	unnamed.Logs, unnamed.Participants = []trust.Log{{Origin: n.w.Origin, Policy: n.w.Policy()}}, nil
	for _, tt := range []struct {
		name, key string
		signer    ledgertest.Signer
		roots     [][]byte
		dir       string
	}{
		{"no root", "ledger.roots_refused", bangui, nil, n.dir},
		{"behind", "ledger.source_behind", bangui, roots, old},
		{"forked", "ledger.log_forked", bangui, roots, fork},
		{"no log", "ledger.no_log_here", bangui, roots, stray},
		{"not in the root", "ledger.log_not_in_root", bangui, [][]byte{n.world.SignRoot(&unnamed)}, n.dir},
		{"a key that nobody has recorded", "ledger.pack_refused", ledgertest.Signer{Signer: verifytest.NewSigner("nobody")}, roots, n.dir},
		{"own log twice", "ledger.follows_itself", bangui, roots, n.lc.Dir},
	} {
		if _, err := f.MakePack(t.Context(), tt.signer, "CF/bangui", at, tt.roots, tiles.OpenFolder(tt.dir)); !fault.Is(err, tt.key) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestServedMirroredFollowed takes a real log through everything: a node serves
// it, a mirror copies it, Tessera's own fsck finds nothing wrong with the copy,
// and another node follows the copy.
func TestServedMirroredFollowed(t *testing.T) {
	n := newNode(t, store.Config{Path: t.TempDir() + "/adamas.db"}, true)
	to := t.TempDir()
	server := httptest.NewServer(tiles.Handler(n.lc.Dir))
	defer server.Close()
	src, err := tiles.OpenURL(server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	pol, err := policy.Parse(n.w.Policy())
	if err != nil {
		t.Fatal(err)
	}
	var own [][]byte
	for _, size := range []int{1, 30, 300} {
		var last *ledger.Entry
		for len(own) < size {
			last = n.ruleSet(t, len(own)%5)
			own = append(own, last.Signed)
		}
		if _, err := n.Await(t.Context(), last.ID, ledger.Witnessed); err != nil {
			t.Fatal(err)
		}
		got, err := tiles.Mirror(t.Context(), src, to, pol, nil)
		if err != nil || got.Size != int64(size) || len(got.Missing) != 0 {
			t.Fatal(got, err)
		}
		check(t, to, n.w.LogVKey().String())
	}
	other := ledgertest.New(t, "ae.kp.example/2026")
	l, done := other.OpenWith(ledger.Config{}, other.LogConfig(), store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}, views)
	defer done()
	second := &node{Ledger: l}
	f := second.follow(t, nil, counts{1, nil})
	if _, err := f.Log(t.Context(), follow.Feed{Source: tiles.OpenFolder(to), Policy: pol}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want(map[string][][]byte{n.w.Origin: own}, nil), second.dump(t, 1)); diff != "" {
		t.Error(diff)
	}
}

// check runs Tessera's fsck, which hangs on damage.
func check(t *testing.T, dir, vkey string) {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	hasher := func(raw []byte) (out [][]byte, err error) {
		var b api.EntryBundle
		if err := b.UnmarshalText(raw); err != nil {
			return nil, err
		}
		for _, e := range b.Entries {
			h := tlog.RecordHash(e)
			out = append(out, h[:])
		}
		return out, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	end := make(chan error, 1)
	go func() {
		end <- fsck.New(v.Name(), v, client.FileFetcher{Root: dir}, hasher, fsck.Opts{N: 2}).Check(ctx)
	}()
	select {
	case err := <-end:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("fsck hangs: the copy is damaged")
	}
}

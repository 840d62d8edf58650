package witness

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// branch is one of the histories a lying log shows: a tree and, leaf by leaf,
// what went into it.
type branch struct {
	*tree
	leaves []string
}

func (b *branch) add(label string) {
	b.grow(label, 1)
	b.leaves = append(b.leaves, label)
}

// at is the branch cut back to a size.
func (b *branch) at(size int64) *branch {
	return &branch{
		tree:   &tree{key: b.key, hashes: slices.Clone(b.hashes[:tlog.StoredHashCount(size)]), n: size},
		leaves: slices.Clone(b.leaves[:size]),
	}
}

// attempt is a request and all the model needs to judge it.
type attempt struct {
	old, size int64
	leaves    []string // history up to size
	proof     bool     // the proof is the right one from old to size
	empty     bool     // the proof has no lines
	body      string
}

// machine drives one witness and a model of it that knows histories as lists
// of leaves, and nothing of hashes, files or proofs.
type machine struct {
	tb       testing.TB
	dir      string
	key      *logSigner
	clock    *handClock
	witness  *Witness
	verifier note.Verifier
	branches []*branch
	sent     []attempt
	labels   int

	leaves   []string // the history cosigned last
	cosigned bool
	last     int64               // time of the last cosignature
	roots    map[int64]tlog.Hash // every cosigned size, and its one root
	largest  int64               // largest size ever cosigned
	answers  map[int]int         // how often each status was given
}

// judge is the whole of tlog-witness in terms of histories.
func (m *machine) judge(a attempt) int {
	stored := int64(len(m.leaves))
	switch {
	case a.old > a.size:
		return http.StatusBadRequest
	case a.old != stored:
		return http.StatusConflict
	case a.old == 0 && !a.empty:
		return http.StatusUnprocessableEntity
	case a.old > 0 && (!a.proof || !slices.Equal(a.leaves[:stored], m.leaves)):
		return http.StatusUnprocessableEntity
	case m.clock.now().Unix() < m.last:
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

func (m *machine) send(t *rapid.T, a attempt) {
	want := m.judge(a)
	rec := post(m.witness, a.body)
	if rec.Code != want {
		t.Fatalf("status %d, want %d, for old %d size %d, stored %d: %s", rec.Code, want, a.old, a.size, len(m.leaves), rec.Body)
	}
	m.answers[want]++
	if want == http.StatusConflict && rec.Body.String() != fmt.Sprintf("%d\n", len(m.leaves)) {
		t.Fatalf("409 says %q, stored %d", rec.Body, len(m.leaves))
	}
	if want != http.StatusOK {
		return
	}
	m.leaves, m.cosigned, m.last = a.leaves, true, m.clock.now().Unix()
	_, signed, _ := strings.Cut(a.body, "\n\n")
	m.record(t, signed+rec.Body.String())
}

// record holds the invariants over everything that was ever cosigned.
func (m *machine) record(t *rapid.T, cosigned string) {
	n, err := note.Open([]byte(cosigned), note.VerifierList(m.verifier))
	if err != nil {
		t.Fatalf("the answer does not verify: %v", err)
	}
	checkpoint, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil {
		t.Fatal(err)
	}
	at, err := torchwood.CosignatureTimestamp(n.Sigs[0])
	if err != nil || at != m.last {
		t.Fatalf("cosigned for %d, the clock shows %d (%v)", at, m.last, err)
	}
	if root, seen := m.roots[checkpoint.N]; seen && root != checkpoint.Hash {
		t.Fatalf("two roots of size %d cosigned", checkpoint.N)
	}
	if checkpoint.N < m.largest {
		t.Fatalf("size %d cosigned after %d", checkpoint.N, m.largest)
	}
	m.roots[checkpoint.N], m.largest = checkpoint.Hash, checkpoint.N
}

// check compares what the witness serves with the model.
func (m *machine) check(t *rapid.T) {
	rec := get(m.witness, "/"+OriginHash(testOrigin)+"/checkpoint")
	if !m.cosigned {
		if rec.Code != http.StatusNotFound {
			t.Fatalf("serves %d before the first cosignature", rec.Code)
		}
		return
	}
	n, err := note.Open(rec.Body.Bytes(), note.VerifierList(m.key, m.verifier))
	if err != nil || len(n.Sigs) != 2 {
		t.Fatalf("served checkpoint does not verify: %v", err)
	}
	if want := fmt.Sprintf("%s\n%d\n%s\n", testOrigin, len(m.leaves), m.roots[int64(len(m.leaves))]); n.Text != want {
		t.Fatalf("serves\n%s, want\n%s", n.Text, want)
	}
	if at, err := torchwood.CosignatureTimestamp(n.Sigs[1]); err != nil || at != m.last {
		t.Fatalf("served for %d, cosigned at %d (%v)", at, m.last, err)
	}
}

func (m *machine) restart(t *rapid.T) {
	if m.witness != nil {
		if err := m.witness.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w, err := New(testConfig(m.dir, m.clock, m.key))
	if err != nil {
		t.Fatal(err)
	}
	m.witness = w
}

func (m *machine) drawBranch(t *rapid.T) *branch {
	return m.branches[rapid.IntRange(0, len(m.branches)-1).Draw(t, "branch")]
}

// submit draws a request: of any branch, for any of its sizes, mostly from the
// stored size, mostly with the right proof.
func (m *machine) submit(t *rapid.T) {
	b := m.drawBranch(t)
	a := attempt{size: rapid.Int64Range(0, b.n).Draw(t, "size"), old: int64(len(m.leaves)), proof: true}
	if rapid.IntRange(0, 4).Draw(t, "old from elsewhere") == 0 {
		a.old = rapid.Int64Range(0, b.n+2).Draw(t, "old")
	}
	lines := b.proof(a.old, a.size)
	if rapid.IntRange(0, 9).Draw(t, "spoil the proof") == 0 {
		lines, a.proof = append(slices.Clone(lines), otherHash), false
	}
	a.empty = len(lines) == 0
	a.leaves = slices.Clone(b.leaves[:a.size])
	a.body = body(a.old, lines, b.checkpoint(m.tb, a.size))
	m.sent = append(m.sent, a)
	m.send(t, a)
}

func (m *machine) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"": m.check,
		"grow": func(t *rapid.T) {
			b := m.drawBranch(t)
			for range rapid.IntRange(1, 6).Draw(t, "leaves") {
				b.add(fmt.Sprint("SYNTHETIC ", m.labels))
				m.labels++
			}
		},
		"fork": func(t *rapid.T) {
			b := m.drawBranch(t)
			twin := b.at(rapid.Int64Range(0, b.n).Draw(t, "at"))
			twin.add(fmt.Sprint("SYNTHETIC fork ", m.labels))
			m.labels++
			m.branches = append(m.branches, twin)
		},
		"submit":  m.submit,
		"submit2": m.submit, // rapid draws actions evenly; requests matter most
		"submit3": m.submit,
		"replay": func(t *rapid.T) {
			if len(m.sent) == 0 {
				t.Skip("nothing sent yet")
			}
			m.send(t, m.sent[rapid.IntRange(0, len(m.sent)-1).Draw(t, "request")])
		},
		"restart":    m.restart,
		"clock on":   func(t *rapid.T) { m.clock.move(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second) },
		"clock back": func(t *rapid.T) { m.clock.move(-time.Duration(rapid.IntRange(1, 20).Draw(t, "seconds")) * time.Second) },
	}
}

// TestModel: whatever a log sends, in whatever order, over restarts and clocks
// that jump: no two roots of one size, no shrinking, and every answer the one
// the model gives.
func TestModel(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	answers := make(map[int]int)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "witness-model-")
		if err != nil {
			rt.Fatal(err)
		}
		m := &machine{
			tb: t, dir: dir, key: key, clock: newHandClock(),
			branches: []*branch{{tree: newTree(key, 0)}}, roots: make(map[int64]tlog.Hash), answers: answers,
		}
		defer func() {
			if err := m.witness.Close(); err != nil {
				t.Error(err)
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		}()
		m.restart(rt)
		if m.verifier, err = torchwood.NewCosignatureVerifier(m.witness.VKey()); err != nil {
			rt.Fatal(err)
		}
		rt.Repeat(m.actions())
	})
	t.Logf("answers by status: %v", answers)
}

package ledger_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// testContext gives a test's context; not every T has one.
func testContext(t ledgertest.Failer) context.Context {
	if c, ok := t.(interface{ Context() context.Context }); ok {
		return c.Context()
	}
	return context.Background()
}

// quiet opens a ledger whose log publishes nothing, on either engine.
func quiet(t *testing.T, test func(t *testing.T, l *ledger.Ledger)) {
	for name, config := range map[string]func() store.Config{
		"SQLite":     func() store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func() store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			w := ledgertest.New(t, "cf.kp.example/2026")
			lc := w.LogConfig()
			lc.Interval = time.Hour
			l, done := w.OpenWith(ledger.Config{}, lc, config())
			t.Cleanup(done)
			test(t, l)
		})
	}
}

func intend(t *testing.T, l *ledger.Ledger, key statement.Key, h statement.Header, b statement.Body) (in *ledger.Intent, err error) {
	t.Helper()
	err = l.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
		in, err = l.Intend(tx, key, h, b)
		return err
	})
	return in, err
}

// TestChain: what an office says of one subject is a chain with one next place.
func TestChain(t *testing.T) {
	quiet(t, func(t *testing.T, l *ledger.Ledger) {
		h, b := ruleSet(1)
		first, err := l.Record(t.Context(), office, h, b, ledger.Signed)
		if err != nil {
			t.Fatal(err)
		}
		second, err := l.Record(t.Context(), office, h, b, ledger.Signed)
		if err != nil {
			t.Fatal(err)
		}
		other := h
		other.Issuer = "CF/berberati"
		elsewhere, err := l.Record(t.Context(), office, other, b, ledger.Signed)
		if err != nil {
			t.Fatal(err)
		}
		for e, want := range map[*ledger.Entry]canonical.Hash{first: {}, second: first.Hash, elsewhere: {}} {
			st, err := statement.Parse(e.Signed)
			if err != nil || st.Prev != want {
				t.Errorf("prev %s, want %s (%v)", st.Prev, want, err)
			}
		}
		// The place after first is taken, by whatever statement.
		again := h
		again.Prev = first.Hash
		again.IssuedAt++
		if _, err := intend(t, l, office.Key(), again, b); !fault.Is(err, "ledger.chain_taken") {
			t.Errorf("a second statement in one place: %v", err)
		}
		again.IssuedAt--
		if _, err := intend(t, l, office.Key(), again, b); !fault.Is(err, "ledger.chain_taken") {
			t.Errorf("the same statement again: %v", err)
		}
		// And the next place is not known before the last is signed.
		if _, err := intend(t, l, office.Key(), h, b); err != nil {
			t.Fatal(err)
		}
		_, err = intend(t, l, office.Key(), h, b)
		if f, ok := fault.Of(err); !ok || f.Key != "ledger.previous_unsigned" || f.Args["subject"] != h.Subject || f.Args["issuer"] != h.Issuer {
			t.Errorf("after an unsigned one: %v", err)
		}
	})
}

// TestOneOfManyClerks: many state the next thing on one subject at once; each
// place is taken once, and who came late is told so.
func TestOneOfManyClerks(t *testing.T) {
	quiet(t, func(t *testing.T, l *ledger.Ledger) {
		const clerks = 12
		var taken, late atomic.Int64
		var all sync.WaitGroup
		for clerk := range clerks {
			all.Go(func() {
				h, b := ruleSet(1)
				h.IssuedAt += int64(clerk)
				_, err := l.Record(t.Context(), office, h, b, ledger.Signed)
				switch {
				case err == nil:
					taken.Add(1)
				case fault.Is(err, "ledger.previous_unsigned"), fault.Is(err, "ledger.chain_taken"), fault.Is(err, "store.contended"):
					late.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if taken.Load() == 0 || taken.Load()+late.Load() != clerks {
			t.Errorf("%d taken, %d late", taken.Load(), late.Load())
		}
		var chain []*ledger.Entry
		err := l.Store().Read(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
			chain, err = ledger.Since(tx, 1, 100)
			return err
		})
		if err != nil || int64(len(chain)) != taken.Load() {
			t.Fatalf("%d entries, %v", len(chain), err)
		}
		var prev canonical.Hash
		for _, e := range chain {
			st, err := statement.Parse(e.Signed)
			if err != nil || st.Prev != prev {
				t.Fatalf("prev %s, want %s (%v)", st.Prev, prev, err)
			}
			prev = e.Hash
		}
	})
}

// hsm signs with ES256, whose signatures of the same bytes differ, as a device of
// an office does.
type hsm struct {
	key    *ecdsa.PrivateKey
	public statement.Key
	asked  *atomic.Int64
	lie    func(*statement.Unsigned) *statement.Unsigned
}

func newHSM(t *testing.T) hsm {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := statement.NewKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return hsm{key: key, public: public, asked: new(atomic.Int64)}
}

func (h hsm) Key() statement.Key { return h.public }

func (h hsm) Sign(_ context.Context, u *statement.Unsigned) ([]byte, error) {
	h.asked.Add(1)
	if h.lie != nil {
		u = h.lie(u)
	}
	digest := sha256.Sum256(u.Message())
	r, s, err := ecdsa.Sign(rand.Reader, h.key, digest[:])
	if err != nil {
		return nil, err
	}
	sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return u.Finish(statement.LowS(sig))
}

// TestSignedOnce: many sign the same intention at the same moment with a key that
// never signs twice alike. One signature is kept, and only that one leaves.
func TestSignedOnce(t *testing.T) {
	const clerks = 8
	w := ledgertest.New(t, "cf.kp.example/2026")
	var ready sync.WaitGroup
	ready.Add(clerks)
	point := func(name string) {
		if name == "sign.signed" { // all have signed before one is stored
			ready.Done()
			ready.Wait()
		}
	}
	l, done := w.OpenWith(ledger.Config{Point: point}, w.LogConfig(), store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")})
	defer done()
	device := newHSM(t)
	h, b := ruleSet(1)
	in, err := intend(t, l, device.Key(), h, b)
	if err != nil {
		t.Fatal(err)
	}
	signed := make([]canonical.Hash, clerks)
	var all sync.WaitGroup
	for i := range clerks {
		all.Go(func() {
			e, err := l.Sign(t.Context(), in.ID, device)
			if err != nil {
				t.Error(err)
				return
			}
			signed[i] = e.Hash
		})
	}
	all.Wait()
	for _, s := range signed {
		if s != signed[0] {
			t.Fatal("two signatures of one statement left")
		}
	}
	if n := device.asked.Load(); n != clerks {
		t.Fatalf("asked %d times: the test tests nothing", n)
	}
	e, err := l.Await(t.Context(), in.ID, ledger.Witnessed)
	if err != nil {
		t.Fatal(err)
	}
	leaves, err := l.Log().Leaves(t.Context(), 0, 1)
	if err != nil || canonical.Sum(leaves[0]) != signed[0] || e.Hash != signed[0] {
		t.Errorf("the log holds another signature: %v", err)
	}
	// Later it is not even asked.
	again, err := l.Sign(t.Context(), in.ID, device)
	if err != nil || again.Hash != signed[0] || device.asked.Load() != clerks {
		t.Errorf("signed again: %v, asked %d times", err, device.asked.Load())
	}
	if size, err := l.Log().Size(t.Context()); err != nil || size != 1 {
		t.Errorf("%d entries in the log, %v", size, err)
	}
}

// TestSignersThatFail: nothing that a signer gives comes into the database unless
// it is that statement by that key.
func TestSignersThatFail(t *testing.T) {
	quiet(t, func(t *testing.T, l *ledger.Ledger) {
		device, stranger := newHSM(t), newHSM(t)
		h, b := ruleSet(1)
		in, err := intend(t, l, device.Key(), h, b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Sign(t.Context(), in.ID, stranger); !fault.Is(err, "ledger.other_key") {
			t.Errorf("another key: %v", err)
		}
		liar := device
		liar.lie = func(u *statement.Unsigned) *statement.Unsigned {
			h.Subject = "rule-set/other"
			p, err := statement.Payload(withType(h, b), b)
			if err != nil {
				t.Fatal(err)
			}
			out, err := statement.Unsign(u.Algorithm(), u.KeyID(), statement.ContentStatement, p, false)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if e, err := l.Sign(t.Context(), in.ID, liar); err == nil {
			t.Errorf("it signed something else: %+v", e)
		}
		forger := stranger
		forger.public = device.public // its signature is false
		if e, err := l.Sign(t.Context(), in.ID, forger); err == nil {
			t.Errorf("a false signature: %+v", e)
		}
		if _, err := l.Sign(t.Context(), in.ID, broken{device}); !fault.Is(err, "ledger.not_signed") {
			t.Errorf("a device that does not answer: %v", err)
		}
		if _, err := l.Sign(t.Context(), canonical.Sum([]byte("nothing")), device); !fault.Is(err, "ledger.unknown_entry") {
			t.Errorf("nothing to sign: %v", err)
		}
		left, err := l.Unsigned(t.Context())
		if err != nil || len(left) != 1 || left[0].ID != in.ID {
			t.Fatalf("%v, %v", left, err)
		}
		if e, err := l.Sign(t.Context(), in.ID, device); err != nil || e.State() < ledger.Signed {
			t.Errorf("afterwards the right one: %v", err)
		}
	})
}

func withType(h statement.Header, b statement.Body) statement.Header {
	h.Type = b.Type()
	return h
}

type broken struct{ hsm }

func (broken) Sign(context.Context, *statement.Unsigned) ([]byte, error) {
	return nil, errors.New("the device was pulled out")
}

// TestAwaitGivesUp: who cannot wait any longer is told how far the statement has
// come, and it goes on without him.
func TestAwaitGivesUp(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	l := w.Open("node")
	for _, x := range w.Witnesses {
		if x.Label == "civ1" || x.Label == "civ2" {
			x.Stop()
		}
	}
	h, b := ruleSet(1)
	e, err := l.Record(t.Context(), office, h, b, ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	got, err := l.Await(ended, e.ID, ledger.Witnessed)
	if !errors.Is(err, context.Canceled) || got == nil || got.State() != ledger.Logged || got.ID != e.ID {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := l.Await(t.Context(), e.ID, ledger.Signed); err != nil || got.State() < ledger.Signed {
		t.Errorf("waiting for what is past: %v", err)
	}
	if _, err := l.Await(t.Context(), canonical.Sum([]byte("nothing")), ledger.Signed); !fault.Is(err, "ledger.unknown_entry") {
		t.Errorf("waiting for nothing: %v", err)
	}
	for _, x := range w.Witnesses {
		if x.Label == "civ2" {
			w.Start(x)
		}
	}
	if got, err = l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil || got.State() != ledger.Witnessed {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestPillarGone: while all witnesses of one pillar are away, statements come into
// the log and no further; when one of them is back, they are witnessed.
func TestPillarGone(t *testing.T) {
	for _, pillar := range []string{"gov", "ind", "civ"} {
		t.Run(pillar, func(t *testing.T) {
			t.Parallel()
			w := ledgertest.New(t, "cf.kp.example/2026")
			l := w.Open("node")
			h, b := ruleSet(0)
			before, err := l.Record(t.Context(), office, h, b, ledger.Witnessed)
			if err != nil {
				t.Fatal(err)
			}
			var away []*ledgertest.Witness
			for _, x := range w.Witnesses {
				if x.Label[:3] == pillar {
					x.Stop()
					away = append(away, x)
				}
			}
			h, b = ruleSet(1)
			e, err := l.Record(t.Context(), office, h, b, ledger.Logged)
			if err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond) // some rounds of publishing
			defer cancel()
			if got, err := l.Await(soon, e.ID, ledger.Witnessed); !errors.Is(err, context.DeadlineExceeded) || got.State() != ledger.Logged {
				t.Fatalf("without %s: %+v, %v", pillar, got, err)
			}
			c, _ := l.Latest()
			if c.Checkpoint.Size != before.Index+1 {
				t.Errorf("published %d entries without %s", c.Checkpoint.Size, pillar)
			}
			health, err := l.Health(t.Context())
			if err != nil || health.Logged != 1 || health.Witnessed != 1 || health.Size != 2 || health.Prepared != 0 || health.Signed != 0 {
				t.Errorf("health %+v, %v", health, err)
			}
			w.Start(away[1]) // one of the two is enough
			if got, err := l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil || got.State() != ledger.Witnessed {
				t.Fatalf("%+v, %v", got, err)
			}
		})
	}
}

// TestHealth counts what waits at each step.
func TestHealth(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	point := func(name string) {
		if name == "append.added" {
			once.Do(func() { close(held) })
			<-release
		}
	}
	l, done := w.OpenWith(ledger.Config{Point: point}, w.LogConfig(), store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")})
	defer done()
	numbers := func() [5]int64 {
		t.Helper()
		h, err := l.Health(t.Context())
		if err != nil || h.Hold != "" || h.Fault != nil {
			t.Fatalf("%+v, %v", h, err)
		}
		return [5]int64{h.Prepared, h.Signed, h.Logged, h.Size, h.Witnessed}
	}
	if diff := cmp.Diff([5]int64{}, numbers()); diff != "" {
		t.Error(diff)
	}
	for n := range 2 {
		h, b := ruleSet(n)
		if _, err := intend(t, l, office.Key(), h, b); err != nil {
			t.Fatal(err)
		}
	}
	h, b := ruleSet(7)
	e, err := l.Record(t.Context(), office, h, b, ledger.Signed)
	if err != nil {
		t.Fatal(err)
	}
	<-held // it is in the files, and the database does not know where
	if got := numbers(); got[0] != 2 || got[1] != 1 || got[2] != 0 || got[3] != 1 {
		t.Errorf("%v", got)
	}
	close(release)
	if _, err := l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([5]int64{2, 0, 0, 1, 1}, numbers()); diff != "" {
		t.Error(diff)
	}
	health, err := l.Health(t.Context())
	if err != nil || health.Time.IsZero() || len(health.Witnesses) < 3 {
		t.Errorf("%+v, %v", health, err)
	}
	for label, at := range health.Witnesses {
		if at.Before(health.Time) && len(health.Witnesses) == 3 {
			t.Errorf("%s cosigned at %s, before the oldest time of the quorum %s", label, at, health.Time)
		}
	}
}

// TestCutOffAnywhere ends the goroutine at each point of the order of acts, as a
// crash would the process, and opens the ledger again: whatever was signed comes
// to its place in the log, once, and what was not signed can be.
func TestCutOffAnywhere(t *testing.T) {
	for _, at := range []string{"intend.stored", "sign.before", "sign.signed", "sign.stored", "append.added", "append.stored", "publish.seen", "publish.stored"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w := ledgertest.New(t, "cf.kp.example/2026")
			sc := store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")}
			l, done := w.OpenWith(ledger.Config{}, w.LogConfig(), sc)
			h, b := ruleSet(0)
			if _, err := l.Record(t.Context(), office, h, b, ledger.Witnessed); err != nil {
				t.Fatal(err)
			}
			done()
			reached := make(chan struct{})
			var armed atomic.Bool
			point := func(name string) {
				if name == at && armed.CompareAndSwap(true, false) {
					close(reached)
					runtime.Goexit()
				}
			}
			l, done = w.OpenWith(ledger.Config{Point: point}, w.LogConfig(), sc)
			armed.Store(true)
			h, b = ruleSet(1)
			clerk := make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				defer close(clerk)
				l.Record(ctx, office, h, b, ledger.Witnessed)
			}()
			<-reached
			cancel()
			<-clerk
			done()
			l, done = w.OpenWith(ledger.Config{}, w.LogConfig(), sc)
			defer done()
			left, err := l.Unsigned(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range left {
				if _, err := l.Sign(t.Context(), e.ID, office); err != nil {
					t.Fatal(err)
				}
			}
			payload, err := statement.Payload(withType(h, b), b)
			if err != nil {
				t.Fatal(err)
			}
			e, err := l.Await(t.Context(), canonical.Sum(payload), ledger.Witnessed)
			if err != nil {
				t.Fatal(err)
			}
			size, err := l.Log().Size(t.Context())
			if err != nil || size != 2 || e.Index != 1 {
				t.Errorf("%d entries in the log, ours at %d (%v)", size, e.Index, err)
			}
			leaves, err := l.Log().Leaves(t.Context(), 1, 2)
			if err != nil || canonical.Sum(leaves[0]) != e.Hash {
				t.Errorf("the log holds another leaf: %v", err)
			}
		})
	}
}

// TestWitnessedMeansStored: the checkpoint over an entry is read before the
// entry's index is stored, so it is the appending goroutine that marks it. Who
// waits is not told before that: what it reads then says witnessed, and has a
// proof.
func TestWitnessedMeansStored(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	var mu sync.Mutex
	var read, stored chan struct{} // of this round; nil: no round
	point := func(name string) {
		mu.Lock()
		r, s := read, stored
		mu.Unlock()
		switch {
		case r == nil:
		case name == "append.added":
			<-r
		case name == "append.stored":
			close(s)
		case name == "publish.stored":
			select {
			case <-r: // a later checkpoint
			default:
				close(r)
				<-s
			}
		}
	}
	l, done := w.OpenWith(ledger.Config{Point: point}, w.LogConfig(), store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")})
	defer done()
	for n := range 6 {
		mu.Lock()
		read, stored = make(chan struct{}), make(chan struct{})
		mu.Unlock()
		h, b := ruleSet(n)
		e, err := l.Record(t.Context(), office, h, b, ledger.Witnessed)
		mu.Lock()
		read = nil
		mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		if e.State() != ledger.Witnessed {
			t.Fatalf("round %d: told it is witnessed, and reads %s", n, e.State())
		}
		if _, err := l.Proof(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBodyKeptApart: a dossier too large for a statement is stored, named by a
// statement, and read again through it.
func TestBodyKeptApart(t *testing.T) {
	quiet(t, func(t *testing.T, l *ledger.Ledger) {
		dossier := bytes.Repeat([]byte("SYNTHETIC dossier. "), 5000)
		blobs := tiles.OpenBlobs(t.TempDir())
		blob, err := blobs.Put(t.Context(), bytes.NewReader(dossier), "text/plain", tiles.MaxBlob)
		if err != nil {
			t.Fatal(err)
		}
		h := statement.Header{Type: statement.TypeDossier, Issuer: "CF/bangui", IssuedAt: verifytest.Start, Subject: "dossier/1", Synthetic: true}
		for _, broken := range []statement.Blob{{}, {Hash: blob.Hash, Size: blob.Size}} {
			err := l.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) error {
				_, err := l.IntendBlob(tx, office.Key(), h, broken)
				return err
			})
			if !fault.Is(err, "ledger.statement") {
				t.Errorf("%+v: %v", broken, err)
			}
		}
		var in *ledger.Intent
		err = l.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
			in, err = l.IntendBlob(tx, office.Key(), h, blob)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		e, err := l.Sign(t.Context(), in.ID, office)
		if err != nil {
			t.Fatal(err)
		}
		st, err := statement.Parse(e.Signed)
		if err != nil || st.Blob == nil || *st.Blob != blob || st.Type != statement.TypeDossier {
			t.Fatalf("%+v, %v", st, err)
		}
		r, err := blobs.Get(t.Context(), *st.Blob)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, dossier) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

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
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

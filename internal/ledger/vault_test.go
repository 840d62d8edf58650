package ledger_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

func keep(t ledgertest.Failer, s *store.Store, b *bundle.Bundle) error {
	return s.Write(testContext(t), time.Now(), func(tx *store.Tx) error { return ledger.Keep(tx, b.Statement, b.Disclosure, b.Approvals) })
}

// look gives what is kept for a hash, and the number of the vault's last change.
func look(t ledgertest.Failer, s *store.Store, h canonical.Hash) (k *ledger.Kept, number int64) {
	t.Helper()
	err := s.Read(testContext(t), time.Now(), func(tx *store.Tx) (err error) {
		if _, number, err = ledger.Numbers(tx); err != nil {
			return err
		}
		k, err = ledger.FromVault(tx, h)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return k, number
}

// TestVaultOnlyWidens keeps random parts of a certificate's facts in random order:
// what is kept shows all that was ever shown, and followers hear of a change
// exactly when there is one.
func TestVaultOnlyWidens(t *testing.T) {
	ledgertest.Databases(t, func(t *testing.T, s *store.Store) {
		o := verifytest.New().Offices["AE/dubai"]
		rapid.Check(t, func(rt *rapid.T) {
			b := o.Sign(o.Draft("CF", verifytest.Start))
			st, err := statement.Parse(b.Statement)
			if err != nil {
				rt.Fatal(err)
			}
			root := st.Body.(*statement.Certificate).Facts
			shown, whole, approved := map[uint64]bool{}, false, false
			for range rapid.IntRange(1, 6).Draw(rt, "bundles") {
				part := &bundle.Bundle{Version: 1, Statement: b.Statement}
				changes := false
				switch rapid.IntRange(0, 3).Draw(rt, "kind") {
				case 0:
					part.Disclosure = b.Disclosure
					changes, whole = !whole, true
				case 1:
					part.Approvals = b.Approvals
					changes, approved = !approved, true
				default:
					labels := rapid.SliceOf(rapid.Uint64Range(1, 12)).Draw(rt, "labels")
					if part.Disclosure, err = b.Disclosure.Select(func(l uint64) bool { return slices.Contains(labels, l) }); err != nil {
						rt.Fatal(err)
					}
					before, _ := look(rt, s, st.Hash)
					changes = !whole && (before == nil || before.Disclosure == nil)
					for _, f := range b.Disclosure.Facts {
						if slices.Contains(labels, f.Label) && !shown[f.Label] {
							shown[f.Label], changes = true, !whole
						}
					}
				}
				_, before := look(rt, s, st.Hash)
				if err := keep(rt, s, part); err != nil {
					rt.Fatal(err)
				}
				k, after := look(rt, s, st.Hash)
				if k == nil || (after > before) != changes {
					rt.Fatalf("change %d to %d, want one: %v", before, after, changes)
				}
				if !bytes.Equal(k.Statement, b.Statement) || (k.Approvals != nil) != approved {
					rt.Fatal("another statement, or approvals lost")
				}
				var got, want []uint64
				if k.Disclosure != nil {
					open, err := k.Disclosure.Open(root)
					if err != nil {
						rt.Fatal(err)
					}
					for _, f := range open {
						got = append(got, f.Label)
					}
				}
				for _, f := range b.Disclosure.Facts {
					if whole || shown[f.Label] {
						want = append(want, f.Label)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatal(diff)
				}
			}
			byPayload, _ := look(rt, s, canonical.Sum(st.Signed.Payload))
			if byPayload == nil {
				rt.Fatal("not found by its payload")
			}
		})
	})
}

func TestVaultRefusals(t *testing.T) {
	ledgertest.Databases(t, func(t *testing.T, s *store.Store) {
		w := verifytest.New()
		o := w.Offices["AE/dubai"]
		b, other := o.Sign(o.Draft("CF", verifytest.Start)), o.Sign(o.Draft("CF", verifytest.Start))
		forged := &commitment.Disclosure{Seed: b.Disclosure.Seed, Facts: slices.Clone(b.Disclosure.Facts)}
		carats, err := commitment.NewFact(forged.Facts[0].Label, uint64(999999))
		if err != nil {
			t.Fatal(err)
		}
		forged.Facts[0] = carats
		header := statement.Header{Issuer: "AE/dubai", IssuedAt: verifytest.Start, Subject: "rule-set/kpcs", Synthetic: true}
		plain := o.Signer.Statement(header, &statement.RuleSet{Set: "kpcs", Version: "1", Content: canonical.Sum([]byte("x")), From: 20000})
		for name, tt := range map[string]struct {
			b   bundle.Bundle
			key string
		}{
			"another's facts":     {bundle.Bundle{Statement: b.Statement, Disclosure: other.Disclosure}, "ledger.disclosure_differs"},
			"a forged weight":     {bundle.Bundle{Statement: b.Statement, Disclosure: forged}, "ledger.disclosure_differs"},
			"another's approvals": {bundle.Bundle{Statement: b.Statement, Approvals: other.Approvals}, "ledger.approvals_differ"},
			"swapped approvals":   {bundle.Bundle{Statement: b.Statement, Approvals: [][]byte{b.Approvals[1], b.Approvals[0]}}, "ledger.approvals_differ"},
			"one approval":        {bundle.Bundle{Statement: b.Statement, Approvals: b.Approvals[:1]}, "ledger.approvals_differ"},
			"no commitment":       {bundle.Bundle{Statement: plain, Disclosure: b.Disclosure}, "ledger.nothing_to_open"},
			"no statement":        {bundle.Bundle{Statement: []byte("SYNTHETIC"), Disclosure: b.Disclosure}, "ledger.statement_unreadable"},
		} {
			if err := keep(t, s, &tt.b); !fault.Is(err, tt.key) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Nothing to keep is nothing kept.
		if err := keep(t, s, &bundle.Bundle{Statement: plain}); err != nil {
			t.Error(err)
		}
		if k, number := look(t, s, canonical.Sum(b.Statement)); k != nil || number != 0 {
			t.Errorf("kept: %+v, %d changes", k, number)
		}
	})
}

// TestBundleOnItsWay follows an own certificate from before its signature to the
// file that a stranger can check.
func TestBundleOnItsWay(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	l := w.Open("node")
	o := verifytest.New().Offices["CF/bangui"]
	d := o.Draft("AE", verifytest.Start)
	made := o.Sign(d)
	var in *ledger.Intent
	err := l.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
		if in, err = l.Intend(tx, office.Key(), d.Header, &d.Body); err != nil {
			return err
		}
		return ledger.KeepIntended(tx, in, made.Disclosure, made.Approvals)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Bundle(t.Context(), in.ID); !fault.Is(err, "ledger.not_yet_signed") {
		t.Errorf("before the signature: %v", err)
	}
	if k, _ := look(t, l.Store(), in.ID); k == nil || k.Statement != nil || k.Disclosure == nil {
		t.Errorf("the facts are not safe before the signature: %+v", k)
	}
	e, err := l.Sign(t.Context(), in.ID, office)
	if err != nil {
		t.Fatal(err)
	}
	// The same facts again, as they would come back in the file, change nothing.
	_, before := look(t, l.Store(), e.Hash)
	if err := keep(t, l.Store(), &bundle.Bundle{Statement: e.Signed, Disclosure: made.Disclosure, Approvals: made.Approvals}); err != nil {
		t.Fatal(err)
	}
	if _, after := look(t, l.Store(), e.Hash); after != before {
		t.Error("keeping the same again is a change")
	}
	if e, err = l.Await(t.Context(), in.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	for _, h := range []canonical.Hash{e.Hash, in.ID} {
		b, err := l.Bundle(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		file, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := bundle.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&bundle.Bundle{Version: 1, Statement: e.Signed, Disclosure: made.Disclosure, Approvals: made.Approvals, Proof: b.Proof}, got); diff != "" {
			t.Error(diff)
		}
		p, err := proof.Parse(got.Proof.String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Log().Policy().Check(p.Checkpoint); err != nil {
			t.Error(err)
		}
		if err := p.CheckPath(proof.LeafHash(got.Statement)); err != nil {
			t.Error(err)
		}
	}
}

func TestBundleWithoutEverything(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	lc := w.LogConfig()
	lc.Interval = time.Hour // nothing is published
	l, done := w.OpenWith(ledger.Config{}, lc, store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")})
	defer done()
	h, body := ruleSet(1)
	e, err := l.Record(t.Context(), office, h, body, ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Bundle(t.Context(), e.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&bundle.Bundle{Version: 1, Statement: e.Signed}, b); diff != "" {
		t.Errorf("an entry without facts, before witnesses: %s", diff)
	}
	o := verifytest.New().Offices["AE/dubai"]
	foreign := o.Sign(o.Draft("CF", verifytest.Start))
	if err := keep(t, l.Store(), foreign); err != nil {
		t.Fatal(err)
	}
	b, err = l.Bundle(t.Context(), canonical.Sum(foreign.Statement))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(foreign, b); diff != "" {
		t.Errorf("another's, from the vault: %s", diff)
	}
	if _, err := l.Bundle(t.Context(), canonical.Sum([]byte("nobody's"))); !fault.Is(err, "ledger.unknown_entry") {
		t.Error(err)
	}
}

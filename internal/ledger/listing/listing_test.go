package listing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/listing"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TestList holds every listing of a register against the same made by hand.
func TestList(t *testing.T) {
	ledgertest.Databases(t, func(t *testing.T, s *store.Store) {
		all := fill(t, s)
		read := func(l listing.Query, limit int) (out []int64) {
			t.Helper()
			if err := s.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
				es, err := listing.Read(tx, l, limit)
				for _, e := range es {
					out = append(out, e.Seq)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		var kinds []listing.Kind
		if err := s.Read(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
			kinds, err = listing.Kinds(tx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if want := []listing.Kind{{statement.TypeCertificate, "CF/bangui"}, {statement.TypeCertificate, "CF/berberati"}, {statement.TypeVoid, "CF/bangui"}}; !slices.Equal(kinds, want) {
			t.Fatalf("kinds %v, want %v", kinds, want)
		}
		choices := [][]listing.Kind{nil, kinds, kinds[:1], kinds[1:2], {kinds[0], kinds[2]}, {{statement.TypeLoss, "CF/bangui"}}}
		for _, of := range choices {
			for _, subject := range []string{"", "certificate/CF00000003", "certificate/CF99999999"} {
				if subject != "" && of == nil {
					continue
				}
				for _, bounds := range [][2]int64{{0, 0}, {20, 0}, {1, 0}, {0, 7}, {0, 1000}, {30, 10}, {10, 30}} {
					l := listing.Query{Kinds: of, Subject: subject, Before: bounds[0], After: bounds[1]}
					if diff := cmp.Diff(byHand(all, l, 5), read(l, 5)); diff != "" {
						t.Errorf("%+v: (-want +got)\n%s", l, diff)
					}
				}
			}
		}
	})
}

// fill puts entries of three kinds into a database, and one that is not signed.
func fill(t *testing.T, s *store.Store) (all []*ledger.Entry) {
	t.Helper()
	if err := s.Write(t.Context(), time.Now(), func(tx *store.Tx) error {
		all = nil
		for i := range int64(41) {
			e := &ledger.Entry{Seq: i + 1, Type: statement.TypeCertificate, Issuer: "CF/bangui", Subject: fmt.Sprintf("certificate/CF%08d", i/4)}
			switch i % 4 {
			case 1:
				e.Type = statement.TypeVoid
			case 2:
				e.Issuer = "CF/berberati"
			}
			id := canonical.Sum([]byte{byte(i)})
			var seq, signed any = e.Seq, []byte{byte(i)}
			if i == 40 {
				seq, signed = nil, nil
			} else {
				all = append(all, e)
			}
			if _, err := tx.Exec(`INSERT INTO ledger_entry (id, n, seq, type, issuer, subject, prev, algorithm, key_id, payload, signed, hash, origin, prepared_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, 'cf.kp.example/2026', $12)`,
				id, i+1, seq, int64(e.Type), e.Issuer, e.Subject, id, []byte{1}, []byte{1}, signed, id, tx.Now()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// byHand chooses as List should, without a database.
func byHand(all []*ledger.Entry, l listing.Query, limit int) (out []int64) {
	for _, e := range all {
		if (l.Kinds == nil || slices.Contains(l.Kinds, listing.Kind{Type: e.Type, Issuer: e.Issuer})) &&
			(l.Subject == "" || e.Subject == l.Subject) && (l.Before == 0 || e.Seq < l.Before) && e.Seq > l.After {
			out = append(out, e.Seq)
		}
	}
	if l.After > 0 && l.Before == 0 {
		out = out[:min(len(out), limit)] // next to After
	}
	slices.Reverse(out)
	return slices.Clip(out[:min(len(out), limit)])
}

package life_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

var at = time.Unix(verifytest.Start+86400, 0).UTC()

// logs makes what stands in the logs of two Participants: four certificates of CF
// to AE, one cancelled, one received, one that a stranger cancels, one of which a
// forger says that it was received.
func logs(t *testing.T) (w *verifytest.World, numbers []string) {
	w = verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	var all []*bundle.Bundle
	for range 4 {
		d := cf.Draft("AE", verifytest.Start+600)
		all = append(all, cf.Record(cf.Sign(d), verifytest.Start+700))
		numbers = append(numbers, d.Body.Number)
	}
	say := func(o *verifytest.Office, by verifytest.Signer, i int, make func(statement.About) statement.Body) {
		h, a := o.About(numbers[i], all[i].Statement, verifytest.Start+800)
		o.Log.Append(by.Statement(h, make(a)))
	}
	void := func(a statement.About) statement.Body { return &statement.Void{About: a, Reason: "SYNTHETIC"} }
	receipt := func(a statement.About) statement.Body {
		return &statement.Receipt{About: a, Day: canonical.DayOf(at.Unix()), Carats: 1240, Parcels: 1}
	}
	say(cf, cf.Signer, 0, void)
	say(ae, ae.Signer, 1, receipt)
	say(ae, ae.Signer, 2, void)                                   // it is not AE's to cancel
	say(ae, verifytest.NewSigner("a forger"), 3, receipt)         // a key that nobody has stated
	say(ae, verifytest.NewSigner("office CF/bangui"), 3, receipt) // a key of another office
	ae.Log.Append([]byte("no statement"))
	return w, numbers
}

func directory(t *testing.T, w *verifytest.World) *trust.Directory {
	t.Helper()
	return w.ParsedPack(verifytest.Start + 900).Directory
}

// TestLife: the view says of every certificate what those entitled have said, in
// whatever order the logs are read; emptied and made anew it is the same.
func TestLife(t *testing.T) {
	for engine, config := range map[string]func(*testing.T) store.Config{
		"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(engine, func(t *testing.T) {
			w, numbers := logs(t)
			lw := ledgertest.New(t, "mirror.example/2026")
			lc := lw.LogConfig()
			lc.Interval = time.Hour
			l, done := lw.OpenWith(ledger.Config{}, lc, config(t), certificate.Schema())
			t.Cleanup(done)
			var feeds []follow.Feed
			for _, log := range w.Logs {
				dir := t.TempDir()
				ledgertest.Publish(t, dir, log, int64(len(log.Leaves)), verifytest.Start+900)
				pol, err := policy.Parse(w.Policy(log))
				if err != nil {
					t.Fatal(err)
				}
				feeds = append(feeds, follow.Feed{Source: tiles.OpenFolder(dir), Policy: pol})
			}
			f, err := follow.New(follow.Config{Ledger: l, Now: time.Now, Followers: []follow.Follower{life.Follower{}}, Feeds: feeds})
			if err != nil {
				t.Fatal(err)
			}
			for _, feed := range feeds { // AE's first: what is said of a certificate comes before it
				if _, err := f.Log(t.Context(), feed); err != nil {
					t.Fatal(err)
				}
			}
			settle := func() {
				t.Helper()
				if _, err := life.Settle(t.Context(), l.Store(), at, directory(t, w)); err != nil {
					t.Fatal(err)
				}
			}
			settle()
			before := dump(t, l.Store())
			shown(t, l.Store(), numbers)
			if err := f.Rebuild(t.Context(), "certificate.life"); err != nil {
				t.Fatal(err)
			}
			settle()
			if after := dump(t, l.Store()); !slices.Equal(before, after) {
				t.Errorf("made anew it is another:\n%v\n%v", before, after)
			}
		})
	}
}

// shown holds the queries.
func shown(t *testing.T, s *store.Store, numbers []string) {
	t.Helper()
	err := s.Read(t.Context(), at, func(tx *store.Tx) error {
		want := []life.Status{life.Void, life.Received, life.Issued, life.Issued}
		for i, number := range numbers {
			found, err := life.Of(tx, number)
			if err != nil || len(found) != 1 || found[0].Status(period.DateOf(at)) != want[i] || found[0].Destination != "AE" || !found[0].Synthetic {
				t.Errorf("%s: %+v %v", number, found, err)
			}
		}
		expired := period.DateOf(at).AddDays(60)
		pairs, err := life.Overdue(tx, expired, expired)
		if err != nil || len(pairs) != 1 || pairs[0].From != "CF" || pairs[0].To != "AE" || pairs[0].Unconfirmed != 2 || pairs[0].Unopened != 4 || pairs[0].Since != expired-1 {
			t.Errorf("%+v %v", pairs, err)
		}
		if pairs, err := life.Overdue(tx, expired-1, expired-1); err != nil || len(pairs) != 0 {
			t.Errorf("before their day: %+v %v", pairs, err)
		}
		late, err := life.Unanswered(tx, "CF", "AE", expired, 10)
		if err != nil || len(late) != 2 || late[0].Number != numbers[2] || late[1].Number != numbers[3] {
			t.Errorf("%+v %v", late, err)
		}
		if newest, err := life.Newest(tx, 3); err != nil || len(newest) != 3 {
			t.Errorf("%+v %v", newest, err)
		}
		n, err := life.Count(tx)
		if want := (life.Counts{Certificates: 4, Received: 1, Void: 1, Pending: 1, Refused: 1}); err != nil || n != want {
			t.Errorf("%+v %v", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dump writes out the view's rows.
func dump(t *testing.T, s *store.Store) (rows []string) {
	t.Helper()
	err := s.Read(t.Context(), at, func(tx *store.Tx) error {
		rows = nil
		for _, q := range []string{
			`SELECT statement, origin, number, good, COALESCE(why, '') FROM certificate_life`,
			`SELECT statement, origin, number, good, COALESCE(why, '') FROM certificate_life_event`,
			`SELECT statement, origin, '', idx, '' FROM certificate_life_pending`,
		} {
			some, err := store.Collect(tx, func(scan store.Scan) (string, error) {
				var h []byte
				var origin, number, why string
				var good int64
				err := scan(&h, &origin, &number, &good, &why)
				return fmt.Sprintf("%x %s %s %d %s", h, origin, number, good, why), err
			}, q)
			if err != nil {
				return err
			}
			rows = append(rows, some...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return rows
}

package life_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ident"
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
	ae.Log.Append(all[2].Statement) // CF's, copied into another log
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
			f, err := follow.New(follow.Config{Ledger: l, Now: time.Now, Followers: []follow.Follower{life.Follower{}, life.Contents{}}, Feeds: feeds})
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
			upgraded(t, l.Store(), before)
			for _, view := range []string{"certificate.life", "certificate.contents"} {
				if err := f.Rebuild(t.Context(), view); err != nil {
					t.Fatal(err)
				}
			}
			settle()
			if after := dump(t, l.Store()); !slices.Equal(before, after) {
				t.Errorf("made anew it is another:\n%v\n%v", before, after)
			}
			children(t, l.Store(), numbers[2])
		})
	}
}

// children holds that what strangers state takes no place among what was made of a
// certificate, however much it is.
func children(t *testing.T, s *store.Store, number string) {
	t.Helper()
	parent := canonical.Sum([]byte("parent"))
	err := s.Write(t.Context(), at, func(tx *store.Tx) error {
		found, err := life.Of(tx, number)
		if err != nil {
			return err
		}
		say := func(opening string, by string, child canonical.Hash, number string) {
			h := canonical.Sum([]byte(opening))
			if _, e := tx.Exec(`INSERT INTO certificate_life_event (statement, origin, type, step, number, certificate, participant, issuer, day, hundredths, parcels,
				other, reason, stated_at, good) VALUES ($1, 'x', 6, 0, $2, $3, $4, $4, 0, 0, 0, '', '', 0, 1)`, h, number, child, by); e != nil {
				err = e
			}
			if _, e := tx.Exec(`INSERT INTO certificate_life_consumed (parent, child, opening, number, hundredths) VALUES ($1, $2, $3, $4, 5)`, parent, child, h, number); e != nil {
				err = e
			}
		}
		say("its own", "CF", found[0].Statement, number)
		say("a stranger's", "AE", found[0].Statement, number)
		for i := range 50 {
			say("nothing "+strconv.Itoa(i), "AE", canonical.Sum([]byte{byte(i)}), "AE0000"+strconv.Itoa(i))
		}
		if err != nil {
			return err
		}
		got, err := life.Children(tx, parent, 3)
		if len(got) != 1 || got[0].Number != number || got[0].Opening != canonical.Sum([]byte("its own")) {
			t.Errorf("%+v", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// upgraded holds the schema: what it reckons for rows that an older program has left
// is what the follower reckons.
func upgraded(t *testing.T, s *store.Store, want []string) {
	t.Helper()
	raw, err := fs.ReadFile(certificate.Schema().Files, "schema/0008_standing.sql")
	if err != nil {
		t.Fatal(err)
	}
	again := []string{`UPDATE certificate_life SET state = 'issued', answered = 0, opened = 0, counted = 0`, `DELETE FROM certificate_life_pair`}
	for q := range strings.SplitSeq(string(raw), ";\n") {
		if q = strings.TrimSpace(q); strings.HasPrefix(q, "UPDATE") || strings.HasPrefix(q, "INSERT") {
			again = append(again, q)
		}
	}
	if len(again) != 4 {
		t.Fatalf("%d statements", len(again))
	}
	err = s.Write(t.Context(), at, func(tx *store.Tx) error {
		for _, q := range again {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if got := dump(t, s); err != nil || !slices.Equal(got, want) {
		t.Errorf("upgraded it is another (%v):\n%v\n%v", err, want, got)
	}
}

// shown holds the queries.
func shown(t *testing.T, s *store.Store, numbers []string) {
	t.Helper()
	err := s.Read(t.Context(), at, func(tx *store.Tx) error {
		before := int64(-1)
		want := []life.Status{life.Void, life.Received, life.Issued, life.Issued}
		for i, number := range numbers {
			found, err := life.Of(tx, number)
			if err != nil || len(found) != 1 || found[0].Status(period.DateOf(at)) != want[i] || found[0].Destination != "AE" || !found[0].Synthetic {
				t.Errorf("%s: %+v %v", number, found, err)
			}
		}
		expired := period.DateOf(at).AddDays(60)
		terms := func(day period.Date) func(from, to ident.ParticipantCode) (life.Terms, error) {
			return func(ident.ParticipantCode, ident.ParticipantCode) (life.Terms, error) {
				return life.Terms{Unconfirmed: day, Unopened: day}, nil
			}
		}
		pairs, err := life.Overdue(tx, terms(expired))
		if err != nil || len(pairs) != 1 || pairs[0].From != "CF" || pairs[0].To != "AE" || pairs[0].Unconfirmed != 2 || pairs[0].Unopened != 4 {
			t.Errorf("%+v %v", pairs, err)
		}
		if since, err := life.Since(tx, "CF", "AE"); err != nil || since != expired-1 {
			t.Errorf("since %v %v", since, err)
		}
		if pairs, err := life.Overdue(tx, terms(expired-1)); err != nil || len(pairs) != 0 {
			t.Errorf("before their day: %+v %v", pairs, err)
		}
		late, err := life.Unanswered(tx, "CF", "AE", expired, life.Waiting{}, 10)
		if err != nil || len(late) != 2 || late[0].Number != numbers[2] || late[1].Number != numbers[3] {
			t.Errorf("%+v %v", late, err)
		}
		if len(late) == 2 {
			after := life.Waiting{Expires: late[0].Expires, Number: late[0].Number, Statement: late[0].Statement}
			if rest, err := life.Unanswered(tx, "CF", "AE", expired, after, 10); err != nil || len(rest) != 1 || rest[0].Number != late[1].Number {
				t.Errorf("after the first: %+v %v", rest, err)
			}
		}
		if sums, err := life.SumsOf(tx, "CF", "AE"); err != nil || sums != (life.Sums{From: "CF", To: "AE", Certificates: 4, Received: 1, Cancelled: 1, Unanswered: 2, Closed: 4}) {
			t.Errorf("%+v %v", sums, err)
		}
		listed(t, tx, numbers)
		for i, number := range numbers { // each in its own log, where it was recorded
			found, err := life.Of(tx, number)
			if err != nil || len(found) != 1 {
				t.Fatalf("%+v %v", found, err)
			}
			c, err := life.ContentOf(tx, found[0].Statement, found[0].Origin)
			if err != nil || c == nil || i > 0 && c.Index <= before {
				t.Errorf("%s: %+v %v", number, c, err)
			} else {
				before = c.Index
			}
		}
		if newest, err := life.Newest(tx, 3); err != nil || len(newest) != 3 {
			t.Errorf("%+v %v", newest, err)
		}
		n, err := life.Count(tx)
		if want := (life.Counts{Certificates: 4, Received: 1, Void: 1}); err != nil || n != want {
			t.Errorf("%+v %v", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// listed holds the list of all certificates: every one once, newest first, in both
// directions, and what a filter asks for.
func listed(t *testing.T, tx *store.Tx, numbers []string) {
	t.Helper()
	names := func(l life.Listed) (out []string) {
		for _, c := range l.Certificates {
			out = append(out, c.Number)
		}
		return out
	}
	var down []string
	var at life.Place
	for {
		l, err := life.List(tx, life.Filter{}, at, false, 1)
		if err != nil {
			t.Fatal(err)
		}
		down, at = append(down, names(l)...), l.Last
		if !l.More {
			break
		}
	}
	if len(down) != 4 {
		t.Fatalf("%v", down)
	}
	l, err := life.List(tx, life.Filter{}, at, true, 2)
	if got := names(l); err != nil || !l.More || !slices.Equal(got, down[1:3]) {
		t.Errorf("newer than the oldest of %v: %v %v", down, got, err)
	}
	for _, c := range []struct {
		filter life.Filter
		want   []string
	}{
		{life.Filter{State: life.Void}, numbers[:1]}, {life.Filter{State: life.Received}, numbers[1:2]}, {life.Filter{From: "AE"}, nil},
		{life.Filter{From: "CF", To: "AE", State: life.Received}, numbers[1:2]}, {life.Filter{To: "AE", State: life.Issued}, numbers[2:]},
	} {
		l, err := life.List(tx, c.filter, life.Place{}, false, 10)
		got := names(l)
		slices.Sort(got)
		if err != nil || l.More || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v %v, want %v", c.filter, got, err, c.want)
		}
	}
}

// dump writes out the view's rows.
func dump(t *testing.T, s *store.Store) (rows []string) {
	t.Helper()
	err := s.Read(t.Context(), at, func(tx *store.Tx) error {
		rows = nil
		for _, q := range []string{
			`SELECT statement, origin, number || state, good + 10 * answered + 100 * opened + 1000 * counted, COALESCE(why, '') FROM certificate_life`,
			`SELECT statement, origin, '', idx, '' FROM certificate_life_content`,
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
		pairs, err := life.Pairs(tx)
		rows = append(rows, fmt.Sprintf("%+v", pairs))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return rows
}

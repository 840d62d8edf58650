package follow_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// views are the tables of the followers under test; one check of a property has
// its own rows in them.
var views = store.Schema{Module: "view", Files: fstest.MapFS{"schema/0001_views.sql": {Data: []byte(`
CREATE TABLE view_count (run INT8 NOT NULL, origin TEXT NOT NULL, type INT8 NOT NULL, n INT8 NOT NULL, PRIMARY KEY (run, origin, type)) TABLE_END;
CREATE TABLE view_last (run INT8 NOT NULL, origin TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL, hash BYTES NOT NULL, PRIMARY KEY (run, origin, issuer, subject)) TABLE_END;
CREATE TABLE view_fact (run INT8 NOT NULL, hash BYTES NOT NULL, number TEXT NOT NULL, shown INT8, approved INT8 NOT NULL, PRIMARY KEY (run, hash)) TABLE_END;
`)}}}

// counts is a plain follower: how many statements of each type a log has (0: no
// statement), and the last one on each subject.
type counts struct {
	run  int64
	fuse *int // when it comes to 0, Apply fails; nil: never
}

func (c counts) Name() string { return fmt.Sprintf("view.counts.r%d", c.run) }

func (c counts) Reset(tx *store.Tx) error {
	_, err := tx.Exec(`DELETE FROM view_count WHERE run = $1`, c.run)
	if err == nil {
		_, err = tx.Exec(`DELETE FROM view_last WHERE run = $1`, c.run)
	}
	return err
}

var errFuse = errors.New("the follower's own mistake")

func burn(fuse *int) error {
	if fuse == nil {
		return nil
	}
	if *fuse--; *fuse == 0 {
		return errFuse
	}
	return nil
}

func (c counts) Apply(tx *store.Tx, e follow.Followed) error {
	if e.Disclosure != nil || e.Approvals != nil {
		return errors.New("a follower that is no Discloser was given what it would not hear of again")
	}
	if e.Hash != canonical.Sum(e.Bytes) || e.Statement != nil && e.Statement.Hash != e.Hash {
		return errors.New("another hash than that of the bytes")
	}
	var kind statement.Type
	if e.Statement != nil {
		kind = e.Statement.Type
		if _, err := tx.Exec(`INSERT INTO view_last (run, origin, issuer, subject, hash) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (run, origin, issuer, subject) DO UPDATE SET hash = excluded.hash`, c.run, e.Origin, e.Statement.Issuer, e.Statement.Subject, e.Hash); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO view_count (run, origin, type, n) VALUES ($1, $2, $3, 1)
		ON CONFLICT (run, origin, type) DO UPDATE SET n = view_count.n + 1`, c.run, e.Origin, kind)
	return errors.Join(err, burn(c.fuse))
}

// facts is a Discloser: how many facts of each certificate this node was shown.
type facts struct {
	run  int64
	fuse *int
}

func (f facts) Name() string { return fmt.Sprintf("view.facts.r%d", f.run) }

func (f facts) Reset(tx *store.Tx) error {
	_, err := tx.Exec(`DELETE FROM view_fact WHERE run = $1`, f.run)
	return err
}

func (f facts) Apply(tx *store.Tx, e follow.Followed) error {
	if e.Statement == nil {
		return burn(f.fuse)
	}
	if c, ok := e.Statement.Body.(*statement.Certificate); ok {
		n, err := shown(e.Statement, e.Disclosure)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO view_fact (run, hash, number, shown, approved) VALUES ($1, $2, $3, $4, $5)`, f.run, e.Hash, c.Number, n, e.Approvals != nil); err != nil {
			return err
		}
	}
	return burn(f.fuse)
}

func (f facts) Disclosed(tx *store.Tx, st *statement.Statement, d *commitment.Disclosure, approvals [][]byte) error {
	n, err := shown(st, d)
	if err == nil {
		_, err = tx.Exec(`UPDATE view_fact SET shown = $3, approved = $4 WHERE run = $1 AND hash = $2`, f.run, st.Hash, n, approvals != nil)
	}
	return errors.Join(err, burn(f.fuse))
}

// shown counts the facts that d opens; nil for a certificate not disclosed.
func shown(st *statement.Statement, d *commitment.Disclosure) (any, error) {
	if d == nil {
		return nil, nil
	}
	open, err := d.Open(st.Body.(*statement.Certificate).Facts)
	return len(open), err
}

// node is a node with its own log, and another Participant's log in a folder that
// it follows.
type node struct {
	*ledger.Ledger
	w      *ledgertest.World
	lc     ledger.LogConfig
	sc     store.Config
	closer func()

	office *verifytest.Office // of this node: CF/bangui
	world  *verifytest.World
	other  *verifytest.Log // AE's
	dir    string          // its files
	feed   follow.Feed
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, sc func(t *testing.T) store.Config)) {
	t.Run("SQLite", func(t *testing.T) {
		test(t, func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		test(t, func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} })
	})
}

// newNode opens a node. Its log is published only when publish is set: most of
// what followers do needs no witnesses.
func newNode(t *testing.T, sc store.Config, publish bool) *node {
	n := &node{w: ledgertest.New(t, "cf.kp.example/2026"), sc: sc, world: verifytest.New(), dir: t.TempDir()}
	n.lc = n.w.LogConfig()
	if !publish {
		n.lc.Interval = time.Hour
	}
	n.office, n.other = n.world.Offices["CF/bangui"], n.world.Logs[0]
	pol, err := policy.Parse(n.world.Policy(n.other))
	if err != nil {
		t.Fatal(err)
	}
	n.feed = follow.Feed{Source: tiles.OpenFolder(n.dir), Policy: pol}
	n.open()
	t.Cleanup(func() { n.closer() })
	n.publish(t)
	return n
}

func (n *node) open() { n.Ledger, n.closer = n.w.OpenWith(ledger.Config{}, n.lc, n.sc, views) }

// reopen is what a stop and a new start leave.
func (n *node) reopen() {
	n.closer()
	n.open()
}

// publish brings the other log's files up to its size.
func (n *node) publish(t ledgertest.Failer) {
	ledgertest.Publish(t, n.dir, n.other, int64(len(n.other.Leaves)), verifytest.Start)
}

func (n *node) follow(t ledgertest.Failer, feeds []follow.Feed, followers ...follow.Follower) *follow.Followers {
	t.Helper()
	f, err := follow.New(follow.Config{Ledger: n.Ledger, Now: time.Now, Followers: followers, Feeds: feeds})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var bangui = ledgertest.Signer{Signer: verifytest.NewSigner("office CF/bangui")}

// sign records an own statement as far as signed, with facts when it has any.
func (n *node) sign(t ledgertest.Failer, h statement.Header, body statement.Body, d *commitment.Disclosure, approvals [][]byte) *ledger.Entry {
	t.Helper()
	var in *ledger.Intent
	err := n.Store().Write(ctx(t), time.Now(), func(tx *store.Tx) (err error) {
		if in, err = n.Intend(tx, bangui.Key(), h, body); err == nil && (d != nil || approvals != nil) {
			err = ledger.KeepIntended(tx, in, d, approvals)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := n.Sign(ctx(t), in.ID, bangui)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// certificate records an own certificate.
func (n *node) certificate(t ledgertest.Failer) (*ledger.Entry, *bundle.Bundle) {
	t.Helper()
	d := n.office.Draft("AE", verifytest.Start)
	b := n.office.Sign(d) // approvals and their hash in the body
	return n.sign(t, d.Header, &d.Body, b.Disclosure, b.Approvals), b
}

// ruleSet records a small own statement on subject number n.
func (n *node) ruleSet(t ledgertest.Failer, subject int) *ledger.Entry {
	t.Helper()
	return n.sign(t, statement.Header{Issuer: "CF/bangui", IssuedAt: verifytest.Start, Subject: fmt.Sprintf("rule-set/%d", subject), Synthetic: true},
		&statement.RuleSet{Set: "kpcs", Version: "1", Content: canonical.Sum([]byte("x")), From: 20000}, nil, nil)
}

// keep puts what a bundle discloses into the vault.
func (n *node) keep(t ledgertest.Failer, b *bundle.Bundle) {
	t.Helper()
	if err := n.Store().Write(ctx(t), time.Now(), func(tx *store.Tx) error { return ledger.Keep(tx, b.Statement, b.Disclosure, b.Approvals) }); err != nil {
		t.Fatal(err)
	}
}

// dump writes out one run's rows of all views.
func (n *node) dump(t ledgertest.Failer, run int64) (rows []string) {
	t.Helper()
	err := n.Store().Read(ctx(t), time.Now(), func(tx *store.Tx) error {
		rows = nil
		for _, q := range []string{
			`SELECT 'count', origin, CAST(type AS TEXT), CAST(n AS TEXT), NULL FROM view_count WHERE run = $1`,
			`SELECT 'last', origin, issuer, subject, hash FROM view_last WHERE run = $1`,
			`SELECT 'fact', number, COALESCE(CAST(shown AS TEXT), 'not disclosed'), CAST(approved AS TEXT), hash FROM view_fact WHERE run = $1`,
		} {
			some, err := store.Collect(tx, func(scan store.Scan) (string, error) {
				var a, b, c, d string
				var h []byte
				err := scan(&a, &b, &c, &d, &h)
				return fmt.Sprintf("%s %s %s %s %x", a, b, c, d, h), err
			}, q, run)
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

// want says what the views must hold of leaves, given in order for each log, and
// of what the vault was given: it is written without looking at package follow.
func want(leaves map[string][][]byte, vault map[canonical.Hash]*bundle.Bundle) (rows []string) {
	for origin, all := range leaves {
		n, last := map[statement.Type]int{}, map[string]string{}
		for _, leaf := range all {
			st, err := statement.Parse(leaf)
			if err != nil {
				n[0]++
				continue
			}
			n[st.Type]++
			last[st.Issuer+" "+st.Subject] = st.Hash.String()
			if c, ok := st.Body.(*statement.Certificate); ok {
				row := "not disclosed 0"
				if b := vault[canonical.Sum(st.Signed.Payload)]; b != nil {
					open, _ := b.Disclosure.Open(c.Facts)
					row = fmt.Sprint(len(open), " ", len(b.Approvals)/2)
				}
				rows = append(rows, fmt.Sprintf("fact %s %s %s", c.Number, row, st.Hash))
			}
		}
		for kind, count := range n {
			rows = append(rows, fmt.Sprintf("count %s %d %d ", origin, kind, count))
		}
		for subject, hash := range last {
			rows = append(rows, fmt.Sprintf("last %s %s %s", origin, subject, hash))
		}
	}
	slices.Sort(rows)
	return rows
}

func payloadOf(t ledgertest.Failer, signed []byte) canonical.Hash {
	st, err := statement.Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	return canonical.Sum(st.Signed.Payload)
}

package stated

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// tables lists every table of the view with its columns, for dump.
var tables = map[string]string{
	"party_judged": "one, root", "party_statement": "origin, hash, position, type, participant, issuer, issued_at, synthetic, refused, detail",
	"party_participant": "origin, hash, code, name, authority, digits",
	"party_key":         "origin, hash, key_id, participant, office, name, use, from_at, until_at, types, recipient, home, thumbprint",
	"party_revocation":  "origin, hash, key_id, participant, reason", "party_cutoff": "origin, hash, log, size",
	"party_range":    "origin, hash, participant, office, station, digits, first, last, offline, log_within, from_day, until_day",
	"party_role":     "origin, hash, key_id, participant, office, roles, from_at, until_at",
	"party_specimen": "origin, hash, participant, name, from_day, until_day, features", "party_picture": "origin, hash, n, blob, media, size",
	"party_standing": "origin, hash, adopter, code, kind, from_day, until_day, what, source, certainty",
}

func dump(t ledgertest.Failer, s *store.Store) (rows []string) {
	t.Helper()
	err := s.Read(context.Background(), time.Now(), func(tx *store.Tx) error {
		rows = nil
		for table, columns := range tables {
			n := strings.Count(columns, ",") + 1
			some, err := store.Collect(tx, func(scan store.Scan) (string, error) {
				into, values := make([]any, n), make([]any, n)
				for i := range into {
					into[i] = &values[i]
				}
				err := scan(into...)
				line := table
				for _, v := range values {
					if b, ok := v.([]byte); ok {
						line += fmt.Sprintf(" %x", b)
					} else {
						line += fmt.Sprintf(" %v", v)
					}
				}
				return line, err
			}, `SELECT `+columns+` FROM `+table)
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

func engines(t *testing.T, test func(t *testing.T, sc store.Config)) {
	t.Run("SQLite", func(t *testing.T) { test(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, store.Config{DSN: pgtest.Start(t)}) })
}

func open(t *testing.T, sc store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), sc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context(), time.Now(), []store.Schema{Schema()}); err != nil {
		t.Fatal(err)
	}
	return s
}

func view(t ledgertest.Failer, roots [][]byte) *View {
	t.Helper()
	chain, err := trust.ParseChain(roots, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewView(chain)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// entry is a leaf as a follower of another node's log gets it.
func entry(origin string, index int64, leaf []byte) follow.Followed {
	e := follow.Followed{Origin: origin, Index: index, State: ledger.Witnessed, Bytes: leaf, Hash: canonical.Sum(leaf)}
	if st, err := statement.Parse(leaf); err == nil {
		e.Statement = st
	}
	return e
}

func apply(t ledgertest.Failer, s *store.Store, v *View, es ...follow.Followed) {
	t.Helper()
	if err := s.Write(context.Background(), time.Now(), func(tx *store.Tx) error {
		for _, e := range es {
			if err := v.Apply(tx, e); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func read[T any](t testing.TB, s *store.Store, query func(tx *store.Tx) (T, error)) (out T) {
	t.Helper()
	if err := s.Read(context.Background(), time.Now(), func(tx *store.Tx) (err error) {
		out, err = query(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

const start = verifytest.Start

// day is the world's first.
const day = canonical.Day(start / 86400)

func header(issuer, subject string, at int64) statement.Header {
	return statement.Header{Issuer: issuer, IssuedAt: at, Subject: subject, Synthetic: true}
}

// TestOnlyTheAuthorityCounts: who else says it, where else it stands, about whom
// else: it has no effect, and is kept with the reason.
func TestOnlyTheAuthorityCounts(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		w := verifytest.New()
		cf, ae, office := w.Authority["CF"], w.Authority["AE"], w.Offices["CF/bangui"]
		specimen := &statement.Specimen{Participant: "CF", Name: "SYNTHETIC 2026", From: day, Until: day + 100, Features: "SYNTHETIC guilloche"}
		real := header("CF/authority", "specimen/CF", start)
		real.Synthetic = false
		standing := func(kind, certainty, code string) *statement.Standing {
			return &statement.Standing{Code: code, Kind: kind, From: day, Until: day, What: "SYNTHETIC", Source: "SYNTHETIC", Certainty: certainty}
		}
		home := "cf.kp.example/2026"
		s, v := open(t, sc), view(t, w.Roots)
		for _, c := range []struct {
			name, origin string
			leaf         []byte
			want         string
		}{
			{"the authority, at home", home, cf.Statement(header("CF/authority", "specimen/CF", start), specimen), ""},
			{"the authority's change of its list", home, cf.Statement(header("CF/authority", "standing/AE", start), standing("suspended", "seen", "AE")), ""},
			{"the office", home, office.Signer.Statement(header("CF/bangui", "specimen/CF", start), specimen), refusedAuthority},
			{"another's authority under its name", home, ae.Statement(header("CF/authority", "specimen/CF", start), specimen), refusedAuthority},
			{"another's authority in this log", home, ae.Statement(header("AE/authority", "specimen/CF", start), specimen), refusedHome},
			{"another's authority about it", "ae.kp.example/2026", ae.Statement(header("AE/authority", "specimen/CF", start), specimen), refusedOther},
			{"the authority elsewhere", "ae.kp.example/2026", cf.Statement(header("CF/authority", "specimen/CF", start), specimen), refusedHome},
			{"in a log of nobody", "x.example/1", cf.Statement(header("CF/authority", "specimen/CF", start), specimen), refusedHome},
			{"a Participant that the root has not", home, cf.Statement(header("XX/authority", "participant/XX", start),
				&statement.Participant{Code: "XX", Name: "SYNTHETIC", Authority: "SYNTHETIC", Digits: 8}), refusedParticipant},
			{"another's office", home, cf.Statement(header("CF/authority", "role", start),
				&statement.RoleGrant{Key: office.Preparer.Key.ID(), Office: "AE/dubai", From: start, Until: start + 9}), refusedOther},
			{"another's station", home, cf.Statement(header("CF/authority", "range", start),
				&statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 9, Station: "AE/dubai/pc-1", LogWithin: 60, From: day, Until: day}), refusedOther},
			{"not made up in a made-up scheme", home, cf.Statement(real, specimen), refusedWorld},
			{"a kind nobody knows", home, cf.Statement(header("CF/authority", "standing/AE", start), standing("forgiven", "seen", "AE")), refusedUnknown},
			{"a certainty nobody knows", home, cf.Statement(header("CF/authority", "standing/AE", start), standing("suspended", "sure", "AE")), refusedUnknown},
			{"a code nobody has", home, cf.Statement(header("CF/authority", "standing/ZZ", start), standing("suspended", "seen", "ZZ")), refusedUnknown},
		} {
			t.Run(c.name, func(t *testing.T) {
				if err := s.Write(t.Context(), time.Now(), v.Reset); err != nil {
					t.Fatal(err)
				}
				apply(t, s, v, entry(c.origin, 7, c.leaf), entry(c.origin, 8, c.leaf), entry(c.origin, 9, []byte("SYNTHETIC no statement")))
				var refused, counted int
				for _, row := range dump(t, s) {
					switch {
					case strings.HasPrefix(row, "party_statement"), strings.HasPrefix(row, "party_judged"):
					default:
						counted++
					}
				}
				all := read(t, s, RefusedStatements)
				refused = len(all)
				if c.want == "" && (counted != 1 || refused != 0) || c.want != "" && (counted != 0 || refused != 1 || all[0].Reason != c.want || all[0].Detail == "") {
					t.Errorf("%d rows, refused %+v, want %q", counted, all, c.want)
				}
			})
		}
	})
}

// TestFormerKeyOfTheAuthority: what it signed below the cut-off goes on counting.
func TestFormerKeyOfTheAuthority(t *testing.T) {
	w := verifytest.New()
	old := w.Authority["CF"]
	next := *w.Root
	next.Version, next.Prev, next.Issued = 2, view(t, w.Roots).root, start
	next.Participants = slices.Clone(next.Participants)
	fresh := verifytest.NewSigner("authority CF, the second")
	next.Participants[1].Authority = fresh.Key
	next.Participants[1].Former = []trust.Former{{Key: old.Key, CutOff: []statement.Vector{{Origin: "cf.kp.example/2026", Size: 10, Root: canonical.Sum([]byte("x"))}}}}
	roots := [][]byte{w.Roots[0], w.SignRoot(&next)}
	leaf := func(s verifytest.Signer, name string) []byte {
		return s.Statement(header("CF/authority", "participant/CF", start), &statement.Participant{Code: "CF", Name: "SYNTHETIC " + name, Authority: "SYNTHETIC", Digits: 8})
	}
	own := func(e follow.Followed) follow.Followed { e.Own = true; return e }
	s, v := open(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}), view(t, roots)
	apply(t, s, v,
		entry("cf.kp.example/2026", 9, leaf(old, "old, before")), entry("cf.kp.example/2026", 10, leaf(old, "old, after")), entry("cf.kp.example/2026", 11, leaf(fresh, "new")),
		own(entry("cf.kp.example/2026", 5, leaf(old, "own, before"))), own(entry("cf.kp.example/2026", -1, leaf(old, "own, not logged"))), own(entry("cf.kp.example/2026", -1, leaf(fresh, "own, new"))))
	var counted []string
	for _, row := range dump(t, s) {
		if name, ok := strings.CutPrefix(row, "party_participant "); ok {
			counted = append(counted, name[strings.Index(name, "SYNTHETIC")+10:len(name)-12])
		}
	}
	slices.Sort(counted)
	if diff := cmp.Diff([]string{"new", "old, before", "own, before", "own, new"}, counted); diff != "" {
		t.Error(diff)
	}
	// The view was judged by the second root: the first one's finds it stale.
	if !read(t, s, view(t, w.Roots).Stale) || read(t, s, v.Stale) {
		t.Error("a view judged by other roots is stale, and by the same is not")
	}
}

// node is a node of CF with its own log, which follows AE's.
type node struct {
	*ledger.Ledger
	world *verifytest.World
	other *verifytest.Log
	dir   string
	feed  follow.Feed
}

func newNode(t *testing.T, sc store.Config) *node {
	lw := ledgertest.New(t, "cf.kp.example/2026")
	n := &node{world: verifytest.New(), dir: t.TempDir()}
	n.other = n.world.Logs[0]
	pol, err := policy.Parse(n.world.Policy(n.other))
	if err != nil {
		t.Fatal(err)
	}
	n.feed = follow.Feed{Source: tiles.OpenFolder(n.dir), Policy: pol}
	lc := lw.LogConfig()
	lc.Interval = time.Hour
	var done func()
	n.Ledger, done = lw.OpenWith(ledger.Config{}, lc, sc, Schema())
	t.Cleanup(done)
	n.publish(t)
	return n
}

func (n *node) publish(t ledgertest.Failer) {
	ledgertest.Publish(t, n.dir, n.other, int64(len(n.other.Leaves)), start)
}

// sign records an own statement as far as signed.
func (n *node) sign(t ledgertest.Failer, signer verifytest.Signer, h statement.Header, body statement.Body) {
	t.Helper()
	var in *ledger.Intent
	err := n.Store().Write(context.Background(), time.Now(), func(tx *store.Tx) (err error) {
		in, err = n.Intend(tx, signer.Key, h, body)
		return err
	})
	if err == nil {
		_, err = n.Sign(context.Background(), in.ID, ledgertest.Signer{Signer: signer})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// some draws a statement of any type that the view keeps, by an authority or not.
func some(rt *rapid.T, w *verifytest.World, code string) (verifytest.Signer, statement.Header, statement.Body) {
	id := map[string]string{"CF": "CF/bangui", "AE": "AE/dubai"}[code]
	office := w.Offices[id]
	signer := w.Authority[code]
	if rapid.IntRange(0, 4).Draw(rt, "entitled") == 0 {
		signer = office.Signer
	}
	keys := []verifytest.Signer{office.Preparer, office.Validator, office.Signer, verifytest.NewSigner("another")}
	key := rapid.SampledFrom(keys).Draw(rt, "key").Key
	at := start + rapid.Int64Range(0, 50).Draw(rt, "at")
	from := day + canonical.Day(rapid.IntRange(0, 400).Draw(rt, "from"))
	var body statement.Body
	switch rapid.IntRange(0, 6).Draw(rt, "type") {
	case 0:
		body = &statement.Participant{Code: code, Name: "SYNTHETIC", Authority: "SYNTHETIC", Digits: rapid.Uint64Range(4, 12).Draw(rt, "digits")}
	case 1:
		body = &statement.OfficeKey{Office: id, Use: statement.UseOfficer, Key: key, From: at, Until: at + 1000}
	case 2:
		body = &statement.KeyRevoked{Key: key.ID(), Reason: "SYNTHETIC", CutOff: []statement.Vector{{Origin: "x.example/1", Size: ^uint64(0), Root: canonical.Sum(nil)}}}
	case 3:
		first := rapid.Uint64Range(1, 500).Draw(rt, "first")
		body = &statement.NumberRange{Participant: code, Digits: 8, First: first, Last: first + rapid.Uint64Range(0, 300).Draw(rt, "many"), Station: office.Station,
			Offline: rapid.Bool().Draw(rt, "offline"), LogWithin: 60, From: from, Until: from + 30}
	case 4:
		roles := rapid.SliceOfNDistinct(rapid.SampledFrom(OfficeRoles()), 0, 3, rapid.ID).Draw(rt, "roles")
		slices.Sort(roles)
		body = &statement.RoleGrant{Key: key.ID(), Office: id, Roles: roles, From: at, Until: at + 100}
	case 5:
		body = &statement.Specimen{Participant: code, Name: rapid.SampledFrom([]string{"SYNTHETIC 1", "SYNTHETIC 2"}).Draw(rt, "name"), From: from, Until: from + 90,
			Features: "SYNTHETIC", Pictures: []statement.Blob{{Hash: canonical.Sum([]byte("p")), Size: 12, Media: "image/png"}}}
	default:
		body = &statement.Standing{Code: "VE", Kind: rapid.SampledFrom([]string{"suspended", "reinstated", "forgiven"}).Draw(rt, "kind"), From: from, Until: from,
			What: "SYNTHETIC", Source: "SYNTHETIC", Certainty: "seen"}
	}
	return signer, header(code+"/authority", "SYNTHETIC/"+rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "subject"), at), body
}

// TestRebuildGivesTheSameTables: own statements and those of another log, followed
// in any order and in pieces, come to the same tables as followed anew.
func TestRebuildGivesTheSameTables(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		n := newNode(t, sc)
		v := view(t, n.world.Roots)
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > 12 { // the record grows from one to the next
				return
			}
			f, err := follow.New(follow.Config{Ledger: n.Ledger, Now: time.Now, Followers: []follow.Follower{v}, Feeds: []follow.Feed{n.feed}})
			if err != nil {
				rt.Fatal(err)
			}
			own := func() {
				if err := f.Own(context.Background()); err != nil {
					rt.Fatal(err)
				}
			}
			others := func() {
				if _, err := f.Log(context.Background(), n.feed); err != nil {
					rt.Fatal(err)
				}
			}
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				switch rapid.IntRange(0, 3).Draw(rt, "step") {
				case 0:
					signer, h, body := some(rt, n.world, "CF")
					n.sign(rt, signer, h, body)
				case 1:
					signer, h, body := some(rt, n.world, "AE")
					n.other.Append(signer.Statement(h, body))
					n.publish(rt)
				case 2:
					own()
				case 3:
					others()
				}
			}
			own()
			others()
			live := dump(rt, n.Store())
			if err := f.Rebuild(context.Background(), FollowerName); err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(live, dump(rt, n.Store())); diff != "" {
				rt.Fatalf("followed live, made anew:\n%s", diff)
			}
			if len(live) < len(n.other.Leaves)/2 {
				rt.Fatalf("%d rows of %d leaves", len(live), len(n.other.Leaves))
			}
		})
	})
}

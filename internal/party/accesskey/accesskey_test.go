package accesskey_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/internal/worldtest/pgtest"
)

// TestKeys: on both engines a key serves until it runs out or is ended, is stored in no
// form that serves, and stands in the trail.
func TestKeys(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { testKeys(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}) })
	t.Run("PostgreSQL", func(t *testing.T) { testKeys(t, store.Config{DSN: pgtest.Start(t)}) })
}

func testKeys(t *testing.T, c store.Config) {
	st, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	now := time.Unix(1_800_000_000, 0).UTC()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(st.Migrate(t.Context(), now, []store.Schema{stated.Schema(), api.Schema()}))
	s := accesskey.New(accesskey.Config{Store: st, Now: func() time.Time { return now }, Entropy: rand.Reader, Office: "CF/bangui", Permissions: func() []string { return []string{"certificate.import"} }})
	by := accesskey.By{Person: "somebody", Address: "192.0.2.1"}
	token, k, err := s.Make(t.Context(), by, accesskey.Proposal{Name: " SYNTHETIC system ", Roles: []access.Role{access.Importer}, Only: []string{"certificate.import"}, Sandbox: true, Days: 10})
	must(err)
	p, err := s.Know(t.Context(), token.Secret(), "")
	must(err)
	if p.ID != k.ID || p.Name != "SYNTHETIC system" || !p.Sandbox || len(p.Only) != 1 || len(p.Actor.Grants) != 1 || p.Actor.Grants[0] != (access.Grant{Role: access.Importer, Office: "CF/bangui"}) {
		t.Errorf("%+v", p)
	}
	trader, _, err := s.Make(t.Context(), by, accesskey.Proposal{Name: "SYNTHETIC trader", Roles: []access.Role{access.Exporter}, Holder: "SYNTHETIC house", Licence: "BA-1"})
	must(err)
	if p, err := s.Know(t.Context(), trader.Secret(), ""); err != nil || p.Company != "SYNTHETIC house|BA-1" {
		t.Errorf("%+v %v", p, err)
	}
	// Nothing that serves is in the database, in any form in which it could be sent.
	must(st.Read(t.Context(), now, func(tx *store.Tx) error {
		rows, err := store.Collect(tx, func(scan store.Scan) (b []byte, err error) {
			var id, rest string
			err = scan(&id, &b, &rest)
			return append(b, id+rest...), err
		}, `SELECT id, hash, name || grants || narrow FROM party_access_key`)
		for _, row := range rows {
			if bytes.Contains(row, []byte(token.Secret()[25:])) {
				t.Error("a key stands in the database")
			}
		}
		return err
	}))
	forged, err := api.NewToken(rand.Reader, true)
	must(err)
	forged.ID = token.ID
	if _, err := s.Know(t.Context(), forged.Secret(), ""); !fault.Is(err, "party.key_refused") {
		t.Error(err)
	}
	now = now.Add(10*24*time.Hour - time.Second)
	if _, err := s.Know(t.Context(), token.Secret(), ""); err != nil {
		t.Error(err)
	}
	now = now.Add(time.Second)
	if _, err := s.Know(t.Context(), token.Secret(), ""); !fault.Is(err, "party.key_over") {
		t.Error(err)
	}
	must(s.End(t.Context(), by, k.ID))
	if err := s.End(t.Context(), by, k.ID); !fault.Is(err, "party.key_ended") {
		t.Error(err)
	}
	if err := s.End(t.Context(), by, "none"); !fault.Is(err, "party.key_none") {
		t.Error(err)
	}
	// Its system goes on asking, from many addresses: each time it is told the same, and the
	// trail has it once.
	for i := range 3 * people.DefaultLimits().Failures {
		_, err := s.Know(t.Context(), token.Secret(), fmt.Sprintf("198.51.100.%d", i))
		if f, _ := fault.Of(err); f == nil || f.Key != "party.key_stopped" || f.Kind != fault.KindUnproven || f.Args["at"] != now {
			t.Fatalf("%d: %v", i, err)
		}
	}
	all, err := s.List(t.Context())
	must(err)
	if len(all) != 2 || all[0].Used.IsZero() || all[1].Used.IsZero() {
		t.Errorf("%+v", all)
	}
	must(st.Read(t.Context(), now, func(tx *store.Tx) error {
		rows, err := trail.List(tx, trail.Wanted{Limit: 10})
		if len(rows) != 5 || rows[0].Act != trail.AccessKeyRefused || rows[1].Act != trail.AccessKeyEnded || rows[1].Who != "somebody" || rows[4].Args["key"] != k.ID || bytes.Contains([]byte(fmt.Sprint(rows)), []byte(token.Secret()[25:])) {
			t.Errorf("%+v", rows)
		}
		return err
	}))
}

// TestWrongKeys: keys that are none are counted by address and by the id that they name, as
// failed sign-ins are; a key that serves is let in whatever else comes.
func TestWrongKeys(t *testing.T) {
	st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	now := time.Unix(1_800_000_000, 0).UTC()
	if err := st.Migrate(t.Context(), now, []store.Schema{stated.Schema(), api.Schema()}); err != nil {
		t.Fatal(err)
	}
	s := accesskey.New(accesskey.Config{Store: st, Now: func() time.Time { return now }, Entropy: rand.Reader, Office: "CF/bangui", Permissions: func() []string { return nil }})
	good, _, err := s.Make(t.Context(), accesskey.By{}, accesskey.Proposal{Name: "SYNTHETIC system", Roles: []access.Role{access.Importer}})
	if err != nil {
		t.Fatal(err)
	}
	bad, err := api.NewToken(rand.Reader, false)
	if err != nil {
		t.Fatal(err)
	}
	bad.ID = good.ID
	try := func(sent, from, want string) {
		t.Helper()
		if _, err := s.Know(t.Context(), sent, from); want == "" && err != nil || want != "" && !fault.Is(err, want) {
			t.Fatalf("from %s: %v, want %q", from, err, want)
		}
	}
	// By id, from wherever they come: the tenth closes it for a quarter of an hour.
	limits := people.DefaultLimits()
	for i := range limits.Failures - 1 {
		try(bad.Secret(), fmt.Sprintf("192.0.2.%d", i), "party.key_refused")
	}
	for i := range 3 {
		try(bad.Secret(), fmt.Sprintf("198.51.100.%d", i), "party.key_locked")
	}
	_, err = s.Know(t.Context(), bad.Secret(), "198.51.100.9")
	if f, _ := fault.Of(err); f == nil || f.Args["until"] != now.Add(limits.LockedFor) || f.Args["id"] != good.ID || fault.KindOf(err) != fault.KindLimited {
		t.Errorf("%v", err)
	}
	try(good.Secret(), "198.51.100.1", "")
	now = now.Add(limits.LockedFor + time.Second)
	try(bad.Secret(), "198.51.100.1", "party.key_refused")

	// By address, whatever they name and whether it has the form of a key or not.
	for i := range limits.Burst {
		other, err := api.NewToken(rand.Reader, i%2 == 0)
		if err != nil {
			t.Fatal(err)
		}
		sent := other.Secret()
		if i%3 == 0 {
			sent = "nonsense"
		}
		try(sent, "2001:db8::1", "party.key_refused")
	}
	try("nonsense", "2001:db8::2", "party.key_tries") // a neighbour in the same network
	try(bad.Secret(), "2001:db8::1", "party.key_tries")
	try(bad.Secret(), "203.0.113.1", "party.key_refused")
	try(good.Secret(), "2001:db8::1", "")
	now = now.Add(3 * time.Second)
	try("nonsense", "2001:db8::1", "party.key_refused")
	try("nonsense", "2001:db8::1", "party.key_tries")
	// Many from one address are turned away, of a key that was ended too.
	old, k, err := s.Make(t.Context(), accesskey.By{}, accesskey.Proposal{Name: "SYNTHETIC old system", Roles: []access.Role{access.Importer}})
	if err == nil {
		err = s.End(t.Context(), accesskey.By{}, k.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	try(old.Secret(), "2001:db8::1", "party.key_tries")
	// What was turned away unlooked at stands in no trail, and no secret does.
	if err := st.Read(t.Context(), now, func(tx *store.Tx) error {
		rows, err := trail.List(tx, trail.Wanted{Limit: 100})
		count := map[trail.Act]int{}
		for _, r := range rows {
			count[r.Act]++
		}
		named := limits.Burst - (limits.Burst+2)/3
		if count[trail.AccessKeyRefused] != limits.Failures+2+named || count[trail.Locked] != 1 || bytes.Contains([]byte(fmt.Sprint(rows)), []byte(bad.Secret()[25:])) {
			t.Errorf("%v %+v", count, rows)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestWords(t *testing.T) {
	if found, err := lang.Compare(accesskey.Text()); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}

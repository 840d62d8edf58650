package exchange_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// clock is one that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// scene is two Participants whose logs are in folders, and offices that follow them.
type scene struct {
	*verifytest.World
	t     *testing.T
	dir   string
	clock *clock
	sc    func(t *testing.T) store.Config
	ids   map[string]*age.X25519Identity
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, s *scene)) {
	t.Run("SQLite", func(t *testing.T) {
		test(t, newScene(t, func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} }))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		test(t, newScene(t, func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} }))
	})
}

func onSQLite(t *testing.T) *scene {
	return newScene(t, func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} })
}

func newScene(t *testing.T, sc func(t *testing.T) store.Config) *scene {
	s := &scene{World: verifytest.New(), t: t, dir: t.TempDir(), clock: &clock{at: time.Unix(verifytest.Start+3600, 0).UTC()}, sc: sc, ids: map[string]*age.X25519Identity{}}
	for _, name := range []string{"CF/bangui", "AE/dubai"} {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		s.ids[name] = id
	}
	s.begin()
	return s
}

// sceneWith is a scene in another process, with the same keys for messages.
func sceneWith(t *testing.T, cf, ae string) *scene {
	s := &scene{World: verifytest.New(), t: t, dir: t.TempDir(), clock: &clock{at: time.Unix(verifytest.Start+3600, 0).UTC()}, ids: map[string]*age.X25519Identity{}}
	for name, text := range map[string]string{"CF/bangui": cf, "AE/dubai": ae} {
		id, err := age.ParseX25519Identity(text)
		if err != nil {
			t.Fatal(err)
		}
		s.ids[name] = id
	}
	s.begin()
	return s
}

// begin has the authorities name the keys.
func (s *scene) begin() {
	for _, name := range []string{"CF/bangui", "AE/dubai"} {
		s.appoint(name, s.Offices[name].Signer, statement.UseOffice, s.ids[name].Recipient().String(), verifytest.Start+366*86400)
	}
	s.publish()
}

// appoint has an authority name a key, and a recipient for messages.
func (s *scene) appoint(office string, key verifytest.Signer, use statement.Use, recipient string, until int64) {
	k := &statement.OfficeKey{Office: office, Use: use, Key: key.Key, From: verifytest.Start - 3600, Until: until, Age: recipient}
	if use == statement.UseOffice {
		k.Name, k.Types = "SYNTHETIC office", []statement.Type{statement.TypeCertificate}
	}
	s.Offices[office].Log.Append(s.Authority[office[:2]].Statement(statement.Header{Issuer: office[:2] + "/authority", IssuedAt: verifytest.Start,
		Subject: "key/" + key.Key.ID().String(), Synthetic: true}, k))
}

func (s *scene) publish() {
	for _, l := range s.Logs {
		ledgertest.Publish(s.t, filepath.Join(s.dir, l.Origin), l, int64(len(l.Leaves)), verifytest.Start)
	}
}

// office is one office's post under test.
type office struct {
	*exchange.Office
	s      *scene
	ledger *ledger.Ledger
	server *httptest.Server
	got    *[]*exchange.Arrived
}

// open makes an office with its own ledger, whose log nobody follows, a handler of
// notices and advices, and peers.
func (s *scene) open(name string, peers ...peer.Peer) *office {
	s.t.Helper()
	w := ledgertest.New(s.t, "node-"+name[3:]+".kp.example/2026")
	lc := w.LogConfig()
	lc.Interval = time.Hour
	l, done := w.OpenWith(ledger.Config{Now: s.clock.now}, lc, s.sc(s.t))
	s.t.Cleanup(done)
	return s.post(name, l, peers...)
}

// post makes the post of an office on a ledger that is open.
func (s *scene) post(name string, l *ledger.Ledger, peers ...peer.Peer) *office {
	s.t.Helper()
	var got []*exchange.Arrived
	o := &office{s: s, ledger: l, got: &got}
	o.Office = exchange.New(exchange.Config{Ledger: l, Office: name, Synthetic: true, Signer: ledgertest.Signer{Signer: s.Offices[name].Signer},
		Identities: func(context.Context) ([]age.Identity, error) { return []age.Identity{s.ids[name]}, nil },
		Roots:      func() ([][]byte, error) { return s.Roots, nil }, Peers: peers, Dir: s.dir, Now: s.clock.now, Entropy: rand.Reader})
	o.register(message.Advice, func(_ *store.Tx, in *exchange.Arrived) error {
		got = append(got, in)
		return nil
	})
	o.follow()
	return o
}

func (o *office) register(k message.Kind, h exchange.Handler) {
	o.s.t.Helper()
	if err := o.Register(k, h); err != nil {
		o.s.t.Fatal(err)
	}
}

// follow brings what the office knows of keys up to the published logs.
func (o *office) follow() {
	o.s.t.Helper()
	f, err := follow.New(follow.Config{Ledger: o.ledger, Now: o.s.clock.now, Followers: []follow.Follower{exchange.Heard()}})
	if err != nil {
		o.s.t.Fatal(err)
	}
	for _, l := range o.s.Logs {
		pol, err := policy.Parse(o.s.Policy(l))
		if err != nil {
			o.s.t.Fatal(err)
		}
		if _, err := f.Log(o.s.t.Context(), follow.Feed{Source: tiles.OpenFolder(filepath.Join(o.s.dir, l.Origin)), Policy: pol}); err != nil {
			o.s.t.Fatal(err)
		}
	}
}

// serve takes messages over HTTP on loopback and gives the address.
func (o *office) serve() string {
	o.server = httptest.NewServer(o.Handler())
	o.s.t.Cleanup(o.server.Close)
	return o.server.URL + "/exchange"
}

// serveFreely is serve for a test that sends more than others may: each request has
// an address of its own.
func (o *office) serveFreely() string {
	h, n := o.Handler(), atomic.Int64{}
	o.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = fmt.Sprintf("192.0.2.1%d:1", n.Add(1))
		h.ServeHTTP(w, r)
	}))
	o.s.t.Cleanup(o.server.Close)
	return o.server.URL + "/exchange"
}

// put posts a message.
func (o *office) put(d exchange.Draft) (id message.ID) {
	o.s.t.Helper()
	err := o.ledger.Store().Write(o.s.t.Context(), o.s.clock.now(), func(tx *store.Tx) (err error) {
		id, err = o.Post(tx, d)
		return err
	})
	if err != nil {
		o.s.t.Fatal(err)
	}
	return id
}

func (o *office) round() {
	o.s.t.Helper()
	if err := o.Round(o.s.t.Context()); err != nil {
		o.s.t.Fatal(err)
	}
}

// sent gives a message of the outbox.
func (o *office) sent(id message.ID) (m *exchange.Outgoing) {
	o.s.t.Helper()
	err := o.ledger.Store().Read(o.s.t.Context(), o.s.clock.now(), func(tx *store.Tx) (err error) {
		m, err = exchange.SentOf(tx, id)
		return err
	})
	if err != nil {
		o.s.t.Fatal(err)
	}
	return m
}

func (o *office) inbox() []*exchange.Incoming {
	o.s.t.Helper()
	in, err := o.Inbox(o.s.t.Context(), 1000)
	if err != nil {
		o.s.t.Fatal(err)
	}
	return in
}

// advice is a draft of an advice with a whole certificate, whose number it gives.
func (s *scene) advice(to string) (d exchange.Draft, number string, payload canonical.Hash) {
	s.t.Helper()
	cf := s.Offices["CF/bangui"]
	b := cf.Sign(cf.Draft("AE", verifytest.Start))
	file, err := b.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	st, err := statement.Parse(b.Statement)
	if err != nil {
		s.t.Fatal(err)
	}
	return exchange.Draft{To: to, Kind: message.Advice, Bundles: [][]byte{file}}, st.Body.(*statement.Certificate).Number, canonical.Sum(st.Signed.Payload)
}

// raw signs and encrypts a message by hand, with a key and for a recipient.
func (s *scene) raw(m *message.Message, by verifytest.Signer, to string) []byte {
	s.t.Helper()
	payload, err := m.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	return s.encrypt(payload, by.Sign(statement.ContentMessage, payload, true), to)
}

func (s *scene) encrypt(payload, signature []byte, to string) []byte {
	s.t.Helper()
	b, err := canonical.Marshal([][]byte{payload, signature})
	if err != nil {
		s.t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, s.ids[to].Recipient())
	if err != nil {
		s.t.Fatal(err)
	}
	w.Write(b)
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	return out.Bytes()
}

// note is a message by hand, from CF/bangui to AE/dubai.
func (s *scene) note(change func(*message.Message)) *message.Message {
	m := &message.Message{Version: 1, From: "CF/bangui", To: "AE/dubai", Time: s.clock.now().Unix(), Kind: message.Notice, Synthetic: true, Note: "SYNTHETIC"}
	rand.Read(m.ID[:])
	if change != nil {
		change(m)
	}
	return m
}

func wantFault(t *testing.T, err error, key string) {
	t.Helper()
	if !fault.Is(err, key) {
		t.Errorf("%v, want %s", err, key)
	}
}

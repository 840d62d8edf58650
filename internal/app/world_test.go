package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/app/demo"
	"adamas.example/internal/app/node"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// world is two Participants' nodes in folders of their own, a witness of each
// pillar, and a root document. Everything goes over loopback.
type world struct {
	t       *testing.T
	dir     string
	bodies  []demo.Body
	auth    map[string]*keyring.Signer // by Participant
	keys    map[policy.Pillar]ed25519.PrivateKey
	roots   [][]byte
	chain   *trust.Chain
	origins []string // of all logs, those to come among them
	vkeys   []string
	start   time.Time
	plain   bool // without the test's own module
}

const (
	cfOrigin   = "cf.kp.example/2026"
	aeOrigin   = "ae.kp.example/2026"
	aeNext     = "ae.kp.example/2027"
	worldHours = 48 * time.Hour
)

// newWorld makes the folders cf and ae, each ready to be opened.
func newWorld(t *testing.T) *world { return makeWorld(t, false) }

func makeWorld(t *testing.T, plain bool) *world {
	w := &world{t: t, plain: plain, dir: ledgertest.Folder(t), auth: map[string]*keyring.Signer{}, keys: map[policy.Pillar]ed25519.PrivateKey{}, start: time.Now().UTC().Add(-time.Minute)}
	var err error
	if w.bodies, err = demo.NewBodies(t.Context(), filepath.Join(w.dir, "people"), w.start); err != nil {
		t.Fatal(err)
	}
	for _, p := range policy.Pillars {
		if _, w.keys[p], err = ed25519.GenerateKey(rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	for code, origin := range map[string]string{"CF": cfOrigin, "AE": aeOrigin} {
		ring, err := keyring.Create(filepath.Join(w.dir, "people", "authority "+code), keyring.Demonstration())
		w.must(err)
		w.card(ring, keyring.Spec{Name: "authority", Purpose: keyring.Authority})
		w.auth[code], err = ring.Signer(t.Context(), "authority", keyring.Authority)
		w.must(err)
		own, err := keyring.Create(filepath.Join(w.dir, strings.ToLower(code), node.KeysFolder), keyring.Demonstration())
		w.must(err)
		w.card(own, keyring.Spec{Name: node.OfficeKey, Purpose: keyring.Office})
		w.card(own, keyring.Spec{Name: "message", Purpose: keyring.Message})
		w.vkeys = append(w.vkeys, w.card(own, keyring.Spec{Name: node.LogKey, Purpose: keyring.Log, Label: origin}).VKey)
		w.origins = append(w.origins, origin)
		if code == "AE" {
			w.vkeys = append(w.vkeys, w.card(own, keyring.Spec{Name: "log-2", Purpose: keyring.Log, Label: aeNext}).VKey)
			w.origins = append(w.origins, aeNext)
		}
	}
	urls := w.witnesses()
	w.root([]trust.Home{{Origin: aeOrigin}}, cfOrigin, aeOrigin)
	for code, origin := range map[string]string{"CF": cfOrigin, "AE": aeOrigin} {
		dir := filepath.Join(w.dir, strings.ToLower(code))
		w.must(node.WriteFile(filepath.Join(dir, node.PolicyFile), []byte(w.policy(origin, urls))))
		office := map[string]string{"CF": "CF/bangui", "AE": "AE/dubai"}[code]
		w.must(node.WriteConfig(dir, node.Config{Office: office, Station: office + "/pc-1", Origin: origin, Interval: 100, Synthetic: true, Poll: 1}))
	}
	for code := range w.auth {
		w.appoint(code)
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) card(ring *keyring.Ring, spec keyring.Spec) *keyring.Card {
	w.t.Helper()
	spec.Created = w.start
	c, err := ring.New(w.t.Context(), spec)
	w.must(err)
	return c
}

// witnesses starts one of each pillar, that has seen nothing yet, and gives their
// addresses. Started again they know nothing of each other: with them a log can be
// split.
func (w *world) witnesses() map[policy.Pillar]string {
	urls := map[policy.Pillar]string{}
	var logs []witness.Log
	for i, origin := range w.origins {
		logs = append(logs, witness.Log{Origin: origin, VKeys: []string{w.vkeys[i]}})
	}
	for _, p := range policy.Pillars {
		dir, err := os.MkdirTemp(w.dir, "witness-"+p.String())
		w.must(err)
		wit, err := witness.New(witness.Config{Dir: dir, Name: "witness." + p.String() + ".example/w", Signer: w.keys[p], Now: time.Now, Logs: logs})
		w.must(err)
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		w.must(err)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			wit.Serve(ctx, ln)
			wit.Close()
		}()
		w.t.Cleanup(func() { cancel(); <-done })
		urls[p] = "http://" + ln.Addr().String()
	}
	return urls
}

// policy is that of a log, with the witnesses' addresses or without.
func (w *world) policy(origin string, urls map[policy.Pillar]string) string {
	var b strings.Builder
	for i, o := range w.origins {
		if o == origin {
			fmt.Fprintf(&b, "log %s\n", w.vkeys[i])
		}
	}
	for _, p := range policy.Pillars {
		vk := policy.WitnessVKey("witness."+p.String()+".example/w", w.keys[p].Public().(ed25519.PublicKey))
		fmt.Fprintf(&b, "witness %s-1 %s %s\n", p, vk, urls[p])
	}
	for _, p := range policy.Pillars {
		fmt.Fprintf(&b, "group %s any %s-1\n", p, p)
	}
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}

// root makes the next version of the root document and puts it into both folders.
func (w *world) root(ae []trust.Home, origins ...string) {
	w.t.Helper()
	r := trust.Root{Issued: w.start.Unix(), Expires: w.start.Add(366 * 24 * time.Hour).Unix(), Scheme: "SYNTHETIC Kimberley Process", Synthetic: true,
		Threshold: trust.Threshold{Government: 1, Industry: 1, Civil: 1, Total: 4},
		Participants: []trust.Participant{{Code: "AE", Name: "SYNTHETIC AE", Authority: w.auth["AE"].Key(), Homes: ae},
			{Code: "CF", Name: "SYNTHETIC CF", Authority: w.auth["CF"].Key(), Homes: []trust.Home{{Origin: cfOrigin}}}}}
	for _, b := range w.bodies {
		r.Keys = append(r.Keys, trust.RootKey{Pillar: b.Pillar, Holder: b.Holder, Key: b.Signer.Key()})
	}
	for _, o := range []string{aeOrigin, aeNext, cfOrigin} { // ascending
		for _, named := range origins {
			if o == named {
				r.Logs = append(r.Logs, trust.Log{Origin: o, Policy: w.policy(o, nil)})
			}
		}
	}
	payload, err := keyring.NewRoot(w.chain, r)
	w.must(err)
	var signatures [][]byte
	for _, b := range w.bodies {
		s, err := keyring.SignRoot(w.t.Context(), b.Signer, w.chain, payload, w.start)
		w.must(err)
		signatures = append(signatures, s)
	}
	signed, err := keyring.AssembleRoot(w.roots, payload, signatures, w.start)
	w.must(err)
	w.roots = append(w.roots, signed)
	w.chain, err = trust.ParseChain(w.roots, canonical.Hash{})
	w.must(err)
	for _, folder := range []string{"cf", "ae"} {
		w.must(node.WriteFile(filepath.Join(w.dir, folder, node.RootFolder, keyring.RootFile(len(w.roots))), signed))
	}
}

// appoint has the authority name its office's key, with the key for messages.
func (w *world) appoint(code string) {
	w.t.Helper()
	n := w.open(strings.ToLower(code))
	defer func() { w.must(n.Close()) }()
	card, err := n.Ring.Card(node.OfficeKey)
	w.must(err)
	mail, err := n.Ring.Card("message")
	w.must(err)
	act := keyring.Act{Issuer: code + "/authority", At: w.start, Synthetic: true}
	h, b, err := keyring.OfficeKeyStatement(act, card, keyring.Appointment{Office: n.Config.Office, Name: "SYNTHETIC office", From: w.start,
		Until: w.start.Add(366 * 24 * time.Hour), Types: keyring.DailyTypes(), Age: mail.Recipient})
	w.must(err)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	_, err = n.Ledger.Record(ctx, w.auth[code], h, b, ledger.Witnessed)
	w.must(err)
}

// open opens a node's folder, with the tables of the test's own module.
func (w *world) open(folder string) *node.Node {
	w.t.Helper()
	n, err := node.Open(w.env(nil), filepath.Join(w.dir, folder), w.tables())
	w.must(err)
	return n
}

// tables are those of all modules and, unless the program itself is to open the
// nodes, of the test's own.
func (w *world) tables() node.Schemas {
	if w.plain {
		return schemas()
	}
	return append(schemas(), store.Schema{Module: "seen", Files: seenModule().Schema})
}

// env is an environment whose clock may be ahead.
func (w *world) env(ahead func() time.Duration) *module.Env {
	words, err := loadWords()
	w.must(err)
	now := func() time.Time {
		if ahead == nil {
			return time.Now()
		}
		return time.Now().Add(ahead())
	}
	return &module.Env{Context: w.t.Context(), Out: io.Discard, Err: io.Discard, Now: now, Getenv: func(string) string { return "" }, Words: words.Printer(lang.English)}
}

// seenModule is a module as others will write them: a view of all logs, and a
// handler of instructions, which no module of the program handles yet.
func seenModule() module.Module {
	return module.Module{Name: "seen",
		Schema: fstest.MapFS{"schema/0001_seen.sql": {Data: []byte(`
CREATE TABLE seen_entry (origin TEXT NOT NULL, hash BYTES NOT NULL, PRIMARY KEY (origin, hash)) TABLE_END;
CREATE TABLE seen_instruction (id BYTES NOT NULL PRIMARY KEY, sender TEXT NOT NULL) TABLE_END;
`)}},
		Followers: func(*module.Node) ([]follow.Follower, error) { return []follow.Follower{seen{}}, nil },
		Messages: func(*module.Node) (map[message.Kind]exchange.Handler, error) {
			return map[message.Kind]exchange.Handler{message.Instruction: func(tx *store.Tx, in *exchange.Arrived) error {
				_, err := tx.Exec(`INSERT INTO seen_instruction (id, sender) VALUES ($1, $2)`, in.ID, in.From)
				return err
			}}, nil
		}}
}

type seen struct{}

func (seen) Name() string { return "seen.entries" }
func (seen) Reset(tx *store.Tx) error {
	_, err := tx.Exec(`DELETE FROM seen_entry`)
	return err
}
func (seen) Apply(tx *store.Tx, e follow.Followed) error {
	_, err := tx.Exec(`INSERT INTO seen_entry (origin, hash) VALUES ($1, $2)`, e.Origin, e.Hash)
	return err
}

// running is a node that is served, with what it does with others at hand.
type running struct {
	w      *world
	node   *node.Node
	others *following
	server *http.Server
	end    context.CancelFunc
	ended  sync.WaitGroup
	mu     sync.Mutex
	later  time.Duration
}

// port is a free address that stays a node's over restarts.
func (w *world) port() string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	defer ln.Close()
	return ln.Addr().String()
}

// run serves a node's folder at an address.
func (w *world) run(folder, address string) *running {
	w.t.Helper()
	r := &running{w: w}
	env := w.env(func() time.Duration { r.mu.Lock(); defer r.mu.Unlock(); return r.later })
	r.node = w.open(folder)
	ctx, end := context.WithCancel(context.Background())
	r.end = end
	var err error
	r.others, err = startFollowing(ctx, env, r.node, append(Modules(), seenModule()))
	w.must(err)
	words, err := loadWords()
	w.must(err)
	handler, err := face(env, r.node, r.others, words, module.Offer{})
	w.must(err)
	ln, err := net.Listen("tcp", address)
	w.must(err)
	r.server = &http.Server{Handler: handler}
	r.ended.Go(func() { r.server.Serve(ln) })
	w.t.Cleanup(func() { r.stop() })
	return r
}

// ahead sets the node's clock ahead.
func (r *running) ahead(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later = d
}

func (r *running) stop() {
	if r.end == nil {
		return
	}
	r.end()
	r.others.wait()
	err := r.server.Close()
	r.ended.Wait()
	if err := errors.Join(err, r.node.Close()); err != nil {
		r.w.t.Error(err)
	}
	r.end = nil
}

// log is how a followed log stands; the zero value when it is not among them.
func (r *running) log(origin string) followedLog {
	r.w.t.Helper()
	logs, err := r.others.logs(r.w.t.Context())
	r.w.must(err)
	for _, l := range logs {
		if l.Origin == origin {
			return l
		}
	}
	return followedLog{}
}

// until waits for a condition.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatalf("it never came to this: %s", what)
}

// record has the node's office record small statements.
func (r *running) record(count int) {
	r.w.t.Helper()
	recordOn(r.w, r.node, count, "")
}

func recordOn(w *world, n *node.Node, count int, mark string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for i := range count {
		want := ledger.Signed
		if i == count-1 {
			want = ledger.Witnessed
		}
		_, err := n.Ledger.Record(ctx, n.Office, statement.Header{Issuer: n.Config.Office, IssuedAt: time.Now().Unix(), Subject: fmt.Sprintf("rule-set/%s%d", mark, i), Synthetic: true},
			&statement.RuleSet{Set: "kpcs", Version: "1", Content: canonical.Sum([]byte("x")), From: 20000}, want)
		w.must(err)
	}
}

// peers writes into a node's configuration whom it knows.
func (w *world) peers(folder string, peers ...peer.Peer) {
	w.t.Helper()
	dir := filepath.Join(w.dir, folder)
	c, err := node.ReadConfig(dir)
	w.must(err)
	c.Peers = peers
	w.must(node.WriteConfig(dir, c))
}

// rows counts the rows of the test's own view of a log.
func (r *running) rows(origin string) (n int64) {
	r.w.t.Helper()
	r.w.must(r.node.Store.Read(r.w.t.Context(), time.Now(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM seen_entry WHERE origin = $1`, origin).Scan(&n)
	}))
	return n
}

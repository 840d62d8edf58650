package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/message"
	"adamas.example/verify/trust"
)

// aeAt is the peer AE/dubai whose node is at an address.
func aeAt(address string, more ...string) peer.Peer {
	return peer.Peer{Office: "AE/dubai", Exchange: "http://" + address + "/exchange",
		Logs: []peer.Place{{Origin: aeOrigin, From: append([]string{"http://" + address + "/log"}, more...)}}}
}

func cfAt(address string) peer.Peer {
	return peer.Peer{Participant: "CF", Exchange: "http://" + address + "/exchange", Logs: []peer.Place{{Origin: cfOrigin, From: []string{"http://" + address + "/log"}}}}
}

func ask(t *testing.T, address, path string) (int, string) {
	t.Helper()
	resp, err := http.Get("http://" + address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// TestTwoNodes: two nodes follow each other and exchange a message, with nothing
// between them but HTTP; neither knew the other's keys before. Then one is cut off
// for days while the other goes on, and catches up.
func TestTwoNodes(t *testing.T) {
	w := newWorld(t)
	atCF, atAE := w.port(), w.port()
	stick := filepath.Join(w.dir, "stick")
	w.peers("cf", aeAt(atAE, stick))
	w.peers("ae", cfAt(atCF))
	cf, ae := w.run("cf", atCF), w.run("ae", atAE)
	var id message.ID
	w.must(cf.node.Store.Write(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
		id, err = cf.others.node.Post.Post(tx, exchange.Draft{To: "AE/dubai", Kind: message.Instruction, Note: "SYNTHETIC"})
		return err
	}))
	w.until("the message is acknowledged", func() bool {
		var m *exchange.Outgoing
		w.must(cf.node.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
			m, err = exchange.SentOf(tx, id)
			return err
		}))
		return m.State == exchange.Acknowledged
	})
	var from string
	w.must(ae.node.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT sender FROM seen_instruction WHERE id = $1`, id).Scan(&from)
	}))
	if from != "CF/bangui" {
		t.Errorf("handled as from %q", from)
	}
	w.until("AE's log is followed", func() bool { return cf.log(aeOrigin).State == "current" && cf.rows(aeOrigin) == 1 })

	// A copy on a stick, which soon is behind and keeps nobody from the rest.
	w.must(os.CopyFS(stick, os.DirFS(filepath.Join(w.dir, "ae", "log"))))
	ae.record(3)
	w.until("all is followed, the stick is behind", func() bool {
		l := cf.log(aeOrigin)
		return cf.rows(aeOrigin) == 4 && l.State == "current" && len(l.Places) == 2 && l.Places[1].Behind == 3
	})

	// Cut off: the page says so, and nothing of what was read is lost.
	ae.server.Close()
	cf.ahead(worldHours)
	w.until("the page says that it is stale", func() bool {
		_, page := ask(t, atCF, "/status")
		return cf.log(aeOrigin).State == "stale" && strings.Contains(page, "nothing newer than a day") && strings.Contains(page, aeOrigin)
	})
	if status, _ := ask(t, atCF, "/health"); status != http.StatusOK {
		t.Errorf("another's silence makes this node ill: %d", status)
	}
	ae.stop()
	n := w.open("ae")
	recordOn(w, n, 600, "away-")
	w.must(n.Close())
	cf.ahead(0)
	w.run("ae", atAE)
	w.until("it has caught up", func() bool { return cf.rows(aeOrigin) == 604 && cf.log(aeOrigin).State == "current" })
	status, text := ask(t, atCF, "/following")
	var answer struct{ Logs []followedLog }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK || len(answer.Logs) != 1 || answer.Logs[0].Views["seen.entries"] != 604 ||
		strings.Contains(text, stick) {
		t.Errorf("%d %v %s", status, err, text)
	}
}

// TestRebuilt: a view that is emptied and followed anew is the same, and so is that
// of a node whose database was lost and put back from a copy of before.
func TestRebuilt(t *testing.T) {
	w := newWorld(t)
	atCF, atAE := w.port(), w.port()
	w.peers("cf", aeAt(atAE))
	ae := w.run("ae", atAE)
	ae.record(300)
	early, err := os.ReadFile(filepath.Join(w.dir, "cf", "adamas.db"))
	w.must(err)
	cf := w.run("cf", atCF)
	w.until("all is followed", func() bool { return cf.rows(aeOrigin) == 301 && cf.rows(cfOrigin) == 1 })
	want := dumpSeen(w, cf)
	f := cf.others.current
	if err := f.Rebuild(t.Context(), "seen.entries"); err != nil {
		t.Fatal(err)
	}
	if got := dumpSeen(w, cf); !bytes.Equal(got, want) {
		t.Error("the view that was made anew is another")
	}
	cf.stop()
	for _, name := range []string{"adamas.db", "adamas.db-wal", "adamas.db-shm"} {
		if err := os.Remove(filepath.Join(w.dir, "cf", name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	w.must(os.WriteFile(filepath.Join(w.dir, "cf", "adamas.db"), early, 0o600))
	cf = w.run("cf", atCF)
	w.until("all is followed again", func() bool { return cf.rows(aeOrigin) == 301 && cf.rows(cfOrigin) == 1 })
	if got := dumpSeen(w, cf); !bytes.Equal(got, want) {
		t.Error("the view of the node that was rebuilt is another")
	}
}

func dumpSeen(w *world, r *running) (out []byte) {
	w.must(r.node.Store.Read(w.t.Context(), time.Now(), func(tx *store.Tx) error {
		out = nil
		rows, err := store.Collect(tx, func(scan store.Scan) (string, error) {
			var origin string
			var hash []byte
			err := scan(&origin, &hash)
			return origin + string(hash), err
		}, `SELECT origin, hash FROM seen_entry ORDER BY origin, hash`)
		out = []byte(strings.Join(rows, "\n"))
		return err
	}))
	return out
}

// TestClosedAndContinued: a log that says that it ends is not followed under its new
// name before the root document says so; then by itself, beside the old one.
func TestClosedAndContinued(t *testing.T) {
	w := newWorld(t)
	atCF, atAE := w.port(), w.port()
	w.peers("cf", aeAt(atAE))
	cf := w.run("cf", atCF)
	env := w.env(nil)
	parser, err := newParser(env)
	w.must(err)
	command, err := parser.Parse([]string{"recover", "--dir", filepath.Join(w.dir, "ae"), "--close-to", aeNext, "--reason", "SYNTHETIC: a new year", "--apply"})
	w.must(err)
	w.must(command.Run(env, append(schemas(), store.Schema{Module: "seen", Files: seenModule().Schema})))
	ae := w.run("ae", atAE)
	w.until("the end is heard of, and its successor not believed", func() bool {
		_, problems, err := cf.others.rows(t.Context(), w.env(nil).Words)
		w.must(err)
		return cf.log(aeOrigin).State == "ended" && cf.log(aeOrigin).Successor == aeNext && strings.Contains(strings.Join(problems, "\n"), "goes on as "+aeNext)
	})
	ae.record(5)
	if n := cf.rows(aeNext); n != 0 {
		t.Errorf("%d entries of a log that nobody vouches for", n)
	}
	w.root([]trust.Home{{Origin: aeOrigin}, {Origin: aeNext}}, cfOrigin, aeOrigin, aeNext)
	w.until("it is followed on", func() bool {
		return cf.rows(aeNext) == int64(cf.log(aeNext).Size) && cf.log(aeNext).Size >= 5 && cf.log(aeNext).State == "current"
	})
	_, problems, err := cf.others.rows(t.Context(), w.env(nil).Words)
	if err != nil || len(problems) != 0 {
		t.Errorf("%q %v", problems, err)
	}
}

// TestSplit: a log that shows another past under the same name, signed by itself and
// by witnesses of all pillars, stops the following of it; both checkpoints are kept,
// and page and watchdog say so.
func TestSplit(t *testing.T) {
	w := newWorld(t)
	twin := filepath.Join(w.dir, "twin")
	w.must(os.CopyFS(twin, os.DirFS(filepath.Join(w.dir, "ae"))))
	w.must(filepath.WalkDir(filepath.Join(twin, node.KeysFolder), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	}))
	w.must(os.Chmod(filepath.Join(twin, node.KeysFolder), 0o700))
	atCF := w.port()
	n := w.open("ae")
	recordOn(w, n, 4, "one-")
	w.must(n.Close())
	// The twin has the same keys, and witnesses that do not remember.
	w.must(node.WriteFile(filepath.Join(twin, node.PolicyFile), []byte(w.policy(aeOrigin, w.witnesses()))))
	n = w.open("twin")
	recordOn(w, n, 6, "other-")
	w.must(n.Close())

	shown := filepath.Join(w.dir, "ae", "log")
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.StripPrefix("/log", tiles.Handler(shown)).ServeHTTP(rw, r)
	}))
	defer server.Close()
	w.peers("cf", aeAt(strings.TrimPrefix(server.URL, "http://")))
	cf := w.run("cf", atCF)
	w.until("it is followed", func() bool { return cf.rows(aeOrigin) == 5 })
	cf.stop()
	shown = filepath.Join(twin, "log")
	cf = w.run("cf", atCF)
	w.until("the watchdog is told", func() bool {
		status, text := ask(t, atCF, "/health")
		return status == http.StatusServiceUnavailable && strings.Contains(text, `"split"`) && strings.Contains(text, aeOrigin)
	})
	if n := cf.rows(aeOrigin); n != 5 {
		t.Errorf("%d entries are followed, want the 5 of before", n)
	}
	if _, page := ask(t, atCF, "/status"); !strings.Contains(page, "Two versions of the register "+aeOrigin+" contradict each other") {
		t.Error("the page does not say so")
	}
	if _, page := ask(t, atCF, "/register?lang=en"); !strings.Contains(page, "Two versions of it contradict each other") {
		t.Error("the register does not say so")
	}
	forks, err := cf.others.current.Forks(t.Context())
	if err != nil || len(forks) != 1 || forks[0].Known == forks[0].Found || !strings.Contains(forks[0].Known, "\n5\n") || !strings.Contains(forks[0].Found, "\n7\n") {
		t.Errorf("evidence: %+v %v", forks, err)
	}
	feeds, _ := cf.others.node.Post.Feeds(t.Context())
	if _, err := cf.others.current.Log(t.Context(), feeds[0]); !fault.Is(err, "ledger.log_forked") {
		t.Errorf("%v", err)
	}
}

// TestFollowersOfModules: every follower of the program has a name of its own, and
// no two modules handle one kind of message.
func TestFollowersOfModules(t *testing.T) {
	w := newWorld(t)
	n := w.open("cf")
	defer func() { w.must(n.Close()) }()
	face, err := n.Face(w.env(nil), Modules())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := follow.New(follow.Config{Ledger: n.Ledger, Now: time.Now, Followers: face.Followers}); err != nil {
		t.Error(err)
	}
	if _, err := n.Face(w.env(nil), append(Modules(), seenModule(), seenModule())); err == nil || !strings.Contains(err.Error(), "instruction") {
		t.Errorf("two modules handle instructions: %v", err)
	}
}

// TestJobsApart: what waits for computers outside holds up neither the other jobs nor the
// looks at the registers of others, and has ended when the node has.
func TestJobsApart(t *testing.T) {
	w := newWorld(t)
	n := w.open("cf")
	ctx, end := context.WithCancel(t.Context())
	var begun, over, ticks atomic.Int64
	jobs := module.Module{Name: "jobs", Jobs: func(*module.Node) ([]module.Job, error) {
		return []module.Job{{Name: "jobs.slow", Apart: true, Do: func(ctx context.Context) error {
			begun.Add(1)
			<-ctx.Done()
			over.Add(1)
			return ctx.Err()
		}}, {Name: "jobs.tick", Do: func(context.Context) error { ticks.Add(1); return nil }}}, nil
	}}
	f, err := startFollowing(ctx, w.env(nil), n, append(Modules(), seenModule(), jobs))
	w.must(err)
	w.until("the housekeeping goes on", func() bool { return begun.Load() == 1 && ticks.Load() >= 2 })
	end()
	f.wait()
	if begun.Load() != 1 || over.Load() != 1 {
		t.Errorf("the slow job was begun %d times and ended %d", begun.Load(), over.Load())
	}
	w.must(n.Close())
}

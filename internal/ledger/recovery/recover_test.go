package recovery_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// TestRestoredBackup: what a backup does not know is refused, fetched from a
// mirror, and then the office goes on. Nothing is signed a second time.
func TestRestoredBackup(t *testing.T) {
	o := newOffice(t)
	first := ledgertest.Folder(t)
	l, done := o.open(first)
	before := o.record(l, ledger.Witnessed, 0, 3)
	signedLater, neverSigned := o.intend(l, 100), o.intend(l, 101)
	backup := o.snapshot(l)
	lost := o.record(l, ledger.Witnessed, 3, 4)
	inLostDays, err := l.Sign(t.Context(), signedLater, o.key)
	if err != nil {
		t.Fatal(err)
	}
	if inLostDays, err = l.Await(t.Context(), inLostDays.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	mirror := o.mirror(first)
	done()

	second := ledgertest.Folder(t)
	if r, err := o.restore(backup, second, false); err != nil || r.Applied || r.Rows["ledger_entry"] != 5 {
		t.Fatalf("%+v %v", r, err)
	}
	if left, _ := os.ReadDir(second); len(left) > 0 {
		t.Fatalf("without apply there is now %v", left)
	}
	if r, err := o.restore(backup, second, true); err != nil || r.Size != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	_, err = o.restore(backup, second, true)
	o.wantFault(err, "recovery.log_not_empty")

	l, done = o.open(second)
	if l.Hold() != ledger.HoldRestored {
		t.Errorf("hold %q", l.Hold())
	}
	h, b := ruleSet(200)
	_, err = l.Record(t.Context(), o.key, h, b, ledger.Signed)
	o.wantFault(err, "ledger.held")
	_, err = l.Sign(t.Context(), signedLater, o.key)
	o.wantFault(err, "ledger.held")
	done()

	_, err = o.recover(second, nil, true)
	o.wantFault(err, "recovery.tail_needed")
	if r, err := o.recover(second, mirror, false); err != nil || r.Found != 5 || r.Applied || !r.Rebuilt {
		t.Fatalf("%+v %v", r, err)
	}
	r := o.mustRecover(second, mirror)
	if r.Had != 3 || r.Found != 5 || r.Size != 8 || r.Again != 0 || len(r.Clashes) != 0 || !r.Rebuilt || r.Hold != ledger.HoldRestored {
		t.Errorf("%+v", r)
	}

	l, done = o.open(second)
	defer done()
	if l.Hold() != "" {
		t.Fatalf("still on hold: %s", l.Hold())
	}
	o.witnessed(l, slices.Concat(before, lost, []*ledger.Entry{inLostDays})...)
	adopted, err := l.Entry(t.Context(), signedLater)
	if err != nil || !bytes.Equal(adopted.Signed, inLostDays.Signed) || adopted.Index != inLostDays.Index {
		t.Errorf("what was prepared is not what was signed in the lost days: %+v %v", adopted, err)
	}
	_, err = l.Sign(t.Context(), neverSigned, o.key)
	o.wantFault(err, "ledger.before_restore")
	if left, err := l.Unsigned(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("left to sign: %v %v", left, err)
	}
	o.witnessed(l, o.record(l, ledger.Signed, 300, 2)...)
}

// TestFolderPutBack: a folder that was copied back says nothing of it. The office
// works on without a network; then the witnesses tell, and what it has recorded
// meanwhile gets new places after the true tail.
func TestFolderPutBack(t *testing.T) {
	o := newOffice(t)
	first := ledgertest.Folder(t)
	l, done := o.open(first)
	before := o.record(l, ledger.Witnessed, 0, 2)
	done()
	older := o.copyOf(first)
	l, done = o.open(first)
	lost := o.record(l, ledger.Witnessed, 2, 4)
	mirror := o.mirror(first)
	done()

	o.stopWitnesses()
	l, done = o.open(older)
	local := o.record(l, ledger.Logged, 10, 2)
	h, _ := ruleSet(3) // the lost days have said something else on this
	_, b := ruleSet(33)
	clash, err := l.Record(t.Context(), o.key, h, b, ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	o.startWitnesses()
	done()
	l, done = o.open(older)
	// A witness that was not in the last quorum may have seen exactly as many
	// entries, and others.
	o.await("the witnesses are asked", func() bool { return l.Hold() == ledger.HoldBehind || l.Hold() == ledger.HoldForked })
	h, b = ruleSet(201)
	_, err = l.Record(t.Context(), o.key, h, b, ledger.Signed)
	o.wantFault(err, "ledger.held")
	done()

	r := o.mustRecover(older, mirror)
	if r.Had != 5 || r.Found != 4 || r.Again != 3 || r.Size != 6 || !slices.Equal(r.Clashes, []string{"rule-set/3"}) {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(filepath.Join(r.Aside, "tile")); err != nil {
		t.Errorf("the old files: %v", err)
	}
	l, done = o.open(older)
	defer done()
	o.witnessed(l, slices.Concat(before, lost, local, []*ledger.Entry{clash})...)
	for i, e := range append(slices.Clone(local), clash) {
		if now, err := l.Entry(t.Context(), e.ID); err != nil || now.Index != int64(6+i) {
			t.Errorf("%s stands at %d: %v", e.Subject, now.Index, err)
		}
	}
	err = l.Store().Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		g, err := ledger.Generation(tx)
		if g != 1 {
			t.Errorf("generation %d: the numbers of the lost days are not burnt", g)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestFilesLost: the database makes them again, without a mirror.
func TestFilesLost(t *testing.T) {
	o := newOffice(t)
	dir := ledgertest.Folder(t)
	l, done := o.open(dir)
	all := o.record(l, ledger.Witnessed, 0, 5)
	checkpoint, err := l.Log().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done()
	if err := os.RemoveAll(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	lg, err := ledger.OpenLog(t.Context(), o.logConfig(dir))
	if err != nil {
		t.Fatal(err)
	}
	n, closeDB := o.node(dir)
	_, err = ledger.Open(t.Context(), ledger.Config{Store: n.Store, Log: lg, Now: time.Now})
	o.wantFault(err, "ledger.log_short")
	if text, err := lg.Checkpoint(t.Context()); err != nil || text != "" {
		t.Errorf("an empty log was published: %q %v", text, err)
	}
	lg.Close()
	closeDB()

	r := o.mustRecover(dir, nil)
	if r.Size != 5 || r.Found != 0 || !r.Rebuilt {
		t.Errorf("%+v", r)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "log", "checkpoint")); err != nil || string(got) != checkpoint {
		t.Errorf("the checkpoint after it: %q %v", got, err)
	}
	l, done = o.open(dir)
	o.witnessed(l, append(all, o.record(l, ledger.Signed, 5, 1)...)...)
	done()
	if r := o.mustRecover(dir, nil); r.Rebuilt || r.Aside != "" {
		t.Errorf("files that are whole were made again: %+v", r)
	}
	bundle := filepath.Join(dir, "log", "tile", "entries", "000.p", "6")
	b, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	b[40] ^= 1
	if err := os.WriteFile(bundle, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if r := o.mustRecover(dir, nil); !r.Rebuilt || r.Aside == "" {
		t.Errorf("damaged files stay: %+v", r)
	}
}

// TestFilesLostBeforeIndexes: the files are lost after entries were appended and
// witnessed and before their places were stored. The outbox gives them back in
// the order in which the witnesses have seen them.
func TestFilesLostBeforeIndexes(t *testing.T) {
	o := newOffice(t)
	dir := ledgertest.Folder(t)
	arrived := make(chan struct{})
	cut := false
	l, done := o.world.OpenWith(ledger.Config{Point: func(name string) {
		if cut && name == "append.added" {
			close(arrived)
			<-t.Context().Done() // the append goes no further
		}
	}}, o.logConfig(dir), databaseIn(dir))
	before := o.record(l, ledger.Witnessed, 0, 2)
	cut = true
	waiting := o.record(l, ledger.Signed, 2, 1)
	<-arrived
	o.await("a checkpoint over it", func() bool {
		c, _ := l.Latest()
		return c != nil && c.Checkpoint.Size == 3
	})
	after := o.copyOf(dir) // the power goes here
	t.Cleanup(done)
	if err := os.RemoveAll(filepath.Join(after, "log")); err != nil {
		t.Fatal(err)
	}
	r := o.mustRecover(after, nil)
	if r.Had != 2 || r.Size != 3 || r.Found != 0 {
		t.Errorf("%+v", r)
	}
	l, finish := o.open(after)
	defer finish()
	o.witnessed(l, append(before, waiting...)...)
}

// TestFork: two folders append under one key. The witnesses know one of them; the
// other is told, by which it learns that it may not go on.
func TestFork(t *testing.T) {
	o := newOffice(t)
	one, other := ledgertest.Folder(t), ledgertest.Folder(t)
	l, done := o.open(one)
	o.record(l, ledger.Witnessed, 0, 2)
	done()

	o.stopWitnesses()
	l, done = o.open(other)
	o.record(l, ledger.Logged, 50, 3)
	o.startWitnesses()
	o.await("the fork is seen", func() bool { return l.Hold() == ledger.HoldForked })
	if c, _ := l.Latest(); c != nil && c.Checkpoint.Size > 0 {
		t.Errorf("a fork was witnessed: %+v", c)
	}
	done()
	_, err := o.recover(other, nil, true)
	o.wantFault(err, "ledger.log_forked")
	n, closeDB := o.node(other)
	defer closeDB()
	err = n.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		var found string
		if err := tx.QueryRow(`SELECT found FROM ledger_fork`).Scan(&found); err != nil || found == "" {
			t.Errorf("no evidence is kept: %v", err)
		}
		hold, err := ledger.HoldOf(tx, origin)
		if hold != ledger.HoldForked {
			t.Errorf("hold %q", hold)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestForkWhileRunning: the second folder is open when it falls behind. The
// refusals of the witnesses make it ask.
func TestForkWhileRunning(t *testing.T) {
	o := newOffice(t)
	one, other := ledgertest.Folder(t), ledgertest.Folder(t)
	l, done := o.open(one)
	defer done()
	o.record(l, ledger.Witnessed, 0, 1)
	if err := os.CopyFS(other, os.DirFS(one)); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	twin, closeTwin := o.open(other)
	defer closeTwin()
	o.record(twin, ledger.Witnessed, 10, 1)
	o.record(l, ledger.Logged, 20, 1)
	o.await("the first folder is refused", func() bool { return l.Hold() == ledger.HoldForked })
	o.record(twin, ledger.Witnessed, 11, 2)
}

func TestSilentWitnesses(t *testing.T) {
	o := newOffice(t)
	dir := ledgertest.Folder(t)
	l, done := o.open(dir)
	o.record(l, ledger.Witnessed, 0, 1)
	done()
	one := verifytest.WitnessLabels[:1]
	o.stopWitnesses(one...)
	if r := o.mustRecover(dir, nil); r.Size != 1 {
		t.Errorf("%+v", r)
	}
	every := []string{}
	for i := 0; i < len(verifytest.WitnessLabels); i += 2 {
		every = append(every, verifytest.WitnessLabels[i])
	}
	o.stopWitnesses(every...)
	_, err := o.recover(dir, nil, true)
	o.wantFault(err, "recovery.witnesses_silent")
}

// TestSources: what a source may be wrong in, and that nothing of it is taken.
func TestSources(t *testing.T) {
	o := newOffice(t)
	first := ledgertest.Folder(t)
	l, done := o.open(first)
	o.record(l, ledger.Witnessed, 0, 2)
	done()
	older := o.copyOf(first)
	old := o.mirror(first)
	l, done = o.open(first)
	lost := o.record(l, ledger.Witnessed, 2, 3)
	good := o.mirror(first)
	done()

	_, err := o.recover(older, tiles.OpenFolder(ledgertest.Folder(t)), true)
	o.wantFault(err, "ledger.no_log_here")
	_, err = o.recover(older, old, true)
	o.wantFault(err, "recovery.source_short")
	twin := newOffice(t) // of the same name and keys
	strange := ledgertest.Folder(t)
	l, done = twin.open(strange)
	twin.record(l, ledger.Witnessed, 0, 9)
	done()
	_, err = o.recover(older, tiles.OpenFolder(filepath.Join(strange, "log")), true)
	o.wantFault(err, "ledger.log_forked")
	bare := ledgertest.Folder(t)
	if err := os.CopyFS(bare, os.DirFS(good.Name())); err != nil {
		t.Fatal(err)
	}
	text, err := good.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(line string) bool { return strings.Contains(line, ".civ") })
	if err := os.WriteFile(filepath.Join(bare, "checkpoint"), []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = o.recover(older, tiles.OpenFolder(bare), true)
	o.wantFault(err, "ledger.source_untrusted")
	damaged := ledgertest.Folder(t)
	if err := os.CopyFS(damaged, os.DirFS(good.Name())); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(damaged, "tile", "entries", "000.p", "5")
	b, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := os.WriteFile(bundle, b, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = o.recover(older, tiles.OpenFolder(damaged), true)
	o.wantFault(err, "ledger.source_damaged")

	// The folder of the log itself, whose last entries no quorum has seen.
	o.stopWitnesses(verifytest.WitnessLabels[4:]...)
	l, done = o.open(first)
	unseen := o.record(l, ledger.Logged, 5, 1)
	o.await("witnesses of two pillars have seen it", func() bool {
		r, err := witness.Ask(t.Context(), o.logConfig(first).Signer, o.policy(), nil)
		largest, _ := r.Largest()
		return err == nil && largest.Size == 6
	})
	done()
	o.startWitnesses()
	r := o.mustRecover(older, tiles.OpenFolder(filepath.Join(first, "log")))
	if r.Size != 6 || r.Found != 4 {
		t.Errorf("%+v", r)
	}
	l, done = o.open(older)
	defer done()
	o.witnessed(l, append(lost, unseen...)...)
}

// TestCutOff: a recovery that is cut off anywhere leaves the hold, and goes on.
func TestCutOff(t *testing.T) {
	o := newOffice(t)
	first := ledgertest.Folder(t)
	l, done := o.open(first)
	o.record(l, ledger.Witnessed, 0, 2)
	done()
	older := o.copyOf(first)
	l, done = o.open(first)
	lost := o.record(l, ledger.Witnessed, 2, 4)
	mirror := o.mirror(first)
	done()
	for cut := range 3 {
		dir := o.copyOf(older)
		n, closeDB := o.node(dir)
		ctx, cancel := context.WithCancel(t.Context())
		steps := 0
		n.Progress = func(int64, int64) {
			if steps++; steps > cut {
				cancel()
			}
		}
		if r, err := n.Recover(ctx, mirror, true); err == nil {
			t.Fatalf("cut at %d: %+v", cut, r)
		}
		err := n.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
			if hold, err := ledger.HoldOf(tx, origin); err != nil || hold == "" {
				t.Errorf("cut at %d: hold %q %v", cut, hold, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		closeDB()
		if r := o.mustRecover(dir, mirror); r.Size != 6 {
			t.Errorf("cut at %d: %+v", cut, r)
		}
		l, done := o.open(dir)
		o.witnessed(l, lost...)
		done()
	}
}

// TestRestoreCutOff: nobody opens a log whose backup is half back.
func TestRestoreCutOff(t *testing.T) {
	o := newOffice(t)
	first := ledgertest.Folder(t)
	l, done := o.open(first)
	all := o.record(l, ledger.Witnessed, 0, 3)
	backup := o.snapshot(l)
	done()
	second := ledgertest.Folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	b := recovery.Backup{File: backup, Into: databaseIn(second), Schemas: []store.Schema{ledger.Schema()}, Log: o.logConfig(second), Now: time.Now,
		Entries: func(int64, int64) { cancel() }}
	if r, err := b.Restore(ctx, true); err == nil {
		t.Fatalf("%+v", r)
	}
	_, err := ledger.OpenLog(t.Context(), o.logConfig(second))
	o.wantFault(err, "ledger.restore_unfinished")
	if r, err := o.restore(backup, second, true); err != nil || !r.Resumed || r.Size != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	if r := o.mustRecover(second, nil); r.Found != 0 || r.Hold != ledger.HoldRestored {
		t.Errorf("%+v", r)
	}
	l, done = o.open(second)
	defer done()
	o.witnessed(l, all...)
}

// TestClosed: a log whose tail nobody has is given up. What it holds is proved
// from the database alone; what waited goes into its successor, after the
// statement that says so.
func TestClosed(t *testing.T) {
	o := newOffice(t)
	first := ledgertest.Folder(t)
	l, done := o.open(first)
	before := o.record(l, ledger.Witnessed, 0, 3)
	done()
	older := o.copyOf(first)
	l, done = o.open(first)
	o.record(l, ledger.Witnessed, 3, 2)
	seen, _ := l.Latest()
	done()
	o.stopWitnesses()
	l, done = o.open(older)
	if err := l.SetHold(t.Context(), ledger.HoldBehind); err != nil { // before it is appended
		t.Fatal(err)
	}
	done()
	o.startWitnesses()

	n, closeDB := o.node(older)
	_, err := n.CloseLog(t.Context(), origin, true)
	o.wantFault(err, "recovery.successor")
	const next = "cf.kp.example/2027"
	for _, apply := range []bool{false, true, true} {
		at, err := n.CloseLog(t.Context(), next, apply)
		if err != nil || at.Size != 5 || at.Root != seen.Checkpoint.Root {
			t.Fatalf("%+v %v", at, err)
		}
	}
	_, err = n.CloseLog(t.Context(), "cf.kp.example/2028", true)
	o.wantFault(err, "recovery.closed_for")
	_, err = n.Recover(t.Context(), nil, true)
	o.wantFault(err, "recovery.closed")
	closeDB()

	l, done = o.open(older)
	h, b := ruleSet(9)
	_, err = l.Record(t.Context(), o.key, h, b, ledger.Signed)
	o.wantFault(err, "ledger.held")
	done()

	w := *o.world
	w.Origin = next
	lc := o.logConfig(older)
	lc.Dir += "-2027"
	lc.Signer, lc.Policy = w.LogConfig().Signer, w.LogConfig().Policy
	l, done = w.OpenWith(ledger.Config{}, lc, databaseIn(older))
	defer done()
	closing := ledger.Closing{Signer: o.key, Office: "CF/bangui", At: statement.Vector{Origin: origin, Size: 5, Root: seen.Checkpoint.Root},
		Reason: "SYNTHETIC: nobody has the tail", Synthetic: true}
	e, err := l.Succeed(t.Context(), closing)
	if err != nil || e.Index != 0 || e.Origin != next {
		t.Fatalf("%+v %v", e, err)
	}
	if again, err := l.Succeed(t.Context(), closing); err != nil || again.ID != e.ID {
		t.Errorf("said twice: %+v %v", again, err)
	}
	for _, e := range before {
		now, err := l.Entry(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Proof(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.CheckPath(leafHash(e)); err != nil || p.Checkpoint.Origin != origin {
			t.Errorf("the old log's proof: %v", err)
		}
	}
}

// TestCloseOrderly: a log that can still be appended to says itself that it ends.
func TestCloseOrderly(t *testing.T) {
	o := newOffice(t)
	l, done := o.open(ledgertest.Folder(t))
	defer done()
	o.record(l, ledger.Witnessed, 0, 2)
	closing := ledger.Closing{Signer: o.key, Office: "CF/bangui", Successor: "cf.kp.example/2027", Reason: "SYNTHETIC: a new year", Synthetic: true}
	e, err := l.CloseLog(t.Context(), closing)
	if err != nil || e.State() != ledger.Witnessed || e.Index != 2 {
		t.Fatalf("%+v %v", e, err)
	}
	st, err := statement.Parse(e.Signed)
	if err != nil || st.Body.(*statement.LogClosed).At.Size != 2 {
		t.Errorf("%+v %v", st, err)
	}
	h, b := ruleSet(9)
	_, err = l.Record(t.Context(), o.key, h, b, ledger.Signed)
	o.wantFault(err, "ledger.held")
	if err := l.SetHold(t.Context(), ""); err != nil || l.Hold() != ledger.HoldClosed {
		t.Errorf("a closed log was freed: %q %v", l.Hold(), err)
	}
}

// TestRestoredOnPostgres: a backup of a PC goes on in PostgreSQL.
func TestRestoredOnPostgres(t *testing.T) {
	into := store.Config{DSN: pgtest.Start(t)}
	o := newOffice(t)
	first := ledgertest.Folder(t)
	l, done := o.open(first)
	before := o.record(l, ledger.Witnessed, 0, 3)
	signedLater := o.intend(l, 100)
	backup := o.snapshot(l)
	lost := o.record(l, ledger.Witnessed, 3, 3)
	inLostDays, err := l.Sign(t.Context(), signedLater, o.key)
	if err != nil {
		t.Fatal(err)
	}
	if inLostDays, err = l.Await(t.Context(), inLostDays.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	mirror := o.mirror(first)
	done()

	lc := o.logConfig(ledgertest.Folder(t))
	b := recovery.Backup{File: backup, Into: into, Schemas: []store.Schema{ledger.Schema()}, Log: lc, Now: time.Now}
	if r, err := b.Restore(t.Context(), true); err != nil || r.Engine != "postgres" || r.Size != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	s, err := store.Open(t.Context(), into)
	if err != nil {
		t.Fatal(err)
	}
	n := recovery.Node{Store: s, Log: lc, Now: time.Now}
	r, err := n.Recover(t.Context(), mirror, true)
	if err != nil || r.Found != 4 || r.Size != 7 {
		t.Fatalf("%+v %v", r, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l, done = o.world.OpenWith(ledger.Config{}, lc, into)
	defer done()
	o.witnessed(l, slices.Concat(before, lost, []*ledger.Entry{inLostDays})...)
	o.witnessed(l, o.record(l, ledger.Signed, 300, 2)...)
}

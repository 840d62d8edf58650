package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
)

// soak is the long trial.
var soak = os.Getenv("ADAMAS_SOAK") == "1"

// kills is how many of a kind: few, or many in the long trial.
func kills(few, many int) int {
	if soak {
		return many
	}
	return few
}

// campaign is an office that is killed and started again and again. One signs with
// ES256, the other with EdDSA.
type campaign struct {
	*world
	checker *checker
	program string
	args    []string
	acks    int
}

func newCampaign(t testing.TB, es256 bool) *campaign {
	w := newWorld(t)
	c := &campaign{world: w, checker: newChecker(w), program: must(clerks())(t)}
	if es256 {
		c.args = []string{"--es256"}
	}
	return c
}

// after lets the office come back, and checks.
func (c *campaign) after(what string, acks []ack) {
	c.Helper()
	c.acks += len(acks)
	c.checker.take(acks)
	c.settle(c.program, c.args...)
	for _, wrong := range c.checker.check() {
		c.Errorf("killed %s: %s", what, wrong)
	}
}

func (c *campaign) done(kinds string) {
	if c.acks == 0 {
		c.Error("nothing was ever acknowledged: nothing is proved")
	}
	c.Logf("%s; %d acknowledged, %d entries in the log", kinds, len(c.checker.acked), c.checker.size)
}

// TestCrashAtRandomTimes kills from outside, whatever the office is doing.
func TestCrashAtRandomTimes(t *testing.T) {
	t.Parallel()
	c := newCampaign(t, true)
	n := kills(6, 60)
	for i := range n {
		r := c.begin(c.program, nil, c.args...)
		var first []ack
		if i%4 > 0 { // the others are killed while they are still starting
			first = append(first, <-r.acks)
		}
		wait := time.Duration(rand.Int64N(int64(600 * time.Millisecond)))
		time.Sleep(wait)
		r.kill()
		c.after(fmt.Sprintf("%d after %v", i, wait), append(first, r.end(t)...))
	}
	c.done(fmt.Sprintf("%d kills", n))
}

// TestCrashAtPoints kills at every point of the order of acts.
func TestCrashAtPoints(t *testing.T) {
	t.Parallel()
	c := newCampaign(t, true)
	n := kills(1, 8)
	for range n {
		for _, point := range ledger.Points() {
			at := fmt.Sprintf("%s:%d", point, 1+rand.IntN(12))
			r := c.begin(c.program, nil, append(slices.Clone(c.args), "--kill", at)...)
			c.after("at "+at, r.end(t))
		}
	}
	c.done(fmt.Sprintf("%d kills", n*len(ledger.Points())))
}

// calls are the system calls by which an office changes anything on a disk, and
// how often, roughly, one of its threads makes each in a second: strace counts by
// thread.
var calls = []struct {
	name string
	mean float64
}{{"pwrite64", 150}, {"fsync", 8}, {"renameat", 3}, {"write", 10}, {"openat", 15}, {"fcntl", 60}, {"mkdirat", 1}, {"ftruncate", 0.5}}

// tracer gives strace, or skips: it must be there where outside judges are required.
func tracer(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err == nil {
		err = exec.Command(strace, "-f", "-o", os.DevNull, "-e", "trace=write", "-e", "inject=write:signal=KILL:when=1", "true").Run()
		if err != nil { // true writes nothing and must have lived
			err = fmt.Errorf("strace cannot trace here: %w", err)
		}
	}
	if err != nil {
		if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return strace
}

// at is the command that kills what it runs when one of its threads enters the
// system call for the n-th time.
func at(strace, call string, n int) []string {
	return []string{strace, "-f", "-qq", "-o", os.DevNull, "-e", "signal=none", "-e", "trace=" + call,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n)}
}

// TestCrashAtSystemCalls kills when the office enters a system call, drawn at
// random from those by which it writes: between any two of them, that is.
func TestCrashAtSystemCalls(t *testing.T) {
	t.Parallel()
	strace := tracer(t)
	c := newCampaign(t, false)
	n := kills(6, 76)
	hit := map[string]int{}
	for i := range n {
		drawn := calls[rand.IntN(len(calls))]
		if i < 4 {
			drawn = calls[i] // where most of the writing is
		}
		call, when := drawn.name, 1+int(rand.ExpFloat64()*drawn.mean)
		r := c.begin(c.program, at(strace, call, when), c.args...)
		late := time.AfterFunc(2*time.Second, r.kill) // it never came to so many
		acks := r.end(t)
		if late.Stop() {
			hit[call]++
		}
		c.after(fmt.Sprintf("at %s no. %d", call, when), acks)
	}
	if len(hit) == 0 {
		t.Error("no kill came at a system call")
	}
	c.done(fmt.Sprintf("%d kills, at their call: %v", n, hit))
}

// TestCrashInRecovery kills while a backup is put back and the log recovered from a
// mirror, again and again, until it comes to its end. What the office acknowledged
// after the backup is there again, from the mirror.
func TestCrashInRecovery(t *testing.T) {
	t.Parallel()
	strace := tracer(t)
	c := newCampaign(t, true)
	live := func(acks int) {
		r := c.begin(c.program, nil, c.args...)
		var first []ack
		for range acks {
			first = append(first, <-r.acks)
		}
		r.kill()
		c.after("in between", append(first, r.end(t)...))
	}
	live(60)
	backup := filepath.Join(c.dir, "backup")
	s := must(store.Open(t.Context(), store.Config{Path: filepath.Join(c.dir, "node", "adamas.db")}))(t)
	if err := errors.Join(s.Snapshot(t.Context(), backup, nil), s.Close()); err != nil {
		t.Fatal(err)
	}
	live(120) // what the backup has lost; the checker's mirror has it
	mirror := filepath.Join(c.dir, "mirror")
	killed := 0
	for round := range kills(2, 12) {
		w := c.elsewhere()
		args := []string{"--restore", backup, "--from", mirror}
		for try := range 6 {
			drawn := calls[rand.IntN(len(calls))]
			when := 1 + int(rand.ExpFloat64()*drawn.mean*float64(try+1)/2)
			r := w.begin(c.program, at(strace, drawn.name, when), args...)
			r.end(t)
			if !r.cmd.ProcessState.Success() {
				killed++
			}
		}
		r := w.begin(c.program, nil, args...)
		r.end(t)
		if !r.cmd.ProcessState.Success() {
			t.Fatalf("round %d: it does not come to its end: %s", round, r.errs.String())
		}
		w.settle(c.program, c.args...)
		check := newChecker(w)
		for _, a := range c.checker.acked {
			check.take([]ack{a})
		}
		for _, wrong := range check.check() {
			t.Errorf("round %d: %s", round, wrong)
		}
	}
	if killed == 0 {
		t.Error("no recovery was cut off")
	}
	c.done(fmt.Sprintf("%d recoveries cut off", killed))
}

// mutant is an office with the order of acts broken.
type mutant struct {
	name   string
	file   string // under internal
	old    string
	new    string
	more   [3]string // another replacement: file, old, new
	kill   string
	caught string // what the checker must say; empty: anything
}

var mutants = []mutant{
	{
		// Transaction 2 is no longer waited for: the signed bytes are handed out from
		// memory, and stored a little later.
		name: "signed bytes leave before they are stored", file: "ledger/intend.go",
		old: `func (l *Ledger) keepSigned(ctx context.Context, id canonical.Hash, signed []byte) error {`,
		new: `var unstored sync.Map

func (l *Ledger) keepSigned(ctx context.Context, id canonical.Hash, signed []byte) error {
	unstored.Store(id, signed)
	go func() {
		time.Sleep(20 * time.Millisecond)
		if l.keepSignedLater(context.WithoutCancel(ctx), id, signed) == nil {
			l.wake()
		}
	}()
	return nil
}

func (l *Ledger) keepSignedLater(ctx context.Context, id canonical.Hash, signed []byte) error {`,
		more: [3]string{"ledger/ledger.go", `func (l *Ledger) Entry(ctx context.Context, h canonical.Hash) (e *Entry, err error) {`,
			`func (l *Ledger) Entry(ctx context.Context, h canonical.Hash) (*Entry, error) {
	e, err := l.storedEntry(ctx, h)
	if b, ok := unstored.Load(h); ok && err == nil && e.Signed == nil {
		e.Signed, e.Hash = b.([]byte), canonical.Sum(b.([]byte))
	}
	return e, err
}

func (l *Ledger) storedEntry(ctx context.Context, h canonical.Hash) (e *Entry, err error) {`},
		kill: "sign.before:40", caught: "signed twice",
	},
	{
		// After a crash the log's tail is not looked at before appending again.
		name: "nothing is reconciled", file: "ledger/append.go",
		old: `	for from := known; from < size; from += batch {`, new: `	for from := size; from < size; from += batch {`,
		kill: "append.added:3", caught: "",
	},
}

// TestMutants: an office whose order of acts is broken is caught, within a few
// kills at the fitting point. So the checker sees what the other tests rely on.
func TestMutants(t *testing.T) {
	t.Parallel()
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			program := m.build(t)
			w := newWorld(t)
			c := newChecker(w)
			for range 5 {
				r := w.begin(program, nil, "--es256", "--kill", m.kill)
				c.take(r.end(t))
				if wrong := w.comesBack(program, c); m.catches(wrong) {
					t.Logf("caught: %s", wrong[0])
					return
				}
			}
			t.Error("it was killed five times and nobody noticed")
		})
	}
}

func (m *mutant) catches(wrong []string) bool {
	return slices.ContainsFunc(wrong, func(s string) bool { return strings.Contains(s, m.caught) })
}

// comesBack is settle and check for an office that may not come back at all.
func (w *world) comesBack(program string, c *checker) []string {
	cmd := exec.Command(program, "--dir", w.dir, "--settle", "--es256")
	stuck := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer stuck.Stop()
	if out, err := cmd.CombinedOutput(); err != nil {
		return []string{fmt.Sprintf("it does not come back: %v %s", err, out)}
	}
	return c.check()
}

func (m *mutant) build(t *testing.T) string {
	t.Helper()
	internal := must(filepath.Abs(filepath.Join("..", "..", "internal")))(t)
	replaced := map[string]string{}
	for _, r := range [][3]string{{m.file, m.old, m.new}, m.more} {
		if r[0] == "" {
			continue
		}
		path := filepath.Join(internal, filepath.FromSlash(r[0]))
		source := string(must(os.ReadFile(path))(t))
		if strings.Count(source, r[1]) != 1 {
			t.Fatalf("%s no longer holds what this mutant breaks:\n%s", r[0], r[1])
		}
		source = strings.Replace(source, r[1], r[2], 1)
		for _, pkg := range []string{"sync", "time"} {
			if line := "\t\"" + pkg + "\"\n"; strings.Contains(r[2], pkg+".") && !strings.Contains(source, line) {
				source = strings.Replace(source, "import (\n", "import (\n"+line, 1)
			}
		}
		broken := filepath.Join(t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(broken, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		replaced[path] = broken
	}
	name := "mutant-" + strings.ReplaceAll(m.name, " ", "-")
	return must(build(name, "adamas.example/e2e/crash/clerks", replaced))(t)
}

//go:build unix

package pgtest

import (
	"bufio"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}

func show(t *testing.T, dsn, setting string) string {
	t.Helper()
	var v string
	if err := connect(t, dsn).QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEachCallHasItsOwnDatabase(t *testing.T) {
	a, b := Start(t), Start(t)
	if _, err := connect(t, a).Exec(t.Context(), "CREATE TABLE only_here (n bigint)"); err != nil {
		t.Fatal(err)
	}
	var n int
	count := "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"
	if err := connect(t, b).QueryRow(t.Context(), count).Scan(&n); err != nil || n != 0 {
		t.Errorf("the second database sees %d tables of the first (%v)", n, err)
	}
}

func TestDatabaseIsGoneAfterItsTest(t *testing.T) {
	var dsn string
	t.Run("inner", func(t *testing.T) { dsn = Start(t) })
	conn, err := pgx.Connect(t.Context(), dsn)
	if err == nil {
		conn.Close(t.Context())
		t.Error("the database of a finished test still takes connections")
	}
}

func TestDurableKeepsFsync(t *testing.T) {
	if got := show(t, Start(t), "fsync"); got != "off" {
		t.Errorf("fast cluster: fsync %s", got)
	}
	if got := show(t, StartWith(t, Options{Durable: true}), "fsync"); got != "on" {
		t.Errorf("durable cluster: fsync %s", got)
	}
}

// childEnv tells the re-executed test binary to start a cluster and wait to be
// killed.
const childEnv = "ADAMAS_PGTEST_CHILD"

func TestChildProcess(t *testing.T) {
	if os.Getenv(childEnv) == "" {
		t.Skip("runs as a child of TestNothingOutlivesAKilledProcess")
	}
	Start(t)
	c, err := fast()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("cluster " + strconv.Itoa(c.pid) + " " + c.dir + "\n")
	select {}
}

func TestNothingOutlivesAKilledProcess(t *testing.T) {
	Start(t) // skips or fails here where there is no PostgreSQL
	cmd := exec.Command(os.Args[0], "-test.run=^TestChildProcess$", "-test.v")
	cmd.Env = append(os.Environ(), childEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid, dir := 0, ""
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) == 3 && f[0] == "cluster" {
			pid, _ = strconv.Atoi(f[1])
			dir = f[2]
		}
	}
	if dir == "" || syscall.Kill(pid, 0) != nil {
		t.Fatalf("the child started no server (pid %d, folder %q)", pid, dir)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()

	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, statErr := os.Stat(dir)
		gone := errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
		if gone && errors.Is(statErr, fs.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("30 s after the kill: server %d gone %v, folder %s: %v", pid, gone, dir, statErr)
		}
	}
}

// verdictTB notes how a test would have ended: by the first of the two calls,
// since a real TB does not return from either. The embedded TB is never called.
type verdictTB struct {
	testing.TB
	ended string
}

func (v *verdictTB) Helper()               {}
func (v *verdictTB) Skipf(string, ...any)  { v.ended = cmp.Or(v.ended, "skipped") }
func (v *verdictTB) Fatalf(string, ...any) { v.ended = cmp.Or(v.ended, "failed") }

func TestWithoutPostgreSQL(t *testing.T) {
	for judges, want := range map[string]string{"": "skipped", "0": "skipped", "1": "failed"} {
		t.Setenv("ADAMAS_REQUIRE_JUDGES", judges)
		tb := &verdictTB{}
		unavailable(tb, errors.New("none"))
		if tb.ended != want {
			t.Errorf("ADAMAS_REQUIRE_JUDGES=%q: %s, want %s", judges, tb.ended, want)
		}
	}
}

// Package pgtest gives a test a fresh, empty PostgreSQL database.
//
//	dsn := pgtest.Start(t)
//
// One cluster serves all tests of a test process; each call makes a database of
// its own in it and drops it when the test ends. The cluster speaks through a
// Unix socket in a temporary folder, so it takes no port and collides with
// nothing.
//
// # Invariants
//
//   - No server and no folder outlives the test process, however that ends. The
//     server's parent is a shell that waits on a pipe held by the test process;
//     when the pipe closes (exit, panic, SIGKILL), the shell stops the server
//     and removes the folder. It signals only the process it started itself, so
//     a reused process number can hit nobody.
//   - PostgreSQL refuses to run as root: a root test process starts it as user
//     postgres, any other as itself.
//   - The databases have a linguistic collation where the server can do it, as a
//     ministry's database would: a query that sorts right here by luck of the
//     C locale is found out.
//   - Without PostgreSQL the test is skipped, and fails instead when
//     ADAMAS_REQUIRE_JUDGES=1 (`make test` sets it).
//
// Imports: pgx and the standard library. Only tests import this package.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options choose between clusters. The zero value is the fast one.
type Options struct {
	// Durable keeps fsync and full-page writes on, for tests and benchmarks
	// about durability. Off, a commit reaches the operating system and no
	// further: right for a folder that is thrown away.
	Durable bool
}

// Start returns the DSN (postgres://...) of a new, empty database that the
// calling process may use as superuser until the test ends.
func Start(tb testing.TB) string {
	tb.Helper()
	return StartWith(tb, Options{})
}

// StartWith is Start with a choice of cluster.
func StartWith(tb testing.TB, o Options) string {
	tb.Helper()
	dsn, drop, err := Open(o)
	switch {
	case errors.Is(err, errDatabase):
		tb.Fatal(err)
	case err != nil:
		unavailable(tb, err)
	}
	tb.Cleanup(func() {
		if err := drop(); err != nil {
			tb.Errorf("pgtest: %v", err)
		}
	})
	return dsn
}

// errDatabase means that there is a server and no database could be made in it.
var errDatabase = errors.New("pgtest: no database")

// Open is StartWith for a program that is no test: whoever calls drop removes the
// database.
func Open(o Options) (dsn string, drop func() error, err error) {
	boot := fast
	if o.Durable {
		boot = durable
	}
	c, err := boot()
	if err != nil {
		return "", nil, fmt.Errorf("pgtest: %w", err)
	}
	name := "t_" + strings.ToLower(rand.Text())
	if err := c.command("CREATE DATABASE " + name); err != nil {
		return "", nil, fmt.Errorf("%w: %w", errDatabase, err)
	}
	return c.dsn(name), func() error { return c.command("DROP DATABASE " + name + " WITH (FORCE)") }, nil
}

// The clusters of this process, started on first use. They are never stopped
// from here: the reaping shell does it when the process ends.
var (
	fast    = sync.OnceValues(func() (*cluster, error) { return start(Options{}) })
	durable = sync.OnceValues(func() (*cluster, error) { return start(Options{Durable: true}) })
)

func unavailable(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
		tb.Fatalf("pgtest: PostgreSQL is required (ADAMAS_REQUIRE_JUDGES=1): %v", err)
	}
	tb.Skipf("pgtest: no PostgreSQL: %v", err)
}

// cluster is a running server. Its fields do not change once start returned it.
type cluster struct {
	dir   string   // socket, data, log; owned by the server's user
	alive *os.File // the server stops when the last holder closes this
	pid   int      // of the postmaster
}

// dsn names the parts in the query because a socket folder cannot stand in the
// host part of a URL.
func (c *cluster) dsn(database string) string {
	q := url.Values{"host": {c.dir}, "user": {"postgres"}}
	return "postgres:///" + database + "?" + q.Encode()
}

// command runs one statement in the maintenance database. CREATE DATABASE
// copies template1 and fails while another session copies it: it is tried
// again for as long as a slow machine may need.
func (c *cluster) command(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.dsn("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for {
		_, err := conn.Exec(ctx, sql)
		if err == nil || !strings.Contains(err.Error(), "SQLSTATE 55006") {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// waitReady returns once the server takes connections. stopped is closed when
// the shell that owns it has ended.
func (c *cluster) waitReady(stopped <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.dsn("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-stopped:
			return fmt.Errorf("the server ended at once: %s", c.log())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w: %s", err, c.log())
		}
	}
}

func (c *cluster) log() string {
	text, err := os.ReadFile(filepath.Join(c.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// binaries finds the folder that holds initdb and postgres: the newest of
// Debian's versions, else the one $PATH leads to.
func binaries() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		return n
	}
	slices.SortFunc(folders, func(a, b string) int { return version(b) - version(a) })
	if onPath, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(onPath); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	for _, dir := range folders {
		if executable(filepath.Join(dir, "postgres")) && executable(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("neither /usr/lib/postgresql/*/bin nor $PATH has postgres and initdb")
}

func executable(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}

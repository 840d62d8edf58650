package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/store/storetest"
)

func rawSQLite(t *testing.T, path, options string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+options)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func TestSQLiteOneProcessOneFolder(t *testing.T) {
	c := sqliteConfig(t)
	first := open(t, c)
	_, err := store.Open(t.Context(), store.Config{Path: filepath.Join(filepath.Dir(c.Path), "another.db")})
	f, ok := fault.Of(err)
	if !ok || f.Key != "store.folder_in_use" || f.Kind != fault.KindBusy || f.Args["pid"] != strconv.Itoa(os.Getpid()) {
		t.Fatalf("a second store in the folder: %v", err)
	}
	since, ok := f.Args["since"].(time.Time)
	if age := time.Since(since); !ok || age < -time.Minute || age > time.Hour || since.Location() != time.UTC {
		t.Errorf("since %v", f.Args["since"])
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.Path + "-wal"); err == nil {
		t.Error("the write-ahead log is left beside the closed file")
	}
	open(t, c)
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are the folder's there")
	}
	c := store.Config{Path: filepath.Join(t.TempDir(), "made", "for it", "a b?#%25é.db")}
	s := probe(t, c)
	if err := s.Write(t.Context(), storetest.Now, put("a")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{c.Path, c.Path + "-wal"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

func TestSQLiteRefusesFilesOfOthers(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign.db")
	if _, err := rawSQLite(t, foreign, "").Exec(`CREATE TABLE theirs (x)`); err != nil {
		t.Fatal(err)
	}
	text, short := filepath.Join(dir, "text.db"), filepath.Join(dir, "short.db")
	os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600)
	os.WriteFile(short, []byte("SQLite format 3\x00"), 0o600)
	for path, want := range map[string]string{
		foreign: "store.foreign_file", text: "store.damaged", short: "store.damaged",
		dir: "store.unreadable", filepath.Join(text, "below"): "store.cannot_create",
	} {
		before, _ := os.ReadFile(path)
		if _, err := store.Open(t.Context(), store.Config{Path: path}); !fault.Is(err, want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("%s was changed", path)
		}
	}
}

// Another program (a backup tool, the sqlite3 shell) holds the file for a
// moment: we wait.
func TestSQLiteWaitsForAForeignProgram(t *testing.T) {
	c := sqliteConfig(t)
	s := probe(t, c)
	shell := rawSQLite(t, c.Path, "?_txlock=immediate")
	tx, err := shell.Begin()
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { result <- s.Write(t.Context(), storetest.Now, put("a")) }()
	select {
	case err := <-result:
		t.Fatalf("wrote through a foreign lock: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
}

// A statement that ends the transaction for all (as SQLite does by itself when
// the disk is full) costs nobody else their work, whether he leads or follows.
func TestSQLiteSharedTransactionLost(t *testing.T) {
	rollback := func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR ROLLBACK INTO probe_item (id, name, n) VALUES ('taken', 'other', 1)`)
		return err
	}
	guilty := map[string]func(tx *store.Tx) error{
		"tells": rollback,
		"says nothing": func(tx *store.Tx) error {
			rollback(tx)
			put("after")(tx)
			return nil
		},
		"tries to mend it": func(tx *store.Tx) error {
			tx.Savepoint(func() error { return rollback(tx) })
			return put("after")(tx)
		},
	}
	for name, bad := range guilty {
		t.Run(name, func(t *testing.T) {
			s := probe(t, sqliteConfig(t))
			if err := s.Write(t.Context(), storetest.Now, put("taken")); err != nil {
				t.Fatal(err)
			}
			results := shared(t, s, 12, func(i int) func(tx *store.Tx) error {
				if i%4 == 0 {
					return bad
				}
				return put(fmt.Sprintf("w%02d", i))
			})
			want := 1
			for i, err := range results {
				if i%4 == 0 && err == nil || i%4 != 0 && err != nil {
					t.Errorf("writer %d was told %v", i, err)
				}
				if i%4 != 0 {
					want++
				}
			}
			if got := storetest.Contents(t, s); len(got) != want {
				t.Errorf("%d rows, want %d: %v", len(got), want, got)
			}
		})
	}
}

// shared runs writers that come while another is at work, so that one commit
// carries them.
func shared(t *testing.T, s *store.Store, n int, work func(i int) func(tx *store.Tx) error) []error {
	t.Helper()
	var all sync.WaitGroup
	var once sync.Once
	release, entered := make(chan struct{}), make(chan struct{})
	all.Go(func() {
		s.Write(t.Context(), storetest.Now, func(*store.Tx) error {
			once.Do(func() { close(entered) })
			<-release
			return nil
		})
	})
	<-entered
	results := make([]error, n)
	for i := range n {
		all.Go(func() { results[i] = s.Write(t.Context(), storetest.Now, work(i)) })
	}
	time.Sleep(10 * time.Millisecond) // nearly always enough for all to queue
	close(release)
	all.Wait()
	return results
}

// A full disk, played by SQLite's own limit, is told to whom it hits, and the
// store goes on when there is room again.
func TestSQLiteFullDisk(t *testing.T) {
	c := sqliteConfig(t)
	s := probe(t, c)
	limit := func(tx *store.Tx, pages int) error {
		var n int64
		return tx.QueryRow(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)).Scan(&n)
	}
	full := 0
	for i := range 8 {
		err := s.Write(t.Context(), storetest.Now, func(tx *store.Tx) error {
			if err := limit(tx, 60); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO probe_item (id, name, n, body) VALUES ($1, $1, 1, $2)`, i, make([]byte, 60_000))
			return err
		})
		if err != nil {
			full++
		}
	}
	if full == 0 || full == 8 {
		t.Fatalf("%d of 8 writes found the disk full", full)
	}
	if got := storetest.Contents(t, s); len(got) != 8-full {
		t.Errorf("%d rows after %d refusals", len(got), full)
	}
	err := s.Write(t.Context(), storetest.Now, func(tx *store.Tx) error {
		return errors.Join(limit(tx, 1<<30), put("room again")(tx))
	})
	if err != nil {
		t.Error(err)
	}
}

const (
	crashDir  = "ADAMAS_STORE_CRASH_DIR"
	crashWith = 8 // writers
)

// TestCrashChild is the process that TestCrash kills: it writes rows and says of
// each, on standard output, that it was told success.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs as a child of TestCrash")
	}
	s := probe(t, store.Config{Path: filepath.Join(dir, "adamas.db")})
	for w := range crashWith {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				err := s.Write(t.Context(), storetest.Now, func(tx *store.Tx) error {
					if err := put("l" + id)(tx); err != nil {
						return err
					}
					if i%10 == 9 {
						return errors.New("every tenth is refused")
					}
					return put("r" + id)(tx)
				})
				if err == nil {
					os.Stdout.WriteString("ack " + id + "\n") // one write(2): whole lines only
				}
			}
		}()
	}
	select {}
}

// TestCrash kills a writing process ten times. Nothing it was told is lost,
// nothing half is there, and the file is sound. (A killed process, not a power
// cut.)
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for kill := range 10 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		out, err := os.CreateTemp(t.TempDir(), "acks") // a file keeps what a pipe could still hold
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for waited := 0; ; waited++ { // until it has begun to write, then a moment more
			if info, err := out.Stat(); err == nil && info.Size() > 0 || waited > 10_000 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(kill*kill*7%53) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		content, err := os.ReadFile(out.Name())
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(content), "\n") {
			if id, ok := strings.CutPrefix(line, "ack "); ok {
				acknowledged[id] = true
			}
		}
		checkAfterCrash(t, dir, acknowledged)
	}
	if len(acknowledged) < 100 {
		t.Errorf("only %d writes in ten runs: the test tests nothing", len(acknowledged))
	}
	t.Logf("%d acknowledged writes, all there", len(acknowledged))
}

func checkAfterCrash(t *testing.T, dir string, acknowledged map[string]bool) {
	t.Helper()
	path := filepath.Join(dir, "adamas.db")
	s, err := store.Open(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Read(t.Context(), storetest.Now, func(tx *store.Tx) error {
		var verdict string
		if err := tx.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("integrity: %s %v", verdict, err)
		}
		found, err := store.Collect(tx, func(scan store.Scan) (id string, err error) {
			err = scan(&id)
			return id, err
		}, `SELECT id FROM probe_item`)
		there := map[string]bool{}
		for _, id := range found {
			there[id] = true
		}
		for id := range acknowledged {
			if !there["l"+id] || !there["r"+id] {
				t.Errorf("%s was acknowledged and is lost", id)
			}
		}
		for id := range there {
			if other := map[byte]string{'l': "r", 'r': "l"}[id[0]] + id[1:]; !there[other] {
				t.Errorf("%s is half a write", id)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

var snapshotTests = []test{
	{"ComesBackTheSame", comesBackTheSame},
	{"UnderWriteLoad", underWriteLoad},
	{"ReplacesNothing", replacesNothing},
	{"NothingLeftWhenItFails", nothingLeft},
}

// Fill puts awkward values of every type into the tables.
func Fill(tx *store.Tx) error {
	for i, v := range []struct {
		n    int64
		note any
		body any
	}{{-1 << 63, nil, nil}, {1<<63 - 1, "", []byte{}}, {0, "é 'x' \"y\" \\ \n", []byte{0, 255}}, {1, "boss", make([]byte, 100_000)}} {
		id := numbered("fill", i)
		if _, err := tx.Exec(`INSERT INTO probe_item (id, name, n, note, body) VALUES ($1, $1, $2, $3, $4)`, id, v.n, v.note, v.body); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO probe_part (id, item) VALUES ($1, $2)`, i-2, id); err != nil {
			return err
		}
		if err := operate(tx, id, -5, 3, 2); err != nil {
			return err
		}
	}
	return nil
}

// Contents writes out every row of the probe tables, in order.
func Contents(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	read(t, s, func(tx *store.Tx) error {
		for _, query := range []string{
			`SELECT id, name, n, note, body FROM probe_item ORDER BY id`,
			`SELECT 'part', item, id, NULL, NULL FROM probe_part ORDER BY id`,
			`SELECT operation, 'leg', leg * 1000 + delta, CAST(previous AS TEXT), NULL FROM probe_leg ORDER BY operation, leg`,
			`SELECT id, 'operation', last, NULL, NULL FROM probe_operation ORDER BY id`,
		} {
			rows, err := store.Collect(tx, func(scan store.Scan) (string, error) {
				var id, name string
				var n int64
				var note *string
				var body any
				err := scan(&id, &name, &n, &note, &body)
				if note != nil {
					name += "/" + *note
				}
				return fmt.Sprintf("%s %s %d %v %x", id, name, n, body == nil, body), err
			}, query)
			if err != nil {
				return err
			}
			all = append(all, rows...)
		}
		return nil
	})
	return all
}

// restored reads a snapshot into a new SQLite file.
func restored(t *testing.T, snapshot string) *store.Store {
	t.Helper()
	into := store.Config{Path: filepath.Join(t.TempDir(), "restored.db")}
	if _, err := store.Restore(t.Context(), Now, snapshot, into, []store.Schema{Probe}, true, nil); err != nil {
		t.Fatalf("restore: %v", err)
	}
	s, err := store.Open(t.Context(), into)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func comesBackTheSame(t *testing.T, s *store.Store) {
	write(t, s, Fill)
	file := filepath.Join(t.TempDir(), "snapshot")
	var last, total int64
	if err := s.Snapshot(t.Context(), file, func(d, n int64) { last, total = d, n }); err != nil {
		t.Fatal(err)
	}
	if last != total || total == 0 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	if diff := cmp.Diff(Contents(t, s), Contents(t, restored(t, file))); diff != "" {
		t.Errorf("before (-) and after (+):\n%s", diff)
	}
}

// underWriteLoad: each write puts two rows that belong together into two tables;
// the snapshot must hold both or neither, and everything acknowledged before it
// was asked for.
func underWriteLoad(t *testing.T, s *store.Store) {
	var acknowledged atomic.Int64
	stop := make(chan struct{})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
					id := fmt.Sprintf("w%d-%06d", w, i)
					if err := put(tx, id, 100); err != nil {
						return err
					}
					_, err := tx.Exec(`INSERT INTO probe_part (id, item) VALUES ($1, $2)`, i*4+w, id)
					return err
				})
				if err != nil {
					t.Errorf("a writer during the snapshot: %v", err)
					return
				}
				acknowledged.Add(1)
			}
		})
	}
	dir := t.TempDir()
	for i := range 3 {
		for before := acknowledged.Load(); acknowledged.Load() < before+50 && !t.Failed(); {
			if _, err := os.Stat(dir); err != nil { // gives way, too
				t.Fatal(err)
			}
		}
		floor := acknowledged.Load()
		file := filepath.Join(dir, numbered("snapshot", i))
		if err := s.Snapshot(t.Context(), file, nil); err != nil {
			t.Fatal(err)
		}
		back := restored(t, file)
		items := ids(t, back, "w")
		if int64(len(items)) < floor {
			t.Errorf("snapshot %d holds %d writes, %d were acknowledged before it", i, len(items), floor)
		}
		read(t, back, func(tx *store.Tx) error {
			parts, err := store.Collect(tx, text, `SELECT item FROM probe_part ORDER BY item`)
			if diff := cmp.Diff(items, parts); diff != "" {
				t.Fatalf("snapshot %d holds half a write:\n%s", i, diff)
			}
			return err
		})
	}
	close(stop)
	all.Wait()
}

func replacesNothing(t *testing.T, s *store.Store) {
	file := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Snapshot(t.Context(), file, nil); !fault.Is(err, "store.snapshot_exists") {
		t.Errorf("a file in the way: %v", err)
	}
	if got, err := os.ReadFile(file); string(got) != "mine" {
		t.Errorf("the file in the way is now %q (%v)", got, err)
	}
}

func nothingLeft(t *testing.T, s *store.Store) {
	write(t, s, Fill)
	dir := t.TempDir()
	ctx, cancel := started(t)
	cancel(errRefused)
	if err := s.Snapshot(ctx, filepath.Join(dir, "snapshot"), nil); err == nil {
		t.Error("an ended caller got a snapshot")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
	if err := s.Snapshot(t.Context(), filepath.Join(dir, "no", "such", "folder"), nil); !fault.Is(err, "store.cannot_create") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

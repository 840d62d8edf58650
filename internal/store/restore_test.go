package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/store/storetest"
)

var engines = map[string]func(testing.TB) store.Config{"sqlite": sqliteConfig, "postgres": postgresConfig}

// filled is a database with awkward rows, and a snapshot of it.
func filled(t *testing.T, config func(testing.TB) store.Config) (s *store.Store, snapshot string) {
	t.Helper()
	s = probe(t, config(t))
	if err := s.Write(t.Context(), storetest.Now, storetest.Fill); err != nil {
		t.Fatal(err)
	}
	snapshot = filepath.Join(t.TempDir(), "adamas.snapshot")
	if err := s.Snapshot(t.Context(), snapshot, nil); err != nil {
		t.Fatal(err)
	}
	return s, snapshot
}

func restore(t *testing.T, snapshot string, into store.Config, apply bool, schemas ...store.Schema) (*store.Restoration, error) {
	t.Helper()
	if schemas == nil {
		schemas = []store.Schema{storetest.Probe}
	}
	return store.Restore(t.Context(), storetest.Now, snapshot, into, schemas, apply, nil)
}

// counted fails while PostgreSQL's planner knows nothing of a table that was filled.
func counted(t *testing.T, into store.Config) {
	t.Helper()
	s, err := store.Open(t.Context(), into)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var unknown int64
	if err := s.Read(t.Context(), storetest.Now, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND reltuples < 0`).Scan(&unknown)
	}); err != nil || unknown > 0 {
		t.Errorf("%d tables are not counted: %v", unknown, err)
	}
}

func TestRestoreFromEitherIntoEither(t *testing.T) {
	for from, source := range engines {
		for to, target := range engines {
			t.Run(from+" into "+to, func(t *testing.T) {
				s, snapshot := filled(t, source)
				into := target(t)
				for _, apply := range []bool{false, true} {
					got, err := restore(t, snapshot, into, apply)
					want := &store.Restoration{Engine: to, Applied: map[string]int{"probe": 1},
						Rows: map[string]int64{"probe_item": 4, "probe_part": 4, "probe_leg": 12, "probe_operation": 4}}
					if diff := cmp.Diff(want, got); err != nil || diff != "" {
						t.Fatalf("apply %v: %v (-want +got):\n%s", apply, err, diff)
					}
					if into.Path != "" && !apply {
						if _, err := os.Stat(into.Path); !errors.Is(err, fs.ErrNotExist) {
							t.Errorf("a dry run made the file: %v", err)
						}
					}
				}
				if into.DSN != "" {
					counted(t, into)
				}
				back := probe(t, into) // nothing is left to migrate, everything fits
				if diff := cmp.Diff(storetest.Contents(t, s), storetest.Contents(t, back)); diff != "" {
					t.Errorf("(-before +after):\n%s", diff)
				}
				again := filepath.Join(t.TempDir(), "again")
				if err := back.Snapshot(t.Context(), again, nil); err != nil {
					t.Error(err)
				}
				for _, apply := range []bool{false, true} {
					if _, err := restore(t, again, into, apply); !fault.Is(err, "store.not_empty") && !fault.Is(err, "store.folder_in_use") {
						t.Errorf("into a database in use, apply %v: %v", apply, err)
					}
				}
				if err := back.Write(t.Context(), storetest.Now, put("goes on")); err != nil {
					t.Error(err)
				}
				if err := back.Write(t.Context(), storetest.Now, func(tx *store.Tx) error {
					_, err := tx.Exec(`INSERT INTO probe_part (id, item) VALUES (99, 'none')`)
					return err
				}); !store.IsForeignKey(err) {
					t.Errorf("foreign keys after a restore: %v", err)
				}
			})
		}
	}
}

// An older snapshot comes back at its own version first, so that later
// migrations work on its rows.
func TestRestoreOlderSnapshot(t *testing.T) {
	one := []byte("CREATE TABLE mod_a (id TEXT PRIMARY KEY, n INT8 NOT NULL) TABLE_END;\nINSERT INTO mod_a (id, n) VALUES ('made by the migration', 1);\n")
	two := []byte("ALTER TABLE mod_a ADD COLUMN twice INT8 NOT NULL DEFAULT 0;\nUPDATE mod_a SET twice = 2 * n;\n")
	old := store.Schema{Module: "mod", Files: fstest.MapFS{"schema/0001_a.sql": {Data: one}}}
	now := []store.Schema{{Module: "mod", Files: fstest.MapFS{"schema/0001_a.sql": {Data: one}, "schema/0002_b.sql": {Data: two}}}, storetest.Probe}
	for name, config := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t, config(t))
			if err := s.Migrate(t.Context(), storetest.Now, []store.Schema{old}); err != nil {
				t.Fatal(err)
			}
			err := s.Write(t.Context(), storetest.Now, func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO mod_a (id, n) VALUES ('added', 21)`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			snapshot := filepath.Join(t.TempDir(), "old")
			if err := s.Snapshot(t.Context(), snapshot, nil); err != nil {
				t.Fatal(err)
			}
			into := config(t)
			if _, err := restore(t, snapshot, into, true, now...); err != nil {
				t.Fatal(err)
			}
			back := open(t, into)
			if err := back.Migrate(t.Context(), storetest.Now, now); err != nil {
				t.Fatal(err)
			}
			err = back.Read(t.Context(), storetest.Now, func(tx *store.Tx) error {
				var rows, sum int64
				err := tx.QueryRow(`SELECT count(*), sum(twice) FROM mod_a`).Scan(&rows, &sum)
				if rows != 2 || sum != 44 {
					t.Errorf("%d rows, sum %d, want 2 and 44", rows, sum)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if _, err := restore(t, snapshot, config(t), true, storetest.Probe); !fault.Is(err, "store.newer") {
				t.Errorf("a program that does not know the module: %v", err)
			}
		})
	}
}

// tampered copies a snapshot and runs a statement in the copy.
func tampered(t *testing.T, snapshot, statement string) string {
	t.Helper()
	content, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tampered")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(0)&_pragma=ignore_check_constraints(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRestoreRefuses(t *testing.T) {
	_, snapshot := filled(t, sqliteConfig)
	_, fromPostgres := filled(t, postgresConfig)
	isFault := func(key string) func(error) bool { return func(err error) bool { return fault.Is(err, key) } }
	tests := []struct {
		name, snapshot string
		is             func(error) bool
	}{
		{"a row that refers to nothing", tampered(t, snapshot, `INSERT INTO probe_part VALUES (77, 'none')`), store.IsForeignKey},
		{"the same from PostgreSQL", tampered(t, fromPostgres, `INSERT INTO probe_part VALUES (77, 'none')`), store.IsForeignKey},
		{"a chain without an end", tampered(t, fromPostgres, `DELETE FROM probe_leg WHERE leg = 3`), store.IsForeignKey},
		{"a broken check", tampered(t, snapshot, `UPDATE probe_item SET n = 13 WHERE n = 0`),
			func(err error) bool { return store.IsCheck(err, "probe_item_n_known") }},
		{"one number twice", tampered(t, fromPostgres, `INSERT INTO probe_part SELECT * FROM probe_part`),
			func(err error) bool { return store.IsUnique(err, "probe_part", "id") }},
		{"a table too many", tampered(t, snapshot, `CREATE TABLE probe_more (id TEXT) STRICT`), func(err error) bool { return err != nil }},
		{"a table missing", tampered(t, snapshot, `DROP TABLE probe_part`), func(err error) bool { return err != nil }},
		{"an unknown type", tampered(t, snapshot, `CREATE TABLE probe_more (id REAL) STRICT`), func(err error) bool { return err != nil }},
		{"another line of migrations", tampered(t, snapshot, `UPDATE probe_migration SET checksum = 'x' WHERE version = 1`), isFault("store.migration_changed")},
		{"a later program's", tampered(t, snapshot, `INSERT INTO probe_migration VALUES (2, 'x', 'x')`), isFault("store.newer")},
		{"another program's file", tampered(t, snapshot, `PRAGMA application_id = 7`), isFault("store.foreign_file")},
		{"a file without our books", tampered(t, snapshot, `DROP TABLE probe_migration`), isFault("store.foreign_file")},
		{"no file", filepath.Join(t.TempDir(), "none"), isFault("store.missing")},
	}
	for _, tt := range tests {
		for name, config := range engines {
			t.Run(tt.name+" into "+name, func(t *testing.T) {
				into := config(t)
				if _, err := restore(t, tt.snapshot, into, true); err == nil || !tt.is(err) {
					t.Errorf("told: %v", err)
				}
				if into.Path != "" {
					if entries, _ := filepath.Glob(filepath.Join(filepath.Dir(into.Path), "*adamas.db*")); len(entries) != 0 {
						t.Errorf("left behind: %v", entries)
					}
				}
			})
		}
	}
}

func TestRestoreDamagedFile(t *testing.T) {
	_, snapshot := filled(t, sqliteConfig)
	whole, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	garbled := bytes.Clone(whole)
	for i := 4096; i < len(garbled); i += 7 {
		garbled[i] ^= 0x5a
	}
	for name, content := range map[string][]byte{"garbled": garbled, "cut short": whole[:len(whole)/2], "empty": nil} {
		path := filepath.Join(t.TempDir(), "damaged")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, apply := range []bool{false, true} {
			if _, err := restore(t, path, sqliteConfig(t), apply); !fault.Is(err, "store.damaged") && !fault.Is(err, "store.foreign_file") {
				t.Errorf("%s, apply %v: %v", name, apply, err)
			}
		}
	}
}

// A restore into PostgreSQL that was cut off must not pass for an empty register.
func TestRestoreCutOff(t *testing.T) {
	_, snapshot := filled(t, sqliteConfig)
	broken := tampered(t, snapshot, `INSERT INTO probe_part VALUES (77, 'none')`)
	into := postgresConfig(t)
	if _, err := restore(t, broken, into, true); !store.IsForeignKey(err) {
		t.Fatal(err)
	}
	s := open(t, into)
	if err := s.Migrate(t.Context(), storetest.Now, []store.Schema{storetest.Probe}); !fault.Is(err, "store.restore_unfinished") {
		t.Errorf("starting on it: %v", err)
	}
	if _, err := restore(t, snapshot, into, true); !fault.Is(err, "store.not_empty") {
		t.Errorf("restoring into it again: %v", err)
	}
}

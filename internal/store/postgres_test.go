package store_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/store/storetest"
	"adamas.example/internal/worldtest/pgtest"
)

// admin is a connection beside the store, to play the administrator.
func admin(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func probe(t *testing.T, c store.Config) *store.Store {
	t.Helper()
	s := open(t, c)
	if err := s.Migrate(t.Context(), storetest.Now, []store.Schema{storetest.Probe}); err != nil {
		t.Fatal(err)
	}
	return s
}

func put(id string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO probe_item (id, name, n) VALUES ($1, $1, 1)`, id)
		return err
	}
}

// A server set up to tell of commits before they are durable is overruled.
func TestPostgreSQLKeepsCommits(t *testing.T) {
	dsn := pgtest.Start(t)
	db := admin(t, dsn)
	var name string
	if err := db.QueryRow(`SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	for level, want := range map[string]string{"off": "on", "remote_write": "remote_write", "local": "local"} {
		if _, err := db.Exec(`ALTER DATABASE ` + name + ` SET synchronous_commit = ` + level); err != nil {
			t.Fatal(err)
		}
		s := open(t, store.Config{DSN: dsn})
		err := s.Write(t.Context(), storetest.Now, func(tx *store.Tx) error {
			var got, isolation string
			if err := tx.QueryRow(`SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation')`).Scan(&got, &isolation); err != nil {
				return err
			}
			if got != want || isolation != "serializable" {
				t.Errorf("server %s: the store commits with %s, isolation %s", level, got, isolation)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

const endOthers = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
	WHERE datname = current_database() AND pid <> pg_backend_pid()`

// The server went away and came back between two pieces of work.
func TestPostgreSQLConnectionsLostWhileIdle(t *testing.T) {
	dsn := pgtest.Start(t)
	s, db := probe(t, store.Config{DSN: dsn}), admin(t, dsn)
	for _, id := range []string{"a", "b", "c"} {
		if _, err := db.Exec(endOthers); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), storetest.Now, put(id)); err != nil {
			t.Errorf("write %s after the connections were lost: %v", id, err)
		}
		if got := storetest.Contents(t, s); len(got) == 0 {
			t.Errorf("read after write %s finds nothing", id)
		}
	}
}

// The connection is lost before COMMIT is answered: the caller must not be told
// that it went wrong, nor that it went well.
func TestPostgreSQLConnectionLostAtTheEnd(t *testing.T) {
	dsn := pgtest.Start(t)
	s, db := probe(t, store.Config{DSN: dsn}), admin(t, dsn)
	err := s.Write(t.Context(), storetest.Now, func(tx *store.Tx) error {
		if err := put("a")(tx); err != nil {
			return err
		}
		_, err := db.Exec(endOthers)
		return err
	})
	if !errors.Is(err, store.ErrOutcomeUnknown) {
		t.Errorf("told: %v", err)
	}
}

func TestPostgreSQLRefusals(t *testing.T) {
	dsn := pgtest.Start(t)
	db := admin(t, dsn)
	var name string
	if err := db.QueryRow(`SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	latin := name + "_latin"
	if _, err := db.Exec(`CREATE DATABASE ` + latin + ` TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Exec(`DROP DATABASE ` + latin + ` WITH (FORCE)`) })
	for want, dsn := range map[string]string{
		"store.not_utf8":  strings.Replace(dsn, name, latin, 1),
		"store.no_server": strings.Replace(dsn, name, name+"_none", 1),
		"store.bad_dsn":   "postgres://clerk:s3cret@host:notaport/db",
	} {
		s, err := store.Open(t.Context(), store.Config{DSN: dsn})
		if !fault.Is(err, want) {
			t.Errorf("%s: %v, want %s", dsn, err, want)
		}
		if s != nil {
			s.Close()
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the password is told: %v", err)
		}
	}
}

package storetest

import (
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

var migrationTests = []test{
	{"StepByStep", stepByStep},
	{"ByManyAtOnce", byManyAtOnce},
	{"ChangedFileIsRefused", changedFile},
	{"NewerDatabaseIsRefused", newerDatabase},
	{"FailedFileLeavesNothing", failedFile},
	{"NotPortableIsRefused", notPortable},
	{"MalformedSchemas", malformedSchemas},
	{"OnlyForOneEngine", onlyForOne},
	{"WritersGoOnMeanwhile", writersGoOn},
}

// schema makes a module of files 0001_step.sql, 0002_step.sql, ...
func schema(module string, files ...string) store.Schema {
	all := fstest.MapFS{}
	for i, text := range files {
		all[fmt.Sprintf("schema/%04d_step.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return store.Schema{Module: module, Files: all}
}

const (
	stepOne   = "CREATE TABLE mod_a (id TEXT PRIMARY KEY, n INT8 NOT NULL) TABLE_END;\nINSERT INTO mod_a (id, n) VALUES ('one', 1);\n"
	stepTwo   = "-- +goose Up\nALTER TABLE mod_a ADD COLUMN body BYTES;\nUPDATE mod_a SET n = n + 1;\n"
	stepThree = "CREATE TABLE mod_b (id TEXT PRIMARY KEY REFERENCES mod_a (id)) TABLE_END;\n"
)

func migrate(t *testing.T, s *store.Store, schemas ...store.Schema) {
	t.Helper()
	if err := s.Migrate(t.Context(), Now, schemas); err != nil {
		t.Fatalf("migrate: %v", err)
	}
}

func stepByStep(t *testing.T, s *store.Store) {
	migrate(t, s, schema("mod", stepOne))
	migrate(t, s, schema("mod", stepOne), schema("other", "CREATE TABLE other (id TEXT PRIMARY KEY) TABLE_END;\n"))
	migrate(t, s, schema("mod", stepOne, stepTwo, stepThree), schema("other", "CREATE TABLE other (id TEXT PRIMARY KEY) TABLE_END;\n"))
	migrate(t, s, schema("mod", stepOne, stepTwo, stepThree), schema("other", "CREATE TABLE other (id TEXT PRIMARY KEY) TABLE_END;\r\n"))
	read(t, s, func(tx *store.Tx) error {
		if n, err := one(tx, `SELECT n FROM mod_a WHERE body IS NULL`); err != nil || n != 2 {
			t.Errorf("n = %d (%v), want 2: every step once", n, err)
		}
		got, err := store.Collect(tx, func(scan store.Scan) (string, error) {
			var version int64
			var sum string
			var at time.Time
			err := scan(&version, &sum, store.ScanTime(&at))
			return fmt.Sprint(version, len(sum), at.Equal(Now)), err
		}, `SELECT version, checksum, applied FROM mod_migration ORDER BY version`)
		if diff := cmp.Diff([]string{"0 0 true", "1 64 true", "2 64 true", "3 64 true"}, got); diff != "" {
			t.Errorf("the book (-want +got):\n%s", diff)
		}
		return err
	})
}

func byManyAtOnce(t *testing.T, s *store.Store) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := s.Migrate(t.Context(), Now, []store.Schema{schema("mod", stepOne, stepTwo)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	read(t, s, func(tx *store.Tx) error {
		n, err := one(tx, `SELECT sum(n) FROM mod_a`)
		if n != 2 {
			t.Errorf("n = %d, want 2: every step once", n)
		}
		return err
	})
}

func changedFile(t *testing.T, s *store.Store) {
	migrate(t, s, schema("mod", stepOne))
	err := s.Migrate(t.Context(), Now, []store.Schema{schema("mod", stepOne+"-- a remark\n", stepTwo)})
	f, ok := fault.Of(err)
	if !ok || f.Key != "store.migration_changed" || f.Args["module"] != "mod" || f.Args["file"] != "0001_step.sql" {
		t.Errorf("an edited file: %v", err)
	}
	migrate(t, s, schema("mod", stepOne)) // nothing of step two was applied
}

func newerDatabase(t *testing.T, s *store.Store) {
	migrate(t, s, schema("mod", stepOne, stepTwo), schema("later", "CREATE TABLE later (id TEXT PRIMARY KEY) TABLE_END;\n"))
	err := s.Migrate(t.Context(), Now, []store.Schema{schema("mod", stepOne), schema("new", "CREATE TABLE new (id TEXT PRIMARY KEY) TABLE_END;\n")})
	var told []string
	for _, f := range fault.All(err) {
		told = append(told, fmt.Sprint(f.Key, " ", f.Args["module"], " ", f.Args["has"], " ", f.Args["knows"]))
	}
	if diff := cmp.Diff([]string{"store.newer later 1 0", "store.newer mod 2 1"}, told); diff != "" {
		t.Errorf("a database of a later program (-want +got):\n%s", diff)
	}
	if err := s.Read(t.Context(), Now, func(tx *store.Tx) error { _, err := one(tx, `SELECT count(*) FROM new`); return err }); err == nil {
		t.Error("another module was migrated all the same")
	}
}

func failedFile(t *testing.T, s *store.Store) {
	broken := "CREATE TABLE mod_b (id TEXT PRIMARY KEY) TABLE_END;\nINSERT INTO mod_a (id, n) VALUES ('one', 1);\n"
	if err := s.Migrate(t.Context(), Now, []store.Schema{schema("mod", stepOne, broken)}); !store.IsUnique(err, "mod_a", "id") {
		t.Errorf("a file that breaks a constraint: %v", err)
	}
	migrate(t, s, schema("mod", stepOne, "CREATE TABLE mod_b (id TEXT PRIMARY KEY) TABLE_END;\n"))
}

func notPortable(t *testing.T, s *store.Store) {
	for name, text := range map[string]string{
		"real":     "CREATE TABLE mod_a (x REAL) TABLE_END;\n",
		"datetime": "CREATE TABLE mod_a (x TIMESTAMP) TABLE_END;\n",
		"syntax":   "CREATE TABLE mod_a (x TEXT TABLE_END;\n",
	} {
		if err := s.Migrate(t.Context(), Now, []store.Schema{schema("mod", text)}); err == nil {
			t.Errorf("%s went through on %s", name, s.Engine())
		}
	}
}

func malformedSchemas(t *testing.T, s *store.Store) {
	files := func(names ...string) fstest.MapFS {
		all := fstest.MapFS{}
		for _, name := range names {
			all[name] = &fstest.MapFile{Data: []byte(stepOne)}
		}
		return all
	}
	for name, schemas := range map[string][]store.Schema{
		"no name":                  {schema("", stepOne)},
		"capitals":                 {schema("Mod", stepOne)},
		"reserved name":            {schema("mod_migration", stepOne)},
		"twice":                    {schema("mod", stepOne), schema("mod", stepOne)},
		"no files":                 {{Module: "mod", Files: files()}},
		"a gap":                    {{Module: "mod", Files: files("schema/0001_a.sql", "schema/0003_b.sql")}},
		"two of one number":        {{Module: "mod", Files: files("schema/0001_a.sql", "schema/0001_b.sql")}},
		"a stray file":             {{Module: "mod", Files: files("schema/0001_a.sql", "schema/readme.md")}},
		"a way down":               {schema("mod", stepOne+"-- +goose Down\nDROP TABLE mod_a;\n")},
		"outside of a transaction": {schema("mod", "-- +goose NO TRANSACTION\n"+stepOne)},
	} {
		if err := s.Migrate(t.Context(), Now, schemas); err == nil {
			t.Errorf("%s went through", name)
		}
	}
	migrate(t, s, schema("mod", stepOne)) // none of them left anything
}

func onlyForOne(t *testing.T, s *store.Store) {
	migrate(t, s, schema("mod", stepOne+`
-- +only sqlite
CREATE VIRTUAL TABLE mod_search USING fts5 (id, content='');
CREATE INDEX mod_here ON mod_a (n);
-- +only postgres
ALTER TABLE mod_a ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', id)) STORED;
CREATE INDEX mod_here ON mod_a USING gin (words);
-- +both
INSERT INTO mod_a (id, n) VALUES ('two', 2);
`))
	read(t, s, func(tx *store.Tx) error {
		n, err := one(tx, `SELECT count(*) FROM mod_a`)
		if n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
		return err
	})
}

// writersGoOn: work and schema changes take turns.
func writersGoOn(t *testing.T, s *store.Store) {
	migrate(t, s, schema("mod", stepOne))
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
				write(t, s, func(tx *store.Tx) error {
					_, err := tx.Exec(`INSERT INTO mod_a (id, n) VALUES ($1, 0)`, fmt.Sprintf("w%d-%d", w, i))
					return err
				})
			}
		})
	}
	migrate(t, s, schema("mod", stepOne, stepTwo, stepThree))
	close(stop)
	all.Wait()
	migrate(t, s, schema("mod", stepOne, stepTwo, stepThree))
}

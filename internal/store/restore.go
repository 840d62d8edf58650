package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
)

// Restoration is what Restore did, or would do.
type Restoration struct {
	Engine  string           // of the target
	Rows    map[string]int64 // by table, the books of migrations left out
	Applied map[string]int   // how many migrations the snapshot has had, by module
}

// Restore reads a snapshot into an empty database of either engine and brings it
// up to this program's schemas. Without apply it only looks: the target is not
// touched, not even made.
//
// Looked at first: the file is whole (SQLite's integrity_check; store.damaged,
// store.foreign_file), made by this program or an older one of the same line
// (store.newer, store.migration_changed), and the target empty
// (store.not_empty). Then the tables are made as they were at the time of the
// snapshot, every row is checked against their constraints as it comes in, the
// foreign keys at the end, and later migrations run over the rows.
//
// A SQLite target appears under its name only when it is done. A PostgreSQL
// target that was cut off bears a mark, and is refused by Migrate and Restore
// (store.restore_unfinished, store.not_empty) until it is made anew.
func Restore(ctx context.Context, now time.Time, snapshot string, into Config, schemas []Schema, apply bool, progress Progress) (*Restoration, error) {
	at, err := clock(now)
	if err != nil {
		return nil, err
	}
	all, err := plans(schemas)
	if err != nil {
		return nil, err
	}
	from, err := openSnapshot(ctx, snapshot, all)
	if err != nil {
		return nil, err
	}
	defer from.db.Close()
	r := &restorer{from: from, plans: all, now: at, apply: apply, progress: progress}
	if into.DSN != "" {
		err = r.intoPostgres(ctx, into)
	} else {
		err = r.intoSQLite(ctx, into.Path)
	}
	if err != nil {
		return nil, err
	}
	return from.report(into), nil
}

// source is a snapshot that was looked at.
type source struct {
	db      *sql.DB
	applied versions
	tables  []table // without the books of migrations
	rows    map[string]int64
	total   int64
}

func openSnapshot(ctx context.Context, path string, all []plan) (_ *source, err error) {
	if err := ours(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", sqliteDSN(path, reading))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	if err := sound(ctx, path, db); err != nil {
		return nil, err
	}
	from := &source{db: db, rows: map[string]int64{}}
	if from.applied, err = applied(ctx, db, engineSQLite); err != nil {
		return nil, err
	}
	if len(from.applied) == 0 {
		return nil, fault.Invalid("store.foreign_file", fault.File(path))
	}
	if err := from.applied.fit(all); err != nil {
		return nil, fault.Locate(err, fault.Arg("snapshot", path))
	}
	tables, err := catalogue(ctx, db, engineSQLite)
	if err != nil {
		return nil, err
	}
	from.tables = slices.DeleteFunc(tables, func(t table) bool { return strings.HasSuffix(t.name, versionTableSuffix) })
	for _, t := range from.tables {
		n, err := countRows(ctx, db, []table{t})
		if err != nil {
			return nil, err
		}
		from.rows[t.name] = n
		from.total += n
	}
	return from, nil
}

// sound asks SQLite to read and compare every page of the file.
func sound(ctx context.Context, path string, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return damaged(path, err)
	}
	if verdict != "ok" {
		return fault.Corrupt("store.damaged", fault.File(path), fault.Because(errors.New(verdict)))
	}
	return nil
}

func (from *source) report(into Config) *Restoration {
	r := &Restoration{Engine: engineSQLite, Rows: from.rows, Applied: map[string]int{}}
	if into.DSN != "" {
		r.Engine = enginePostgres
	}
	for module, sums := range from.applied {
		r.Applied[module] = len(sums)
	}
	return r
}

// restorer carries one restoration through.
type restorer struct {
	from     *source
	plans    []plan
	now      time.Time
	apply    bool
	progress Progress
}

// schema gives the empty target the tables the snapshot was made with, and
// refuses when they turn out different.
func (r *restorer) schema(ctx context.Context, db *sql.DB, engine string) error {
	if err := migrate(ctx, db, engine, r.now, r.plans, r.from.applied); err != nil {
		return err
	}
	tables, err := catalogue(ctx, db, engine)
	if err != nil {
		return err
	}
	tables = slices.DeleteFunc(tables, func(t table) bool {
		return strings.HasSuffix(t.name, versionTableSuffix) || t.name == restoreMark
	})
	if !slices.EqualFunc(tables, r.from.tables, table.same) {
		return fmt.Errorf("store: the snapshot's tables are not those its migrations make: %v, %v", r.from.tables, tables)
	}
	return nil
}

// empty removes what migrations put into their new tables: the snapshot has it,
// or its office has removed it.
func (r *restorer) empty(ctx context.Context, db session) error {
	for _, t := range r.from.tables {
		if _, err := db.ExecContext(ctx, "DELETE FROM "+quote(t.name)); err != nil {
			return err
		}
	}
	return nil
}

// intoSQLite builds the database beside its place and moves it there.
func (r *restorer) intoSQLite(ctx context.Context, path string) error {
	for _, name := range []string{path, path + "-wal", path + "-journal"} {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return fault.Conflict("store.not_empty", fault.Arg("target", name))
		}
	}
	if !r.apply {
		return nil
	}
	lock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer lock.release()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // it is empty
		return fault.CannotCreate("store.cannot_create", fault.File(path), fault.Because(err))
	}
	return newFile(path, func(temp string) error { return r.fillSQLite(ctx, temp) })
}

func (r *restorer) fillSQLite(ctx context.Context, temp string) error {
	if err := touch(temp); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteDSN(temp, filling))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := r.schema(ctx, db, engineSQLite); err != nil {
		return err
	}
	work, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer work.Rollback()
	if err := r.empty(ctx, work); err != nil {
		return err
	}
	count := counter{progress: r.progress, total: r.from.total}
	for _, t := range r.from.tables {
		if err := copyToSQLite(ctx, r.from.db, work, t, &count); err != nil {
			return fmt.Errorf("store: restore %s: %w", t.name, engineError(err))
		}
	}
	if err := referencesHold(ctx, work); err != nil {
		return err
	}
	if err := work.Commit(); err != nil {
		return err
	}
	if err := migrate(ctx, db, engineSQLite, r.now, r.plans, nil); err != nil {
		return err
	}
	r.progress.tell(r.from.total, r.from.total)
	return db.Close()
}

// referencesHold checks all foreign keys at once.
func referencesHold(ctx context.Context, db session) error {
	rows, err := db.QueryContext(ctx, "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		var child, parent string
		if err := rows.Scan(&child, &parent); err != nil {
			return err
		}
		return &ConstraintError{Rule: ForeignKey, Table: child, cause: fmt.Errorf("a row refers to none in %s", parent)}
	}
	return rows.Err()
}

// intoPostgres keeps everybody else who migrates or restores waiting.
func (r *restorer) intoPostgres(ctx context.Context, into Config) error {
	e, err := openPostgres(ctx, into)
	if err != nil {
		return err
	}
	defer e.close()
	return e.exclusively(ctx, func(db *sql.DB) error {
		names, err := tableNames(ctx, db, enginePostgres)
		if err != nil {
			return err
		}
		if len(names) > 0 {
			return fault.Conflict("store.not_empty", fault.Arg("target", e.database), fault.Arg("table", names[0]))
		}
		if !r.apply {
			return nil
		}
		return r.fillPostgres(ctx, db)
	})
}

// fillPostgres sets the mark, which goes away with the rows' own commit.
func (r *restorer) fillPostgres(ctx context.Context, db *sql.DB) error {
	mark := inWordsOf(enginePostgres, "CREATE TABLE "+restoreMark+" (since TEXT NOT NULL) TABLE_END")
	if _, err := db.ExecContext(ctx, mark); err != nil {
		return err
	}
	if err := r.schema(ctx, db, enginePostgres); err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // after COMMIT a warning, nothing else
	references, err := dropReferences(ctx, conn)
	if err != nil {
		return err
	}
	if err := r.empty(ctx, conn); err != nil {
		return err
	}
	count := counter{progress: r.progress, total: r.from.total}
	for _, t := range r.from.tables {
		if err := copyToPostgres(ctx, r.from.db, conn, t, &count); err != nil {
			return fmt.Errorf("store: restore %s: %w", t.name, engineError(err))
		}
	}
	for _, statement := range append(references, "DROP TABLE "+restoreMark, "COMMIT") {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("store: restore: %w", engineError(err))
		}
	}
	if err := migrate(ctx, db, enginePostgres, r.now, r.plans, nil); err != nil {
		return err
	}
	// Until it has counted, the planner guesses, and the first readers pay for it.
	if _, err := db.ExecContext(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("store: restore: %w", engineError(err))
	}
	r.progress.tell(r.from.total, r.from.total)
	return nil
}

// dropReferences takes the foreign keys away so that tables can be filled in any
// order, and gives the statements that bring them back, checking every row.
func dropReferences(ctx context.Context, db session) (back []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace AND k.conparentid = 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var drop []string
	for rows.Next() {
		var table, name, definition string
		if err := rows.Scan(&table, &name, &definition); err != nil {
			return nil, err
		}
		alter := "ALTER TABLE " + quote(table)
		drop = append(drop, alter+" DROP CONSTRAINT "+quote(name))
		back = append(back, alter+" ADD CONSTRAINT "+quote(name)+" "+definition)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, statement := range drop {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	return back, nil
}

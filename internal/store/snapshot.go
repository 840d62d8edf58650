package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

// Progress is told how much of the work is done. The unit is the engine's own
// (bytes or rows); total may grow while the work goes on, and is never less
// than done. Calls come from one goroutine. A nil Progress is told nothing.
type Progress func(done, total int64)

func (p Progress) tell(done, total int64) {
	if p != nil {
		p(done, max(done, total))
	}
}

// Snapshot writes the whole database, as it is at one moment, to a new file
// while readers and writers go on. The file is the same for both engines: a
// SQLite database with the same tables, which Restore reads into either. It
// appears under its name only when it is whole and on the disk; a file that is
// there already is never replaced.
//
// Faults: store.snapshot_exists, store.cannot_create, store.unreadable (the
// disk is full).
func (s *Store) Snapshot(ctx context.Context, dest string, progress Progress) error {
	if !s.gate.enter() {
		return ErrClosed
	}
	defer s.gate.leave()
	return newFile(dest, func(temp string) error { return s.engine.snapshot(ctx, temp, progress) })
}

// newFile lets write make the file under a temporary name beside dest, makes it
// durable, and only then gives it its name.
func newFile(dest string, write func(temp string) error) error {
	if exists(dest) {
		return fault.Conflict("store.snapshot_exists", fault.File(dest))
	}
	dir, base := filepath.Split(dest)
	private, err := os.MkdirTemp(dir, "."+base+".*") // nobody else writes in it
	if err != nil {
		return fault.CannotCreate("store.cannot_create", fault.File(dest), fault.Because(err))
	}
	defer os.RemoveAll(private)
	temp := filepath.Join(private, base)
	if err := write(temp); err != nil {
		return err
	}
	if err := syncFile(temp); err != nil {
		return fault.IO("store.unreadable", fault.File(dest), fault.Because(err))
	}
	return publish(temp, dest)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// publish gives the file its name. A hard link cannot replace what came in the
// meantime; where the file system has none (a stick), we look once more.
func publish(temp, dest string) error {
	err := os.Link(temp, dest)
	if err != nil && !errors.Is(err, fs.ErrExist) && !exists(dest) {
		err = os.Rename(temp, dest)
	}
	switch {
	case errors.Is(err, fs.ErrExist) || err != nil && exists(dest):
		return fault.Conflict("store.snapshot_exists", fault.File(dest))
	case err != nil:
		return fault.CannotCreate("store.cannot_create", fault.File(dest), fault.Because(err))
	}
	return durable.SyncDir(filepath.Dir(dest))
}

// snapshot lets SQLite rewrite the file as of the beginning of the statement.
func (e *sqliteEngine) snapshot(ctx context.Context, temp string, progress Progress) error {
	db, err := sql.Open("sqlite", sqliteDSN(e.path, copying))
	if err != nil {
		return err
	}
	defer db.Close()
	var size int64
	err = db.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&size)
	if err != nil {
		return damaged(e.path, err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, "VACUUM INTO $1", temp)
		done <- err
	}()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("store: snapshot of %s: %w", e.path, err)
			}
			progress.tell(size, size)
			return nil
		case <-ticker.C:
			if info, err := os.Stat(temp); err == nil {
				progress.tell(info.Size(), size)
			}
		}
	}
}

// snapshot copies row by row in one transaction. SERIALIZABLE READ ONLY
// DEFERRABLE waits for a state that some serial order has really had and then
// neither fails nor hinders anybody
// (https://www.postgresql.org/docs/15/sql-set-transaction.html).
func (e *postgresEngine) snapshot(ctx context.Context, temp string, progress Progress) error {
	conn, err := e.reader.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE"); err != nil {
		return err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	tables, err := catalogue(ctx, conn, enginePostgres)
	if err != nil {
		return err
	}
	total, err := countRows(ctx, conn, tables)
	if err != nil {
		return err
	}
	if err := touch(temp); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteDSN(temp, filling))
	if err != nil {
		return err
	}
	defer db.Close()
	work, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer work.Rollback()
	count := counter{progress: progress, total: total}
	for _, t := range tables {
		if _, err := work.ExecContext(ctx, t.bare()); err != nil {
			return err
		}
		if err := copyToSQLite(ctx, conn, work, t, &count); err != nil {
			return fmt.Errorf("store: snapshot of %s: %w", t.name, err)
		}
	}
	if err := work.Commit(); err != nil {
		return err
	}
	progress.tell(total, total)
	return db.Close()
}

// counter tells a Progress of rows, not too often.
type counter struct {
	progress    Progress
	done, total int64
}

func (c *counter) one() {
	c.done++
	if c.done%1000 == 0 {
		c.progress.tell(c.done, c.total)
	}
}

func countRows(ctx context.Context, db session, tables []table) (total int64, err error) {
	for _, t := range tables {
		rows, err := db.QueryContext(ctx, "SELECT count(*) FROM "+quote(t.name))
		if err != nil {
			return 0, err
		}
		var n int64
		rows.Next()
		if err := errors.Join(rows.Scan(&n), rows.Close()); err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// bare creates the table in a snapshot: columns and types. Keys and constraints
// come from the program's schema when it is restored.
func (t table) bare() string {
	parts := make([]string, len(t.columns))
	for i, column := range t.columns {
		kind := t.kinds[i]
		if word, ok := engineWords[engineSQLite][kind]; ok {
			kind = word
		}
		parts[i] = quote(column) + " " + kind
	}
	return "CREATE TABLE " + quote(t.name) + " (" + strings.Join(parts, ", ") + ") STRICT"
}

// copyToSQLite moves the rows of one table from one database to another.
func copyToSQLite(ctx context.Context, from session, to *sql.Tx, t table, count *counter) error {
	marks := make([]string, len(t.columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	insert, err := to.PrepareContext(ctx, "INSERT INTO "+quote(t.name)+" ("+quoteAll(t.columns)+") VALUES ("+strings.Join(marks, ", ")+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	rows, err := from.QueryContext(ctx, t.selectAll())
	if err != nil {
		return err
	}
	defer rows.Close()
	scan := newRowBuffer(len(t.columns))
	for rows.Next() {
		values, err := scan.read(rows)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
		count.one()
	}
	return rows.Err()
}

// rowBuffer reads rows of int64, string, []byte and nil.
type rowBuffer struct{ values, pointers []any }

func newRowBuffer(n int) *rowBuffer {
	b := &rowBuffer{make([]any, n), make([]any, n)}
	for i := range b.values {
		b.pointers[i] = &b.values[i]
	}
	return b
}

// read gives the values of the current row, good until the next call. SQLite's
// driver gives an empty BYTES as a nil slice, and would store that as NULL.
func (b *rowBuffer) read(rows *sql.Rows) ([]any, error) {
	if err := rows.Scan(b.pointers...); err != nil {
		return nil, err
	}
	for i, v := range b.values {
		if bytes, ok := v.([]byte); ok && bytes == nil {
			b.values[i] = []byte{}
		}
	}
	return b.values, nil
}

// copyToPostgres moves the rows of one table with COPY, in the transaction that
// to is in.
func copyToPostgres(ctx context.Context, from session, to *sql.Conn, t table, count *counter) error {
	rows, err := from.QueryContext(ctx, t.selectAll())
	if err != nil {
		return err
	}
	defer rows.Close()
	buffer := newRowBuffer(len(t.columns))
	source := pgx.CopyFromFunc(func() ([]any, error) {
		if !rows.Next() {
			return nil, rows.Err()
		}
		count.one()
		return buffer.read(rows)
	})
	return to.Raw(func(dc any) error {
		_, err := dc.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, source)
		return err
	})
}

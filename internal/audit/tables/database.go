package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// Database is a node's database, for reading.
type Database struct {
	name     string
	db       *sql.DB // nil outside of begin and Close
	tx       *sql.Tx
	postgres bool
	rows     int64       // that the last query gave
	was      os.FileInfo // of a file of SQLite that is read as if nobody could write to it, when it was opened
}

// Open tells whether a file of SQLite, or a server of PostgreSQL by postgres://..., can be
// read. What is read is the database as it stands when begin is called.
func Open(ctx context.Context, name string) (*Database, error) {
	d := &Database{name: name}
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	return d, d.Close()
}

// begin begins the one transaction in which everything is read.
func (d *Database) begin(ctx context.Context) error {
	if strings.HasPrefix(d.name, "postgres://") || strings.HasPrefix(d.name, "postgresql://") {
		config, err := pgx.ParseConfig(d.name)
		if err != nil {
			return err
		}
		d.db, d.postgres = stdlib.OpenDB(*config), true
		d.tx, err = d.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
		return d.begun(err)
	}
	info, err := os.Stat(d.name)
	if err != nil {
		return err
	}
	// Without a write-ahead log the file alone is the database. Read as immutable
	// it needs no lock and no file beside it, also on a medium that cannot be
	// written; unchanged tells whether somebody has begun to write meanwhile.
	if d.was = nil; waiting(d.name) {
		return d.openFile(ctx, "mode=ro")
	}
	d.was = info
	return d.openFile(ctx, "immutable=1")
}

// waiting tells whether a write-ahead log holds what the file does not yet.
func waiting(name string) bool {
	info, err := os.Stat(name + "-wal")
	return err == nil && info.Size() > 0
}

// unchanged tells whether what was read is what was there at one moment.
func (d *Database) unchanged() bool {
	if d.was == nil {
		return true
	}
	info, err := os.Stat(d.name)
	return err == nil && info.Size() == d.was.Size() && info.ModTime().Equal(d.was.ModTime()) && !waiting(d.name)
}

func (d *Database) openFile(ctx context.Context, mode string) error {
	path, err := filepath.Abs(d.name)
	if err != nil {
		return err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // file:///C:/...
	}
	dsn := "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + mode + "&_pragma=query_only(1)&_pragma=busy_timeout(5000)"
	d.db = sql.OpenDB(connector{&sqlite.Driver{}, dsn})
	d.db.SetMaxOpenConns(1)
	d.tx, err = d.db.BeginTx(ctx, nil)
	if err == nil {
		var n int64 // SQLite reads nothing before it is asked
		err = d.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master`).Scan(&n)
	}
	return d.begun(err)
}

func (d *Database) begun(err error) error {
	if err != nil {
		return errors.Join(err, d.Close())
	}
	return nil
}

// Close ends the transaction, if one is open, which has written nothing.
func (d *Database) Close() (err error) {
	if d.tx != nil {
		err = d.tx.Rollback()
	}
	if d.db != nil {
		err = errors.Join(err, d.db.Close())
	}
	d.tx, d.db = nil, nil
	return err
}

// has tells whether a table has a column: a database may be of an older program.
func (d *Database) has(ctx context.Context, table, column string) (there bool, err error) {
	query := `SELECT COUNT(*) FROM pragma_table_info('` + table + `') WHERE name = '` + column + `'`
	if d.postgres {
		query = `SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '` + table + `' AND column_name = '` + column + `'`
	}
	err = d.each(ctx, query, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		there = n > 0
		return err
	})
	d.rows = 0
	return there, err
}

// names lists the tables of the database.
func (d *Database) names(ctx context.Context) (out []string, err error) {
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	if d.postgres {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`
	}
	err = d.each(ctx, query, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	})
	return out, err
}

// each reads rows one by one and counts them. A row that cannot be read, since a
// cell is of another kind, ends the reading of its table.
func (d *Database) each(ctx context.Context, query string, row func(scan func(...any) error) error) error {
	rows, err := d.tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for d.rows = 0; rows.Next(); {
		d.rows++
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("row %d: %w", d.rows, err)
		}
	}
	return rows.Err()
}

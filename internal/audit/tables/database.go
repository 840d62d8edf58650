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

// Database is a node's database, opened for reading.
type Database struct {
	db       *sql.DB
	tx       *sql.Tx
	postgres bool
	rows     int64       // that the last query gave
	file     string      // of SQLite, when it is read as if nobody could write to it
	was      os.FileInfo // of file, when it was opened
}

// Open opens a file of SQLite, or a server of PostgreSQL by postgres://..., and
// begins the one transaction in which everything is read.
func Open(ctx context.Context, name string) (*Database, error) {
	if strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://") {
		config, err := pgx.ParseConfig(name)
		if err != nil {
			return nil, err
		}
		d := &Database{db: stdlib.OpenDB(*config), postgres: true}
		d.tx, err = d.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
		return d.opened(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	// Without a write-ahead log the file alone is the database. Read as immutable
	// it needs no lock and no file beside it, also on a medium that cannot be
	// written; unchanged tells whether somebody has begun to write meanwhile.
	if waiting(name) {
		return openFile(ctx, name, "mode=ro")
	}
	d, err := openFile(ctx, name, "immutable=1")
	if err == nil {
		d.file, d.was = name, info
	}
	return d, err
}

// waiting tells whether a write-ahead log holds what the file does not yet.
func waiting(name string) bool {
	info, err := os.Stat(name + "-wal")
	return err == nil && info.Size() > 0
}

// unchanged tells whether what was read is what was there at one moment.
func (d *Database) unchanged() bool {
	if d.file == "" {
		return true
	}
	info, err := os.Stat(d.file)
	return err == nil && info.Size() == d.was.Size() && info.ModTime().Equal(d.was.ModTime()) && !waiting(d.file)
}

func openFile(ctx context.Context, name, mode string) (*Database, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // file:///C:/...
	}
	dsn := "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + mode + "&_pragma=query_only(1)&_pragma=busy_timeout(5000)"
	d := &Database{db: sql.OpenDB(connector{&sqlite.Driver{}, dsn})}
	d.db.SetMaxOpenConns(1)
	d.tx, err = d.db.BeginTx(ctx, nil)
	if err == nil {
		var n int64 // SQLite reads nothing before it is asked
		err = d.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master`).Scan(&n)
	}
	return d.opened(err)
}

func (d *Database) opened(err error) (*Database, error) {
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close ends the transaction, which has written nothing.
func (d *Database) Close() error {
	var err error
	if d.tx != nil {
		err = d.tx.Rollback()
	}
	return errors.Join(err, d.db.Close())
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

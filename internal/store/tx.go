package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// errRowsOpen: PostgreSQL's connection is busy until the rows are read; SQLite's
// is not, and a function tested on it alone would break later.
var errRowsOpen = errors.New("store: a query's rows are still open: read or close them first")

// errOver: the function given to Read or Write has returned.
var errOver = errors.New("store: the transaction is over")

// errControl: on SQLite the COMMIT would be everybody's.
var errControl = errors.New("store: a function leaves BEGIN, COMMIT, ROLLBACK and SAVEPOINT to the store")

// session runs statements in the transaction a Tx stands for. Both *sql.Tx and
// the store's own SQLite connection are sessions.
type session interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Tx is one transaction, for the goroutine that runs the function it was given
// to, and no longer than that function.
//
// A statement that fails spoils the Tx, on both engines: what comes after it is
// refused and the work is undone even if the function returns nil. What may
// fail and be survived goes into Savepoint. Only Row.Scan's ErrNoRows is no
// failure.
//
// Placeholders are $1, $2, ... and may be repeated. Arguments are integers,
// strings, []byte, bool (stored 0/1), time.Time (stored as Time writes it),
// values of types made from these, byte arrays, driver.Valuer, or pointers to
// any of them; nil and nil pointers are NULL. Floating point is refused, so is
// text with a NUL or broken UTF-8 (fault store.text_not_storable).
type Tx struct {
	caller context.Context // its end refuses further statements
	ctx    context.Context // what statements run under
	db     session
	now    time.Time
	depth  int    // of open savepoints
	rows   *Rows  // not yet closed
	failed error  // why statements are refused
	lost   bool   // failed, and no savepoint can mend it
	spoilt error  // what failed was, kept after the end
	about  string // the record with which it does an act; "" while it does none
}

// Now is the time given to Read or Write: UTC, cut to microseconds as Time
// writes it, the same for the whole transaction.
func (tx *Tx) Now() time.Time { return tx.now }

// Context is the caller's. Under a Write's, Write is refused; under a Read's,
// Read.
func (tx *Tx) Context() context.Context { return tx.caller }

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	args, err := tx.ready(query, args)
	if err != nil {
		return 0, err
	}
	result, err := tx.db.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, tx.spoil(err)
	}
	n, err := result.RowsAffected()
	return n, tx.spoil(err)
}

// Query runs a statement that gives rows. They must be read to the end or
// closed before the next statement.
func (tx *Tx) Query(query string, args ...any) (*Rows, error) {
	args, err := tx.ready(query, args)
	if err != nil {
		return nil, err
	}
	rows, err := tx.db.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return nil, tx.spoil(err)
	}
	tx.rows = &Rows{tx: tx, rows: rows}
	return tx.rows, nil
}

// QueryRow runs a statement that gives at most one row of interest.
func (tx *Tx) QueryRow(query string, args ...any) *Row {
	rows, err := tx.Query(query, args...)
	return &Row{rows: rows, err: err}
}

// Savepoint runs fn so that its error undoes what fn did and nothing else; the
// error is returned and the Tx can go on. Errors that end a transaction as a
// whole (a lost race, a full disk) cannot be survived this way: the Tx stays
// spoilt. They may be nested.
func (tx *Tx) Savepoint(fn func() error) error {
	if _, err := tx.ready("", nil); err != nil {
		return err
	}
	tx.depth++
	defer func() { tx.depth-- }()
	name := "sp_" + strconv.Itoa(tx.depth)
	if err := tx.control("SAVEPOINT " + name); err != nil {
		return err
	}
	err := tx.guarded(fn)
	tx.closeRows()
	if err == nil && tx.failed == nil {
		return tx.control("RELEASE SAVEPOINT " + name)
	}
	if err == nil {
		err = tx.failed
	}
	if tx.lost {
		return err
	}
	tx.failed = nil
	if undo := tx.control("ROLLBACK TO SAVEPOINT " + name); undo != nil {
		return errors.Join(err, undo)
	}
	if undo := tx.control("RELEASE SAVEPOINT " + name); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}

// guarded spoils the Tx when fn panics: somebody further up may recover, with
// fn's work half done.
func (tx *Tx) guarded(fn func() error) error {
	returned := false
	defer func() {
		if !returned {
			tx.fail(errors.New("store: a panic within Savepoint"), true)
		}
	}()
	err := fn()
	returned = true
	return err
}

// control runs a statement about the transaction itself, caller's end or not:
// when it fails, nothing is known any more and the Tx is spoilt for good.
func (tx *Tx) control(statement string) error {
	if _, err := tx.db.ExecContext(tx.ctx, statement); err != nil {
		tx.fail(fmt.Errorf("store: %s: %w", statement, err), true)
		return tx.failed
	}
	return nil
}

// ready checks that a statement may run now.
func (tx *Tx) ready(query string, args []any) ([]any, error) {
	switch {
	case errors.Is(tx.failed, errOver):
		return nil, errOver
	case tx.failed != nil:
		return nil, fmt.Errorf("store: refused after an earlier failure in this transaction: %w", tx.failed)
	case tx.rows != nil:
		return nil, errRowsOpen
	case aboutTransactions(query):
		tx.fail(errControl, true)
		return nil, errControl
	}
	if err := tx.caller.Err(); err != nil {
		tx.fail(context.Cause(tx.caller), true)
		return nil, tx.failed
	}
	args, err := arguments(args)
	if err != nil {
		tx.fail(err, false)
		return nil, err
	}
	return args, nil
}

func (tx *Tx) fail(err error, lost bool) {
	if tx.failed == nil {
		tx.failed = err
	}
	tx.lost = tx.lost || lost
}

func (tx *Tx) spoil(err error) error {
	if err == nil {
		return nil
	}
	err = engineError(err)
	tx.fail(err, !contained(err))
	return err
}

func (tx *Tx) closeRows() {
	if tx.rows != nil {
		tx.rows.Close()
	}
}

// run gives the transaction to fn and returns why the work must be undone, nil
// when it may be committed. After it the Tx refuses everything.
func (tx *Tx) run(fn func(*Tx) error) (err error) {
	defer func() {
		tx.closeRows()
		if err == nil && tx.failed != nil {
			err = fmt.Errorf("store: the function went on after a failed statement: %w", tx.failed)
		}
		tx.spoilt, tx.failed = tx.failed, errOver
	}()
	return fn(tx)
}

// Rows are the rows of a Query.
type Rows struct {
	tx   *Tx
	rows *sql.Rows
	err  error
}

// Next moves to the next row; at the end it closes the rows.
func (r *Rows) Next() bool {
	if r.rows.Next() {
		return true
	}
	r.Close()
	return false
}

// Scan reads the row. A BYTES column that is empty may come as nil: sql.Null
// tells it from NULL.
func (r *Rows) Scan(into ...any) error { return r.rows.Scan(into...) }

// Err is what ended Next, nil at the true end.
func (r *Rows) Err() error { return r.err }

// Close ends the query; a second call does nothing.
func (r *Rows) Close() error {
	if r.tx.rows != r {
		return r.err
	}
	r.tx.rows = nil
	err := r.rows.Err()
	if closing := r.rows.Close(); err == nil {
		err = closing
	}
	r.err = r.tx.spoil(err)
	return r.err
}

// Row is the result of QueryRow.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the row, or gives ErrNoRows.
func (r *Row) Scan(into ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(into...); err != nil {
		return err
	}
	return r.rows.Close()
}

// Collect runs a query and reads every row with scan, which gets Rows.Scan.
//
//	numbers, err := store.Collect(tx, func(scan store.Scan) (n int64, err error) {
//		err = scan(&n)
//		return n, err
//	}, `SELECT number FROM certificate_issue WHERE participant = $1`, p)
func Collect[T any](tx *Tx, read func(scan Scan) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := read(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// Scan reads the columns of one row.
type Scan func(into ...any) error

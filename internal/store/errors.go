package store

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"adamas.example/internal/fault"
)

// ErrNoRows is what Row.Scan gives when the query has no row.
var ErrNoRows = sql.ErrNoRows

// ErrOutcomeUnknown: the connection or the disk failed during the commit, so
// the work is either wholly there or not at all, and only a later look can
// tell. It is never tried again by the store.
var ErrOutcomeUnknown = errors.New("store: the commit was cut off, its outcome is unknown")

// ErrClosed: the store was closed before the work began.
var ErrClosed = errors.New("store: closed")

// Rule is a kind of constraint.
type Rule uint8

const (
	Unique Rule = iota + 1 // also a primary key
	ForeignKey
	Check
	NotNull
)

func (r Rule) String() string {
	return [...]string{"", "unique", "foreign key", "check", "not null"}[r]
}

// ConstraintError says which constraint of the schema refused a statement, or
// (a deferred foreign key) the whole work.
//
//	           Table        Columns   Name
//	Unique     both         both      PostgreSQL
//	ForeignKey PostgreSQL   -         PostgreSQL
//	Check      PostgreSQL   -         both, where the schema names the CHECK
//	NotNull    both         both      -
//
// SQLite does not tell which foreign key it was.
type ConstraintError struct {
	Rule    Rule
	Table   string
	Columns []string // in the order of the constraint
	Name    string
	cause   error
}

func (e *ConstraintError) Error() string {
	var what []string
	if e.Table != "" {
		what = append(what, e.Table+"("+strings.Join(e.Columns, ", ")+")")
	}
	if e.Name != "" {
		what = append(what, e.Name)
	}
	return "store: " + e.Rule.String() + " constraint " + strings.Join(what, " ") + ": " + e.cause.Error()
}

// Unwrap returns the driver's error.
func (e *ConstraintError) Unwrap() error { return e.cause }

// IsUnique reports whether err is a broken unique constraint or primary key of
// this table over exactly these columns, in any order; with no columns named,
// any of the table's.
func IsUnique(err error, table string, columns ...string) bool {
	e, ok := errors.AsType[*ConstraintError](err)
	if !ok || e.Rule != Unique || e.Table != table {
		return false
	}
	return len(columns) == 0 || slices.Equal(slices.Sorted(slices.Values(columns)), slices.Sorted(slices.Values(e.Columns)))
}

// IsForeignKey reports whether err is a reference to a row that is not there, or
// the removal of one that is referred to.
func IsForeignKey(err error) bool {
	e, ok := errors.AsType[*ConstraintError](err)
	return ok && e.Rule == ForeignKey
}

// IsCheck reports whether err is the CHECK of this name. The schema must name it
// (CONSTRAINT name CHECK ...).
func IsCheck(err error, name string) bool {
	e, ok := errors.AsType[*ConstraintError](err)
	return ok && e.Rule == Check && e.Name == name
}

// engineError turns a driver's error into a ConstraintError where it is one.
func engineError(err error) error {
	if diskFull(err) {
		return fault.Unavailable("store.disk_full", fault.Because(err))
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteError(e, err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresError(e, err)
	}
	return err
}

// diskFull reports that the disk of the database has no room (SQLite's own word, and
// PostgreSQL's class 53, 53100). Nothing of the transaction is there.
func diskFull(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_FULL
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "53100"
}

func sqliteError(e *sqlite.Error, err error) error {
	// "constraint failed: UNIQUE constraint failed: t.a, t.b (2067)"
	_, what, _ := strings.Cut(e.Error(), " constraint failed: ")
	if i := strings.LastIndex(what, " ("); i >= 0 {
		what = what[:i]
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		table, columns := sqliteColumns(what)
		return &ConstraintError{Rule: Unique, Table: table, Columns: columns, cause: err}
	case sqlite3.SQLITE_CONSTRAINT_NOTNULL:
		table, columns := sqliteColumns(what)
		return &ConstraintError{Rule: NotNull, Table: table, Columns: columns, cause: err}
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		return &ConstraintError{Rule: Check, Name: what, cause: err}
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return &ConstraintError{Rule: ForeignKey, cause: err}
	}
	return err
}

// sqliteColumns reads "t.a, t.b". An index over an expression is told as
// "index 'name'" and gives nothing.
func sqliteColumns(what string) (table string, columns []string) {
	for part := range strings.SplitSeq(what, ", ") {
		t, column, ok := strings.Cut(part, ".")
		if !ok {
			return "", nil
		}
		table = t
		columns = append(columns, column)
	}
	return table, columns
}

func postgresError(e *pgconn.PgError, err error) error {
	c := &ConstraintError{Table: e.TableName, Name: e.ConstraintName, cause: err}
	switch e.Code {
	case "23505":
		c.Rule, c.Columns = Unique, detailColumns(e.Detail)
	case "23503":
		c.Rule = ForeignKey
	case "23514":
		c.Rule = Check
	case "23502":
		c.Rule, c.Columns, c.Name = NotNull, []string{e.ColumnName}, ""
	default:
		return err
	}
	return c
}

// detailColumns reads the columns of "Key (a, b)=(1, 2) already exists."; the
// words around the brackets are in the server's language, the brackets are not.
func detailColumns(detail string) []string {
	_, rest, _ := strings.Cut(detail, "(")
	columns, _, ok := strings.Cut(rest, ")=(")
	if !ok {
		return nil
	}
	return strings.Split(columns, ", ")
}

// passing reports an error that may be gone when the whole work is done again:
// a lost race between transactions, a lock held by somebody else, a connection
// that was dead before anything was done.
func passing(err error) bool {
	if _, ok := errors.AsType[notBegun](err); ok {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
	}
	return false
}

// contained reports an error of one statement after which SQLite and PostgreSQL
// still know the transaction, so that rolling back to a savepoint mends it. All
// others (disk full, lost connection, lost race) end the whole transaction.
func contained(err error) bool {
	if _, ok := errors.AsType[*ConstraintError](err); ok {
		return true
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH,
			sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_AUTH:
			return true
		}
		return false
	}
	if _, ok := errors.AsType[*pgconn.PgError](err); ok {
		return !passing(err)
	}
	return false
}

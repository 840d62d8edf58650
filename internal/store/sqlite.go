package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"adamas.example/internal/fault"
)

// applicationID marks a database file and a snapshot as Adamas's ("ADMS" in the
// file's header, https://www.sqlite.org/fileformat.html#application_id).
const applicationID = 0x41444d53

// sqliteReaders is how many transactions may read at once. Each keeps a page
// cache of up to 8 MB.
const sqliteReaders = 8

// settings are what the store relies on and therefore asks back after opening:
// an unknown or misspelt _pragma is ignored by SQLite in silence.
var settings = []struct{ question, want string }{
	{"PRAGMA journal_mode", "wal"},
	{"PRAGMA synchronous", "2"}, // FULL: a commit is on the disk before it is told
	{"PRAGMA foreign_keys", "1"},
	{"PRAGMA busy_timeout", "5000"},
	{"PRAGMA encoding", "UTF-8"},
	{"PRAGMA application_id", strconv.Itoa(applicationID)},
	{"SELECT 'a' LIKE 'A'", "0"},
}

// sqliteEngine is one database file: one connection that writes, given to one
// writer at a time by its queue, and several that only read.
type sqliteEngine struct {
	path    string
	lock    *folderLock
	writer  *sql.DB // one connection, held by queue until close
	queue   *queue
	reader  *sql.DB
	readers chan *sqliteConn // idle ones; nil stands for one not opened yet
}

// openSQLite opens or makes the file. The engine releases lock when it closes.
func openSQLite(ctx context.Context, path string, lock *folderLock) (_ *sqliteEngine, err error) {
	if err := ours(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := touch(path); err != nil {
		return nil, fault.CannotCreate("store.cannot_create", fault.File(path), fault.Because(err))
	}
	e := &sqliteEngine{path: path, lock: lock, readers: make(chan *sqliteConn, sqliteReaders)}
	for range sqliteReaders {
		e.readers <- nil
	}
	defer func() {
		if err != nil {
			e.closePools()
		}
	}()
	if e.writer, err = sql.Open("sqlite", sqliteDSN(path, writing)); err != nil {
		return nil, err
	}
	if e.reader, err = sql.Open("sqlite", sqliteDSN(path, reading)); err != nil {
		return nil, err
	}
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return nil, damaged(path, err)
	}
	if err := askBack(ctx, path, conn); err != nil {
		conn.Close()
		return nil, err
	}
	e.queue = &queue{conn: &sqliteConn{conn: conn}}
	return e, nil
}

// touch makes a missing file readable by its owner only. SQLite gives the
// write-ahead log the same permissions.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

type purpose int

const (
	writing   purpose = iota
	migrating         // writing, of indexes too: their rows are sorted in files, whatever their number
	reading
	copying // a snapshot: VACUUM INTO is refused under query_only, though it changes nothing here
	filling // a new file that nobody knows yet: made durable as a whole when it is done
)

// sqliteDSN is a file: URI, see https://www.sqlite.org/uri.html. _dqs=0 refuses
// "text" in double quotes as PostgreSQL does; case_sensitive_like makes LIKE
// mean what it means there. The application_id comes first of what is written,
// so that a crash cannot leave a file of ours without it.
//
// What undoes one member of a group stays in memory (temp_store): in a file it
// would be a system call for every page that a member touches. The write-ahead log
// is folded into the file at 16 MB and not at SQLite's 4, since a busy office
// writes the same pages over and over: the fewer turns, the fewer copies. Neither
// is part of what makes a commit durable.
func sqliteDSN(path string, p purpose) string {
	q := []string{"_dqs=0", "_error_rc=1", "_pragma=busy_timeout(5000)", "_pragma=case_sensitive_like(1)"}
	mark := fmt.Sprintf("_pragma=application_id(%d)", applicationID)
	switch p {
	case writing, migrating:
		if p == writing {
			q = append(q, "_pragma=temp_store(memory)")
		}
		q = append(q, "_txlock=immediate", mark, "_pragma=journal_mode(wal)", "_pragma=synchronous(full)",
			"_pragma=foreign_keys(1)", "_pragma=cache_size(-32768)", "_pragma=journal_size_limit(67108864)", "_pragma=wal_autocheckpoint(4096)")
	case reading:
		q = append(q, "mode=ro", "_pragma=query_only(1)", "_pragma=cache_size(-8192)")
	case copying:
		q = append(q, "mode=ro")
	case filling:
		q = append(q, "_txlock=immediate", mark, "_pragma=journal_mode(memory)", "_pragma=synchronous(off)",
			"_pragma=foreign_keys(0)", "_pragma=cache_size(-32768)")
	}
	return fileURI(path) + "?" + strings.Join(q, "&")
}

func fileURI(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/...
		path = "/" + path
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}

// askBack checks every setting the store relies on.
func askBack(ctx context.Context, path string, conn *sql.Conn) error {
	for _, s := range settings {
		var got string
		if err := conn.QueryRowContext(ctx, s.question).Scan(&got); err != nil {
			return damaged(path, err)
		}
		if got != s.want {
			return fmt.Errorf("store: %s: %s gives %s and must give %s (a network folder?)", path, s.question, got, s.want)
		}
	}
	return nil
}

// ours reads the file's header without SQLite, which would convert a foreign
// file to write-ahead logging before we could refuse it. An empty file is new.
func ours(path string) error {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.NotFound("store.missing", fault.File(path), fault.Because(err))
	case err != nil:
		return fault.IO("store.unreadable", fault.File(path), fault.Because(err))
	}
	defer f.Close()
	header := make([]byte, 72)
	n, err := io.ReadFull(f, header)
	switch {
	case n == 0 && err == io.EOF:
		return nil
	case err == io.ErrUnexpectedEOF || err == nil && string(header[:16]) != "SQLite format 3\x00":
		return fault.Corrupt("store.damaged", fault.File(path))
	case err != nil:
		return fault.IO("store.unreadable", fault.File(path), fault.Because(err))
	case binary.BigEndian.Uint32(header[68:]) != applicationID:
		return fault.Invalid("store.foreign_file", fault.File(path))
	}
	return nil
}

// damaged makes a fault of what SQLite says of a file it cannot read.
func damaged(path string, err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return fault.Corrupt("store.damaged", fault.File(path), fault.Because(err))
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY:
			return fault.CannotCreate("store.cannot_create", fault.File(path), fault.Because(err))
		}
	}
	return fmt.Errorf("store: %s: %w", path, err)
}

func (e *sqliteEngine) name() string { return engineSQLite }

func (e *sqliteEngine) write(ctx context.Context, now time.Time, alone bool, fn func(*Tx) error) error {
	return e.queue.write(ctx, now, alone, fn)
}

// read runs fn on the snapshot that its first statement sees.
func (e *sqliteEngine) read(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	c, err := e.borrow(ctx)
	if err != nil {
		return err
	}
	returned := false
	defer func() {
		if !returned || !c.rollback() {
			c.discard() // closing ends its transaction in any case
			c = nil
		}
		e.readers <- c
	}()
	if _, err := c.ExecContext(ctx, "BEGIN"); err != nil {
		returned = true
		return err
	}
	tx := &Tx{caller: ctx, ctx: ctx, db: c, now: now}
	err = tx.run(fn)
	returned = true
	return err
}

// borrow takes an idle reading connection, opening it on first use.
func (e *sqliteEngine) borrow(ctx context.Context) (*sqliteConn, error) {
	var c *sqliteConn
	select {
	case c = <-e.readers:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if c != nil {
		return c, nil
	}
	conn, err := e.reader.Conn(ctx)
	if err != nil {
		e.readers <- nil
		return nil, damaged(e.path, err)
	}
	return &sqliteConn{conn: conn}, nil
}

// close needs every transaction to be over. The last connection to close folds
// the write-ahead log into the file.
func (e *sqliteEngine) close() error {
	for range sqliteReaders {
		if c := <-e.readers; c != nil {
			c.discard()
		}
	}
	e.queue.conn.discard()
	return e.closePools()
}

func (e *sqliteEngine) closePools() error {
	var err error
	if e.reader != nil {
		err = errors.Join(err, e.reader.Close())
	}
	if e.writer != nil {
		err = errors.Join(err, e.writer.Close())
	}
	if e.lock != nil {
		err = errors.Join(err, e.lock.release())
	}
	return err
}

// sqliteConn is one connection and the statements prepared on it. It serves one
// goroutine at a time.
type sqliteConn struct {
	conn  *sql.Conn
	stmts map[string]prepared
}

type prepared struct {
	*sql.Stmt
	args int // how many $n the text has
}

// maxPrepared bounds what one connection keeps; the program's own statements
// are fewer, texts built with lists of placeholders may be more.
const maxPrepared = 512

func (c *sqliteConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := c.prepare(ctx, query, len(args))
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (c *sqliteConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := c.prepare(ctx, query, len(args))
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// prepare also counts the arguments: SQLite's driver ignores those too many.
func (c *sqliteConn) prepare(ctx context.Context, query string, args int) (*sql.Stmt, error) {
	s, ok := c.stmts[query]
	if !ok {
		stmt, err := c.conn.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		if len(c.stmts) >= maxPrepared {
			c.forget()
		}
		if c.stmts == nil {
			c.stmts = map[string]prepared{}
		}
		s = prepared{stmt, placeholders(query)}
		c.stmts[query] = s
	}
	if s.args != args {
		return nil, fmt.Errorf("store: the statement has %d placeholders, %d arguments were given: %s", s.args, args, query)
	}
	return s.Stmt, nil
}

func (c *sqliteConn) forget() {
	for _, s := range c.stmts {
		s.Close()
	}
	clear(c.stmts)
}

// rollback ends the transaction and reports whether the connection is known to
// have none now. SQLite ends one by itself after a full disk or an interrupt.
func (c *sqliteConn) rollback() bool {
	_, err := c.ExecContext(context.Background(), "ROLLBACK")
	return err == nil || strings.Contains(err.Error(), "no transaction is active")
}

// discard closes the connection itself; Close alone would give it back to the
// pool with whatever transaction it has.
func (c *sqliteConn) discard() {
	c.forget()
	c.conn.Raw(func(any) error { return driver.ErrBadConn })
	c.conn.Close()
}

// dangling reports a deferred foreign key that is open at this moment: COMMIT
// would refuse.
func (c *sqliteConn) dangling() (open bool, err error) {
	err = c.conn.Raw(func(dc any) error {
		n, _, err := dc.(sqlite.DBStatus).Status(sqlite.DBStatusDeferredFKs, false)
		open = n != 0
		return err
	})
	return open, err
}

// exists reports a file or folder at path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

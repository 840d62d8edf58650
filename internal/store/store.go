package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/fault"
)

// Config says where the data are: in a file or on a server, one of the two.
type Config struct {
	// Path is the SQLite database file. Its folder is made if missing and belongs
	// to one process at a time.
	Path string
	// DSN is a PostgreSQL database, as postgres://user@host/database?options; see
	// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING. Its
	// database must be UTF-8 and its search_path begin with the schema to use.
	DSN string
	// Connections bounds what is open to PostgreSQL for writing, and again for
	// reading; 0 means 16.
	Connections int
}

// Store is an open database, for any number of goroutines.
type Store struct {
	engine engine
	gate   gate
}

// engine is SQLite or PostgreSQL.
type engine interface {
	name() string
	// write and read run fn in a transaction, as Store.Write and Read say. alone
	// keeps it from sharing a commit.
	write(ctx context.Context, now time.Time, alone bool, fn func(*Tx) error) error
	read(ctx context.Context, now time.Time, fn func(*Tx) error) error
	// exclusively runs fn while nobody else may change the schema.
	exclusively(ctx context.Context, fn func(*sql.DB) error) error
	snapshot(ctx context.Context, dest string, progress Progress) error
	// close needs every transaction to be over.
	close() error
}

// Open opens the database, making a SQLite file that is missing. It changes no
// table: see Migrate. Faults: store.folder_in_use (another process has the
// folder), store.foreign_file, store.damaged, store.unreadable,
// store.cannot_create, store.no_server, store.not_utf8, store.bad_dsn.
func Open(ctx context.Context, c Config) (*Store, error) {
	switch {
	case (c.Path == "") == (c.DSN == ""):
		return nil, errors.New("store: Config wants either Path or DSN")
	case c.DSN != "":
		e, err := openPostgres(ctx, c)
		if err != nil {
			return nil, err
		}
		return &Store{engine: e}, nil
	}
	lock, err := lockFolder(filepath.Dir(c.Path))
	if err != nil {
		return nil, err
	}
	e, err := openSQLite(ctx, c.Path, lock)
	if err != nil {
		lock.release()
		return nil, err
	}
	return &Store{engine: e}, nil
}

// ConfigFor reads the value of --database: a postgres:// or postgresql:// URL is
// a DSN, anything else is refused with the fault store.bad_dsn; empty is
// adamas.db in the data folder.
func ConfigFor(database, folder string) (Config, error) {
	switch {
	case database == "":
		return Config{Path: filepath.Join(folder, "adamas.db")}, nil
	case strings.HasPrefix(database, "postgres://"), strings.HasPrefix(database, "postgresql://"):
		return Config{DSN: database}, nil
	}
	return Config{}, fault.Usage("store.bad_dsn", fault.At("database"))
}

// Close waits for the transactions that are running. Later calls of Read and
// Write give ErrClosed.
func (s *Store) Close() error {
	if !s.gate.shut() {
		return nil
	}
	return s.engine.close()
}

// Engine is "sqlite" or "postgres". Only full-text search and diagnostics may
// ask.
func (s *Store) Engine() string { return s.engine.name() }

// Write runs fn in a transaction and returns once its work is durable, or not
// done at all: nil means it is on the disk, any other error than
// ErrOutcomeUnknown means nothing of it is there. The error is fn's own, or
// what made the engine refuse.
//
// now is the one clock reading of the transaction, Tx.Now.
//
// Transactions are serializable on both engines: the outcome is one that could
// have come about one after another. fn may be run again after a lost race and
// must therefore do nothing outside tx that it cannot repeat; it must not
// call Write, and must not keep tx. The work of several callers may share one
// COMMIT; what one of them does wrong undoes its own work only.
//
// When ctx ends before fn has finished, its next statement is refused and
// nothing is done. After that the outcome is waited for.
func (s *Store) Write(ctx context.Context, now time.Time, fn func(tx *Tx) error) error {
	return s.write(ctx, now, false, fn)
}

// WriteAlone is Write for long work, an import of thousands of rows: it never
// shares a commit, so that nobody's short work waits for it longer than in the
// queue.
func (s *Store) WriteAlone(ctx context.Context, now time.Time, fn func(tx *Tx) error) error {
	return s.write(ctx, now, true, fn)
}

func (s *Store) write(ctx context.Context, now time.Time, alone bool, fn func(tx *Tx) error) error {
	if ctx.Value(insideWrite{}) == s.engine {
		return errors.New("store: Write within Write would wait for itself")
	}
	at, err := clock(now)
	if err != nil {
		return err
	}
	if !s.gate.enter() {
		return ErrClosed
	}
	defer s.gate.leave()
	fn, after := watched(ctx, fn)
	if err := s.engine.write(context.WithValue(ctx, insideWrite{}, s.engine), at, alone, fn); err != nil {
		return err
	}
	after()
	return nil
}

// insideWrite and insideRead mark the context of a running transaction with its
// engine.
type (
	insideWrite struct{}
	insideRead  struct{}
)

// Read runs fn on one state of the database: the last committed one when fn's
// first statement runs. Statements that change something are refused. fn may be
// run again, as Write says. Within a Write it sees the state before it; within a
// Read it is refused: connections are few, and each would wait for another's.
func (s *Store) Read(ctx context.Context, now time.Time, fn func(tx *Tx) error) error {
	if ctx.Value(insideRead{}) == s.engine {
		return errors.New("store: Read within Read could wait for itself")
	}
	at, err := clock(now)
	if err != nil {
		return err
	}
	if !s.gate.enter() {
		return ErrClosed
	}
	defer s.gate.leave()
	return s.engine.read(context.WithValue(ctx, insideRead{}, s.engine), at, fn)
}

// clock cuts the time to what Time writes, so that what was computed with
// Tx.Now and what is read back are equal.
func clock(now time.Time) (time.Time, error) {
	if now.IsZero() {
		return time.Time{}, errors.New("store: a transaction needs the time")
	}
	return now.UTC().Truncate(time.Microsecond), nil
}

// gate counts who is inside, for Close to wait for.
type gate struct {
	mu     sync.Mutex
	inside int
	empty  chan struct{} // made by shut, closed by the last to leave
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty != nil {
		return false
	}
	g.inside++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.inside == 0 && g.empty != nil {
		close(g.empty)
	}
}

// shut lets nobody in any more and waits for those inside; false when it was
// shut already.
func (g *gate) shut() bool {
	g.mu.Lock()
	if g.empty != nil {
		g.mu.Unlock()
		return false
	}
	empty := make(chan struct{})
	g.empty = empty
	if g.inside == 0 {
		close(empty)
	}
	g.mu.Unlock()
	<-empty
	return true
}

package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"adamas.example/internal/fault"
)

// raceAttempts bounds a transaction that loses its races. In a trial of 256
// goroutines that all wrote one row, eight times each, nobody reached it.
const raceAttempts = 25

// postgresEngine is two pools of connections to one database.
//
// Isolation is SERIALIZABLE for both, reading and writing: SQLite's single
// writer gives the same by nature, and a rule checked by a query before an
// insert then holds on both engines. The price is the retry (SQLSTATE 40001,
// 40P01).
type postgresEngine struct {
	host     string
	database string
	writer   *sql.DB
	reader   *sql.DB
}

func openPostgres(ctx context.Context, c Config) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(c.DSN)
	if err != nil { // pgx leaves the password out of its error
		return nil, fault.Usage("store.bad_dsn", fault.At("database"), fault.Because(err))
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "adamas"
	}
	config.RuntimeParams["timezone"] = "UTC"
	e := &postgresEngine{host: config.Host, database: config.Database}
	e.writer = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(keepCommits))
	readOnly := config.Copy()
	readOnly.RuntimeParams["default_transaction_read_only"] = "on"
	e.reader = stdlib.OpenDB(*readOnly)
	for _, pool := range []*sql.DB{e.writer, e.reader} {
		n := max(2, cmp.Or(c.Connections, 16)) // a migration takes two
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
		pool.SetConnMaxIdleTime(5 * time.Minute)
	}
	var encoding string
	if err := e.reader.QueryRowContext(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		e.close()
		return nil, e.noServer(err)
	}
	if encoding != "UTF8" {
		e.close()
		return nil, fault.Invalid("store.not_utf8", fault.Arg("database", config.Database), fault.Arg("encoding", encoding))
	}
	return e, nil
}

// keepCommits: a server set up with synchronous_commit=off would tell us of
// commits that a power cut can still take away. A stronger setting is kept.
func keepCommits(ctx context.Context, conn *pgx.Conn) error {
	var level string
	if err := conn.QueryRow(ctx, "SHOW synchronous_commit").Scan(&level); err != nil || level != "off" {
		return err
	}
	_, err := conn.Exec(ctx, "SET synchronous_commit = on")
	return err
}

func (e *postgresEngine) name() string { return enginePostgres }

func (e *postgresEngine) write(ctx context.Context, now time.Time, _ bool, fn func(*Tx) error) error {
	return e.race(ctx, e.writer, now, fn)
}

func (e *postgresEngine) read(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	return e.race(ctx, e.reader, now, fn)
}

// race does the transaction until it loses no race.
func (e *postgresEngine) race(ctx context.Context, pool *sql.DB, now time.Time, fn func(*Tx) error) error {
	return retry(ctx, raceAttempts, func() error { return e.once(ctx, pool, now, fn) })
}

// once does one attempt. Statements end with ctx; BEGIN, COMMIT and ROLLBACK do
// not, so that the end of ctx never leaves a commit unknown.
func (e *postgresEngine) once(ctx context.Context, pool *sql.DB, now time.Time, fn func(*Tx) error) error {
	conn, err := pool.Conn(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return e.noServer(err)
	}
	defer conn.Close()
	work, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return notBegun{err}
	}
	defer work.Rollback() // after Commit it does nothing
	tx := &Tx{caller: ctx, ctx: ctx, db: work, now: now}
	if err := tx.run(fn); err != nil {
		return lostRace(tx, err)
	}
	if err := work.Commit(); err != nil {
		// An answer of ERROR says that nothing was done. FATAL ends the connection,
		// sometimes after the work was made durable.
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.SeverityUnlocalized != "ERROR" {
			return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
		return engineError(err)
	}
	return nil
}

func (e *postgresEngine) noServer(err error) error {
	return fault.Unavailable("store.no_server", fault.Arg("host", e.host), fault.Arg("database", e.database), fault.Because(err))
}

// notBegun: the connection had died while it was idle (the server was started
// anew). Nothing was done; the next connection may live.
type notBegun struct{ error }

func (e notBegun) Unwrap() error { return e.error }

// lostRace gives the reason for trying again even if fn put its own error, or
// none, in its place.
func lostRace(tx *Tx, err error) error {
	if tx.spoilt != nil && passing(tx.spoilt) {
		return tx.spoilt
	}
	return err
}

func (e *postgresEngine) close() error {
	return errors.Join(e.reader.Close(), e.writer.Close())
}

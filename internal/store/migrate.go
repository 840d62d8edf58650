package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"adamas.example/internal/fault"
)

// migrationLock is the PostgreSQL advisory lock of who changes the schema
// ("ADAMAS" in ASCII).
const migrationLock = 0x4144414d4153

// restoreMark is a table that stands in a PostgreSQL database while rows are
// being restored into it.
const restoreMark = "store_restoring"

// Migrate brings the tables of every module up to this program's schemas, each
// file in a transaction of its own with its entry in <module>_migration. Several
// programs starting on one PostgreSQL database wait for each other.
//
// Nothing is changed when something does not fit. Faults: store.newer (the
// database knows a module or a migration that this program does not),
// store.migration_changed (a file applied earlier has been edited since),
// store.restore_unfinished.
func (s *Store) Migrate(ctx context.Context, now time.Time, schemas []Schema) error {
	at, err := clock(now)
	if err != nil {
		return err
	}
	all, err := plans(schemas)
	if err != nil {
		return err
	}
	if !s.gate.enter() {
		return ErrClosed
	}
	defer s.gate.leave()
	return s.engine.exclusively(ctx, func(db *sql.DB) error {
		names, err := tableNames(ctx, db, s.engine.name())
		if err != nil {
			return err
		}
		if slices.Contains(names, restoreMark) {
			return fault.Conflict("store.restore_unfinished")
		}
		return migrate(ctx, db, s.engine.name(), at, all, nil)
	})
}

// migrate applies what is missing, up to the versions in limit (a module not in
// it is left alone) or wholly when limit is nil. The caller has the schema to
// itself.
func migrate(ctx context.Context, db *sql.DB, engine string, now time.Time, all []plan, limit versions) error {
	have, err := applied(ctx, db, engine)
	if err != nil {
		return err
	}
	if err := have.fit(all); err != nil {
		return err
	}
	changed := false
	for _, p := range all {
		target := int64(len(p.migrations))
		if limit != nil {
			target = int64(len(limit[p.module]))
		}
		if int64(len(have[p.module])) >= target {
			continue
		}
		if err := p.up(ctx, db, engine, now, target); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	_, err = catalogue(ctx, db, engine) // refuses what is outside the portable subset
	return err
}

func (p plan) up(ctx context.Context, db *sql.DB, engine string, now time.Time, target int64) error {
	table := &versionTable{engine: engine, plan: p, now: now}
	provider, err := goose.NewProvider(goose.DialectCustom, db, p.files(engine),
		goose.WithStore(table), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("store: migrate %s: %w", p.module, err)
	}
	if _, err := provider.UpTo(ctx, target); err != nil {
		return fmt.Errorf("store: migrate %s: %w", p.module, engineError(err))
	}
	return nil
}

// versions are the checksums of the migrations a database has had, in order from
// number 1, by module.
type versions map[string][]string

// applied reads every <module>_migration table.
func applied(ctx context.Context, db session, engine string) (versions, error) {
	names, err := tableNames(ctx, db, engine)
	if err != nil {
		return nil, err
	}
	have := versions{}
	for _, name := range names {
		module, ok := strings.CutSuffix(name, versionTableSuffix)
		if !ok {
			continue
		}
		rows, err := db.QueryContext(ctx, "SELECT version, checksum FROM "+quote(name)+" WHERE version > 0 ORDER BY version")
		if err != nil {
			return nil, fmt.Errorf("store: read %s: %w", name, err)
		}
		have[module], err = checksums(name, rows)
		if err != nil {
			return nil, err
		}
	}
	return have, nil
}

func checksums(table string, rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	list := []string{}
	for rows.Next() {
		var version int64
		var sum string
		if err := rows.Scan(&version, &sum); err != nil {
			return nil, err
		}
		list = append(list, sum)
		if version != int64(len(list)) {
			return nil, fmt.Errorf("store: %s: entry %d is missing", table, len(list))
		}
	}
	return list, rows.Err()
}

// fit reports where the database and the program do not go together.
func (have versions) fit(all []plan) error {
	known := map[string]plan{}
	for _, p := range all {
		known[p.module] = p
	}
	var faults fault.List
	for _, module := range slices.Sorted(maps.Keys(have)) {
		sums := have[module]
		p, ok := known[module]
		if !ok || len(sums) > len(p.migrations) {
			faults.Add(fault.Conflict("store.newer", fault.Arg("module", module),
				fault.Arg("has", len(sums)), fault.Arg("knows", len(p.migrations))))
			continue
		}
		for i, sum := range sums {
			if sum != p.migrations[i].checksum {
				faults.Add(fault.Conflict("store.migration_changed", fault.Arg("module", module), fault.File(p.migrations[i].file)))
			}
		}
	}
	return faults.Err()
}

// versionTable keeps goose's book in the portable types, with the checksum
// written in the migration's own transaction.
type versionTable struct {
	engine string
	plan   plan
	now    time.Time
}

var _ database.StoreExtender = (*versionTable)(nil)

func (v *versionTable) Tablename() string { return v.plan.versionTable() }

func (v *versionTable) TableExists(ctx context.Context, db database.DBTxConn) (bool, error) {
	names, err := tableNames(ctx, db, v.engine)
	return slices.Contains(names, v.Tablename()), err
}

func (v *versionTable) CreateVersionTable(ctx context.Context, db database.DBTxConn) error {
	create := "CREATE TABLE " + v.Tablename() + " (version INT8 PRIMARY KEY, checksum TEXT NOT NULL, applied TEXT NOT NULL) TABLE_END"
	_, err := db.ExecContext(ctx, inWordsOf(v.engine, create))
	return err
}

// Insert also books version 0, by which goose marks a new table.
func (v *versionTable) Insert(ctx context.Context, db database.DBTxConn, req database.InsertRequest) error {
	sum := ""
	if req.Version > 0 {
		sum = v.plan.migrations[req.Version-1].checksum
	}
	_, err := db.ExecContext(ctx, "INSERT INTO "+v.Tablename()+" (version, checksum, applied) VALUES ($1, $2, $3)",
		req.Version, sum, Time(v.now))
	return err
}

// Delete is goose's way down; there is none.
func (v *versionTable) Delete(context.Context, database.DBTxConn, int64) error {
	return database.ErrNotImplemented
}

func (v *versionTable) GetMigration(ctx context.Context, db database.DBTxConn, version int64) (*database.GetMigrationResult, error) {
	var at time.Time
	err := db.QueryRowContext(ctx, "SELECT applied FROM "+v.Tablename()+" WHERE version = $1", version).Scan(ScanTime(&at))
	if err == sql.ErrNoRows {
		return nil, database.ErrVersionNotFound
	}
	return &database.GetMigrationResult{Timestamp: at, IsApplied: true}, err
}

func (v *versionTable) GetLatestVersion(ctx context.Context, db database.DBTxConn) (int64, error) {
	var latest sql.NullInt64
	err := db.QueryRowContext(ctx, "SELECT max(version) FROM "+v.Tablename()).Scan(&latest)
	if err == nil && !latest.Valid {
		return 0, database.ErrVersionNotFound
	}
	return latest.Int64, err
}

func (v *versionTable) ListMigrations(ctx context.Context, db database.DBTxConn) ([]*database.ListMigrationsResult, error) {
	rows, err := db.QueryContext(ctx, "SELECT version FROM "+v.Tablename()+" ORDER BY version DESC")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*database.ListMigrationsResult
	for rows.Next() {
		m := &database.ListMigrationsResult{IsApplied: true}
		if err := rows.Scan(&m.Version); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// exclusively keeps writers of this process out; the folder's lock keeps others
// out. Goose needs a pool of its own, since the writing connection is taken.
func (e *sqliteEngine) exclusively(ctx context.Context, fn func(*sql.DB) error) error {
	return e.queue.hold(ctx, func() error {
		db, err := sql.Open("sqlite", sqliteDSN(e.path, migrating))
		if err != nil {
			return err
		}
		defer db.Close()
		return fn(db)
	})
}

// exclusively waits for the advisory lock as long as ctx allows.
func (e *postgresEngine) exclusively(ctx context.Context, fn func(*sql.DB) error) error {
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	// A connection that cannot give the lock back is broken, and its end does.
	defer conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	return fn(e.writer)
}

package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
)

// slip is about what a purchase slip is: numbered, ten columns, two indexes.
var slip = store.Schema{Module: "slip", Files: fstest.MapFS{"schema/0001_slip.sql": {Data: []byte(`
CREATE TABLE slip (
	id TEXT PRIMARY KEY, book TEXT NOT NULL, number INT8 NOT NULL, site TEXT NOT NULL, day TEXT NOT NULL,
	carats INT8 NOT NULL, price INT8 NOT NULL, buyer TEXT NOT NULL, note TEXT, recorded TEXT NOT NULL,
	CONSTRAINT slip_weighs CHECK (carats > 0), UNIQUE (book, number)
) TABLE_END;
CREATE INDEX slip_by_site ON slip (site, day);
`)}}}

const insertSlip = `INSERT INTO slip (id, book, number, site, day, carats, price, buyer, note, recorded)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

func slipArgs(n int64) []any {
	return []any{fmt.Sprintf("01JD%022d", n*7919), fmt.Sprintf("CF-%05d", n%500), n, fmt.Sprintf("site-%03d", n%300),
		"2026-11-23", 231 + n%100, 41_000 + n%1000, "buyer-17", nil, store.Time(storeNow)}
}

var storeNow = time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)

// spread runs b.N operations from so many goroutines.
func spread(b *testing.B, workers int, one func(n int64) error) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range workers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if err := one(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

func benchmarkStore(b *testing.B, c store.Config, workers int) {
	s := open(b, c)
	if err := s.Migrate(b.Context(), storeNow, []store.Schema{slip}); err != nil {
		b.Fatal(err)
	}
	spread(b, workers, func(n int64) error {
		args := slipArgs(n)
		return s.Write(b.Context(), storeNow, func(tx *store.Tx) error {
			_, err := tx.Exec(insertSlip, args...)
			return err
		})
	})
}

// BenchmarkSingleWrites is one durable slip after another: through the store,
// and through the bare driver with the same file, schema, pragmas and a prepared
// statement, one connection, whose users queue for it.
func BenchmarkSingleWrites(b *testing.B) {
	for _, workers := range []int{1, 256} {
		b.Run(fmt.Sprintf("sqlite/store/%d", workers), func(b *testing.B) { benchmarkStore(b, sqliteConfig(b), workers) })
		b.Run(fmt.Sprintf("sqlite/raw/%d", workers), func(b *testing.B) { benchmarkRaw(b, workers) })
		b.Run(fmt.Sprintf("postgres/store/%d", workers), func(b *testing.B) {
			benchmarkStore(b, store.Config{DSN: pgtest.StartWith(b, pgtest.Options{Durable: true})}, workers)
		})
	}
}

func benchmarkRaw(b *testing.B, workers int) {
	_, insert := rawSlips(b)
	spread(b, workers, func(n int64) error {
		_, err := insert.Exec(slipArgs(n)...)
		return err
	})
}

// rawSlips is the bare driver on the same file, with the insert prepared.
func rawSlips(b *testing.B) (*sql.DB, *sql.Stmt) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "raw.db")
	s := open(b, store.Config{Path: path})
	if err := s.Migrate(b.Context(), storeNow, []store.Schema{slip}); err != nil {
		b.Fatal(err)
	}
	s.Close()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(wal)&_pragma=synchronous(full)"+
		"&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_pragma=cache_size(-32768)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	insert, err := db.Prepare(insertSlip)
	if err != nil {
		b.Fatal(err)
	}
	return db, insert
}

// BenchmarkBulk is slips in transactions of a thousand.
func BenchmarkBulk(b *testing.B) {
	const batch = 1000
	b.Run("store", func(b *testing.B) {
		s := open(b, sqliteConfig(b))
		if err := s.Migrate(b.Context(), storeNow, []store.Schema{slip}); err != nil {
			b.Fatal(err)
		}
		for n := int64(0); b.Loop(); n++ {
			err := s.WriteAlone(b.Context(), storeNow, func(tx *store.Tx) error {
				for i := range int64(batch) {
					if _, err := tx.Exec(insertSlip, slipArgs(n*batch+i)...); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("raw", func(b *testing.B) {
		db, _ := rawSlips(b)
		for n := int64(0); b.Loop(); n++ {
			if err := rawBatch(db, n*batch, batch); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
	})
}

func rawBatch(db *sql.DB, from, batch int64) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.Prepare(insertSlip)
	if err != nil {
		return err
	}
	for i := range batch {
		if _, err := insert.Exec(slipArgs(from + i)...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// BenchmarkRead is one row by its key in a transaction of its own.
func BenchmarkRead(b *testing.B) {
	for name, config := range map[string]func(testing.TB) store.Config{"sqlite": sqliteConfig, "postgres": postgresConfig} {
		b.Run(name, func(b *testing.B) {
			s := open(b, config(b))
			if err := s.Migrate(b.Context(), storeNow, []store.Schema{slip}); err != nil {
				b.Fatal(err)
			}
			err := s.Write(b.Context(), storeNow, func(tx *store.Tx) error {
				for n := range int64(1000) {
					if _, err := tx.Exec(insertSlip, slipArgs(n)...); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				err := s.Read(b.Context(), storeNow, func(tx *store.Tx) error {
					var carats int64
					return tx.QueryRow(`SELECT carats FROM slip WHERE book = $1 AND number = $2`, "CF-00017", 517).Scan(&carats)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

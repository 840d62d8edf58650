// Package store is one SQL text on two engines: a SQLite file, or a PostgreSQL
// database where one machine is outgrown.
//
//	s, err := store.Open(ctx, store.Config{Path: folder + "/adamas.db"})
//	err = s.Migrate(ctx, now, schemas)
//	err = s.Write(ctx, now, func(tx *store.Tx) error {
//		_, err := tx.Exec(`INSERT INTO custody_lot (id, carats, made) VALUES ($1, $2, $3)`,
//			lot.ID, lot.Carats, tx.Now())
//		return err
//	})
//	if store.IsUnique(err, "custody_lot", "id") { ... }
//
// It opens, transacts, retries, migrates, backs up and restores. It knows no
// table of anybody's.
//
// # Invariants
//
//   - A Write that returned nil is on the disk; one that returned an error other
//     than ErrOutcomeUnknown has left nothing behind.
//   - Transactions are serializable, on SQLite because one writes at a time, on
//     PostgreSQL by SERIALIZABLE and retries.
//   - A read sees one committed state and never blocks or is blocked by writing.
//   - One process at a time has a SQLite data folder.
//   - A snapshot is whole or absent, and the same file for both engines.
//
// # The portable subset
//
// What a module writes runs on both engines, and storetest proves each point:
//
//   - Three types: INT8 (amounts, counts, booleans as 0/1), TEXT (identifiers,
//     JSON, times as Time writes them: UTC, RFC 3339, six decimals), BYTES. Tables
//     end with TABLE_END. Migrate refuses a table outside of this.
//   - Placeholders $1, $2, ...; repeated ones are allowed. Where PostgreSQL cannot
//     see a type (SELECT $1, a VALUES list), CAST($1 AS INT8) or CAST($1 AS TEXT).
//   - INSERT ... ON CONFLICT (...) DO UPDATE / DO NOTHING, RETURNING, recursive
//     WITH, window functions, FILTER, row comparison, CHECK (named), foreign keys,
//     also DEFERRABLE INITIALLY DEFERRED, partial and expression indexes.
//   - TEXT columns compare by bytes. LIKE minds capitals. lower() of a column knows
//     those of ASCII only; of an argument or a literal it knows what the server's
//     locale knows, so fold those in Go.
//   - SUM of INT8 scans into int64. Whole numbers that overflow are an error:
//     in a sum on both, in `a + b` at the latest when the result is stored.
//   - Keys are given by the program: no SERIAL, no AUTOINCREMENT, and never a NULL
//     into an INT8 PRIMARY KEY (SQLite would number the row itself).
//   - Time comes from Tx.Now. No NOW(), CURRENT_TIMESTAMP, arrays, ILIKE, SKIP
//     LOCKED, LISTEN, double-quoted text, AVG, or functions only one engine has.
//   - NULLs sort first on SQLite and last on PostgreSQL: say NULLS FIRST or LAST.
//   - Division of INT8 cuts towards zero on both.
//
// # Faults
//
//	key                       arguments             when
//	store.folder_in_use       file, pid, since      another process has the data folder
//	store.foreign_file        file                  not made by Adamas
//	store.damaged             file                  no SQLite file, or a broken one
//	store.missing             file                  no such snapshot
//	store.unreadable          file                  reading or flushing it failed
//	store.cannot_create       file                  no place to write
//	store.no_server           host, database        PostgreSQL does not answer
//	store.bad_dsn             field                 the value of --database
//	store.not_utf8            database, encoding    the database's encoding
//	store.contended                                 lost too many races, or locked too long
//	store.text_not_storable                         NUL or broken UTF-8 in a text
//	store.newer               module, has, knows    of a later program (snapshot, when restoring)
//	store.migration_changed   module, file          edited after it was applied (snapshot, too)
//	store.restore_unfinished                        a restore into it was cut off
//	store.snapshot_exists     file                  the name is taken
//	store.not_empty           target                a restore wants an empty target
//
// Imports: package fault, the two drivers, goose.
package store

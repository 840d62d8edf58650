// Package tables is the audit's own look into a node's database: SQL of its own,
// reading only, held cell by cell against what the public logs say.
//
// What it reads, every cell of it, follows from a signed statement, from a log or
// from a checkpoint that witnesses have attested; so a changed byte is found. What
// follows from nothing (the times and reasons that only this database holds) it
// does not read, and docs/audit.md lists it: it could not be judged. Tables that
// it does not know are named in the report as not read. A new one is a line in
// checks: its name, and a function that says what its rows must agree with.
//
// What the office keeps of its officers' assents (docs/adr/0015) follows from signatures of
// passkeys, and from chains of hashes: of the trail, which tells whose each passkey was, and
// of each consignment's file, which tells what was signed for whom.
//
// Invariants: nothing is written, on either engine (SQLite is opened read-only,
// PostgreSQL in a read-only transaction); all tables are read in one transaction,
// so that a node at work is seen at one moment; a cell of the wrong kind is a
// finding and never an end of the audit.
//
// Imports: the standard library, the two engines' drivers, audit/wire,
// audit/assertion.
package tables

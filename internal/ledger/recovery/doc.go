// Package recovery puts a node's log and database right again while neither is
// open: after files were lost, after a backup was put back, after a log was lost
// for good (design.md §6).
//
//	Restore         a backup into an empty node; on hold until Recover
//	Node.Recover    asks the witnesses, fetches the tail that we do not have,
//	                gives new places to what we had put in its place, makes the
//	                files anew, and lifts the hold
//	Node.Rebuild    makes the files anew from the database alone
//	Node.CloseLog   gives a log up whose tail nobody has
//
// # Invariants
//
//   - The hold is lifted only when the witnesses' answers bind (witness.Report),
//     database and files are one tree, every checkpoint that a witness showed is
//     of that tree, and it is no smaller than any of them.
//   - Nothing is published from here. Files are made in a folder beside the log's
//     and take its place when their root has been compared.
//   - The old files are never removed, only put aside.
//   - A crash at any point leaves the hold, and the same call goes on: first the
//     database is right, then the files, then the hold goes.
//   - Nothing is written without apply.
//   - Whoever lost entries also lost knowledge of what was signed and not yet
//     recorded: ranges of numbers are burnt, and what was prepared is not signed.
//
// It may import ledger and its subpackages, store, fault, verify.
package recovery

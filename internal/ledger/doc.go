// Package ledger records statements: it signs each exactly once, appends it to
// the node's log, and follows it until witnesses of all three pillars have
// cosigned (design.md §6).
//
// # The order of acts
//
//	transaction 1   Intend: the caller spends what it spends (a number) and the
//	                to-be-signed bytes are stored, in the caller's transaction
//	sign            by a key that may be in another process
//	transaction 2   the signed bytes are stored; only now may they leave
//	append          to the log; the index comes back
//	transaction 3   the index is stored
//	witnessed       a published checkpoint that satisfies the policy covers it
//
// A crash before transaction 2 may sign the same bytes again; after it, never.
// Tessera does not deduplicate: after a crash or an error of the log, Reconcile
// reads the log's tail and finds what was appended by its leaf hash before
// anything is appended again.
//
// Rounds of appending overlap: the next is given to the log while the indexes of
// the last are being stored. Each entry keeps the order of acts, indexes are stored
// in order, and after an error nothing is given before all that was given has been
// waited for and reconciled.
//
// # Invariants
//
//   - The log leaf is exactly the signed bytes.
//   - (issuer, subject, prev) is unique: what an office says of one subject is
//     a chain.
//   - Every leaf of the home log and its index is also in the database, so the
//     database snapshot is the backup and the tiles can be rebuilt from it.
//   - An entry is witnessed only when this package has itself held the
//     published checkpoint against the policy. It never fails open.
//   - While a hold is set (after a restore, or when a witness knows what our log
//     does not hold) nothing is stated, signed, appended, or shown to a witness.
//     Package recovery lifts it. Before database and log have been found in
//     agreement nothing is shown to a witness either, so nothing is published.
//   - What was intended before a backup was put back is never signed: another
//     signature of the same bytes may have left the house. If the log shows that
//     it was signed, those bytes are adopted.
//
// It may import store, keyring, the words of floor 0, verify, Tessera and
// torchwood. No noun is known to it.
package ledger

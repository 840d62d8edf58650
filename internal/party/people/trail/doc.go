// Package trail is what was done about people at an office, and by whom: rows that
// are only added, each with the SHA-256 of itself and of the row before.
//
// Who rewrites or removes a row and not all that follow is found by Check, which
// names the first row that is wrong. Who rewrites all of it is found by comparing
// with a Head that was told elsewhere; that is why Head is short enough to stand in
// a statement of the public log.
//
// # Invariants
//
//   - Append runs in the transaction of the act: an act without its row, or a row
//     without its act, is on no disk.
//   - Rows count from 1 without a gap.
//   - Args hold names, roles and reasons, never a token, a password or a code; who
//     calls Append sees to it.
//
// Tables: party_trail, party_trail_head. Imports: ident, store.
package trail

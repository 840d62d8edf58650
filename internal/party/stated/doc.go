// Package stated keeps what authorities have stated of their Participants: their
// account of themselves, offices, stations, keys of offices and officers, roles,
// number ranges, specimens, and the dated changes of their own lists; and it makes
// these statements.
//
// Its View follows this node's log and the others; the queries of this package
// read its tables, which bear the name of party. A verdict on a certificate is
// never taken from them: package verify judges from statements and root documents
// (design.md 7). They are for pages, lists and for the rules that ask of paper.
//
// # Invariants
//
//   - Only the authority of a Participant speaks for it, and only in its home logs,
//     by the root documents given to NewView. What does not count is kept with the
//     reason and has no row elsewhere.
//   - The view follows from the statements alone: emptied and followed anew it is
//     the same, in whatever order the logs are read.
//   - An officer is a key; no name stands in a statement or here.
//
// Imports: party, access, ident, period, fault, keyring, ledger/follow, store,
// verify.
package stated

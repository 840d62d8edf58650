// Package consignment is the life of a shipment of rough diamonds, from the
// application for its certificate to the confirmed receipt and the other ways
// it can end (KPCS II to IV; domain.md 2.1). The numbered sheet has its own
// machine in package certificate: a sheet is paper, a consignment is goods.
//
// # The machine
//
// machine.go is the whole of it: every state, every act, who may do it, and for
// every act that a state does not allow, why not. There is no default: a test
// prints the table of states, acts and roles, and fails on a cell that nobody
// has decided. One table serves three sides, whose states are apart: the
// exporting office's, the importing office's, and that of a Participant through
// which goods pass. What the other side has done comes to the exporting office
// as a statement in the other's log (role record), what only time does by the
// clock.
//
// # The file
//
// Each act is one step in the consignment's file: who, in which role, when,
// from which state to which, with the particulars as they were given. Steps are
// chained by their hashes, and the certificate commits to the head of the chain
// at issue: application, valuations, tax receipt and seals cannot be exchanged
// afterwards without being noticed.
//
// # Invariants
//
//   - A consignment moves only by an act of the table, in one transaction with
//     the step that tells of it and with what the act records.
//   - Of two who act at once one wins; the other is told who did what and when.
//   - No act forgets: a step is never changed or removed.
//
// It may import party, certificate's own package and what lies below.
package consignment

// Package life is what anybody can know of any certificate from the logs that a
// node follows: where it is recorded, what its issuer and its destination have said
// of it since, and what is overdue between two Participants (KPCS III(b)(ii),
// R-IMP-07, R-OPN-01). It is a view: emptied and followed anew it comes out the same.
//
// # Invariants
//
//   - What a stranger says of a certificate is kept and does not count: only the
//     issuing Participant cancels, replaces, reports lost, opens and endorses; only
//     the destination receives, disputes and disposes.
//   - A statement counts once its signer is known as an entitled key of its office,
//     at its place (verify/trust). Whose key is not known yet is asked again.
//   - A paper certificate from outside is a Transcript and never a Certificate: its issuer
//     has not signed it, and it counts apart in every sum. So does a receipt that was
//     confirmed on paper.
//   - Nothing withheld is in it: not who, not how much, not from where.
//
// It may import ledger/follow, store, verify and the words of floor 0.
package life

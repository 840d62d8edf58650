// Package importing is the importing office's half of a consignment's life: it
// is announced, arrives, is examined and confirmed (KPCS III(b)), or becomes an
// irregular shipment that is detained, released, returned, seized and disposed
// of (domain.md 2.1, 2.5), or only passes in transit (III(d)).
//
// # Invariants
//
//   - What arrived is always recorded, also when it is refused: an office that
//     could not write down a forged certificate could not show it either.
//   - Receipt is confirmed only of what was examined, under a certificate that
//     the verifier calls valid for import at that moment. What it cannot tell
//     needs an officer's written reason; what it calls invalid is never
//     confirmed.
//   - A paper certificate from outside is keyed, judged by package outside, and stated as
//     a transcript: this office's word. It is never called valid, and what cannot be told
//     of it needs an officer's written reason as well.
//   - A number that is presented again is told the place and day of the first.
//   - Every act on which others rely is a statement, fixed in the transaction in
//     which the consignment moves; the exporting office is told by a message
//     that leaves once the statement is signed, and not before.
//
// It may import consignment, certificate, exporting/fields, party and what lies below.
package importing

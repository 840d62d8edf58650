// Package outside is what an office knows of papers from Participants without a
// register of their own, the normal case (design.md §8): how a paper certificate is
// judged, and the pictures of papers.
//
// # Invariants
//
//   - A paper is judged by one code, at the import desk and in the gallery of forged
//     ones (package rogues): who might trade on the days, the form of the number, the
//     parcels, the range of the year, the specimen in force.
//   - A paper is never called genuine. At best nothing speaks against it.
//   - A picture is kept as it came, under the digest that a statement names, and beside
//     it a copy without what a camera or a scanner wrote into it (place, device,
//     comments). The first is evidence and stays in the office; only the second is
//     shown (peers.md 1.6).
//   - A picture once kept is never changed or removed.
//
// It may import party, rule, store and what lies below.
package outside

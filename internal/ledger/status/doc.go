// Package status counts what became of every certificate: a list that follows from
// root documents and logs alone, so that anyone who has the same logs comes to the
// same list, and to the same digest of it (docs/formats, "List of statuses").
//
// # Invariants
//
//   - The list is a function of the newest root document, the chain behind it and
//     the logs up to their sizes. No clock, no order of reading and no machine has a
//     say in it. What a day adds (expired, overdue) stands outside the digest.
//   - Who is believed is package trust's to say, and what counts package life's: the
//     list and a verdict of package verify never contradict each other about the
//     same facts.
//   - Memory does not grow with the number of certificates: what was read is sorted
//     in pieces that are put aside.
//
// It may import verify and the words of floor 0.
package status

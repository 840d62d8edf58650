// Package difference carries a new pack to whom has an old one, in what the two do
// not share: a verifier at the end of a thin line need not fetch a year to learn a
// day.
//
// A difference names the one file it applies to and the one that comes out, each by
// SHA-256 and size, and between them says what to copy and what to put in. It knows
// nothing of packs: whatever a pack will hold one day, the difference of two packs
// is the same form (docs/adr/0009-differences-of-packs.md).
//
// Invariants: Apply gives back exactly the bytes that Make was shown, or an error;
// what was written before the error is worth nothing. Nothing is believed because a
// difference says so: what comes out is a pack, whole, and package pack verifies it
// as if it had come whole.
//
// It opens no file and imports canonical only.
package difference

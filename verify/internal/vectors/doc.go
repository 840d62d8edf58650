// Package vectors makes the golden byte vectors of Adamas's formats: for every
// format an instance with all the steps between a private key and the finished
// bytes, so that a stranger can write a second implementation and see where it
// goes astray. The files are in verify/testdata/vectors, the formats in
// docs/formats.
//
// Invariants: everything is SYNTHETIC and says so; the same program gives the
// same bytes on any machine (fixed seeds, given times, RFC 6979 for ES256); the
// test of this package fails when a change of code changes a byte of a file,
// until -update writes them again on purpose.
//
// It imports verify and its subpackages, and stands beside them for tests only.
package vectors

// Package arch holds the tests that keep the building to its plan (design.md
// section 3 and docs/ARCHITECTURE.md). There is no code in it to call.
//
// They read the source of the whole module with go/parser, so that what one build
// leaves out for another system is read too:
//
//	floors   a package imports lower floors, and on its own floor what stands to its left
//	habits   package comments, names, sizes, no init, no blank imports, no clock
//	tables   the SQL of a noun mentions that noun's tables and no other's
//	words    every text in three languages, every fault with words and a remedy
//	verify   what the offline verifier is made of, by go list
//
// A check takes a tree of files and answers with what is wrong in it. Each is
// first shown to fail on a small tree with that mistake and no other, then run on
// the real one. A check that finds nothing to look at (a noun that is not written
// yet) passes.
package arch

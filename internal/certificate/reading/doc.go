// Package reading puts verdicts of package verify into words, for every face alike:
// the command's lines, the page's paragraphs and the browser's, which has no network.
// It also takes apart what a reader hands in to be judged: a certificate's file, a PDF
// that it is attached to, or the codes of a paper.
//
// # Invariants
//
//   - Nothing is decided here. A reading says what the verdict says.
//   - What is SYNTHETIC says so at the beginning.
//   - No yes is told without the time it is as of, and no certificate without the list
//     of what it does not say.
//   - Text that nobody has checked gives no orders to a terminal.
//
// It fits into a browser: it speaks by an interface, Words, and imports ident, measure
// and period of floor 0, and verify.
package reading

// Package picture is pictures of papers as somebody hands them in: what they are by their
// first bytes, the same without what a camera or a scanner wrote beside the picture, and
// the pages of a PDF that a scanner made.
//
// # Invariants
//
//   - Nothing is drawn anew: a specimen and a paper are compared line by line, and what
//     is shown has every dot of what came.
//   - What is given out for a browser is a JPEG or a PNG and never a PDF, in which there
//     may be programs.
//   - Work is bounded by the length of the file.
//
// It imports nothing of this program.
package picture

// Package specimen is the register of what the papers of Participants look like: each
// notifies all others of the features of its certificate (KPCS II(d)), and most do so by
// pictures that the Chair hands round, on the restricted part of his site, to authorities
// alone. An office enters them here, with the days on which they were in use, and holds
// the papers that it is handed beside them.
//
// # Invariants
//
//   - Whoever reads says with whose eyes. Of what is restricted the public learns that
//     this Participant has something restricted, and neither how much nor what, since
//     when, or a byte of it.
//   - Nothing is changed: a specimen is replaced by another or withdrawn, by somebody and
//     for a reason, and what was judged by it can be judged again.
//   - A picture is kept as it came, under its SHA-256. What is given out is the same
//     without what a camera wrote beside it, dot for dot, and never a PDF.
//   - A paper is held against what was in use on its day of issue. What an authority has
//     signed (package stated) and what the office keeps count beside each other; only the
//     first is complete, so that only by the first a paper can be of no known form.
//   - A specimen in force proves nothing by itself: somebody has to look.
//
// It may import party, stated, document/picture, rule, store and floor 0.
package specimen

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the package's words.
func Text() fs.FS { return text }

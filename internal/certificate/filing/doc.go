// Package filing keeps what lies beside a consignment's file: photographs of its
// containers, who was shown a certificate before there was one, and who printed it.
//
// Invariants:
//
//   - A photograph is kept as it came, under the hash that a step of the file names,
//     and shown only as a picture drawn anew from it: what a camera writes beside a
//     picture (place, owner) stays with the original (peers.md 1.6, row 26).
//   - Nobody sees a preview, and nobody gets a print, that is not noted here first.
//   - Nothing here is changed or removed.
//
// It may import consignment and what lies below.
package filing

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the words of what is refused.
func Text() fs.FS { return text }

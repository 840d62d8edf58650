package party

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the module's words.
func Text() fs.FS { return text }

package recovery

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is this package's words.
func Text() fs.FS { return text }

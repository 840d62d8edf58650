package people

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the words of this package and of those below it.
func Text() fs.FS { return text }

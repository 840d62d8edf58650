package tilelog

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the folder of this package's words, for lang.Load.
func Text() fs.FS { return text }

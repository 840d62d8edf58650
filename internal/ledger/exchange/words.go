package exchange

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is this package's words, those of its mails among them.
func Text() fs.FS { return text }

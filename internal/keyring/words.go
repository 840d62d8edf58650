package keyring

import (
	"embed"
	"io/fs"
)

//go:embed text/*.toml
var words embed.FS

// Text is the folder of this package's words, for lang.Load.
func Text() fs.FS { return words }

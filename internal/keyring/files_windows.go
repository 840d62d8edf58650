package keyring

import "io/fs"

// tooOpen is never true: the modes that Go shows on Windows say nothing, the
// folder's access list decides, and by default that is the user's own.
func tooOpen(fs.FileMode) bool { return false }

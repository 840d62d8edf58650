//go:build unix

package keyring

import "io/fs"

// tooOpen tells whether a mode lets group or others do anything.
func tooOpen(m fs.FileMode) bool { return m.Perm()&0o077 != 0 }

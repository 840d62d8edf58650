// Package durable is what the standard library leaves out about files that must
// survive: replacing one so that the change is on the disk, and locks that end
// with the process. It knows nothing of what the files hold.
//
// Imports: golang.org/x/sys.
package durable

import "errors"

// ErrUncertain: the file may or may not have been replaced. Nobody may go on as
// if he knew; what is there has to be read again.
var ErrUncertain = errors.New("cannot tell whether the file was replaced")

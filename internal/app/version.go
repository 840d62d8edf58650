package app

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"adamas.example/internal/module"
)

// versionCmd says which program this is.
type versionCmd struct{}

// Version is set by the build: git describe, or "development".
var Version = "development"

// Run prints one line.
func (versionCmd) Run(env *module.Env) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	fmt.Fprintf(env.Out, "adamas %s%s %s %s/%s\n", Version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

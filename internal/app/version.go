package app

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"adamas.example/internal/module"
)

// versionCmd says which program this is.
type versionCmd struct {
	JSON bool `name:"json" help:"cli_json"`
}

// Version is set by the build: git describe, or "development".
var Version = "development"

// Run prints one line.
func (c *versionCmd) Run(env *module.Env) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	if c.JSON {
		return env.JSON(map[string]string{"version": Version, "revision": revision, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
	}
	words := []string{"adamas", Version, revision, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	fmt.Fprintln(env.Out, strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " "))
	return nil
}

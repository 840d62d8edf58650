// Package npm lets a test ask a judge that is written in JavaScript: a script of
// the folder web, run by node with the packages that web/package-lock.json pins.
//
//	out, err := npm.Run(t, "judges/statements.mjs")
//
// # Invariants
//
//   - `npm ci` runs once, where web/node_modules is missing or older than the
//     lock file; test programs that run at the same time wait for each other.
//   - Where node, npm or the packages are not to be had, the test is skipped, and
//     fails instead when ADAMAS_REQUIRE_JUDGES=1.
//   - No process outlives its deadline.
//
// Imports: the standard library. Only tests import this package.
package npm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience is how long a script may take; installing has its own.
const (
	patience        = 2 * time.Minute
	installPatience = 5 * time.Minute
)

// Run runs node with args in the folder web and gives what it printed. The
// error is that of the script; what is missing ends the test.
func Run(tb testing.TB, args ...string) (output string, err error) {
	tb.Helper()
	return run(tb.Context(), patience, Folder(tb), "node", args...)
}

// Folder is the folder web with its packages installed; what is missing ends the test.
func Folder(tb testing.TB) string {
	tb.Helper()
	web, err := folder()
	if err != nil {
		tb.Fatal("npm:", err)
	}
	if err := install(tb.Context(), web); err != nil {
		unavailable(tb, err)
	}
	return web
}

// folder is web in the module that the test runs in.
func folder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "web"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the test")
		}
		dir = parent
	}
}

func run(ctx context.Context, limit time.Duration, dir, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.Dir = dir
	c.WaitDelay = 5 * time.Second
	out, err := c.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %v: %w: %s", program, args, err, out)
	}
	return string(out), nil
}

// install makes node_modules what the lock file says.
func install(ctx context.Context, web string) error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return err
		}
	}
	unlock, err := lock(web)
	if err != nil {
		return err
	}
	defer unlock()
	if fresh(web) {
		return nil
	}
	_, err = run(ctx, installPatience, web, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	return err
}

// fresh tells whether the installed packages are younger than the lock file:
// npm writes its own record of them last.
func fresh(web string) bool {
	locked, err1 := os.Stat(filepath.Join(web, "package-lock.json"))
	installed, err2 := os.Stat(filepath.Join(web, "node_modules", ".package-lock.json"))
	return err1 == nil && err2 == nil && !installed.ModTime().Before(locked.ModTime())
}

func unavailable(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
		tb.Fatalf("npm: the judges in JavaScript are required (ADAMAS_REQUIRE_JUDGES=1): %v", err)
	}
	tb.Skipf("npm: the judges in JavaScript are not to be had: %v", err)
}

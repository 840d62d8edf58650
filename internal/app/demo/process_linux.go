package demo

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends the child even when we are killed and cannot close its
// standard input.
func dieWithParent(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }

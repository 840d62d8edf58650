//go:build !windows

package service

import (
	"adamas.example/internal/fault"
	"adamas.example/internal/module"
)

// elsewhere says who does it on this system.
func elsewhere() error { return fault.Usage("service.only_windows") }

func installed([]string) error                        { return elsewhere() }
func uninstalled() error                              { return elsewhere() }
func started() error                                  { return elsewhere() }
func stopped() error                                  { return elsewhere() }
func runs(*module.Env, func(*module.Env) error) error { return elsewhere() }

// DoubleClicked tells whether the program was opened with the mouse; elsewhere than on
// Windows that gives it no window to speak in.
func DoubleClicked() bool { return false }

package main

import "runtime"

// cores bounds what runs at once to n cores, garbage collection included, and
// gives what sets it back.
func cores(n int) (restore func()) {
	before := runtime.GOMAXPROCS(n)
	return func() { runtime.GOMAXPROCS(before) }
}

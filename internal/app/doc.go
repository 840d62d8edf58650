// Package app puts the modules together: the list of modules (modules.go), the
// command line, a node's configuration and start, the demonstration.
//
// It is the top floor: it may import everything, and nothing imports it but
// cmd/adamas. What a module brings stands in that module; a new one is a line
// in modules.go.
package app

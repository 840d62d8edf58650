// Package e2e holds journeys through the whole program as its users take them,
// one file for one person's task. It builds the program once and starts it as
// a process; nothing in it reaches into the program.
package e2e

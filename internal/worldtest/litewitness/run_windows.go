package litewitness

import "errors"

const executable = "litewitness.exe"

// run has no Windows form: litewitness itself has none (it asks for SIGUSR1).
func run([]string, string) (stop func(), err error) {
	return nil, errors.New("litewitness needs Unix")
}

// Command adamas is the Kimberley Process for rough diamonds as one program;
// see the README. It hands over to package app.
package main

import (
	"os"

	"adamas.example/internal/app"
)

func main() { os.Exit(app.Main(app.Process())) }

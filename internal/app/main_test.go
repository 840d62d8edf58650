package app

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	quietLibraries() // as the program does
	os.Exit(m.Run())
}

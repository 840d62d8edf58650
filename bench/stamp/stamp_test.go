package stamp

import (
	"flag"
	"testing"
)

// TestSaid: the command that stands beside a figure names no folder of the machine.
func TestSaid(t *testing.T) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.Bool("full", false, "larger")
	flags.Bool("short", false, "smaller")
	flags.String("only", "", "these figures")
	flags.String("dir", "", "scratch `folder`")
	flags.String("cpuprofile", "", "write into this `file`")
	if err := flags.Parse([]string{"-full", "-only", "memory,start", "-dir", "/somewhere/of/mine", "-cpuprofile=/somewhere/cpu"}); err != nil {
		t.Fatal(err)
	}
	if got, want := said(flags), "-cpuprofile FILE -dir FOLDER -full -only memory,start"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

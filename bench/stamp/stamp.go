// Package stamp says when, on what and by which command something was measured, for who
// reads a figure and repeats it.
//
// Imports: the standard library.
package stamp

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Stamp is when, where and by what something was measured.
type Stamp struct {
	Date    string `json:"date"` // RFC 3339, UTC, of the run's start
	Machine string `json:"machine"`
	Go      string `json:"go"`
	Commit  string `json:"commit"` // git describe --always --dirty; "unknown" outside a checkout
	Command string `json:"command"`
	Load    string `json:"load"` // 1-minute load average of the host at the start; "unknown" where the system tells none
}

// Take makes it at the start of a run in the checkout root: command with the flags that
// were given to it.
func Take(ctx context.Context, root, command string, flags *flag.FlagSet) Stamp {
	s := Stamp{Date: time.Now().UTC().Format(time.RFC3339), Machine: machine(), Go: runtime.Version(), Commit: "unknown", Command: strings.TrimSpace(command + " " + said(flags)), Load: "unknown"}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		s.Load, _, _ = strings.Cut(string(b), " ")
	}
	cmd := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty")
	cmd.Dir = root
	if b, err := cmd.Output(); err == nil {
		s.Commit = strings.TrimSpace(string(b))
	}
	return s
}

// machine names the hardware as far as the system tells without asking anybody:
// Linux does, elsewhere only cores and architecture are known.
func machine() string {
	parts := []string{fmt.Sprintf("%d cores", runtime.NumCPU())}
	if model := field("/proc/cpuinfo", "model name"); model != "" {
		parts = append(parts, model)
	}
	if kB, err := strconv.ParseFloat(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 64); err == nil {
		parts = append(parts, fmt.Sprintf("%.0f GiB", kB/(1<<20)))
	}
	system := runtime.GOOS + "/" + runtime.GOARCH
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		system += " " + strings.TrimSpace(string(b))
	}
	return strings.Join(append(parts, system), ", ")
}

// field is the value of the first "name: value" line of a file.
func field(path, name string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// said are the flags as they were given, for who repeats a run: of folders that there are,
// since they are those of one machine and tell nothing of a figure.
func said(flags *flag.FlagSet) string {
	var out []string
	flags.Visit(func(f *flag.Flag) {
		name, _ := flag.UnquoteUsage(f)
		switch {
		case f.Value.String() == "true":
			out = append(out, "-"+f.Name)
		case name == "folder" || name == "file":
			out = append(out, "-"+f.Name+" "+strings.ToUpper(name))
		default:
			out = append(out, "-"+f.Name+" "+f.Value.String())
		}
	})
	return strings.Join(out, " ")
}

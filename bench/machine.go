package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// stamp is when, where and by what something was measured.
type stamp struct {
	Date    string `json:"date"` // RFC 3339, UTC, of the run's start
	Machine string `json:"machine"`
	Go      string `json:"go"`
	Commit  string `json:"commit"` // git describe --always --dirty; "unknown" outside a checkout
	Command string `json:"command"`
	Load    string `json:"load"` // 1-minute load average of the host at the start; "unknown" where the system tells none
}

func newStamp(ctx context.Context, root, command string) stamp {
	s := stamp{Date: time.Now().UTC().Format(time.RFC3339), Machine: machine(), Go: runtime.Version(), Commit: "unknown", Command: strings.TrimSpace(command), Load: "unknown"}
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

package npm

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestRun: a script's output and its failure come back, and it can import the
// pinned packages.
func TestRun(t *testing.T) {
	out, err := Run(t, "--input-type=module", "-e", "import { encode } from 'cbor-x'; console.log(encode([1]).toString('hex'))")
	if err != nil || strings.TrimSpace(out) != "8101" {
		t.Errorf("%q %v", out, err)
	}
	out, err = Run(t, "-e", "console.log('said'); process.exit(3)")
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(out, "said") {
		t.Errorf("a script that fails: %q %v", out, err)
	}
}

// TestMissing: without node the test is skipped, or fails where judges are
// required.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for judges, want := range map[string]string{"": "skipped", "1": "failed"} {
		t.Setenv("ADAMAS_REQUIRE_JUDGES", judges)
		tb := &recorder{TB: t}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			Run(tb, "-e", "")
		}()
		<-ended
		if tb.ended != want {
			t.Errorf("ADAMAS_REQUIRE_JUDGES=%q: %q, want %s", judges, tb.ended, want)
		}
	}
}

// TestFresh: packages older than the lock file are installed again.
func TestFresh(t *testing.T) {
	web := t.TempDir()
	locked, installed := filepath.Join(web, "package-lock.json"), filepath.Join(web, "node_modules", ".package-lock.json")
	if fresh(web) {
		t.Error("nothing is installed")
	}
	if err := os.MkdirAll(filepath.Dir(installed), 0o755); err != nil {
		t.Fatal(err)
	}
	then := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		path string
		at   time.Time
		want bool
	}{{locked, then, false}, {installed, then, true}, {locked, then.Add(time.Second), false}} {
		if err := os.WriteFile(c.path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(c.path, c.at, c.at); err != nil {
			t.Fatal(err)
		}
		if fresh(web) != c.want {
			t.Errorf("after %s at %s: fresh is %t", filepath.Base(c.path), c.at, !c.want)
		}
	}
}

// recorder notes how Run ends a test instead of ending it; the goroutine ends
// as it would.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper() {}

func (r *recorder) Skipf(string, ...any) { r.end("skipped") }

func (r *recorder) Fatalf(string, ...any) { r.end("failed") }

func (r *recorder) end(how string) {
	r.ended = how
	runtime.Goexit()
}

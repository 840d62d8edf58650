package generate

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adamas.example/internal/fault"
)

var update = flag.Bool("update", false, "write testdata anew")

// small is the world of the golden test: three years in which Participants join
// and one is suspended.
func small() Config {
	return Config{From: day("2012-07-01"), Until: day("2014-06-30"), Count: 1200, Seed: "golden", Bundles: 3, Pack: true, Statistics: true}
}

// TestSameBytesEverywhere holds roots, checkpoints and sizes to what they were
// when they were last looked at, whatever the machine and the number of workers.
func TestSameBytesEverywhere(t *testing.T) {
	var first string
	for _, workers := range []int{1, 3} {
		c := small()
		c.Workers = workers
		m := generate(t.Context(), t, t.TempDir(), c)
		var b strings.Builder
		fmt.Fprintf(&b, "# SYNTHETIC: root document, then each log with its size and root.\n%s\n", m.report.Root)
		for _, l := range m.report.Logs {
			fmt.Fprintf(&b, "%s %d %s\n", l.Origin, l.Size, l.Root)
		}
		if first == "" {
			first = b.String()
		} else if first != b.String() {
			t.Fatal("the number of workers makes a difference")
		}
	}
	golden := filepath.Join("testdata", "golden.txt")
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(golden, []byte(first), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != first {
		t.Errorf("got\n%swant\n%s", first, want)
	}
}

func TestAnotherSeedIsAnotherWorld(t *testing.T) {
	c := Config{From: day("2019-01-01"), Until: day("2019-02-28"), Count: 50, Seed: "a", Participants: codes("EU", "AE", "RU")}
	a := generate(t.Context(), t, t.TempDir(), c)
	c.Seed = "b"
	b := generate(t.Context(), t, t.TempDir(), c)
	if a.report.Root == b.report.Root || a.report.Logs[0].Root == b.report.Logs[0].Root {
		t.Error("the seed makes no difference")
	}
}

// While a world is made its folder is no log and says so; an interruption leaves
// nothing behind, not even the folder if it was not there.
func TestInterrupted(t *testing.T) {
	for _, there := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "out")
		if there {
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		c := small()
		c.Dir, c.Readme = dir, "SYNTHETIC"
		_, err := Run(ctx, c, func(done, total int64) {
			if done < total/2 || ctx.Err() != nil {
				return
			}
			if _, err := os.Stat(filepath.Join(dir, unfinishedFile)); err != nil {
				t.Error("not marked as unfinished")
			}
			if found, _ := filepath.Glob(filepath.Join(dir, "logs", "*", "checkpoint")); len(found) > 0 {
				t.Error("half a log has a checkpoint")
			}
			cancel()
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		left, err := os.ReadDir(dir)
		if there && (err != nil || len(left) > 0) || !there && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("folder there before: %t; left %v, %v", there, left, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	good := Config{From: day("2015-01-01"), Until: day("2015-01-31"), Count: 10, Seed: "1"}
	for _, tt := range []struct {
		name string
		bend func(c *Config)
		key  string
	}{
		{"before the scheme", func(c *Config) { c.From = day("2002-12-31") }, "certificate.generate_span"},
		{"after the figures", func(c *Config) { c.Until = day("2026-01-01") }, "certificate.generate_span"},
		{"backwards", func(c *Config) { c.From = day("2015-02-01") }, "certificate.generate_span"},
		{"fewer than none", func(c *Config) { c.Count = -1 }, "certificate.generate_count"},
		{"too many", func(c *Config) { c.Count = MostCertificates + 1 }, "certificate.generate_count"},
		{"too many samples", func(c *Config) { c.Bundles = mostBundles + 1 }, "certificate.generate_count"},
		{"no seed", func(c *Config) { c.Seed = "" }, "certificate.generate_seed"},
		{"nobody's code", func(c *Config) { c.Participants = codes("EU", "XX") }, "certificate.generate_participant"},
		{"alone", func(c *Config) { c.Participants = codes("EU") }, "certificate.generate_nobody_trades"},
		{"suspended", func(c *Config) { c.Participants = codes("EU", "CF"); c.Until = day("2015-01-31") }, "certificate.generate_nobody_trades"},
	} {
		c := good
		c.Dir = filepath.Join(t.TempDir(), "out")
		tt.bend(&c)
		_, err := Run(t.Context(), c, nil)
		if !fault.Is(err, tt.key) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if _, err := os.Stat(c.Dir); err == nil {
			t.Errorf("%s: a folder was made", tt.name)
		}
	}
	c := good
	c.Dir = t.TempDir()
	file := filepath.Join(c.Dir, "letter.txt")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), c, nil); !fault.Is(err, "certificate.generate_not_empty") {
		t.Errorf("into a folder of somebody: %v", err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "mine" {
		t.Error("somebody's file was touched")
	}
	c.Dir = file
	if _, err := Run(t.Context(), c, nil); !fault.Is(err, "certificate.generate_cannot_write") {
		t.Errorf("into a file: %v", err)
	}
}

func TestPlanSaysWhatRunMakes(t *testing.T) {
	c := Config{From: day("2010-01-01"), Until: day("2010-03-31"), Count: 2000, Seed: "plan"}
	e, err := Plan(c)
	if err != nil {
		t.Fatal(err)
	}
	m := generate(t.Context(), t, t.TempDir(), c)
	if e.Certificates != m.report.Certificates || e.Participants != len(m.report.Logs) {
		t.Errorf("planned %+v, made %d certificates in %d logs", e, m.report.Certificates, len(m.report.Logs))
	}
	if off := float64(m.report.Bytes) / float64(e.Bytes); off < 0.4 || off > 1.6 {
		t.Errorf("planned %d bytes, made %d", e.Bytes, m.report.Bytes)
	}
}

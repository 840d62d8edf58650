// Bench measures the figures that design.md §15 sets goals for, each beside its
// baseline, in one run on one machine:
//
//	go run ./bench [-only id,...] [-short | -full] [-out DIR]
//
// It prints a table and rewrites RESULTS.md, for people, and results.json, for
// machines; README.md in this folder says what stands in them.
//
// What is always true of it:
//
//   - A figure and its baseline are measured in turn, round by round, so that a
//     busy host slows both; medians decide, and quartiles show the noise.
//   - Both sides do the same work on the same keys, sizes, settings and disk.
//     What a round only needs (keys, drafts, the log to replay) is made before
//     its clock starts.
//   - Every answer is checked while it is measured: a figure over wrong answers
//     is an error, not a number.
//   - A missed goal is printed as missed. It is not an error.
//
// It imports what it likes and nobody imports it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"k8s.io/klog/v2"

	"adamas.example/bench/stamp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(64)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is one call of the command.
type run struct {
	root    string // of the module
	dir     string // scratch, on the disk that is measured; removed at the end
	out     string // where the results go; "" writes none
	keep    string // the node of register; "" makes it in dir
	figures []figure
	scale   scale
	stamp   stamp.Stamp
	bar     *progress
	stdout  io.Writer
	stderr  io.Writer

	shared *rivals   // of issue and issue-one; nil until one of them needs it
	loaded *register // of page-p99, memory and start; likewise
}

func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "measure these `figures` alone (ids with commas); the rows of others are kept")
	short := flags.Bool("short", false, "small counts, to see that all works; nothing is written without -out")
	full := flags.Bool("full", false, "large counts: a million statements replayed")
	out := flags.String("out", "", "write RESULTS.md and results.json into this `folder`; default bench")
	work := flags.String("dir", filepath.Join(root, "var", "bench"), "scratch `folder`, on the disk to be measured")
	keep := flags.String("keep", "", "leave the node full of certificates in this `folder`, and take it from there the next time: making it takes most of an hour with -full")
	profile := flags.String("cpuprofile", "", "write a CPU profile to this `file`, each side under its own label")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *short && *full || flags.NArg() > 0 {
		return errors.New("either -short or -full, and no arguments")
	}
	r := &run{root: root, out: *out, keep: *keep, scale: usual, stdout: stdout, stderr: stderr}
	switch {
	case *short:
		r.scale = small
	case *full:
		r.scale = large
	}
	if r.out == "" && !*short {
		r.out = filepath.Join(root, "bench")
	}
	if r.figures, err = chosen(*only); err != nil {
		return err
	}
	r.stamp = stamp.Take(ctx, root, "go run ./bench", flags)
	return r.profiled(ctx, *work, *profile)
}

// profiled measures with or without a CPU profile.
func (r *run) profiled(ctx context.Context, work, profile string) (err error) {
	klog.LogToStderr(false) // what Tessera says of itself
	klog.SetOutput(io.Discard)
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	if r.dir, err = os.MkdirTemp(work, "run-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close(), os.RemoveAll(r.dir)) }()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return r.all(ctx)
}

// all measures the chosen figures and reports them.
func (r *run) all(ctx context.Context) error {
	var rows []row
	for _, f := range r.figures {
		began := time.Now()
		r.bar = newProgress(r.stderr, f.id)
		m, err := f.measure(ctx, r)
		r.bar.finish()
		if errors.Is(err, exec.ErrNotFound) && f.id == photo.id {
			fmt.Fprintf(r.stderr, "%-13s left out: %v\n", f.id, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.id, err)
		}
		row, err := newRow(f, m, r.stamp)
		if err != nil {
			return fmt.Errorf("%s: %w", f.id, err)
		}
		rows = append(rows, row)
		fmt.Fprintf(r.stderr, "%-13s %6.1f s\n", f.id, time.Since(began).Seconds())
	}
	if r.out != "" {
		kept, err := readRows(r.out)
		if err != nil {
			return err
		}
		if err := writeResults(r.out, merged(kept, rows)); err != nil {
			return err
		}
	}
	return printTable(r.stdout, rows)
}

// close ends what figures shared.
func (r *run) close() (err error) {
	if r.shared != nil {
		err = r.shared.close()
	}
	if r.loaded != nil {
		err = errors.Join(err, r.loaded.drop())
	}
	return err
}

// chosen are the figures with the ids, in their own order; all when none is named.
func chosen(ids string) ([]figure, error) {
	all := figures()
	if ids == "" {
		return all, nil
	}
	wanted := strings.Split(ids, ",")
	var out []figure
	for _, f := range all {
		if slices.Contains(wanted, f.id) {
			out = append(out, f)
		}
	}
	if len(out) != len(wanted) {
		var known []string
		for _, f := range all {
			known = append(known, f.id)
		}
		return nil, fmt.Errorf("-only %s: the figures are %s, each once", ids, strings.Join(known, ","))
	}
	return out, nil
}

// moduleRoot is the folder of go.mod, at or above where we stand.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod here or above: run it inside the source tree")
		}
		dir = up
	}
}

// buildAdamas builds the program whose witnesses are the measured ones.
func (r *run) buildAdamas(ctx context.Context) (string, error) {
	exe := filepath.Join(r.dir, "adamas"+exeSuffix)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", exe, "./cmd/adamas")
	cmd.Dir, cmd.Env = r.root, append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build adamas: %w\n%s", err, text)
	}
	return exe, nil
}

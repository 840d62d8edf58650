package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"
)

// figure is one line of design.md §15.
type figure struct {
	id       string
	unit     string // of value and baseline alike
	baseline string // what stands beside it, in a few words
	goal     goal
	what     string // one sentence: what exactly is measured
	how      string // one sentence: how the baseline is made, and why it is fair
	measure  func(ctx context.Context, r *run) (measured, error)
}

// goal bounds the ratio of value to baseline, or the value itself. Zero: nobody has
// set one.
type goal struct {
	atMost   bool // the value is a cost; else a rate
	ratio    float64
	absolute float64 // of the value, in its unit: there is no baseline
}

// String is the form of results.json: "<= 1.2 x", or "<= 25" in the figure's unit.
func (g goal) String() string {
	if g.absolute > 0 {
		return fmt.Sprintf("<= %g", g.absolute)
	}
	sign := ">="
	if g.atMost {
		sign = "<="
	}
	return fmt.Sprintf("%s %g x", sign, g.ratio)
}

func (g goal) holds(ratio float64) bool {
	if g.atMost {
		return ratio <= g.ratio
	}
	return ratio >= g.ratio
}

// figures lists those that are measured, in the order of the design.
func figures() []figure {
	return []figure{verifyCold, verifyBatch, issue, issueOne, replay, pageP99, memory, start, officeP99, photo}
}

// planned are the ids of design.md §15, for the list of what is not measured yet, and
// those of figures without a goal.
var planned = []string{"verify-cold", "verify-batch", "issue", "issue-one", "slip-single", "slip-bulk", "composition", "taint",
	"screening", "replay", "page-p99", "memory", "start", "office-p99", "photo"}

// scale is how much is done.
type scale struct {
	rounds int // of each side, after one round to warm up

	logSize   int // leaves of the log that bundles come from
	coldFiles int // different bundles, each under its own checkpoint
	coldLoops int // how often a round judges them all
	batch     int // bundles under one checkpoint

	clerks      int // at once
	each        int // certificates of each clerk in a round
	issueRounds int
	waits       int // of one clerk alone

	replay       int // statements
	replayRounds int

	photos int // pictures

	certificates int // in the view whose pages are asked for
	pageNumbers  int // pages of certificates
	pageKind     int // pages of each kind that links lead to
	pageRounds   int
	starts       int

	officeFiles int // of the office whose desks are asked for
	officeKind  int // pages of each kind that links lead to, by each of its people
}

var (
	small = scale{rounds: 2, logSize: 300, coldFiles: 4, coldLoops: 1, batch: 20, clerks: 8, each: 1, issueRounds: 1, waits: 2, replay: 10_000, replayRounds: 1, photos: 2,
		certificates: 300, pageNumbers: 5, pageKind: 3, pageRounds: 1, starts: 1, officeFiles: 20, officeKind: 2}
	usual = scale{rounds: 31, logSize: 20_000, coldFiles: 64, coldLoops: 12, batch: 1000, clerks: 256, each: 8, issueRounds: 11, waits: 150, replay: 100_000, replayRounds: 5, photos: 30,
		certificates: 100_000, pageNumbers: 400, pageKind: 60, pageRounds: 5, starts: 5, officeFiles: 1000, officeKind: 20}
	large = scale{rounds: 101, logSize: 100_000, coldFiles: 64, coldLoops: 12, batch: 1000, clerks: 256, each: 16, issueRounds: 21, waits: 300, replay: 1_000_000, replayRounds: 5, photos: 30,
		certificates: 1_400_000, pageNumbers: 400, pageKind: 60, pageRounds: 5, starts: 5, officeFiles: 20_000, officeKind: 20}
)

// measured are the rounds of both sides, in the figure's unit, and what only
// this run can tell about them.
type measured struct {
	ours, base []float64
	detail     string     // of the run: counts, sizes
	table      [][]string // part by part, its head first; nil where a figure has no parts
}

// side is one of the two that are measured in turn: it does one round and gives
// its value in the figure's unit.
type side func(ctx context.Context) (float64, error)

// alternate measures ours and base in turn, after one round of each that does
// not count. Garbage of one side is not left for the other to collect.
func (r *run) alternate(ctx context.Context, rounds int, ours, base side) (measured, error) {
	var m measured
	r.bar.expect(rounds + 1)
	for round := range rounds + 1 {
		a, err := labelled(ctx, "figure", ours)
		if err != nil {
			return m, fmt.Errorf("round %d: %w", round, err)
		}
		b, err := labelled(ctx, "baseline", base)
		if err != nil {
			return m, fmt.Errorf("round %d of the baseline: %w", round, err)
		}
		if round > 0 {
			m.ours, m.base = append(m.ours, a), append(m.base, b)
		}
		r.bar.step()
	}
	return m, nil
}

// weave is alternate with rounds in blocks: the blocks of both sides are measured in
// turn, and a round is the sum of its blocks. Each side says what a block adds to its
// round's value.
func (r *run) weave(ctx context.Context, rounds, blocks int, ours, base func(block int) (float64, error)) (measured, error) {
	var m measured
	r.bar.expect(rounds + 1)
	for round := range rounds + 1 {
		runtime.GC()
		var sums [2]float64
		for block := range blocks {
			for i, s := range []func(int) (float64, error){ours, base} {
				var v float64
				var err error
				pprof.Do(ctx, pprof.Labels("side", []string{"figure", "baseline"}[i]), func(context.Context) { v, err = s(block) })
				if err != nil {
					return m, fmt.Errorf("round %d, block %d: %w", round, block, err)
				}
				sums[i] += v
			}
		}
		if round > 0 {
			m.ours, m.base = append(m.ours, sums[0]), append(m.base, sums[1])
		}
		r.bar.step()
	}
	return m, ctx.Err()
}

// labelled does one round of a side under its name in a CPU profile.
func labelled(ctx context.Context, name string, s side) (v float64, err error) {
	runtime.GC()
	pprof.Do(ctx, pprof.Labels("side", name), func(ctx context.Context) { v, err = s(ctx) })
	return v, err
}

// each times f over n items, in a unit of time for one item.
func each(n int, unit time.Duration, f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return float64(time.Since(began)) / float64(unit) / float64(n), err
}

// perSecond times f, which does n items.
func perSecond(n int, f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return float64(n) / time.Since(began).Seconds(), err
}

// quantile interpolates between the values, which need not be in order.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// check refuses rounds that are no measurement.
func (m measured) check() error {
	if len(m.ours) == 0 || len(m.base) > 0 && len(m.ours) != len(m.base) {
		return fmt.Errorf("%d rounds of the figure and %d of the baseline", len(m.ours), len(m.base))
	}
	for _, v := range slices.Concat(m.ours, m.base) {
		if math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
			return errors.New("a round that took no time")
		}
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"

	"adamas.example/bench/atwork"
)

var officeP99 = figure{
	id: "office-p99", unit: "ms", goal: goal{atMost: true, absolute: 25},
	what: "The 99th percentile of the time of one page that an office works on (work lists, a file, its forms, applications, the import desk and its lists, a case, sheets, the register of the day, people, trail), " +
		"asked for one after another over loopback by a client in another process, signed in as each of the office's people in turn; the worse of SQLite and PostgreSQL. " +
		"The node is that of page-p99, with files of its own office in it; it does not follow other registers meanwhile.",
	measure: func(ctx context.Context, r *run) (measured, error) { return measureServed(ctx, r, officeTimes) },
}

// officeTimes fills the office with files, signs its people in, and asks for their pages;
// each round's value is its 99th percentile.
func officeTimes(ctx context.Context, r *run, g *register, engine string) (values []float64, _ string, err error) {
	dir := g.folders[engine]
	n, err := openNode(ctx, dir)
	if err != nil {
		return nil, "", err
	}
	if err := errors.Join(atwork.Furnish(ctx, n, r.scale.officeFiles), n.Close()); err != nil {
		return nil, "", err
	}
	if err := atwork.BringPeople(g.folders["SQLite"], dir); err != nil {
		return nil, "", err
	}
	s, err := g.serve(ctx, r, dir)
	if err != nil {
		return nil, "", err
	}
	defer s.stop()
	all, err := atwork.Pages(ctx, s.url, r.scale.officeKind)
	if err != nil {
		return nil, "", err
	}
	values, detail, err := r.timed(len(all), func(i int) string { return atwork.KindOf(all[i].At) }, func(i int) error {
		_, err := all[i].Fetch(ctx)
		return err
	})
	return values, fmt.Sprintf("%d files of the office, %s", r.scale.officeFiles, detail), err
}

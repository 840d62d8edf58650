package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"adamas.example/bench/stamp"
)

// Names in the folder of results.
const (
	jsonFile = "results.json"
	textFile = "RESULTS.md"
)

// row is a measured figure as results.json has it; README.md says what each
// field is.
type row struct {
	Figure            string      `json:"figure"`
	Value             float64     `json:"value"`
	Unit              string      `json:"unit"`
	Baseline          string      `json:"baseline"`       // "-" for none
	BaselineValue     *float64    `json:"baseline_value"` // null for none, as the next
	Ratio             *float64    `json:"ratio"`
	Goal              *string     `json:"goal"`  // null: nobody has set one
	Holds             *bool       `json:"holds"` // then null too
	Rounds            int         `json:"rounds"`
	Quartiles         [2]float64  `json:"quartiles"`
	BaselineQuartiles *[2]float64 `json:"baseline_quartiles"`
	What              string      `json:"what"`
	How               string      `json:"how"`
	Detail            string      `json:"detail"`
	Table             [][]string  `json:"table"`
	stamp.Stamp
}

func newRow(f figure, m measured, s stamp.Stamp) (row, error) {
	if err := m.check(); err != nil {
		return row{}, err
	}
	r := row{Figure: f.id, Value: rounded(median(m.ours)), Unit: f.unit, Baseline: noBaseline, Rounds: len(m.ours), Quartiles: quartiles(m.ours),
		What: f.what, How: "none: the goal is of the value itself", Detail: m.detail, Table: m.table, Stamp: s}
	if f.goal.absolute > 0 {
		r.Goal, r.Holds = new(f.goal.String()), new(r.Value <= f.goal.absolute)
		return r, nil
	}
	if len(m.base) == 0 {
		return row{}, errors.New("no baseline was measured")
	}
	base := rounded(median(m.base))
	ratio := rounded(r.Value / base)
	r.Baseline, r.How, r.BaselineValue, r.Ratio, r.BaselineQuartiles = f.baseline, f.how, &base, &ratio, new(quartiles(m.base))
	if f.goal != (goal{}) {
		r.Goal, r.Holds = new(f.goal.String()), new(f.goal.holds(ratio))
	}
	return r, nil
}

func quartiles(values []float64) [2]float64 {
	return [2]float64{rounded(quantile(values, 0.25)), rounded(quantile(values, 0.75))}
}

// rounded keeps four significant digits: no round is worth more.
func rounded(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 3, 64), 64)
	if err != nil {
		return math.NaN()
	}
	return r
}

// number writes a rounded value for people.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// noBaseline stands where a figure has none.
const noBaseline = "-"

// orDash is number, and a dash for what there is none of.
func orDash(v *float64) string {
	if v == nil {
		return noBaseline
	}
	return number(*v)
}

func yesNo(holds *bool) string {
	switch {
	case holds == nil:
		return "–"
	case *holds:
		return "yes"
	}
	return "NO"
}

// bound is the goal of a row for people.
func (r row) bound() string {
	if r.Goal == nil {
		return "–"
	}
	return *r.Goal
}

// readRows gives the rows of an earlier run; none where there was none.
func readRows(dir string) (rows []row, err error) {
	b, err := os.ReadFile(filepath.Join(dir, jsonFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &rows); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, jsonFile), err)
	}
	return rows, nil
}

// merged puts new rows in the place of old ones of the same figure, in the order
// of the design.
func merged(old, fresh []row) []row {
	out := slices.Clone(fresh)
	for _, o := range old {
		if slices.Contains(planned, o.Figure) && !slices.ContainsFunc(fresh, func(r row) bool { return r.Figure == o.Figure }) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b row) int { return slices.Index(planned, a.Figure) - slices.Index(planned, b.Figure) })
	return out
}

// writeResults writes both files.
func writeResults(dir string, rows []row) error {
	var machines bytes.Buffer
	enc := json.NewEncoder(&machines)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(rows); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, jsonFile), machines.Bytes(), 0o644),
		os.WriteFile(filepath.Join(dir, textFile), people(rows), 0o644))
}

// people is RESULTS.md.
func people(rows []row) []byte {
	var b bytes.Buffer
	b.WriteString("# Figures\n\nWritten by `make bench`; the goals are those of the design, section 15. Value and baseline are medians of rounds measured\n" +
		"in turn in one run; in brackets the quartiles. [README.md](README.md) says how to read and repeat them.\n\n")
	b.WriteString("| figure | value | unit | baseline | baseline's value | ratio | goal | holds |\n|---|--:|---|---|--:|--:|---|---|\n")
	for _, r := range rows {
		base := noBaseline
		if q := r.BaselineQuartiles; q != nil {
			base = fmt.Sprintf("%s (%s to %s)", orDash(r.BaselineValue), number(q[0]), number(q[1]))
		}
		fmt.Fprintf(&b, "| `%s` | %s (%s to %s) | %s | %s | %s | %s | %s | %s |\n", r.Figure,
			number(r.Value), number(r.Quartiles[0]), number(r.Quartiles[1]), r.Unit, r.Baseline, base, orDash(r.Ratio), r.bound(), yesNo(r.Holds))
	}
	var missing []string
	for _, id := range planned {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.Figure == id }) {
			missing = append(missing, "`"+id+"`")
		}
	}
	if missing != nil {
		fmt.Fprintf(&b, "\nNot measured yet: %s.\n", strings.Join(missing, ", "))
	}
	for _, r := range rows {
		fmt.Fprintf(&b, "\n## %s\n\n- Measured: %s\n- Baseline: %s\n- This run: %s; %d rounds of each side.\n- %s, %s, commit %s, by `%s` on: %s; load average before it %s.\n",
			r.Figure, r.What, r.How, r.Detail, r.Rounds, r.Date, r.Go, r.Commit, r.Command, r.Machine, r.Load)
		for i, line := range r.Table {
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "| %s |\n", strings.Join(line, " | "))
			if i == 0 {
				b.WriteString(strings.Repeat("|---", len(line)) + "|\n")
			}
		}
	}
	return b.Bytes()
}

// printTable shows the rows on a terminal.
func printTable(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FIGURE\tVALUE\tBASELINE\tUNIT\tRATIO\tGOAL\tHOLDS")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Figure, number(r.Value), orDash(r.BaselineValue), r.Unit, orDash(r.Ratio), r.bound(), yesNo(r.Holds))
	}
	return t.Flush()
}

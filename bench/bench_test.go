package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/bench/stamp"
)

// TestFigures measures everything in small and reads what was written as a
// stranger's program would. No time and no ratio is held against a goal.
func TestFigures(t *testing.T) {
	out, work := t.TempDir(), t.TempDir()
	call := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if err := command(t.Context(), append(args, "-short", "-out", out, "-dir", work), &stdout, &stderr); err != nil {
			t.Fatalf("%v\n%s", err, &stderr)
		}
		return stdout.String()
	}
	table := call()
	rows := readJSON(t, out)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r["figure"].(string))
	}
	want := []string{"verify-cold", "verify-batch", "issue", "issue-one", "replay", "page-p99", "memory", "start", "office-p99", "photo"}
	for _, judge := range []string{"zbarimg", "pdftoppm"} {
		if _, err := exec.LookPath(judge); err != nil && os.Getenv("ADAMAS_REQUIRE_JUDGES") != "1" {
			want = want[:9]
		}
	}
	if !slices.Equal(ids, want) {
		t.Fatalf("figures %v, want %v", ids, want)
	}
	for _, r := range rows {
		t.Run(r["figure"].(string), func(t *testing.T) {
			checkRow(t, r)
			if line := tableLine(table, r["figure"].(string)); !strings.HasSuffix(line, yesNo(holds(r))) {
				t.Errorf("printed: %q", line)
			}
		})
	}
	checkText(t, out, rows)
	if left, err := os.ReadDir(work); err != nil || len(left) != 0 {
		t.Errorf("left in the scratch folder: %v %v", left, err)
	}

	call("-only", "verify-batch")
	again := readJSON(t, out)
	checkText(t, out, again)
	for i := range again {
		if again[i]["figure"] != "verify-batch" {
			if diff := cmp.Diff(rows[i], again[i]); diff != "" {
				t.Errorf("a row that was not measured again changed: %s", diff)
			}
		} else if again[i]["command"] == rows[i]["command"] {
			t.Error("the row that was measured again is the old one")
		}
	}
}

func readJSON(t *testing.T, dir string) (rows []map[string]any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// checkRow holds a row against the schema in README.md and against itself.
func checkRow(t *testing.T, r map[string]any) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := 0
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		for name := range strings.SplitSeq(cells[1], ",") {
			documented++
			if v, ok := r[strings.Trim(name, " `")]; !ok || v == "" {
				t.Errorf("field %s is missing or empty", name)
			}
		}
	}
	if documented != len(r) {
		t.Errorf("%d fields, and %d in README.md", len(r), documented)
	}
	if r["baseline"] == noBaseline {
		var bound float64
		if _, err := fmt.Sscanf(r["goal"].(string), "<= %g", &bound); err != nil || r["holds"] != (r["value"].(float64) <= bound) || r["ratio"] != nil || r["baseline_value"] != nil {
			t.Errorf("value %v, goal %v, holds %v: %v", r["value"], r["goal"], r["holds"], err)
		}
		return
	}
	value, base, ratio := r["value"].(float64), r["baseline_value"].(float64), r["ratio"].(float64)
	if value <= 0 || base <= 0 || math.Abs(ratio*base/value-1) > 0.001 {
		t.Errorf("value %v, baseline %v, ratio %v", value, base, ratio)
	}
	for side, median := range map[string]float64{"quartiles": value, "baseline_quartiles": base} {
		q := r[side].([]any)
		if len(q) != 2 || q[0].(float64) <= 0 || q[0].(float64) > median || q[1].(float64) < median {
			t.Errorf("%s %v around %v", side, q, median)
		}
	}
	if r["figure"] == photo.id {
		if r["goal"] != nil || r["holds"] != nil || len(r["table"].([]any)) < 1+small.photos {
			t.Errorf("goal %v, holds %v, table %v", r["goal"], r["holds"], r["table"])
		}
	} else {
		var sign string
		var bound float64
		if _, err := fmt.Sscanf(r["goal"].(string), "%s %g x", &sign, &bound); err != nil {
			t.Errorf("goal %q: %v", r["goal"], err)
		}
		if want := sign == "<=" && ratio <= bound || sign == ">=" && ratio >= bound; r["holds"] != want {
			t.Errorf("ratio %v, goal %v, holds %v", ratio, r["goal"], r["holds"])
		}
	}
	if _, err := time.Parse(time.RFC3339, r["date"].(string)); err != nil {
		t.Error(err)
	}
}

// holds and bound are of a row as a stranger reads it.
func holds(r map[string]any) *bool {
	h, ok := r["holds"].(bool)
	if !ok {
		return nil
	}
	return &h
}

func bound(r map[string]any) string {
	if g, ok := r["goal"].(string); ok {
		return g
	}
	return "–"
}

// checkText compares RESULTS.md with results.json, cell by cell, and finds every
// figure of the design either measured or named as missing.
func checkText(t *testing.T, dir string, rows []map[string]any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	lines := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| `") {
			lines++
		}
	}
	if lines != len(rows) {
		t.Errorf("%d lines in the table, %d rows", lines, len(rows))
	}
	plain := func(v any) string { return strconv.FormatFloat(v.(float64), 'f', -1, 64) }
	spread := func(v any, q any) string {
		return fmt.Sprintf("%s (%s to %s)", plain(v), plain(q.([]any)[0]), plain(q.([]any)[1]))
	}
	for _, r := range rows {
		var got []string
		for cell := range strings.SplitSeq(tableLine(text, fmt.Sprintf("| `%s` |", r["figure"])), "|") {
			got = append(got, strings.TrimSpace(cell))
		}
		base, ratio := noBaseline, noBaseline
		if r["ratio"] != nil {
			base, ratio = spread(r["baseline_value"], r["baseline_quartiles"]), plain(r["ratio"])
		}
		want := []string{"", fmt.Sprintf("`%s`", r["figure"]), spread(r["value"], r["quartiles"]), r["unit"].(string), r["baseline"].(string),
			base, ratio, bound(r), yesNo(holds(r)), ""}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", r["figure"], diff)
		}
		for _, field := range []string{"what", "how", "detail", "date", "machine", "go", "commit", "command", "load"} {
			if !strings.Contains(text, r[field].(string)) {
				t.Errorf("%s: %s does not stand in RESULTS.md", r["figure"], field)
			}
		}
	}
	missing := tableLine(text, "Not measured yet:")
	for _, id := range planned {
		measured := slices.ContainsFunc(rows, func(r map[string]any) bool { return r["figure"] == id })
		if named := strings.Contains(missing, "`"+id+"`"); measured == named {
			t.Errorf("%s: measured %v, named as missing %v", id, measured, named)
		}
	}
}

// tableLine is the first line that begins so, without its end.
func tableLine(text, begin string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, begin) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// TestCommittedResults: what stands in this folder agrees with itself, and each figure
// stands there or is named as not measured yet.
func TestCommittedResults(t *testing.T) {
	rows := readJSON(t, ".")
	checkText(t, ".", rows)
	for _, r := range rows {
		checkRow(t, r)
	}
	for _, f := range figures() {
		if !slices.Contains(planned, f.id) { // checkText asks for each of these
			t.Errorf("%s is not planned", f.id)
		}
	}
}

// TestShortLeavesResults: a trial run does not touch the published figures.
func TestShortLeavesResults(t *testing.T) {
	before, err := os.Stat("results.json")
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	profile := filepath.Join(t.TempDir(), "cpu.pprof")
	if err := command(t.Context(), []string{"-short", "-only", "verify-batch", "-dir", t.TempDir(), "-cpuprofile", profile}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat("results.json")
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("results.json was written (%v)", err)
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("no profile: %v", err)
	}
}

func TestRefusedCalls(t *testing.T) {
	for _, args := range [][]string{{"-only", "verify-hot"}, {"-only", "issue,issue"}, {"-only", "issue,"}, {"-short", "-full"}, {"issue"}, {"-x"}, {"-h"}} {
		var stdout, stderr bytes.Buffer
		err := command(t.Context(), args, &stdout, &stderr)
		if err == nil || stdout.Len() > 0 {
			t.Errorf("%v: %v %s", args, err, &stdout)
		}
		if isHelp := args[0] == "-h"; isHelp != (err == flag.ErrHelp) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{[]float64{7}, 0.5, 7}, {[]float64{7}, 0.25, 7}, {[]float64{3, 1}, 0.5, 2}, {[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{5, 1, 4, 2, 3}, 0.25, 2}, {[]float64{5, 1, 4, 2, 3}, 0.75, 4}, {[]float64{4, 1, 2, 3}, 0.25, 1.75}, {[]float64{4, 1, 2, 3}, 1, 4},
	} {
		if got := quantile(c.values, c.q); got != c.want {
			t.Errorf("quantile(%v, %v) = %v, want %v", c.values, c.q, got, c.want)
		}
	}
}

func TestGoal(t *testing.T) {
	cost, rate := goal{atMost: true, ratio: 1.2}, goal{ratio: 0.5}
	for _, c := range []struct {
		goal  goal
		ratio float64
		want  bool
	}{{cost, 1.2, true}, {cost, 1.21, false}, {cost, 0.1, true}, {rate, 0.5, true}, {rate, 0.49, false}, {rate, 3, true}} {
		if got := c.goal.holds(c.ratio); got != c.want {
			t.Errorf("%s: %v holds %v", c.goal, c.ratio, got)
		}
	}
}

// A goal of the value itself wants no baseline, and holds at its bound.
func TestGoalOfTheValue(t *testing.T) {
	for value, holds := range map[float64]bool{25: true, 25.1: false} {
		r, err := newRow(pageP99, measured{ours: []float64{value}}, stamp.Stamp{})
		if err != nil || *r.Holds != holds || *r.Goal != "<= 25" || r.Ratio != nil || r.Baseline != noBaseline {
			t.Errorf("%v: %+v %v", value, r, err)
		}
	}
	if _, err := newRow(verifyCold, measured{ours: []float64{1}}, stamp.Stamp{}); err == nil {
		t.Error("a ratio without a baseline")
	}
}

func TestRowsThatAreNoMeasurement(t *testing.T) {
	for name, m := range map[string]measured{
		"empty": {}, "uneven": {ours: []float64{1, 2}, base: []float64{1}}, "zero": {ours: []float64{0}, base: []float64{1}},
		"infinite": {ours: []float64{1}, base: []float64{math.Inf(1)}},
	} {
		if _, err := newRow(verifyCold, m, stamp.Stamp{}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	r, err := newRow(verifyCold, measured{ours: []float64{3, 1.23456, 1}, base: []float64{1, 1, 9}}, stamp.Stamp{})
	if err != nil || r.Value != 1.235 || *r.BaselineValue != 1 || *r.Holds || r.Rounds != 3 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestMerged(t *testing.T) {
	old := []row{{Figure: "replay", Value: 1}, {Figure: "verify-cold", Value: 1}, {Figure: "renamed", Value: 1}}
	got := merged(old, []row{{Figure: "issue", Value: 2}, {Figure: "verify-cold", Value: 2}})
	want := []row{{Figure: "verify-cold", Value: 2}, {Figure: "issue", Value: 2}, {Figure: "replay", Value: 1}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Error(diff)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// json PATH VALUE wants what was printed last to be one line of JSON, and in it
// VALUE at PATH ("logs.0.size", "keys.len" for a length); `json` alone wants the
// line only. With ! the value must be another.
func jsonIs(ts *testscript.TestScript, neg bool, args []string) {
	out := ts.ReadFile("stdout")
	if strings.Count(out, "\n") != 1 || !strings.HasSuffix(out, "\n") {
		ts.Fatalf("not one line: %q", out)
	}
	if len(args) == 0 {
		_, err := at(out, "")
		ts.Check(err)
		return
	}
	got, err := at(out, args[0])
	ts.Check(err)
	if (got == args[1]) == neg {
		ts.Fatalf("%s is %q, want %q (not: %v)", args[0], got, args[1], neg)
	}
}

// capture NAME PATH sets a variable to a value in the JSON that was printed last.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	got, err := at(ts.ReadFile("stdout"), args[1])
	ts.Check(err)
	ts.Setenv(args[0], got)
}

// at finds the value at a path; strings are given bare, everything else as JSON.
func at(text, path string) (string, error) {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return "", fmt.Errorf("%w in %q", err, text)
	}
	for part := range strings.SplitSeq(path, ".") {
		if part == "" {
			continue
		}
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			if part == "len" {
				v = float64(len(x))
				continue
			}
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(x) {
				return "", fmt.Errorf("no element %s of %d", part, len(x))
			}
			v = x[i]
		default:
			return "", fmt.Errorf("nothing at %s", path)
		}
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

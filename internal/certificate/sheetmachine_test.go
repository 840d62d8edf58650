package certificate

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden table")

// printSheets prints what every act by every role makes of every state: "> state",
// the reason for which the state refuses, or "-" for a role that may not.
func printSheets() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# sheet: state, act, and what it becomes by: %v\n", SheetRoles())
	for _, s := range SheetStates() {
		fmt.Fprintf(&b, "%s\n", s)
		for _, a := range SheetActs() {
			var cells []string
			for _, r := range SheetRoles() {
				to, why, allowed := moveSheet(s, a, r)
				switch {
				case why != "":
					cells = append(cells, why)
				case allowed != nil:
					cells = append(cells, "-")
				default:
					cells = append(cells, "> "+string(to))
				}
			}
			if len(slices.Compact(slices.Clone(cells))) == 1 {
				cells = cells[:1]
			}
			fmt.Fprintf(&b, "  %-6s  %s\n", a, strings.Join(cells, " | "))
		}
	}
	return b.String()
}

// TestSheetTable: every cell is decided, and the whole is the golden table.
func TestSheetTable(t *testing.T) {
	for _, s := range SheetStates() {
		for _, a := range SheetActs() {
			var decided []string
			if to, ok := sheetTable[s].to[a]; ok {
				decided = append(decided, "to "+string(to))
				if !slices.Contains(SheetStates(), to) {
					t.Errorf("%s, %s: leads to %q", s, a, to)
				}
			}
			for why, acts := range sheetTable[s].refuse {
				for range slices.DeleteFunc(slices.Clone(acts), func(x SheetAct) bool { return x != a }) {
					decided = append(decided, why)
				}
			}
			if len(decided) != 1 {
				t.Errorf("%s, %s: decided %v", s, a, decided)
			}
			if len(sheetRoles[a]) == 0 {
				t.Errorf("%s: nobody may", a)
			}
		}
	}
	const golden = "testdata/sheets.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(printSheets()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != printSheets() {
		t.Errorf("the table is another than %s (%v); look at it, then run with -update:\n%s", golden, err, printSheets())
	}
}

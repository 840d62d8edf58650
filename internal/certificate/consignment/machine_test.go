package consignment

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/access"
)

var update = flag.Bool("update", false, "write the golden table again")

// TestEveryCellIsDecided: for every state and act there is one decision, and
// for every act somebody who may do it.
func TestEveryCellIsDecided(t *testing.T) {
	if len(table) != len(States()) {
		t.Fatalf("%d rows for %d states", len(table), len(States()))
	}
	for _, s := range States() {
		row, ok := table[s]
		if !ok {
			t.Errorf("%s: no row", s)
		}
		for _, a := range Acts() {
			n := 0
			if to, goes := row.to[a]; goes {
				n++
				if !slices.Contains(States(), to) || to == None {
					t.Errorf("%s %s: leads to %q", s, a, to)
				}
			}
			for _, acts := range row.refuse {
				for _, b := range acts {
					if a == b {
						n++
					}
				}
			}
			if n != 1 {
				t.Errorf("%s %s: decided %d times", s, a, n)
			}
		}
		for a := range row.to {
			if !slices.Contains(Acts(), a) {
				t.Errorf("%s: unknown act %s", s, a)
			}
		}
	}
	for _, a := range Acts() {
		if len(roles[a]) == 0 {
			t.Errorf("%s: nobody may do it", a)
		}
		for _, r := range roles[a] {
			if !slices.Contains(Roles(), r) {
				t.Errorf("%s: by %s, who has no column", a, r)
			}
		}
	}
}

// TestTheTable prints the full table of state, act and role and holds it
// against what was decided (testdata/table.txt).
func TestTheTable(t *testing.T) {
	var b strings.Builder
	for _, s := range States() {
		fmt.Fprintf(&b, "%s%s\n", s, map[bool]string{true: " (ends)"}[s.Ends()])
		for _, a := range Acts() {
			var cells []string
			for _, r := range Roles() {
				to, why, allowed := move(s, a, r)
				switch {
				case why != "":
					cells = append(cells, string(why))
				case allowed != nil:
					cells = append(cells, "-")
				default:
					cells = append(cells, "> "+string(to))
				}
			}
			if slices.Min(cells) == slices.Max(cells) {
				cells = cells[:1] // refused to everybody alike
			}
			fmt.Fprintf(&b, "  %-15s %s\n", a, strings.Join(cells, " | "))
		}
	}
	head := "state, act: " + roleNames() + "\n"
	got := head + b.String()
	const file = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("the table is not what was decided (%v); after a decision: go test ./internal/certificate/consignment -update", err)
	}
	t.Log("\n" + got)
}

func roleNames() string {
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, " | ")
}

// TestEveryStateIsReached from none, and from every state that does not end an
// end is reached.
func TestEveryStateIsReached(t *testing.T) {
	reach := func(from State) map[State]bool {
		seen := map[State]bool{from: true}
		for queue := []State{from}; len(queue) > 0; queue = queue[1:] {
			for _, to := range table[queue[0]].to {
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
		return seen
	}
	all := reach(None)
	for _, s := range States() {
		if !all[s] {
			t.Errorf("%s is never reached", s)
		}
		ends := false
		for to := range reach(s) {
			ends = ends || to.Ends()
		}
		if !ends {
			t.Errorf("%s never ends", s)
		}
	}
}

// TestRolesThatOnlyRead have no act anywhere.
func TestRolesThatOnlyRead(t *testing.T) {
	for _, r := range []access.Role{access.Public, access.Monitor, access.Reviewer, access.Statistician, access.Administrator, access.Secretariat} {
		for _, s := range States() {
			if may := May(s, r); len(may) > 0 {
				t.Errorf("%s may %v in %s", r, may, s)
			}
		}
	}
}

package storm

import (
	"slices"
	"strings"
	"testing"
)

// steps makes a file's steps from "act by" words, "none" being its first state.
func steps(v *view, acts ...string) *view {
	for i, a := range acts {
		act, by, _ := strings.Cut(a, " ")
		v.File = append(v.File, struct {
			Step int    `json:"step"`
			Act  string `json:"act"`
			By   string `json:"by"`
			To   string `json:"to"`
		}{i + 1, act, by, ""})
	}
	v.Steps = len(acts)
	return v
}

// small is one shipment from application to receipt, as clients were told of it.
func small() (map[string]files, map[string]*logged, []ack) {
	const who = "SYNTHETIC client 1 journey 1"
	out := steps(&view{ID: "C", State: "received", Number: "CF00000001", Statement: "aa"}, "apply "+who, "prepare k1", "issue k2", "export "+who, "hear_received record")
	in := steps(&view{ID: "A", State: "confirmed", Number: "CF00000001", Statement: "aa"}, "arrive "+who, "examine "+who, "confirm "+who)
	all := map[string]files{"cf": {"C": out}, "ae": {"A": in}, "eu": {}}
	logs := map[string]*logged{"cf": {certificates: map[string]string{"CF00000001": "aa"}, receipts: map[string]int{}},
		"ae": {certificates: map[string]string{}, receipts: map[string]int{"CF00000001": 1}}, "eu": {}}
	acks := []ack{{node: "cf", id: "C", act: "apply", by: who, before: 0, after: 1}, {node: "cf", id: "C", act: "prepare", by: "k1", before: 1, after: 2},
		{node: "cf", id: "C", act: "issue", by: "k2", before: 2, after: 3, number: "CF00000001", statement: "aa"},
		{node: "ae", id: "A", act: "confirm", by: who, before: 2, after: 3}}
	return all, logs, acks
}

// TestJudgeSees: each kind of damage that a kill might leave is called by name.
func TestJudgeSees(t *testing.T) {
	if all, logs, acks := small(); len(faults(all, logs, acks)) != 0 || len(disagree(all)) != 0 {
		t.Fatal(faults(all, logs, acks), disagree(all))
	}
	for _, c := range []struct {
		name, want string
		bend       func(all map[string]files, logs map[string]*logged)
	}{
		{"a file is gone", "there is no such file", func(all map[string]files, _ map[string]*logged) { delete(all["cf"], "C") }},
		{"an act is gone", "stands 0 times", func(all map[string]files, _ map[string]*logged) {
			all["cf"]["C"].File = slices.Delete(all["cf"]["C"].File, 1, 2)
		}},
		{"an act was done twice", "export SYNTHETIC client 1 journey 1 stands 2 times", func(all map[string]files, _ map[string]*logged) {
			v := all["cf"]["C"]
			v.File = append(v.File, v.File[3])
			v.File[5].Step = 6
		}},
		{"issued twice", "issue stands 2 times", func(all map[string]files, _ map[string]*logged) {
			v := all["cf"]["C"]
			v.File = append(v.File, v.File[2])
			v.File[5].Step, v.File[5].By = 6, "k3"
		}},
		{"a step is missing between", "stands at", func(all map[string]files, _ map[string]*logged) { all["cf"]["C"].File[4].Step = 7 }},
		{"opened twice", "began both", func(all map[string]files, _ map[string]*logged) {
			all["cf"]["D"] = steps(&view{ID: "D", State: "applied"}, all["cf"]["C"].File[0].Act+" "+all["cf"]["C"].File[0].By)
		}},
		{"one number in two files", "stands in", func(all map[string]files, _ map[string]*logged) {
			all["cf"]["D"] = steps(&view{ID: "D", State: "issued", Number: "CF00000001", Statement: "aa"}, "apply other", "issue k2")
		}},
		{"the certificate is not in the register", "in the register", func(_ map[string]files, logs map[string]*logged) { delete(logs["cf"].certificates, "CF00000001") }},
		{"other bytes are in the register", "was acknowledged as aa", func(_ map[string]files, logs map[string]*logged) { logs["cf"].certificates["CF00000001"] = "bb" }},
		{"a number twice in the register", "stands twice in the register", func(_ map[string]files, logs map[string]*logged) { logs["cf"].twice = []string{"CF00000001"} }},
		{"two receipts", "2 receipts", func(_ map[string]files, logs map[string]*logged) { logs["ae"].receipts["CF00000001"] = 2 }},
		{"a receipt is gone", "has 0 receipts", func(_ map[string]files, logs map[string]*logged) { delete(logs["ae"].receipts, "CF00000001") }},
		{"a receipt without a file", "0 files", func(all map[string]files, _ map[string]*logged) { all["ae"]["A"].State = "examined" }},
	} {
		all, logs, acks := small()
		c.bend(all, logs)
		if got := strings.Join(faults(all, logs, acks), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in %q", c.name, c.want, got)
		}
	}
	all, _, _ := small()
	all["cf"]["C"].State = "exported"
	if len(disagree(all)) != 1 {
		t.Error("the exporting side has not heard, and nobody says so")
	}
}

// TestJudgeSeesBegun: a file that nobody applied for, and one that a system lost.
func TestJudgeSeesBegun(t *testing.T) {
	const by = program + "0123456789ab"
	in := files{"C": steps(&view{ID: "C"}, "apply "+by), "D": steps(&view{ID: "D"}, "apply SYNTHETIC client 1 journey 1")}
	for sent, wrong := range map[int]bool{0: true, 1: false, 2: true} {
		if got := begun(in, map[string]int{by: sent}); (len(got) > 0) != wrong {
			t.Errorf("%d sent: %v", sent, got)
		}
	}
}

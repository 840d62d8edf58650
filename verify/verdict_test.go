package verify_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify"
	"adamas.example/verify/verifytest"
	"adamas.example/verify/verifytest/cases"
)

// TestVerdicts runs every case, and holds the answers that were seen against
// those the source can give: each must have come up.
func TestVerdicts(t *testing.T) {
	seen := map[verifytest.Answer]bool{}
	names := map[string]bool{}
	for _, c := range cases.All() {
		if names[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		names[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			record, imports := c.Scene().Judge()
			if got := cases.Told(record); got != c.Record {
				t.Errorf("record: %s, want %s\n%+v", got, c.Record, record.Checks)
			}
			want := c.Import
			if want == "" {
				want = c.Record
			}
			if got := cases.Told(imports); got != want {
				t.Errorf("import: %s, want %s\n%+v", got, want, imports.Checks)
			}
			for _, v := range []*verify.Verdict{record, imports} {
				holdVerdict(t, v)
				for _, check := range v.Checks {
					seen[verifytest.Answer{Code: string(check.Code), Outcome: string(check.Outcome), Reason: check.Reason}] = true
				}
			}
			if look := looks[c.Name]; look != nil {
				look(t, record, imports)
			}
		})
	}
	for name := range looks {
		if !names[name] {
			t.Errorf("no case is called %q", name)
		}
	}
	if !t.Failed() {
		holdSource(t, seen)
	}
}

// holdSource wants the answers that were seen to be those of the source.
func holdSource(t *testing.T, seen map[verifytest.Answer]bool) {
	source, err := verifytest.ReadSource(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range source.Answers {
		if !seen[a] {
			t.Errorf("no case comes to %+v", a)
		}
		delete(seen, a)
	}
	for a := range seen {
		t.Errorf("a verdict said %+v, which was not found in the source", a)
	}
}

// holdVerdict is what is true of every verdict.
func holdVerdict(t *testing.T, v *verify.Verdict) {
	t.Helper()
	worst := verify.Valid
	for _, c := range v.Checks {
		if (c.Outcome == verify.Valid) != (c.Reason == "") {
			t.Errorf("%s: outcome %s with the reason %q", c.Code, c.Outcome, c.Reason)
		}
		if c.Outcome == verify.Invalid || c.Outcome == verify.CannotTell && worst == verify.Valid {
			worst = c.Outcome
		}
	}
	if v.Outcome != worst {
		t.Errorf("outcome %s, its checks come to %s", v.Outcome, worst)
	}
	if v.Outcome == verify.Valid && v.AsOf == nil {
		t.Error("a yes that does not say as of when")
	}
	if v.Outcome == verify.Valid && (v.Open == nil || v.Open.Recorded == nil || v.State != "witnessed") {
		t.Error("a yes without a witnessed record")
	}
	if v.Root.IsZero() || v.At.IsZero() {
		t.Error("root or time is missing")
	}
	var unsaid []verify.Code
	for _, n := range v.NotSaid {
		unsaid = append(unsaid, n.Code)
	}
	for _, always := range []verify.Code{verify.NotSaidConflict, verify.NotSaidContents, verify.NotSaidRight, verify.NotSaidStanding, verify.NotSaidLater} {
		if !slices.Contains(unsaid, always) {
			t.Errorf("does not say that it does not say %s", always)
		}
	}
	if undecided := slices.ContainsFunc(v.Checks, func(c verify.Check) bool { return c.Outcome == verify.CannotTell }); undecided != slices.Contains(unsaid, verify.NotSaidUndecided) {
		t.Errorf("undecided checks: %v, said: %v", undecided, unsaid)
	}
	if v.Shown != nil && (len(v.Shown.Withheld) > 0) != slices.Contains(unsaid, verify.NotSaidWithheld) {
		t.Errorf("withheld facts: %v, said: %v", v.Shown.Withheld, unsaid)
	}
}

// Every code that is no check has no case of its own here: it is a note or
// stands in the list of what is not said.
func TestEveryCodeHasAUse(t *testing.T) {
	source, err := verifytest.ReadSource(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	var unused []string
	for _, code := range source.Codes {
		if !strings.HasPrefix(code, "not_said.") && !slices.ContainsFunc(source.Answers, func(a verifytest.Answer) bool { return a.Code == code }) {
			unused = append(unused, code)
		}
	}
	if diff := cmp.Diff([]string{string(verify.CodeReleased), string(verify.CodeEndorsed), string(verify.CodeTransit)}, unused); diff != "" {
		t.Errorf("codes that no check has: %s", diff)
	}
}

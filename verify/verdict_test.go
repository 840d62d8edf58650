package verify_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// verdictCase bends a world in one way and says what comes of it for each
// purpose, as told prints it. An empty imports means the same as record.
type verdictCase struct {
	name    string
	bend    func(*scene)
	record  string
	imports string
	look    func(t *testing.T, record, imports *verify.Verdict)
}

func allCases() []verdictCase {
	return slices.Concat(trustCases, formCases, recordCases, packCases, policyCases, issuerCases, officerCases, numberCases, factCases, lifeCases, importCases)
}

// TestVerdicts runs every case, and holds the answers that were seen against
// those the source can give: each must have come up.
func TestVerdicts(t *testing.T) {
	seen := map[verifytest.Answer]bool{}
	names := map[string]bool{}
	for _, c := range allCases() {
		if names[c.name] {
			t.Errorf("two cases are called %q", c.name)
		}
		names[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			c.bend(s)
			record, imports := s.judge()
			if got := told(record); got != c.record {
				t.Errorf("record: %s, want %s\n%+v", got, c.record, record.Checks)
			}
			want := c.imports
			if want == "" {
				want = c.record
			}
			if got := told(imports); got != want {
				t.Errorf("import: %s, want %s\n%+v", got, want, imports.Checks)
			}
			for _, v := range []*verify.Verdict{record, imports} {
				holdVerdict(t, v)
				for _, check := range v.Checks {
					seen[verifytest.Answer{Code: string(check.Code), Outcome: string(check.Outcome), Reason: check.Reason}] = true
				}
			}
			if c.look != nil {
				c.look(t, record, imports)
			}
		})
	}
	if t.Failed() {
		return
	}
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
	for _, always := range []verify.Code{verify.NotSaidConflict, verify.NotSaidContents, verify.NotSaidRight, verify.NotSaidLater} {
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

const (
	day  = 86400
	year = 366 * day
)

var trustCases = []verdictCase{
	{name: "good", bend: (*scene).good, record: "valid", look: func(t *testing.T, record, _ *verify.Verdict) {
		if !record.Synthetic || record.Open.FourEyes != "proved" || record.Open.OfficeName != "SYNTHETIC office CF/bangui" {
			t.Errorf("%+v", record.Open)
		}
		if got := record.Open.Recorded.Unix(); got != start+cosigned {
			t.Errorf("recorded at %d", got-start)
		}
		if got := record.AsOf.Unix(); got != start+packed {
			t.Errorf("as of %d, the pack is of %d", got-start, packed)
		}
	}},
	{name: "the root has expired", bend: func(s *scene) { s.good(); s.judged = year },
		record: "cannot_tell trust.current root_expired", imports: "invalid import.expired expired"},
	{name: "the last second of the root", bend: func(s *scene) { s.good(); s.judged = year - 1 },
		record: "valid", imports: "invalid import.expired expired"},
	{name: "a clock before the root", bend: func(s *scene) { s.good(); s.judged = -3600 - 301 },
		record: "cannot_tell trust.current clock_before_root"},
	{name: "clocks differ by five minutes", bend: func(s *scene) { s.good(); s.judged = cosigned - 300 }, record: "valid"},
	{name: "SYNTHETIC in the real world", bend: func(s *scene) { s.good(); s.Root.Synthetic = false; s.newRoot() },
		record: "invalid trust.synthetic other_world"},
	{name: "not SYNTHETIC in the made-up world", bend: func(s *scene) { d := s.draft(); d.Header.Synthetic = false; s.record(d) },
		record: "invalid trust.synthetic other_world"},
}

var formCases = []verdictCase{
	{name: "cut short", bend: func(s *scene) { s.good(); s.bundle.Statement = s.bundle.Statement[:100] }, record: "invalid form damaged"},
	{name: "no statement at all", bend: func(s *scene) { s.good(); s.bundle = &bundle.Bundle{} }, record: "invalid form damaged"},
	{name: "a statement of another type", bend: func(s *scene) {
		s.good()
		h, a := s.cf.About("CF00000001", s.bundle.Statement, start)
		s.bundle.Statement = s.cf.Signer.Statement(h, &statement.Void{About: a, Reason: "x"})
	}, record: "invalid form not_a_certificate"},
	{name: "the number of another Participant", bend: func(s *scene) {
		d := s.draft()
		d.Body.Number = "AE00000001"
		d.Header.Subject = statement.CertificateSubject(d.Body.Number)
		s.record(d)
	}, record: "invalid form number_of_another"},
	{name: "the subject of another certificate", bend: func(s *scene) {
		d := s.draft()
		d.Header.Subject = statement.CertificateSubject("CF00000099")
		s.record(d)
	}, record: "invalid form number_of_another"},
	{name: "one officer as both", bend: func(s *scene) {
		s.sign(s.draft())
		p, v := s.cf.Preparer.Key.ID(), s.cf.Validator.Key.ID()
		s.forge(v[:], p[:])
		s.logged(s.cf.Log, cosigned)
	}, record: "invalid form damaged"},
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
	if diff := cmp.Diff([]string{string(verify.CodeDiscrepancy)}, unused); diff != "" {
		t.Errorf("codes that no check has: %s", diff)
	}
}

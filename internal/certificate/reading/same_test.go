package reading

import (
	"bytes"
	"compress/gzip"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/lang"
	"adamas.example/internal/lang/plain"
	"adamas.example/verify"
	"adamas.example/verify/verifytest"
	"adamas.example/verify/verifytest/cases"
)

// voices are a printer and the plain words it wrote to a file.
func voices(t *testing.T, l lang.Language) (*lang.Printer, *plain.Words) {
	t.Helper()
	p := catalogue(t).Printer(l)
	file, err := p.Plain(Prefixes()...).File()
	if err != nil {
		t.Fatal(err)
	}
	w, err := plain.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return p, w
}

// verdicts are all that the cases come to, and every answer of package verify by
// itself, with no facts and with facts that are in no form.
func verdicts(t *testing.T) map[string]*verify.Verdict {
	t.Helper()
	all := map[string]*verify.Verdict{}
	for _, c := range cases.All() {
		all[c.Name+", record"], all[c.Name+", import"] = c.Scene().Judge()
	}
	source, err := verifytest.ReadSource(os.DirFS("../../../verify"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(verifytest.Start, 0).UTC()
	facts := verify.Tell(verify.Detail{Name: "reason", Value: "{{.office}} <b>\x1b[2J"}, verify.Detail{Name: "log", Value: "kp.example/é"},
		verify.Detail{Name: "participant", Value: "ZZ"}, verify.Detail{Name: "hundredths", Value: uint64(1 << 63)}, verify.Detail{Name: "at", Value: &now},
		verify.Detail{Name: "number", Value: "CF00124471"}, verify.Detail{Name: "allowed", Value: "7h30m"}, verify.Detail{Name: "parcels", Value: uint64(1_000_000)})
	for _, a := range source.Answers {
		if a.Outcome == "valid" {
			continue // the headline of a yes needs the certificate, and the cases have it
		}
		for name, f := range map[string]verify.Details{", bare": {}, ", odd": facts} {
			check := verify.Check{Code: verify.Code(a.Code), Outcome: verify.Outcome(a.Outcome), Reason: a.Reason, Facts: f, AsOf: &now}
			all[a.Code+", "+a.Reason+", "+a.Outcome+name] = &verify.Verdict{Outcome: check.Outcome, Purpose: verify.Import, At: now, AsOf: &now, Checks: []verify.Check{check},
				NotSaid: []verify.Unsaid{{Code: verify.NotSaidUndecided, About: []string{a.Code, "carats", "nothing known"}}}}
		}
	}
	return all
}

// TestPlainWordsReadTheSame: in every language, whatever is judged, the words that fit
// into a browser say what the printer says.
func TestPlainWordsReadTheSame(t *testing.T) {
	all := verdicts(t)
	if len(all) < 300 {
		t.Fatalf("only %d verdicts", len(all))
	}
	for _, l := range []lang.Language{lang.English, lang.French, lang.Portuguese, lang.Brazilian} {
		p, w := voices(t, l)
		for name, v := range all {
			if diff := cmp.Diff(Of(p, v, len(name)%2 == 0), Of(w, v, len(name)%2 == 0)); diff != "" {
				t.Errorf("%s: %s (-printer +plain):\n%s", l, name, diff)
			}
		}
	}
}

// mostWords is how large a language's words may be on their way to a browser.
const mostWords = 40_000

func TestWordsTravelLight(t *testing.T) {
	for _, l := range lang.Languages() {
		file, err := catalogue(t).Printer(l).Plain(Prefixes()...).File()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		if _, err := z.Write(file); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes, compressed %d", l, len(file), out.Len())
		if out.Len() > mostWords {
			t.Errorf("%s: compressed %d bytes, at most %d", l, out.Len(), mostWords)
		}
	}
}

// TestEveryFieldHasItsKey: a page finds a field by its key, whatever the language.
func TestEveryFieldHasItsKey(t *testing.T) {
	en, _ := voices(t, lang.English)
	fr, _ := voices(t, lang.French)
	for name, v := range verdicts(t) {
		a, b := Of(en, v, false), Of(fr, v, false)
		seen := map[string]bool{}
		for i := range a.Fields {
			key := a.Fields[i].Key
			if key != b.Fields[i].Key || seen[key] || a.Fields[i].Name != en.T("verify.field."+key, nil) {
				t.Errorf("%s: field %d is %+v and %+v", name, i, a.Fields[i], b.Fields[i])
			}
			seen[key] = true
		}
		for i, c := range a.Checks {
			if (c.WayOut == "") != (c.Mark == "●") || c.Behind != b.Checks[i].Behind || c.Code != v.Checks[i].Code {
				t.Errorf("%s: check %+v", name, c)
			}
		}
	}
}

package certificateweb

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify"
	"adamas.example/verify/verifytest/cases"
)

var update = flag.Bool("update", false, "write the golden files again")

// printed is what a person sees of a verdict.
func printed(words *lang.Printer, v *verify.Verdict, verbose bool) string {
	var out bytes.Buffer
	printReading(&module.Env{Out: &out, Words: words}, reading.Of(words, v, false), verbose)
	return out.String()
}

// golden are the verdicts whose whole text stands in testdata, by case and
// purpose; a review reads them there in three languages.
var golden = []struct {
	file    string
	name    string
	purpose verify.Purpose
}{
	{"genuine", "good", verify.Record},
	{"acceptable", "good", verify.Import},
	{"genuine_by_pack", "the pack has it", verify.Record},
	{"withheld", "only weight and origin shown", verify.Record},
	{"cancelled_but_genuine", "cancelled", verify.Record},
	{"cancelled", "cancelled", verify.Import},
	{"received_by_third_party", "received at home, where nobody expected it", verify.Record},
	{"used", "received", verify.Import},
	{"stale", "a stale status", verify.Import},
	{"no_record", "no record, and the pack is older than the limit", verify.Record},
	{"unknown_issuer", "a key that nobody names", verify.Record},
	{"false_signature", "a false signature", verify.Record},
	{"forked", "a fork of the same size", verify.Record},
	{"other_facts", "another weight", verify.Record},
	{"expired", "expired", verify.Import},
	{"damaged", "cut short", verify.Record},
	{"recorded_late", "recorded late", verify.Import},
	{"detained", "detained", verify.Import},
	{"returned", "returned", verify.Record},
	{"corrected", "corrected by the issuer", verify.Record},
	{"laboratory", "to a laboratory", verify.Record},
	{"opened_on_its_way", "opened on its way", verify.Record},
	{"case_open", "a discrepancy case", verify.Import},
}

func TestGolden(t *testing.T) {
	c := catalogue(t)
	byName := map[string]cases.Case{}
	for _, each := range cases.All() {
		byName[each.Name] = each
	}
	wanted := map[string]bool{}
	for _, g := range golden {
		each, ok := byName[g.name]
		if !ok {
			t.Fatalf("no case is called %q", g.name)
		}
		record, imports := each.Scene().Judge()
		v := record
		if g.purpose == verify.Import {
			v = imports
		}
		for _, l := range lang.Languages() {
			file := filepath.Join("testdata", g.file+"."+string(l)+".txt")
			wanted[filepath.Base(file)] = true
			holdGolden(t, file, printed(c.Printer(l), v, false))
		}
		if g.file == "genuine" {
			wanted["verbose.en.txt"] = true
			holdGolden(t, filepath.Join("testdata", "verbose.en.txt"), printed(c.Printer(lang.English), v, true))
		}
	}
	there, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range there {
		if !wanted[f.Name()] {
			t.Errorf("testdata/%s: no verdict writes this", f.Name())
		}
	}
}

func holdGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; run with -update when it is meant):\n%s", file, diff)
	}
}

// Every verdict that the cases come to reads well in every language: whole
// sentences with all they need, the mark first, SYNTHETIC when it is.
func TestEveryVerdictIsToldWhole(t *testing.T) {
	c := catalogue(t)
	for _, each := range cases.All() {
		record, imports := each.Scene().Judge()
		for _, v := range []*verify.Verdict{record, imports} {
			for _, l := range []lang.Language{lang.English, lang.French, lang.Portuguese, lang.Brazilian} {
				text := printed(c.Printer(l), v, false)
				for _, wrong := range []string{"{", "}", "verify.", "<nil>", "map[", "%!", "  \n", " 0001, "} {
					if strings.Contains(text, wrong) {
						t.Errorf("%s, %s, %s: holds %q:\n%s", each.Name, v.Purpose, l, wrong, text)
					}
				}
				first, _, _ := strings.Cut(text, "\n")
				if !strings.HasPrefix(first, reading.Of(c.Printer(l), v, false).Mark+" ") || strings.Contains(first, "SYNTHETIC") != synthetic(v) {
					t.Errorf("%s, %s, %s: begins %q", each.Name, v.Purpose, l, first)
				}
				if v.Outcome == verify.Valid && !strings.Contains(first, c.Printer(l).Time(*v.AsOf)) && !used(v) {
					t.Errorf("%s, %s, %s: a yes without its time: %q", each.Name, v.Purpose, l, first)
				}
				if strings.Count(text, "\n● ")+strings.Count(text, "\n▲ ")+strings.Count(text, "\n■ ") > 0 {
					t.Errorf("%s, %s, %s: a mark begins a second line:\n%s", each.Name, v.Purpose, l, text)
				}
			}
			if text := printed(c.Printer(lang.English), v, true); strings.Count(text, "\n") <= strings.Count(printed(c.Printer(lang.English), v, false), "\n") {
				t.Errorf("%s: --verbose shows no more", each.Name)
			}
		}
	}
}

// synthetic tells whether the first line must say so: it is in the words for a
// mix of worlds too.
func synthetic(v *verify.Verdict) bool {
	failed := v.Failed()
	return v.Synthetic || failed != nil && failed.Code == verify.CodeSynthetic
}

func used(v *verify.Verdict) bool {
	for _, n := range v.Notes {
		if n.Code == verify.CodeUsed {
			return true
		}
	}
	return false
}

func TestAPackThatIsSyntheticSaysSo(t *testing.T) {
	words := catalogue(t).Printer(lang.English)
	v := &verify.Verdict{Outcome: verify.Invalid, Purpose: verify.Record, At: time.Unix(1, 0),
		Checks: []verify.Check{{Code: verify.CodeForm, Outcome: verify.Invalid, Reason: "damaged"}}}
	if got := reading.Of(words, v, true).First(); !strings.HasPrefix(got, "■ SYNTHETIC, worth nothing. Not valid. ") {
		t.Error(got)
	}
}

// What nobody has checked gives no orders to a terminal, in any place.
func TestUncheckedTextIsHarmless(t *testing.T) {
	words := catalogue(t).Printer(lang.English)
	v := &verify.Verdict{Outcome: verify.CannotTell, Purpose: verify.Record, At: time.Unix(1, 0), Checks: []verify.Check{{Code: verify.CodeHome,
		Outcome: verify.CannotTell, Reason: "unknown_participant", Facts: verify.Tell(verify.Detail{Name: "participant", Value: "\x1b[2J\n● Genuine"}, verify.Detail{Name: "why", Value: "\u009b2J\u202e"})}}}
	for _, c := range printed(words, v, true) {
		if c != '\n' && c != '\u00a0' && !unicode.IsPrint(c) {
			t.Errorf("the character %U is printed", c)
		}
	}
}

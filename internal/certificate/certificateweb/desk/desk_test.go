package desk

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/paper"
	"adamas.example/verify/proof"
	"adamas.example/verify/verifytest/cases"
)

// printer speaks a language as the command does.
func printer(t *testing.T, l lang.Language) *lang.Printer {
	t.Helper()
	c, err := lang.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	return c.Printer(l)
}

// speaking is a desk that has words and no pack.
func speaking(t *testing.T, l lang.Language) *Desk {
	t.Helper()
	file, err := printer(t, l).Plain(Prefixes()...).File()
	d := &Desk{}
	if err == nil {
		err = d.Speak(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// scene is a case by its name.
func scene(t *testing.T, name string) *cases.Scene {
	t.Helper()
	i := slices.IndexFunc(cases.All(), func(c cases.Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no case is called %q", name)
	}
	return cases.All()[i].Scene()
}

// file is the scene's bundle as bytes.
func file(t *testing.T, s *cases.Scene) []byte {
	t.Helper()
	b, err := s.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCheck(t *testing.T) {
	for name, want := range map[string]verify.Outcome{"good": verify.Valid, "another weight": verify.Invalid, "no record, and the pack is older than the limit": verify.CannotTell} {
		s := scene(t, name)
		for _, l := range lang.Languages() {
			d := speaking(t, l)
			if _, err := d.Open(s.Pack(), ""); err != nil {
				t.Fatal(err)
			}
			got, err := d.Check(file(t, s), s.Options(verify.Record))
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict.Outcome != want || got.Reading.Outcome != want {
				t.Errorf("%s: %s and %s, want %s", name, got.Verdict.Outcome, got.Reading.Outcome, want)
			}
			if diff := cmp.Diff(reading.Of(printer(t, l), got.Verdict, true), got.Reading); diff != "" {
				t.Errorf("%s, %s (-command +desk):\n%s", name, l, diff)
			}
		}
	}
}

// TestPaper: the codes of a paper come to the verdict of what stands in them.
func TestPaper(t *testing.T) {
	s := scene(t, "good")
	d := speaking(t, lang.English)
	if _, err := d.Open(s.Pack(), ""); err != nil {
		t.Fatal(err)
	}
	full, err := proof.Parse(s.Bundle.Proof.String())
	if err != nil {
		t.Fatal(err)
	}
	compact, err := full.Compact(d.verifier.Pack().Log(full.Checkpoint.Origin).Policy)
	if err != nil {
		t.Fatal(err)
	}
	const site = "HTTPS://V.KP.EXAMPLE"
	left, right := paper.Certificate.Text(site, s.Bundle.Statement), paper.Proof.Text(site, compact)
	got, err := d.Check([]byte(left+"\n"+right+"\n"), s.Options(verify.Record))
	if err != nil || got.Verdict.Outcome != verify.Valid {
		t.Errorf("%v, %v", got, err)
	}
	for want, text := range map[string]string{
		"check.code_missing": right, "check.codes_of_two": left + "\n" + paper.Certificate.Text(site, []byte("another")), "check.codes_refused": left + "\n" + paper.Proof.Text(site, compact[:len(compact)-1]),
	} {
		if _, err := d.Check([]byte(text), s.Options(verify.Record)); !fault.Is(err, want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	// A scanner that cut the certificate's code short has not read a proof alone.
	if _, err := d.Check([]byte(left[:len(left)-1]+"\n"+right), s.Options(verify.Record)); !fault.Is(err, "check.codes_refused") {
		t.Errorf("cut short: %v", err)
	}
}

func TestLikeness(t *testing.T) {
	s := scene(t, "good")
	d := speaking(t, lang.English)
	if _, err := d.Open(s.Pack(), ""); err != nil {
		t.Fatal(err)
	}
	l, err := d.Likeness(file(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if l.CheckWords != ornament.CheckWords(proof.LeafHash(s.Bundle.Statement)) || !strings.HasPrefix(l.Rosette.Path, "M") {
		t.Errorf("%q", l.CheckWords)
	}
}

func TestPack(t *testing.T) {
	s := scene(t, "good")
	packed := s.Pack()
	d := speaking(t, lang.French)
	p, err := d.Open(packed, "")
	if err != nil {
		t.Fatal(err)
	}
	if p.Bytes != len(packed) || p.Digest != canonical.Sum(packed) || !strings.HasPrefix(p.Synthetic, "SYNTHETIC") || len(p.Logs) == 0 || p.Logs[0].Size == 0 || p.Statements == 0 {
		t.Errorf("%+v", p)
	}
	if !slices.ContainsFunc(p.Participants, func(each Participant) bool { return each.Code == "CF" && each.Name == "République centrafricaine" }) {
		t.Errorf("%+v", p.Participants)
	}
	for _, l := range p.Logs {
		if l.AsOf.At.Before(p.AsOf.At) || !strings.Contains(l.AsOf.Text, "novembre 2026") {
			t.Errorf("%+v, and the pack is as of %s", l, p.AsOf.At)
		}
	}
	root := p.Roots[len(p.Roots)-1].Fingerprint.String()
	for _, typed := range []string{root, strings.ToUpper(root), root[:32] + " " + root[32:], root[:4] + ":" + root[4:]} {
		if _, err := d.Open(packed, typed); err != nil {
			t.Errorf("%s: %v", typed, err)
		}
	}
	bent := bytes.Clone(packed)
	bent[len(bent)/2] ^= 1
	for want, try := range map[string]func() (*Pack, error){
		"check.other_root":   func() (*Pack, error) { return d.Open(packed, strings.Repeat("a", 64)) },
		"check.fingerprint":  func() (*Pack, error) { return d.Open(packed, root[1:]) },
		"check.pack_refused": func() (*Pack, error) { return d.Open(bent, "") },
		"check.no_pack":      func() (*Pack, error) { return new(Desk).Pack() },
	} {
		if _, err := try(); !fault.Is(err, want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if again, err := d.Pack(); err != nil || again.Digest != p.Digest {
		t.Errorf("a pack that was refused took the place of the good one: %v", err)
	}
}

// TestFaultsAreTold: what cannot be judged is told in the language, with a way out.
func TestFaultsAreTold(t *testing.T) {
	s := scene(t, "good")
	packed := s.Pack()
	tries := map[string][]byte{"check.not_a_certificate": []byte("Dear Sir"), "check.paper_itself": []byte("\x89PNG"), "check.pdf_empty": []byte("%PDF-1.7"), "check.pdf_encrypted": []byte("%PDF-1.7 /Encrypt"), "check.not_a_certificate ": packed, "check.not_a_certificate  ": nil}
	said := map[string]bool{}
	for _, l := range lang.Languages() {
		d := speaking(t, l)
		if _, err := d.Open(packed, ""); err != nil {
			t.Fatal(err)
		}
		for _, want := range slices.Sorted(maps.Keys(tries)) {
			answer, err := d.Check(tries[want], s.Options(verify.Record))
			var told struct{ Fault Told }
			if err := json.Unmarshal([]byte(d.Written(answer, err)), &told); err != nil {
				t.Fatal(err)
			}
			f := told.Fault
			if f.Key != strings.TrimSpace(want) || f.Remedy == "" || strings.ContainsAny(f.Text+f.Remedy, "{}") || strings.Contains(f.Text, "fault.") {
				t.Errorf("%s: %+v, want %s", l, f, want)
			}
			said[f.Text] = true
		}
	}
	if len(said) != 12 {
		t.Errorf("four faults in three languages say %d things", len(said))
	}
	d := speaking(t, lang.French)
	if err := d.Speak([]byte("{}")); !fault.Is(err, "check.words_refused") || d.Language() != "fr" {
		t.Errorf("%v, and speaks %s", err, d.Language())
	}
	// Without words there are keys, and no panic.
	if got := new(Desk).Written(new(Desk).Check(nil, verify.Options{})); got != `{"fault":{"key":"check.no_pack","text":"fault.check.no_pack"}}` {
		t.Error(got)
	}
}

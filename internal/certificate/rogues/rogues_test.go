package rogues

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"adamas.example/internal/certificate/rogues/forge"
	"adamas.example/internal/lang"
	"adamas.example/verify/canonical"
)

func stories(t *testing.T) []Story {
	t.Helper()
	all, err := Stories()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRogues plays each: refused for its own reason, and a genuine one passes.
func TestRogues(t *testing.T) {
	judge := NewDetectors(t.TempDir())
	for _, s := range stories(t) {
		t.Run(s.ID, func(t *testing.T) {
			p, err := Play(context.Background(), s, judge)
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range p.Wrong() {
				t.Error(wrong)
			}
			if p.Genuine == nil && p.Outcome != CannotTell {
				t.Error("refused for good, and no genuine one is shown")
			}
		})
	}
}

// TestEachForgerHasAStory and each story a forger.
func TestEachForgerHasAStory(t *testing.T) {
	var told []string
	for _, s := range stories(t) {
		told = append(told, s.ID)
	}
	slices.Sort(told)
	if names := forge.Names(); !slices.Equal(told, names) {
		t.Errorf("stories %v, forgers %v", told, names)
	}
}

// remembering asks once of what is the same.
func remembering(judge Detectors) Detectors {
	known := map[string]*Answer{}
	return func(ctx context.Context, s *forge.Shown) (*Answer, error) {
		key := fmt.Sprintf("%x %x %x %q %v %s %s", s.Bundle, canonical.Sum(s.PDF), s.Root, s.Codes, s.Paper, s.At, canonical.Sum(s.Pack))
		if s.Paper != nil {
			key = fmt.Sprintf("%+v %s", *s.Paper, s.At)
		}
		if a, ok := known[key]; ok {
			return a, nil
		}
		a, err := judge(ctx, s)
		known[key] = a
		return a, err
	}
}

// TestThePlayCanFail: with detectors that look away, or that see what is not there,
// no rogue is refused for its own reason.
func TestThePlayCanFail(t *testing.T) {
	honest := remembering(NewDetectors(t.TempDir()))
	bent := func(bend func(*Answer, *forge.Shown)) Detectors {
		return func(ctx context.Context, s *forge.Shown) (*Answer, error) {
			seen, err := honest(ctx, s)
			if err != nil {
				return nil, err
			}
			a := *seen
			a.Also = slices.Clone(seen.Also)
			bend(&a, s)
			return &a, nil
		}
	}
	for name, judge := range map[string]Detectors{
		"all is well":                   bent(func(a *Answer, _ *forge.Shown) { *a = Answer{Outcome: Valid} }),
		"nothing can be told":           bent(func(a *Answer, _ *forge.Shown) { *a = Answer{Outcome: CannotTell, Code: "form", Reason: "damaged"} }),
		"the right answer, not the why": bent(func(a *Answer, _ *forge.Shown) { a.Reason += "?" }),
		"one more thing is wrong":       bent(func(a *Answer, _ *forge.Shown) { a.Also = append(a.Also, "zz.more wrong") }),
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range stories(t) {
				p, err := Play(context.Background(), s, judge)
				if err != nil {
					t.Fatal(err)
				}
				if len(p.Wrong()) == 0 {
					t.Errorf("%s: refused for its own reason", s.ID)
				}
			}
		})
	}
	t.Run("everything is refused", func(t *testing.T) {
		for _, s := range stories(t) {
			p, err := Play(context.Background(), s, honest)
			if err != nil {
				t.Fatal(err)
			}
			if p.Genuine == nil {
				continue
			}
			p.Genuine = p.Rogue
			if len(p.Wrong()) == 0 {
				t.Errorf("%s: the genuine one may be refused", s.ID)
			}
		}
	})
}

// The trap of the look-alike page would close on a reader who pins nothing.
func TestTheLookAlikeIsGoodForWhoPinsNothing(t *testing.T) {
	a, err := forge.Make("look-alike-page", nil)
	if err != nil {
		t.Fatal(err)
	}
	a.Rogue.Pin = [32]byte{}
	got, err := NewDetectors(t.TempDir())(context.Background(), a.Rogue)
	if err != nil || got.Outcome != Valid {
		t.Errorf("%+v, %v", got, err)
	}
}

// The same forger gives the same bytes: what was seen once can be shown again.
func TestForgersRepeat(t *testing.T) {
	for _, name := range forge.Names() {
		one, err1 := forge.Make(name, printed)
		two, err2 := forge.Make(name, printed)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if string(one.Rogue.Bundle)+string(one.Rogue.PDF)+strings.Join(one.Rogue.Codes, "") != string(two.Rogue.Bundle)+string(two.Rogue.PDF)+strings.Join(two.Rogue.Codes, "") || string(one.Rogue.Pack) != string(two.Rogue.Pack) {
			t.Errorf("%s: not the same twice", name)
		}
	}
	if _, err := forge.Make("nobody", nil); err != forge.ErrNoForger {
		t.Error(err)
	}
}

func TestStoriesAreChecked(t *testing.T) {
	good := "outcome = \"invalid\"\ncode = \"a\"\nreason = \"b\"\n"
	for _, name := range []string{"title", "story", "did"} {
		for _, l := range lang.Languages() {
			good += name + "." + string(l) + " = \"" + name + " " + string(l) + "\"\n"
		}
	}
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{`outcome = "invalid"`, `outcome = "valid"`, "is no refusal"},
		{`reason = "b"`, ``, "no reason"},
		{`code = "a"`, `cod = "a"`, "cod is no part of a story"},
		{`title.fr = "title fr"`, ``, "title: not told in fr"},
		{`did.pt = "did pt"`, `did.pt = "did en"`, "did: not told in pt"},
		{`outcome =`, `outcome`, "toml"},
	} {
		_, err := readStories(fstest.MapFS{"x.toml": {Data: []byte(strings.Replace(good, c.from, c.to, 1))}})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, want %q", c.to, err, c.want)
		}
	}
}

// TestThreatsNameTheRogues: each rogue stands in the row of its threat.
func TestThreatsNameTheRogues(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/THREATS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories(t) {
		row := ""
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "| **"+s.Threat+"**") || strings.HasPrefix(line, "| **"+s.Threat+":") {
				row = line
			}
		}
		if !strings.Contains(row, "TestRogues/"+s.ID+"`") {
			t.Errorf("%s: not in the row %q", s.ID, s.Threat)
		}
	}
}

// TestTheEyeIsDeceived: another program reads the altered PDF as a sound one, and with
// the weight that the forger wrote; or the rogue would prove nothing.
func TestTheEyeIsDeceived(t *testing.T) {
	a, err := forge.Make("altered-pdf", printed)
	if err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string][]byte{"12.40 ct": a.Genuine.PDF, "82.40 ct": a.Rogue.PDF} {
		path := filepath.Join(t.TempDir(), "paper.pdf")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if out := tool(t, "pdftotext", path, "-"); !bytes.Contains(out, []byte(want)) {
			t.Errorf("does not show %s:\n%s", want, out)
		}
		tool(t, "qpdf", "--check", path)
	}
}

// tool runs an outside judge; where there is none the test is left out, unless
// ADAMAS_REQUIRE_JUDGES=1.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

package demo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/rogues"
	"adamas.example/internal/certificate/rogues/forge"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/verify/canonical"
)

func galleryEnv(t *testing.T, l lang.Language) (*module.Env, *bytes.Buffer) {
	t.Helper()
	words, err := lang.Load(os.DirFS(".."), certificateweb.Text(), party.Text())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &module.Env{Context: context.Background(), Out: &out, Err: &out, Now: time.Now, Words: words.Printer(l)}, &out
}

// remembering asks once of what is the same: forgers repeat themselves.
func remembering(judge rogues.Detectors) rogues.Detectors {
	known := map[string]*rogues.Answer{}
	return func(ctx context.Context, s *forge.Shown) (*rogues.Answer, error) {
		key := fmt.Sprintf("%x %x %x %q %+v %s %s", s.Bundle, canonical.Sum(s.PDF), s.Root, s.Codes, s.Paper, s.At, canonical.Sum(s.Pack))
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

func count(t *testing.T) int {
	t.Helper()
	stories, err := rogues.Stories()
	if err != nil {
		t.Fatal(err)
	}
	return len(stories)
}

// TestGalleryInEveryLanguage: everything has words, and all are refused.
func TestGalleryInEveryLanguage(t *testing.T) {
	all, judge := count(t), remembering(rogues.NewDetectors(t.TempDir()))
	for l, form := range map[lang.Language]string{lang.English: "%d of %d refused", lang.French: "%d sur %d refusés", lang.Portuguese: "%d de %d recusados"} {
		want := fmt.Sprintf(form, all, all)
		env, out := galleryEnv(t, l)
		if err := (&gallery{env, "", false, judge}).play(); err != nil {
			t.Errorf("%s: %v", l, err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: does not say %q", l, want)
		}
		for _, bare := range []string{"demo.", "verify.", "party.", "{{", "<no value>"} {
			if strings.Contains(out.String(), bare) {
				t.Errorf("%s: shows %q", l, bare)
			}
		}
	}
}

// TestGalleryNamesWhoEscapes: with detectors that let one rogue through, it ends with
// status 1 and names that one.
func TestGalleryNamesWhoEscapes(t *testing.T) {
	honest := remembering(rogues.NewDetectors(t.TempDir()))
	forged, err := forge.Make("relabelled", nil)
	if err != nil {
		t.Fatal(err)
	}
	blind := func(ctx context.Context, s *forge.Shown) (*rogues.Answer, error) {
		if bytes.Equal(s.Bundle, forged.Rogue.Bundle) {
			return &rogues.Answer{Outcome: rogues.Valid}, nil
		}
		return honest(ctx, s)
	}
	for _, asJSON := range []bool{false, true} {
		env, out := galleryEnv(t, lang.English)
		if err := (&gallery{env, "", asJSON, blind}).play(); err != module.Exit(1) {
			t.Errorf("ended with %v", err)
		}
		last := out.String()[strings.LastIndex(strings.TrimSpace(out.String()), "\n")+1:]
		if !strings.Contains(last, "relabelled") || strings.Contains(last, "two-pillars") {
			t.Errorf("ends with %q", last)
		}
		if !strings.Contains(out.String(), fmt.Sprint(count(t)-1)) {
			t.Error("does not count the others")
		}
	}
}

package demo

import (
	"bytes"
	"context"
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

// TestGalleryInEveryLanguage: everything has words, and all are refused.
func TestGalleryInEveryLanguage(t *testing.T) {
	for l, want := range map[lang.Language]string{lang.English: "29 of 29 refused", lang.French: "29 sur 29 refusés", lang.Portuguese: "29 de 29 recusados"} {
		env, out := galleryEnv(t, l)
		if err := playRogues(env, "", false); err != nil {
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
	honest := rogues.NewDetectors(t.TempDir())
	forged, err := forge.Make("relabelled")
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
		if !strings.Contains(out.String(), `28`) {
			t.Error("does not count the others")
		}
	}
}

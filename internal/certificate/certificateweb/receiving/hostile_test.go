package receiving_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/worldtest/hostile"
	"adamas.example/verify/bundle"
)

// TestHostileFiles: wherever the desk takes a file, none of them is a certificate, and
// nothing is recorded of one.
func TestHostileFiles(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	before := s.get("/imports").body
	for _, f := range hostile.Files() {
		for _, at := range []string{"/imports", "/imports/transit", screen, "/imports/batch"} {
			got := s.upload(at, url.Values{"place": {"SYNTHETIC"}, "day": {"2026-11-23"}, "act": {"code"}, "seals[1].container": {"1"}, "seals[1].seal": {"A118"}, "seals[1].intact": {"yes"}}, file{f.Name, f.Content})
			list := at == "/imports/batch" && got.code == http.StatusSeeOther
			if list {
				got = s.get(got.to)
				has(t, got, "Not judged")
			}
			if !list && (got.code < 400 || got.code >= 500) {
				t.Errorf("%s at %s: %d %s", f.What, at, got.code, got.to)
			}
			if at == "/imports/transit" && len(f.Content) > 0 && !strings.Contains(got.body, `id="f-file-error"`) {
				t.Errorf("%s at %s: it was refused for something else: %s", f.What, at, plain(got.body))
			}
			if strings.Contains(got.body, "<script>"+hostile.Mark) || strings.Contains(got.body, "<img src=x") || strings.Contains(got.body, "\u202e") {
				t.Errorf("%s at %s: it came out as a part of the page", f.What, at)
			}
		}
	}
	if after := s.get("/imports").body; plain(after) != plain(before) {
		t.Errorf("the desk's page has changed: %s\nit was %s", plain(after), plain(before))
	}
}

// TestConfirmedOnce: a confirmation that is sent eight times at once makes one receipt.
func TestConfirmedOnce(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	f := form(t, s.get(screen).body)
	f.Set("act", "confirm")
	pages := make([]page, 8)
	var all sync.WaitGroup
	for i := range pages {
		all.Go(func() { pages[i] = s.post(screen, f) })
	}
	all.Wait()
	done := 0
	for _, p := range pages {
		switch {
		case p.code == http.StatusSeeOther:
			done++
		case p.code != http.StatusConflict:
			t.Errorf("one of them: %d %s", p.code, plain(p.body))
		}
	}
	got, err := s.desk.Look(t.Context(), id(screen))
	s.must(err)
	confirmed := 0
	for _, step := range got.Past {
		if step.Act == consignment.Confirm {
			confirmed++
		}
	}
	if done != 1 || confirmed != 1 || got.State != consignment.Confirmed {
		t.Errorf("%d said to be done, %d receipts, %s", done, confirmed, got.State)
	}
}

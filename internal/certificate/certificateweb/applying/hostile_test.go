package applying_test

import (
	"strings"
	"testing"

	"adamas.example/internal/worldtest/hostile"
)

// TestHostilePapers: none of them is taken, or it is kept and given out as a file that no
// browser runs; no name of one becomes a part of a page.
func TestHostilePapers(t *testing.T) {
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	kept := 0
	for _, f := range hostile.Files() {
		a := o.upload(anna, draft+"/paper", f.Name, f.Content)
		if a.Code != 422 && (!f.Harmless || a.Code != 303) {
			t.Errorf("%s: %d", f.What, a.Code)
		}
		if a.Code == 303 {
			kept++
		}
		for _, body := range []string{a.Body, o.get(anna, draft+"/part/papers").want(t, 200).Body, o.get(anna, draft+"/check").want(t, 200).Body} {
			if strings.Contains(body, "<script>"+hostile.Mark) || strings.Contains(body, "<img src=x") || strings.Contains(body, "\u202e") {
				t.Errorf("%s: it came out as a part of a page", f.What)
			}
		}
	}
	if kept == 0 {
		t.Fatal("nothing was kept: the rest is not tried")
	}
	for _, at := range regexpPaper.FindAllString(o.get(anna, draft+"/part/papers").Body, -1) {
		got := o.get(anna, strings.TrimSuffix(at, "/remove")).want(t, 200)
		if got.Head.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || !strings.HasPrefix(got.Head.Get("Content-Disposition"), "attachment;") ||
			got.Head.Get("X-Content-Type-Options") != "nosniff" || strings.Contains(got.Head.Get("Content-Type"), "html") || strings.ContainsAny(got.Head.Get("Content-Disposition"), "<>\r\n") {
			t.Errorf("%s: %v", at, got.Head)
		}
	}
}

package issuing_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/worldtest/hostile"
)

// TestHostilePhotographs: none of them seals a container, unless it is a photograph; and
// that is shown drawn anew, without what lay behind it.
func TestHostilePhotographs(t *testing.T) {
	o := newOffice(t)
	for _, f := range hostile.Files() {
		id := o.applied()
		o.wants(o.value(id, "government"), http.StatusSeeOther)
		o.wants(o.tax(id), http.StatusSeeOther)
		a := o.send(sealer, "/issuing/"+id+"/seal", map[string][]byte{"photo-1": f.Content}, "seen", o.seen(id), "method", "every-container", "day", o.today().String(), "content_verified", "yes",
			"containers[1].container", "1", "containers[1].seal", "A118", "containers[2].container", "2", "containers[2].seal", "A119", "witnesses[1]", "SYNTHETIC customs officer")
		if a.code == http.StatusSeeOther && f.Name == "both.jpg" {
			page := o.get(sealer, "/issuing/"+id)
			_, rest, _ := strings.Cut(page.body, `/photos/`)
			shown := o.get(sealer, "/issuing/"+id+"/photos/"+rest[:64])
			o.wants(shown, http.StatusOK)
			if strings.Contains(shown.body, "PK\x03\x04") || strings.Contains(shown.body, "html") {
				t.Error("what lay behind the photograph is given out with it")
			}
			continue
		}
		if a.code != http.StatusUnprocessableEntity || o.state(id) != consignment.Taxed {
			t.Errorf("%s: %d, %s", f.What, a.code, o.state(id))
		}
		if strings.Contains(a.body, "<script>"+hostile.Mark) {
			t.Errorf("%s: it came out as a part of the page", f.What)
		}
	}
}

// TestPhotographTooLarge: what was typed beside photographs that are too large comes back,
// and nothing is sealed.
func TestPhotographTooLarge(t *testing.T) {
	o := newOffice(t)
	id := o.applied()
	o.wants(o.value(id, "government"), http.StatusSeeOther)
	o.wants(o.tax(id), http.StatusSeeOther)
	a := o.send(sealer, "/issuing/"+id+"/seal", map[string][]byte{"photo-1": make([]byte, 49<<20)}, "seen", o.seen(id), "method", "every-container", "day", o.today().String(), "content_verified", "yes",
		"containers[1].container", "1", "containers[1].seal", "A118", "containers[2].container", "2", "containers[2].seal", "A119", "witnesses[1]", "SYNTHETIC customs officer")
	o.wants(a, http.StatusRequestEntityTooLarge, `value="A118"`, `value="A119"`, `value="SYNTHETIC customs officer"`, "is larger than 48\u00a0MB", `name="seen" value="`+o.seen(id)+`"`)
	if o.state(id) != consignment.Taxed {
		t.Error(o.state(id))
	}
}

// TestIssuedOnce: a form that is sent twice, or eight times at once, issues one
// certificate; who was late is told so, and never that nothing happened.
func TestIssuedOnce(t *testing.T) {
	o := newOffice(t)
	id := o.prepared()
	seen := o.seen(id)
	codes := make([]int, 8)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() { codes[i] = o.post(second, "/issuing/"+id+"/issue", "seen", seen).code })
	}
	all.Wait()
	done := 0
	for _, code := range codes {
		switch {
		case code == http.StatusSeeOther:
			done++
		case code < 400 || code >= 500:
			t.Errorf("one of them: %d", code)
		}
	}
	c, _, err := o.Get(t.Context(), id)
	o.must(err)
	if done != 1 || c.State != consignment.Issued {
		t.Errorf("issued %d times: %v, %s", done, codes, c.State)
	}
	steps := o.seen(id)
	again := o.post(second, "/issuing/"+id+"/issue", "seen", seen)
	o.wants(again, http.StatusConflict, "mbala")
	if now := o.seen(id); now != steps || c.Number == "" {
		t.Errorf("issued again: %s", now)
	}
	sheets, err := o.service.Sheets(t.Context())
	o.must(err)
	if len(sheets) != 1 {
		t.Errorf("%d sheets were used", len(sheets))
	}
}

package receiving_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/verify/bundle"
)

// TestScanAndConfirm: one scan and one key, the whole way.
func TestScanAndConfirm(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	if got := s.state(screen); got != consignment.Arrived {
		t.Fatalf("scanned and %s", got)
	}
	got := s.get(screen)
	has(t, got, "may be accepted", "A118", `value="12.40"`, `data-ready`, "Read from the codes", "Announced by CF/bangui")
	fields := form(t, got.body)
	if fields.Get("scale") != "SYNTHETIC balance 4" || fields.Get("original") != "1" {
		t.Errorf("%v", fields)
	}
	fields.Set("do", "confirm")
	done := s.post(screen, fields)
	if done.code != http.StatusSeeOther || done.to != "/imports?done="+strings.TrimPrefix(screen, "/imports/") {
		t.Fatalf("confirmed: %d %s %s", done.code, done.to, plain(done.body))
	}
	if got := s.state(screen); got != consignment.Confirmed {
		t.Errorf("confirmed and %s", got)
	}
	has(t, s.get(done.to), "is confirmed: 12.4", "Confirmed today")
	has(t, s.get(screen), "receipt.pdf", "Found as the certificate says: 12.4")
	for _, name := range []string{"receipt.pdf", "coupon.pdf"} {
		if p := s.get(screen + "/" + name); p.code != http.StatusOK || !strings.HasPrefix(p.body, "%PDF-") || !strings.Contains(p.head.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %s", name, p.code, p.head)
		}
	}
	if again := s.post(screen, fields); again.code != http.StatusConflict {
		t.Errorf("confirmed twice: %d", again.code)
	}
	_ = time.Second
	_ = url.Values{}
}

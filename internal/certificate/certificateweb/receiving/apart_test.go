package receiving_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/sheet"
	"adamas.example/verify/bundle"
)

// apart holds a list of one certificate and one paper from outside: each has its sum, is
// called what it is, and is found by itself, on the page and in files.
func (s *scene) apart(t *testing.T, path, certificate, paper string) {
	t.Helper()
	all := s.get(path)
	has(t, all, "Signed certificates 1 Paper certificates from outside 1 Without certificate 0", certificate, paper, "signed certificate", "paper certificate from outside")
	only := s.get(path + "?came=paper")
	has(t, only, paper)
	if strings.Contains(plain(only.body), certificate) {
		t.Errorf("%s: a certificate is among the papers", path)
	}
	if strings.Contains(plain(s.get(path+"?came=certificate").body), paper) {
		t.Errorf("%s: a paper is among the certificates", path)
	}
	lines := strings.Split(s.raw(path+"?format=csv"), "\n")
	for _, want := range [][2]string{{strings.ReplaceAll(certificate, " ", ""), ",signed certificate,"}, {strings.ReplaceAll(paper, " ", ""), ",paper certificate from outside,"}} {
		found := false
		for _, line := range lines {
			found = found || strings.HasPrefix(line, want[0]+",") && strings.Contains(line, want[1])
		}
		if !found {
			t.Errorf("%s: no %v in %q", path, want, lines)
		}
	}
	if got := s.raw(path + "?format=csv&came=paper"); strings.Count(got, ",paper certificate from outside,") != 1 || strings.Contains(got, ",signed certificate,") {
		t.Errorf("%s: the file is not narrowed: %s", path, got)
	}
	book, err := sheet.Read([]byte(s.raw(path + "?format=xlsx&came=paper")))
	s.must(err)
	if len(book.Rows) != 1 || book.Rows[0].Cells[2].Text != "paper certificate from outside" {
		t.Errorf("%s: the workbook has %v", path, book.Rows)
	}
}

// TestCountedApart: on every list and in the register of the day a certificate that was
// signed and a paper from outside stand apart, each with its own sum.
func TestCountedApart(t *testing.T) {
	var all []*bundle.Bundle
	s := newScene(t, func(s *scene) {
		for range 3 {
			all = append(all, s.certificate())
		}
	})
	o, ctx := importing.Officer{ID: "officer-1"}, t.Context()
	measured := importing.Measured{Carats: 3200, Parcels: 1, LotsOpened: 1, Scale: "SYNTHETIC balance", Original: true}

	s.announce(all[0])
	screen, paper := s.scan(all[0]), s.paper(1)
	s.apart(t, "/imports/lists/arrived", "CF 0000 0001", "SL 004 911")
	first := s.get("/imports")
	has(t, first, "Arrived today 1 Confirmed today 0 Overdue 0 Open cases 0", "Arrived today: 1 · Confirmed today: 0 · Overdue: 0 · Open cases: 0", "paper certificate from outside arrived")
	f := form(t, s.get(screen).body)
	f.Set("act", "confirm")
	if got := s.post(screen, f); got.code != http.StatusSeeOther {
		t.Fatal(plain(got.body))
	}
	_, err := s.desk.Examine(ctx, paper, o, measured, "SYNTHETIC reason")
	s.must(err)
	_, _, err = s.desk.Confirm(ctx, paper, o, "SYNTHETIC reason", ledger.Signed)
	s.must(err)
	s.apart(t, "/imports/lists/confirmed", "CF 0000 0001", "SL 004 911")
	s.registered(t)

	s.announce(all[1])
	screen, paper = s.scan(all[1]), s.paper(2)
	f = form(t, s.get(screen).body)
	f.Set("act", "dispute")
	f.Set("reason", "SYNTHETIC")
	if got := s.post(screen, f); got.code != http.StatusSeeOther {
		t.Fatal(plain(got.body))
	}
	_, _, err = s.desk.Dispute(ctx, paper, o, importing.Irregular{Day: period.DateOf(s.now), Reason: "SYNTHETIC"}, ledger.Signed)
	s.must(err)
	s.apart(t, "/imports/cases", "CF 0000 0002", "SL 004 912")
	has(t, s.get("/imports/"+paper+"/case"), "Its issuer has signed nothing")

	s.announce(all[2])
	s.scan(all[2])
	s.paper(3)
	s.now = s.now.AddDate(0, 2, 0)
	s.visitor = s.officer("officer-1")
	s.apart(t, "/imports/lists/overdue", "CF 0000 0003", "SL 004 913")
	has(t, s.get("/imports"), "Overdue 1 Open cases 1", "Overdue: 1 · Open cases: 1")
}

// registered holds the register of a day on which one of each was received.
func (s *scene) registered(t *testing.T) {
	t.Helper()
	for language, want := range map[string][2]string{"en": {"Received", "Paper certificates from outside, received"}, "fr": {"Reçus", "Certificats papier reçus de l’extérieur"}, "pt": {"Recebidos", "Certificados em papel vindos de fora, recebidos"}} {
		day := plain(s.ask(httptest.NewRequest(http.MethodGet, "/daily", nil), language).body)
		_, received, _ := strings.Cut(day, want[0])
		received, papers, found := strings.Cut(received, want[1])
		weights := map[string][2]string{"en": {"12.40", "3.20"}, "fr": {"12,40", "3,20"}, "pt": {"12,40", "3,20"}}[language]
		if !found || !strings.Contains(received, "CF 0000 0001") || strings.Contains(received, "SL 004 911") || strings.Count(received, weights[0]) != 2 ||
			!strings.Contains(papers, "SL 004 911") || strings.Count(papers, weights[1]) != 2 {
			t.Errorf("%s: %s", language, day)
		}
	}
	book, err := sheet.Read([]byte(s.raw("/daily/register.xlsx")))
	s.must(err)
	kinds := map[string]string{}
	for _, row := range book.Rows {
		kinds[row.Cells[1].Text] = row.Cells[0].Text
	}
	if kinds["CF00000001"] != "Received" || kinds["SL004911"] != "Paper certificates from outside, received" {
		t.Errorf("the workbook has %v", kinds)
	}
	if got := s.raw("/daily/register.pdf"); !strings.HasPrefix(got, "%PDF-") {
		t.Errorf("%.300s", got)
	}
}

// TestAnnouncedTwice: all announcements stand on the screen, the newest first.
func TestAnnouncedTwice(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	s.now = s.now.Add(3600e9)
	s.announceWith(b, "SYNTHETIC: the courier has changed")
	screen := s.scan(b)
	for _, at := range []string{"en", "fr", "pt"} {
		text := plain(s.ask(httptest.NewRequest(http.MethodGet, screen, nil), at).body)
		newest := strings.Index(text, "the courier has changed")
		before := strings.Index(text, map[string]string{"en": "Announced before by CF/bangui", "fr": "Annoncé auparavant par CF/bangui", "pt": "Anunciada antes por CF/bangui"}[at])
		if newest < 0 || before < newest || !strings.Contains(text, "11:00 UTC") && !strings.Contains(text, "11 h 00") || !strings.Contains(text, "10:00 UTC") && !strings.Contains(text, "10 h 00") {
			t.Errorf("%s", text)
		}
	}
}

package receiving_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/verifytest"
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
	has(t, got, "may be accepted", "A118", `value="12.40"`, `data-ready`, "Read from the codes", "Announced by CF/bangui", "what the certificate says")
	fields := form(t, got.body)
	if fields.Get("scale") != "SYNTHETIC balance 4" || fields.Get("original") != "yes" {
		t.Errorf("%v", fields)
	}
	fields.Set("act", "confirm")
	done := s.post(screen, fields)
	if done.code != http.StatusSeeOther || done.to != "/imports?done="+id(screen) {
		t.Fatalf("confirmed: %d %s %s", done.code, done.to, plain(done.body))
	}
	if got := s.state(screen); got != consignment.Confirmed {
		t.Errorf("confirmed and %s", got)
	}
	has(t, s.get(done.to), "is confirmed: 12.40 ct", "Confirmed today")
	has(t, s.get(screen), "receipt.pdf", "Found as the certificate says: 12.40 ct")
	for _, name := range []string{"receipt.pdf", "coupon.pdf"} {
		if p := s.get(screen + "/" + name); p.code != http.StatusOK || !strings.HasPrefix(p.body, "%PDF-") || !strings.Contains(p.head.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %s", name, p.code, p.head)
		}
	}
	has(t, s.get("/imports/lists/confirmed"), "CF 0000 0001", `href="`+screen+`"`)
	if p := s.get("/imports/lists/confirmed?format=csv"); !strings.Contains(p.body, "CF00000001,Central African Republic,signed certificate,receipt confirmed,") {
		t.Errorf("%s", p.body)
	}
	if p := s.get("/imports/lists/confirmed?from=CF&number=cf00000001&order=-number"); !strings.Contains(p.body, "CF 0000 0001") {
		t.Error("not found by its country and number")
	}
	if p := s.get("/imports/lists/confirmed?number=9999"); strings.Contains(p.body, "CF 0000 0001") {
		t.Error("found by another number")
	}
	if again := s.post(screen, fields); again.code != http.StatusConflict {
		t.Errorf("confirmed twice: %d", again.code)
	}
}

func id(path string) string { return strings.Split(path, "/")[2] }

// TestLanguages: every page in every language, and no key of words left in it.
func TestLanguages(t *testing.T) {
	var a, b *bundle.Bundle
	s := newScene(t, func(s *scene) {
		a = s.certificate(facts(func(f *verify.Facts) {
			n := uint64(2)
			f.Parcels, f.ParcelList = &n, []verify.Parcel{{Mark: "P1", Container: "1", Hundredths: 640, Stones: 12}, {Mark: "P2", Container: "1", Hundredths: 600}}
		}))
		b = s.certificate()
	})
	s.announce(a)
	s.announce(b)
	screen, wrong := s.scan(a), s.scan(b)
	f := form(t, s.get(wrong).body)
	f.Set("act", "dispute")
	f.Set("reason", "SYNTHETIC")
	if p := s.post(wrong, f); p.to != wrong+"/case" {
		t.Fatalf("%d %s", p.code, plain(p.body))
	}
	for language, want := range map[string]string{"en": "Import desk", "fr": "Guichet des importations", "pt": "Balcão das importações"} {
		for _, path := range []string{"/imports", screen, wrong, wrong + "/case", "/imports/cases", "/imports/lists/arrived", "/imports/lists/confirmed", "/imports/lists/overdue", "/imports/transit", "/imports/batch"} {
			got := s.ask(httptest.NewRequest(http.MethodGet, path, nil), language)
			if got.code != http.StatusOK || got.head.Get("Content-Language") != language || strings.Contains(plain(got.body), "receiving.") || strings.Contains(got.body, "<no value>") {
				t.Errorf("%s in %s: %d %.600s", path, language, got.code, plain(got.body))
			}
			if path == "/imports" {
				has(t, got, want)
			}
		}
	}
	fr := s.ask(httptest.NewRequest(http.MethodGet, screen, nil), "fr")
	has(t, fr, `value="6,40"`)
	f = form(t, fr.body)
	if f.Get("parcel_list[1].stones") != "12" {
		t.Errorf("%v", f)
	}
	f.Set("act", "confirm")
	r := httptest.NewRequest(http.MethodPost, screen, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := s.ask(r, "fr"); got.code != http.StatusSeeOther {
		t.Errorf("confirmed in French: %d %.900s", got.code, plain(got.body))
	}
}

// TestPresentedTwice: a second scan of what is on the desk is no second presentation;
// one of what was confirmed is asked about, and then a case.
func TestPresentedTwice(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	if again := s.scan(b); again != screen {
		t.Errorf("scanned twice: %s and %s", screen, again)
	}
	f := form(t, s.get(screen).body)
	f.Set("act", "confirm")
	if p := s.post(screen, f); p.code != http.StatusSeeOther {
		t.Fatal(plain(p.body))
	}
	c, _ := codes(b)
	asked := s.post("/imports", url.Values{"scan": {c}, "place": {"SYNTHETIC counter 9"}, "scale": {"SYNTHETIC balance 4"}})
	if asked.code != http.StatusConflict {
		t.Fatalf("%d %s", asked.code, asked.to)
	}
	has(t, asked, "presented here before", "SYNTHETIC Dubai, counter 2", `action="`+screen+`"`)
	second := s.post(screen, url.Values{"act": {"again"}, "place": {"SYNTHETIC counter 9"}, "read": {"code"}})
	if second.code != http.StatusSeeOther || second.to == screen {
		t.Fatalf("%d %s", second.code, second.to)
	}
	got := s.get(second.to)
	has(t, got, "This number was presented here before", "counter 2")
	if strings.Contains(got.body, `value="confirm"`) {
		t.Error("it can be confirmed")
	}
	f = form(t, got.body)
	f.Set("act", "confirm")
	if p := s.post(second.to, f); p.code != http.StatusConflict {
		t.Errorf("confirmed: %d", p.code)
	}
	if !strings.Contains(f.Get("reason"), "presented here before") {
		t.Errorf("suggested: %q", f.Get("reason"))
	}
	f.Set("act", "dispute")
	if p := s.post(second.to, f); p.to != second.to+"/case" || s.state(second.to) != consignment.Discrepant {
		t.Errorf("%d %s", p.code, plain(p.body))
	}
}

// TestWrongWeight: it is not confirmed, what was typed stays, a case is opened and led
// to its end; the public sentence names no weight.
func TestWrongWeight(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	f := form(t, s.get(screen).body)
	f.Set("act", "confirm")
	for _, typed := range []string{"12.299", "12.501", "0", "-12.40", "1e1", "HTTPS://V.KP.EXAMPLE/C#12", "", "99999999999999999999"} {
		f.Set("carats", typed)
		if p := s.post(screen, f); p.code != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, p.code)
		}
	}
	f.Set("carats", "12.10")
	refused := s.post(screen, f)
	has(t, refused, `value="12.10"`, "−0.30 beyond the tolerance", "Rule R-IMP-06", `<details class="how" id="discrepancy" open>`)
	if got := s.state(screen); got != consignment.Arrived {
		t.Fatalf("refused and %s", got)
	}
	f = form(t, refused.body)
	if reason := f.Get("reason"); reason != "The weight differs from the certificate by more than the tolerance." || strings.ContainsAny(reason, "0123456789") {
		t.Errorf("suggested %q", reason)
	}
	f.Set("act", "dispute")
	f.Set("note", "Two lines\r\nof a note")
	if p := s.post(screen, f); p.to != screen+"/case" {
		t.Fatalf("%d %s", p.code, plain(p.body))
	}
	file := s.get(screen + "/case")
	has(t, file, "Measured: 12.10 ct", "Two lines of a note", "Discrepancy stated", "Detain")
	has(t, s.get("/imports/cases"), "CF 0000 0001", "discrepancy")
	decision := url.Values{"do": {"detain"}, "seen": {"3"}, "day": {"2026-11-23"}, "reason": {"SYNTHETIC reason"}, "reported": {"yes"}}
	for name, bad := range map[string][2]string{"no reason": {"reason", ""}, "no day": {"day", ""}, "a day to come": {"day", "2026-11-24"}, "none": {"do", ""}, "an act of others": {"do", "issue"},
		"a technical certificate": {"under", "AE00000001"}, "sight of nothing": {"seen", ""}} {
		d := url.Values{}
		for k, v := range decision {
			d[k] = v
		}
		d.Set(bad[0], bad[1])
		if p := s.post(screen+"/case", d); p.code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, p.code)
		}
	}
	s.visitor = s.officer("officer-2")
	if p := s.upload(screen+"/case", decision, file2("photo.jpg", "abc")); p.code != http.StatusSeeOther {
		t.Fatalf("%d %s", p.code, plain(p.body))
	}
	s.visitor = s.officer("officer-1")
	late := s.post(screen+"/case", decision)
	if late.code != http.StatusConflict {
		t.Errorf("decided at once: %d", late.code)
	}
	has(t, late, "Somebody else was first", "officer-2", "SYNTHETIC reason")
	has(t, s.get(screen+"/case"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "made to the issuing authority")
	decision.Set("seen", "4")
	decision.Set("do", "release")
	if p := s.post(screen+"/case", decision); p.code != http.StatusSeeOther || s.state(screen) != consignment.Arrived {
		t.Errorf("released: %d", p.code)
	}
}

// TestMarksAsSigned: marks and seals are compared as they were signed, whatever spaces are
// in them.
func TestMarksAsSigned(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) {
		b = s.certificate(facts(func(f *verify.Facts) {
			n := uint64(3)
			f.Parcels = &n
			f.ParcelList = []verify.Parcel{{Mark: "P  1", Container: "1", Hundredths: 640}, {Mark: "P\u00a02", Container: "1", Hundredths: 500}, {Mark: "P\u202f3", Container: "1", Hundredths: 100}}
			f.Seals = []verify.Seal{{Container: "box  1", Seal: "A  118"}, {Container: "2", Seal: "A\u00a0119"}, {Container: "3", Seal: "A\u202f120"}}
		}))
	})
	s.announce(b)
	screen := s.scan(b)
	shown := s.get(screen)
	if strings.Contains(shown.body, `class="bad"`) {
		t.Errorf("nothing is wrong: %s", plain(shown.body))
	}
	f := form(t, shown.body)
	f.Set("act", "confirm")
	f.Set("more", "seals")
	if more := s.post(screen, f); strings.Contains(more.body, `class="bad"`) {
		t.Errorf("with a line more: %s", plain(more.body))
	}
	f.Del("more")
	if p := s.post(screen, f); p.code != http.StatusSeeOther || s.state(screen) != consignment.Confirmed {
		t.Errorf("%d %s", p.code, plain(p.body))
	}
}

// TestManyRows: a certificate with more parcels and seals than a form has rows has a
// screen: it is confirmed, and a case of it can be opened.
func TestManyRows(t *testing.T) {
	var b, other *bundle.Bundle
	s := newScene(t, func(s *scene) {
		many := facts(func(f *verify.Facts) {
			n := uint64(620)
			f.Parcels, f.ParcelList, f.Seals = &n, nil, nil
			for i := range n {
				f.ParcelList = append(f.ParcelList, verify.Parcel{Mark: fmt.Sprint("P", i+1), Container: "1", Hundredths: 2})
				f.Seals = append(f.Seals, verify.Seal{Container: "1", Seal: fmt.Sprint("A", i+1)})
			}
		})
		b, other = s.certificate(many), s.certificate(many)
	})
	s.announce(b)
	s.announce(other)
	screen := s.scan(b)
	shown := s.get(screen)
	f := form(t, shown.body)
	if shown.code != http.StatusOK || f.Get("carats") != "12.40" || f.Has("parcel_list[1].mark") {
		t.Fatalf("%d %v", shown.code, f)
	}
	has(t, shown, "All 620 seals that the certificate names are there, and whole")
	if strings.Contains(shown.body, `class="bad"`) || f.Get("reason") != "" {
		t.Errorf("nothing is wrong: %s", plain(shown.body))
	}
	if p := s.post(screen, with(f, "act", "reckon", "all_whole", "-")); !strings.Contains(p.body, `class="bad"`) {
		t.Errorf("with seals that are not: %s", plain(p.body))
	}
	if p := s.post(screen, with(f, "act", "dispute", "reason", "SYNTHETIC")); p.to != screen+"/case" {
		t.Errorf("%d %s", p.code, plain(p.body))
	}
	again := s.scan(other)
	if p := s.post(again, with(form(t, s.get(again).body), "act", "confirm")); s.state(again) != consignment.Confirmed {
		t.Errorf("%d %s", p.code, plain(p.body))
	}
}

// TestFoundInACase: figures that nobody has touched are told as the certificate's, and
// what some of the parcels weigh is not told as the weight of all.
func TestFoundInACase(t *testing.T) {
	var left, some *bundle.Bundle
	s := newScene(t, func(s *scene) {
		left = s.certificate()
		some = s.certificate(facts(func(f *verify.Facts) {
			n := uint64(2)
			f.Parcels, f.ParcelList = &n, []verify.Parcel{{Mark: "P1", Container: "1", Hundredths: 640}, {Mark: "P2", Container: "1", Hundredths: 600}}
		}))
	})
	for b, tt := range map[*bundle.Bundle]struct{ change, want string }{left: {"", "Found as the certificate says: 12.40 ct"}, some: {"parcel_list[2].carats", ""}} {
		s.announce(b)
		screen := s.scan(b)
		f := with(form(t, s.get(screen).body), "act", "dispute", "reason", "SYNTHETIC")
		if tt.change != "" {
			f.Set(tt.change, "")
		}
		if p := s.post(screen, f); p.to != screen+"/case" {
			t.Fatalf("%d %s", p.code, plain(p.body))
		}
		file := s.get(screen + "/case")
		has(t, file, tt.want)
		if strings.Contains(plain(file.body), "Measured:") || tt.want == "" && strings.Contains(file.body, "What was found") {
			t.Errorf("%s", plain(file.body))
		}
	}
}

func file2(name, content string) file { return file{name, []byte(content)} }

// TestProof: nothing is signed on an old proof of identity; what was typed stays; one
// receipt after another carries a proof on, and not beyond a shift.
func TestProof(t *testing.T) {
	var all []*bundle.Bundle
	s := newScene(t, func(s *scene) {
		for range 3 {
			all = append(all, s.certificate())
		}
	})
	var screens []string
	for _, b := range all {
		s.announce(b)
		screens = append(screens, s.scan(b))
	}
	confirm := func(i int) page {
		f := form(t, s.get(screens[i]).body)
		f.Set("carats", "12.45")
		f.Set("act", "confirm")
		return s.post(screens[i], f)
	}
	s.visitor.Proven = s.now.Add(-31 * time.Minute)
	has(t, s.get(screens[0]), "/account/prove?next=%2Fimports%2F"+id(screens[0]))
	got := confirm(0)
	if got.code != http.StatusConflict || s.state(screens[0]) != consignment.Arrived {
		t.Fatalf("signed by nobody in particular: %d", got.code)
	}
	has(t, got, "have not shown lately who you are", `value="12.45"`)
	s.visitor.Proven = s.now.Add(-20 * time.Minute)
	if got := confirm(0); got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, plain(got.body))
	}
	s.now = s.now.Add(25 * time.Minute) // 45 minutes after the proof, 25 after a signature
	if got := confirm(1); got.code != http.StatusSeeOther {
		t.Errorf("one after the other: %d", got.code)
	}
	s.now = s.now.Add(31 * time.Minute)
	if got := confirm(2); got.code != http.StatusConflict {
		t.Errorf("after a break: %d", got.code)
	}
	s.visitor.Session = ""
	s.visitor.Proven = s.now
	if got := confirm(2); got.code != http.StatusConflict {
		t.Errorf("without a session: %d", got.code)
	}
}

// TestOwnLogNotNamed: a new office confirms though no version of the root document names
// its log yet, also once its log has a witnessed checkpoint.
func TestOwnLogNotNamed(t *testing.T) {
	var all []*bundle.Bundle
	s := newScene(t, func(s *scene) {
		s.every = 100 * time.Millisecond
		all = append(all, s.certificate(), s.certificate())
	})
	for i, b := range all {
		s.announce(b)
		at := s.scan(b)
		f := form(t, s.get(at).body)
		f.Set("carats", "12.45")
		f.Set("act", "confirm")
		if got := s.post(at, f); got.code != http.StatusSeeOther {
			t.Fatalf("confirmation %d: %d %s", i+1, got.code, plain(got.body))
		}
		s.until("its log is witnessed", func() bool { c, _ := s.node.Ledger.Latest(); return c != nil })
		s.now = s.now.Add(time.Minute) // what the desk knew is made anew
	}
}

// TestTwoOfficers: the second is told who was first, and nothing is done twice.
func TestTwoOfficers(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	first := form(t, s.get(screen).body)
	s.visitor = s.officer("officer-2")
	second := form(t, s.get(screen).body)
	second.Set("act", "dispute")
	second.Set("reason", "SYNTHETIC")
	if p := s.post(screen, second); p.code != http.StatusSeeOther {
		t.Fatal(plain(p.body))
	}
	s.visitor = s.officer("officer-1")
	first.Set("act", "confirm")
	got := s.post(screen, first)
	if got.code != http.StatusConflict || s.state(screen) != consignment.Discrepant {
		t.Errorf("%d", got.code)
	}
	has(t, got, "Somebody else was first", "officer-2")
}

// TestCodeAlone: without announcement a paper's code shows no weight; the file adds it.
func TestCodeAlone(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	screen := s.scan(b)
	got := s.get(screen)
	has(t, got, "We cannot tell", "weight is not shown", "Show more of the certificate")
	if strings.Contains(got.body, "data-ready") {
		t.Error("it is ready")
	}
	raw, err := b.Encode()
	s.must(err)
	if p := s.upload(screen, url.Values{"act": {"code"}}, file{"c.adamas", raw}); p.code != http.StatusSeeOther {
		t.Fatalf("%d %s", p.code, plain(p.body))
	}
	got = s.get(screen)
	has(t, got, "data-ready", `value="12.40"`)
	if p := s.upload(screen, url.Values{"act": {"code"}}, file2("c.adamas", "junk")); p.code != http.StatusUnprocessableEntity {
		t.Errorf("junk: %d", p.code)
	}
}

// TestByNumber: what was announced is found by its number, and its arrival noted.
func TestByNumber(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	ask := func(typed string) page {
		return s.post("/imports", url.Values{"scan": {typed}, "place": {"SYNTHETIC counter"}})
	}
	if got := ask("CF 0000 0001"); got.code != http.StatusUnprocessableEntity || !strings.Contains(got.body, "nobody has announced it") {
		t.Errorf("%d %s", got.code, plain(got.body))
	}
	s.announce(b)
	got := ask(" cf 0000-0001 ")
	if got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, plain(got.body))
	}
	has(t, s.get(got.to), "has not arrived yet")
	arrive := url.Values{"act": {"arrive"}, "seen": {"1"}, "place": {"SYNTHETIC counter"}}
	for range 2 { // pressed twice
		if p := s.post(got.to, arrive); p.to != got.to {
			t.Errorf("%d %s", p.code, p.to)
		}
	}
	has(t, s.get(got.to), "Only the number was read", "data-ready")
	for typed, want := range map[string]int{"": 422, "hello": 422, "CF": 422, "HTTPS://V.KP.EXAMPLE/C#123": 422, "HTTPS://V.KP.EXAMPLE/P#123": 422, "<script>alert(1)</script>": 422, strings.Repeat("9", 60000): 422} {
		if p := ask(typed); p.code != want || strings.Contains(p.body, "<script>alert") {
			t.Errorf("%.20q: %d", typed, p.code)
		}
	}
	if p := s.post("/imports", url.Values{"scan": {"hello"}}); p.code != http.StatusUnprocessableEntity || !strings.Contains(p.body, "“Where it is presented” is missing") ||
		!strings.Contains(p.body, "is neither a certificate’s number nor its code") || !strings.Contains(p.body, `value="hello"`) {
		t.Errorf("not both at once: %d", p.code)
	}
	if p := s.post("/imports", url.Values{"scan": {"CF00000001"}}); p.code != http.StatusUnprocessableEntity || !strings.Contains(p.body, "“Where it is presented” is missing") {
		t.Errorf("without a place: %d", p.code)
	}
}

// TestBareGoods: goods without certificate have a file and a case, and nothing is
// confirmed of them.
func TestBareGoods(t *testing.T) {
	s := newScene(t, nil)
	got := s.post("/imports", url.Values{"without": {"ke"}, "place": {"SYNTHETIC airport"}, "presenter": {"SYNTHETIC carrier"}})
	if got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, plain(got.body))
	}
	has(t, s.get(got.to), "Goods without certificate, from", "Open a case")
	if p := s.post(got.to, url.Values{"act": {"confirm"}, "seen": {"1"}}); p.code != http.StatusConflict {
		t.Errorf("confirmed: %d", p.code)
	}
	if p := s.post(got.to, url.Values{"act": {"dispute"}, "seen": {"1"}, "reason": {"SYNTHETIC: no certificate"}}); p.to != got.to+"/case" {
		t.Errorf("%d %s", p.code, plain(p.body))
	}
	has(t, s.get(got.to+"/case"), "Nothing has been stated of these goods", "Seize")
}

// TestTransit: in and out, the same seals.
func TestTransit(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) {
		b = s.cf.Record(s.cf.Sign(s.cf.Draft("EU", verifytest.Start+600)), verifytest.Start+700)
	})
	c, _ := codes(b)
	in := url.Values{"scan": {c}, "place": {"SYNTHETIC airport"}, "day": {"2026-11-23"}, "seals[1].container": {"1"}, "seals[1].seal": {"A118"}, "seals[1].intact": {"yes"}}
	half := url.Values{"scan": {c}, "place": {"SYNTHETIC airport"}, "day": {"2026-11-23"}, "seals[1].container": {"1"}}
	if p := s.post("/imports/transit", half); p.code != http.StatusUnprocessableEntity {
		t.Errorf("half a seal: %d", p.code)
	}
	got := s.post("/imports/transit", in)
	if got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, plain(got.body))
	}
	has(t, s.get(got.to), "Entered on 23 November 2026", "State that it has left")
	out := url.Values{"seen": {"1"}, "place": {"SYNTHETIC gate"}, "day": {"2026-11-23"}, "seals[1].container": {"1"}, "seals[1].seal": {"A118"}}
	if p := s.post(got.to+"/leave", out); p.code != http.StatusUnprocessableEntity {
		t.Errorf("a broken seal and no remark: %d", p.code)
	}
	out.Set("seals[1].intact", "yes")
	if p := s.post(got.to+"/leave", out); p.code != http.StatusSeeOther || s.state(got.to) != consignment.Passed {
		t.Errorf("%d %s", p.code, plain(p.body))
	}
}

// TestForeignFiles: shipments of the exporting side, and none at all, are no pages here.
func TestForeignFiles(t *testing.T) {
	s := newScene(t, nil)
	for _, path := range []string{"/imports/AE-dubai-2026-000009", "/imports/AE-dubai-2026-000009/case", "/imports/x/receipt.pdf", "/imports/batch?of=x", "/imports/batch?of=x&format=csv"} {
		if p := s.get(path); p.code != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.code)
		}
	}
	if _, err := s.desk.Look(t.Context(), "x"); err == nil {
		t.Error("found")
	}
}

// TestNotAcceptable: what may not be accepted cannot be confirmed, and the note for the
// case says what was found, in a sentence.
func TestNotAcceptable(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	s.now = s.now.AddDate(0, 4, 0)
	s.visitor.Proven = s.now
	screen := s.scan(b)
	got := s.get(screen)
	has(t, got, "Not acceptable", "The certificate cannot be accepted.")
	f := form(t, got.body)
	if strings.Contains(got.body, `value="confirm"`) || !strings.Contains(f.Get("note"), "expired") || !strings.HasSuffix(f.Get("note"), ".") {
		t.Errorf("note %q", f.Get("note"))
	}
	f.Set("act", "confirm")
	if p := s.post(screen, f); p.code != http.StatusConflict || s.state(screen) != consignment.Arrived {
		t.Errorf("confirmed: %d", p.code)
	}
}

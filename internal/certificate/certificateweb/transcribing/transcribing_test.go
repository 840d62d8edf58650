package transcribing_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/certificateweb/transcribing"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

func (s *scene) enterSpecimen() ident.RecordID {
	s.t.Helper()
	var id ident.RecordID
	if err := s.node.Ledger.Store().Write(s.t.Context(), s.now, func(tx *store.Tx) (err error) {
		id, err = specimen.Enter(tx, rand.Reader, "importer", specimen.Draft{Participant: "SL", Kind: specimen.Certificate, Name: "SYNTHETIC series", From: period.MustDay(2024, 1, 1),
			Features: "violet stamp", Source: "SYNTHETIC"}, [][]byte{scan(200)})
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *scene) state(path string) consignment.State {
	s.t.Helper()
	c, _, err := s.desk.Get(s.t.Context(), strings.TrimPrefix(path, "/papers/"))
	if err != nil {
		s.t.Fatal(err)
	}
	return c.State
}

// TestPaper is the straight way over the pages: scanned, keyed in two sittings, checked
// beside the specimen, recorded, confirmed by what was measured.
func TestPaper(t *testing.T) {
	s := newScene(t)
	at := s.begin(1)
	s.get(at).has(t, `src="`+at+`/scan/1/1"`, "Key a paper certificate", `action="`+at+`"`)
	half := url.Values{"act": {"check"}, "certificate_number": {"SL 004911"}, "carat_weight": {"twelve"}}
	s.post(at, half).has(t, "twelve", "There is something to mend")
	s.get(at).has(t, "SL 004911", "twelve") // what was typed is there tomorrow, right or wrong
	if got := s.post(at, with(s.keyed(), "check")); got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, got.plain())
	}
	s.get(at).has(t, "Who might trade", "Range of numbers", "No specimen of Sierra Leone is known here", "Earlier sightings", "was not seen before", "Something cannot be told")
	id := s.enterSpecimen()
	s.get(at).has(t, "Beside the specimen of its day", "violet stamp", `src="/specimens/`+string(id)+`/1/1"`, "nobody has settled", `name="looks"`)
	got := s.post(at, with(s.keyed(), "record", "looks", "alike"))
	if got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, got.plain())
	}
	s.get(got.to).has(t, "it looks the same", "Its issuer has signed nothing here", "12.40 ct", "SYNTHETIC exporter", `src="`+got.to+`/scan/1/1"`)
	if s.state(got.to) != consignment.Arrived {
		t.Fatal(s.state(got.to))
	}
	if again := s.get(at); again.to != got.to {
		t.Errorf("the form of a recorded paper: %d %s", again.code, again.to)
	}
	if twice := s.post(at, with(s.keyed(), "record")); twice.code != http.StatusConflict {
		t.Errorf("recorded twice: %d", twice.code)
	}
	s.confirmPaper(t, got.to)
}

func (s *scene) confirmPaper(t *testing.T, path string) {
	t.Helper()
	seen := seenOf(s.get(path))
	m := url.Values{"seen": {seen}, "carats": {"12.40"}, "parcels": {"1"}, "lots_opened": {"1"}, "scale": {"SYNTHETIC balance"}, "original": {"yes"}}
	s.post(path, with(m, "confirm", "carats", "a lot")).has(t, "a lot", "There is something to mend")
	s.post(path, with(m, "confirm")).has(t, "a written reason") // ranges are not known: something cannot be told
	if wrong := s.post(path, with(m, "confirm", "carats", "13.00", "because", "SYNTHETIC: the authority was asked")); wrong.code == http.StatusSeeOther {
		t.Error("confirmed with another weight")
	}
	s.visitor.Proven = s.visitor.Proven.AddDate(0, 0, -1)
	s.post(path, with(m, "confirm", "because", "SYNTHETIC")).has(t, "who you are")
	s.visitor.Proven = s.now
	if got := s.post(path, with(m, "confirm", "because", "SYNTHETIC: the authority was asked")); got.code != http.StatusSeeOther || s.state(path) != consignment.Confirmed {
		t.Fatalf("%d %s", got.code, got.plain())
	}
	s.get(path).has(t, path+"/coupon.pdf", path+"/mail.eml", "Measured: 12.40 ct")
	s.get("/papers").has(t, "receipt confirmed", "SL 004 911")
}

// seenOf is how many steps of the file a page has shown.
func seenOf(p page) string {
	_, rest, _ := strings.Cut(p.body, `name="seen" value="`)
	n, _, _ := strings.Cut(rest, `"`)
	return n
}

// TestSealAsTyped: a seal is compared with itself, whatever spaces are in it.
func TestSealAsTyped(t *testing.T) {
	s := newScene(t)
	s.confirmPaper(t, s.record(1, "seals[1].container", "box\u00a01", "parcels[1].container", "box\u00a01", "seals[1].seal", "A  118"))
}

// TestKenya: a paper of one that takes no part is recorded, a case is open at once, and
// no page offers to confirm it.
func TestKenya(t *testing.T) {
	s := newScene(t)
	path := s.record(1, "issuer", "KE", "certificate_number", "KE 004911")
	if s.state(path) != consignment.Discrepant {
		t.Fatal(s.state(path))
	}
	got := s.get(path)
	got.has(t, "Something speaks against this paper", "Kenya", "/case")
	if strings.Contains(got.body, `value="confirm"`) {
		t.Error("it may be confirmed")
	}
	s.get("/papers?stage=doubtful").has(t, "KE 004 911", "doubtful")
	s.get("/papers?stage=confirmed").has(t, "Nothing in the list answers to that")
}

// TestKeyedAgain: what was mis-keyed is keyed again with the reason; both stand.
func TestKeyedAgain(t *testing.T) {
	s := newScene(t)
	path := s.record(1, "date_of_expiry", s.now.AddDate(0, 0, -3).Format("2006-01-02"))
	if s.state(path) != consignment.Discrepant {
		t.Fatal(s.state(path))
	}
	got := s.post(path, url.Values{"act": {"correct"}, "seen": {seenOf(s.get(path))}})
	if !strings.HasPrefix(got.to, "/keying/") {
		t.Fatalf("%d %s %s", got.code, got.to, got.plain())
	}
	s.get(got.to).has(t, "Key a paper certificate again", `value="12.40"`, `value="A118"`, `<option value="whole" selected>`, "JMI/GGDO/4911")
	s.post(got.to, with(s.keyed(), "record")).has(t, "Why the paper is keyed again is missing")
	done := s.post(got.to, with(s.keyed(), "record", "because", "SYNTHETIC: the year was wrong"))
	if done.to != path || s.state(path) != consignment.Arrived {
		t.Fatalf("%d %s %s", done.code, done.to, done.plain())
	}
	s.get(path).has(t, "It was keyed again", "SYNTHETIC: the year was wrong", "key its paper again")
}

// TestTwoKey: two officers have a paper before them. The second to save is told, keeps
// what he typed, and sees the other's version beside it; neither records nor gives up what
// he has not seen.
func TestTwoKey(t *testing.T) {
	s := newScene(t)
	at := s.begin(1)
	first, second := s.keyed(), s.keyed()
	seen := seenOf(s.get(at))
	first.Set("issuer", "SL")
	second.Set("issuer", "LR")
	second.Set("carat_weight", "21,40")
	second.Set("seals[1].found", "broken")
	second.Set("seals[2].seal", "A119")
	second.Del("original")
	if got := s.post(at, with(first, "check", "seen", seen)); got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, got.plain())
	}
	s.visitor.Login = "second"
	got := s.post(at, with(second, "check", "seen", seen))
	if got.code != http.StatusConflict || strings.Contains(got.body, `value="record"`) {
		t.Errorf("%d", got.code)
	}
	got.has(t, "importer has saved another version of this paper", "Both versions stand below", `value="21,40"`, `name="seals[2].seal"`, `<option value="LR" selected>`,
		"Whose certificate it claims to be Liberia Sierra Leone", "Weight 21,40 12,40", "Container seals, 1 · As found there and broken there and whole", "Container seals, 2 · Seal A119 nothing",
		"The original is here, and no copy not ticked ticked", `href="`+at+`"`)
	if strings.Contains(got.body, "A118</td>") {
		t.Error("what is alike is shown as a difference")
	}
	if kept := s.get(at); !strings.Contains(kept.body, `value="12,40"`) || strings.Contains(kept.body, "21,40") {
		t.Error("the first version is gone")
	}
	for _, act := range []string{"record", "drop"} {
		if got := s.post(at, with(second, act, "seen", seen, "why", "SYNTHETIC: twice")); got.code != http.StatusConflict {
			t.Errorf("%s: %d", act, got.code)
		}
	}
	if bad := s.post(at, with(second, "check", "seen", "")); bad.code != http.StatusUnprocessableEntity && bad.code != http.StatusBadRequest {
		t.Errorf("nothing seen: %d", bad.code)
	}
	// Nor does a page that is refused hide that the other has saved.
	for name, pages := range map[string][][]byte{"no file": nil, "no picture": {[]byte("SYNTHETIC")}} {
		got := s.upload(at, "scans", with(second, "scans", "seen", seen), pages...)
		got.has(t, "importer has saved another version", "Both versions stand below", `value="21,40"`)
		if got.code == http.StatusSeeOther || strings.Contains(got.body, `value="record"`) {
			t.Errorf("%s: %d, and what another has typed is checked", name, got.code)
		}
	}
	// A page of the scan is taken with the refusal, and what was typed comes back.
	more := s.upload(at, "scans", with(second, "scans", "seen", seen), scan(2))
	more.has(t, "has saved another version", at+"/scan/2/1", `value="21,40"`)
	if got := s.post(at, with(second, "check", "seen", seenOf(more))); got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, got.plain())
	}
	s.get(at).has(t, `value="21,40"`, `<option value="LR" selected>`)
	s.visitor.Login = "importer"
	s.post(at, with(first, "record", "seen", seen)).has(t, "second has saved another version")
	if again := s.post(at, with(second, "check", "seen", seen)); again.code != http.StatusSeeOther {
		t.Errorf("what is kept already: %d", again.code)
	}
}

// TestScanTooLarge: what was typed beside a scan that is too large comes back, and nothing
// of it is kept before the typist says so: not over what somebody else has saved either.
func TestScanTooLarge(t *testing.T) {
	s := newScene(t)
	at := s.begin(1)
	typed := s.keyed()
	typed.Set("carat_weight", "21,40")
	seen := seenOf(s.get(at))
	got := s.upload(at, "scans", with(typed, "scans", "seen", seen), make([]byte, 200<<20))
	if got.code != http.StatusRequestEntityTooLarge || strings.Contains(got.body, `value="record"`) {
		t.Errorf("%d %s", got.code, got.plain())
	}
	got.has(t, "is larger than 41 MB", `value="21,40"`, `name="seals[1].seal"`)
	if kept := s.get(at); strings.Contains(kept.body, "21,40") {
		t.Error("half of a form was kept")
	}
	s.visitor.Login = "second"
	s.post(at, with(s.keyed(), "check", "seen", seen))
	s.visitor.Login = "importer"
	if late := s.upload(at, "scans", with(typed, "scans", "seen", seen), make([]byte, 200<<20)); late.code != http.StatusRequestEntityTooLarge || seenOf(late) != seen {
		t.Errorf("%d, seen %s, want %s", late.code, seenOf(late), seen)
	}
	s.post(at, with(typed, "check", "seen", seen)).has(t, "second has saved another version", `value="21,40"`)
	if got := s.upload(at, "scans", with(typed, "scans", "seen", ""), make([]byte, 200<<20)); got.code != http.StatusRequestEntityTooLarge {
		t.Errorf("nothing seen: %d", got.code)
	}
}

// TestHostile: what is no scan is refused with what was typed kept, nothing of a scan but
// the picture leaves, and nobody else sees any of it.
func TestHostile(t *testing.T) {
	s := newScene(t)
	for name, file := range map[string][]byte{"a page": []byte("<!doctype html><script>alert(1)</script>"), "half": scan(1)[:40], "a zip": []byte("PK\x03\x04 and more"), "nothing": nil} {
		if got := s.upload("/papers", "scans", nil, file); got.code != http.StatusUnprocessableEntity && got.code != http.StatusBadRequest {
			t.Errorf("%s: %d", name, got.code)
		}
	}
	at := s.begin(1)
	got := s.get(at + "/scan/1/1")
	if got.code != http.StatusOK || strings.Contains(got.body, secret) || got.head.Get("Content-Type") != "image/png" || !strings.Contains(got.head.Get("Content-Security-Policy"), "sandbox") ||
		got.head.Get("Cache-Control") != "private, no-store" {
		t.Errorf("%d %v", got.code, got.head)
	}
	for _, bad := range []string{"/scan/0/1", "/scan/1/0", "/scan/2/1", "/scan/1/2", "/scan/x/1", "/scan/-1/1", "/scan/99999999999999999999/1"} {
		if got := s.get(at + bad); got.code != http.StatusNotFound {
			t.Errorf("%s: %d", bad, got.code)
		}
	}
	s.post(at, with(url.Values{"certificate_number": {`"><script>alert(1)</script>`}}, "check"))
	s.get(at).has(t, "&#34;&gt;&lt;script&gt;")
	if got := s.post(at, url.Values{"act": {"drop"}}); got.code == http.StatusSeeOther {
		t.Error("given up without a reason")
	}
	if got := s.post(at, url.Values{"act": {"drop"}, "why": {"SYNTHETIC: scanned twice"}}); got.to != "/papers" {
		t.Errorf("%d %s", got.code, got.plain())
	}
	if got := s.get(at); got.code != http.StatusConflict {
		t.Errorf("what was given up is %d", got.code)
	}
}

// TestRows: rows are added and taken out without script, and nothing typed is lost.
func TestRows(t *testing.T) {
	s := newScene(t)
	at := s.begin(1)
	v := s.keyed()
	v.Set("more", "seals")
	got := s.post(at, v)
	got.has(t, `name="seals[2].seal"`, `value="A118"`)
	v.Del("more")
	v.Set("seals[2].seal", "A119")
	v.Set("less", "seals[1]")
	s.post(at, v).has(t, `value="A119"`)
	if got := s.get(at); strings.Contains(got.body, "A118") {
		t.Error("the row that was taken out is there")
	}
}

// TestEveryLanguage: no key and no English stands on a page in another language.
func TestEveryLanguage(t *testing.T) {
	s := newScene(t)
	s.enterSpecimen()
	at, path := s.begin(9), s.record(1, "looks", "alike")
	seen := seenOf(s.get(at))
	s.post(at, with(s.keyed(), "check"))
	for _, l := range lang.Languages() {
		for _, one := range []string{"/papers", at, path, "/specimens", "/specimens/new"} {
			r, err := http.NewRequest(http.MethodGet, one, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := s.ask(r, string(l))
			for _, key := range []string{"papers.", "specimens.", "certificate.finding", "party.finding", "{{"} {
				if strings.Contains(got.plain(), key) {
					t.Errorf("%s in %s: a key: %.3000s", one, l, got.plain())
				}
			}
			if one == at {
				r := httptest.NewRequest(http.MethodPost, at, strings.NewReader(with(s.keyed(), "check", "seen", seen, "remark", "SYNTHETIC").Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				if got := s.ask(r, string(l)); strings.Contains(got.plain(), "papers.") || strings.Contains(got.plain(), "keying_moved") || l != lang.English && strings.Contains(got.plain(), " the ") {
					t.Errorf("two versions in %s: %.3000s", l, got.plain())
				}
			}
			if l != lang.English && strings.Contains(got.plain(), " the ") {
				t.Errorf("%s in %s: English: %.3000s", one, l, got.plain())
			}
		}
	}
}

// TestSpecimenPages: entered, replaced and withdrawn by those who may; the others see the
// one word, and no byte.
func TestSpecimenPages(t *testing.T) {
	s := newScene(t)
	v := url.Values{"participant": {"SL"}, "kind": {"certificate"}, "name": {"SYNTHETIC 2024"}, "from": {"2024-01-01"}, "features": {"violet stamp\nserial in red"}, "source": {"SYNTHETIC letter"}}
	s.upload("/specimens/new", "pictures", v).has(t, "at least one picture", "violet stamp")
	got := s.upload("/specimens/new", "pictures", v, scan(1), scan(2))
	if got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, got.plain())
	}
	path := got.to
	s.get(path).has(t, "violet stamp", "serial in red", path+"/2/1", path+"/1/file", "restricted to authorities", "Withdraw")
	if file := s.get(path + "/1/file"); file.head.Get("Content-Disposition") == "" || !strings.Contains(file.body, secret) {
		t.Errorf("as it came: %v", file.head)
	}
	if shown := s.get(path + "/1/1"); strings.Contains(shown.body, secret) {
		t.Error("what stood beside the picture is shown")
	}
	s.upload(path+"/replace", "pictures", with(v, "", "name", "SYNTHETIC 2024 corrected")).has(t, "Reason", "There is something to mend")
	got = s.upload(path+"/replace", "pictures", with(v, "", "name", "SYNTHETIC 2024 corrected", "why", "the name"))
	if got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, got.plain())
	}
	s.get(path).has(t, "It counts no more", "the name", got.to)
	s.visitor = web.Visitor{}
	list := s.get("/specimens")
	list.has(t, "Sierra Leone", "restricted: shown to authorities alone")
	if strings.Contains(list.plain(), "SYNTHETIC 2024") {
		t.Errorf("everybody reads: %s", list.plain())
	}
	for _, p := range []string{path, got.to, got.to + "/1/1"} {
		if x := s.get(p); x.code != http.StatusNotFound || strings.Contains(x.body, "SYNTHETIC 2024") {
			t.Errorf("%s: %d", p, x.code)
		}
	}
	table := s.get("/specimens?format=csv")
	if strings.Contains(table.body, "SYNTHETIC 2024") || !strings.Contains(table.body, "restricted") {
		t.Errorf("the table: %s", table.body)
	}
	s.visitor = web.Visitor{Actor: access.Actor{ID: "monitor", Grants: []access.Grant{{Role: access.Monitor}}}, Login: "monitor"}
	if x := s.get(got.to); x.code != http.StatusNotFound {
		t.Errorf("a monitor sees it: %d", x.code)
	}
}

// TestWords: every word stands in every language.
func TestWords(t *testing.T) {
	found, err := lang.Compare(transcribing.Text())
	for _, f := range found {
		t.Error(f)
	}
	if err != nil {
		t.Fatal(err)
	}
}

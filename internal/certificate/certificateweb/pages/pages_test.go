package pages_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/module"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// told is a scene in which everything has happened that a page can tell, and the
// numbers by what happened.
func told(t *testing.T) (*scene, map[string]string) {
	s := newScene(t)
	n := map[string]string{}
	cert := map[string]*bundle.Bundle{}
	for _, what := range []string{"issued", "received", "void", "replaced", "successor", "lost", "disputed", "released", "returned", "technical", "seized", "private", "wrong"} {
		n[what], cert[what] = s.issue(s.cf, "AE")
	}
	reason := func(make func(a statement.About) statement.Body, by *verifytest.Office, what string, after int64) {
		s.say(by, n[what], cert[what], after, make)
	}
	reason(receipt, s.ae, "received", 1)
	reason(opening(cert["received"], verify.Delayed), s.cf, "received", 2)
	reason(func(a statement.About) statement.Body { return &statement.Void{About: a, Reason: "=SYNTHETIC mistake"} }, s.cf, "void", 1)
	reason(func(a statement.About) statement.Body {
		return &statement.Replacement{About: a, By: n["successor"], Reason: "SYNTHETIC mistake"}
	}, s.cf, "replaced", 1)
	reason(func(a statement.About) statement.Body {
		return &statement.Loss{About: a, Day: canonical.DayOf(verifytest.Start), Reason: "SYNTHETIC theft"}
	}, s.cf, "lost", 1)
	reason(discrepancy, s.ae, "disputed", 1)
	reason(discrepancy, s.ae, "released", 1) // three in one second
	reason(disposition(statement.Detained, ""), s.ae, "released", 1)
	reason(disposition(statement.Released, ""), s.ae, "released", 1)
	reason(disposition(statement.Returned, n["technical"]), s.ae, "returned", 1)
	reason(disposition(statement.Seized, ""), s.ae, "seized", 1)
	// An office that discloses by mistake what is private, and one that opens facts of
	// another certificate.
	reason(opening(cert["private"], func(uint64) bool { return true }), s.cf, "private", 1)
	reason(opening(cert["received"], verify.Delayed), s.cf, "wrong", 1)
	// A re-export that was made from the received one, and one that only says so.
	made := verify.Facts{Carats: new(uint64(1200)), HS: []verify.Weight{{Name: "7102.10", Hundredths: 1200}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1200}},
		Parcels: new(uint64(1)), Consumed: []verify.Consumed{{Number: n["received"], Statement: canonical.Sum(cert["received"].Statement), Hundredths: 1200}},
		ParcelList: []verify.Parcel{{Mark: "P-7", Container: "C-9", Hundredths: 1200}}}
	n["child"], cert["child"] = s.issue(s.ae, "CF", facts(made))
	reason(opening(cert["child"], verify.Delayed), s.ae, "child", 1)
	n["liar"], cert["liar"] = s.issue(s.ae, "CF")
	reason(opening(cert["child"], verify.Delayed), s.ae, "liar", 1)
	// One number, two contents: the worst case.
	n["twice"], cert["twice"] = s.issue(s.cf, "AE")
	s.issue(s.cf, "AE", func(d *verifytest.Draft) {
		d.Body.Number, d.Header.Subject = n["twice"], statement.CertificateSubject(n["twice"])
	})
	reason(receipt, s.ae, "twice", 1)
	// One that a stranger has signed.
	d := s.cf.Draft("AE", verifytest.Start+600)
	n["forged"] = d.Body.Number
	forger := *s.cf
	forger.Signer = verifytest.NewSigner("office AE/dubai")
	s.cf.Log.Append(forger.Sign(d).Statement)
	return s, n
}

// TestCertificate: each state in plain words, what is public and nothing else.
func TestCertificate(t *testing.T) {
	for engine, config := range engines {
		t.Run(engine, func(t *testing.T) {
			s, n := told(t)
			s.open(config(t))
			for what, want := range map[string][]string{
				"issued":    {"verdict--valid", "Genuine certificate of the Central African Republic.", "Not confirmed", "withheld until receipt, or until", "21 February 2027", "R-OPN-01", `class="ahead"`},
				"received":  {"verdict--valid", "Genuine certificate", "Received", "12.38 ct in 1 parcel", "Opened by Central African Republic", "12.40 ct", "Diamonds, unsorted", "Went into these certificates", n["child"]},
				"void":      {"verdict--invalid", "Cancelled.", "=SYNTHETIC mistake"},
				"replaced":  {"verdict--invalid", "Replaced.", "/certificates/" + n["successor"]},
				"lost":      {"verdict--invalid", "Reported lost or stolen.", "SYNTHETIC theft"},
				"disputed":  {"verdict--cannot_tell", "Disputed.", "&lt;b&gt;0.60 ct&lt;/b&gt;"},
				"released":  {"verdict--valid", "Not confirmed"},
				"returned":  {"verdict--invalid", "Sent back.", "/certificates/" + n["technical"]},
				"seized":    {"verdict--invalid", "Forfeited."},
				"private":   {"12.40 ct", "Opened by"},
				"wrong":     {"is not what it signed", "verdict--valid"},
				"child":     {"Made from these certificates", "/certificates/" + n["received"], "P-7", "C-9", "12.00 ct"},
				"twice":     {"2 different certificates bear this number.", "Certificate 1 of 2", "Certificate 2 of 2"},
				"successor": {"How we know", "record.proof valid", "What this certificate does not say", "/certificates/" + n["successor"] + ".csv"},
			} {
				status, text, _ := s.ask("/certificates/" + n[what])
				text = strings.ReplaceAll(text, "\u00a0", " ")
				for _, w := range want {
					if status != http.StatusOK || !strings.Contains(text, w) {
						t.Errorf("%s: %d, %q is missing:\n%s", what, status, w, plain(text))
					}
				}
			}
			_, text, _ := s.ask("/certificates/" + n["received"])
			if strings.Contains(text, n["liar"]) {
				t.Error("whoever opens facts that it has not signed is believed")
			}
			if _, wrong, _ := s.ask("/certificates/" + n["wrong"]); strings.Contains(wrong, "12.40") || !strings.Contains(text, "12.40") {
				t.Error("facts are shown that were not signed")
			}
			private(t, s, n)
		})
	}
}

// plain is a page's text.
func plain(page string) string {
	page = regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(page), " ")
}

// private: no page in any language shows a fact that is never public, and none lacks
// words.
func private(t *testing.T, s *scene, n map[string]string) {
	t.Helper()
	paths := []string{"/certificates", "/unconfirmed", "/unconfirmed/CF/AE", "/certificates/CF99999999"}
	for _, number := range n {
		paths = append(paths, "/certificates/"+number, "/certificates/"+number+".csv")
	}
	for _, path := range paths {
		seen := map[string]bool{}
		for _, l := range []string{"en", "fr", "pt"} {
			status, text, _ := s.ask(path + "?lang=" + l)
			if status >= http.StatusInternalServerError || strings.Contains(text, "certificate.page.") || strings.Contains(text, "verify.") || strings.Contains(text, "&lt;no value&gt;") {
				t.Errorf("%s in %s: %d\n%s", path, l, status, plain(text))
			}
			for _, secret := range []string{"Bureau d", "Avenue Exemple", "Example Trading", "Example Tower", "A118", "2,480", "2480"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s in %s shows %q", path, l, secret)
				}
			}
			seen[text] = true
		}
		if !strings.HasSuffix(path, ".csv") && len(seen) != 3 {
			t.Errorf("%s: the languages are the same", path)
		}
	}
}

// TestFind: a number as people type it leads to its page; one that is none comes back
// with the fault; one that is not recorded names the registers that were searched.
func TestFind(t *testing.T) {
	s, n := told(t)
	s.open(engines["SQLite"](t))
	for typed, want := range map[string]string{"cf 0000 0001": "/certificates/CF00000001", "CF-00000001": "/certificates/CF00000001", "ｃｆ００００００01": "/certificates/CF00000001"} {
		status, _, h := s.ask("/certificates?number=" + url.QueryEscape(typed))
		if status != http.StatusSeeOther || h.Get("Location") != want {
			t.Errorf("%q: %d %s", typed, status, h.Get("Location"))
		}
	}
	for _, typed := range []string{"", " ", "1234", `"><script>alert(1)</script>`, strings.Repeat("CF1", 5000), "ZZ 1", "../../etc/passwd", "CF\x00\xff"} {
		status, text, _ := s.ask("/certificates?number=" + url.QueryEscape(typed))
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, "govuk-error-summary") || !strings.Contains(text, "number-error") || strings.Contains(text, "<script>") {
			t.Errorf("%.40q: %d\n%.300s", typed, status, plain(text))
		}
	}
	status, text, _ := s.ask("/certificates/CF99999999")
	if status != http.StatusNotFound {
		t.Errorf("%d", status)
	}
	for _, want := range []string{"No record of CF 9999 9999", "ae.kp.example/2026", "cf.kp.example/2026", "mirror.example/2026", fmt.Sprintf("%d entries", len(s.cf.Log.Leaves)),
		fmt.Sprintf("%d entries", len(s.ae.Log.Leaves)), "0 entries", `value="CF 9999 9999"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, plain(text))
		}
	}
	if status, text, _ := s.ask("/certificates/" + n["forged"]); status != http.StatusNotFound || !strings.Contains(text, "not signed by an office entitled to it") {
		t.Errorf("%d %s", status, plain(text))
	}
	for path, want := range map[string]int{"/certificates/cf00000001": http.StatusSeeOther, "/certificates/cf00000001.csv": http.StatusSeeOther, "/certificates/nothing": http.StatusNotFound,
		"/certificates/CF00000001.exe": http.StatusNotFound, "/certificates/CF00000001.adamas": http.StatusNotFound, "/certificates/..%2fpack": http.StatusNotFound,
		"/certificates/CF00000001.svg?of=no": http.StatusNotFound, "/certificates/CF00000001.svg": http.StatusOK, "/certificates/%00": http.StatusNotFound} {
		if status, _, _ := s.ask(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

// TestFiles: what the node offers of a certificate, and its life as a table in which
// nobody's words are a formula.
func TestFiles(t *testing.T) {
	s, n := told(t)
	s.must(os.MkdirAll(filepath.Join(s.dir, "offered"), 0o755))
	name := n["void"] + ".adamas"
	s.must(os.WriteFile(filepath.Join(s.dir, "offered", name), []byte("SYNTHETIC file"), 0o644))
	s.open(engines["SQLite"](t))
	if status, text, h := s.ask("/certificates/" + name); status != http.StatusOK || text != "SYNTHETIC file" || !strings.Contains(h.Get("Content-Disposition"), name) {
		t.Errorf("%d %q %v", status, text, h)
	}
	if _, text, _ := s.ask("/certificates/" + n["void"]); !strings.Contains(text, "/certificates/"+name) {
		t.Error("the page does not offer the file")
	}
	_, text, h := s.ask("/certificates/" + n["void"] + ".csv")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 5 || rows[3][3] != "cancelled" || rows[3][9] != "'=SYNTHETIC mistake" || rows[4][3] != "not_opened" || rows[4][4] != "no" ||
		!strings.HasPrefix(h.Get("Content-Type"), "text/csv") {
		t.Errorf("%v %v %v", err, h, rows)
	}
}

// TestMany: many readers who come at once, before anything is held to judge from, are
// all told; and what a page says is not enough is not judged from.
func TestMany(t *testing.T) {
	s, n := told(t)
	s.open(engines["SQLite"](t))
	var readers sync.WaitGroup
	for range 16 {
		readers.Go(func() {
			if status, text, _ := s.ask("/certificates/" + n["issued"]); status != http.StatusOK || !strings.Contains(text, "Genuine certificate") {
				t.Errorf("%d %s", status, plain(text))
			}
		})
	}
	readers.Wait()
	j, err := module.Service[*judge.Judge](s.node)
	s.must(err)
	if held := j.Recent(t.Context(), func(*follow.Held) bool { return false }); held != nil {
		t.Error("judged from too little")
	}
	if held := j.Recent(t.Context(), func(*follow.Held) bool { return true }); held == nil || held.Log("cf.kp.example/2026") == nil {
		t.Error("nothing is held")
	}
}

var link = regexp.MustCompile(`href="(/[a-z]+[^"]*)" rel="(next|prev)"`)

// ways are the links on and back of a page.
func ways(text string) map[string]string {
	out := map[string]string{}
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		out[m[2]] = strings.ReplaceAll(m[1], "&amp;", "&")
	}
	return out
}

var rowOf = regexp.MustCompile(`class="row number" href="/certificates/([A-Z0-9]+)"`)

// rows are the numbers in a page's list.
func rows(text string) (out []string) {
	for _, m := range rowOf.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// walk follows a list to its end.
func (s *scene) walk(path string, most int) (all []string, last string) {
	s.t.Helper()
	for range most {
		status, text, _ := s.ask(path)
		if status != http.StatusOK {
			s.t.Fatalf("%s: %d", path, status)
		}
		all = append(all, rows(text)...)
		last = text
		next := ways(text)["next"]
		if next == "" {
			return all, last
		}
		path = next
	}
	s.t.Fatalf("%s has no end", path)
	return nil, ""
}

// TestLists: every certificate stands once in the list and in that of what nobody has
// confirmed, over pages; there is a way back; filters hold; nobody's key is believed.
func TestLists(t *testing.T) {
	for engine, config := range engines {
		t.Run(engine, func(t *testing.T) {
			s := newScene(t)
			want := map[string]bool{}
			for range 120 {
				n, _ := s.issue(s.cf, "AE")
				want[n] = true
			}
			taken, b := s.issue(s.cf, "AE")
			s.say(s.ae, taken, b, 1, receipt)
			other, _ := s.issue(s.ae, "CF")
			s.open(config(t))
			all, last := s.walk("/certificates", 5)
			slices.Sort(all)
			if len(all) != 122 || len(slices.Compact(all)) != 122 {
				t.Errorf("%d certificates", len(all))
			}
			_, back, _ := s.ask(ways(last)["prev"])
			if got := rows(back); len(got) != 50 || ways(back)["next"] == "" || ways(back)["prev"] == "" {
				t.Errorf("back: %d, %v", len(got), ways(back))
			}
			for query, n := range map[string]int{"?from=CF": 121, "?to=CF": 1, "?state=received": 1, "?from=AE&state=received": 0, "?from=CF&to=AE&state=issued": 120, "?state=void": 0} {
				if got, _ := s.walk("/certificates"+query, 5); len(got) != n || query == "?to=CF" && got[0] != other {
					t.Errorf("%s: %d, want %d", query, len(got), n)
				}
			}
			if _, text, _ := s.ask("/unconfirmed"); !strings.Contains(text, "Nothing is overdue.") {
				t.Error(plain(text))
			}
			s.now = s.now.Add(95 * 24 * time.Hour) // 60 to expiry, 30 more
			_, text, _ := s.ask("/unconfirmed")
			if p := plain(text); !strings.Contains(p, "Central African Republic United Arab Emirates 120 22 January 2027 121") || !strings.Contains(p, "R-IMP-07") ||
				!strings.Contains(p, "Silence proves nothing") || !strings.Contains(p, "Together 121") {
				t.Error(p)
			}
			late, _ := s.walk("/unconfirmed/CF/AE", 5)
			slices.Sort(late)
			if !slices.Equal(late, slices.Sorted(maps.Keys(want))) {
				t.Errorf("%d late", len(late))
			}
			for path, want := range map[string]int{"/unconfirmed/CF/EU": http.StatusOK, "/unconfirmed/cf/ae": http.StatusNotFound, "/unconfirmed/CF/A%27": http.StatusNotFound,
				"/unconfirmed/CF/AE?after=x": 422, "/unconfirmed?after=-1": 422, "/unconfirmed?after=9999": http.StatusOK, "/unconfirmed?after=99999999999999999999": 422, "/unconfirmed/CF/AE?after=1-CF1-00": 422, "/certificates?at=o-1-zz": 422, "/certificates?at=o--1-" + strings.Repeat("0", 64): 422,
				"/certificates?at=x-1-" + strings.Repeat("0", 64): 422, "/certificates?at=n-0-" + strings.Repeat("0", 64): http.StatusOK,
				"/certificates?from=%27%20OR%201": 422, "/certificates?state=good": 422, "/certificates?lang=../../x": http.StatusOK} {
				if status, _, _ := s.ask(path); status != want && !(want == 422 && status == http.StatusBadRequest) {
					t.Errorf("%s: %d, want %d", path, status, want)
				}
			}
		})
	}
}

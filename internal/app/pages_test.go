package app

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/app/guide"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/peer"
	"adamas.example/verify/statement"
)

// get asks a served node for a page.
func (r *running) get(path string) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	r.server.Handler.ServeHTTP(out, httptest.NewRequest(http.MethodGet, path, nil))
	return out
}

// entryLinks are the entries that a page of the register lists, in its order.
var entryLinks = regexp.MustCompile(`class="row" href="/register/([0-9a-f]{64})"`)

func entriesOn(page string) (out []string) {
	for _, m := range entryLinks.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

var nextLink = regexp.MustCompile(`href="([^"]+)" rel="(next|prev)"`)

func ways(page string) map[string]string {
	out := map[string]string{}
	for _, m := range nextLink.FindAllStringSubmatch(page, -1) {
		out[m[2]] = html.UnescapeString(m[1])
	}
	return out
}

// TestRegisterPages reads a register as a stranger does: page by page, by kind, one
// entry, its bytes.
func TestRegisterPages(t *testing.T) {
	w := newWorld(t)
	w.peers("cf", peer.Peer{Office: "AE/dubai", Exchange: "https://kp.ae.example/exchange", Logs: []peer.Place{{Origin: aeOrigin, From: []string{"../ae/log"}}}})
	r := w.run("cf", "127.0.0.1:0")
	r.record(120)
	newest, err := r.node.Ledger.Newest(t.Context(), 1000)
	w.must(err)
	var want []string
	for _, e := range newest {
		want = append(want, e.Hash.String())
	}
	read := func(path, way string) (all []string) {
		for n := 0; path != ""; n++ {
			page := r.get(path)
			if page.Code != http.StatusOK || n > 10 {
				t.Fatalf("%s: %d", path, page.Code)
			}
			found := entriesOn(page.Body.String())
			if way == "prev" {
				slices.Reverse(found)
			}
			all, path = append(all, found...), ways(page.Body.String())[way]
		}
		return all
	}
	if got := read("/register", "next"); !slices.Equal(got, want) {
		t.Errorf("the whole register: %d entries, want %d", len(got), len(want))
	}
	back := read(fmt.Sprintf("/register?before=%d", newest[len(newest)-50].Seq), "prev")
	slices.Reverse(back)
	var once []string // the newest page is full, and shows some of the page before it again
	for _, h := range back {
		if !slices.Contains(once, h) {
			once = append(once, h)
		}
	}
	if !slices.Equal(once, want) {
		t.Errorf("from the oldest back: %d entries, want %d", len(once), len(want))
	}
	for query, count := range map[string]int{"type=rule-set": 120, "type=office-key": 1, "by=CF/authority": 1, "by=CF/bangui&type=rule-set": 120,
		"by=CF/authority&type=rule-set": 0, "about=rule-set/7": 1, "about=CF+0000+0001": 0, "type=nonsense": 0, "by=%3Cscript%3E": 0, "about=%00": 0, "about=%ff%fe": 0,
		"about=" + strings.Repeat("x", 4000): 0, "lang=xx": 50, "type=rule-set&type=void": 120} {
		if got := min(count, 50); len(entriesOn(r.get("/register?"+query).Body.String())) != got {
			t.Errorf("%s: %d entries on the page, want %d", query, len(entriesOn(r.get("/register?"+query).Body.String())), got)
		}
	}
	w.until("the other register is listed, with the way to it", func() bool {
		return strings.Contains(r.get("/register").Body.String(), `href="https://kp.ae.example/register"`)
	})
}

// TestEntryPages looks at one entry by each of its addresses.
func TestEntryPages(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	r.record(3)
	newest, err := r.node.Ledger.Newest(t.Context(), 1)
	w.must(err)
	e := newest[0]
	bytesOf := r.get("/register/" + e.Hash.String() + ".cose")
	if st, err := statement.Parse(bytesOf.Body.Bytes()); err != nil || !bytes.Equal(bytesOf.Body.Bytes(), e.Signed) || st.Hash != e.Hash {
		t.Errorf("the signed bytes: %v", err)
	}
	for _, path := range []string{"/register/" + e.Hash.String(), "/register/" + strings.ToUpper(e.Hash.String()), fmt.Sprintf("/register/%d", e.Index)} {
		page := r.get(path + "?lang=en")
		text := page.Body.String()
		for _, wanted := range []string{"CF/bangui adopted the rules 2, version 1", "Recorded before witnesses", "government-1", e.Hash.String(), "/log/tile/entries/"} {
			if page.Code != http.StatusOK || !strings.Contains(text, wanted) {
				t.Errorf("%s: %d, without %q", path, page.Code, wanted)
			}
		}
		for _, m := range regexp.MustCompile(`href="(/log/[^"]+)"`).FindAllStringSubmatch(text, -1) {
			if code := r.get(m[1]).Code; code != http.StatusOK {
				t.Errorf("%s: %d", m[1], code)
			}
		}
	}
	for path, code := range map[string]int{"/register/" + strings.Repeat("f", 64): 404, "/register/" + strings.Repeat("g", 64): 404, "/register/99": 404,
		"/register/-1": 404, "/register/007": 404, "/register/99999999999999999999": 404, "/register/0.cose": 200, "/register/.cose": 404, "/register/%00": 404,
		"/register?before=0": 422, "/register?before=-3": 422, "/register?before=9223372036854775808": 422, "/register?before=9223372036854775807": 200} {
		if got := r.get(path).Code; got != code {
			t.Errorf("%s: %d, want %d", path, got, code)
		}
	}
}

// TestHoldIsTold: while nothing is recorded, the register says why.
func TestHoldIsTold(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	w.must(r.node.Ledger.SetHold(t.Context(), ledger.HoldRestored))
	page := r.get("/register?lang=en").Body.String()
	if !strings.Contains(page, "A backup was put back") {
		t.Error("a hold is not told")
	}
}

// TestParticipantPages asks for standing on many days, and for what is no day and nobody.
func TestParticipantPages(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	for path, wanted := range map[string]string{
		"/participants?on=2026-11-23":         "60 Participants and Chinese Taipei (trading entity) on 23 November 2026.",
		"/participants?on=23/11/2026":         "60 Participants",
		"/participants?on=2002-12-31":         "nobody was a Participant",
		"/participants?on=9999-12-31":         "is still to come",
		"/participants?on=2026-02-30":         "This is no day.",
		"/participants?on=%3Cb%3E":            "This is no day.",
		"/participants?by=CH&on=2015-09-01":   "By the list of Switzerland",
		"/participants/CF?on=2014-06-01":      "Participant, does not trade",
		"/participants/CF?on=2013-06-10":      "From when was the Central African Republic suspended?",
		"/participants/CF?on=2020-01-01":      "Carnot",
		"/participants/BR":                    "October 2003",
		"/participants/GH":                    "August 2003 – December 2003",
		"/participants/VE?on=2026-11-23":      "open: see what speaks for which",
		"/participants/TW":                    "trading entity",
		"/participants/EU":                    "nothing about borders",
		"/participants/CF":                    `href="/register?by=CF/authority"`,
		"/participants/CF?on=0001-01-01":      "no Participant",
		"/participants/cf?on=9999-12-31":      "Participant, trades freely",
		"/participants/CF?by=US&on=2013-06-1": "This is no day.",
	} {
		page := r.get(path + map[bool]string{true: "&lang=en", false: "?lang=en"}[strings.Contains(path, "?")])
		if text := html.UnescapeString(page.Body.String()); page.Code != http.StatusOK || !strings.Contains(text, wanted) {
			t.Errorf("%s: %d, without %q", path, page.Code, wanted)
		}
	}
	if text := r.get("/participants/BD?lang=fr").Body.String(); strings.Contains(text, "admitted") || !strings.Contains(text, "admis") {
		t.Error("/participants/BD says the same in two languages")
	}
	for path, code := range map[string]int{"/participants/XX": 404, "/participants/%00": 404, "/participants/..": 404, "/participants/CFX": 404, "/participants/AQ": 404,
		"/participants?by=x": 422, "/participants/BE": 302, "/participants/FR?on=1990-01-01": 404} {
		if got := r.get(path).Code; got != code && got != http.StatusMovedPermanently && got != http.StatusTemporaryRedirect {
			t.Errorf("%s: %d, want %d", path, got, code)
		}
	}
	if to := r.get("/participants/BE?on=2020-01-01").Header().Get("Location"); to != "/participants/EU?on=2020-01-01" {
		t.Errorf("Belgium leads to %q", to)
	}
}

// TestHelp: no check and no reason is missing from the help, in any language, and every
// link on these pages leads somewhere.
func TestHelp(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	words, err := loadWords()
	w.must(err)
	for _, l := range lang.Languages() {
		p := words.Printer(l)
		page := html.UnescapeString(r.get("/help/answers?lang=" + string(l)).Body.String())
		reasons := 0
		for _, key := range p.Keys("verify.check.") {
			parts := strings.Split(strings.TrimPrefix(key, "verify.check."), ".")
			if len(parts) < 2 || strings.HasPrefix(parts[1], "valid") {
				continue
			}
			if reasons++; !strings.Contains(page, " "+parts[1]+"</td>") {
				t.Errorf("%s: %s is missing", l, key)
			}
		}
		if reasons < 50 {
			t.Errorf("%s: only %d reasons", l, reasons)
		}
		seen := map[string]bool{}
		for _, start := range []string{"/help", "/participants", "/register"} {
			r.crawl(t, start+"?lang="+string(l), seen)
		}
		if len(seen) < 80 {
			t.Errorf("%s: only %d pages", l, len(seen))
		}
	}
	for _, path := range []string{"/help/", "/help/none", "/help/%2e%2e", "/help/answers/x"} {
		if code := r.get(path).Code; code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}

var (
	anyLink = regexp.MustCompile(`href="(/[^"]*)"`)
	isKey   = regexp.MustCompile(`\b(help|register|participants|party|ledger|verify)\.[a-z_]+\.[a-z_.0-9]+\b`)
)

// crawl follows every link to these pages, and looks for names of words in place of words.
func (r *running) crawl(t *testing.T, path string, seen map[string]bool) {
	t.Helper()
	bare, _, _ := strings.Cut(path, "#")
	if seen[bare] {
		return
	}
	seen[bare] = true
	page := r.get(bare)
	if page.Code != http.StatusOK && page.Code != http.StatusFound {
		t.Errorf("%s: %d", path, page.Code)
		return
	}
	if !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		return
	}
	if found := isKey.FindString(page.Body.String()); found != "" && !strings.Contains(bare, "answers") {
		t.Errorf("%s shows %q", path, found)
	}
	query := "?lang=" + page.Header().Get("Content-Language")
	for _, m := range anyLink.FindAllStringSubmatch(page.Body.String(), -1) {
		to := html.UnescapeString(m[1])
		for _, of := range []string{"/help", "/participants", "/register"} {
			if strings.HasPrefix(to, of) && !strings.Contains(to, "lang=") {
				if !strings.Contains(to, "?") {
					to += query
				}
				r.crawl(t, to, seen)
			}
		}
	}
}

// TestRootDocuments: who audits a copy finds here what it begins with.
func TestRootDocuments(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	if page := r.get("/help/copy?lang=en"); !strings.Contains(page.Body.String(), `href="/trust/root-1.cbor"`) {
		t.Error("/help/copy leads to no root document")
	}
	want, err := os.ReadFile(filepath.Join(w.dir, "cf", "trust", "root-1.cbor"))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.get("/trust/root-1.cbor"); got.Code != http.StatusOK || got.Body.String() != string(want) {
		t.Errorf("%d, %d bytes of %d", got.Code, got.Body.Len(), len(want))
	}
	for _, path := range []string{"/trust/root-9.cbor", "/trust/node.toml", "/trust/1"} {
		if got := r.get(path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// argsOf are the words of a command line; what stands in quotation marks is one.
func argsOf(line string) (out []string) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// TestHelpCommands: every command line that the help shows is one that the program
// understands; what it lacks here is the files.
func TestHelpCommands(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, section := range []string{"offline.steps", "offline.fingerprint", "offline.paper", "copy.how", "copy.compare", "api.key", "api.sandbox"} {
		lines := guide.Commands(section)
		if len(lines) == 0 {
			t.Errorf("%s shows no command", section)
		}
		for _, line := range lines {
			args := argsOf(strings.ReplaceAll(line, "FINGERPRINT", strings.Repeat("ab", 32)))
			code, stdout, stderr := call(append([]string{"-L", "en"}, args[1:]...)...)
			if args[0] != "adamas" || code < 65 || strings.Contains(stderr, "not understood") {
				t.Errorf("%s: exit status %d\n%s%s", line, code, stdout, stderr)
			}
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

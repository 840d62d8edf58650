package e2e

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/worldtest/browser"
)

// Bounds of walking the site by its links.
const (
	mostOfAKind = 2   // pages that differ only in what they are about
	mostPages   = 120 // fetched while looking for them
)

var (
	pageLink  = regexp.MustCompile(`href="(/[^"#]*)"`)
	fileLinks = regexp.MustCompile(`^/(assets|log|log-[0-9]+|pack|health|following)(/|$)|\.(adamas|pdf|cbor|cose|csv|json|svg)$`)
	oneThing  = regexp.MustCompile(`[0-9A-Z][0-9A-Za-z-]+`) // a number, a code, a hash
)

// kindOfPage is an address without what it is about.
func kindOfPage(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	kind := oneThing.ReplaceAllString(u.Path, "*")
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range u.Query() {
			if !yield(name) {
				return
			}
		}
	}) {
		kind += "?" + name
	}
	return kind
}

// publicPages walks the site from its first page, as a reader could, and gives a few
// pages of each kind. A link that leads nowhere fails the test.
func publicPages(t *testing.T, site string) (pages []string) {
	t.Helper()
	seen, taken := map[string]bool{"/": true}, map[string]int{}
	for queue := []string{"/"}; len(queue) > 0 && len(pages) < mostPages; queue = queue[1:] {
		at := queue[0]
		body, head := get(t, site+at)
		if !strings.HasPrefix(head.Get("Content-Type"), "text/html") {
			t.Errorf("%s is no page: %s", at, head.Get("Content-Type"))
			continue
		}
		pages = append(pages, at)
		for _, m := range pageLink.FindAllStringSubmatch(body, -1) {
			next := strings.ReplaceAll(m[1], "&amp;", "&")
			path, _, _ := strings.Cut(next, "?")
			if kind := kindOfPage(next); !seen[next] && !fileLinks.MatchString(path) && !strings.Contains(next, "lang=") && taken[kind] < mostOfAKind {
				seen[next] = true
				taken[kind]++
				queue = append(queue, next)
			}
		}
	}
	return pages
}

// TestPublicPages: every page that a reader can come to, in each language: nothing for
// axe to find, nothing on the console, nothing that sticks out of the smallest screen,
// no key instead of words, and not more to load than a thin line bears.
func TestPublicPages(t *testing.T) {
	w := checking(t)
	pages := publicPages(t, w.url)
	kinds := map[string]bool{}
	for _, at := range pages {
		kinds[kindOfPage(at)] = true
	}
	t.Logf("%d pages of %d kinds: %v", len(pages), len(kinds), pages)
	for _, want := range []string{"/", "/check", "/register", "/register/*", "/certificates/*", "/unconfirmed", "/participants", "/participants/*", "/help", "/status"} {
		if !kinds[want] {
			t.Errorf("no link leads to a page %s", want)
		}
	}
	b := browser.Start(t)
	first := map[string]bool{}
	for i, at := range pages {
		languages := []string{"en", "fr", "pt"}
		if first[kindOfPage(at)] {
			languages = languages[i%3 : i%3+1] // another of its kind: in one of them
		}
		first[kindOfPage(at)] = true
		t.Run(strings.Trim(at, "/"), func(t *testing.T) {
			p := b.Open(t, "about:blank", browser.Desk)
			for _, l := range languages {
				look(t, p, w.url, at, l)
			}
		})
	}
	t.Run("weight", func(t *testing.T) {
		for _, at := range []string{"/", "/register", "/certificates/" + checkNumber, "/participants", "/unconfirmed", "/help", "/status"} {
			p := browser.Start(t).Open(t, w.url+at, browser.Phone) // nothing is in its cache
			if total, each := p.Loaded(); total > mostFirst {
				t.Errorf("%s: %d bytes, at most %d:\n%s", at, total, mostFirst, each)
			} else {
				t.Logf("%s: %d bytes", at, total)
			}
		}
	})
}

// unspoken is a key of the catalogue that stands where its words should.
var unspoken = regexp.MustCompile(`\b(web|home|help|status|pages|party|ledger|register|certificate|unconfirmed|verify|check|fault|participants)\.[a-z_]+(\.[a-z_]+)*\b`)

// look opens a page on a desk and on the smallest screen.
func look(t *testing.T, p *browser.Page, site, at, language string) {
	t.Helper()
	sign := "?"
	if strings.Contains(at, "?") {
		sign = "&"
	}
	address := site + at + sign + "lang=" + language
	p.Resize(browser.Desk)
	p.Go(address)
	wrong := t.Failed()
	defer func() {
		if t.Failed() && !wrong {
			t.Logf("this was %s", address)
		}
	}()
	p.Accessible()
	if key := unspoken.FindString(browser.Ask[string](p, `[...document.querySelectorAll("main, header, footer")].map((e) => e.innerText).join(" ")`)); key != "" && !strings.HasPrefix(at, "/help") {
		t.Errorf("it says %q", key)
	}
	p.Resize(browser.Smallest)
	p.NoSideways()
	if language == "fr" {
		p.Shot("page" + strings.NewReplacer("/", "-", "?", "-", "*", "one").Replace(kindOfPage(at)) + "-" + language)
	}
}

// TestFindByNumber: a reader types the number on the paper, with the keyboard alone,
// and comes to its page; without scripts too. A wrong number keeps what was typed.
func TestFindByNumber(t *testing.T) {
	w := checking(t)
	b := browser.Start(t)
	for _, scripts := range []bool{true, false} {
		p := b.Open(t, w.url+"/?lang=en", browser.Phone)
		p.Scripts(scripts)
		p.Reload()
		p.TabTo("#number")
		p.Press(strings.Split("cf 0000 0001", "")...)
		p.Press(browser.Enter)
		p.WaitFor(`location.pathname === "/certificates/` + checkNumber + `"`)
		p.WaitText("main", "Central African Republic")
	}
	p := b.Open(t, w.url+"/?lang=fr", browser.Desk)
	p.Allow("422") // the browser itself notes the status
	p.TabTo("#number")
	p.Press(strings.Split("no. 12", "")...)
	p.Press(browser.Enter)
	p.WaitFor(`document.querySelector(".govuk-error-summary") !== null`)
	if typed := browser.Ask[string](p, `document.querySelector("main input[name=number]").value`); typed != "no. 12" {
		t.Errorf("what was typed became %q", typed)
	}
	p.Accessible()
	r, err := http.Get(w.url + "/certificates/CF99999999")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusNotFound {
		t.Errorf("a number of which there is no record: %s", r.Status)
	}
}

// TestAbroad: what one office issued stands on the pages of another, which only reads
// the first one's register.
func TestAbroad(t *testing.T) {
	w := checking(t)
	page, _ := get(t, w.url+"/status?lang=en")
	if !strings.Contains(page, "ae.kp.example/2026") {
		t.Error("the other registers are not named")
	}
	_, rest, _ := strings.Cut(w.said, "AE/dubai is served at ")
	abroad, _, _ := strings.Cut(rest, "\n")
	page, _ = get(t, strings.Replace(abroad, "localhost", "127.0.0.1", 1)+"/certificates/"+checkNumber+"?lang=en")
	for _, want := range []string{"CF 0000 0001", "Central African Republic", "SYNTHETIC"} {
		if !strings.Contains(page, want) {
			t.Errorf("abroad the page does not say %q", want)
		}
	}
}

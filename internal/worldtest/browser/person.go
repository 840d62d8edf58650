package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Apart is the browser of another person: its cookies and what its pages keep are its
// own, as if it were another computer. It costs no second Chromium.
func (b *Browser) Apart(tb testing.TB) *Browser {
	tb.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // before the first page: that is opened in what this makes
		tb.Fatal("browser:", err)
	}
	return &Browser{ctx}
}

// Download clicks on what the selector finds first, which sends a file, and gives its
// path; it is there whole.
func (p *Page) Download(selector string) (path string) {
	p.Helper()
	dir := p.TempDir()
	params := cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir}
	if c := chromedp.FromContext(p.ctx); c != nil {
		params.BrowserContextID = c.BrowserContextID
	}
	if _, err := chromedp.Call(p.ctx, cdpbrowser.SetDownloadBehavior, params); err != nil {
		p.Fatal("browser:", err)
	}
	p.Click(selector)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		files, err := os.ReadDir(dir)
		if err != nil {
			p.Fatal("browser:", err)
		}
		// Chromium writes under another name and renames what is whole.
		if len(files) == 1 && filepath.Ext(files[0].Name()) != ".crdownload" && files[0].Name()[0] != '.' {
			return filepath.Join(dir, files[0].Name())
		}
		Ask[bool](p, `new Promise((done) => setTimeout(() => done(true), 50))`)
	}
	p.lost("download by "+selector, os.ErrDeadlineExceeded)
	return ""
}

// Fill puts answers into the fields of a form, by their names, as somebody does who
// types, chooses and ticks. A name that has no field that can be used fails the test.
// Pairs of name and answer; for a group of ticks or choices the answer is the value.
func (p *Page) Fill(pairs ...string) {
	p.Helper()
	bad := Ask[string](p, `((pairs) => {
		for (let i = 0; i + 1 < pairs.length; i += 2) {
			const [name, value] = [pairs[i], pairs[i + 1]];
			const all = [...document.getElementsByName(name)].filter((e) => e.type !== "hidden" && !e.disabled);
			const e = all.find((e) => e.type !== "radio" && e.type !== "checkbox" || e.value === value);
			if (!e) return name + " = " + value;
			if (e.type === "radio" || e.type === "checkbox") { if (!e.checked) e.click(); continue; }
			e.focus();
			e.value = value;
			if (e.value !== value) return name + " does not take " + value;
			e.dispatchEvent(new Event("input", {bubbles: true}));
			e.dispatchEvent(new Event("change", {bubbles: true}));
		}
		return "";
	})(`+quotedAll(pairs)+`)`)
	if bad != "" {
		p.lost("fill in "+bad, os.ErrNotExist)
	}
}

// Scan does what a hand scanner does: it types a text and Enter, faster than a person,
// wherever the focus is.
func (p *Page) Scan(text string) {
	p.Helper()
	p.do("scan", chromedp.KeyEvent(text+Enter))
}

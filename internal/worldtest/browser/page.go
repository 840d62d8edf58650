package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Size is a screen.
type Size struct {
	Width, Height int64
	Touch         bool // a telephone, with its way of laying out pages
}

// The screens that every page is looked at on (style.md), and the smallest one.
var (
	Desk     = Size{1280, 900, false}
	Tablet   = Size{768, 1024, true}
	Phone    = Size{360, 740, true}
	Smallest = Size{320, 568, true}
)

// Keys that a person presses.
const (
	Tab    = kb.Tab
	Enter  = kb.Enter
	Space  = " "
	Escape = kb.Escape
	Down   = kb.ArrowDown
)

// Page is a tab.
type Page struct {
	testing.TB
	ctx context.Context

	mu      sync.Mutex
	wrong   []string
	allowed []string
}

// Open opens an address in a tab of its own, on a screen.
func (b *Browser) Open(tb testing.TB, url string, size Size) *Page {
	tb.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	p := &Page{TB: tb, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // without a deadline: the tab stays open
		tb.Fatal("browser:", err)
	}
	go p.listen()
	tb.Cleanup(func() {
		p.report()
		cancel()
	})
	p.Resize(size)
	p.Go(url)
	return p
}

// listen notes what the page writes to its console, which is where Chromium also
// reports what the policy forbade.
func (p *Page) listen() {
	for m, err := range chromedp.Console(p.ctx) {
		if err != nil {
			return
		}
		if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException {
			p.mu.Lock()
			p.wrong = append(p.wrong, fmt.Sprintf("%s (%s:%d)", m.Text, m.URL, m.Line+1))
			p.mu.Unlock()
		}
	}
}

// Allow says that the console may hold errors with this in them: what does not load
// when the line is cut, for one.
func (p *Page) Allow(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed = append(p.allowed, part)
}

func (p *Page) report() {
	p.mu.Lock()
	defer p.mu.Unlock()
next:
	for _, line := range p.wrong {
		for _, part := range p.allowed {
			if strings.Contains(line, part) {
				continue next
			}
		}
		p.Errorf("browser: on the console: %s", line)
	}
}

func (p *Page) do(what string, step chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, step); err != nil {
		p.lost(what, err)
	}
}

// lost ends the test with a picture of the page.
func (p *Page) lost(what string, err error) {
	p.Helper()
	said, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText.slice(0, 1500) : ""`))
	p.mu.Lock()
	wrong := strings.Join(p.wrong, "\n")
	p.mu.Unlock()
	p.Fatalf("browser: %s: %v\nthe page says:\n%s\nthe console says:\n%s\n%s", what, err, said, wrong, p.Shot("lost"))
}

// Resize changes the screen.
func (p *Page) Resize(s Size) {
	p.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: s.Width, Height: s.Height, DeviceScaleFactor: 1, Mobile: s.Touch})
	if err != nil {
		p.Fatal("browser:", err)
	}
}

// Later sets the page's clock ahead, from the next load on.
func (p *Page) Later(by time.Duration) {
	p.Helper()
	source := fmt.Sprintf(`{
		const Real = Date, by = %d;
		globalThis.Date = class extends Real {
			constructor(...given) { given.length === 0 ? super(Real.now() + by) : super(...given); }
			static now() { return Real.now() + by; }
		};
	}`, by.Milliseconds())
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source}); err != nil {
		p.Fatal("browser:", err)
	}
}

// Scripts switches the page's own scripts off, or on again, from the next load on.
func (p *Page) Scripts(on bool) {
	p.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		p.Fatal("browser:", err)
	}
}

// Go goes to an address and waits until it is loaded.
func (p *Page) Go(url string) {
	p.Helper()
	p.do("go to "+url, chromedp.Navigate(url))
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.Helper()
	p.do("reload", chromedp.Reload())
}

// Click clicks on what the selector finds first.
func (p *Page) Click(selector string) {
	p.Helper()
	p.do("click on "+selector, chromedp.Click(selector))
}

// Files chooses files in an <input type=file>.
func (p *Page) Files(selector string, paths ...string) {
	p.Helper()
	p.do("choose a file in "+selector, chromedp.SetUploadFiles(selector, paths))
}

// Type types a text into what the selector finds first, in the place of what is there.
func (p *Page) Type(selector, text string) {
	p.Helper()
	Ask[bool](p, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.focus(); e.value = ""; return true; })()`, quoted(selector)))
	p.do("type into "+selector, chromedp.SendKeys(selector, text))
}

// Press presses keys, one after another, wherever the focus is.
func (p *Page) Press(keys ...string) {
	p.Helper()
	for _, key := range keys {
		p.do("press a key", chromedp.KeyEvent(key))
	}
}

// TabTo presses the tabulator until what the selector finds has the focus.
func (p *Page) TabTo(selector string) {
	p.Helper()
	for range 60 {
		if Ask[bool](p, fmt.Sprintf(`document.activeElement !== null && document.activeElement.matches(%s)`, quoted(selector))) {
			return
		}
		p.Press(Tab)
	}
	p.lost("reach "+selector+" by the tabulator", context.DeadlineExceeded)
}

// Text is what a reader reads in what the selector finds first; spaces that hold a
// number together count as spaces.
func (p *Page) Text(selector string) string {
	p.Helper()
	text := Ask[string](p, fmt.Sprintf(`(document.querySelector(%s) ?? {innerText: "nothing is " + %[1]s}).innerText`, quoted(selector)))
	return strings.ReplaceAll(text, "\u00a0", " ")
}

// WaitFor waits until a JavaScript expression is true.
func (p *Page) WaitFor(expression string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`Boolean(`+expression+`)`))
		if err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			p.lost("wait for "+expression, context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// WaitText waits until what the selector finds holds a text, on a page that is there as a
// whole: what is done next may be at its end.
func (p *Page) WaitText(selector, text string) {
	p.Helper()
	p.WaitFor(fmt.Sprintf(`document.readyState !== "loading" && (document.querySelector(%s)?.innerText ?? "").replaceAll("\u00a0", " ").includes(%s)`, quoted(selector), quoted(text)))
}

// Ask evaluates JavaScript, waiting for a promise.
func Ask[T any](p *Page, expression string) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.lost("ask "+expression, err)
	}
	return v
}

// Shot puts a picture of the whole page into e2e/artefacts (not under version control)
// and gives its path.
func (p *Page) Shot(name string) string {
	p.Helper()
	b, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return "no picture: " + err.Error()
	}
	dir, err := artefacts()
	path := filepath.Join(dir, strings.ReplaceAll(p.Name(), "/", "-")+"-"+name+".png")
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		p.Fatal("browser:", err)
	}
	return path
}

// artefacts is e2e/artefacts in the module that the test runs in.
func artefacts() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "e2e", "artefacts")
	return dir, os.MkdirAll(dir, 0o700)
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", os.ErrNotExist
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// quoted is a string of JavaScript.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string can be written
	return string(b)
}

func quotedAll(all []string) string {
	b, _ := json.Marshal(all) // strings can be written
	return string(b)
}

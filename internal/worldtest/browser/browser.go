// Package browser lets a test use a page as a person does: in Chromium, by mouse or by
// keyboard alone, on a phone, with a camera, with the line cut.
//
//	b := browser.Start(t)
//	p := b.Open(t, url, browser.Phone)
//	p.Click("#check")
//	p.WaitFor(`document.querySelector(".verdict")`)
//	p.Accessible()
//
// # Invariants
//
//   - A page that writes an error to the console, throws, or wants what its policy
//     forbids (Content-Security-Policy) fails the test, unless the test has said by Allow
//     that it will.
//   - Nothing is asked of the page by its own means: what a strict policy forbids the page
//     is not forbidden the test, and the other way round.
//   - No browser outlives its test.
//   - Where Chromium is missing the test is skipped, and fails instead when
//     ADAMAS_REQUIRE_JUDGES=1.
//
// Imports: chromedp, worldtest/npm and the standard library. Only tests import this
// package.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for one thing.
const patience = 40 * time.Second

// Browser is a running Chromium with a profile of its own.
type Browser struct {
	ctx context.Context
}

// Option is how a Chromium is started.
type Option func(*options)

type options struct{ camera, trusts, host string }

// Camera makes a file of moving pictures (.y4m or .mjpeg) what the browser's camera
// sees, again and again; permission is given without a question.
func Camera(file string) Option { return func(o *options) { o.camera = file } }

// Trusting has the browser believe certificates in whose chain this key stands (base64 of
// the SHA-256 of its SubjectPublicKeyInfo), as if its authority were installed, and find
// a host's name at this computer.
func Trusting(key, host string) Option {
	return func(o *options) { o.trusts, o.host = key, host }
}

// Start starts a Chromium until the test ends.
func Start(tb testing.TB, opts ...Option) *Browser {
	tb.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	program, err := chromium()
	if err != nil {
		unavailable(tb, err)
	}
	dir, err := os.MkdirTemp("", "adamas-chromium-") // not tb.TempDir: Chromium lets go of it late
	if err != nil {
		tb.Fatal("browser:", err)
	}
	allocator, end := chromedp.NewExecAllocator(tb.Context(), flags(program, dir, o)...)
	ctx, cancel := chromedp.NewContext(allocator)
	tb.Cleanup(func() {
		cancel()
		end()
		os.RemoveAll(dir)
	})
	if err := chromedp.Do(ctx); err != nil {
		unavailable(tb, err)
	}
	return &Browser{ctx}
}

// chromium finds Chromium: the one without windows of its own where it is installed,
// which is the same engine and takes half the time.
func chromium() (string, error) {
	if program, err := exec.LookPath("chromium-headless-shell"); err == nil {
		return program, nil
	}
	return exec.LookPath("chromium")
}

// flags: as root there is no sandbox; nothing is asked of the world but the pages.
func flags(program, dir string, o options) []chromedp.ExecAllocatorOption {
	out := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	out = append(out, chromedp.ExecPath(program), chromedp.UserDataDir(dir), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(patience),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en"))
	if o.trusts != "" {
		out = append(out, chromedp.Flag("ignore-certificate-errors-spki-list", o.trusts), chromedp.Flag("host-resolver-rules", "MAP "+o.host+" 127.0.0.1"))
	}
	if o.camera != "" {
		out = append(out, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
			chromedp.Flag("use-file-for-fake-video-capture", o.camera))
	}
	return out
}

func unavailable(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
		tb.Fatalf("browser: Chromium is required (ADAMAS_REQUIRE_JUDGES=1): %v", err)
	}
	tb.Skipf("browser: no Chromium: %v", err)
}

package e2e

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/worldtest/browser"
)

// offices are the three nodes of the demonstration with their people at work.
type offices struct {
	dir string
	url map[string]string // by participant: CF, AE, EU
	b   *browser.Browser
}

// openOffices serves the demonstration.
func openOffices(t *testing.T) *offices {
	t.Helper()
	needs(t, "chromium", "pdftoppm", "pdftotext", "zbarimg")
	dir := copied(t)
	s := serve(t, dir)
	o := &offices{dir: dir, url: map[string]string{"CF": local(s.url)}, b: browser.Start(t)}
	for _, line := range strings.Split(s.out.String(), "\n") {
		if office, at, ok := strings.Cut(line, " is served at "); ok {
			o.url[office[:2]] = local(strings.TrimSpace(at))
		}
	}
	if len(o.url) != 3 {
		t.Fatalf("served: %v\n%s", o.url, s.out.String())
	}
	return o
}

// local is an address by the name under which a browser takes it for its own computer.
func local(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }

// needs skips a test whose judges are not installed, unless they are required.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
}

// colleague is somebody at his own computer.
type colleague struct {
	*browser.Page
	at, lang string // of his office's node; that he reads
}

// enter lets one of the demonstration's people sign in at his office, in his language.
func (o *offices) enter(t *testing.T, participant, login, lang string) *colleague {
	t.Helper()
	at := o.url[participant]
	p := &colleague{known(o.b.Apart(t).Open(t, at+"/sign-in?lang="+lang, browser.Desk)), at, lang}
	p.Click(fmt.Sprintf(`button[value="%s"]`, login))
	p.WaitFor(`location.pathname !== "/sign-in" && document.querySelector(".desk__who a[href='/account']") !== null`)
	if got := browser.Ask[string](p.Page, `document.documentElement.lang`); !strings.HasPrefix(got, lang) {
		t.Fatalf("%s at %s signed in in %s, not in %s", login, participant, got, lang)
	}
	return p
}

// open goes to a page of the person's office.
func (p *colleague) open(path string) {
	p.Helper()
	p.Go(p.at + path)
}

// path is where he is.
func (p *colleague) path() string { return browser.Ask[string](p.Page, `location.pathname`) }

// says fails unless the page says each of the texts.
func (p *colleague) says(texts ...string) {
	p.Helper()
	p.WaitFor(`document.readyState === "complete"`)
	said := p.Text("main")
	for _, text := range texts {
		if !strings.Contains(said, text) {
			p.Errorf("%s does not say %q:\n%s", p.path(), text, said)
		}
	}
}

// hides fails where the page says one of the texts.
func (p *colleague) hides(texts ...string) {
	p.Helper()
	said := p.Text("main")
	for _, text := range texts {
		if strings.Contains(said, text) {
			p.Errorf("%s says %q:\n%s", p.path(), text, said)
		}
	}
}

// seen looks at a page as it stands: axe, a picture, and whether the smallest screen
// holds it.
func (p *colleague) seen(name string) {
	p.Helper()
	p.Accessible()
	p.Shot(name)
	p.Resize(browser.Smallest)
	p.NoSideways()
	p.Resize(browser.Desk)
}

// send presses a button that leads on to a page whose main text holds a text.
func (p *colleague) send(button, text string) {
	p.Helper()
	submit(p.Page, button, text)
}

// sendAmid is send where another office may act on the file meanwhile: then the form comes
// back with what was typed, and is sent again.
func (p *colleague) sendAmid(button, text string) {
	p.Helper()
	for range 5 {
		seen := browser.Ask[string](p.Page, `document.querySelector("[name=seen]").value`)
		p.Click(button)
		p.WaitFor(fmt.Sprintf(`document.readyState !== "loading" && (document.body.innerText.includes(%q) || (document.querySelector("[name=seen]")?.value ?? %q) !== %q)`, text, seen, seen))
		if strings.Contains(p.Text("body"), text) {
			return
		}
	}
	p.WaitText("body", text)
}

// until loads the page again and again until it says a text: what another office sends
// is there when it has been read.
func (p *colleague) until(text string) {
	p.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); p.Reload() {
		if strings.Contains(p.Text("main"), text) {
			return
		}
		browser.Ask[bool](p.Page, `new Promise((done) => setTimeout(() => done(true), 250))`)
	}
	p.WaitText("main", text) // fails with a picture
}

// The buttons of an office's forms: the one that does what the page is for.
const (
	doIt   = "main form .actions button[type=submit]"
	lookAt = `main form[action$="/preview"] button`
)

// sealPhoto is a picture as a camera makes one.
func sealPhoto(t *testing.T, seal string) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.RGBA{230, 226, 214, 255}), image.Point{}, draw.Src)
	for i, r := range seal {
		box := image.Rect(60+i*70, 160, 110+i*70, 160+int(r)*2)
		draw.Draw(m, box, image.NewUniform(color.RGBA{30, 90, uint8(r), 255}), image.Point{}, draw.Src)
	}
	path := filepath.Join(t.TempDir(), seal+".jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(f, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// printed looks at a PDF with other eyes than ours: its pages' pictures are kept as
// artefacts, its text and the texts of its codes are given.
func printed(p *colleague, pdf, name string) (text string, codes []string) {
	p.Helper()
	text, _, code := runFor(p, "pdftotext", "-layout", pdf, "-")
	if code != 0 {
		p.Fatalf("pdftotext: %d", code)
	}
	picture := filepath.Join(filepath.Dir(p.Shot(name+"-page")), strings.ReplaceAll(p.Name(), "/", "-")+"-"+name+"-paper")
	if _, errs, code := runFor(p, "pdftoppm", "-png", "-r", "300", "-singlefile", pdf, picture); code != 0 {
		p.Fatalf("pdftoppm: %d %s", code, errs)
	}
	out, _, _ := runFor(p, "zbarimg", "--quiet", "--raw", picture+".png")
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); line != "" {
			codes = append(codes, line)
		}
	}
	return text, codes
}

func runFor(p *colleague, args ...string) (string, string, int) {
	p.Helper()
	var errs strings.Builder
	cmd := exec.CommandContext(p.Context(), args[0], args[1:]...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState == nil {
		p.Fatal(err)
	}
	return string(out), errs.String(), cmd.ProcessState.ExitCode()
}

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"adamas.example/internal/worldtest/browser"
	verdicts "adamas.example/verify"
	"adamas.example/verify/verifytest/cases"
)

// checkWorld is the demonstration served once for all journeys of the page "Check a
// certificate", with a certificate's paper.
type checkWorld struct {
	dir, url  string
	said      string // by the demonstration when it began to serve
	file, pdf string // of a certificate
	picture   string // its paper as a scan, PNG
}

// checkNumber is the certificate that is checked.
const checkNumber = "CF00000001"

// checking gives the world, serving it while the test that needs it runs.
func checking(t *testing.T) *checkWorld {
	t.Helper()
	for _, judge := range []string{"chromium", "pdftoppm"} {
		if _, err := exec.LookPath(judge); err != nil {
			if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	dir := copied(t)
	w := &checkWorld{dir: dir, file: filepath.Join(dir, "certificates", checkNumber+".adamas"), pdf: filepath.Join(dir, "paper.pdf"), picture: filepath.Join(dir, "scan.png")}
	if out, errs, code := run(t, nil, program(t), "certificate", "print", checkNumber, "--dir", filepath.Join(dir, "node-cf"), "--out", w.pdf, "--reason", "SYNTHETIC: original"); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	if out, errs, code := run(t, nil, "pdftoppm", "-png", "-r", "200", "-singlefile", w.pdf, strings.TrimSuffix(w.picture, ".png")); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	s := serve(t, dir)
	w.url, w.said = s.url, s.out.String()
	w.packPrint(t)
	return w
}

// packPrint has the office make a pack anew, once the register holds that the paper was
// printed.
func (w *checkWorld) packPrint(t *testing.T) {
	t.Helper()
	args := []string{program(t), "pack", "make", "--dir", filepath.Join(w.dir, "node-cf")}
	for _, code := range []string{"ae", "eu"} {
		args = append(args, "--log", filepath.Join(w.dir, "node-"+code, "log"))
	}
	var said string
	for i := range 20 {
		made := filepath.Join(w.dir, fmt.Sprint("pack-", i))
		if out, errs, code := run(t, nil, append(args, "--out", made)...); code != 0 {
			t.Fatalf("exit %d\n%s%s", code, out, errs)
		}
		var code int
		if said, _, code = run(t, nil, program(t), "verify", "--pack", made, w.pdf); code == 0 {
			if err := os.Rename(made, filepath.Join(w.dir, "pack")); err != nil {
				t.Fatal(err)
			}
			return
		}
		time.Sleep(time.Second)
	}
	t.Fatalf("the paper is not known:\n%s", said)
}

// facts waits until the page has proved what it judges from.
func facts(p *browser.Page) {
	p.Helper()
	p.WaitFor(`document.querySelector("#facts-root").textContent !== ""`)
}

// kept waits until the page works without a network.
func kept(p *browser.Page) {
	p.Helper()
	facts(p)
	p.WaitText("#facts-offline", "works without a network")
}

// TestCheckPage: somebody has a certificate's file, its PDF or its picture, and asks
// whether it is genuine, in each language, on each screen.
func TestCheckPage(t *testing.T) {
	w := checking(t)
	b := browser.Start(t)
	t.Run("file", func(t *testing.T) { checkFile(t, w, b) })
	t.Run("changed", func(t *testing.T) { checkChanged(t, w, b) })
	t.Run("picture", func(t *testing.T) { checkPicture(t, w, b) })
	t.Run("code", func(t *testing.T) { checkCode(t, w, b) })
	t.Run("keyboard", func(t *testing.T) { checkKeyboard(t, w, b) })
	t.Run("weight", func(t *testing.T) { checkWeight(t, w, b) })
	t.Run("without network", func(t *testing.T) { checkWithoutNetwork(t, w, b) })
	t.Run("without script", func(t *testing.T) { checkWithoutScript(t, w, b) })
	t.Run("another root", func(t *testing.T) { checkAnotherRoot(t, w, b) })
	t.Run("old facts", func(t *testing.T) { checkOldFacts(t, w, b) })
	t.Run("camera", func(t *testing.T) { checkCamera(t, w) })
}

func checkFile(t *testing.T, w *checkWorld, b *browser.Browser) {
	for l, want := range map[string][]string{
		"en": {"Genuine certificate of the Central African Republic.", "Recorded ", "12.40 ct", "As of ", "How we know ("},
		"fr": {"Certificat authentique de la République centrafricaine.", "Enregistré ", "12,40 ct", "État au ", "Comment nous le savons ("},
		"pt": {"Certificado autêntico da República Centro-Africana.", "Registado ", "12,40 ct", "Situação em ", "Como o sabemos ("},
	} {
		t.Run(l, func(t *testing.T) {
			p := b.Open(t, w.url+"/check?lang="+l, browser.Desk)
			p.Accessible()
			p.Files("#file", w.file)
			p.WaitFor(`document.querySelector("#result")`)
			text := p.Text("#result")
			for _, s := range append(want, "●", "CF 0000 0001", "SYNTHETIC") {
				if !strings.Contains(text, s) {
					t.Errorf("the result does not say %q:\n%s", s, text)
				}
			}
			if strings.Contains(text, "verify.") || strings.Contains(p.Text("body"), "check.ui") {
				t.Errorf("a key instead of words:\n%s", p.Text("body"))
			}
			if !browser.Ask[bool](p, `document.activeElement === document.querySelector("#first")`) {
				t.Error("the focus is not on the result")
			}
			for _, s := range []browser.Size{browser.Desk, browser.Tablet, browser.Phone, browser.Smallest} {
				p.Resize(s)
				p.NoSideways()
				p.Shot(fmt.Sprint(s.Width))
			}
			browser.Ask[bool](p, `document.querySelectorAll("details").forEach((d) => (d.open = true)) ?? true`)
			p.NoSideways()
			p.Accessible()
			p.Shot("unfolded")
		})
	}
}

// checkChanged: one byte of the file is another.
func checkChanged(t *testing.T, w *checkWorld, b *browser.Browser) {
	file, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(file, []byte(checkNumber))
	if i < 0 {
		t.Fatal("no number in the file")
	}
	file[i+len(checkNumber)-1] = '3'
	path := filepath.Join(t.TempDir(), "changed.adamas")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	p := b.Open(t, w.url+"/check?lang=en", browser.Phone)
	p.Files("#file", path)
	p.WaitFor(`document.querySelector("#result")`)
	if text := p.Text("#result"); !strings.Contains(text, "■ Not valid.") {
		t.Error(text)
	}
	p.Accessible()
	p.Shot("changed")
}

func checkPicture(t *testing.T, w *checkWorld, b *browser.Browser) {
	p := b.Open(t, w.url+"/check?lang=en", browser.Phone)
	p.Files("#file", w.picture)
	p.WaitFor(`document.querySelector("#result")`)
	if text := p.Text("#result"); !strings.Contains(text, "● Genuine certificate of the Central African Republic.") || strings.Contains(text, "Only the certificate’s own code") {
		t.Error(text)
	}
	p.Shot("picture")
	p.Files("#file", w.pdf)
	p.WaitFor(`document.querySelector("#result")?.textContent.includes("This PDF is one that CF/bangui printed")`)
	if text := p.Text("#result"); !strings.Contains(text, "● Genuine certificate of the Central African Republic.") {
		t.Error(text)
	}
	file, err := os.ReadFile(w.pdf)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.pdf")
	put(t, other, append(file, '\n'))
	p.Files("#file", other)
	p.WaitText("#result", "▲ We cannot tell.")
	p.WaitText("#result", "Nobody recorded this PDF")
	path := filepath.Join(t.TempDir(), "nothing.png")
	put(t, path, encoded(t, image.NewGray(image.Rect(0, 0, 300, 300))))
	p.Files("#file", path)
	p.WaitText("#faults", "No code of a certificate was found in this picture.")
	p.Accessible()
}

// codesOf reads the texts of a paper's codes with zbarimg, by their letter.
func codesOf(t *testing.T, picture string) map[string]string {
	t.Helper()
	out, errs, code := run(t, nil, "zbarimg", "--quiet", "--raw", picture)
	if code != 0 {
		t.Fatalf("zbarimg: exit %d\n%s", code, errs)
	}
	found := map[string]string{}
	for line := range strings.Lines(out) {
		if head, digits, ok := strings.Cut(strings.TrimSpace(line), "#"); ok {
			found[head[len(head)-1:]] = digits
		}
	}
	if found["C"] == "" || found["P"] == "" {
		t.Fatalf("codes %v", found)
	}
	return found
}

// checkCode: a telephone's own camera has opened the address in a code.
func checkCode(t *testing.T, w *checkWorld, b *browser.Browser) {
	codes := codesOf(t, w.picture)
	p := b.Open(t, w.url+"/C#"+codes["C"], browser.Phone)
	p.WaitText("#result", "● Genuine certificate of the Central African Republic.")
	p.WaitText("#result", "Only the certificate’s own code was read.")
	p = b.Open(t, w.url+"/P#"+codes["P"], browser.Phone)
	p.WaitText("#faults", "Scan the other code of the paper too")
	browser.Ask[bool](p, fmt.Sprintf(`(document.querySelector("#codes").value = "HTTPS://V.KP.EXAMPLE/C#%s") !== ""`, codes["C"]))
	browser.Ask[bool](p, `document.querySelector("#lay").requestSubmit() ?? true`)
	p.WaitText("#result", "● Genuine certificate of the Central African Republic.")
	if text := p.Text("#result"); strings.Contains(text, "Only the certificate’s own code") {
		t.Errorf("the proof that was read before is forgotten:\n%s", text)
	}
}

// checkKeyboard: no mouse. Whoever is without one types the codes, asks for an import
// and unfolds how we know.
func checkKeyboard(t *testing.T, w *checkWorld, b *browser.Browser) {
	codes := codesOf(t, w.picture)
	p := b.Open(t, w.url+"/check?lang=en", browser.Desk)
	p.TabTo(`#lay details:nth-of-type(1) > summary`)
	p.Press(browser.Enter)
	p.TabTo("#codes")
	p.Press("C#" + codes["C"][:40])
	p.TabTo(`#lay button[type=submit]`)
	p.Press(browser.Enter)
	p.WaitFor(`document.querySelector("#faults")`)
	p.TabTo(`#lay details:nth-of-type(2) > summary`)
	p.Press(browser.Enter)
	p.TabTo("#purpose-record")
	p.Press(browser.Down)
	if !browser.Ask[bool](p, `document.querySelector("#purpose-import").checked`) {
		t.Error("the arrow does not choose the other question")
	}
	browser.Ask[bool](p, fmt.Sprintf(`(document.querySelector("#codes").value = "C#%s\nP#%s") !== ""`, codes["C"], codes["P"]))
	p.TabTo(`#lay button[type=submit]`)
	p.Press(browser.Enter)
	p.WaitText("#result", "Not acceptable.") // it has been used
	p.Press(browser.Tab, browser.Enter)
	if !browser.Ask[bool](p, `document.querySelector("#result details.how").open`) {
		t.Error("how we know does not unfold")
	}
	p.Press(browser.Tab, browser.Enter)
	p.WaitFor(`document.querySelector(".checks details").open`)
}

// Most that the first visit may weigh (design.md §11), and the verifier alone.
const (
	mostFirst    = 150_000
	mostVerifier = 2_500_000
	mostShift    = 0.02
)

func checkWeight(t *testing.T, w *checkWorld, b *browser.Browser) {
	fresh := browser.Start(t) // nothing is in its cache
	p := fresh.Open(t, w.url+"/check?lang=en", browser.Phone)
	first, each := p.Loaded()
	t.Logf("first visit, without the verifier: %d bytes\n%s", first, each)
	if strings.Contains(each, "check.wasm") || first > mostFirst {
		t.Errorf("%d bytes, at most %d:\n%s", first, mostFirst, each)
	}
	kept(p)
	if shift := p.Shift(); shift > mostShift {
		t.Errorf("the page jumps: %v", shift)
	}
	r, err := http.Get(w.url + browser.Ask[string](p, `document.querySelector("#check").dataset.program`))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	req, err := http.NewRequest(http.MethodGet, r.Request.URL.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	r, err = http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	t.Logf("verifier: %d bytes", r.ContentLength)
	if r.ContentLength <= 0 || r.ContentLength > mostVerifier {
		t.Errorf("the verifier has %d bytes, at most %d", r.ContentLength, mostVerifier)
	}
}

// checkWithoutNetwork: after one visit the line is cut. The page comes, in every
// language, and judges; a number alone is not pretended to be enough.
func checkWithoutNetwork(t *testing.T, w *checkWorld, b *browser.Browser) {
	line := browser.NewLine(t, w.url)
	p := b.Open(t, line.URL+"/check?lang=fr", browser.Phone)
	facts(p)
	p.WaitText("#facts-offline", "fonctionne sans réseau")
	line.Cut()
	p.Allow("Failed to load resource: net::ERR_")
	p.Go(line.URL + "/check")
	facts(p)
	if title := p.Text("h1"); title != "Vérifier un certificat" {
		t.Errorf("title %q", title)
	}
	p.WaitText("#facts-age", "n’ont pas pu être obtenus")
	p.Files("#file", w.file)
	p.WaitText("#result", "● Certificat authentique de la République centrafricaine.")
	p.Accessible()
	p.Shot("cut")
	p.Click(`.languages a[hreflang="en"]`)
	p.WaitText("h1", "Check a certificate")
	p.Files("#file", w.picture)
	p.WaitText("#result", "● Genuine certificate of the Central African Republic.")
	p.Go(line.URL + "/C#" + codesOf(t, w.picture)["C"])
	p.WaitText("#result", "● Genuine certificate of the Central African Republic.")
	browser.Ask[bool](p, `(document.querySelector("#number").value = "CF 0000 0001") !== ""`)
	browser.Ask[bool](p, `document.querySelector("#by-number").requestSubmit() ?? true`)
	p.WaitText("#faults", "A number alone tells nothing without a network.")
	line.Mend()
	p.Go(line.URL + "/check?lang=en")
	kept(p)
}

// checkWithoutScript: the same result, word for word, from the office.
func checkWithoutScript(t *testing.T, w *checkWorld, b *browser.Browser) {
	p := b.Open(t, w.url+"/check?lang=en", browser.Phone)
	p.Files("#file", w.file)
	p.WaitFor(`document.querySelector("#result")`)
	ours := p.Text("#result")
	off := b.Open(t, w.url+"/check?lang=en", browser.Phone)
	off.Scripts(false)
	off.Reload()
	if text := off.Text("#lay"); !strings.Contains(text, "sent to this office") || strings.Contains(text, "Use the camera") {
		t.Errorf("without scripts:\n%s", text)
	}
	off.Files("#file", w.file)
	off.Click(`#lay button[type=submit]`)
	off.WaitFor(`document.querySelector("#result") && document.readyState === "complete"`) // whole, not as far as it has come
	if theirs := off.Text("#result"); minuteless(theirs) != minuteless(ours) {
		t.Errorf("the office says:\n%s\nthe device says:\n%s", theirs, ours)
	}
	off.NoSideways()
	off.Shot("without-script")
	off.Click(`#lay button[type=submit]`)
	off.WaitText("#faults", "Nothing has been chosen.")
	off.Allow("422")  // the form comes back with what is wrong
	off.Scripts(true) // those of axe; the page's own come only when it is loaded again
	off.Accessible()
}

// minuteless leaves out the minute in which it was asked.
func minuteless(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "Genuine and recorded, as of ") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// checkAnotherRoot: the site, or who has taken its place, offers facts under a root
// document that nobody has signed over to. The device says so, and judges on from what it
// has.
func checkAnotherRoot(t *testing.T, w *checkWorld, b *browser.Browser) {
	other := cases.New()
	other.Good()
	address, forged := behind(t, w, other.Pack())
	p := b.Open(t, address+"/check?lang=en", browser.Phone)
	kept(p)
	known := p.Text("#facts-root")
	forged.Store(true)
	p.Reload()
	p.WaitText("#faults", "These facts stand under another root document than the one this device knows.")
	p.WaitText("#faults", strings.TrimPrefix(known[:len("Root document abcd abcd abcd abcd")], "Root document "))
	p.NoSideways()
	p.Accessible()
	p.Shot("refused")
	p.Files("#file", w.file)
	p.WaitText("#result", "● Genuine certificate of the Central African Republic.")
	if now := p.Text("#facts-root"); now != known {
		t.Errorf("the device now knows %q, before %q", now, known)
	}
	path := filepath.Join(t.TempDir(), "pack")
	put(t, path, other.Pack())
	p.Files("#file", path)
	p.WaitText("#faults", "another root document")
}

// behind is the site with its pack in another's place, for as long as that is set.
func behind(t *testing.T, w *checkWorld, packed []byte) (address string, set *atomic.Bool) {
	t.Helper()
	site, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	set = new(atomic.Bool)
	proxy := httputil.NewSingleHostReverseProxy(site)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/pack" && set.Load() {
			rw.Write(packed)
			return
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, set
}

// checkOldFacts: a device that has been without a network for too long cannot tell
// whether a certificate may be accepted, and says why and since when.
func checkOldFacts(t *testing.T, w *checkWorld, b *browser.Browser) {
	c := cases.New()
	c.Good()
	file, err := c.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "good.adamas")
	put(t, path, file)
	address, set := behind(t, w, c.Pack())
	set.Store(true)
	at := c.Options(verdicts.Import).At
	for days, want := range map[int]string{0: "It may be accepted", 9: "▲ We cannot tell."} {
		p := b.Open(t, "about:blank", browser.Phone)
		p.Later(time.Until(at.AddDate(0, 0, days)))
		p.Go(address + "/check?lang=en")
		facts(p)
		browser.Ask[bool](p, `(document.querySelector("#purpose-import").checked = true)`)
		p.Files("#file", path)
		p.WaitText("#result", want)
		text := p.Text("#result")
		if days == 9 && (!strings.Contains(text, "9 days old; the rule allows 7 days") || !strings.Contains(p.Text("#facts-age"), "9 days ago")) {
			t.Error(text)
		}
		if strings.Contains(p.Text(".verdict__as-of"), "ago") != (days == 9) {
			t.Errorf("after %d days: %s", days, p.Text(".verdict__as-of"))
		}
		p.Shot(fmt.Sprint(days, "-days"))
	}
}

// TestCheckOwnPack: an office serves its node and nothing else. Its page judges from a
// pack that the node makes by itself.
func TestCheckOwnPack(t *testing.T) {
	dir := copied(t)
	b := browser.Start(t)
	url := serveNode(t, filepath.Join(dir, "node-cf"))
	p := b.Open(t, url+"/check?lang=en", browser.Desk)
	p.Allow("503") // until the pack is made
	p.Files("#file", filepath.Join(dir, "certificates", checkNumber+".adamas"))
	p.WaitText("#result", "● Genuine certificate of the Central African Republic.")
	if _, err := os.Stat(filepath.Join(dir, "node-cf", "pack-offered")); err != nil {
		t.Error(err)
	}
}

// serveNode serves one node as its operator would, until the test ends.
func serveNode(t *testing.T, dir string) (url string) {
	t.Helper()
	cmd := exec.Command(program(t), "serve", "--dir", dir, "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "ADAMAS_LANG=en")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT)
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "http://localhost:"); ok {
			port, _, _ := strings.Cut(rest, " ")
			return "http://127.0.0.1:" + port
		}
	}
	t.Fatal("no address")
	return ""
}

// checkCamera: the paper is held before the camera, one code after the other.
func checkCamera(t *testing.T, w *checkWorld) {
	video := filepath.Join(t.TempDir(), "paper.mjpeg")
	film(t, w.picture, video)
	b := browser.Start(t, browser.Camera(video))
	p := b.Open(t, w.url+"/check?lang=en", browser.Phone)
	p.Click("#camera")
	p.WaitFor(`document.querySelector("video")?.videoWidth > 0`)
	p.Shot("camera")
	p.Accessible()
	p.WaitText("#result", "● Genuine certificate of the Central African Republic.")
	if text := p.Text("#result"); strings.Contains(text, "Only the certificate’s own code") {
		t.Errorf("one code only:\n%s", text)
	}
	if browser.Ask[bool](p, `document.querySelector("video") !== null`) {
		t.Error("the camera goes on")
	}
	p.Click("#camera")
	p.WaitFor(`document.querySelector("video")?.videoWidth > 0`)
	p.Press(browser.Escape)
	p.WaitFor(`document.querySelector("video") === null && document.activeElement.id === "camera"`)
}

// film makes moving pictures of a paper: first its left code, then its right one.
func film(t *testing.T, paper, path string) {
	t.Helper()
	f, err := os.Open(paper)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	bounds := page.Bounds()
	for _, left := range []int{0, bounds.Dx() / 2} {
		frame := image.NewRGBA(image.Rect(0, 0, 1280, 960))
		draw.Draw(frame, frame.Bounds(), image.NewUniform(color.Gray{200}), image.Point{}, draw.Src)
		from := image.Pt(left, bounds.Dy()-1100)
		draw.Draw(frame, image.Rect(200, 0, 200+bounds.Dx()/2, 960), page, from, draw.Src)
		for range 20 {
			if err := jpeg.Encode(&out, frame, &jpeg.Options{Quality: 85}); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(t, path, out.Bytes())
}

func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

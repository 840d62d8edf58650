package checking

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/document"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
	"adamas.example/verify"
	"adamas.example/verify/paper"
	"adamas.example/verify/verifytest/cases"
)

// stage is the page at a node that offers a pack and one certificate.
type stage struct {
	*testing.T
	checker *checker
	handler http.Handler
	offer   *module.Offer
	file    []byte
	number  string
	signed  []byte
	wanted  int
}

func newStage(t *testing.T) *stage {
	t.Helper()
	words, err := lang.Load(certificateweb.Text(), Text(), web.Text())
	if err != nil {
		t.Fatal(err)
	}
	c := cases.New()
	c.Good()
	file, err := c.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{T: t, file: file, signed: c.Bundle.Statement}
	opt := c.Options(verify.Record)
	v := c.Verifier().Verify(c.Bundle, opt)
	if v.Outcome != verify.Valid {
		t.Fatalf("the stage's certificate is %s", v.Outcome)
	}
	st.number = v.Open.Number
	dir := t.TempDir()
	n := &module.Node{Office: "CF/bangui", Offer: module.Offer{Pack: filepath.Join(dir, "pack"), Certificates: dir, Wanted: func() { st.wanted++ }}}
	st.offer = &n.Offer
	for name, content := range map[string][]byte{"pack": c.Pack(), st.number + ".adamas": file} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site, err := web.New(web.Config{Words: words, Synthetic: true, Office: n.Office, Now: func() time.Time { return opt.At }, Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if st.checker, err = newChecker(n, site); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, p := range st.checker.pages() {
		if p.Permission != Permission {
			t.Errorf("%s asks for %q", p.Pattern, p.Permission)
		}
		mux.Handle(p.Pattern, web.Secure(p.Handler))
	}
	st.handler = mux
	return st
}

func (st *stage) ask(r *http.Request) (status int, body string, head http.Header) {
	st.Helper()
	w := httptest.NewRecorder()
	r.Header.Set("Accept-Language", "en")
	st.handler.ServeHTTP(w, r)
	return w.Code, strings.ReplaceAll(w.Body.String(), "\u00a0", " "), w.Header()
}

func (st *stage) get(path string) (int, string, http.Header) {
	st.Helper()
	return st.ask(httptest.NewRequest(http.MethodGet, path, nil))
}

// form is what a browser without scripts sends.
func formOf(t *testing.T, file []byte, fields map[string]string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "file")
	if err == nil {
		_, err = part.Write(file)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/check", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// attached is a PDF with a file in it.
func attached(file []byte) []byte {
	return fmt.Appendf(nil, "%%PDF-1.7\n1 0 obj\n<</Type/EmbeddedFile/Length %d>>\nstream\n%s\nendstream", len(file), file)
}

// photograph is a picture of codes side by side.
func photograph(t *testing.T, texts ...string) []byte {
	t.Helper()
	const side, edge = 600, 40
	m := image.NewGray(image.Rect(0, 0, side*len(texts), side))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	for k, text := range texts {
		q, err := document.NewQR(text, 40)
		if err != nil {
			t.Fatal(err)
		}
		for y := edge; y < side-edge; y++ {
			for x := edge; x < side-edge; x++ {
				if q.Black((x-edge)*q.Modules/(side-2*edge), (y-edge)*q.Modules/(side-2*edge)) {
					m.SetGray(k*side+x, y, color.Gray{})
				}
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestJudgesWithoutScript: what is sent is judged, and what is wrong with it is told.
func TestJudgesWithoutScript(t *testing.T) {
	st := newStage(t)
	code := paper.Certificate.Text("HTTPS://V.KP.EXAMPLE", st.signed)
	changed := bytes.Replace(st.file, []byte(st.number), []byte(st.number[:len(st.number)-1]+"9"), 1)
	for name, tt := range map[string]struct {
		file   []byte
		fields map[string]string
		status int
		want   string
	}{
		"file":                {st.file, nil, 200, "Genuine certificate"},
		"codes":               {nil, map[string]string{"codes": code}, 200, "Genuine certificate"},
		"file before codes":   {st.file, map[string]string{"codes": "nothing"}, 200, "Genuine certificate"},
		"changed":             {changed, nil, 200, "Not valid."},
		"import":              {st.file, map[string]string{"purpose": "import"}, 200, "It may be accepted"},
		"import elsewhere":    {st.file, map[string]string{"purpose": "import", "destination": "BW"}, 200, "Not acceptable."},
		"no destination":      {st.file, map[string]string{"purpose": "import", "destination": "<b>"}, 422, "is not understood"},
		"another purpose":     {st.file, map[string]string{"purpose": "export"}, 200, "Genuine certificate"},
		"nothing":             {nil, map[string]string{"codes": "  "}, 422, "Nothing has been chosen."},
		"no certificate":      {[]byte("Monsieur"), nil, 422, "This is not a certificate’s file"},
		"the proof alone":     {nil, map[string]string{"codes": paper.Proof.Text("", st.signed)}, 422, "certificate’s own is missing"},
		"a PDF of nobody":     {attached(st.file), nil, 200, "Nobody recorded this PDF"},
		"a PDF with nothing":  {[]byte("%PDF-1.7"), nil, 422, "No certificate is attached"},
		"a picture of it":     {photograph(t, code), nil, 200, "Genuine certificate"},
		"a picture of two":    {photograph(t, code, paper.Certificate.Text("HTTPS://V.KP.EXAMPLE", changed[:400])), nil, 422, "codes of two certificates"},
		"a receipt's code":    {nil, map[string]string{"codes": paper.Receipt.Text("HTTPS://V.KP.EXAMPLE", st.signed)}, 422, "code of a confirmation of import"},
		"a picture of it too": {photograph(t, paper.Receipt.Text("HTTPS://V.KP.EXAMPLE", st.signed)), nil, 422, "code of a confirmation of import"},
		"a picture of other":  {photograph(t, "HTTPS://V.KP.EXAMPLE"), nil, 422, "No code of a certificate"},
		"half a picture":      {photograph(t, code)[:500], nil, 422, "damaged or not whole"},
		"a text too long":     {nil, map[string]string{"codes": strings.Repeat("9", mostText+1)}, 413, "larger than"},
		"a file too large":    {make([]byte, most+1), nil, 413, "larger than"},
		"markup in what says": {nil, map[string]string{"codes": "<script>alert(1)</script>"}, 422, "&lt;script&gt;"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body, head := st.ask(formOf(t, tt.file, tt.fields))
			if status != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%d, want %d with %q:\n%.3000s", status, tt.status, tt.want, inMain(body))
			}
			if strings.Contains(body, "<script>") || !strings.Contains(head.Get("Content-Security-Policy"), "'wasm-unsafe-eval'") {
				t.Errorf("policy %q", head.Get("Content-Security-Policy"))
			}
			if strings.Contains(body, "Genuine certificate") && !strings.Contains(body, "As of") {
				t.Error("a yes without its time")
			}
		})
	}
}

// inMain is what stands in the page itself.
func inMain(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	return body
}

// TestOnlyOurOwnForm: another site cannot have a reader's browser send anything here.
func TestOnlyOurOwnForm(t *testing.T) {
	st := newStage(t)
	r := formOf(t, st.file, nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, body, _ := st.ask(r); status != http.StatusForbidden || !strings.Contains(body, "another page than ours") {
		t.Errorf("%d\n%s", status, body)
	}
	r = httptest.NewRequest(http.MethodPost, "/check", strings.NewReader("file=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, body, _ := st.ask(r); status != http.StatusUnprocessableEntity || !strings.Contains(body, "did not arrive whole") {
		t.Errorf("%d\n%s", status, body)
	}
}

func TestByNumber(t *testing.T) {
	st := newStage(t)
	typed := strings.ToLower(st.number[:2]) + "%20" + st.number[2:]
	if status, body, head := st.get("/check?number=" + typed); status != 200 || !strings.Contains(body, "Genuine certificate") || head.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q\n%s", status, head.Get("Cache-Control"), body)
	}
	if status, _, head := st.get("/check?number=CF99999999"); status != http.StatusSeeOther || head.Get("Location") != "/certificates?number=CF99999999" {
		t.Errorf("%d %s", status, head.Get("Location"))
	}
	for _, wrong := range []string{"12", "..%2fpack", "CF", "%3Cb%3E"} {
		if status, body, _ := st.get("/check?number=" + wrong); status != 422 || !strings.Contains(body, "is not a certificate’s number") {
			t.Errorf("%s: %d\n%s", wrong, status, body)
		}
	}
}

// TestNoPack: without a pack nothing is judged, and it is said so; when there is one, it
// is used, and a newer one after it.
func TestNoPack(t *testing.T) {
	st := newStage(t)
	path := st.offer.Pack
	held, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if status, body, _ := st.ask(formOf(t, st.file, nil)); status != 404 || !strings.Contains(body, "A pack is needed") {
		t.Errorf("%d\n%s", status, body)
	}
	if st.wanted == 0 {
		t.Error("nobody was told that a pack is wanted")
	}
	if err := os.WriteFile(path, held, 0o600); err != nil {
		t.Fatal(err)
	}
	if status, body, _ := st.ask(formOf(t, st.file, nil)); status != 200 {
		t.Errorf("%d\n%s", status, body)
	}
	if err := os.WriteFile(path, held[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, body, _ := st.ask(formOf(t, st.file, nil)); strings.Contains(body, "Genuine") {
		t.Error("judged from a pack that is no more")
	}
}

// TestManyAtOnce: what is being sent is held in memory, so that it is bounded how much
// there is of it; who comes too many is told so, and the next is served.
func TestManyAtOnce(t *testing.T) {
	st := newStage(t)
	var end []func()
	for range atDoor {
		body, half := io.Pipe()
		r := httptest.NewRequest(http.MethodPost, "/check", body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		done := make(chan struct{})
		go func() {
			defer close(done)
			st.handler.ServeHTTP(httptest.NewRecorder(), r)
		}()
		if _, err := half.Write([]byte("--x\r\n")); err != nil { // comes back when it is read
			t.Fatal(err)
		}
		end = append(end, func() { half.Close(); <-done })
	}
	if status, body, _ := st.ask(formOf(t, st.file, nil)); status != http.StatusServiceUnavailable || !strings.Contains(body, "Send it again") {
		t.Errorf("%d\n%.2000s", status, inMain(body))
	}
	for _, f := range end {
		f()
	}
	if status, _, _ := st.ask(formOf(t, st.file, nil)); status != http.StatusOK {
		t.Errorf("%d for the next", status)
	}
}

// TestPicturesWaitApart: pictures, which take long, keep nobody waiting but pictures.
func TestPicturesWaitApart(t *testing.T) {
	st := newStage(t)
	st.checker.lens <- struct{}{} // one is being looked at
	if status, body, _ := st.ask(formOf(t, st.file, nil)); status != http.StatusOK {
		t.Errorf("%d\n%.2000s", status, inMain(body))
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := formOf(t, photograph(t, paper.Certificate.Text("HTTPS://V.KP.EXAMPLE", st.signed)), nil).WithContext(gone)
	if _, body, _ := st.ask(r); strings.Contains(body, "Genuine certificate") {
		t.Error("a second picture was looked at beside the first")
	}
}

// TestWhatThePageLoads: every file that the worker keeps is there, as the kind that a
// browser runs, and the policies let them run.
func TestWhatThePageLoads(t *testing.T) {
	st := newStage(t)
	status, script, head := st.get("/check/worker.js")
	if status != 200 || head.Get("Service-Worker-Allowed") != "/" || !strings.Contains(head.Get("Content-Security-Policy"), "connect-src 'self'") {
		t.Fatalf("%d %v", status, head)
	}
	first, _, _ := strings.Cut(script, "\n")
	var s shell
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(first, "self.shell="), ";")), &s); err != nil {
		t.Fatalf("%v: %s", err, first)
	}
	for _, path := range append(append(s.Pages, s.Others...), s.Files...) {
		if strings.HasPrefix(path, "/assets/") {
			continue // the frame's own, tested in web
		}
		status, body, head := st.get(path)
		if status != 200 || body == "" {
			t.Errorf("%s: %d", path, status)
		}
		if strings.HasSuffix(path, "=fr") && head.Get("Content-Type") == "application/manifest+json" && !strings.Contains(body, "vérifier un certificat") {
			t.Errorf("%s: %s", path, body)
		}
	}
	_, page, _ := st.get("/check?lang=pt")
	_, words, _ := strings.Cut(page, `data-words="`)
	if words, _, _ = strings.Cut(words, `"`); !slices.Contains(s.Files, words) || !strings.HasSuffix(words, "?v="+s.Version[:12]) {
		t.Errorf("the page speaks from %q, which is not of this version alone: a kept page would lend it words of another", words)
	}
	for _, want := range []string{`href="/check/manifest.webmanifest?lang=pt"`, `data-words="/check/words-pt.json?v=`, "SYNTHETIC"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	var m manifest
	_, body, _ := st.get("/check/manifest.webmanifest?lang=en")
	if err := json.Unmarshal([]byte(body), &m); err != nil || m.StartURL != "/check" || m.Display != "standalone" || !strings.HasPrefix(m.Name, "SYNTHETIC") {
		t.Errorf("%+v %v", m, err)
	}
}

// TestCodesOpenThePage: the addresses in a paper's codes lead to the page itself, since
// a redirection would be one place more that learns of it.
func TestCodesOpenThePage(t *testing.T) {
	st := newStage(t)
	for _, path := range []string{"/C", "/P", "/R"} {
		if status, body, _ := st.get(path); status != 200 || !strings.Contains(body, `id="check"`) {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// TestEveryScriptWordIsSpoken: the words that scripts ask for are there, and no others.
func TestEveryScriptWordIsSpoken(t *testing.T) {
	words, err := lang.Load(certificateweb.Text(), Text())
	if err != nil {
		t.Fatal(err)
	}
	have := words.Printer(lang.English).Plain(scriptWords).Texts
	var all strings.Builder
	for _, pattern := range []string{"check.mjs", "check/*.mjs"} {
		paths, err := filepath.Glob(filepath.Join("../../../../web/scripts", pattern))
		if err != nil || len(paths) == 0 {
			t.Fatal(pattern, err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
	}
	page, err := os.ReadFile("pages/check.html")
	if err != nil {
		t.Fatal(err)
	}
	for key := range have {
		name := strings.TrimPrefix(key, scriptWords)
		said := strings.Contains(all.String(), fmt.Sprintf("%q", name)) || strings.Contains(all.String(), fmt.Sprintf("%q", strings.TrimSuffix(name, "_remedy"))) ||
			strings.Contains(string(page), fmt.Sprintf("%q", key))
		if !said {
			t.Errorf("no script says %s", key)
		}
	}
	for _, part := range strings.Split(all.String(), ` t("`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if _, ok := have[scriptWords+name]; !ok {
			t.Errorf("no words for %s", name)
		}
	}
}

func TestFaultsKeepTheirKind(t *testing.T) {
	if err := broken(&http.MaxBytesError{Limit: 9}); !fault.Is(err, "check.too_large") {
		t.Error(err)
	}
	if err := broken(io.ErrUnexpectedEOF); !fault.Is(err, "check.not_a_form") {
		t.Error(err)
	}
}

package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// recorder notes what fails instead of failing.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Cleanup(func()) {}

func serve(t *testing.T, body string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src data:")
		switch r.URL.Path {
		case "/throw.js":
			w.Header().Set("Content-Type", "text/javascript")
			io.WriteString(w, `throw new Error("on purpose")`)
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, `<!doctype html><html lang="en"><title>Page</title><link rel="icon" href="data:,">`+body)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestWhatIsWrongIsSeen: each fault of a page is told, and a page without one is not
// blamed.
func TestWhatIsWrongIsSeen(t *testing.T) {
	b := Start(t)
	for _, tt := range []struct{ name, body, want string }{
		{"nothing", `<main><h1>Good</h1><p>Text</p></main>`, ""},
		{"thrown", `<main><h1>Throws</h1></main><script src="/throw.js"></script>`, "on purpose"},
		{"inline", `<main><h1>Inline</h1></main><script>1</script>`, "Content Security Policy"},
		{"style", `<main><h1>Inline</h1><p style="color:red">Text</p></main>`, "Content Security Policy"},
		{"missing", `<main><h1>Missing</h1></main><script src="/none.js"></script>`, "404"},
		{"no alt", `<main><h1>Picture</h1><img src="data:,"></main>`, "axe: image-alt"},
		{"wide", `<main><h1>Wide</h1><table><td>` + strings.Repeat("wide", 200) + `</table></main>`, "scrolls sideways"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{TB: t}
			p := b.Open(r, serve(t, tt.body), Phone)
			p.Accessible()
			p.NoSideways()
			p.WaitFor(`document.readyState === "complete"`)
			for range 20 { // what the console says comes by itself
				Ask[bool](p, `new Promise((done) => setTimeout(() => done(true), 10))`)
			}
			p.report()
			said := strings.Join(r.said, "\n")
			if tt.want == "" && said != "" || !strings.Contains(said, tt.want) {
				t.Errorf("said %q, want %q", said, tt.want)
			}
		})
	}
}

func TestLineIsCutAndMended(t *testing.T) {
	l := NewLine(t, serve(t, "there"))
	get := func() string {
		c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		r, err := c.Get(l.URL)
		if err != nil {
			return "nothing"
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for i, want := range []string{"there", "nothing", "there"} {
		if got := get(); !strings.HasSuffix(got, want) {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
		if i == 0 {
			l.Cut()
		} else {
			l.Mend()
		}
	}
}

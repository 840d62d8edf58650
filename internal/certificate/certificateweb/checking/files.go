package checking

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
)

// spoken are the languages whose words the verifier can be given.
var spoken = []lang.Language{lang.English, lang.French, lang.Portuguese, lang.Brazilian}

func wordsFile(l lang.Language) string { return "/check/words-" + string(l) + ".json" }

// wordsPath names the version: a kept page of another one has words of its own.
func (c *checker) wordsPath(l lang.Language) string { return wordsFile(l) + c.edition() }

// edition is how an address says of which version it is.
func (c *checker) edition() string { return "?v=" + c.version()[:12] }

// words sends the verifier's words.
func (c *checker) words(l lang.Language) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		file, err := certificateweb.BrowserWords(c.site.Speaker(l))
		if err != nil {
			return err
		}
		return c.site.SendText(w, r, "application/json; charset=utf-8", file)
	}
}

const javascript = "text/javascript; charset=utf-8"

// script sends a worker's script, with the policy that holds for what it does.
func (c *checker) script(w http.ResponseWriter, r *http.Request, name, before string) error {
	content, ok := c.site.Content(name)
	if !ok {
		return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	web.Checking.Set(w.Header())
	return c.site.SendText(w, r, javascript, append([]byte(before), content...))
}

func (c *checker) verifierPath() string { return "/check/verifier.js" + c.edition() }

func (c *checker) verifier(w http.ResponseWriter, r *http.Request) error {
	return c.script(w, r, "verifier.js", "")
}

// shell is what the page needs without a network.
type shell struct {
	Version string   `json:"version"`
	Pages   []string `json:"pages"`  // by language
	Files   []string `json:"files"`  // small ones
	Faces   []string `json:"faces"`  // that not every page needs
	Heavy   []string `json:"heavy"`  // the programs themselves, fetched when the rest is there
	Others  []string `json:"others"` // addresses at which the page is also found
}

func (c *checker) shell() shell {
	out := shell{Version: c.version(), Others: []string{"/C", "/P", "/R"}}
	for _, l := range lang.Languages() {
		out.Pages = append(out.Pages, "/check?lang="+string(l))
		out.Files = append(out.Files, c.wordsPath(l), manifestPath(l))
	}
	for _, name := range []string{"site.css", "check.js", "icon.svg", "sans-400.woff2", "sans-600.woff2", "code-500.woff2", "wasm_exec.js"} {
		out.Files = append(out.Files, c.site.Asset(name))
	}
	for _, name := range []string{"sans-ext-400.woff2", "sans-ext-600.woff2"} {
		out.Faces = append(out.Faces, c.site.Asset(name))
	}
	out.Files = append(out.Files, c.verifierPath())
	out.Heavy = append(out.Heavy, c.site.Asset("check.wasm"), c.site.Asset("lens.wasm"))
	return out
}

// newVersion changes with anything that the kept page is made of.
func (c *checker) newVersion() string {
	sum := sha256.New()
	fmt.Fprintln(sum, c.site.Asset("site.css"), c.site.Synthetic(), c.node.Office, c.root)
	for _, l := range lang.Languages() {
		p := c.site.Speaker(l)
		fmt.Fprintln(sum, p.Plain(scriptWords, "check.", "verify.", "web.", "fault.check.").Texts)
	}
	for _, name := range templates {
		content, _ := pages.ReadFile(name) // embedded, and parsed before
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// worker sends what keeps the page. It may keep the addresses of a paper's codes too,
// so that a telephone's own camera finds the page without a network; it leaves every
// other page alone.
func (c *checker) worker(w http.ResponseWriter, r *http.Request) error {
	list, err := json.Marshal(c.shell())
	if err != nil {
		return err
	}
	w.Header().Set("Service-Worker-Allowed", "/")
	return c.script(w, r, "worker.js", "self.shell="+string(list)+";\n")
}

// manifest is a web application's manifest (W3C appmanifest).
type manifest struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	ShortName       string `json:"short_name"`
	Description     string `json:"description"`
	Lang            string `json:"lang"`
	StartURL        string `json:"start_url"`
	Scope           string `json:"scope"`
	Display         string `json:"display"`
	BackgroundColor string `json:"background_color"`
	ThemeColor      string `json:"theme_color"`
	Icons           []icon `json:"icons"`
}

type icon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

func manifestPath(l lang.Language) string { return "/check/manifest.webmanifest?lang=" + string(l) }

func (c *checker) manifest(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	name := p.T("check.app", nil)
	if c.site.Synthetic() {
		name = "SYNTHETIC · " + name
	}
	content, err := json.Marshal(manifest{ID: "/check", Name: name, ShortName: p.T("check.app.short", nil), Description: p.T("check.app.what", nil), Lang: p.Language().Tag().String(),
		StartURL: "/check", Scope: "/", Display: "standalone", BackgroundColor: "#fdfdfb", ThemeColor: "#00545c",
		Icons: []icon{{c.site.Asset("icon.svg"), "any", "image/svg+xml", "any"}}})
	if err != nil {
		return err
	}
	return c.site.SendText(w, r, "application/manifest+json", content)
}

package app

import (
	"io"
	"net/http"
	"testing"

	"github.com/jba/templatecheck"

	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

// TestTemplates: every page's template is held against the type that it shows, so that
// a misspelt field is found before a reader finds it.
func TestTemplates(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	words, err := loadWords()
	w.must(err)
	site, err := web.New(web.Config{Words: words, Now: w.env(nil).Now, Log: io.Discard})
	w.must(err)
	w.must(register(http.NewServeMux(), site, w.env(nil), r.node, r.others, module.Offer{}))
	for _, v := range site.Views() {
		if err := templatecheck.CheckHTML(v.Template, v.Data); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
	if len(site.Views()) < 3 {
		t.Errorf("only %d views", len(site.Views()))
	}
}

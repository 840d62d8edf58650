package applying_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"adamas.example/internal/web"
)

func TestPictures(t *testing.T) {
	out := os.Getenv("APPLYING_SERVE")
	if out == "" {
		t.Skip("no pictures are wanted")
	}
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	o.fill(anna, draft)
	o.upload(anna, draft+"/paper", "invoice.pdf", []byte("%PDF-1.7\nSYNTHETIC\n%%EOF\n")).want(t, 303)
	sent := o.send(anna, draft).want(t, 303).To
	draft = o.start(anna)
	o.fill(anna, draft)
	o.upload(anna, draft+"/paper", "invoice.pdf", []byte("%PDF-1.7\nSYNTHETIC\n%%EOF\n")).want(t, 303)
	other := o.start(bruno)
	dist := web.Secure(http.FileServer(http.Dir("/nowhere")))
	_ = dist
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/quit" {
			close(quit)
			return
		}
		o.mux.ServeHTTP(w, r.WithContext(web.WithVisitor(context.WithoutCancel(r.Context()), anna)))
	}))
	defer s.Close()
	os.WriteFile(out, []byte(s.URL+"\n"+draft+"\n"+sent+"\n"+other+"\n"), 0o600)
	<-quit
}

var quit = make(chan struct{})

package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/worldtest/npm"
)

// TestContract: the document is OpenAPI 3.1, says that, and holds: every example in it is
// taken when it is sent, and everything that is answered is what it says. The judge is
// @seriousme/openapi-schema-validator, with ajv.
func TestContract(t *testing.T) {
	w := newWorld(t)
	o := w.exportOffice()
	at := w.port()
	cf := w.run("cf", at)
	var book []exchanged
	noted := func(p *program) *program { p.book = &book; return p }
	everything := append(slices.Clone(exportRoles), access.Importer, access.Statistician)
	p := noted(cf.program(at, accesskey.Proposal{Roles: everything}))
	s := noted(cf.program(at, accesskey.Proposal{Roles: everything, Sandbox: true}))

	code, raw := ask(t, at, "/openapi.json")
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			RequestBody struct {
				Content map[string]struct{ Example any }
			}
		}
	}
	if err := json.Unmarshal([]byte(raw), &document); err != nil || code != http.StatusOK || document.OpenAPI != "3.1.0" {
		t.Fatalf("%d %v", code, err)
	}
	if strings.Contains(raw, p.key) {
		t.Error("a key stands in the document")
	}

	id, number := p.issued(o)
	sealed := p.sealed()
	// Every example is of the form that is wanted: what refuses it is a rule of the act.
	formal := []string{"web.form_unknown", "web.form_kind", "web.form_twice", "web.form_unreadable", "api.media", "api.too_large"}
	examples := 0
	for path, item := range document.Paths {
		for method, operation := range item {
			e := operation.RequestBody.Content["application/json"].Example
			if e == nil {
				continue
			}
			examples++
			for _, record := range []string{id, sealed} {
				path := strings.NewReplacer("{id}", record, "{number}", number).Replace(path)
				r := s.send(strings.ToUpper(method), path, e, map[string]string{"Idempotency-Key": "example"})
				if r.status >= 500 || r.status == http.StatusBadRequest || slices.Contains(formal, r.text("key")) {
					t.Errorf("the example of %s: %d %s", operation.OperationID, r.status, r.body)
				}
			}
		}
	}
	if examples < 25 {
		t.Errorf("%d examples", examples)
	}
	for _, path := range []string{"/applications", "/applications/" + id, "/consignments", "/consignments/" + id, "/consignments/" + sealed, "/consignments/" + sealed + "/check", "/imports", "/imports/overdue", "/imports/cases",
		"/participants", "/participants/CF", "/register?limit=3", "/register/0", "/sheets", "/daily", "/returns", "/self", "/participants/CF?on=2016-01-01&by=CH"} {
		p.get(path).wants(t, http.StatusOK)
	}
	for _, x := range []struct {
		path   string
		status int
	}{{"/certificates/CF99999999", http.StatusNotFound}, {"/register/none", http.StatusNotFound}, {"/participants/xx1", http.StatusUnprocessableEntity}, {"/participants?on=never", http.StatusUnprocessableEntity}, {"/imports/" + id, http.StatusNotFound}} {
		if r := p.get(x.path); r.status != x.status {
			t.Errorf("%s: %d %s", x.path, r.status, r.body)
		}
	}
	w.until("the register is read", func() bool { return p.get("/certificates/"+number).status == http.StatusOK })
	// A paper from outside, keyed with nothing but what the document shows.
	transcript := document.Paths["/transcripts"]["post"].RequestBody.Content["application/json"].Example
	p.act("/transcripts/check", transcript)
	if r := p.act("/transcripts", transcript); r.status != http.StatusCreated && r.status != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", r.status, r.body)
	}
	without := document.Paths["/imports"]["post"].RequestBody.Content["application/json"].Example
	p.act("/imports", without).wants(t, http.StatusCreated)

	dir := t.TempDir()
	for name, v := range map[string]any{"openapi.json": json.RawMessage(raw), "exchanges.json": book} {
		b, err := json.Marshal(v)
		w.must(err)
		w.must(os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	out, err := npm.Run(t, "judges/openapi.mjs", filepath.Join(dir, "openapi.json"), filepath.Join(dir, "exchanges.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var said struct {
		Operations int
		Answered   []string
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil || said.Operations != len(cf.programs().Operations()) || len(said.Answered) < 33 {
		t.Errorf("%v: %s", err, out)
	}
}

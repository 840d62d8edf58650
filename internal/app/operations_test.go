package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/period"
	"adamas.example/internal/web"
	"adamas.example/internal/web/api"
)

var partOfPath = regexp.MustCompile(`\{\w+\}`)

// turnedAway are the refusals of who may not ask at all.
var turnedAway = []string{"access.denied", "access.sign_in", "api.no_key", "api.key_narrow"}

// programs is the API of a running node, built as it serves it.
func (r *running) programs() *api.API {
	r.w.t.Helper()
	words, err := loadWords()
	r.w.must(err)
	rights, err := matrix()
	r.w.must(err)
	site, err := web.New(web.Config{Words: words, Synthetic: true, Office: r.node.Config.Office, Rights: rights, Now: time.Now})
	r.w.must(err)
	a, err := operations(r.w.env(nil), r.node, r.others.node, site, nil)
	r.w.must(err)
	return a
}

// TestOperations holds which key may ask what against testdata/operations.txt: every
// operation by a key of every role, by a key of another node's office, and by nobody.
// Each cell is a request.
func TestOperations(t *testing.T) {
	w := newWorld(t)
	at := w.port()
	cf := w.run("cf", at)
	ops := cf.programs().Operations()
	roles := accesskey.Roles()
	var asks []*program
	for _, role := range roles {
		asks = append(asks, cf.program(at, accesskey.Proposal{Roles: []access.Role{role}, Sandbox: true, PerMinute: 100_000}))
	}
	asks = append(asks, &program{t: t, base: asks[0].base})
	var out strings.Builder
	fmt.Fprintf(&out, "%s nobody\n", strings.ReplaceAll(roles.String(), ", ", " "))
	for _, o := range ops {
		if o.Permission == "" {
			t.Errorf("%s has no permission", o.ID)
		}
		path := partOfPath.ReplaceAllString(o.Path, "none")
		for _, p := range asks {
			r := p.send(o.Method, path, []byte("{}"), map[string]string{"Idempotency-Key": "matrix"})
			if r.status >= 500 {
				t.Errorf("%s: %d %s", o.ID, r.status, r.body)
			}
			mark := "x "
			if slices.Contains(turnedAway, r.text("key")) {
				mark = "· "
			}
			out.WriteString(mark)
		}
		fmt.Fprintf(&out, "%s %s  %s (%s)\n", o.Method, o.Path, o.ID, o.Permission)
	}
	const golden = "testdata/operations.txt"
	if *update {
		w.must(os.WriteFile(golden, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	w.must(err)
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("who may ask what has changed; with -update the file follows:\n%s", diff)
	}
}

// TestKeys: what opens the API, and what does not.
func TestKeys(t *testing.T) {
	w := newWorld(t)
	atCF, atAE := w.port(), w.port()
	cf, ae := w.run("cf", atCF), w.run("ae", atAE)
	p := cf.program(atCF, accesskey.Proposal{Roles: []access.Role{access.Validator}})
	p.get("/self").wants(t, http.StatusOK)
	good := p.key
	flipped := good[:len(good)-1] + map[bool]string{true: "0", false: "1"}[good[len(good)-1] != '0']
	for name, header := range map[string]string{"none": "", "another secret": "Bearer " + flipped, "cut": "Bearer " + good[:len(good)-1], "called a sandbox's": "Bearer " + strings.Replace(good, "_live_", "_test_", 1),
		"capitals": "Bearer " + strings.ToUpper(good), "another scheme": "Basic " + good, "no scheme": good, "of another office": "Bearer " + ae.program(atAE, accesskey.Proposal{Roles: []access.Role{access.Validator}}).key} {
		r := (&program{t: t, base: p.base}).send(http.MethodGet, "/consignments", nil, map[string]string{"Authorization": header}).wants(t, http.StatusUnauthorized)
		if r.head.Get("WWW-Authenticate") == "" || strings.Contains(string(r.body), good[20:]) {
			t.Errorf("%s: %v %s", name, r.head, r.body)
		}
	}
	// A key is no cookie, and in an address it is nothing.
	for _, c := range []string{"session", "Authorization", "key"} {
		(&program{t: t, base: p.base}).send(http.MethodGet, "/consignments?key="+good+"&access_token="+good, nil, map[string]string{"Cookie": c + "=" + good}).wants(t, http.StatusUnauthorized)
	}
	// It opens no page either.
	if r := (&program{t: t, base: "http://" + atCF, key: good}).send(http.MethodGet, "/issuing", nil, nil); strings.Contains(string(r.body), "desk__who") && r.status == http.StatusOK && !strings.Contains(string(r.body), "password") {
		t.Errorf("a key opened a page: %s", r.body)
	}
	// A browser that another site makes post is refused before anything is asked.
	p.send(http.MethodPost, "/applications", map[string]any{}, map[string]string{"Idempotency-Key": "x", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}).wants(t, http.StatusForbidden)

	// Held to less than its roles, run out, ended.
	narrow := cf.program(atCF, accesskey.Proposal{Roles: []access.Role{access.Validator, access.Importer}, Only: []string{"certificate.import"}})
	narrow.get("/imports").wants(t, http.StatusOK)
	if r := narrow.get("/consignments").wants(t, http.StatusForbidden); r.text("key") != "api.key_narrow" {
		t.Errorf("%s", r.body)
	}
	keys, err := module.Service[*accesskey.Service](cf.others.node)
	w.must(err)
	all, err := keys.List(t.Context())
	w.must(err)
	if len(all) != 2 || all[1].Used.IsZero() {
		t.Errorf("%+v", all)
	}
	for _, k := range all {
		if k.ID == strings.Split(good, "_")[2] {
			w.must(keys.End(t.Context(), accesskey.By{}, k.ID))
		}
	}
	if r := p.get("/self").wants(t, http.StatusUnauthorized); r.text("key") != "party.key_stopped" {
		t.Errorf("%s", r.body)
	}
	cf.ahead((accesskey.UsualDays + 1) * 24 * time.Hour)
	if r := narrow.get("/imports").wants(t, http.StatusUnauthorized); r.text("key") != "party.key_over" {
		t.Errorf("%s", r.body)
	}
	cf.ahead(0)
	for _, bad := range []accesskey.Proposal{{Name: "x"}, {Name: "x", Roles: []access.Role{access.Administrator}}, {Name: "x", Roles: []access.Role{access.Public}}, {Roles: []access.Role{access.Importer}},
		{Name: "x", Roles: []access.Role{access.Importer}, Days: 731}, {Name: "x", Roles: []access.Role{access.Importer}, Only: []string{"people.king"}}, {Name: "x", Roles: []access.Role{access.Importer}, Holder: "a", Licence: "b"}} {
		if _, _, err := keys.Make(t.Context(), accesskey.By{}, bad); err == nil {
			t.Errorf("made: %+v", bad)
		}
	}

	slow := cf.program(atCF, accesskey.Proposal{Roles: []access.Role{access.Importer}, PerMinute: 10})
	slow.get("/self").wants(t, http.StatusOK)
	if r := slow.get("/self").wants(t, http.StatusTooManyRequests); r.head.Get("Retry-After") != "6" {
		t.Errorf("%v", r.head)
	}
	slow.get("/consignments").wants(t, http.StatusTooManyRequests) // also of what it may not ask
}

// TestWhoseRecords: a trader's program sees its own files and no other's, and what a
// refusal says is the same whether the other's is there or not.
func TestWhoseRecords(t *testing.T) {
	w := newWorld(t)
	at := w.port()
	cf := w.run("cf", at)
	trader := func(holder string) *program {
		return cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Exporter}, Holder: holder, Licence: "BA-1"})
	}
	a, b, all := trader("SYNTHETIC exporter"), trader("SYNTHETIC other"), cf.program(at, accesskey.Proposal{Roles: exportRoles})
	application := certificateweb.Example(consignment.Apply, period.DateOf(time.Now()))
	id := a.act("/applications", application).wants(t, http.StatusCreated).text("id")
	a.get("/applications/"+id).wants(t, http.StatusOK)
	all.get("/applications/"+id).wants(t, http.StatusOK)
	all.get("/consignments/"+id).wants(t, http.StatusOK)
	a.get("/consignments/"+id).wants(t, http.StatusForbidden)
	mine, other := b.get("/applications/"+id).wants(t, http.StatusNotFound), b.get("/applications/CF-bangui-2026-999999").wants(t, http.StatusNotFound)
	if mine.text("key") != other.text("key") {
		t.Errorf("%s\n%s", mine.body, other.body)
	}
	b.act("/applications/"+id+"/withdraw", map[string]string{"reason": "SYNTHETIC"}).wants(t, http.StatusNotFound)
	if r := b.act("/applications/"+id+"/amend", application); r.status < 400 {
		t.Errorf("amended another's: %s", r.body)
	}
	if items, _ := b.get("/applications").at("items").([]any); len(items) != 0 {
		t.Errorf("%d of another", len(items))
	}
	// Somebody was first: an ETag of before is refused with who and when.
	tag := all.get("/consignments/" + id).head.Get("ETag")
	if r := all.send(http.MethodGet, "/consignments/"+id, nil, map[string]string{"If-None-Match": tag}); r.status != http.StatusNotModified || len(r.body) != 0 {
		t.Errorf("%d %s", r.status, r.body)
	}
	reason := map[string]any{"reason": "SYNTHETIC", "fields": []any{map[string]any{"field": "parcels", "reason": "SYNTHETIC"}}}
	head := func(key string) map[string]string {
		return map[string]string{"Idempotency-Key": key, "If-Match": tag, "Accept-Language": "fr"}
	}
	all.send(http.MethodPost, "/consignments/"+id+"/find_deficient", reason, head("first")).wants(t, http.StatusCreated)
	r := all.send(http.MethodPost, "/consignments/"+id+"/reject", reason, head("second")).wants(t, http.StatusConflict)
	if r.text("key") != "certificate.consignment_moved" || r.head.Get("Content-Language") != "fr" || r.text("detail") == "" {
		t.Errorf("%v %s", r.head, r.body)
	}
	a.act("/applications/"+id+"/amend", application).wants(t, http.StatusCreated)
	// Lists go on where they ended.
	for range 4 {
		all.act("/applications", application).wants(t, http.StatusCreated)
	}
	seen, next := map[string]bool{}, ""
	for range 10 {
		r := all.get("/consignments?limit=2&after="+next).wants(t, http.StatusOK)
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		w.must(json.Unmarshal(r.body, &page))
		for _, x := range page.Items {
			if seen[x.ID] {
				t.Errorf("%s stands twice", x.ID)
			}
			seen[x.ID] = true
		}
		if next = page.Next; next == "" {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d files are listed", len(seen))
	}
	all.get("/consignments?after=nonsense").wants(t, http.StatusUnprocessableEntity)
	all.get("/consignments?limit=0").wants(t, http.StatusUnprocessableEntity)
	all.get("/nowhere").wants(t, http.StatusNotFound)
}

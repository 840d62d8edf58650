package app

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/store"
	"adamas.example/internal/web/hook"
	"adamas.example/verify/canonical"
)

// printed lists the prints of a certificate as programs are told of them.
func (p *program) printed(id string) (out []map[string]any) {
	p.t.Helper()
	for _, x := range p.get("/consignments/"+id+"/prints").wants(p.t, http.StatusOK).at("prints").([]any) {
		out = append(out, x.(map[string]any))
	}
	return out
}

// TestAPIPrints: a print is stated before it is given out, once for each key, and under its
// key it is the same paper for ever.
func TestAPIPrints(t *testing.T) {
	w := newWorld(t)
	o := w.exportOffice()
	at := w.port()
	cf := w.run("cf", at)
	p := cf.program(at, accesskey.Proposal{Roles: exportRoles})
	print := func(q *program, id, key, reason, stock string) *reply {
		return q.send(http.MethodPost, "/consignments/"+id+"/print", map[string]string{"reason": reason, "stock": stock, "dx": "0.5"}, map[string]string{"Idempotency-Key": key})
	}
	early := p.sealed()
	if r := print(p, early, "early", "SYNTHETIC", "plain").wants(t, http.StatusConflict); r.text("key") != "certificate.not_issued" {
		t.Errorf("%s", r.body)
	}
	id, number := p.issued(o)
	for reason, stock := range map[string]string{"": "plain", " ": "plain", "SYNTHETIC": "vellum"} {
		print(p, id, "wrong", reason, stock).wants(t, http.StatusUnprocessableEntity)
	}
	if r := p.send(http.MethodPost, "/consignments/"+id+"/print", map[string]string{"reason": "SYNTHETIC", "stock": "plain", "dy": "13"}, map[string]string{"Idempotency-Key": "far"}).wants(t, http.StatusUnprocessableEntity); r.text("key") != "certificate.not_an_offset" || r.text("field") != "dy" {
		t.Errorf("%s", r.body)
	}
	s := cf.program(at, accesskey.Proposal{Roles: exportRoles, Sandbox: true})
	if r := print(s, id, "try", "SYNTHETIC", "plain").wants(t, http.StatusOK); r.at("sandbox") != true {
		t.Errorf("%s", r.body)
	}
	if got := p.printed(id); len(got) != 0 {
		t.Fatalf("what was refused or only tried is a print: %v", got)
	}

	// At once and again under one key: one print, one paper.
	answers := make([]*reply, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = print(p, id, "first", "SYNTHETIC: the original", "preprinted") })
	}
	all.Wait()
	first := print(p, id, "first", "SYNTHETIC: the original", "preprinted").wants(t, http.StatusCreated)
	for _, r := range answers {
		if r.status == http.StatusCreated && !bytes.Equal(r.body, first.body) || r.status != http.StatusCreated && r.text("key") != "api.idempotency_running" {
			t.Errorf("%d %.200s", r.status, r.body)
		}
	}
	if first.head.Get("Content-Type") != "application/pdf" || first.head.Get("Idempotency-Replayed") != "true" || !strings.Contains(first.head.Get("Content-Disposition"), number+".pdf") {
		t.Errorf("%v", first.head)
	}
	got := p.printed(id)
	if len(got) != 1 || got[0]["sha256"] != canonical.Sum(first.body).String() || got[0]["stock"] != "preprinted" || got[0]["dx"] != "0.5" || got[0]["reason"] != "SYNTHETIC: the original" || !strings.HasPrefix(got[0]["by"].(string), "program:") {
		t.Fatalf("%v", got)
	}
	entry := p.get("/register/"+got[0]["statement"].(string)).wants(t, http.StatusOK)
	if entry.text("type") != "print" {
		t.Errorf("%s", entry.body)
	}

	// Another print is another paper; each stays what it was, also for a process that has not
	// made it, since it stands on the disk with the act and is never made anew.
	second := print(p, id, "second", "SYNTHETIC: torn in the printer", "plain").wants(t, http.StatusCreated)
	if bytes.Equal(second.body, first.body) {
		t.Error("blank paper is printed like the numbered sheet")
	}
	w.must(cf.node.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		var kept []byte
		err := tx.QueryRow(`SELECT answer FROM web_answer WHERE idempotency = 'second' AND media = 'application/pdf' AND status = 201`).Scan(&kept)
		if !bytes.Equal(kept, second.body) {
			t.Error("another paper is kept")
		}
		return err
	}))
	// A crash before the note: whoever asks again has it noted, once.
	w.must(cf.node.Store.Write(t.Context(), time.Now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM certificate_printed WHERE reason LIKE 'SYNTHETIC: torn%'`)
		return err
	}))
	cf.stop()
	cf = w.run("cf", at)
	for range 2 {
		if r := print(p, id, "first", "SYNTHETIC: the original", "preprinted").wants(t, http.StatusCreated); !bytes.Equal(r.body, first.body) {
			t.Error("the first print has changed")
		}
		if r := print(p, id, "second", "SYNTHETIC: torn in the printer", "plain").wants(t, http.StatusCreated); !bytes.Equal(r.body, second.body) {
			t.Error("the second print has changed")
		}
	}
	if got = p.printed(id); len(got) != 2 || got[1]["sha256"] != canonical.Sum(second.body).String() {
		t.Errorf("%v", got)
	}
	if r := print(p, id, "second", "SYNTHETIC: another reason", "preprinted").wants(t, http.StatusUnprocessableEntity); r.text("key") != "api.idempotency_other" {
		t.Errorf("%s", r.body)
	}
	if r := p.get("/sheets").wants(t, http.StatusOK); !bytes.Contains(r.body, []byte(`"spent":1`)) {
		t.Errorf("prints have spent sheets: %s", r.body)
	}
	// The desk's page says the same of them.
	w.must(cf.node.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		noted, err := filing.Prints(tx, number)
		if len(noted) != 2 || noted[0].DX != 50 {
			t.Errorf("%+v", noted)
		}
		return err
	}))

	// A preview bears its name, is noted, and is no certificate.
	preview := p.act("/consignments/"+early+"/preview", nil).wants(t, http.StatusCreated)
	if looks := p.get("/consignments/" + early + "/prints").at("previews").([]any); len(looks) != 1 || looks[0].(map[string]any)["sha256"] != canonical.Sum(preview.body).String() {
		t.Errorf("%v", looks)
	}
	if r := (&program{t: t, base: p.base}).send(http.MethodPost, "/verify", preview.body, map[string]string{"Content-Type": "application/octet-stream"}); r.status == http.StatusOK {
		t.Errorf("a preview is judged: %s", r.body)
	}
	if r := p.act("/consignments/"+id+"/preview", nil).wants(t, http.StatusConflict); r.text("key") != "certificate.preview_late" {
		t.Errorf("%s", r.body)
	}
	// Whoever looked before somebody moved it is told so.
	tag := p.get("/consignments/" + early).head.Get("ETag")
	p.act("/consignments/"+early+"/seal", plainly(t, sealing(p, early))).wants(t, http.StatusCreated)
	if r := p.send(http.MethodPost, "/consignments/"+early+"/preview", nil, map[string]string{"Idempotency-Key": "moved", "If-Match": tag}).wants(t, http.StatusConflict); r.text("key") != "certificate.consignment_moved" {
		t.Errorf("%s", r.body)
	}
	narrow := cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Importer}})
	print(narrow, id, "x", "SYNTHETIC", "plain").wants(t, http.StatusForbidden)
}

// sealing is how the containers of a consignment were closed, once more.
func sealing(p *program, id string) any {
	return p.get("/consignments/"+id).wants(p.t, http.StatusOK).at("sealing")
}

// TestAPILimits: keys that are none are answered with 429 when there are too many, and a key
// that serves is let in all the while.
func TestAPILimits(t *testing.T) {
	w := newWorld(t)
	at := w.port()
	cf := w.run("cf", at)
	p := cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Importer}})
	wrong := &program{t: t, base: p.base, key: p.key[:len(p.key)-4] + "0000"}
	statuses := map[int]int{}
	var last *reply
	for range 40 {
		last = wrong.get("/self")
		statuses[last.status]++
	}
	if statuses[http.StatusUnauthorized] != 9 || statuses[http.StatusTooManyRequests] != 31 || last.head.Get("Retry-After") == "" || last.head.Get("WWW-Authenticate") != "" {
		t.Errorf("%v %v", statuses, last.head)
	}
	for _, key := range []string{"nonsense", strings.Replace(p.key, strings.Split(p.key, "_")[2], "000000000000", 1)} {
		if r := (&program{t: t, base: p.base, key: key}).get("/participants").wants(t, http.StatusTooManyRequests); r.text("key") != "party.key_tries" || r.head.Get("Retry-After") != "3" {
			t.Errorf("%v %s", r.head, r.body)
		}
	}
	p.get("/self").wants(t, http.StatusOK)
	// From there nobody is kept from what is everybody's.
	(&program{t: t, base: p.base}).get("/participants").wants(t, http.StatusOK)
	cf.ahead(16 * time.Minute)
	wrong.get("/self").wants(t, http.StatusUnauthorized)
}

// TestAPIWebhooks: a program looks after its own addresses and knows of no other's; they end
// with its key, and reach no network that the operator has not opened.
func TestAPIWebhooks(t *testing.T) {
	w := newWorld(t)
	at := w.port()
	cf := w.run("cf", at)
	a := cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Importer}})
	b := cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Validator}})
	naming := func(url string, events ...string) map[string]any {
		return map[string]any{"name": "SYNTHETIC system", "url": url, "events": events}
	}
	a.act("/webhooks", naming("ftp://x", "advice.received")).wants(t, http.StatusUnprocessableEntity)
	a.act("/webhooks", naming("https://x.example/", "webhook.test")).wants(t, http.StatusUnprocessableEntity)
	if r := a.act("/webhooks", naming("https://x.example/", "advice.received", "certificate.issued")).wants(t, http.StatusForbidden); r.text("key") != "web.hook_right" {
		t.Errorf("%s", r.body)
	}
	narrow := cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Importer}, Only: []string{"people.hooks"}})
	narrow.act("/webhooks", naming("https://x.example/", "advice.received")).wants(t, http.StatusForbidden)
	cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Exporter}}).act("/webhooks", naming("https://x.example/", "receipt.received")).wants(t, http.StatusForbidden)
	s := cf.program(at, accesskey.Proposal{Roles: []access.Role{access.Importer}, Sandbox: true})
	s.act("/webhooks", naming("https://x.example/", "advice.received")).wants(t, http.StatusOK)

	made := a.act("/webhooks", naming("http://127.0.0.1:9/x", "advice.received")).wants(t, http.StatusCreated)
	path := "/webhooks/" + made.text("id")
	secret := a.get(path+"/secret").wants(t, http.StatusOK).text("secret")
	if strings.Contains(string(made.body), secret[6:]) {
		t.Error("the secret stands in an answer that is kept")
	}
	for _, below := range []string{"", "/secret", "/deliveries", "/deliveries/1"} {
		b.get(path+below).wants(t, http.StatusNotFound)
	}
	for _, act := range []string{"/remove", "/test", "/deliveries/1/again"} {
		b.act(path+act, nil).wants(t, http.StatusNotFound)
	}
	if items := b.get("/webhooks").at("items").([]any); len(items) != 0 {
		t.Errorf("another's: %v", items)
	}
	delivery := a.act(path+"/test", nil).wants(t, http.StatusCreated).text("id")
	w.until("it was tried", func() bool { return a.get(path+"/deliveries/"+delivery).at("tries") == float64(1) })
	if r := a.get(path + "/deliveries/" + delivery); r.text("state") != "due" || r.text("error") != "closed_network" || strings.Contains(string(r.body), "127.0.0.1") || r.text("event") != "webhook.test" {
		t.Errorf("%s", r.body)
	}
	if r := a.act(path+"/test", nil).wants(t, http.StatusConflict); r.text("key") != "web.hook_tried" {
		t.Errorf("%s", r.body)
	}
	// In the trail stands which program it was.
	w.must(cf.node.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		var args string
		err := tx.QueryRow(`SELECT args FROM party_trail WHERE act = 'hook_made'`).Scan(&args)
		if !strings.Contains(args, strings.Split(a.key, "_")[2]) || strings.Contains(args, secret[6:]) {
			t.Errorf("%s", args)
		}
		return err
	}))
	keys, err := keysOf(cf)
	w.must(err)
	w.must(keys.End(t.Context(), accesskey.By{}, strings.Split(a.key, "_")[2]))
	hooks, err := hooksOf(cf)
	w.must(err)
	all, err := hooks.List(t.Context())
	w.must(err)
	if len(all) != 1 || all[0].Ended.IsZero() {
		t.Errorf("%+v", all)
	}
	w.must(cf.node.Store.Read(t.Context(), time.Now(), func(tx *store.Tx) error {
		var args string
		err := tx.QueryRow(`SELECT args FROM party_trail WHERE act = 'hook_ended'`).Scan(&args)
		if !strings.Contains(args, made.text("id")) || !strings.Contains(args, "key_ended") {
			t.Errorf("%s", args)
		}
		return err
	}))
}

func keysOf(r *running) (*accesskey.Service, error) {
	return module.Service[*accesskey.Service](r.others.node)
}

func hooksOf(r *running) (*hook.Service, error) { return module.Service[*hook.Service](r.others.node) }

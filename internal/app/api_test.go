package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/app/node"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/hook"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// officers are two of CF/bangui, whose keys this node never sees.
type officers [2]ed25519.PrivateKey

func (o officers) id(t *testing.T, i int) string {
	t.Helper()
	k, err := statement.NewKey(o[i].Public())
	if err != nil {
		t.Fatal(err)
	}
	v, err := k.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	return v.ID().String()
}

// sign is what a state's own system does with what it is given to sign.
func (o officers) sign(t *testing.T, i int, toSign string) map[string]any {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(toSign)
	if err != nil || len(raw) == 0 {
		t.Fatalf("to_sign %q: %v", toSign, err)
	}
	return map[string]any{"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(o[i], raw))}
}

// exportOffice states two officers and a range of numbers for CF/bangui.
func (w *world) exportOffice() (out officers) {
	w.t.Helper()
	n := w.open("cf")
	defer func() { w.must(n.Close()) }()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for i := range out {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		w.must(err)
		out[i] = private
		s, err := keyring.NewSigner(keyring.Officer, private)
		w.must(err)
		at := time.Now()
		h, b, err := keyring.OfficeKeyStatement(keyring.Act{Issuer: "CF/authority", At: at, Synthetic: true}, &keyring.Card{Name: "officer", Purpose: keyring.Officer, Key: s.Key()},
			keyring.Appointment{Office: "CF/bangui", From: at, Until: at.Add(300 * 24 * time.Hour)})
		w.must(err)
		_, err = n.Ledger.Record(ctx, w.auth["CF"], h, b, ledger.Logged)
		w.must(err)
	}
	today := canonical.DayOf(time.Now().Unix())
	h := statement.Header{Issuer: "CF/authority", IssuedAt: time.Now().Unix(), Subject: "range/CF/1", Synthetic: true}
	_, err := n.Ledger.Record(ctx, w.auth["CF"], h, &statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 999, Station: "CF/bangui/pc-1", LogWithin: 3600, From: today, Until: today + 300}, ledger.Witnessed)
	w.must(err)
	return out
}

// program is a state's own system with its key.
type program struct {
	t    *testing.T
	base string
	key  string
	n    int
	book *[]exchanged // where what was asked and answered is noted; nil for nowhere
}

// exchanged is a request with its answer, for the judge of the document.
type exchanged struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
	Media  string `json:"media"` // of the answer
	Sent   any    `json:"sent"`
	Answer any    `json:"answer"`
}

// program makes a key at a running node.
func (r *running) program(address string, p accesskey.Proposal) *program {
	r.w.t.Helper()
	keys, err := module.Service[*accesskey.Service](r.others.node)
	r.w.must(err)
	if p.Name == "" {
		p.Name = "SYNTHETIC ministry system"
	}
	t, _, err := keys.Make(r.w.t.Context(), accesskey.By{}, p)
	r.w.must(err)
	return &program{t: r.w.t, base: "http://" + address + "/api/v1", key: t.Secret()}
}

// reply is what a program was answered.
type reply struct {
	status int
	head   http.Header
	body   []byte
	v      map[string]any
}

// at finds a value by its path: "approval.preparer.to_sign".
func (r *reply) at(path string) any {
	var v any = r.v
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func (r *reply) text(path string) string {
	s, _ := r.at(path).(string)
	return s
}

// send sends a request with these headers beside the usual ones.
func (p *program) send(method, path string, body any, head map[string]string) *reply {
	p.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			p.t.Fatal(err)
		}
	}
	req, err := http.NewRequest(method, p.base+path, bytes.NewReader(raw))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	if raw != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range head {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	out := &reply{status: resp.StatusCode, head: resp.Header}
	if out.body, err = io.ReadAll(resp.Body); err != nil {
		p.t.Fatal(err)
	}
	json.Unmarshal(out.body, &out.v)
	if p.book != nil && resp.StatusCode != http.StatusNotModified {
		path, _, _ := strings.Cut(path, "?")
		x := exchanged{Method: method, Path: path, Status: resp.StatusCode, Media: resp.Header.Get("Content-Type")}
		if req.Header.Get("Content-Type") == "application/json" {
			json.Unmarshal(raw, &x.Sent)
		}
		json.Unmarshal(out.body, &x.Answer)
		*p.book = append(*p.book, x)
	}
	return out
}

func (p *program) get(path string) *reply { return p.send(http.MethodGet, path, nil, nil) }

// act does something, under an idempotency key of its own.
func (p *program) act(path string, body any) *reply {
	p.n++
	return p.send(http.MethodPost, path, body, map[string]string{"Idempotency-Key": fmt.Sprintf("test-%d", p.n)})
}

// wants holds the status.
func (r *reply) wants(t *testing.T, status int) *reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// exportRoles are those of one system that does all of an exporting office's work.
var exportRoles = []access.Role{access.Exporter, access.Valuator, access.Sealer, access.Validator}

// sealed brings an application to the sealed containers, by requests alone.
func (p *program) sealed() (id string) {
	p.t.Helper()
	day := period.DateOf(time.Now())
	id = p.act("/applications", certificateweb.Example(consignment.Apply, day)).wants(p.t, http.StatusCreated).text("id")
	for _, by := range []string{"government", "independent", "exporter"} {
		v := plainly(p.t, certificateweb.Example(consignment.Value, day))
		v["by"] = by
		p.act("/consignments/"+id+"/value", v).wants(p.t, http.StatusCreated)
	}
	p.act("/consignments/"+id+"/tax", certificateweb.Example(consignment.Tax, day)).wants(p.t, http.StatusCreated)
	r := p.act("/consignments/"+id+"/seal", certificateweb.Example(consignment.Seal, day)).wants(p.t, http.StatusCreated)
	if got := r.text("state"); got != "sealed" {
		p.t.Fatalf("it is %s", got)
	}
	return id
}

func plainly(t *testing.T, v any) (out map[string]any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// issued brings one to the issued certificate.
func (p *program) issued(o officers) (id, number string) {
	p.t.Helper()
	id = p.sealed()
	r := p.act("/consignments/"+id+"/prepare", map[string]string{"preparer": o.id(p.t, 0), "validator": o.id(p.t, 1)}).wants(p.t, http.StatusCreated)
	r = p.act("/consignments/"+id+"/approve", o.sign(p.t, 0, r.text("approval.preparer.to_sign"))).wants(p.t, http.StatusCreated)
	r = p.act("/consignments/"+id+"/issue", o.sign(p.t, 1, r.text("approval.validator.to_sign"))).wants(p.t, http.StatusCreated)
	if r.text("state") != "issued" || r.text("record.statement") == "" {
		p.t.Fatalf("not issued: %s", r.body)
	}
	return id, r.text("certificate_number")
}

// openNetworks lets webhooks of nodes go to this computer.
func (w *world) openNetworks(folders ...string) {
	w.t.Helper()
	for _, folder := range folders {
		c, err := node.ReadConfig(filepath.Join(w.dir, folder))
		w.must(err)
		c.HookNetworks = []string{"127.0.0.0/8"}
		w.must(node.WriteConfig(filepath.Join(w.dir, folder), c))
	}
}

// told is a system's address with the messages that came.
type told struct {
	mu  sync.Mutex
	all []happened
}

type happened struct {
	Type string
	Data struct {
		Consignment string
		Number      string `json:"certificate_number"`
		State       string
	}
}

func (x *told) types() (out []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range x.all {
		out = append(out, m.Type)
	}
	return out
}

func (x *told) last() happened {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all[len(x.all)-1]
}

// told has a node tell an address of events. One that comes twice (at least once is what
// is promised) counts once.
func (r *running) told(events ...hook.Event) *told {
	r.w.t.Helper()
	x, seen := &told{}, map[string]bool{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var m happened
		if err := json.NewDecoder(q.Body).Decode(&m); err != nil || q.Header.Get("webhook-signature") == "" {
			r.w.t.Error(err, q.Header)
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		if id := q.Header.Get("webhook-id"); !seen[id] {
			seen[id] = true
			x.all = append(x.all, m)
		}
	}))
	r.w.t.Cleanup(srv.Close)
	s, err := module.Service[*hook.Service](r.others.node)
	r.w.must(err)
	r.w.must(r.node.Store.Write(r.w.t.Context(), time.Now(), func(tx *store.Tx) error {
		_, err := s.Make(tx, "hook", hook.Hook{Name: "SYNTHETIC system", URL: srv.URL, Events: events})
		return err
	}))
	return x
}

// TestAPIJourney: from the application to the confirmed receipt at another Participant's
// node, by requests alone.
func TestAPIJourney(t *testing.T) {
	w := newWorld(t)
	o := w.exportOffice()
	atCF, atAE := w.port(), w.port()
	w.peers("cf", aeAt(atAE))
	w.peers("ae", cfAt(atCF))
	w.openNetworks("cf", "ae")
	cf, ae := w.run("cf", atCF), w.run("ae", atAE)
	toldCF, toldAE := cf.told(hook.CertificateIssued, hook.ReceiptReceived), ae.told(hook.AdviceReceived, hook.ReceiptConfirmed)
	out, in := cf.program(atCF, accesskey.Proposal{Roles: exportRoles}), ae.program(atAE, accesskey.Proposal{Roles: []access.Role{access.Importer}})
	self := out.get("/self").wants(t, http.StatusOK)
	if self.text("office") != "CF/bangui" || self.at("synthetic") != true || self.head.Get("Adamas-Synthetic") != "SYNTHETIC" {
		t.Errorf("self: %s", self.body)
	}

	id, number := out.issued(o)
	day := period.DateOf(time.Now())
	out.act("/consignments/"+id+"/export", certificateweb.Example(consignment.Export, day)).wants(t, http.StatusCreated)
	out.act("/consignments/"+id+"/advise", exporting.Announcement{To: "AE/dubai", Note: "SYNTHETIC"}).wants(t, http.StatusCreated)

	var arrived string
	w.until("the announcement has come", func() bool {
		items, _ := in.get("/imports?state=advised").wants(t, http.StatusOK).at("items").([]any)
		if len(items) == 1 {
			arrived, _ = items[0].(map[string]any)["id"].(string)
		}
		return arrived != ""
	})
	in.act("/imports/"+arrived+"/arrive", map[string]any{"place": "SYNTHETIC office, Dubai", "original": true, "seals": []any{map[string]any{"container": "1", "seal": "A118", "intact": true}}}).wants(t, http.StatusCreated)
	w.until("the certificate is acceptable", func() bool {
		return in.get("/imports/"+arrived+"/verdict").wants(t, http.StatusOK).text("outcome") == "valid"
	})
	measured := map[string]any{"carats": "12.40", "parcels": 1, "lots_opened": 1, "scale": "SYNTHETIC scale", "original": true}
	in.act("/imports/"+arrived+"/examine", measured).wants(t, http.StatusCreated)
	r := in.act("/imports/"+arrived+"/confirm", map[string]any{}).wants(t, http.StatusCreated)
	if r.text("state") != "confirmed" || r.text("receipt.statement") == "" {
		t.Fatalf("not confirmed: %s", r.body)
	}
	w.until("the exporting office has heard", func() bool { return out.get("/consignments/"+id).text("state") == "received" })
	w.until("everybody can read it", func() bool {
		all, _ := (&program{t: t, base: out.base}).get("/certificates/" + url.PathEscape(number)).at("certificates").([]any)
		return len(all) == 1 && all[0].(map[string]any)["status"] == "received"
	})
	// Both offices' systems were told, in order, by what the API can be asked for.
	w.until("the systems are told", func() bool {
		return strings.Join(toldCF.types(), " ") == "certificate.issued receipt.received" && strings.Join(toldAE.types(), " ") == "advice.received receipt.confirmed"
	})
	if m := toldCF.last(); m.Data.Consignment != id || m.Data.Number != number || m.Data.State != "received" {
		t.Errorf("told %+v", m)
	}
	// The confirmation's paper, and the certificate's file judged by anybody.
	if pdf := in.get("/imports/"+arrived+"/receipt.pdf").wants(t, http.StatusOK); !bytes.HasPrefix(pdf.body, []byte("%PDF")) {
		t.Error("no paper of the receipt")
	}
	file := out.get("/consignments/"+id+"/bundle").wants(t, http.StatusOK)
	judged := (&program{t: t, base: out.base}).send(http.MethodPost, "/verify", file.body, map[string]string{"Content-Type": "application/octet-stream"}).wants(t, http.StatusOK)
	if judged.text("outcome") != "valid" {
		t.Errorf("judged: %s", judged.body)
	}
	out.get("/daily").wants(t, http.StatusOK)
	if got := out.get("/sheets").wants(t, http.StatusOK); !bytes.Contains(got.body, []byte(`"spent":1`)) {
		t.Errorf("sheets: %s", got.body)
	}
}

// TestAPIOnce: what is asked for under one Idempotency-Key is done once, whatever is lost
// on the way.
func TestAPIOnce(t *testing.T) {
	w := newWorld(t)
	o := w.exportOffice()
	at := w.port()
	cf := w.run("cf", at)
	p := cf.program(at, accesskey.Proposal{Roles: exportRoles})
	application := certificateweb.Example(consignment.Apply, period.DateOf(time.Now()))
	keyed := func(key string) map[string]string { return map[string]string{"Idempotency-Key": key} }

	p.send(http.MethodPost, "/applications", application, nil).wants(t, http.StatusBadRequest)
	p.send(http.MethodPost, "/applications", application, keyed("with space")).wants(t, http.StatusBadRequest)
	first := p.send(http.MethodPost, "/applications", application, keyed("once")).wants(t, http.StatusCreated)
	again := p.send(http.MethodPost, "/applications", application, keyed("once")).wants(t, http.StatusCreated)
	if !bytes.Equal(first.body, again.body) || again.head.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same request is answered %s", again.body)
	}
	other := plainly(t, application)
	other["consignee"].(map[string]any)["name"] = "SYNTHETIC other"
	if r := p.send(http.MethodPost, "/applications", other, keyed("once")).wants(t, http.StatusUnprocessableEntity); r.text("key") != "api.idempotency_other" {
		t.Errorf("%s", r.body)
	}
	// What is refused leaves the key free.
	delete(other, "parcels")
	p.send(http.MethodPost, "/applications", other, keyed("mended")).wants(t, http.StatusUnprocessableEntity)
	p.send(http.MethodPost, "/applications", application, keyed("mended")).wants(t, http.StatusCreated)
	// Another program's key is another's.
	q := cf.program(at, accesskey.Proposal{Roles: exportRoles})
	if r := q.send(http.MethodPost, "/applications", application, keyed("once")).wants(t, http.StatusCreated); r.text("id") == first.text("id") {
		t.Error("two programs share a key")
	}

	// Twenty at once under one key: one file.
	files := func() int {
		items, _ := p.get("/consignments?limit=200").wants(t, http.StatusOK).at("items").([]any)
		return len(items)
	}
	before := files()
	answers := make(chan *reply, 20)
	for range cap(answers) {
		go func() { answers <- p.send(http.MethodPost, "/applications", application, keyed("race")) }()
	}
	ids := map[string]bool{}
	for range cap(answers) {
		switch r := <-answers; r.status {
		case http.StatusCreated:
			ids[r.text("id")] = true
		case http.StatusConflict:
			if r.text("key") != "api.idempotency_running" {
				t.Errorf("%s", r.body)
			}
		default:
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if len(ids) != 1 || files() != before+1 {
		t.Errorf("%d files for one key, %d more in the list", len(ids), files()-before)
	}

	// A crash between the issue and its answer: the certificate is issued, nobody was told.
	id := p.sealed()
	r := p.act("/consignments/"+id+"/prepare", map[string]string{"preparer": o.id(t, 0), "validator": o.id(t, 1)}).wants(t, http.StatusCreated)
	r = p.act("/consignments/"+id+"/approve", o.sign(t, 0, r.text("approval.preparer.to_sign"))).wants(t, http.StatusCreated)
	signature := o.sign(t, 1, r.text("approval.validator.to_sign"))
	issued := p.send(http.MethodPost, "/consignments/"+id+"/issue", signature, keyed("issue")).wants(t, http.StatusCreated)
	w.must(cf.node.Store.Write(t.Context(), time.Now(), func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE web_answer SET status = 0, answer = NULL WHERE idempotency = 'issue'`)
		if err == nil && n != 1 {
			err = fmt.Errorf("%d rows", n)
		}
		return err
	}))
	cf.stop()
	cf = w.run("cf", at)
	told := p.send(http.MethodPost, "/consignments/"+id+"/issue", signature, keyed("issue")).wants(t, http.StatusCreated)
	if told.text("record.statement") != issued.text("record.statement") || told.text("certificate_number") != issued.text("certificate_number") || told.head.Get("Idempotency-Replayed") != "true" {
		t.Errorf("told %s\nissued %s", told.body, issued.body)
	}
	if got := p.get("/sheets").wants(t, http.StatusOK); !bytes.Contains(got.body, []byte(`"spent":1`)) {
		t.Errorf("sheets: %s", got.body)
	}
	// Under another key it is told that it was done.
	if r := p.act("/consignments/"+id+"/issue", signature); r.status != http.StatusConflict && r.status != http.StatusNotFound {
		t.Errorf("issued twice: %d %s", r.status, r.body)
	}
}

// TestAPISandbox: a sandbox key is refused whatever would be refused, and leaves nothing.
func TestAPISandbox(t *testing.T) {
	w := newWorld(t)
	o := w.exportOffice()
	at := w.port()
	cf := w.run("cf", at)
	p, s := cf.program(at, accesskey.Proposal{Roles: exportRoles}), cf.program(at, accesskey.Proposal{Roles: exportRoles, Sandbox: true})
	if !strings.HasPrefix(s.key, "adamas_test_") {
		t.Errorf("the key does not say that it is a sandbox's")
	}
	application := certificateweb.Example(consignment.Apply, period.DateOf(time.Now()))
	for range 2 { // and again under the same key: nothing remembers it
		s.n = 0
		r := s.act("/applications", application).wants(t, http.StatusOK)
		if r.at("sandbox") != true || r.text("mark") != "SANDBOX" || r.text("would.state") != "applied" {
			t.Errorf("%s", r.body)
		}
	}
	if items, _ := p.get("/consignments").at("items").([]any); len(items) != 0 {
		t.Errorf("the sandbox left %d files", len(items))
	}
	bad := plainly(t, application)
	delete(bad, "parcels")
	s.act("/applications", bad).wants(t, http.StatusUnprocessableEntity)
	id := p.sealed()
	seen := p.get("/consignments/"+id).wants(t, http.StatusOK)
	r := s.act("/consignments/"+id+"/prepare", map[string]string{"preparer": o.id(t, 0), "validator": o.id(t, 1)}).wants(t, http.StatusOK)
	if r.text("would.state") != "prepared" || r.text("would.certificate_number") != "CF00000001" {
		t.Errorf("%s", r.body)
	}
	if now := p.get("/consignments/" + id); !bytes.Equal(now.body, seen.body) || now.head.Get("ETag") != seen.head.Get("ETag") {
		t.Error("the sandbox has changed a file")
	}
	if got := p.get("/sheets"); bytes.Contains(got.body, []byte(`"allotted":1`)) {
		t.Errorf("the sandbox has used a sheet: %s", got.body)
	}
	id, _ = p.issued(o)
	r = s.act("/consignments/"+id+"/cancel", map[string]string{"reason": "SYNTHETIC"}).wants(t, http.StatusOK)
	if r.text("would.state") != "void" || p.get("/consignments/"+id).text("state") != "issued" {
		t.Errorf("%s", r.body)
	}
}

// late sends headers now and the body when it is told.
func (p *program) late(path, media string) (body *io.PipeWriter, status chan int) {
	p.t.Helper()
	from, body := io.Pipe()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+path, from)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", media)
	r.Header.Set("Idempotency-Key", "late")
	if p.key != "" {
		r.Header.Set("Authorization", "Bearer "+p.key)
	}
	status = make(chan int, 1)
	go func() {
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}()
	return body, status
}

// TestKeyEndsMeanwhile: a request that was begun with a key does nothing once the key is
// ended, however late its last byte comes; and it does not come at any time.
func TestKeyEndsMeanwhile(t *testing.T) {
	w := newWorld(t)
	at := w.port()
	r := w.run("cf", at)
	p := r.program(at, accesskey.Proposal{Roles: []access.Role{access.Importer}})
	keys, err := keysOf(r)
	w.must(err)
	body, status := p.late("/webhooks", "application/json")
	raw := `{"name":"SYNTHETIC system","url":"https://x.example/","events":["advice.received"]}`
	if _, err := io.WriteString(body, raw[:len(raw)-1]); err != nil {
		t.Fatal(err)
	}
	w.until("the key was known", func() bool {
		all, err := keys.List(t.Context())
		w.must(err)
		return !all[0].Used.IsZero()
	})
	w.must(keys.End(t.Context(), accesskey.By{}, strings.Split(p.key, "_")[2]))
	_, err = io.WriteString(body, raw[len(raw)-1:])
	w.must(errors.Join(err, body.Close()))
	if got := <-status; got != http.StatusUnauthorized {
		t.Errorf("answered %d", got)
	}
	hooks, err := hooksOf(r)
	w.must(err)
	if all, err := hooks.List(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}

	heard := &hurried{ResponseRecorder: httptest.NewRecorder()}
	q := httptest.NewRequest(http.MethodPost, "/api/v1/verify", strings.NewReader("x"))
	q.Header.Set("Content-Type", "application/octet-stream")
	r.server.Handler.ServeHTTP(heard, q)
	if heard.until.IsZero() {
		t.Error("a body may come when it likes")
	}
}

// hurried notes until when a body may come.
type hurried struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (h *hurried) SetReadDeadline(t time.Time) error { h.until = t; return nil }

// TestStrangers: who has no key takes so many places at the public operation, and so many
// in a minute from one address; a program with a key is answered all the same.
func TestStrangers(t *testing.T) {
	w := newWorld(t)
	at := w.port()
	r := w.run("cf", at)
	anybody := &program{t: t, base: "http://" + at + "/api/v1"}
	known := r.program(at, accesskey.Proposal{Roles: []access.Role{access.Importer}})
	answers := make(chan int)
	var bodies []*io.PipeWriter
	for range 17 {
		body, status := anybody.late("/verify", "application/octet-stream")
		bodies = append(bodies, body)
		go func() { answers <- <-status }()
	}
	if got := <-answers; got != http.StatusServiceUnavailable {
		t.Errorf("the first of 17 that is answered is told %d", got)
	}
	octets := map[string]string{"Content-Type": "application/octet-stream"}
	known.send(http.MethodPost, "/verify", []byte("x"), octets).wants(t, http.StatusUnprocessableEntity)
	for _, body := range bodies {
		io.WriteString(body, "x") // that of the refused has nobody who reads it
		body.Close()
	}
	for range 16 {
		if got := <-answers; got != http.StatusUnprocessableEntity {
			t.Errorf("answered %d", got)
		}
	}
	var got *reply
	for range 200 {
		if got = anybody.send(http.MethodPost, "/verify", []byte("x"), octets); got.status == http.StatusTooManyRequests {
			break
		}
	}
	if got.status != http.StatusTooManyRequests || got.head.Get("Retry-After") == "" || got.text("key") != "api.too_fast_here" {
		t.Errorf("%d %v %s", got.status, got.head, got.body)
	}
	known.send(http.MethodPost, "/verify", []byte("x"), octets).wants(t, http.StatusUnprocessableEntity)
}

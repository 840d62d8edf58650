package app

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/store"
	"adamas.example/internal/web/hook"
)

var secretShown = regexp.MustCompile(`id="secret">([^<]+)<`)

// TestProgramsPages: an administrator makes a key that serves, once shown, and ends it; a
// session opens the pages and never the API.
func TestProgramsPages(t *testing.T) {
	w := newWorld(t)
	at := w.port()
	r := w.run("cf", at)
	admin := r.hire(t, "a.ministrator", here(access.Administrator))
	other := r.hire(t, "v.dation", here(access.Validator))
	b, v := r.browse("192.0.2.1"), r.browse("192.0.2.2")
	if got := b.signIn(admin.Login, admin.Password, r.code(t, admin, 0), ""); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	if got := v.signIn(other.Login, other.Password, r.code(t, other, 0), ""); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code)
	}
	if got := v.get("/programs"); got.Code != http.StatusForbidden {
		t.Errorf("an officer is shown the keys: %d", got.Code)
	}
	for language, words := range map[string]string{"en": "There are none yet", "fr": "Il n’y en a pas encore", "pt": "Ainda não há nenhuma"} {
		got := b.get("/programs?lang=" + language)
		if page := html.UnescapeString(got.Body.String()); got.Code != http.StatusOK || !strings.Contains(page, words) || strings.Contains(page, ">programs.") {
			t.Errorf("%s: %d %s", language, got.Code, page)
		}
	}
	b.get("/programs?lang=en")

	// What was typed stays, with each fault beside its field.
	got := b.ask(http.MethodPost, "/programs/key", url.Values{"name": {"Ministry <system>"}, "days": {"9999"}})
	if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#f-roles"`) || !strings.Contains(page, `href="#f-days"`) || !strings.Contains(page, "Ministry &lt;system&gt;") || !strings.Contains(page, `value="9999"`) {
		t.Errorf("%d %s", got.Code, page)
	}
	got = b.ask(http.MethodPost, "/programs/key", url.Values{"name": {"SYNTHETIC system"}, "roles": {"validating_officer", "import_officer"}, "only": {"certificate.import"}, "days": {"30"}})
	m := secretShown.FindStringSubmatch(got.Body.String())
	if m == nil || got.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", got.Code, got.Header(), got.Body)
	}
	p := &program{t: t, base: "http://" + at + "/api/v1", key: m[1]}
	p.get("/imports").wants(t, http.StatusOK)
	p.get("/consignments").wants(t, http.StatusForbidden)
	list := b.get("/programs").Body.String()
	if strings.Contains(list, m[1][30:]) || !strings.Contains(list, "SYNTHETIC system") || !strings.Contains(list, strings.Split(m[1], "_")[2]) {
		t.Error("the list shows a key, or not whose it is")
	}
	// The session is nothing to the API, nor to a form of another site.
	(&program{t: t, base: p.base}).send(http.MethodGet, "/imports", nil, map[string]string{"Cookie": "session=" + v.cookies["session"]}).wants(t, http.StatusUnauthorized)
	b.header = map[string]string{"Sec-Fetch-Site": "cross-site"}
	if got := b.ask(http.MethodPost, "/programs/key", url.Values{"name": {"x"}, "roles": {"import_officer"}}); got.Code != http.StatusForbidden {
		t.Errorf("another site made a key: %d", got.Code)
	}
	b.header = nil
	if got := b.ask(http.MethodPost, "/programs/key/"+strings.Split(m[1], "_")[2]+"/end", nil); got.Code != http.StatusSeeOther {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	p.get("/imports").wants(t, http.StatusUnauthorized)

	// An address that is told; what goes wrong is shown.
	got = b.ask(http.MethodPost, "/programs/hook", url.Values{"system": {""}, "url": {"ftp://x"}})
	if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#f-system"`) || !strings.Contains(page, `href="#f-url"`) || !strings.Contains(page, `href="#f-events"`) {
		t.Errorf("%d %s", got.Code, page)
	}
	got = b.ask(http.MethodPost, "/programs/hook", url.Values{"system": {"SYNTHETIC told"}, "url": {"http://127.0.0.1:9/x"}, "events": {"advice.received"}})
	if m := secretShown.FindStringSubmatch(got.Body.String()); m == nil || !strings.HasPrefix(html.UnescapeString(m[1]), "whsec_") {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	hooks, err := module.Service[*hook.Service](r.others.node)
	w.must(err)
	all, err := hooks.List(t.Context())
	w.must(err)
	w.must(r.node.Store.Write(t.Context(), time.Now(), func(tx *store.Tx) error {
		return hook.Post(tx, "CF-1.1", hook.AdviceReceived, tx.Now(), map[string]string{"consignment": "CF-1"})
	}))
	w.must(hooks.Deliver(t.Context()))
	if page := b.get("/programs").Body.String(); !strings.Contains(page, "hook_networks") || !strings.Contains(page, "SYNTHETIC told") {
		t.Errorf("what went wrong is not shown: %s", page)
	}
	path := "/programs/hook/" + all[0].ID
	if page := b.get(path).Body.String(); !strings.Contains(page, "a shipment was announced") || !strings.Contains(page, "CF-1.1") || !strings.Contains(page, "is due") {
		t.Errorf("%s", page)
	}
	if got := b.get("/programs/hook/none"); got.Code != http.StatusNotFound {
		t.Error(got.Code)
	}
	// Whoever wants to know whether it hears has it sent a message that says nothing.
	if page := b.get(path).Body.String(); !strings.Contains(page, "Send a test message") {
		t.Errorf("%s", page)
	}
	if got := b.ask(http.MethodPost, path+"/try", nil); got.Code != http.StatusSeeOther {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if page := b.get(path).Body.String(); !strings.Contains(page, "a test message was sent") {
		t.Errorf("%s", page)
	}
	if got := v.ask(http.MethodPost, path+"/try", nil); got.Code != http.StatusForbidden {
		t.Errorf("an officer has a message sent: %d", got.Code)
	}
	if got := b.ask(http.MethodPost, path+"/end", nil); got.Code != http.StatusSeeOther {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := b.ask(http.MethodPost, path+"/try", nil); got.Code != http.StatusNotFound || strings.Contains(b.get(path).Body.String(), "Send a test message") {
		t.Errorf("an address that was ended is tried: %d", got.Code)
	}
	if got := b.ask(http.MethodPost, path+"/again", url.Values{"seq": {"1"}}); got.Code != http.StatusNotFound {
		t.Errorf("an address that was ended is told: %d", got.Code)
	}

	// It stands in the trail, and no key does.
	trail := html.UnescapeString(b.get("/people/trail").Body.String())
	for _, words := range []string{"made an access key", "ended an access key", "had messages sent", "had no more messages"} {
		if !strings.Contains(trail, words) {
			t.Errorf("the trail does not say: %s", words)
		}
	}
	if strings.Contains(trail, m[1][30:]) {
		t.Error("a key stands in the trail")
	}
	// Long after the last proof nothing is made.
	r.ahead(10 * time.Minute)
	got = b.ask(http.MethodPost, "/programs/key", url.Values{"name": {"late"}, "roles": {"import_officer"}})
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/account/prove") {
		t.Errorf("%d %s", got.Code, to)
	}
	keys, err := module.Service[*accesskey.Service](r.others.node)
	w.must(err)
	if made, err := keys.List(t.Context()); err != nil || len(made) != 1 {
		t.Errorf("%d keys, %v", len(made), err)
	}
}

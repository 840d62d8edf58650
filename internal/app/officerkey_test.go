package app

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/access"
	signers "adamas.example/internal/keyring/officers"
	"adamas.example/internal/party/people"
)

// TestOfficerKey: an officer makes his key by page, once and well closed, and the
// administrator of a node where the authority's keys lie has it stated; nobody else may.
func TestOfficerKey(t *testing.T) {
	w := newWorld(t)
	w.must(os.CopyFS(filepath.Join(w.dir, "cf", "authority"), os.DirFS(filepath.Join(w.dir, "people", "authority CF"))))
	w.must(os.Chmod(filepath.Join(w.dir, "cf", "authority"), 0o700))
	keys, err := filepath.Glob(filepath.Join(w.dir, "cf", "authority", "*"))
	w.must(err)
	for _, k := range keys {
		w.must(os.Chmod(k, 0o600))
	}
	r := w.run("cf", "127.0.0.1:0")
	admin, officer := r.hire(t, "a.dmin", here(access.Administrator)), r.hire(t, "v.dation", here(access.Validator))
	b := r.entered(t, officer, "192.0.2.1")
	boss := r.entered(t, admin, "192.0.2.2")
	at := signers.At(r.node.Dir)
	const good = "seven blue kettles sing"
	for name, bad := range map[string][3]string{"weak": {"short", "short", "fewer than 12"}, "own": {"my v.dation login here", "my v.dation login here", "part of your name"},
		"not equal": {good, good + "s", "not the same"}} {
		got := b.ask(http.MethodPost, "/account/key?lang=en", url.Values{"password": {bad[0]}, "again": {bad[1]}})
		if page := got.Body.String(); got.Code != http.StatusBadRequest && got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, bad[2]) || strings.Contains(page, `value="`+bad[0]) {
			t.Errorf("%s: %d, without %q or with what was typed", name, got.Code, bad[2])
		}
	}
	if got := boss.get("/account/key"); got.Code != http.StatusForbidden {
		t.Errorf("who does not sign: %d", got.Code)
	}
	if got := b.ask(http.MethodPost, "/people/keys", url.Values{"login": {officer.Login}}); got.Code != http.StatusForbidden {
		t.Errorf("an officer states keys: %d", got.Code)
	}
	if all := at.All(); len(all) != 0 {
		t.Fatalf("made all the same: %+v", all)
	}
	form := url.Values{"password": {good}, "again": {good}}
	if got := b.ask(http.MethodPost, "/account/key", form); got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/account/key/card") {
		t.Fatalf("making: %d %s", got.Code, got.Header().Get("Location"))
	}
	o, err := at.Of(officer.Login)
	w.must(err)
	if got := b.ask(http.MethodPost, "/account/key?lang=en", form); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "already has") {
		t.Errorf("a second key: %d", got.Code)
	}
	if page := b.get("/account/key/card?lang=en").Body.String(); !strings.Contains(page, o.Key.String()[:4]+" "+o.Key.String()[4:8]) || !strings.Contains(page, "Send the file") {
		t.Error("the card lacks the key id or what comes next")
	}
	if got := b.get("/account/key/card.pub").Body.String(); !strings.Contains(got, o.Key.String()) {
		t.Errorf("the file: %s", got)
	}
	state := url.Values{"login": {officer.Login}, "from": {""}, "until": {time.Now().AddDate(0, 6, 0).UTC().Format(time.DateOnly)}}
	if got := boss.ask(http.MethodPost, "/people/keys?lang=en", url.Values{"login": {officer.Login}, "until": {"soon"}}); got.Code == http.StatusSeeOther || !strings.Contains(got.Body.String(), "until-error") {
		t.Errorf("no date: %d", got.Code)
	}
	if got := boss.ask(http.MethodPost, "/people/keys?lang=en", state); got.Code != http.StatusSeeOther {
		t.Fatalf("stating: %d %s", got.Code, got.Body.String())
	}
	w.until("the page says that the key is stated", func() bool {
		return strings.Contains(b.get("/account/key?lang=en").Body.String(), "Stated by the authority")
	})
	if page := boss.get("/people/trail?lang=en").Body.String(); !strings.Contains(page, "made a key to sign with") || !strings.Contains(page, "had the authority state") {
		t.Error("the trail says nothing of it")
	}
	// A proof of identity that is too old: asked for before anything is made.
	r.ahead(r.later + people.DefaultLimits().FreshFor + time.Minute)
	for _, who := range []struct {
		b    *browsing
		path string
	}{{b, "/account/key"}, {boss, "/people/keys"}} {
		if got := who.b.ask(http.MethodPost, who.path, form); got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/account/prove?next=") {
			t.Errorf("%s not proved: %d %s", who.path, got.Code, got.Header().Get("Location"))
		}
	}
}

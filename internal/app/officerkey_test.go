package app

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/keyring"
	signers "adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/party/people"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// authorityAt has the keys of the Central African authority lie at a node, as in a trial.
func (w *world) authorityAt(t *testing.T, node string) {
	t.Helper()
	to := filepath.Join(w.dir, node, "authority")
	w.must(os.CopyFS(to, os.DirFS(filepath.Join(w.dir, "people", "authority CF"))))
	w.must(os.Chmod(to, 0o700))
	keys, err := filepath.Glob(filepath.Join(to, "*"))
	w.must(err)
	for _, k := range keys {
		w.must(os.Chmod(k, 0o600))
	}
}

// TestOfficerKey: an officer makes his key by page, once and well closed, and the
// administrator of a node where the authority's keys lie has it stated; nobody else may.
func TestOfficerKey(t *testing.T) {
	w := newWorld(t)
	w.authorityAt(t, "cf")
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
	if got := b.ask(http.MethodPost, "/people/keys", url.Values{"of": {"0123456789abcdef"}}); got.Code != http.StatusForbidden {
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
	if page := b.get("/account/key/card?lang=en").Body.String(); !strings.Contains(page, o.Key.String()[:4]+" "+o.Key.String()[4:8]) || !strings.Contains(page, "Show this page") {
		t.Error("the card lacks the key id or what comes next")
	}
	if got := b.get("/account/key/card.pub").Body.String(); !strings.Contains(got, o.Key.String()) {
		t.Errorf("the file: %s", got)
	}
	state := url.Values{"of": {o.Key.String()}, "from": {""}, "until": {time.Now().AddDate(0, 6, 0).UTC().Format(time.DateOnly)}}
	if got := boss.ask(http.MethodPost, "/people/keys?lang=en", url.Values{"of": {o.Key.String()}, "until": {"soon"}}); got.Code == http.StatusSeeOther || !strings.Contains(got.Body.String(), "until-error") {
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

// keyOf finds the key id of an officer in the office's folder.
func (r *running) keyOf(t *testing.T, login string) string {
	t.Helper()
	o, err := signers.At(r.node.Dir).Of(login)
	if err != nil {
		t.Fatal(err)
	}
	return o.Key.String()
}

// has wants texts on a page, and others not.
func (b *browsing) has(t *testing.T, path string, want, not []string) {
	t.Helper()
	page := b.get(path).Body.String()
	for _, s := range want {
		if !strings.Contains(page, s) {
			t.Errorf("%s does not say %q:\n%.2500s", path, s, page[max(0, strings.Index(page, "<main")):])
		}
	}
	for _, s := range not {
		if strings.Contains(page, s) {
			t.Errorf("%s says %q", path, s)
		}
	}
}

// TestOfficerKeyTimes: both pages remind before a key's end, and say what to do after it;
// the authority states it for longer, and anew; when the officer leaves, or has another
// key, the pages ask for its revocation, which the register then has.
func TestOfficerKeyTimes(t *testing.T) {
	w := newWorld(t)
	w.authorityAt(t, "cf")
	r := w.run("cf", "127.0.0.1:0")
	admin, officer := r.hire(t, "a.dmin", here(access.Administrator)), r.hire(t, "v.dation", here(access.Validator))
	var b, boss *browsing
	enter := func() { b, boss = r.entered(t, officer, "192.0.2.1"), r.entered(t, admin, "192.0.2.2") }
	enter()
	inDays := func(n int) string { return time.Now().Add(r.later).AddDate(0, 0, n).UTC().Format(time.DateOnly) }
	state := func(until string) {
		t.Helper()
		if got := boss.ask(http.MethodPost, "/people/keys?lang=en", url.Values{"of": {r.keyOf(t, officer.Login)}, "from": {inDays(0)}, "until": {until}}); got.Code != http.StatusSeeOther {
			t.Fatalf("stating: %d %s", got.Code, got.Body.String())
		}
	}
	const secret = "seven blue kettles sing"
	if got := b.ask(http.MethodPost, "/account/key", url.Values{"password": {secret}, "again": {secret}}); got.Code != http.StatusSeeOther {
		t.Fatalf("making: %d", got.Code)
	}
	boss.has(t, "/people?lang=en", []string{"The key of one officer waits for the authority"}, nil)
	state(inDays(9))
	for l, words := range map[string][3]string{"en": {"9 days more", "An administrator has it stated for longer", "9 days more"}, "fr": {"encore 9 jours", "Un administrateur la fait prolonger", "encore 9 jours"},
		"pt": {"mais 9 dias", "Um administrador fá-la prolongar", "mais 9 dias"}} {
		b.has(t, "/account?lang="+l, []string{words[0], words[1], "SYNTHETIC a.dmin"}, nil)
		b.has(t, "/account/key?lang="+l, []string{words[0], words[1]}, nil)
		boss.has(t, "/people/keys?lang="+l, []string{words[2], `value="` + r.keyOf(t, officer.Login) + `" selected`}, nil)
	}
	boss.has(t, "/people?lang=en", []string{"The key of one officer waits for the authority"}, nil)
	state(inDays(60))
	b.has(t, "/account?lang=en", nil, []string{"days more"})
	boss.has(t, "/people?lang=en", nil, []string{"waits for the authority"})
	boss.has(t, "/people/keys?lang=en", []string{"Stated by the authority: from"}, []string{"days more"})

	r.ahead(r.later + 35*24*time.Hour)
	enter()
	b.has(t, "/account?lang=en", []string{"25 days more"}, nil)
	r.ahead(r.later + 26*24*time.Hour)
	enter()
	b.has(t, "/account?lang=en", []string{"counts no more", "has it stated anew"}, nil)
	boss.has(t, "/people/keys?lang=en", []string{"statement ended on"}, nil)
	state(inDays(365))
	b.has(t, "/account/key?lang=en", []string{"Stated by the authority: from"}, []string{"counts no more"})

	// Another key in its place: the old one counts still, until it is revoked.
	old := r.keyOf(t, officer.Login)
	if got := b.ask(http.MethodPost, "/account/key?lang=en", url.Values{"act": {"replace"}, "password": {secret}, "again": {"another"}}); got.Code == http.StatusSeeOther || r.keyOf(t, officer.Login) != old {
		t.Errorf("replaced by two passphrases: %d", got.Code)
	}
	if got := b.ask(http.MethodPost, "/account/key", url.Values{"act": {"replace"}, "password": {secret}, "again": {secret}}); got.Code != http.StatusSeeOther {
		t.Fatalf("replacing: %d %s", got.Code, got.Body.String())
	}
	next := r.keyOf(t, officer.Login)
	if next == old {
		t.Fatal("it is the same key")
	}
	boss.has(t, "/people/keys?lang=en", []string{"No officer of this office has this key any more", "have the authority revoke it", `value="` + old + `"`}, nil)
	b.has(t, "/account?lang=en", []string{"has not stated the key of SYNTHETIC v.dation yet"}, nil)
	state(inDays(365))

	revoke := func(key, reason string) int {
		t.Helper()
		return boss.ask(http.MethodPost, "/people/keys/revoke?lang=en", url.Values{"key": {key}, "reason": {reason}}).Code
	}
	if code := revoke(old, ""); code == http.StatusSeeOther {
		t.Error("revoked without a reason")
	}
	if code := revoke("0123456789abcdef", "SYNTHETIC reason"); code != http.StatusNotFound {
		t.Errorf("a key that counts for nobody here: %d", code)
	}
	if got := b.ask(http.MethodPost, "/people/keys/revoke", url.Values{"key": {old}, "reason": {"SYNTHETIC"}}); got.Code != http.StatusForbidden {
		t.Errorf("an officer revokes: %d", got.Code)
	}
	if code := revoke(old, "SYNTHETIC: has another key"); code != http.StatusSeeOther {
		t.Fatalf("revoking: %d", code)
	}
	boss.has(t, "/people/keys?lang=en", []string{"Stated by the authority: from"}, []string{"No officer of this office has this key", old})

	// The officer leaves.
	s, err := module.Service[*people.Service](r.others.node)
	w.must(err)
	who, err := s.Everybody(t.Context())
	w.must(err)
	id := ""
	for _, p := range who {
		if p.Login == officer.Login {
			id = string(p.ID)
		}
	}
	if got := boss.ask(http.MethodPost, "/people/"+id, url.Values{"act": {"close"}, "reason": {"SYNTHETIC: retired"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("closing: %d", got.Code)
	}
	boss.has(t, "/people/"+id+"?lang=en", []string{"signs here no more, and the key counts all the same", "/people/keys?revoke=" + next}, nil)
	boss.has(t, "/people/keys?lang=en&revoke="+next, []string{"is closed or suspended", "have the authority revoke it", `value="` + next + `" selected`}, []string{"/people/keys?of="})
	if got := boss.ask(http.MethodPost, "/people/keys?lang=en", url.Values{"of": {next}, "until": {inDays(500)}}); got.Code != http.StatusConflict {
		t.Errorf("a key of who has left is stated: %d", got.Code)
	}
	if code := revoke(next, "SYNTHETIC: has left the office"); code != http.StatusSeeOther {
		t.Fatalf("revoking: %d", code)
	}
	boss.has(t, "/people?lang=en", nil, []string{"waits for the authority"})
	boss.has(t, "/people/"+id+"?lang=en", nil, []string{"counts all the same"})
	boss.has(t, "/people/trail?lang=en", []string{"had the authority revoke an officer’s key", "SYNTHETIC: has left the office"}, nil)
	boss.has(t, "/register?lang=en&type=key-revoked", []string{"CF/authority"}, nil)
	if code := revoke(next, "SYNTHETIC: twice"); code != http.StatusNotFound {
		t.Errorf("revoked twice: %d", code)
	}
}

// TestKeyStatedOnlyOfWhoSigns: the authority is asked to state the key of an officer who may
// sign, and no other; where it still counts of one who may not, the page has it revoked,
// with the command for an authority elsewhere. What is stated is the key that was compared.
func TestKeyStatedOnlyOfWhoSigns(t *testing.T) {
	w := newWorld(t)
	w.authorityAt(t, "cf")
	r := w.run("cf", "127.0.0.1:0")
	admin, officer := r.hire(t, "a.dmin", here(access.Administrator)), r.hire(t, "v.dation", here(access.Validator))
	s, err := module.Service[*people.Service](r.others.node)
	w.must(err)
	_, err = s.InviteAtServer(t.Context(), people.Proposal{Login: "i.nvited", Name: "SYNTHETIC i.nvited", Language: lang.English, Grants: []access.Grant{here(access.Validator)}})
	w.must(err)
	at := signers.At(r.node.Dir)
	for _, login := range []string{officer.Login, "i.nvited"} {
		_, err := at.Make(t.Context(), login, keyring.Demonstration(), time.Unix(1790000000, 0))
		w.must(err)
	}
	boss := r.entered(t, admin, "192.0.2.2")
	until := time.Now().Add(r.later).AddDate(0, 0, 100).UTC().Format(time.DateOnly)
	state := func(key string, want int, words string) {
		t.Helper()
		got := boss.ask(http.MethodPost, "/people/keys?lang=en", url.Values{"of": {key}, "until": {until}})
		if page := got.Body.String(); got.Code != want || !strings.Contains(page, words) {
			t.Errorf("%d without %q:\n%.2500s", got.Code, words, page[max(0, strings.Index(page, "<main")):])
		}
	}
	stated := func(key string) string { return "/people/keys?of=" + key + "#state" }
	revoked := func(key string) string { return "/people/keys?revoke=" + key + "#revoke" }

	state("", http.StatusUnprocessableEntity, "No key is chosen")
	invited := r.keyOf(t, "i.nvited")
	boss.has(t, "/people/keys?lang=en", nil, []string{stated(invited)})
	state(invited, http.StatusConflict, "has not come in yet")

	// Another key takes its place after the page was shown.
	compared := r.keyOf(t, officer.Login)
	boss.has(t, "/people/keys?lang=en", []string{stated(compared), `value="` + compared + `" selected`}, nil)
	_, err = at.Replace(t.Context(), officer.Login, keyring.Demonstration(), time.Unix(1790000001, 0))
	w.must(err)
	key := r.keyOf(t, officer.Login)
	state(compared, http.StatusConflict, "another has taken its place")
	boss.has(t, "/people/keys?lang=en", []string{"has not stated this key yet"}, []string{"Stated by the authority"})
	state(key, http.StatusSeeOther, "")
	boss.has(t, "/people/trail?lang=en", []string{"had the authority state", key}, []string{compared})

	// The officer does other work from now on, and keeps the key.
	w.must(s.ChangeAtServer(t.Context(), officer.Login, []access.Grant{here(access.Sealer)}, people.Company{}))
	boss.has(t, "/people/keys?lang=en", []string{"is no validating officer", "have the authority revoke it", revoked(key)}, []string{stated(key), `value="` + key + `" selected`})
	state(key, http.StatusConflict, "is no validating officer")
	elsewhere := filepath.Join(w.dir, "cf", "authority")
	w.must(os.Rename(elsewhere, elsewhere+" elsewhere"))
	boss.has(t, "/people/keys?lang=en", []string{"adamas keys revoke ", key + " --apply"}, []string{"adamas keys appoint "})
	state(key, http.StatusNotFound, "not at this office")
	w.must(os.Rename(elsewhere+" elsewhere", elsewhere))
	if got := boss.ask(http.MethodPost, "/people/keys/revoke?lang=en", url.Values{"key": {key}, "reason": {"SYNTHETIC: does other work"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("revoking: %d", got.Code)
	}
	w.must(s.ChangeAtServer(t.Context(), officer.Login, []access.Grant{here(access.Validator)}, people.Company{}))
	boss.has(t, "/people/keys?lang=en", []string{"Revoked by the authority"}, []string{stated(key), revoked(key)})
	state(key, http.StatusConflict, "cannot be taken back")
}

// TestKeyStatedIsTold: who closes the browser while the register is written to and
// witnessed has had the key stated all the same, and the trail says so.
func TestKeyStatedIsTold(t *testing.T) {
	w := newWorld(t)
	w.authorityAt(t, "cf")
	r := w.run("cf", "127.0.0.1:0")
	admin, officer := r.hire(t, "a.dmin", here(access.Administrator)), r.hire(t, "v.dation", here(access.Validator))
	_, err := signers.At(r.node.Dir).Make(t.Context(), officer.Login, keyring.Demonstration(), time.Unix(1790000000, 0))
	w.must(err)
	boss := r.entered(t, admin, "192.0.2.2")
	said := func() (n int) {
		w.must(r.node.Ledger.Store().Read(t.Context(), time.Now(), func(tx *store.Tx) error {
			all, err := ledger.Said(tx, statement.TypeOfficeKey)
			n = len(all)
			return err
		}))
		return n
	}
	before := said()
	ctx, leave := context.WithCancel(t.Context())
	boss.ctx = ctx
	go func() {
		defer leave()
		for ctx.Err() == nil && said() == before {
			time.Sleep(time.Millisecond)
		}
	}()
	boss.ask(http.MethodPost, "/people/keys", url.Values{"of": {r.keyOf(t, officer.Login)}, "until": {time.Now().Add(r.later).AddDate(0, 0, 100).UTC().Format(time.DateOnly)}})
	boss.ctx = nil
	w.until("the key is stated", func() bool { return said() > before })
	boss.has(t, "/people/trail?lang=en", []string{"had the authority state"}, nil)
}

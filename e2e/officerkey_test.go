package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/worldtest/browser"
)

// TestOfficerKeyPages: an officer sees his key and prints its card, an administrator sees
// whose keys wait for their authority; in three languages, on the smallest screen too.
func TestOfficerKeyPages(t *testing.T) {
	d := openDoors(t)
	officer, admin := d.as(t, "officer-2"), d.as(t, "admin-1")
	for _, l := range []string{"en", "fr", "pt"} {
		for p, paths := range map[*browser.Page]map[string]string{
			officer: {"/account/key": "key", "/account/key/card": "card"},
			admin:   {"/people/keys": "keys", "/programs": "programs"},
		} {
			for at, name := range paths {
				p.Go(d.url + at + "?lang=" + l)
				p.WaitFor(`document.querySelector("main h1")`)
				looked(p, name+"-"+l)
			}
		}
	}
}

// TestOfficerKeyTimes: an officer makes another key in the place of his; the authority,
// whose keys lie at this node, states it for a few days, and both are reminded of the end;
// it states it for longer, and revokes the old key and, when the officer leaves, the new.
func TestOfficerKeyTimes(t *testing.T) {
	dir := copied(t)
	copyTree(t, filepath.Join(dir, "keys-SYNTHETIC", "authority-cf"), filepath.Join(dir, "node-cf", "authority"))
	d := &doors{url: strings.Replace(serve(t, dir).url, "127.0.0.1", "localhost", 1)}
	officer, admin := d.as(t, "officer-2"), d.as(t, "admin-1")
	inDays := func(n int) string { return time.Now().AddDate(0, 0, n).UTC().Format(time.DateOnly) }

	officer.Go(d.url + "/account/key?lang=en")
	officer.Click("main details summary")
	looked(officer, "another-key")
	give(officer, "The key is made", "password", signing, "again", signing)
	officer.WaitText("main", "has not stated the key of")
	looked(officer, "another-key-card")

	admin.Go(d.url + "/people/keys?lang=en")
	admin.WaitText("main", "No officer of this office has this key any more")
	looked(admin, "keys-left")
	give(admin, "The authority’s statement stands in the register", "of", option(admin, "of", "Grace Gbeho"), "until", inDays(9))
	for l, words := range map[string]string{"en": "9 days more", "fr": "encore 9 jours", "pt": "mais 9 dias"} {
		officer.Go(d.url + "/account?lang=" + l)
		officer.WaitText("main .govuk-inset-text", words)
		looked(officer, "key-ends-account-"+l)
		officer.Go(d.url + "/account/key?lang=" + l)
		officer.WaitText("main .govuk-inset-text", words)
		looked(officer, "key-ends-"+l)
		admin.Go(d.url + "/people/keys?lang=" + l)
		admin.WaitText("main table", words)
		looked(admin, "keys-end-"+l)
	}
	admin.Go(d.url + "/people?lang=en")
	admin.WaitText("main", "keys of 2 officers wait for the authority") // this one, and the one that was left
	looked(admin, "keys-due")
	admin.Go(d.url + "/people/keys?lang=en")
	give(admin, "The authority’s statement stands in the register", "of", option(admin, "of", "Grace Gbeho"), "until", inDays(300))
	officer.Go(d.url + "/account?lang=en")
	if said := officer.Text("main"); strings.Contains(said, "days more") {
		t.Errorf("reminded all the same:\n%s", said)
	}

	row := func(text, link string) string { // of a list, the link in the row that says a text
		t.Helper()
		href := browser.Ask[string](admin, fmt.Sprintf(`[...document.querySelectorAll("main tr")].find((e) => e.innerText.includes(%q))?.querySelector(%q)?.href ?? ""`, text, link))
		if href == "" {
			t.Fatalf("no row says %q: %s", text, admin.Text("main"))
		}
		return href
	}
	revoke := func(at, name, reason string) {
		t.Helper()
		admin.Go(at)
		admin.WaitFor(`document.querySelector("#revoke[open]") !== null && document.querySelector("[name=key]").value !== ""`)
		looked(admin, name)
		give(admin, "There is something to mend", "reason", "")
		looked(admin, name+"-wrong")
		give(admin, "The authority has revoked the key", "reason", reason)
	}
	admin.Go(d.url + "/people/keys?lang=en")
	revoke(row("has this key any more", `a[href*="revoke="]`), "keys-revoke", "SYNTHETIC: another key was made")
	if said := admin.Text("main"); strings.Contains(said, "has this key any more") {
		t.Errorf("it waits all the same:\n%s", said)
	}
	admin.Go(d.url + "/people?lang=en")
	admin.Go(row("officer-2", `a[href^="/people/"]`))
	admin.Type("[name=reason]", "SYNTHETIC: has left the service")
	submit(admin, `button[value="close"]`, "the key counts all the same")
	looked(admin, "key-of-who-left")
	revoke(browser.Ask[string](admin, `document.querySelector('main a[href*="revoke="]').href`), "keys-revoke-left", "SYNTHETIC: has left the service")
	for _, l := range []string{"fr", "pt"} {
		admin.Go(d.url + "/people/keys?lang=" + l)
		looked(admin, "keys-revoked-"+l)
	}
	admin.Go(d.url + "/people?lang=en")
	if said := admin.Text("main"); strings.Contains(said, "for the authority") {
		t.Errorf("it waits all the same:\n%s", said)
	}
	officer.Go(d.url + "/account/key?lang=en")
	officer.WaitText("main", "Sign in") // all sessions have ended
}

package e2e

import (
	"testing"

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

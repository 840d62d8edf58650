package e2e

import (
	"strings"
	"testing"

	"adamas.example/internal/worldtest/browser"
)

// TestAssent: what an officer has signed takes his passkey, over what stands on the page;
// doing without is said and noted; who has none proves himself first.
func TestAssent(t *testing.T) {
	d := openDoors(t)
	p := d.as(t, "officer-2")
	p.Passkeys()
	p.Go(d.url + "/account?lang=en")
	p.Type("[name=passkey]", "Telephone")
	submit(p, ".passkey button", "Saved.")
	p.Go(d.url + "/issuing?view=out")
	file := browser.Ask[string](p, `document.querySelector("main a[href*='/issuing/CF-']").getAttribute("href")`)
	lost := d.url + file + "/report_lost?lang=en"

	p.Go(lost)
	p.WaitText("main", "Confirm with your passkey")
	looked(p, "assent")
	p.Type("[name=reason]", "SYNTHETIC: stolen at the airport")
	browser.Ask[bool](p, `document.querySelector("main form").requestSubmit() ?? true`) // as Enter does
	p.WaitText("main", "your passkey is needed")
	looked(p, "assent-wanted")
	if kept := browser.Ask[string](p, `document.querySelector("[name=reason]").value`); kept != "SYNTHETIC: stolen at the airport" {
		t.Errorf("what was typed is %q", kept)
	}

	// Another form than the one that the passkey was asked about is not signed.
	browser.Ask[bool](p, `(() => { const send = HTMLFormElement.prototype.submit; HTMLFormElement.prototype.submit = function () {
		this.querySelector("[name=reason]").value += ", and more"; send.call(this); }; return true; })()`)
	submit(p, ".passkey button", "This request to your passkey is over")
	p.Type("[name=reason]", "SYNTHETIC: stolen at the airport")
	submit(p, ".passkey button", "reported")
	p.Go(lost)
	p.WaitText("main", "has come to its end") // it is reported, and cannot be twice

	admin := d.as(t, "admin-1")
	admin.Go(d.url + "/people/trail?lang=en")
	if said := admin.Text("main"); strings.Count(said, "to report a certificate lost") != 1 {
		t.Errorf("the trail says\n%s", said)
	}
}

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"adamas.example/internal/worldtest/browser"
)

// shipped has Bangui issue and announce a shipment to Antwerp, by the commands of its own
// computer with the papers of the demonstration's third certificate; it gives the file's
// number and the certificate's.
func (o *offices) shipped(t *testing.T, seal string) (id, number string) {
	t.Helper()
	forms := filepath.Join(o.dir, "forms-SYNTHETIC", "CF00000003-")
	form := func(name string) string { return forms + name + ".json" }
	do := func(act string, more ...string) string {
		args := append([]string{program(t), "consignment", "do", act, "--dir", filepath.Join(o.dir, "node-cf")}, more...)
		if id != "" {
			args = append(args, id)
		}
		out, errs, code := run(t, nil, args...)
		if code != 0 {
			t.Fatalf("%s: exit %d\n%s%s", act, code, out, errs)
		}
		return out
	}
	var v struct{ Consignment, Number string }
	if err := json.Unmarshal([]byte(do("apply", "--by", "SYNTHETIC agent", "--file", form("apply"), "--json")), &v); err != nil {
		t.Fatal(err)
	}
	id = v.Consignment
	for _, by := range []string{"government", "independent", "exporter"} {
		do("value", "--by", "SYNTHETIC "+by, "--file", form(by+"-value"))
	}
	do("tax", "--by", "SYNTHETIC treasury", "--file", form("tax"))
	b, err := os.ReadFile(form("seal"))
	if err != nil {
		t.Fatal(err)
	}
	sealing := filepath.Join(t.TempDir(), "seal.json")
	write(t, sealing, regexp.MustCompile(`"A[0-9]+"`).ReplaceAll(b, []byte(`"`+seal+`"`)))
	do("seal", "--by", "SYNTHETIC sealer", "--file", sealing)
	officer := func(n string) []string {
		return []string{"--keys", filepath.Join(o.dir, "keys-SYNTHETIC", "officer-"+n), "--key", "officer"}
	}
	do("prepare", append(officer("1"), "--file", form("prepare"))...)
	if err := json.Unmarshal([]byte(do("issue", append(officer("2"), "--wait", "witnessed", "--json")...)), &v); err != nil {
		t.Fatal(err)
	}
	do("export", "--by", "SYNTHETIC customs", "--file", form("export"))
	do("advise", "--by", "SYNTHETIC officer", "--file", form("advise"))
	return id, v.Number
}

// TestIrregular: in Antwerp a shipment from Bangui is short and a seal is broken. The
// desk opens a case, holds the goods and sends them back; Bangui and its exporter see
// it, and the public sees what is public and no more.
func TestIrregular(t *testing.T) {
	o := openOffices(t)
	id, number := o.shipped(t, "A188")
	desk := o.enter(t, "EU", "importer", "pt")
	desk.open("/imports")
	desk.until(grouped(number))
	file := filepath.Join(t.TempDir(), number+".adamas")
	if out, errs, code := run(t, nil, program(t), "certificate", "bundle", "--dir", filepath.Join(o.dir, "node-cf"), "--out", file, number); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	desk.Fill("place", "SYNTHETIC Antuérpia, balcão 1", "scale", "SYNTHETIC balança 2")
	desk.Files("#f-file", file)
	desk.Click("#scan-form button[type=submit]")
	desk.WaitFor(`document.querySelector("#measure") !== null`)
	screen := desk.path()
	desk.says("8,00", "A188")
	first := `[name="parcel_list[1].carats"], [name="carats"]`
	desk.Type(first, "7,4x")
	desk.Press(browser.Enter)
	desk.WaitFor(`document.querySelector("#summary") !== null`)
	desk.seen("01-mistyped")
	desk.Click("#summary a")
	desk.WaitFor("document.activeElement === document.querySelector('" + first + "') && document.activeElement.value === '7,4x'")
	desk.Type(first, "7,40")
	desk.WaitText("#weights", "fora da tolerância")
	desk.Click(`[name="seals[1].intact"]`)
	desk.Press(browser.Enter)
	desk.WaitText(".findings", "R-IMP-06") // the page before it has a summary too
	desk.seen("01-refused")
	desk.says("R-IMP-06")
	desk.Click("h1")
	desk.Press("d")
	desk.WaitFor(`document.activeElement.id === "f-reason"`)
	if said := browser.Ask[string](desk.Page, `document.querySelector("#f-reason").value`); strings.ContainsAny(said, "0123456789") || !strings.Contains(said, "selo") {
		t.Errorf("suggested for the public: %q", said)
	}
	desk.Click(`button[value="dispute"]`)
	desk.WaitFor(`location.pathname.endsWith("/case")`)
	desk.seen("02-case")
	desk.says("Discrepância declarada", "Comunicação à autoridade emissora", "7,40")
	desk.open("/imports/cases")
	desk.says(grouped(number))
	desk.seen("03-cases")
	desk.open(screen + "/case")
	decides(desk, "detain", "Aguarda o esclarecimento da repartição emissora.")
	desk.until("Carta a CF/bangui")
	desk.seen("04-detained")
	o.hears(t, id, number)
	desk.open(screen + "/case")
	desk.until("nous avons pesé 8,00 ct")
	desk.seen("04-answered")
	decides(desk, "return", "As mercadorias são devolvidas à repartição emissora.")
	desk.seen("05-returned")
	desk.open("/imports/cases")
	desk.hides(grouped(number))
	exporter := o.enter(t, "CF", "exporter", "fr")
	exporter.open("/applications")
	officer := o.enter(t, "CF", "officer-1", "fr")
	officer.open("/issuing/" + id)
	officer.until("renvoyé")
	officer.seen("06-sent-back")
	for _, at := range []string{"CF", "EU"} {
		for _, path := range []string{"/certificates/" + number, "/register?about=" + number} {
			public := &colleague{known(o.b.Apart(t).Open(t, o.url[at]+path, browser.Desk)), o.url[at], "en"}
			public.until(grouped(number))
			public.hides("7.40", "7,40", "8.00", "A188", "SYNTHETIC Example Trading", "SYNTHETIC balança")
			public.Shot("07-public-" + at)
		}
	}
}

// decides takes a decision on the case that is open.
func decides(p *colleague, do, why string) {
	p.Helper()
	p.Fill("do", do, "reason", why, "note", "SYNTHETIC: processo 12", "reported", "yes")
	p.Click(`main form[action$="/case"] button[type=submit]`)
	p.WaitText("main", why)
	p.WaitFor(`document.querySelector(".govuk-error-summary") === null`)
}

// hears: in Bangui the officer finds the case on his list and in the file, and what is
// said of it; the exporter is told what is asked of him.
func (o *offices) hears(t *testing.T, id, number string) {
	t.Helper()
	officer := o.enter(t, "CF", "officer-1", "fr")
	officer.open("/issuing/" + id)
	officer.until("contesté à destination")
	officer.says(grouped(number))
	officer.seen("04-exporting-office")
	officer.open("/issuing/" + id + "/advise")
	officer.Fill("note", "SYNTHETIC : nous avons pesé 8,00 ct ; renvoyez la marchandise.")
	officer.sendAmid(doIt, "L’avis est parti.")
	officer.open("/certificates/" + number)
	officer.until("Contesté")
	officer.says("Um selo do contentor está quebrado.")
}

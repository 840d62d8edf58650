package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/worldtest/browser"
)

// TestShipment: rough diamonds go from an exporter in Bangui to Dubai, and some of them
// on to Antwerp. Everybody works on the pages of his own office, in his own language, and
// with nothing else.
func TestShipment(t *testing.T) {
	o := openOffices(t)
	exporter := o.enter(t, "CF", "exporter", "fr")
	id := applies(t, exporter)
	o.sendsBack(t, id)
	mends(exporter, id)
	codes, number := o.issues(t, exporter, id)
	o.confirms(t, codes[0], number)
	exporter.open("/applications/" + id)
	exporter.until("a confirmé la réception")
	exporter.seen("13-received")
	exporter.says("Émirats arabes unis")
	o.goesOn(t, number)
}

func inDays(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format("02/01/2006") }

// parts fills in all parts of an application, whose origin rests on evidence of one sort,
// and goes on each time by the button.
func parts(p *colleague, draft, evidence string, all map[string][]string) {
	p.Helper()
	for _, part := range []string{"about", "route", "goods", "origin"} {
		p.open(draft + "/part/" + part)
		if part == "origin" {
			p.Click(`button[name="more"][value="evidence:` + evidence + `"]`)
			p.WaitFor(`document.getElementsByName("evidence[1].carats").length > 0`)
		}
		p.Fill(all[part]...)
		p.Click(`button[value="continue"]:not([tabindex])`)
		p.WaitFor(`!location.pathname.endsWith("/part/` + part + `")`)
	}
}

// applies: the exporter types the fields of the Canadian list (domain.md §2.2), leaves in
// the middle and comes back, makes a mistake, hands in a paper, declares and sends.
func applies(t *testing.T, p *colleague) (id string) {
	t.Helper()
	p.open("/applications")
	p.seen("01-applications")
	p.send(`form[action="/applications/drafts"] button`, "parties")
	draft := p.path()
	fields := map[string][]string{
		"about": {"kind", "export", "applicant.name", "SYNTHETIC Clara Cissé", "applicant.address", "Avenue Boganda, Bangui", "exporter.address", "Avenue Boganda, Bangui",
			"exporter.licence.kind", "buying_house", "exporter.licence.until", time.Now().AddDate(1, 0, 0).Format(time.DateOnly)},
		"route": {"destination", "AE", "destination_office", "AE/dubai", "consignee.name", "SYNTHETIC Example Trading", "consignee.address", "Dubai, SYNTHETIC tower 7", "carriage.mode", "hand_carry",
			"carriage.carrier", "SYNTHETIC courier", "carriage.licence.holder", "SYNTHETIC courier", "carriage.licence.number", "T-9", "carriage.licence.until", time.Now().AddDate(1, 0, 0).Format(time.DateOnly)},
		"goods": {"parcels[1].mark", "P1", "parcels[1].container", "1", "parcels[1].carats", "12,40", "parcels[1].stones", "31",
			"lines[1].hs", "7102.10", "lines[1].carats", "12,04", "lines[1].value_usd", "2 480,00"},
		"origin": {"evidence[1].mine.name", "SYNTHETIC chantier", "evidence[1].mine.place", "Carnot", "evidence[1].mine.record", "registre 4", "evidence[1].origin", "CF", "evidence[1].carats", "12,40"},
	}
	p.open(draft + "/part/goods")
	p.Fill(fields["goods"]...)
	p.Click(`button[value="later"]`)
	p.WaitFor(`location.pathname === "` + draft + `"`)
	p.seen("02-draft")
	p.open("/applications")
	p.Click(`main a.row[href="` + draft + `"]`)
	p.WaitFor(`location.pathname === "` + draft + `"`)
	p.open(draft + "/part/goods")
	p.Click(`button[value="continue"]:not([tabindex])`)
	p.WaitFor(`document.querySelector("#summary") !== null`)
	p.seen("03-mistake")
	p.says("12,04", "12,40")
	fields["goods"][11] = "12,40"
	parts(p, draft, "mine", fields)
	paper := filepath.Join(t.TempDir(), "facture.pdf")
	write(t, paper, []byte("%PDF-1.7\n% SYNTHETIC\n%%EOF\n"))
	p.open(draft + "/part/papers")
	p.Files(`input[type=file]`, paper)
	p.send(`form[enctype] button`, "facture.pdf")
	p.open(draft + "/check")
	p.seen("04-check")
	p.says("12,40", "facture.pdf", "SYNTHETIC Example Trading")
	p.Fill("declaration.by", "SYNTHETIC Clara Cissé", "agreed", "yes")
	p.send(doIt, "La demande est envoyée")
	p.seen("05-sent")
	return strings.TrimPrefix(p.path(), "/applications/")
}

// sendsBack: the valuer looks at it, and sends it back with reasons.
func (o *offices) sendsBack(t *testing.T, id string) {
	t.Helper()
	p := o.enter(t, "CF", "valuator", "fr")
	p.open("/issuing")
	p.seen("06-worklist")
	p.Click(`main a.row[href="/issuing/` + id + `"]`)
	p.WaitFor(`location.pathname === "/issuing/` + id + `"`)
	p.open("/issuing/" + id + "/check")
	p.seen("06-lacks")
	p.open("/issuing/" + id + "/find_deficient")
	p.send(doIt, "Quelque chose est à corriger")
	p.Fill("reason", "Le nombre de pierres ne correspond pas.", "fields[1].field", "parcels", "fields[1].reason", "30 pierres comptées, 31 déclarées")
	p.send(doIt, "L’exportateur sait ce qu’il doit corriger.")
	p.seen("06-sent-back")
}

// mends: the exporter reads why, mends what is named and sends it again.
func mends(p *colleague, id string) {
	p.Helper()
	p.open("/applications/" + id)
	p.says("Le nombre de pierres ne correspond pas.", "30 pierres comptées, 31 déclarées")
	p.seen("07-deficient")
	p.Click(`form[action$="/mend"] button`)
	p.WaitFor(`location.pathname.startsWith("/applications/drafts/") && document.readyState === "complete"`)
	p.says("30 pierres comptées")
	draft := p.path()
	p.open(draft + "/part/goods")
	p.Fill("parcels[1].stones", "30")
	p.Click(`button[value="continue"]:not([tabindex])`)
	p.WaitFor(`!location.pathname.endsWith("/part/goods")`)
	p.open(draft + "/check")
	p.Fill("declaration.by", "SYNTHETIC Clara Cissé", "agreed", "yes")
	p.send(doIt, "est corrigée et de nouveau au bureau")
}

// issues: valued three ways, taxed, sealed with a photograph, previewed, prepared by one
// officer and issued by another, printed, sent off and announced. It gives the texts of
// the paper's codes and the certificate's number.
func (o *offices) issues(t *testing.T, exporter *colleague, id string) (codes []string, number string) {
	t.Helper()
	at := "/issuing/" + id
	valuer := o.enter(t, "CF", "valuator", "fr")
	for _, by := range []string{"government", "independent", "exporter"} {
		valuer.open(at + "/value")
		valuer.Fill("by", by, "lines[1].value_usd", "2 480,00")
		valuer.send(doIt, "L’évaluation est au dossier.")
	}
	valuer.open(at + "/tax")
	valuer.seen("08-tax")
	valuer.Fill("number", "Q-2026-77", "authority", "SYNTHETIC Trésor public")
	valuer.send(doIt, "Les droits sont réglés.")
	exporter.open("/applications/" + id)
	exporter.says("Q-2026-77")
	exporter.seen("08-exporter-taxed")
	sealer := o.enter(t, "CF", "sealer", "fr")
	sealed(t, sealer, at, "A118", "Les conteneurs sont scellés.")
	first := o.enter(t, "CF", "officer-1", "fr")
	first.open(at)
	preview := first.Download(lookAt)
	if text, codes := printed(first, preview, "09-preview"); len(codes) > 0 || !strings.Contains(strings.ToUpper(text), "PREVIEW") && !strings.Contains(strings.ToUpper(text), "APERÇU") {
		t.Errorf("a preview bears codes or no watermark: %v\n%s", codes, text)
	}
	first.open(at)
	first.says("SYNTHETIC Felix Fontaine")
	first.open(at + "/prepare")
	first.Fill("validator", chosen(first, "validator", "officer-2"))
	first.seen("09-prepare")
	first.send(doIt, "attend le second agent")
	second := o.enter(t, "CF", "officer-2", "fr")
	second.open(at + "/issue")
	second.seen("10-issue")
	second.says("A118", "12,40")
	second.send(doIt, "Le certificat est délivré et signé.")
	second.seen("10-issued")
	second.open(at)
	second.until("inscrit devant témoins")
	second.open(at + "/print")
	paper := second.Download(doIt)
	number = strings.TrimSuffix(filepath.Base(paper), ".pdf")
	text, codes := printed(second, paper, "11-certificate")
	if len(codes) != 2 || !strings.Contains(text, "A118") || !strings.Contains(text, "12.40") {
		t.Fatalf("the paper has %d codes\n%s", len(codes), text)
	}
	if !strings.Contains(strings.ToUpper(codes[0]), "/C#") {
		codes[0], codes[1] = codes[1], codes[0]
	}
	sealer.open(at + "/export")
	sealer.Fill("exit_point", "Bangui M’Poko", "customs_reference", "D-1")
	sealer.send(doIt, "L’exportation est enregistrée.")
	first.open(at + "/advise")
	first.send(doIt, "L’avis est parti.")
	first.seen("11-advised")
	return codes, number
}

// sealed seals the one container of a shipment, with its photograph.
func sealed(t *testing.T, p *colleague, at, seal, said string) {
	t.Helper()
	p.open(at + "/seal")
	p.Fill("content_verified", "yes", "containers[1].seal", seal, "witnesses[1]", "SYNTHETIC customs officer")
	p.Files(`[name="photo-1"]`, sealPhoto(t, seal))
	p.seen("08-seal")
	p.send(doIt, said)
	p.open(at)
	p.WaitFor(`[...document.querySelectorAll(".photos img")].length === 1`)
}

// chosen is the value of the option that says a text.
func chosen(p *colleague, field, text string) string {
	p.Helper()
	value := browser.Ask[string](p.Page, `([...document.querySelectorAll("[name=`+field+`] option")].find((o) => o.text.includes("`+text+`")) ?? {value: ""}).value`)
	if value == "" {
		p.Fatalf("%s does not offer %q: %s", field, text, p.Text("main"))
	}
	return value
}

// confirms: the import desk in Dubai has its place and its scale; then each shipment
// takes one scan and one key when all is well.
func (o *offices) confirms(t *testing.T, code, number string) {
	t.Helper()
	p := o.enter(t, "AE", "importer", "en")
	p.open("/imports")
	p.until(grouped(number))
	p.seen("12-desk")
	p.Fill("place", "SYNTHETIC Dubai, counter 2", "scale", "SYNTHETIC balance 4")
	keys := scanned(p, code)
	p.says("may be accepted", "Announced by CF/bangui", "A118")
	p.seen("12-screen")
	keys += press(p, browser.Enter)
	p.WaitText("main", "is confirmed: 12.40 ct")
	p.seen("12-confirmed")
	if keys != 1 {
		t.Errorf("a confirmation when all is well took %d keys beside the scan, not one", keys)
	}
	if at := browser.Ask[string](p.Page, `document.activeElement.id`); at != "f-scan" {
		t.Errorf("after a confirmation the next scan would go to %q", at)
	}
	// The desk stands ready for the next paper: the same one again is said to have been here.
	scanned(p, code)
	p.says("presented here before")
	p.seen("12-again")
}

// press presses keys and counts them.
func press(p *colleague, keys ...string) int {
	p.Helper()
	p.Press(keys...)
	return len(keys)
}

// scanned is what a hand scanner does: it types the code and Enter into wherever the
// cursor is. None of these keys is a person's, and it gives their number: none.
func scanned(p *colleague, code string) int {
	p.Helper()
	before := p.path()
	p.Scan(code)
	p.WaitFor(`location.pathname !== "` + before + `" || document.querySelector(".govuk-error-summary") !== null || !document.querySelector("#scan-form")`)
	return 0
}

func grouped(number string) string { return number[:2] + " " + number[2:6] + " " + number[6:] }

// goesOn: the importer in Dubai sells a part on to Antwerp. His application names the
// certificate that it came with; the desk in Antwerp reads Portuguese.
func (o *offices) goesOn(t *testing.T, number string) {
	t.Helper()
	trader := o.enter(t, "AE", "exporter", "en")
	trader.open("/applications")
	trader.send(`form[action="/applications/drafts"] button`, "parts")
	draft := trader.path()
	until := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	parts(trader, draft, "certificate", map[string][]string{
		"about": {"kind", "export", "applicant.name", "SYNTHETIC Clara Cissé", "applicant.address", "Dubai", "exporter.address", "Dubai", "exporter.licence.kind", "dealer", "exporter.licence.until", until},
		"route": {"destination", "EU", "destination_office", "EU/antwerp", "consignee.name", "SYNTHETIC Antwerp Rough", "consignee.address", "Antwerp", "carriage.mode", "hand_carry",
			"carriage.carrier", "SYNTHETIC courier", "carriage.licence.holder", "SYNTHETIC courier", "carriage.licence.number", "T-9", "carriage.licence.until", until},
		"goods":  {"parcels[1].mark", "D1", "parcels[1].container", "1", "parcels[1].carats", "5.20", "parcels[1].stones", "9", "lines[1].hs", "7102.10", "lines[1].carats", "5.20", "lines[1].value_usd", "1 300.00"},
		"origin": {"evidence[1].certificate.number", number, "evidence[1].origin", "CF", "evidence[1].carats", "5.20"}})
	trader.open(draft + "/check")
	trader.Fill("declaration.by", "SYNTHETIC Clara Cissé", "agreed", "yes")
	trader.send(doIt, "The application is sent")
	id := strings.TrimPrefix(trader.path(), "/applications/")
	at := "/issuing/" + id
	valuer := o.enter(t, "AE", "valuator", "en")
	for _, by := range []string{"government", "independent", "exporter"} {
		valuer.open(at + "/value")
		valuer.Fill("by", by, "lines[1].value_usd", "1300.00")
		valuer.send(doIt, "The valuation is in the file.")
	}
	valuer.open(at + "/tax")
	valuer.Fill("authority", "SYNTHETIC customs", "exempt", "SYNTHETIC: a re-export bears no duty")
	valuer.send(doIt, "The duty is settled.")
	sealed(t, o.enter(t, "AE", "sealer", "en"), at, "D77", "The containers are sealed.")
	first := o.enter(t, "AE", "officer-1", "en")
	first.open(at + "/prepare")
	first.Fill("validator", chosen(first, "validator", "officer-2"))
	first.send(doIt, "waits for the second officer")
	second := o.enter(t, "AE", "officer-2", "en")
	second.open(at + "/issue")
	second.says(grouped(number))
	second.seen("14-reexport")
	second.send(doIt, "The certificate is issued and signed.")
	second.open(at)
	second.until("recorded before witnesses")
	second.open(at + "/print")
	paper := second.Download(doIt)
	_, codes := printed(second, paper, "14-certificate")
	if len(codes) != 2 {
		t.Fatalf("%d codes", len(codes))
	}
	if !strings.Contains(strings.ToUpper(codes[0]), "/C#") {
		codes[0] = codes[1]
	}
	sealer := o.enter(t, "AE", "sealer", "en")
	sealer.open(at + "/export")
	sealer.Fill("exit_point", "Dubai DXB", "customs_reference", "D-2")
	sealer.send(doIt, "The export is noted.")
	first.open(at + "/advise")
	first.send(doIt, "The advice is on its way.")
	desk := o.enter(t, "EU", "importer", "pt")
	desk.open("/imports")
	desk.until(grouped(strings.TrimSuffix(filepath.Base(paper), ".pdf")))
	desk.Fill("place", "SYNTHETIC Antuérpia, balcão 1", "scale", "SYNTHETIC balança 2")
	scanned(desk, codes[0])
	desk.seen("15-screen")
	desk.says("Emirados Árabes Unidos", "5,20")
	desk.Press(browser.Enter)
	desk.WaitText("main", "está confirmada: 5,20 ct")
	desk.seen("15-confirmed")
	trader.open("/applications/" + id)
	trader.until("confirmed receipt")
	if err := os.Remove(paper); err != nil {
		t.Error(err)
	}
}

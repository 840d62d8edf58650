package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adamas.example/internal/worldtest/browser"
)

// sheetOf draws a SYNTHETIC sheet of paper with lines of "print" and a stamp, as a
// scanner gives it; shade makes each another.
func sheetOf(t *testing.T, name string, shade uint8) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 620, 877)) // A4 at 75 dots per inch
	draw.Draw(m, m.Bounds(), image.NewUniform(color.RGBA{250, 248, 240, 255}), image.Point{}, draw.Src)
	for y := 90; y < 780; y += 34 {
		draw.Draw(m, image.Rect(60, y, 560-(y*7)%180, y+8), image.NewUniform(color.RGBA{40, 40, 50, 255}), image.Point{}, draw.Src)
	}
	for x := 400; x < 560; x++ {
		for y := 640; y < 800; y++ {
			if d := (x-480)*(x-480) + (y-720)*(y-720); d < 70*70 && d > 60*60 {
				m.Set(x, y, color.RGBA{shade, 20, 90, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// choose chooses an answer of a select or of radios, as a person does with keys.
func choose(p *browser.Page, name, value string) {
	p.Helper()
	if !browser.Ask[bool](p, `(() => { const e = document.querySelector('select[name="`+name+`"]'); if (!e) return false;
		e.value = "`+value+`"; e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === "`+value+`"; })()`) {
		p.Fatalf("%s has no answer %q", name, value)
	}
}

// fill types what stands on a paper.
func fill(p *browser.Page, fields map[string]string) {
	p.Helper()
	for name, text := range fields {
		p.Type(`main [name="`+name+`"]`, text)
	}
}

// day types a day into a field that browsers show as a calendar.
func day(p *browser.Page, name, iso string) {
	p.Helper()
	browser.Ask[string](p, `(() => { const e = document.querySelector('[name="`+name+`"]'); e.value = "`+iso+`"; return e.value; })()`)
}

// TestPaperFromOutside: the import desk is handed a paper certificate of a Participant that
// has never heard of Adamas. Its specimen is entered, the paper is keyed beside its scan in
// French, checked, recorded with a slip, keyed again, confirmed by what was measured, and
// the coupon is printed; the public pages count it apart.
func TestPaperFromOutside(t *testing.T) {
	d := openDoors(t)
	p := d.as(t, "importer")
	p.Go(d.url + "/account/prove?next=/papers")
	submit(p, `form[action="/account/prove/as"] button`, "Your identity is confirmed")
	d.enterSpecimen(t, p)

	p.Go(d.url + "/papers?lang=fr")
	p.WaitText("main", "Aucun certificat papier")
	p.Shot("papers-none-fr")
	p.Files("[name=scans]", sheetOf(t, "paper.png", 120))
	submit(p, `main form[action="/papers"] button`, "Saisir un certificat papier")
	p.Shot("keying-fr")
	keySierraLeone(t, p)
	submit(p, `button[value="check"].govuk-button`, "Vérifications")
	p.WaitText("main", "En regard du spécimen")
	looked(p, "keying-checked-fr")
	p.Click(`[name=looks][value="alike"]`)
	submit(p, `button[value="record"]`, "inscrit au registre")
	p.Shot("paper-fr")

	d.correct(t, p)
	d.confirm(t, p)
	d.apart(t, p)
}

func (d *doors) enterSpecimen(t *testing.T, p *browser.Page) {
	t.Helper()
	p.Go(d.url + "/specimens/new?lang=en")
	submit(p, "main form .actions button", "There is something to mend")
	looked(p, "specimen-new-wrong")
	choose(p, "participant", "SL")
	p.Click(`[name=kind][value="certificate"]`)
	fill(p, map[string]string{"name": "SYNTHETIC 2024 series", "features": "Round stamp at the foot, violet", "source": "SYNTHETIC letter of the Chair"})
	day(p, "from", "2024-01-01")
	p.Files("[name=pictures]", sheetOf(t, "specimen.png", 90))
	submit(p, "main form .actions button", "in the register")
	looked(p, "specimen")
	at := browser.Ask[string](p, "location.pathname")
	public := known(browser.Start(t).Open(t, d.url+"/specimens?lang=en", browser.Desk))
	public.WaitText("main", "restricted: shown to authorities alone")
	public.Shot("specimens-public")
	if said := public.Text("main"); strings.Contains(said, "2024 series") {
		t.Errorf("everybody reads of what is restricted:\n%s", said)
	}
	for _, path := range []string{at, at + "/1/1", at + "/1/file"} {
		got, err := http.Get(d.url + path)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode == http.StatusOK && got.Request.URL.Path == path {
			t.Errorf("%s is given to everybody", path)
		}
	}
}

// keySierraLeone keys a SYNTHETIC paper, with a slip in its weight.
func keySierraLeone(t *testing.T, p *browser.Page) {
	t.Helper()
	choose(p, "issuer", "SL")
	fill(p, map[string]string{"certificate_number": "SL 004911", "issuing_authority": "SYNTHETIC authority", "exporter.name": "SYNTHETIC exporter", "exporter.address": "Freetown",
		"importer.name": "SYNTHETIC importer", "importer.address": "Bangui", "carat_weight": "12,04", "value_usd": "2 480,00", "number_of_parcels": "1",
		"hs_codes[1].hs_code": "7102.10", "hs_codes[1].carat_weight": "12,04", "hs_codes[1].value_usd": "2 480,00", "origin[1].country": "SL",
		"parcels[1].number": "JMI/GGDO/4911", "parcels[1].container": "1", "parcels[1].carat_weight": "12,04",
		"seals[1].container": "1", "seals[1].seal": "A118", "place": "SYNTHETIC Bangui, guichet 2"})
	choose(p, "seals[1].found", "whole")
	today := browser.Ask[string](p, `new Date().toISOString().slice(0, 10)`)
	day(p, "date_of_issuance", today)
	day(p, "date_of_expiry", browser.Ask[string](p, `new Date(Date.now() + 50 * 864e5).toISOString().slice(0, 10)`))
	p.Click("[name=original]")
	p.Click("[name=validated]")
}

// correct keys the paper again: 12.40 ct, and not 12.04.
func (d *doors) correct(t *testing.T, p *browser.Page) {
	t.Helper()
	submit(p, `button[value="correct"]`, "Ressaisir un certificat papier")
	for _, name := range []string{"carat_weight", "hs_codes[1].carat_weight", "parcels[1].carat_weight"} {
		p.Type(`main [name="`+name+`"]`, "12,40")
	}
	submit(p, `button[value="record"]`, "Il manque le motif")
	p.Type(`main [name="because"]`, "Deux chiffres du poids étaient inversés")
	submit(p, `button[value="record"]`, "Le certificat a été ressaisi")
	looked(p, "paper-again-fr")
}

func (d *doors) confirm(t *testing.T, p *browser.Page) {
	t.Helper()
	fill(p, map[string]string{"carats": "13,00", "parcels": "1", "lots_opened": "1", "scale": "SYNTHETIC balance 4", "because": "L’autorité a confirmé le numéro par téléphone"})
	submit(p, `button[value="confirm"]`, "Quelque chose est à corriger")
	p.Shot("paper-weight-fr")
	p.Type(`main [name="carats"]`, "12,40")
	submit(p, `button[value="confirm"]`, "réception confirmée")
	looked(p, "paper-confirmed-fr")
	at := browser.Ask[string](p, "location.pathname")
	p.Go(d.url + "/imports") // whose scripts may load: pages of papers have none
	for name, begins := range map[string]string{"coupon.pdf": "%PDF-", "receipt.pdf": "%PDF-", "mail.eml": "Date: "} {
		got := browser.Ask[string](p, `fetch("`+at+`/`+name+`").then((r) => r.text()).then((t) => t.slice(0, 6))`)
		if !strings.HasPrefix(got, begins) {
			t.Errorf("%s begins with %q", name, got)
		}
	}
}

// apart: on public pages the paper stands apart from what its issuer has signed.
func (d *doors) apart(t *testing.T, p *browser.Page) {
	t.Helper()
	p.Go(d.url + "/certificates/SL004911?lang=en")
	p.WaitText("main", "not signed by its issuer")
	looked(p, "paper-public")
	p.Go(d.url + "/papers?lang=pt")
	p.WaitText("main", "receção confirmada")
	p.Shot("papers-pt")
}

// TestTwoKeyOnePaper: the same paper is keyed in two windows. The second to save is told of
// the first, sees both versions side by side with what was typed kept, and decides.
func TestTwoKeyOnePaper(t *testing.T) {
	d := openDoors(t)
	first := known(d.b.Open(t, d.url+"/sign-in?lang=en", browser.Desk))
	first.WaitText("main", "Enter as")
	first.Click(`button[value="importer"]`) // once: each of the codes that are lent serves once
	first.WaitText("main", "Signed in as SYNTHETIC")
	first.Go(d.url + "/papers?lang=fr")
	first.Files("[name=scans]", sheetOf(t, "paper.png", 120))
	submit(first, `main form[action="/papers"] button`, "Saisir un certificat papier")
	at := d.url + browser.Ask[string](first, "location.pathname")
	second := known(d.b.Open(t, at+"?lang=fr", browser.Desk))
	second.WaitText("main", "Saisir un certificat papier")
	keySierraLeone(t, first)
	submit(first, `button[value="check"].govuk-button`, "Vérifications")
	keySierraLeone(t, second)
	fill(second, map[string]string{"carat_weight": "21,40"})
	choose(second, "issuer", "LR")
	submit(second, `button[value="check"].govuk-button`, "a enregistré une autre version")
	looked(second, "keying-two-fr")
	if typed := browser.Ask[string](second, `document.querySelector("[name=carat_weight]").value`); typed != "21,40" {
		t.Errorf("what was typed is %q", typed)
	}
	if both := second.Text("#moved ~ table"); !strings.Contains(both, "21,40") || !strings.Contains(both, "12,04") || !strings.Contains(both, "Sierra Leone") {
		t.Errorf("both versions:\n%s", both)
	}
	second.Resize(browser.Smallest)
	second.Shot("keying-two-fr-320")
	second.Resize(browser.Desk)
	submit(second, `button[value="check"].govuk-button`, "Vérifications")
	first.Go(at + "?lang=pt")
	if kept := browser.Ask[string](first, `document.querySelector("[name=carat_weight]").value`); kept != "21,40" {
		t.Errorf("what is kept is %q", kept)
	}
}

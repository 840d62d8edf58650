package applying_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/period"
)

// TestOneApplication: typed, sent, sent back with reasons, mended, valued, taxed.
func TestOneApplication(t *testing.T) {
	for name, config := range engines {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, config(t))
			draft := o.start(anna)
			o.get(anna, draft).want(t, 200, "not begun", "4 parts are left")
			o.fill(anna, draft)
			paper := o.upload(anna, draft+"/paper", "invoice.pdf", []byte("%PDF-1.7\nSYNTHETIC\n%%EOF\n"))
			paper.want(t, 303)
			o.get(anna, draft).want(t, 200, "All parts are complete", "1 paper")
			o.get(anna, draft+"/check").want(t, 200, "The diamonds herein invoiced have been", "System of Warranties", "Avenue Boganda", "2 parcels together: 12.40", "invoice.pdf")
			at := o.send(anna, draft).want(t, 303).To
			o.get(anna, draft).want(t, 404)
			o.get(anna, at).want(t, 200, "Being examined", "The office CF/bangui", "Withdraw the application", "invoice.pdf")
			id := strings.TrimPrefix(at, "/applications/")
			_, steps, err := o.desk.Get(t.Context(), id)
			o.must(err)
			var filed exporting.Application
			o.must(json.Unmarshal(steps[0].Detail, &filed))
			if len(filed.Attachments) != 1 || filed.Attachments[0].Name != "invoice.pdf" || filed.Parcels[1].Mark != "P2" || filed.Lines[0].Value != 248000 {
				t.Errorf("%+v", filed)
			}
			officer := exporting.Officer{ID: "v", Role: access.Valuator}
			_, err = o.desk.FindDeficient(t.Context(), id, officer, exporting.Reasons{Reason: "The count differs.", Fields: []exporting.FieldReason{{Field: "parcels[2].stones", Reason: "13 were counted"}}})
			o.must(err)
			o.get(anna, at).want(t, 200, "Sent back to be mended", "The count differs.", "13 were counted", "Mend the application")
			mending := o.post(bruno, at+"/mend", nil).want(t, 303).To
			if again := o.post(anna, at+"/mend", nil).want(t, 303).To; again != mending {
				t.Errorf("two drafts mend one application: %s %s", mending, again)
			}
			o.get(anna, mending).want(t, 200, "The count differs.", "#f-parcels-2-stones")
			page := o.get(anna, mending+"/part/goods").want(t, 200, "The office says: 13 were counted").Body
			given := whole()["goods"]
			given.Set("parcels[3].stones", "13")
			given.Set("seen", hidden(page, "seen"))
			o.post(anna, mending+"/part/goods", given).want(t, 303)
			o.send(anna, mending).want(t, 303)
			_, steps, err = o.desk.Get(t.Context(), id)
			o.must(err)
			var mended exporting.Application
			o.must(json.Unmarshal(steps[2].Detail, &mended))
			if mended.Parcels[1].Stones != 13 || len(mended.Attachments) != 1 || mended.Consignee != filed.Consignee || mended.Evidence[0].Mine.Record != "register 4" {
				t.Errorf("%+v", mended)
			}
			day := period.DateOf(time.Unix(o.now.Load(), 0))
			for _, by := range []certificate.Valuer{certificate.ByExporter, certificate.ByIndependent, certificate.ByGovernment} {
				_, err = o.desk.Value(t.Context(), id, officer, certificate.Valuation{By: by, Name: "SYNTHETIC valuer", Day: day, Lines: mended.Lines})
				o.must(err)
			}
			o.get(anna, at, "fr").want(t, 200, "Acquittez les droits", "Taxe à l’exportation", "99,20")
			_, err = o.desk.Settle(t.Context(), id, officer, certificate.Tax{Number: "Q-1", Authority: "SYNTHETIC treasury", Day: day, Assessed: 248000, Lines: []certificate.TaxLine{{Name: "export-duty", Rate: "4", Amount: 9920}}})
			o.must(err)
			o.get(anna, at).want(t, 200, "Duties settled", "receipt Q-1 of SYNTHETIC treasury")
			o.get(value, at).want(t, 200, "Filed by")
			o.get(anna, "/applications").want(t, 200, id)
			o.get(anna, "/applications?format=csv").want(t, 200, id)
		})
	}
}

var regexpPaper = regexp.MustCompile(`/applications/drafts/[0-9a-f-]+/paper/[0-9a-f]{64}`)

// TestOthers: two exporters of two companies never see each other's.
func TestOthers(t *testing.T) {
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	o.fill(anna, draft)
	o.upload(anna, draft+"/paper", "a.pdf", []byte("%PDF-1.7\n%%EOF\n")).want(t, 303)
	paper := regexpPaper.FindString(o.get(anna, draft+"/part/papers").Body)
	o.get(anna, paper).want(t, 200)
	other := o.start(carla)
	o.fill(carla, other)
	for _, path := range []string{"", "/part/goods", "/part/papers", "/check", strings.TrimPrefix(paper, draft)} {
		o.get(carla, draft+path).want(t, 404)
		o.get(value, draft+path).want(t, 403) // no exporter
	}
	for _, path := range []string{"/delete", "/part/goods", "/check", strings.TrimPrefix(paper, draft) + "/remove"} {
		o.post(carla, draft+path, nil).want(t, 404)
	}
	o.upload(carla, draft+"/paper", "b.pdf", []byte("%PDF-1.7\n%%EOF\n")).want(t, 404)
	at := o.send(anna, draft).want(t, 303).To
	filed := "/applications/papers/" + strings.TrimPrefix(at, "/applications/") + strings.TrimPrefix(paper, draft+"/paper")
	o.get(anna, filed).want(t, 200)
	o.get(bruno, filed).want(t, 200)
	o.get(value, filed).want(t, 200)
	o.get(carla, filed).want(t, 404)
	o.get(carla, at).want(t, 404)
	o.post(carla, at+"/mend", nil).want(t, 404)
	o.post(carla, at+"/withdraw", url.Values{"reason": {"x"}}).want(t, 404)
	if strings.Contains(o.get(carla, "/applications").want(t, 200).Body, at) || strings.Contains(o.get(carla, "/applications?format=csv").Body, strings.TrimPrefix(at, "/applications/")) {
		t.Error("another company's application is listed")
	}
	o.get(visitor("d", "", access.Exporter), "/applications").want(t, 403)
	o.get(visitor("d", "", access.Importer), "/applications").want(t, 403)
}

// TestTwoEditors: of two who type into one part the later is told, and loses nothing.
func TestTwoEditors(t *testing.T) {
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	part := draft + "/part/about"
	seen := hidden(o.get(anna, part).Body, "seen")
	o.post(bruno, part, url.Values{"seen": {seen}, "act": {"later"}, "exporter.name": {"by Bruno"}}).want(t, 303)
	late := o.post(anna, part, url.Values{"seen": {seen}, "act": {"later"}, "exporter.name": {"by Anna"}}).want(t, 409, "SYNTHETIC bruno has changed this part", `value="by Anna"`)
	o.post(anna, part, url.Values{"seen": {hidden(late.Body, "seen")}, "act": {"later"}, "exporter.name": {"by Anna"}}).want(t, 303)
	o.get(bruno, part).want(t, 200, `value="by Anna"`)
	version := hidden(o.get(anna, draft+"/check").Body, "version")
	o.post(bruno, draft+"/part/goods", url.Values{"seen": {"0"}, "act": {"later"}, "parcels[1].mark": {"P"}}).want(t, 303)
	o.post(anna, draft+"/check", url.Values{"version": {version}, "agreed": {"yes"}, "declaration.by": {"A"}}).want(t, 422, "It was not sent")
}

// TestRefusedInWords: a form with faults says each beside its field, in three languages.
func TestRefusedInWords(t *testing.T) {
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	bad := whole()["goods"]
	bad.Set("lines[1].carats", "12,00")
	bad.Set("parcels[3].mark", "P1")
	for language, words := range map[string][]string{
		"en": {"they come to 12.00", "the parcels weigh 12.40", "Mark, parcel 2: “P1” stands twice", "What you typed is saved"},
		"fr": {"le total est de 12,00", "les lots pèsent 12,40", "Marque, lot 2", "Votre saisie est enregistrée"},
		"pt": {"somam 12,00", "os lotes pesam 12,40", "Marca, lote 2", "O que escreveu está guardado"},
	} {
		bad.Set("seen", hidden(o.get(anna, draft+"/part/goods").Body, "seen"))
		got := o.post(anna, draft+"/part/goods", bad, language).want(t, 422, `id="f-parcels-2-mark-error"`, `href="#f-lines"`, `value="12,00"`)
		got.Body = strings.ReplaceAll(got.Body, "\u00a0", " ")
		got.want(t, 422, words...)
		for _, p := range applications.Parts() {
			part := string(p)
			given := whole()[part]
			given.Set("seen", hidden(o.get(anna, draft+"/part/"+part).Body, "seen"))
			o.post(anna, draft+"/part/"+part, given, language).want(t, 303)
		}
		o.get(anna, draft+"/check", language).want(t, 200, "SYNTHETIC importer")
		o.post(anna, draft+"/check", url.Values{"agreed": {""}}, language).want(t, 422, `id="f-agreed-error"`)
	}
	o.post(anna, draft+"/part/route", url.Values{"seen": {hidden(o.get(anna, draft+"/part/route").Body, "seen")}, "destination": {"CF"}}).want(t, 422, "f-destination-error")
	o.post(anna, draft+"/part/none", nil).want(t, 404)
}

// TestRows: rows are added and taken out without script, and nothing of the others is lost.
func TestRows(t *testing.T) {
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	part := draft + "/part/origin"
	to := o.post(anna, part, url.Values{"seen": {"0"}, "more": {"evidence:exploration"}}).want(t, 303).To
	o.get(anna, to).want(t, 200, "Exploration site", `name="evidence[1].mine.point"`)
	o.post(anna, part, url.Values{"seen": {"0"}, "act": {"later"}, "evidence[1].sort": {"exploration"}, "evidence[1].mine.name": {"Site X"}, "evidence[2].sort": {"certificate"}, "evidence[2].certificate.number": {"AE 77"}}).want(t, 303)
	o.post(anna, part, url.Values{"seen": {"1"}, "less": {"evidence[1]"}, "evidence[1].sort": {"exploration"}, "evidence[1].mine.name": {"Site X"}, "evidence[2].sort": {"certificate"}, "evidence[2].certificate.number": {"AE 77"}}).want(t, 303)
	page := o.get(anna, part).want(t, 200, `name="evidence[1].certificate.number"`, `value="AE 77"`).Body
	if strings.Contains(page, "Site X") {
		t.Error("the row that was taken out is still there")
	}
	o.post(anna, part, url.Values{"seen": {hidden(page, "seen")}, "evidence[1].sort": {"certificate"}, "evidence[1].certificate.number": {"AE 77"}}).want(t, 422, "No certificate AE 77 has been received here", "f-evidence-1-certificate-number-error")
}

// TestNothingTypedIsLost: whatever is typed stands in the form again.
func TestNothingTypedIsLost(t *testing.T) {
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	fields := []string{"about exporter.name", "about applicant.address", "goods parcels[1].carats", "goods lines[2].value_usd", "route carriage.licence.until", "origin evidence[1].mine.name", "papers additions[1].value"}
	rapid.Check(t, func(rt *rapid.T) {
		part, name, _ := strings.Cut(rapid.SampledFrom(fields).Draw(rt, "field"), " ")
		text := rapid.StringMatching(`[ -~éèçã“”<>&"'\x{202E}]{1,40}`).Draw(rt, "text")
		if strings.TrimSpace(text) == "" {
			return
		}
		given := url.Values{name: {text}, "seen": {hidden(o.get(anna, draft+"/part/"+part).Body, "seen")}}
		o.post(anna, draft+"/part/"+part, given)
		id := strings.TrimPrefix(draft, "/applications/drafts/")
		d, err := o.service.Draft(t.Context(), applications.Who{Company: anna.Company, Login: anna.Login, Name: anna.Name}, id)
		if err != nil {
			rt.Fatal(err)
		}
		want := strings.Replace(name, "[2]", "[1]", 1)
		if got := d.Fields(applications.Part(part)).Get(want); got != text {
			rt.Fatalf("%s: %q came back as %q", name, text, got)
		}
	})
}

// TestPapers: papers are bounded, named without paths, sent as something to keep.
func TestPapers(t *testing.T) {
	o := newOffice(t, engines["SQLite"](t))
	draft := o.start(anna)
	pdf := []byte("%PDF-1.7\n%%EOF\n")
	o.upload(anna, draft+"/paper", `..\..\etc/pass"wd.pdf`, pdf).want(t, 303)
	page := o.get(anna, draft+"/part/papers").want(t, 200).Body
	paper := regexpPaper.FindString(page)
	if strings.Contains(page, "etc") {
		t.Error("the path stays in the name")
	}
	got := o.get(anna, paper).want(t, 200)
	if got.Body != string(pdf) || got.Head.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || !strings.HasPrefix(got.Head.Get("Content-Disposition"), "attachment;") ||
		got.Head.Get("Content-Type") != "application/pdf" || got.Head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", got.Head)
	}
	o.upload(anna, draft+"/paper", "again.pdf", pdf).want(t, 422, "with the application already", "f-paper-error")
	o.upload(anna, draft+"/paper", "page.html", []byte("<html>")).want(t, 422, "no PDF, JPEG, PNG or xlsx")
	o.upload(anna, draft+"/paper", "large.pdf", append(append([]byte("%PDF-"), make([]byte, 10<<20)...), "%%EOF"...)).want(t, 422, "larger than 10 MB")
	o.upload(anna, draft+"/paper", "larger.pdf", make([]byte, 12<<20)).want(t, 422, "larger than 10 MB")
	o.post(anna, draft+"/paper", nil).want(t, 422, "No file was chosen")
	o.post(anna, paper+"/remove", nil).want(t, 303)
	o.get(anna, paper).want(t, 404)
}

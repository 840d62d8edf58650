package transcribing

import (
	"net/http"
	"path"

	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

func (d *desk) sendReceipt(w http.ResponseWriter, r *http.Request) error {
	return d.sendPaper(w, r, paper.PrintReceipt)
}

func (d *desk) sendCoupon(w http.ResponseWriter, r *http.Request) error {
	return d.sendPaper(w, r, paper.PrintCoupon)
}

// sendPaper sends what goes out to an exporting authority without this program.
func (d *desk) sendPaper(w http.ResponseWriter, r *http.Request, print printing.Paper) error {
	x, err := d.imports.Paper(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	raw, err := printing.Confirmed(r.Context(), d.node, d.imports, r.PathValue("id"), print)
	if err != nil {
		return err
	}
	return d.sendFile(w, r, "application/pdf", x.Consignment.Number, raw)
}

func (d *desk) sendFile(w http.ResponseWriter, r *http.Request, media, number string, raw []byte) error {
	w.Header().Set("Content-Disposition", `attachment; filename="`+number+"-"+path.Base(r.URL.Path)+`"`)
	w.Header().Set("Cache-Control", "private, no-store")
	return d.site.SendText(w, r, media, raw)
}

// sendMail sends the message of a confirmation, for the office's own mail program.
func (d *desk) sendMail(w http.ResponseWriter, r *http.Request) error {
	said, err := d.imports.Confirmation(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	raw := printing.Mail(d.site.Printer(r), d.node, d.site.Now(), said, printing.Envelope{})
	return d.sendFile(w, r, "message/rfc822", said.Consignment.Number, raw)
}

// attestPage is where a confirmation that came on paper is stated.
type attestPage struct {
	Path, Back, Number string
	Form               *form.Form
	Prove              string
	Hint               string
}

func (d *desk) showAttest(w http.ResponseWriter, r *http.Request) error {
	return d.renderAttest(w, r, http.StatusOK, form.New(d.site.Printer(r), nil))
}

func (d *desk) renderAttest(w http.ResponseWriter, r *http.Request, code int, f *form.Form) error {
	p := d.site.Printer(r)
	c, _, err := d.exports.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !c.Exports() {
		return fault.NotFound("certificate.unknown_consignment", fault.Arg("consignment", c.ID))
	}
	data := attestPage{Path: "/issuing/" + c.ID + "/attest", Back: "/issuing/" + c.ID, Number: ident.CertificateNumber(c.Number).Display(), Form: f, Prove: d.prove(r), Hint: p.T("papers.f.scans.hint", nil)}
	return d.attest.RenderAs(w, r, code, p.T("papers.attest", nil), data)
}

func (d *desk) takeAttest(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	f, id := form.New(d.site.Printer(r), sent.Values), r.PathValue("id")
	var x exporting.Attestation
	if err == nil {
		x, err = form.Values[exporting.Attestation](sent.Values)
	}
	if err == nil {
		err = d.sign(r)
	}
	if err == nil {
		who := exporting.Officer{ID: web.VisitorOf(r.Context()).Login, Role: "validating_officer"}
		_, _, err = d.exports.Attest(r.Context(), id, who, x, sent.Contents("scans"), ledger.Signed)
	}
	if err == nil {
		return d.site.Go(w, r, "/issuing/"+id, "papers.said.attested")
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	return d.renderAttest(w, r, fault.KindOf(err).Status(), f)
}

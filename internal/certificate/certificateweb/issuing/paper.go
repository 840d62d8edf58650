package issuing

import (
	"net/http"
	"net/url"
	"strconv"

	"adamas.example/internal/certificate/certificateweb/issued"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/verify/canonical"
)

var tell = web.Tell

// postPreview makes a preview of the certificate as it stands: noted first, then given
// out (peers.md 1.6, row 7).
func (d *desk) postPreview(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	f, err := d.exports.File(r.Context(), id)
	if err != nil {
		return err
	}
	b := by(r)
	raw, err := issued.Preview(r.Context(), d.node, f, b.Name)
	if err != nil {
		return err
	}
	err = d.write(r, func(tx *store.Tx) error {
		return filing.NotePreview(tx, id, filing.Preview{By: b, Steps: f.Consignment.Steps, Paper: canonical.Sum(raw)})
	})
	if err != nil {
		return err
	}
	return SendFile(w, "application/pdf", "PREVIEW-"+id+".pdf", raw)
}

// showPrint serves the form to print, with who has printed before.
func (d *desk) showPrint(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	o, err := d.printable(r)
	if err != nil {
		return err
	}
	f := form.New(p, url.Values{})
	look, err := issued.Office(r.Context(), d.node)
	if err != nil {
		return err
	}
	f.Set("stock", string(look.Stock))
	f.Set("dx", strconv.FormatFloat(look.DX, 'f', -1, 64))
	f.Set("dy", strconv.FormatFloat(look.DY, 'f', -1, 64))
	if n := len(o.prints); n > 0 {
		last := o.prints[n-1]
		f.Set("stock", last.Stock)
		f.Set("dx", issued.InMM(last.DX))
		f.Set("dy", issued.InMM(last.DY))
	} else {
		f.Set("reason", p.T("certificate.issuing.print.first", nil))
	}
	return d.printForm(w, r, http.StatusOK, o, f)
}

// printable wants a certificate that is issued. Fault certificate.not_issued.
func (d *desk) printable(r *http.Request) (*opened, error) {
	o, err := d.open(r)
	if err != nil {
		return nil, err
	}
	if c := o.Consignment; !c.Exports() || c.Statement.IsZero() {
		return nil, fault.Conflict("certificate.not_issued", fault.Arg("number", c.ID), fault.Arg("state", c.State))
	}
	return o, nil
}

func (d *desk) printForm(w http.ResponseWriter, r *http.Request, status int, o *opened, f *form.Form) error {
	p := d.site.Printer(r)
	c := o.Consignment
	record, _ := d.record(p, o)
	t := func(key string) string { return p.T("certificate.issuing."+key, nil) }
	stocks := []form.Option{{Value: "plain", Text: t("stock.plain"), Hint: t("stock.plain.hint")}, {Value: "preprinted", Text: t("stock.preprinted"), Hint: t("stock.preprinted.hint")}}
	offset := "/issuing/offset.pdf?dx=" + url.QueryEscape(f.Value("dx")) + "&dy=" + url.QueryEscape(f.Value("dy"))
	data := actPage{ID: c.ID, State: p.Show(c.State), Mark: markOf(c.State), Path: "/issuing/" + c.ID + "/print", Lead: t("lead.print"), Facts: record, Grids: []grid{printGrid(p, o.prints)},
		Form: f, Submit: t("print"), Links: []link{{Path: offset, Text: t("offset")}},
		Groups: []group{{Fields: []form.Field{f.Text("reason", "certificate.issuing.f.print_reason").With(t("f.print_reason.hint")), f.Radios("stock", "certificate.issuing.f.stock", stocks)}},
			{Legend: t("f.offset"), Across: true, Fields: []form.Field{f.Number("dx", "certificate.issuing.f.dx", "mm").Narrow("5"), f.Number("dy", "certificate.issuing.f.dy", "mm").Narrow("5")}}}}
	if status == http.StatusOK && c.State != consignment.Issued {
		data.Warn = []string{p.T("certificate.issuing.print.state", lang.Args{"state": c.State})}
	}
	return d.act.RenderAs(w, r, status, p.T("certificate.issuing.title.print", lang.Args{"number": ident.CertificateNumber(c.Number)}), data)
}

// postPrint prints: the print is stated, then noted with who and why, then given out.
func (d *desk) postPrint(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	if err != nil {
		return err
	}
	o, err := d.printable(r)
	if err != nil {
		return err
	}
	f := form.New(d.site.Printer(r), sent.Values)
	raw, err := d.print(r, o, sent.Values)
	if err != nil {
		if err := f.Refuse(err); err != nil {
			return err
		}
		return d.printForm(w, r, http.StatusUnprocessableEntity, o, f)
	}
	return SendFile(w, "application/pdf", o.Consignment.Number+".pdf", raw)
}

func (d *desk) print(r *http.Request, o *opened, given url.Values) ([]byte, error) {
	v, err := form.Values[issued.Wanted](given)
	if err != nil {
		return nil, err
	}
	drawn, err := issued.Draw(r.Context(), d.node, o.Consignment.Number, v)
	if err != nil {
		return nil, err
	}
	var in *ledger.Intent
	err = d.write(r, func(tx *store.Tx) (err error) {
		in, err = drawn.Intend(tx, d.node)
		return err
	})
	if err != nil {
		return nil, err
	}
	return drawn.PDF, issued.Settle(r.Context(), d.node, in.ID, by(r), v)
}

// printGrid lists who has printed, on what, and why.
func printGrid(p *lang.Printer, all []filing.Print) grid {
	t := func(key string) string { return p.T("certificate.issuing.prints."+key, nil) }
	g := grid{Caption: t("title"), Heads: []head{{t("when"), false}, {t("who"), false}, {t("why"), false}, {t("on"), false}, {t("sum"), false}}, Empty: t("none")}
	for _, x := range all {
		on := p.T("certificate.issuing.stock."+x.Stock, nil)
		if x.DX != 0 || x.DY != 0 {
			on += " (" + issued.InMM(x.DX) + " / " + issued.InMM(x.DY) + " mm)"
		}
		g.add(cell{Text: p.Time(x.At.UTC())}, cell{Text: x.Name}, cell{Text: x.Reason}, cell{Text: on}, cell{Text: short(x.Paper.String()), Mono: true})
	}
	return g
}

// sendOffset prints the page by which a printer's offset is measured.
func (d *desk) sendOffset(w http.ResponseWriter, r *http.Request) error {
	raw, err := issued.OffsetPage(r.Context(), d.node, r.URL.Query().Get("dx"), r.URL.Query().Get("dy"))
	if err != nil {
		return err
	}
	return SendFile(w, "application/pdf", "offset.pdf", raw)
}

// sendBundle sends the certificate's file, with its proof once it is witnessed.
func (d *desk) sendBundle(w http.ResponseWriter, r *http.Request) error {
	o, err := d.printable(r)
	if err != nil {
		return err
	}
	b, _, err := d.certificates.Bundle(r.Context(), o.Consignment.Number)
	if err != nil {
		return err
	}
	raw, err := b.Encode()
	if err != nil {
		return err
	}
	return SendFile(w, "application/octet-stream", o.Consignment.Number+".adamas", raw)
}

// sendPhoto shows a photograph drawn anew, or gives the file as it came, to be kept.
func (d *desk) sendPhoto(w http.ResponseWriter, r *http.Request) error {
	var hash canonical.Hash
	if err := hash.UnmarshalText([]byte(r.PathValue("hash"))); err != nil {
		return unknownFile(r)
	}
	var b []byte
	form := "jpeg"
	original := r.URL.Query().Get("original") == "yes"
	err := d.read(r, func(tx *store.Tx) (err error) {
		if original {
			b, form, err = filing.Sealed(tx, r.PathValue("id"), hash)
			return err
		}
		b, err = filing.Shown(tx, r.PathValue("id"), hash)
		return err
	})
	if err != nil {
		return err
	}
	if original {
		return SendFile(w, "image/"+form, hash.String()[:16]+"."+form, b)
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	w.Write(b) // a reader who has gone is no fault
	return nil
}

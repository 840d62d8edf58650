package pages

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
)

// filesOf lists what can be taken away of a certificate.
func (d *desk) filesOf(p *lang.Printer, number ident.CertificateNumber) (out []file) {
	for _, n := range d.node.Offer.Of(string(number)) {
		out = append(out, file{n, "/certificates/" + n, p.T("certificate.page.file"+filepath.Ext(n), nil)})
	}
	table := string(number) + ".csv"
	return append(out, file{table, "/certificates/" + table, p.T("certificate.page.file.csv", nil)})
}

// sendFile gives one of the files that the node offers.
func (d *desk) sendFile(w http.ResponseWriter, r *http.Request, path string) error {
	name := filepath.Base(path)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`) // its form is that of module.Offer
	if filepath.Ext(name) == ".pdf" {
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Disposition", `inline; filename="`+name+`"`)
	}
	http.ServeFile(w, r, path)
	return nil
}

// columns of the table of a life; names and codes are the same in every language.
var columns = []string{"number", "statement", "synthetic", "step", "done", "at", "office", "entry", "other_certificate", "reason"}

// sendTable gives the life of all contents under a number as CSV.
func (d *desk) sendTable(w http.ResponseWriter, r *http.Request, number ident.CertificateNumber, all []*content) error {
	var out bytes.Buffer
	cw := csv.NewWriter(&out)
	cw.Write(columns) // into memory: it cannot fail
	p := d.site.Printer(r)
	for _, c := range all {
		l, err := d.limits(c.Participant, c.Destination)
		if err != nil {
			return err
		}
		for _, s := range d.lifeOf(p, c, l) {
			rec := []string{string(number), c.Statement.String(), yes(c.Synthetic), s.Code, yes(!s.Ahead), "", s.office, s.hash, "", harmless(s.reason)}
			if !s.at.IsZero() {
				rec[5] = s.at.UTC().Format(time.RFC3339)
			}
			if s.Other != nil {
				rec[8] = strings.TrimPrefix(s.Other.Path, "/certificates/")
			}
			cw.Write(rec)
		}
	}
	cw.Flush()
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(number)+`.csv"`)
	return d.site.SendText(w, r, "text/csv; charset=utf-8", out.Bytes())
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// harmless keeps somebody's own words from being a formula of a spreadsheet.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// sendRosette draws the rosette of one content, by the hash of its statement: the same
// for ever.
func (d *desk) sendRosette(w http.ResponseWriter, r *http.Request, all []*content) error {
	of := r.URL.Query().Get("of")
	i := slices.IndexFunc(all, func(c *content) bool { return c.parsed != nil && (of == "" || c.Statement.String() == of) })
	if i < 0 {
		return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	drawn := ornament.Draw(reading.LikenessOf(all[i].parsed, all[i].signed).Rosette)
	if of != "" {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	return d.site.SendText(w, r, "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="`+drawn.ViewBox+`"><path d="`+drawn.Path+
		`" fill="none" stroke="#00545c" stroke-width="0.12"/></svg>`))
}

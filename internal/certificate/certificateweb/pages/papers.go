package pages

import (
	"context"
	"strings"
	"time"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// paperRow is a paper certificate from outside that an importing office has transcribed:
// its word alone, which no page counts among certificates.
type paperRow struct {
	Mark               web.Mark
	Text, Found, Stand string
}

// papersOf are the papers that were transcribed under a number.
func (d *desk) papersOf(ctx context.Context, p *lang.Printer, number ident.CertificateNumber) (out []paperRow, err error) {
	var all []life.Transcript
	err = d.node.Ledger.Store().Read(ctx, d.node.Now(), func(tx *store.Tx) (err error) {
		all, err = life.TranscriptsOf(tx, string(number))
		return err
	})
	for _, t := range all {
		row := paperRow{Mark: web.Wait, Text: p.T("certificate.page.paper.text", lang.Args{"claimed": t.Claimed, "office": t.Issuer, "at": time.Unix(t.StatedAt, 0).UTC()})}
		switch {
		case !t.ReplacedBy.IsZero():
			row.Stand = p.T("certificate.page.paper.corrected", nil)
		case t.Received:
			row.Mark, row.Stand = web.Tell, p.T("certificate.page.paper.received", lang.Args{"participant": t.Participant})
		default:
			row.Stand = p.T("certificate.page.paper.waits", lang.Args{"participant": t.Participant})
		}
		if len(t.Findings) > 0 {
			row.Found = p.T("certificate.page.paper.found", lang.Args{"rules": strings.Join(t.Findings, ", ")})
		}
		if t.Synthetic {
			row.Text = p.T("verify.synthetic", nil) + " " + row.Text
		}
		out = append(out, row)
	}
	return out, err
}

// apart says how much is counted apart from what issuers have signed; "" for nothing.
func apart(p *lang.Printer, n life.Counts) string {
	if n.Attested+n.Transcribed == 0 {
		return ""
	}
	return p.T("certificate.page.apart", lang.Args{"attested": n.Attested, "transcribed": n.Transcribed, "received": n.TranscribedReceived})
}

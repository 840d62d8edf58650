package issued

import (
	"context"
	"math"
	"strconv"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Wanted is a print as a person or a program asks for it.
type Wanted struct {
	Reason string `json:"reason" doc:"the first print, or why another"`
	Stock  string `json:"stock" enum:"plain,preprinted" doc:"blank paper, or the numbered sheet with the frame on it"`
	DX     string `json:"dx,omitempty" doc:"millimetres to the right, by which the printer is off; readOffset shows it" example:"0.5"`
	DY     string `json:"dy,omitempty" doc:"millimetres down" example:"-1"`
}

// Drawn is a certificate as it will be printed. It is nobody's paper before it is recorded.
type Drawn struct {
	Number ident.CertificateNumber
	Of     *ledger.Entry // the certificate's
	PDF    []byte

	reason string
}

// Draw draws a certificate of this office. Faults: those of certificate.Service.Bundle,
// certificate.print, certificate.field_missing and field_form, certificate.not_an_offset.
func Draw(ctx context.Context, n *module.Node, number string, x Wanted) (*Drawn, error) {
	reason, err := x.check()
	if err != nil {
		return nil, err
	}
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return nil, err
	}
	b, e, err := certificates.Bundle(ctx, number)
	if err != nil {
		return nil, err
	}
	p, err := profileOf(ctx, n, &printing.Look{Site: printing.Site}, e.Signed)
	if err != nil {
		return nil, err
	}
	p.Stock = paper.Stock(x.Stock)
	if p, err = Moved(p, x.DX, x.DY); err != nil {
		return nil, err
	}
	return draw(n, ident.CertificateNumber(number), b, e, p, reason)
}

// Moved is a profile with how far a printer is off; what is not typed is the profile's.
// Fault certificate.not_an_offset.
func Moved(p paper.Profile, right, down string) (paper.Profile, error) {
	var faults fault.List
	var err error
	p.DX, err = millimetres(fault.KindInvalid, "dx", right, p.DX)
	faults.Add(err)
	p.DY, err = millimetres(fault.KindInvalid, "dy", down, p.DY)
	faults.Add(err)
	return p, faults.Err()
}

// Office is how this office prints.
func Office(ctx context.Context, n *module.Node) (paper.Profile, error) {
	p, err := (&printing.Look{Site: printing.Site}).Profile(ident.OfficeID(n.Office).Participant())
	p.Office = printing.OfficeName(ctx, n, n.Office, n.Signer.ID())
	return p, err
}

// OffsetPage is the page by which is measured how far a printer is off. Fault
// certificate.not_an_offset.
func OffsetPage(ctx context.Context, n *module.Node, right, down string) ([]byte, error) {
	p, err := Office(ctx, n)
	if err == nil {
		p, err = Moved(p, right, down)
	}
	if err != nil {
		return nil, err
	}
	words, err := paper.Words()
	if err != nil {
		return nil, err
	}
	return paper.PrintOffset(words, n.Now().UTC(), p)
}

// check gives the reason as one line.
func (x Wanted) check() (reason string, err error) {
	var c fields.Checker
	reason = strings.Join(strings.Fields(x.Reason), " ")
	c.Need("reason", reason, 500)
	switch s := paper.Stock(x.Stock); {
	case x.Stock == "":
		c.Missing("stock")
	case s != paper.Plain && s != paper.Preprinted:
		c.Wrong("stock", x.Stock)
	}
	_, err = Moved(paper.Profile{}, x.DX, x.DY)
	c.Faults.Add(err)
	return reason, c.Faults.Err()
}

// profileOf is how the Participant prints whose office has signed something.
func profileOf(ctx context.Context, n *module.Node, look *printing.Look, signed []byte) (p paper.Profile, err error) {
	st, err := statement.Parse(signed)
	if err != nil {
		return p, err
	}
	if p, err = look.Profile(ident.ParticipantCode(st.Participant())); err != nil {
		return p, err
	}
	p.Office = printing.OfficeName(ctx, n, st.Issuer, st.Signed.KeyID)
	return p, nil
}

func draw(n *module.Node, number ident.CertificateNumber, b *bundle.Bundle, e *ledger.Entry, p paper.Profile, reason string) (*Drawn, error) {
	words, err := paper.Words()
	if err != nil {
		return nil, err
	}
	raw, err := paper.Print(words, b, n.Ledger.Log().Policy(), p)
	if err != nil {
		return nil, fault.Invalid("certificate.print", fault.Arg("number", number), fault.Because(err))
	}
	return &Drawn{Number: number, Of: e, PDF: raw, reason: reason}, nil
}

// Intend fixes the statement that it was printed, in the caller's transaction.
func (d *Drawn) Intend(tx *store.Tx, n *module.Node) (*ledger.Intent, error) {
	return n.Ledger.Intend(tx, n.Signer.Key(), statement.Header{Issuer: n.Office, IssuedAt: tx.Now().Unix(), Subject: statement.CertificateSubject(string(d.Number)),
		Refs: []canonical.Hash{d.Of.Hash}, Synthetic: n.Synthetic},
		&statement.Print{About: statement.About{Number: string(d.Number), Certificate: d.Of.Hash}, Paper: canonical.Sum(d.PDF), Reason: d.reason})
}

// Settle signs what was intended of a print and notes who it was for, before the paper
// leaves. Done again, after a crash, it changes nothing.
func Settle(ctx context.Context, n *module.Node, print canonical.Hash, by filing.By, x Wanted) error {
	ctx = context.WithoutCancel(ctx) // it is stated: that whoever asked has hung up keeps neither signature nor note
	e, err := n.Ledger.Sign(ctx, print, n.Signer)
	if err != nil {
		return err
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		return err
	}
	said, ok := st.Body.(*statement.Print)
	if !ok {
		return fault.Internal("certificate.print", fault.Arg("number", e.Subject))
	}
	p, err := Office(ctx, n)
	if err == nil {
		p, err = Moved(p, x.DX, x.DY)
	}
	if err != nil {
		return err
	}
	return n.Ledger.Store().Write(ctx, n.Now(), func(tx *store.Tx) error {
		return filing.NotePrint(tx, said.Number, filing.Print{By: by, Statement: e.Hash, Paper: said.Paper, Stock: x.Stock, DX: hundredths(p.DX), DY: hundredths(p.DY), Reason: said.Reason})
	})
}

func hundredths(mm float64) int64 { return int64(math.Round(mm * 100)) }

// InMM is an offset as it was noted, as it is typed.
func InMM(hundredths int64) string {
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64)
}

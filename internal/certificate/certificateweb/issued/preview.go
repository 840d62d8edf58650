package issued

import (
	"context"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Preview draws the certificate of a file as it stands, with the word across it and the
// name of who is shown it. Who gives it out has noted it before (filing.NotePreview). Faults:
// certificate.preview_late, certificate.print_of, those of exporting.Desk.Check.
func Preview(ctx context.Context, n *module.Node, f *exporting.File, name string) ([]byte, error) {
	c := f.Consignment
	if c.Exports() || c.State.Ends() {
		return nil, fault.Conflict("certificate.preview_late", fault.Arg("consignment", c.ID), fault.Arg("state", c.State))
	}
	p, err := Office(ctx, n)
	if err != nil {
		return nil, err
	}
	v := paper.Preview{Issuer: n.Office, For: name, At: n.Now().UTC(), Synthetic: n.Synthetic}
	if c.State == consignment.Prepared {
		err = prepared(ctx, n, c.Number, &v)
	} else {
		err = drafted(ctx, n, c.ID, &v)
	}
	if err != nil {
		return nil, err
	}
	words, err := paper.Words()
	if err != nil {
		return nil, err
	}
	raw, err := paper.PrintPreview(words, v, p)
	if err != nil {
		return nil, fault.Invalid("certificate.print_of", fault.Arg("consignment", c.ID), fault.Because(err))
	}
	return raw, nil
}

// prepared reads what two officers have before them.
func prepared(ctx context.Context, n *module.Node, number string, v *paper.Preview) error {
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return err
	}
	x, err := certificates.Prepared(ctx, number)
	if err != nil {
		return err
	}
	facts, err := x.Facts()
	if err != nil {
		return err
	}
	v.Number, v.Cert, v.Facts = x.Number(), x.Certificate(), *facts
	return nil
}

// drafted reads what it would say if it were prepared now.
func drafted(ctx context.Context, n *module.Node, id string, v *paper.Preview) error {
	exports, err := module.Service[*exporting.Desk](n)
	if err != nil {
		return err
	}
	report, err := exports.Check(ctx, id, statement.KeyID{}, statement.KeyID{})
	if err != nil {
		return err
	}
	v.Number, v.Facts = report.Number, report.Draft.Facts
	v.Cert = statement.Certificate{Kind: report.Draft.Kind, Destination: string(report.Draft.Destination), Issued: canonical.Day(period.DateOf(n.Now().UTC())), Expires: canonical.Day(report.Expires)}
	return nil
}

package importing

import (
	"context"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Confirmation is a receipt with all that this office holds beside it: what a paper of
// it is printed from.
type Confirmation struct {
	Consignment *consignment.Consignment
	Certificate *bundle.Bundle // as it was handed in; of a paper from outside, its transcript
	OnPaper     bool           // its issuer has signed nothing
	Importer    verify.Party   // empty where nothing was disclosed
	Exporter    verify.Party
	Place       string // where the goods were presented
	Seals       []SealFound
	Measured    Measured
	Day         period.Date
	Hundredths  uint64         // as stated
	Receipt     canonical.Hash // the statement
}

// Confirmation reads the confirmed receipt of a consignment. Faults:
// certificate.unknown_consignment, certificate.not_confirmed.
func (d *Desk) Confirmation(ctx context.Context, id string) (out *Confirmation, err error) {
	return out, d.read(ctx, func(tx *store.Tx) error {
		c, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		out, err = d.confirmation(tx, c)
		return err
	})
}

func (d *Desk) confirmation(tx *store.Tx, c *consignment.Consignment) (*Confirmation, error) {
	steps, err := consignment.File(tx, c)
	if err != nil {
		return nil, err
	}
	var said confirmed
	if _, err := consignment.Last(steps, consignment.Confirm, &said); err != nil {
		return nil, fault.Conflict("certificate.not_confirmed", fault.Arg("consignment", c.ID), fault.Arg("state", c.State), fault.Because(err))
	}
	var first arrived
	if keyed := keyedOf(steps); keyed != nil {
		first = *keyed
	} else if _, err := consignment.Last(steps, consignment.Arrive, &first); err != nil {
		return nil, err
	}
	var found examined
	if _, err := consignment.Last(steps, consignment.Examine, &found); err != nil {
		return nil, err
	}
	out := &Confirmation{Consignment: c, Place: first.Place, Seals: first.found(found.Measured), Measured: found.Measured, Day: said.Day, Hundredths: said.Hundredths}
	if said.Importer != nil && said.Exporter != nil {
		out.Importer, out.Exporter = *said.Importer, *said.Exporter
	}
	if out.OnPaper = first.Paper != nil; out.OnPaper {
		out.Certificate, err = transcriptBundle(tx, c)
	} else {
		out.Certificate, err = bundleOf(tx, c)
	}
	if err != nil {
		return nil, err
	}
	entries, err := ledger.SaidOf(tx, string(d.cfg.Office), statement.CertificateSubject(c.Number))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		st, err := statement.Parse(e.Signed)
		if err != nil {
			continue // it is intended, and not signed yet
		}
		if r, ok := st.Body.(*statement.Receipt); ok && r.Certificate == c.Statement {
			out.Receipt = st.Hash
		}
	}
	if out.Receipt.IsZero() {
		return nil, fault.Conflict("certificate.not_confirmed", fault.Arg("consignment", c.ID), fault.Arg("state", c.State))
	}
	return out, nil
}

// transcriptBundle is a transcript with what was keyed. Fault
// certificate.no_certificate.
func transcriptBundle(tx *store.Tx, c *consignment.Consignment) (*bundle.Bundle, error) {
	k, err := ledger.FromVault(tx, c.Statement)
	if err != nil {
		return nil, err
	}
	if k == nil || k.Statement == nil {
		return nil, fault.Conflict("certificate.no_certificate", fault.Arg("consignment", c.ID))
	}
	return &bundle.Bundle{Version: 1, Statement: k.Statement, Disclosure: k.Disclosure}, nil
}

// Worth is the value that the office goes by: its own, else that of the certificate
// where it was disclosed.
func (c *Confirmation) Worth(stated *uint64) *uint64 {
	if v := c.Measured.Value; v != nil {
		cents := uint64(*v)
		return &cents
	}
	return stated
}

// Revalued is the office's own value; nil where it has not valued again.
func (c *Confirmation) Revalued() *uint64 { return c.Worth(nil) }

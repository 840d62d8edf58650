package certificate

import (
	"context"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
)

// inForce asks once more what Prepare has asked of both officers' keys (R-CRT-08): one may
// have been revoked since, or its time be over, and the certificate would be believed by
// nobody.
func (s *Service) inForce(p *Prepared) error {
	if s.cfg.Notified == nil {
		return nil
	}
	found, err := s.cfg.Notified([]statement.KeyID{p.body.Preparer, p.body.Validator}, period.DateOf(s.cfg.Now().UTC()))
	if report := rule.NewReport(found...); err == nil && report.Blocks() {
		return errBlocked(report)
	}
	return err
}

// Issue spends a prepared certificate, approved by a second officer, and waits
// until it has come to the wanted state (ledger.Witnessed before it is
// printed; ledger.Signed at a station without network). within is what the caller
// does in the transaction that spends the number. A second call with the same
// Prepared is refused, whatever came of the first.
//
// Faults: certificate.same_officer, certificate.already_issued,
// certificate.not_approved, certificate.blocked,
// certificate.sheet_not_allotted (with who and when), and those of the ledger.
// When ctx ends while waiting, the entry is given with ctx's error: the
// certificate is issued and on its way.
func (s *Service) Issue(ctx context.Context, p *Prepared, validator keyring.Approver, want ledger.State, within ...Within) (*ledger.Entry, error) {
	if validator.ID() == p.body.Preparer {
		return nil, fault.Forbidden("certificate.same_officer", fault.Arg("number", p.body.Number))
	}
	if validator.ID() != p.body.Validator {
		return nil, fault.Forbidden("certificate.other_validator", fault.Arg("number", p.body.Number))
	}
	if p.preparer == nil {
		return nil, fault.Conflict("certificate.not_approved", fault.Arg("number", p.body.Number))
	}
	if err := s.inForce(p); err != nil {
		return nil, err
	}
	if !p.spent.CompareAndSwap(false, true) {
		return nil, fault.Conflict("certificate.already_issued", fault.Arg("number", p.body.Number))
	}
	if d := period.DateOf(s.cfg.Now()).DaysSince(period.Date(p.body.Issued)); d < 0 || d > 1 {
		p.spent.Store(false)
		return nil, fault.Conflict("certificate.prepared_too_long_ago", fault.Arg("number", p.body.Number), fault.Arg("day", period.Date(p.body.Issued)))
	}
	second, err := validator.Approve(ctx, p.digest)
	if err != nil {
		p.spent.Store(false) // nothing has left yet; the officer may try again
		return nil, err
	}
	approvals := [][]byte{p.preparer, second}
	p.body.FourEyes = statement.PairHash(approvals[0], approvals[1])
	p.header.IssuedAt = s.cfg.Now().Unix() // the moment of issue, which the approvals leave open
	in, err := s.spend(ctx, p, approvals, within)
	if err != nil {
		return nil, err
	}
	return s.cfg.Ledger.Finish(ctx, in, s.cfg.Signer, want)
}

// spend is transaction 1: the sheet, the bytes to be signed, and what opens
// them, all or nothing.
func (s *Service) spend(ctx context.Context, p *Prepared, approvals [][]byte, within []Within) (*ledger.Intent, error) {
	var in *ledger.Intent
	err := s.write(ctx, func(tx *store.Tx) (err error) {
		if in, err = s.cfg.Ledger.Intend(tx, s.cfg.Signer.Key(), p.header, &p.body); err != nil {
			return err
		}
		if err = ledger.KeepIntended(tx, in, &p.disclosure, approvals); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE certificate_sheet SET state = 'spent', validator = $2, entry = $3, spent_at = $4
			WHERE number = $1 AND state = 'allotted'`, p.body.Number, p.body.Validator.String(), in.ID, tx.Now())
		if err == nil && n != 1 {
			return errNotAllotted(tx, p.body.Number)
		}
		if err != nil {
			return err
		}
		return p.settle(tx, within)
	})
	return in, err
}

// Resume signs what a crash left unsigned of this office, with the bytes that were
// stored before it, and gives the subjects: certificates, and whatever was stated
// of them. While the log is on hold it leaves them.
func (s *Service) Resume(ctx context.Context) ([]string, error) {
	if s.cfg.Ledger.Free() != nil {
		return nil, nil
	}
	left, err := s.cfg.Ledger.Unsigned(ctx)
	if err != nil {
		return nil, err
	}
	var subjects []string
	for _, e := range left {
		if e.Issuer != s.cfg.Office {
			continue
		}
		if _, err := s.cfg.Ledger.Sign(ctx, e.ID, s.cfg.Signer); err != nil {
			return subjects, err
		}
		subjects = append(subjects, e.Subject)
	}
	return subjects, nil
}

// Bundle is the certificate as it travels: signed bytes, disclosures,
// approvals, and the proof once it is witnessed. Before that the bundle has no
// proof, and says so by having none. Faults: certificate.unknown_number,
// certificate.not_issued; certificate.facts_lost for one that was issued in days
// that a restored backup has lost.
func (s *Service) Bundle(ctx context.Context, number string) (*bundle.Bundle, *ledger.Entry, error) {
	sh, err := s.Sheet(ctx, number)
	if err != nil {
		return nil, nil, err
	}
	if sh.Entry.IsZero() {
		return nil, nil, fault.Conflict("certificate.not_issued", fault.Arg("number", number), fault.Arg("state", string(sh.State)))
	}
	e, err := s.cfg.Ledger.Entry(ctx, sh.Entry)
	if err != nil {
		return nil, nil, err
	}
	if e.Signed == nil {
		return nil, e, fault.Conflict("certificate.not_issued", fault.Arg("number", number), fault.Arg("state", e.State().String()))
	}
	b, err := s.cfg.Ledger.Bundle(ctx, sh.Entry)
	if err == nil && b.Disclosure == nil {
		return nil, e, fault.Conflict("certificate.facts_lost", fault.Arg("number", number))
	}
	return b, e, err
}

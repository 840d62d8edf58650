package certificate

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Draft is what a certificate shall say (KPCS Annex I A), and what the office's
// file shows of it. The dates of issue and expiry and the officers are not the
// applicant's to give.
type Draft struct {
	Destination ident.ParticipantCode
	Facts       verify.Facts
	Dossier     Dossier
	Custody     canonical.Hash   // root over the lot's sources; zero when none was made
	Refs        []canonical.Hash // statements of others acted on
	Kind        statement.Kind   // zero: KindExport
	Number      string           // of the pre-printed sheet; empty: the next
	Offline     bool             // take the number from the range for work without network
}

func (d *Draft) kind() statement.Kind { return cmp.Or(d.Kind, statement.KindExport) }
func (d *Draft) technical() bool      { return d.Kind == statement.KindTechnical }

// Prepared is a certificate ready to be issued: every rule has been run over
// it, its number is allotted, its bytes are fixed, and one officer has
// approved them. It can be spent once. The database holds it until then: another
// officer finds it by its number (Service.Prepared), after a restart too.
type Prepared struct {
	header     statement.Header
	body       statement.Certificate
	disclosure commitment.Disclosure
	preparer   []byte // approval
	digest     canonical.Hash
	report     rule.Report
	consumes   bool // carats of imported certificates are reserved for it
	spent      atomic.Bool
}

// Number is the number of the sheet that was allotted.
func (p *Prepared) Number() string { return p.body.Number }

// Report is what the rules found; nothing in it blocks.
func (p *Prepared) Report() rule.Report { return p.report }

// Digest is what the second officer approves.
func (p *Prepared) Digest() canonical.Hash { return p.digest }

// officers are the preparer and the validator.
type officers [2]statement.KeyID

// Prepare runs the rules over a draft, allots a sheet, renders the bytes, which
// name the officer who shall validate, and takes the preparer's approval of them.
// Sheet, carats used up, bytes and what within writes are one transaction: a draft
// that is refused uses no number. When the approval fails the certificate stays
// prepared without it, and Approve takes it later.
//
// Faults: certificate.draft, certificate.sums, certificate.blocked with each
// finding, certificate.same_officer, certificate.no_numbers,
// certificate.number_not_ours, certificate.number_used,
// certificate.number_elsewhere, certificate.balance_short, ledger.held.
func (s *Service) Prepare(ctx context.Context, d Draft, preparer keyring.Approver, validator statement.KeyID, within ...Within) (*Prepared, error) {
	if validator == preparer.ID() {
		return nil, fault.Forbidden("certificate.same_officer")
	}
	if err := s.cfg.Ledger.Free(); err != nil {
		return nil, err // no sheet is wasted
	}
	now := s.cfg.Now().UTC()
	today := period.DateOf(now)
	scope := rule.Scope{Participant: ident.OfficeID(s.cfg.Office).Participant(), Counterpart: d.Destination, On: today}
	report, err := s.judge(&d, officers{preparer.ID(), validator}, scope)
	if err != nil {
		return nil, err
	}
	if report.Blocks() {
		return nil, errBlocked(report)
	}
	validity, _, err := s.cfg.Rules.Limit("R-CRT-05", "validity", scope)
	if err != nil {
		return nil, err
	}
	p := &Prepared{consumes: d.Facts.Consumed != nil}
	if p.disclosure, err = s.commit(&d.Facts); err != nil {
		return nil, err
	}
	root, err := commitment.Commit(p.disclosure.Seed, p.disclosure.Facts)
	if err != nil {
		return nil, err
	}
	p.body = statement.Certificate{Kind: d.kind(), Destination: string(d.Destination), Issued: canonical.Day(today),
		Expires: canonical.Day(validity.After(today, nil)), Station: s.cfg.Station, Facts: root, Custody: d.Custody,
		RuleSet: s.cfg.Rules.Hash(), Preparer: preparer.ID(), Validator: validator}
	p.header = statement.Header{Type: statement.TypeCertificate, Issuer: s.cfg.Office, IssuedAt: now.Unix(), Refs: d.Refs, Synthetic: s.cfg.Synthetic}
	err = s.write(ctx, func(tx *store.Tx) error { return s.allotTo(tx, p, &d, report, scope, within) })
	if err != nil {
		return nil, err
	}
	return p, s.approve(ctx, p, preparer)
}

// allotTo gives a draft its number and what it uses up, and stores it.
func (s *Service) allotTo(tx *store.Tx, p *Prepared, d *Draft, report rule.Report, scope rule.Scope, within []Within) error {
	a, err := s.allot(tx, p.body.Issued, d.Offline, d.Number, p.body.Preparer)
	if err != nil {
		return err
	}
	if r := d.Dossier.Replaces; r != nil {
		if err := free(tx, r.Number); err != nil { // the same goods, under the new number
			return err
		}
	}
	j := &judge{set: s.cfg.Rules, scope: scope, draft: d, out: slices.Collect(report.All())}
	j.numbered(a)
	j.add("R-CRT-05", rule.Pass, "expires", map[string]any{"until": period.Date(p.body.Expires)})
	j.balance(tx)
	if j.err != nil {
		return j.err
	}
	if p.report = rule.NewReport(j.out...); p.report.Blocks() {
		return errBlocked(p.report)
	}
	if err := reserve(tx, a.number, d.Facts.Consumed); err != nil {
		return err
	}
	p.body.Number, p.body.Range = a.number, a.id
	p.header.Subject = statement.CertificateSubject(a.number)
	if p.header.Prev, err = ledger.Next(tx, p.header.Issuer, p.header.Subject); err != nil {
		return err
	}
	if err := p.store(tx); err != nil {
		return err
	}
	return all(tx, p, within)
}

// lint reads the bytes back as a verifier will and opens the commitment, so
// that nothing is approved that could not be checked.
func (p *Prepared) lint(payload []byte) error {
	st, err := statement.ParsePayload(payload)
	if err != nil {
		return fmt.Errorf("certificate: lint: %w", err)
	}
	facts, err := p.disclosure.Open(st.Body.(*statement.Certificate).Facts)
	if err != nil {
		return fmt.Errorf("certificate: lint: %w", err)
	}
	_, err = verify.DecodeFacts(facts)
	return err
}

// commit makes the disclosure: all facts under a fresh seed.
func (s *Service) commit(f *verify.Facts) (commitment.Disclosure, error) {
	facts, err := f.Encode()
	if err != nil {
		return commitment.Disclosure{}, fault.Invalid("certificate.draft", fault.Because(err))
	}
	seed := make([]byte, commitment.SeedSize)
	if _, err := io.ReadFull(s.cfg.Entropy, seed); err != nil {
		return commitment.Disclosure{}, fmt.Errorf("certificate: seed: %w", err)
	}
	return commitment.Disclosure{Seed: seed, Facts: facts}, nil
}

package certificate

import (
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

// Draft is what a certificate shall say (KPCS Annex I A). The number, the
// dates of issue and expiry and the officers are not the applicant's to give.
type Draft struct {
	Destination ident.ParticipantCode
	Facts       verify.Facts
	Custody     canonical.Hash   // root over the lot's sources; zero when none was made
	Refs        []canonical.Hash // statements of others acted on
	Technical   bool
	Offline     bool // take the number from the range for work without network
}

// Prepared is a certificate ready to be issued: every rule has been run over
// it, its number is allotted, its bytes are fixed, and one officer has
// approved them. It can be spent once.
type Prepared struct {
	header     statement.Header
	body       statement.Certificate
	disclosure commitment.Disclosure
	preparer   []byte // approval
	digest     canonical.Hash
	report     rule.Report
	spent      atomic.Bool
}

// Number is the number of the sheet that was allotted.
func (p *Prepared) Number() string { return p.body.Number }

// Report is what the rules found; nothing in it blocks.
func (p *Prepared) Report() rule.Report { return p.report }

// Digest is what the second officer approves.
func (p *Prepared) Digest() canonical.Hash { return p.digest }

// Prepare runs the rules over a draft, allots the next sheet, renders the
// bytes, which name the officer who shall validate, and takes the preparer's
// approval of them. Faults: certificate.draft, certificate.sums,
// certificate.blocked with each finding, certificate.same_officer,
// certificate.no_numbers, ledger.held.
func (s *Service) Prepare(ctx context.Context, d Draft, preparer *keyring.Signer, validator statement.KeyID) (*Prepared, error) {
	if validator == preparer.ID() {
		return nil, fault.Forbidden("certificate.same_officer")
	}
	if err := s.cfg.Ledger.Free(); err != nil {
		return nil, err // no sheet is wasted
	}
	now := s.cfg.Now().UTC()
	today := period.DateOf(now)
	exporter := ident.OfficeID(s.cfg.Office).Participant()
	scope := rule.Scope{Participant: exporter, Counterpart: d.Destination, On: today}
	report, err := s.judge(d, scope)
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
	p := &Prepared{report: report}
	if p.disclosure, err = s.commit(&d.Facts); err != nil {
		return nil, err
	}
	root, err := commitment.Commit(p.disclosure.Seed, p.disclosure.Facts)
	if err != nil {
		return nil, err
	}
	kind := statement.KindExport
	if d.Technical {
		kind = statement.KindTechnical
	}
	p.body = statement.Certificate{Kind: kind, Destination: string(d.Destination), Issued: canonical.Day(today),
		Expires: canonical.Day(validity.After(today, nil)), Station: s.cfg.Station, Facts: root, Custody: d.Custody,
		RuleSet: s.cfg.Rules.Hash(), Preparer: preparer.ID(), Validator: validator}
	p.header = statement.Header{Type: statement.TypeCertificate, Issuer: s.cfg.Office, IssuedAt: now.Unix(), Refs: d.Refs, Synthetic: s.cfg.Synthetic}
	err = s.write(ctx, func(tx *store.Tx) error {
		a, err := s.allot(tx, p.body.Issued, d.Offline, preparer.ID())
		if err != nil {
			return err
		}
		p.body.Number, p.body.Range = a.number, a.id
		p.header.Subject = statement.CertificateSubject(a.number)
		p.header.Prev, err = ledger.Next(tx, p.header.Issuer, p.header.Subject)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, p.approve(ctx, preparer)
}

// approve lints the bytes and has the preparer approve them.
func (p *Prepared) approve(ctx context.Context, preparer *keyring.Signer) error {
	if err := p.lint(); err != nil {
		return err
	}
	digest, err := statement.ApprovalDigest(p.header, &p.body)
	if err != nil {
		return fault.Invalid("certificate.draft", fault.Because(err))
	}
	p.digest = digest
	p.preparer, err = keyring.Approve(ctx, preparer, digest)
	return err
}

// lint reads the bytes back as a verifier will and opens the commitment, so
// that nothing is approved that could not be checked.
func (p *Prepared) lint() error {
	payload, err := statement.Payload(p.header, &p.body)
	if err != nil {
		return fault.Invalid("certificate.draft", fault.Because(err))
	}
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

// judge runs the rules that a draft alone can answer.
func (s *Service) judge(d Draft, scope rule.Scope) (rule.Report, error) {
	var out []rule.Finding
	for _, j := range []func(Draft, rule.Scope) (rule.Finding, error){s.mandatoryFields, s.tariffCodes, s.destination} {
		f, err := j(d, scope)
		if err != nil {
			return rule.Report{}, err
		}
		out = append(out, f)
	}
	if err := d.Facts.CheckSums(); err != nil {
		return rule.Report{}, fault.Invalid("certificate.sums", fault.Arg("why", err.Error()), fault.Because(err))
	}
	return rule.NewReport(out...), nil
}

// mandatoryFields is R-CRT-01 (KPCS Annex I A) over the committed facts; the
// other fields of the annex stand in every certificate by its form.
func (s *Service) mandatoryFields(d Draft, scope rule.Scope) (rule.Finding, error) {
	facts, err := d.Facts.Encode()
	if err != nil {
		return rule.Finding{}, fault.Invalid("certificate.draft", fault.Because(err))
	}
	known, err := verify.DecodeFacts(facts)
	if err != nil {
		return rule.Finding{}, fault.Invalid("certificate.draft", fault.Because(err))
	}
	outcome, reason := rule.Pass, rule.Reason{Key: "certificate.finding.complete"}
	if len(known.Withheld) > 0 {
		outcome = rule.Fail
		reason = rule.Reason{Key: "certificate.finding.missing", Args: map[string]any{"fields": known.Withheld}}
	}
	return s.cfg.Rules.Finding("R-CRT-01", scope, outcome, map[string]any{"missing": known.Withheld}, reason)
}

// tariffCodes is R-CRT-07: rough diamonds and nothing else.
func (s *Service) tariffCodes(d Draft, scope rule.Scope) (rule.Finding, error) {
	allowed, origin, err := s.cfg.Rules.Codes("R-CRT-07", "hs-codes", scope)
	if err != nil {
		return rule.Finding{}, err
	}
	outcome, reason := rule.Pass, rule.Reason{Key: "certificate.finding.rough_only"}
	for _, line := range d.Facts.HS {
		if !slices.Contains(allowed, line.Name) {
			outcome = rule.Fail
			reason = rule.Reason{Key: "certificate.finding.not_rough", Args: map[string]any{"code": line.Name}}
		}
	}
	return s.cfg.Rules.Finding("R-CRT-07", scope, outcome, map[string]any{"lines": len(d.Facts.HS)}, reason, origin)
}

// destination is the part of R-CRT-02 and KPCS III(a) that needs no register:
// a shipment goes to another Participant than the exporter.
func (s *Service) destination(d Draft, scope rule.Scope) (rule.Finding, error) {
	outcome, reason := rule.Pass, rule.Reason{Key: "certificate.finding.leaves"}
	if d.Destination == scope.Participant || d.Destination == "" {
		outcome, reason = rule.Fail, rule.Reason{Key: "certificate.finding.stays"}
	}
	return s.cfg.Rules.Finding("R-CRT-02", scope, outcome, map[string]any{"from": string(scope.Participant), "to": string(d.Destination)}, reason)
}

// errBlocked puts the blocking findings into one fault.
func errBlocked(r rule.Report) error {
	var all fault.List
	for _, f := range r.Blocking() {
		all.Add(fault.Invalid("certificate.blocked", fault.Arg("rule", f.Rule), fault.Arg("reason", f.Reason.Key), fault.Arg("facts", f.Facts)))
	}
	return all.Err()
}

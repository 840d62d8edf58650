package importing

import (
	"context"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// paperOf gives the arrival of a consignment that came with a paper from outside; nil
// for any other.
func (d *Desk) paperOf(ctx context.Context, id string) (first *arrived, err error) {
	_, steps, err := d.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return keyedOf(steps), nil
}

// keyedOf is the paper as it was keyed last; nil of what came with a signed certificate,
// or has not arrived.
func keyedOf(steps []consignment.Step) *arrived {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Act != consignment.Arrive && steps[i].Act != consignment.Correct {
			continue
		}
		var a arrived
		if _, err := consignment.Last(steps[i:i+1], steps[i].Act, &a); err != nil || a.Paper == nil {
			return nil
		}
		return &a
	}
	return nil
}

// judgeAgain judges a paper as of now: a Participant may have been suspended, and the
// number seen elsewhere, since it was keyed.
func (d *Desk) judgeAgain(ctx context.Context, id string, first *arrived) (report paperReport, err error) {
	return report, d.read(ctx, func(tx *store.Tx) error {
		report, err = d.judgePaper(tx, first.Paper, id, first.Day)
		return err
	})
}

// PaperFindings judges a recorded paper as of now. Fault certificate.no_paper.
func (d *Desk) PaperFindings(ctx context.Context, id string) ([]Found, error) {
	first, err := d.paperOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if first == nil {
		return nil, fault.Conflict("certificate.no_paper", fault.Arg("consignment", id))
	}
	report, err := d.judgeAgain(ctx, id, first)
	return report.found(), err
}

// examinePaper is Examine for a paper from outside: no verifier can be asked of it.
func (d *Desk) examinePaper(ctx context.Context, id string, o Officer, first *arrived, m Measured, because string) (*consignment.Consignment, error) {
	report, err := d.judgeAgain(ctx, id, first)
	if err != nil {
		return nil, err
	}
	if err := report.acceptable(because); err != nil {
		return nil, err
	}
	f := &finder{set: d.cfg.Rules, scope: d.scope(first.Paper.Issuer, d.today())}
	f.original(first.Original || m.Original, first.Day, d.today())
	f.containers(first.Paper.Seals, first.Seals)
	f.opened(m)
	f.measured(first.Paper.Facts(), m)
	f.trade(d.cfg.Trade, first.Paper.Issuer, d.cfg.Office.Participant(), d.today())
	if f.err != nil {
		return nil, f.err
	}
	if on := rule.NewReport(f.out...); on.Blocks() {
		return nil, errBlocked(on)
	}
	all := append(report.found(), keep(f.out)...)
	return d.move(ctx, id, consignment.Examine, o.by(), examined{Measured: m, Because: because, Findings: all}, consignment.Change{})
}

// confirmPaper is Confirm for a paper from outside: the receipt names the transcript.
func (d *Desk) confirmPaper(ctx context.Context, id string, o Officer, first *arrived, because string, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	m, earlier, err := d.examination(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if because == "" {
		because = earlier
	}
	report, err := d.judgeAgain(ctx, id, first)
	if err != nil {
		return nil, nil, err
	}
	if err := report.acceptable(because); err != nil {
		return nil, nil, err
	}
	h, rounding := m.Carats.Hundredths()
	facts := first.Paper.Facts()
	detail := confirmed{Number: string(first.Paper.Claim("", 0).Number), Parcels: m.Parcels, Carats: m.Carats, Hundredths: uint64(h), Rounding: rounding, Day: d.today(),
		Because: because, Importer: facts.Importer, Exporter: facts.Exporter}
	return d.say(ctx, id, consignment.Confirm, o.by(), detail, consignment.Change{NoDue: true}, want,
		func(tx *store.Tx, c *consignment.Consignment, about statement.About) (statement.Body, error) {
			if err := certificate.Receive(tx, c.Number, c.Statement, uint64(h)); err != nil {
				return nil, err
			}
			return &statement.Receipt{About: about, Day: day(detail.Day), Carats: uint64(h), Parcels: m.Parcels}, nil
		})
}

// PaperFile is what this office holds of a paper from outside.
type PaperFile struct {
	Consignment *consignment.Consignment
	Paper       *Transcript
	Arrival     Arrival
	Facts       *verify.Facts // the paper's, in the form of a certificate's
	Findings    []Found       // as of its keying
	Scans       []canonical.Hash
	Because     string         // why it was keyed again; "" of what was keyed once
	Replaces    canonical.Hash // the transcript before
}

// Paper reads a paper from outside. Fault certificate.no_paper for a consignment that
// came with a signed certificate, or none.
func (d *Desk) Paper(ctx context.Context, id string) (*PaperFile, error) {
	first, err := d.paperOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if first == nil {
		return nil, fault.Conflict("certificate.no_paper", fault.Arg("consignment", id))
	}
	c, _, err := d.Get(ctx, id)
	return &PaperFile{Consignment: c, Paper: first.Paper, Arrival: first.Arrival, Facts: first.Paper.Facts(), Findings: first.PaperFindings,
		Scans: first.Scans, Because: first.Because, Replaces: first.Replaces}, err
}

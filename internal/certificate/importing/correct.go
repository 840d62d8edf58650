package importing

import (
	"context"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// Correct records a paper from outside anew that was mis-keyed, before its receipt is
// confirmed: a new transcript is stated, which names the one before and takes its place,
// and the file keeps both with the reason. Nothing that was recorded is changed. What was
// examined is examined again, since it was held against what was mis-keyed. scans are all
// that the paper is judged by, those of before among them.
//
// A paper that could not be stated gets its first transcript so, and one that was stated
// must be stated again: otherwise the false one would stand.
//
// Faults: those of Transcribe; certificate.no_paper; certificate.correction for a missing
// reason, at because; certificate.correction_unstated.
func (d *Desk) Correct(ctx context.Context, id string, o Officer, t Transcript, a Arrival, scans [][]byte, because string, want ledger.State,
	taken func(tx *store.Tx, consignment string) error) (*Transcribed, error) {
	if err := checkCorrection(t, a, scans, because); err != nil {
		return nil, err
	}
	disclosure, root, err := d.commit(&t)
	if err != nil {
		return nil, err
	}
	out := &Transcribed{}
	var in *ledger.Intent
	var report paperReport
	err = d.write(ctx, func(tx *store.Tx) error {
		c, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		steps, err := consignment.File(tx, c)
		if err != nil {
			return err
		}
		first := keyedOf(steps)
		if first == nil {
			return fault.Conflict("certificate.no_paper", fault.Arg("consignment", id))
		}
		if report, err = d.judgePaper(tx, &t, id, first.Day); err != nil {
			return err
		}
		out.Findings = report.found()
		body := d.transcriptOf(&t, a, report, root, digests(scans))
		if body == nil && !c.Statement.IsZero() {
			return fault.Conflict("certificate.correction_unstated", fault.At("certificate_number"), fault.Arg("number", ident.CertificateNumber(t.Number)))
		}
		if in, err = d.intendTranscript(tx, body, disclosure, c.Statement); err != nil {
			return err
		}
		detail, err := d.keyed(&t, a, first.Day, report, in, scans)
		if err != nil {
			return err
		}
		detail.Because, detail.Replaces = because, c.Statement
		if err := consignment.Move(tx, c, consignment.Correct, o.by(), detail, consignment.Change{Number: string(t.Claim("", 0).Number), NoDue: true, Unbound: true}); err != nil {
			return err
		}
		out.Consignment = c
		if err := keepScans(tx, id, o, scans); err != nil {
			return err
		}
		return taken(tx, id)
	})
	if err != nil {
		return nil, err
	}
	return out, d.finishTranscript(ctx, Officer{ID: o.ID}, out, in, report, want)
}

func checkCorrection(t Transcript, a Arrival, scans [][]byte, because string) error {
	var faults fault.List
	faults.Add(t.Check(scans))
	faults.Add(a.Check(false))
	if statement.CheckText(because, 1, 500) != nil {
		faults.Add(fault.Invalid("certificate.correction", fault.At("because"), fault.Text(because)))
	}
	return faults.Err()
}

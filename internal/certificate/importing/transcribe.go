package importing

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing/transcript"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Transcribed is what came of keying a paper.
type Transcribed struct {
	Consignment *consignment.Consignment
	Entry       *ledger.Entry // the transcript; nil where the number has no form that a statement bears
	Findings    []Found
}

// Transcribe records a shipment that is presented with a paper certificate from outside:
// what the paper says, its pictures, what was found of it. It is recorded whatever was
// found. Where a rule that blocks has failed, a discrepancy is opened at once. The
// transcript is this office's word: it says that the paper was here, and not that it is
// genuine.
//
// A paper whose number no statement bears, or that claims to be this Participant's own,
// is in the file alone.
//
// Faults: certificate.transcript, field_missing and field_form with the field, those of
// outside.Check, of consignment.Move and of the ledger.
func (d *Desk) Transcribe(ctx context.Context, o Officer, t Transcript, a Arrival, scans [][]byte, want ledger.State) (*Transcribed, error) {
	return d.TranscribeAs(ctx, o, t, a, scans, want, func(*store.Tx, string) error { return nil })
}

// TranscribeAs is Transcribe of a paper that waits somewhere to be recorded: taken is
// called in the transaction that records it, with the consignment, and undoes it by an
// error.
func (d *Desk) TranscribeAs(ctx context.Context, o Officer, t Transcript, a Arrival, scans [][]byte, want ledger.State, taken func(tx *store.Tx, consignment string) error) (*Transcribed, error) {
	if err := t.Check(scans); err != nil {
		return nil, err
	}
	if err := a.Check(false); err != nil {
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
		in, out.Consignment = nil, nil
		if report, err = d.judgePaper(tx, &t, "", d.today()); err != nil {
			return err
		}
		out.Findings = report.found()
		hashes := digests(scans)
		if in, err = d.intendTranscript(tx, d.transcriptOf(&t, a, report, root, hashes), disclosure, canonical.Hash{}); err != nil {
			return err
		}
		if out.Consignment, err = d.fileTranscript(tx, o, &t, a, report, in, scans); err != nil {
			return err
		}
		return taken(tx, out.Consignment.ID)
	})
	if err != nil {
		return nil, err
	}
	return out, d.finishTranscript(ctx, o, out, in, report, want)
}

// intendTranscript fixes the bytes of a transcript; nil for one that cannot be stated. One
// that takes the place of another names it among its refs.
func (d *Desk) intendTranscript(tx *store.Tx, body *statement.Transcript, disclosure *commitment.Disclosure, replaces canonical.Hash) (*ledger.Intent, error) {
	if body == nil {
		return nil, nil
	}
	h := statement.Header{Issuer: string(d.cfg.Office), IssuedAt: d.cfg.Now().Unix(), Subject: statement.CertificateSubject(body.Number), Synthetic: d.cfg.Synthetic}
	if !replaces.IsZero() {
		h.Refs = []canonical.Hash{replaces}
	}
	in, err := d.cfg.Ledger.Intend(tx, d.cfg.Signer.Key(), h, body)
	if err != nil {
		return nil, err
	}
	return in, ledger.KeepIntended(tx, in, disclosure, nil)
}

// finishTranscript signs what the transaction has fixed, and opens a case where a rule
// that blocks has failed.
func (d *Desk) finishTranscript(ctx context.Context, o Officer, out *Transcribed, in *ledger.Intent, report paperReport, want ledger.State) (err error) {
	if in != nil {
		if err := d.signTranscript(ctx, out, in); err != nil {
			return err
		}
	}
	if err := d.disputePaper(ctx, o, out, report, want); err != nil || in == nil {
		return err
	}
	out.Entry, err = d.cfg.Ledger.Await(ctx, in.ID, want)
	return err
}

// commit makes the disclosure of what was keyed, under a fresh seed.
func (d *Desk) commit(t *Transcript) (*commitment.Disclosure, commitment.Root, error) {
	facts, err := t.Facts().Encode()
	if err != nil {
		return nil, commitment.Root{}, fault.Invalid("certificate.transcript", fault.At("certificate_number"), fault.Because(err))
	}
	seed := make([]byte, commitment.SeedSize)
	if _, err := io.ReadFull(d.cfg.Entropy, seed); err != nil {
		return nil, commitment.Root{}, fmt.Errorf("importing: seed: %w", err)
	}
	root, err := commitment.Commit(seed, facts)
	return &commitment.Disclosure{Seed: seed, Facts: facts}, root, err
}

func digests(scans [][]byte) (out []canonical.Hash) {
	for _, s := range scans {
		out = append(out, canonical.Sum(s))
	}
	slices.SortFunc(out, func(a, b canonical.Hash) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(out)
}

// transcriptOf makes the statement; nil where none can be made.
func (d *Desk) transcriptOf(t *Transcript, a Arrival, report paperReport, root commitment.Root, scans []canonical.Hash) *statement.Transcript {
	kind, _ := transcript.KindOf(t.Kind)
	here := string(d.cfg.Office.Participant())
	claim := t.Claim(d.cfg.Office.Participant(), d.today())
	to := string(t.Destination)
	if to == "" {
		to = here
	}
	body := &statement.Transcript{Number: string(claim.Number), Claimed: string(t.Issuer), Kind: kind, Issued: day(t.Issued), Expires: day(t.Expires), Destination: to,
		Facts: root, Scans: scans, Original: a.Original, Findings: report.codes()}
	if body.Claimed == here || body.Check() != nil {
		return nil
	}
	return body
}

// fileTranscript writes the arrival, with all that was keyed and found, into a new file.
func (d *Desk) fileTranscript(tx *store.Tx, o Officer, t *Transcript, a Arrival, report paperReport, in *ledger.Intent, scans [][]byte) (*consignment.Consignment, error) {
	detail, err := d.keyed(t, a, d.today(), report, in, scans)
	if err != nil {
		return nil, err
	}
	id, err := d.newID(tx)
	if err != nil {
		return nil, err
	}
	kind, _ := transcript.KindOf(t.Kind)
	c, err := consignment.Begin(tx, consignment.Opening{ID: id, Counterpart: t.Issuer, Kind: kind}, consignment.Arrive, o.by(), detail,
		consignment.Change{Number: string(t.Claim("", 0).Number), NoDue: true})
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`INSERT INTO certificate_keyed (consignment) VALUES ($1)`, id); err != nil {
		return nil, err
	}
	c.OnPaper = true
	return c, keepScans(tx, id, o, scans)
}

func keepScans(tx *store.Tx, id string, o Officer, scans [][]byte) error {
	for _, s := range scans {
		if _, err := outside.Keep(tx, id, outside.Certificate, o.ID, s); err != nil {
			return err
		}
	}
	return nil
}

// keyed is what the file keeps of a paper.
func (d *Desk) keyed(t *Transcript, a Arrival, on period.Date, report paperReport, in *ledger.Intent, scans [][]byte) (detail arrived, err error) {
	detail = arrived{Arrival: a, Day: on, Paper: t, PaperFindings: report.found(), Scans: digests(scans)}
	if in != nil {
		detail.Intent = in.ID
	}
	f := &finder{set: d.cfg.Rules, scope: d.scope(t.Issuer, on)}
	f.advance(false)
	f.original(a.Original, on, on)
	f.containers(t.Seals, a.Seals)
	detail.Findings = keep(f.out)
	return detail, f.err
}

// signTranscript signs the transcript and enters its hash into the file.
func (d *Desk) signTranscript(ctx context.Context, out *Transcribed, in *ledger.Intent) error {
	if err := d.cfg.Ledger.SignIntent(ctx, in, d.cfg.Signer); err != nil {
		return err
	}
	return d.bind(ctx, out.Consignment, in.ID)
}

// bind enters the hash of a transcript's signed bytes into its file.
func (d *Desk) bind(ctx context.Context, c *consignment.Consignment, intent canonical.Hash) error {
	e, err := d.cfg.Ledger.Entry(ctx, intent)
	if err != nil || e.Signed == nil {
		return err
	}
	if err := d.write(ctx, func(tx *store.Tx) error { return consignment.Bind(tx, c.ID, e.Hash) }); err != nil {
		return err
	}
	c.Statement = e.Hash
	return nil
}

// Resume enters the hashes of transcripts that a crash has left between intention and
// file; the exporting desk's Resume has signed them. It may be called at any time.
func (d *Desk) Resume(ctx context.Context) error {
	var waiting []*consignment.Consignment
	intents := map[string]canonical.Hash{}
	err := d.read(ctx, func(tx *store.Tx) (err error) {
		if waiting, err = consignment.Untranscribed(tx); err != nil {
			return err
		}
		for _, c := range waiting {
			steps, err := consignment.File(tx, c)
			if err != nil {
				return err
			}
			if first := keyedOf(steps); first != nil && !first.Intent.IsZero() {
				intents[c.ID] = first.Intent
			}
		}
		return nil
	})
	for _, c := range waiting {
		if intent, ok := intents[c.ID]; ok && err == nil {
			err = d.bind(ctx, c, intent)
		}
	}
	return err
}

// disputePaper opens a discrepancy where a rule that blocks has failed: the reason names
// the rules, in words that are the same in every language.
func (d *Desk) disputePaper(ctx context.Context, o Officer, out *Transcribed, report paperReport, want ledger.State) error {
	failed := report.failed()
	if len(failed) == 0 {
		return nil
	}
	var why []string
	for _, f := range failed {
		why = append(why, f.Rule+" "+f.Reason.Key[strings.LastIndexByte(f.Reason.Key, '.')+1:])
	}
	reason := strings.Join(slices.Compact(why), "; ")
	c, _, err := d.Dispute(ctx, out.Consignment.ID, o, Irregular{Day: d.today(), Reason: reason[:min(len(reason), 500)]}, want)
	if c != nil {
		out.Consignment = c
	}
	return err
}

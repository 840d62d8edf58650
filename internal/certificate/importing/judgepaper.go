package importing

import (
	"context"
	"slices"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing/transcript"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
)

// LookAt judges a keyed paper as Transcribe will, and records nothing: so that a slip of
// the keys is seen before it stands in the record. Faults: certificate.transcript, those
// of outside.Check.
func (d *Desk) LookAt(ctx context.Context, t Transcript, scans [][]byte) (out []Found, err error) {
	return d.LookAtFor(ctx, "", t, scans)
}

// LookAtFor is LookAt for a paper that is keyed again: its own file is no earlier
// sighting of its number.
func (d *Desk) LookAtFor(ctx context.Context, file string, t Transcript, scans [][]byte) (out []Found, err error) {
	if err := t.Check(scans); err != nil {
		return nil, err
	}
	return out, d.read(ctx, func(tx *store.Tx) error {
		report, err := d.judgePaper(tx, &t, file, d.today())
		out = report.found()
		return err
	})
}

// paperReport is what was found of a paper.
type paperReport struct{ rule.Report }

func (r paperReport) found() []Found { return keep(slices.Collect(r.All())) }

// failed are the findings under rules that block: they make a discrepancy.
func (r paperReport) failed() (out []rule.Finding) {
	for _, f := range r.Blocking() {
		if f.Outcome == rule.Fail {
			out = append(out, f)
		}
	}
	return out
}

// codes are the rules that were not passed, for the transcript.
func (r paperReport) codes() (out []string) {
	for f := range r.All() {
		if f.Outcome == rule.Fail {
			out = append(out, f.Rule)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// acceptable holds a paper: what failed under a rule that blocks is never accepted, and
// what cannot be told needs an officer's written reason. Faults:
// certificate.import_blocked, certificate.paper_undecided, certificate.field_form.
func (r paperReport) acceptable(because string) error {
	if failed := r.failed(); len(failed) > 0 {
		return errBlocked(rule.NewReport(failed...))
	}
	if !r.Blocks() || because != "" {
		return checkReason(because)
	}
	var all fault.List
	for _, f := range r.Blocking() {
		all.Add(fault.Conflict("certificate.paper_undecided", fault.At("because"), fault.Arg("rule", f.Rule), fault.Arg("reason", Reason(f.Reason))))
	}
	return all.Err()
}

// judgePaper holds a keyed paper against registers (package outside), against itself,
// and against what this node has seen of the number. file is the consignment that it is
// of, which is no earlier sighting.
func (d *Desk) judgePaper(tx *store.Tx, t *Transcript, file string, arrived period.Date) (paperReport, error) {
	here := d.cfg.Office.Participant()
	claim := t.Claim(here, arrived)
	f := &finder{set: d.cfg.Rules, scope: claim.Scope()}
	if d.cfg.Scheme != nil {
		scheme, err := outside.Join(tx, d.cfg.Scheme)
		if err != nil {
			return paperReport{}, err
		}
		if f.out, err = outside.Judge(tx, d.cfg.Rules, scheme, claim); err != nil {
			return paperReport{}, err
		}
	}
	f.likeness(t)
	f.fields(t)
	f.validity(t)
	f.rough(t)
	seen, err := d.sightings(tx, claim.Number, file)
	if err != nil {
		return paperReport{}, err
	}
	for _, s := range seen {
		f.add("R-CRT-02", rule.Fail, "certificate.finding."+s.key, map[string]any{"number": claim.Number, "by": s.by, "at": s.at, "place": s.place})
	}
	if to := t.Destination; to != "" && to != here {
		f.add("R-CRT-02", rule.Fail, "certificate.finding.paper_elsewhere", map[string]any{"to": to, "here": here})
	}
	f.scope = d.scope(t.Issuer, arrived)
	if arrived > t.Expires {
		f.add("R-CRT-06", rule.Fail, "certificate.finding.paper_expired", map[string]any{"until": t.Expires})
	} else {
		f.add("R-CRT-06", rule.Pass, "certificate.finding.expires", map[string]any{"until": t.Expires})
	}
	return paperReport{rule.NewReport(f.out...)}, f.err
}

// fields is R-CRT-01 (KPCS Annex I A): what the paper must say, and that its parts add
// up to it.
func (f *finder) fields(t *Transcript) {
	if f.err != nil {
		return
	}
	facts := t.Facts()
	committed, err := facts.Encode()
	if err != nil {
		f.err = err
		return
	}
	known, err := verify.DecodeFacts(committed)
	if err != nil {
		f.err = err
		return
	}
	missing := slices.DeleteFunc(slices.Clone(known.Withheld), func(field string) bool {
		return field == "origin" && (t.OriginText != "" || len(t.Origin) > 0) || field == "consumed" || field == "seals"
	})
	if t.Authority == "" {
		missing = append(missing, "issuing_authority")
	}
	if !t.Validated {
		missing = append(missing, "validation")
	}
	switch {
	case len(missing) > 0:
		f.add("R-CRT-01", rule.Fail, "certificate.finding.missing", map[string]any{"fields": missing})
	case facts.CheckSums() != nil:
		f.add("R-CRT-01", rule.Fail, "certificate.finding.paper_sums", map[string]any{"carats": t.Carats})
	default:
		f.add("R-CRT-01", rule.Pass, "certificate.finding.complete", nil)
	}
}

// likeness is R-CRT-08 by the eye: where a specimen was in force, somebody has to hold
// the paper beside it. Without one there is nothing to hold it beside, and that was found.
func (f *finder) likeness(t *Transcript) {
	at := slices.IndexFunc(f.out, func(x rule.Finding) bool { return x.Rule == "R-CRT-08" && x.Outcome == rule.Pass })
	switch {
	case t.Looks == transcript.Differs:
		f.add("R-CRT-08", rule.Fail, "certificate.finding.paper_unlike", map[string]any{"note": t.LooksNote})
	case at < 0:
	case t.Looks == transcript.Alike:
		f.add("R-CRT-08", rule.Pass, "certificate.finding.paper_alike", nil)
	default:
		f.add("R-CRT-08", rule.CannotTell, "certificate.finding.paper_uncompared", nil)
	}
}

// validity is R-CRT-05. Of most Participants the term is not known: then only a paper
// that ends before it begins is found.
func (f *finder) validity(t *Transcript) {
	limit, origin, err := f.set.Limit("R-CRT-05", "validity", f.scope)
	if err != nil || f.err != nil {
		if f.err == nil {
			f.err = err
		}
		return
	}
	want := limit.After(t.Issued, nil)
	facts := map[string]any{"issued": t.Issued, "until": t.Expires, "expected": want}
	switch {
	case t.Expires < t.Issued:
		f.add("R-CRT-05", rule.Fail, "certificate.finding.paper_backwards", facts, origin)
	case t.Expires == want || origin.Override == nil:
		f.add("R-CRT-05", rule.Pass, "certificate.finding.expires", facts, origin)
	case origin.Certainty == rule.Seen:
		f.add("R-CRT-05", rule.Fail, "certificate.finding.paper_validity", facts, origin)
	default:
		f.add("R-CRT-05", rule.CannotTell, "certificate.finding.paper_validity", facts, origin)
	}
}

// rough is R-CRT-07: rough diamonds and nothing else.
func (f *finder) rough(t *Transcript) {
	allowed, origin, err := f.set.Codes("R-CRT-07", "hs-codes", f.scope)
	if err != nil || f.err != nil {
		if f.err == nil {
			f.err = err
		}
		return
	}
	for _, l := range t.Lines {
		if !slices.Contains(allowed, l.HS) {
			f.add("R-CRT-07", rule.Fail, "certificate.finding.not_rough", map[string]any{"code": l.HS}, origin)
			return
		}
	}
	f.add("R-CRT-07", rule.Pass, "certificate.finding.rough_only", map[string]any{"lines": len(t.Lines)}, origin)
}

// sighting is where the same number was seen before.
type sighting struct {
	key, by, place string
	at             time.Time
}

// sightings looks for a number everywhere this node follows: its own files, signed
// certificates, papers that others have transcribed, and receipts.
func (d *Desk) sightings(tx *store.Tx, number ident.CertificateNumber, file string) (out []sighting, err error) {
	files, err := consignment.OfNumber(tx, string(number))
	if err != nil {
		return nil, err
	}
	for _, c := range files {
		if c.ID == file {
			continue
		}
		first, err := firstPresentation(tx, c)
		if err != nil {
			return nil, err
		}
		if first != nil {
			out = append(out, sighting{"number_here", c.ID, first.Place, first.At})
		}
	}
	signed, err := life.Of(tx, string(number))
	if err != nil {
		return nil, err
	}
	for i := range signed {
		out = append(out, sighting{"number_signed", signed[i].Issuer, signed[i].Origin, time.Unix(signed[i].StatedAt, 0).UTC()})
	}
	papers, err := life.TranscriptsOf(tx, string(number))
	if err != nil {
		return nil, err
	}
	for _, p := range papers {
		if p.Issuer != string(d.cfg.Office) && p.ReplacedBy.IsZero() { // its own are files here
			out = append(out, sighting{"number_transcribed", p.Issuer, p.Origin, time.Unix(p.StatedAt, 0).UTC()})
		}
	}
	return out, nil
}

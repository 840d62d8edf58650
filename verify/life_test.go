package verify_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// The later statements of a certificate's life.
func voided(a statement.About) statement.Body {
	return &statement.Void{About: a, Reason: "not shipped"}
}
func replaced(a statement.About) statement.Body {
	return &statement.Replacement{About: a, By: "CF00000002", Reason: "a misprint"}
}
func lost(a statement.About) statement.Body {
	return &statement.Loss{About: a, Day: today, Reason: "stolen from the courier"}
}
func received(a statement.About) statement.Body {
	return &statement.Receipt{About: a, Day: today, Carats: 1240, Parcels: 1}
}
func differing(a statement.About) statement.Body {
	return &statement.Discrepancy{About: a, Day: today, Reason: "two carats less"}
}

// noted are the codes of the notes of a verdict.
func noted(v *verify.Verdict) []verify.Code {
	var out []verify.Code
	for _, n := range v.Notes {
		out = append(out, n.Code)
	}
	return out
}

// wantNotes is a look that wants the same notes for both purposes.
func wantNotes(codes ...verify.Code) func(*testing.T, *verify.Verdict, *verify.Verdict) {
	return func(t *testing.T, record, imports *verify.Verdict) {
		t.Helper()
		for _, v := range []*verify.Verdict{record, imports} {
			if diff := cmp.Diff(codes, noted(v)); diff != "" {
				t.Errorf("notes for %s: %s", v.Purpose, diff)
			}
		}
	}
}

var lifeCases = []verdictCase{
	{name: "cancelled", bend: func(s *scene) { s.good(); s.about(s.cf, s.cf.Log, s.cf.Signer, voided) },
		record: "valid", imports: "invalid status.void cancelled", look: func(t *testing.T, record, imports *verify.Verdict) {
			wantNotes(verify.CodeVoid)(t, record, imports)
			n := record.Notes[0]
			if n.By != "CF/bangui" || n.At.Unix() != start+600 || n.Facts["reason"] != "not shipped" {
				t.Errorf("%+v", n)
			}
			if c := imports.Check(verify.CodeVoid); c.AsOf.Unix() != start+packed || c.Facts["office"] != "CF/bangui" {
				t.Errorf("%+v", c)
			}
		}},
	{name: "replaced", bend: func(s *scene) { s.good(); s.about(s.cf, s.cf.Log, s.cf.Signer, replaced) },
		record: "valid", imports: "invalid status.replaced replaced", look: wantNotes(verify.CodeReplaced)},
	{name: "lost", bend: func(s *scene) { s.good(); s.about(s.cf, s.cf.Log, s.cf.Signer, lost) },
		record: "valid", imports: "invalid status.lost reported_lost", look: wantNotes(verify.CodeLost)},
	{name: "received", bend: func(s *scene) { s.good(); s.about(s.ae, s.ae.Log, s.ae.Signer, received) },
		record: "valid", imports: "invalid status.used already_imported", look: func(t *testing.T, record, imports *verify.Verdict) {
			wantNotes(verify.CodeUsed)(t, record, imports)
			if n := record.Notes[0]; n.By != "AE/dubai" || n.Facts["hundredths"] != uint64(1240) || n.Facts["by_third_party"] != nil {
				t.Errorf("%+v", n)
			}
		}},
	{name: "received at home, where nobody expected it", bend: func(s *scene) { s.good(); s.about(s.cf, s.cf.Log, s.cf.Signer, received) },
		record: "valid", imports: "invalid status.used already_imported", look: func(t *testing.T, record, imports *verify.Verdict) {
			if n := record.Notes[0]; n.Facts["by_third_party"] != true {
				t.Errorf("%+v", n)
			}
		}},
	{name: "received with another content", bend: func(s *scene) {
		s.good()
		s.about(s.ae, s.ae.Log, s.ae.Signer, func(a statement.About) statement.Body {
			a.Certificate = canonical.Hash{1}
			return received(a)
		})
	}, record: "valid", imports: "invalid status.used already_imported", look: func(t *testing.T, record, _ *verify.Verdict) {
		if n := record.Notes[0]; n.Facts["of_other_content"] != (canonical.Hash{1}).String() {
			t.Errorf("%+v", n)
		}
	}},
	{name: "a discrepancy case", bend: func(s *scene) { s.good(); s.about(s.ae, s.ae.Log, s.ae.Signer, differing) },
		record: "valid", look: wantNotes(verify.CodeDiscrepancy)},
	{name: "first cancelled, then received", bend: func(s *scene) {
		s.good()
		s.about(s.ae, s.ae.Log, s.ae.Signer, received)
		s.about(s.cf, s.cf.Log, s.cf.Signer, voided)
	}, record: "valid", imports: "invalid status.void cancelled", look: wantNotes(verify.CodeUsed, verify.CodeVoid)},
	{name: "printed", bend: func(s *scene) {
		s.good()
		s.about(s.cf, s.cf.Log, s.cf.Signer, func(a statement.About) statement.Body {
			return &statement.Print{About: a, Paper: canonical.Hash{1}, Reason: "original"}
		})
	}, record: "valid", look: wantNotes()},
	{name: "cancelled by the destination", bend: func(s *scene) { s.good(); s.about(s.ae, s.ae.Log, s.ae.Signer, voided) }, record: "valid", look: wantNotes()},
	{name: "replaced by the destination", bend: func(s *scene) { s.good(); s.about(s.ae, s.ae.Log, s.ae.Signer, replaced) }, record: "valid", look: wantNotes()},
	{name: "reported lost by the destination", bend: func(s *scene) { s.good(); s.about(s.ae, s.ae.Log, s.ae.Signer, lost) }, record: "valid", look: wantNotes()},
	{name: "cancelled by a stranger's key", bend: func(s *scene) { s.good(); s.about(s.cf, s.cf.Log, stranger, voided) }, record: "valid", look: wantNotes()},
	{name: "cancelled by an officer alone", bend: func(s *scene) { s.good(); s.about(s.cf, s.cf.Log, s.cf.Preparer, voided) }, record: "valid", look: wantNotes()},
	{name: "cancelled in another's log", bend: func(s *scene) { s.good(); s.about(s.cf, s.ae.Log, s.cf.Signer, voided) }, record: "valid", look: wantNotes()},
	{name: "received by a stranger's key", bend: func(s *scene) { s.good(); s.about(s.ae, s.ae.Log, stranger, received) }, record: "valid", look: wantNotes()},
	{name: "another number cancelled", bend: func(s *scene) {
		s.good()
		s.about(s.cf, s.cf.Log, s.cf.Signer, func(a statement.About) statement.Body { a.Number = "CF00000099"; return voided(a) })
	}, record: "valid", look: wantNotes()},
	{name: "cancelled after the pack", bend: func(s *scene) {
		s.good()
		s.about(s.cf, s.cf.Log, s.cf.Signer, voided)
		s.sizes[s.cf.Log.Origin] = int64(len(s.cf.Log.Leaves)) - 1
	}, record: "valid", look: wantNotes()},
}

// lastSecond is the end of the certificate's last day, in seconds after start:
// the world's certificates are good for sixty days.
const lastSecond = (int64(today)+60)*86400 + 86399 - start

// fresh is a pack of an hour before the time of the question.
func (s *scene) fresh(judged int64) { s.judged, s.packed = judged, judged-3600 }

var importCases = []verdictCase{
	{name: "the last second of the last day", bend: func(s *scene) { s.good(); s.fresh(lastSecond) }, record: "valid"},
	{name: "expired", bend: func(s *scene) { s.good(); s.fresh(lastSecond + 1) }, record: "valid", imports: "invalid import.expired expired"},
	{name: "the printed day has begun in some zone", bend: func(s *scene) { s.tomorrow(); s.judged = 2 * 3600 }, record: "valid"},
	{name: "the printed day has begun nowhere", bend: func(s *scene) { s.tomorrow(); s.judged = 2*3600 - 1 },
		record: "valid", imports: "invalid import.expired not_yet_issued"},
	{name: "another destination", bend: func(s *scene) { s.good(); s.here = "EU" }, record: "valid", imports: "invalid import.destination other_destination"},
	{name: "no destination asked for", bend: func(s *scene) { s.good(); s.here = "" }, record: "valid", look: func(t *testing.T, _, imports *verify.Verdict) {
		if c := imports.Check(verify.CodeDestination); c != nil {
			t.Errorf("%+v", c)
		}
	}},
	{name: "a status of seven days", bend: func(s *scene) { s.good(); s.judged = packed + 7*day }, record: "valid"},
	{name: "a stale status", bend: func(s *scene) { s.good(); s.judged = packed + 7*day + 1 }, record: "valid", imports: "cannot_tell status.fresh stale_status"},
	{name: "a stricter limit", bend: func(s *scene) { s.good(); s.limits.StatusFor = time.Minute }, record: "valid", imports: "cannot_tell status.fresh stale_status"},
	{name: "the destination's log is not in the pack", bend: func(s *scene) { s.good(); s.lacks = s.ae.Log.Origin },
		record: "valid", imports: "cannot_tell status.fresh no_status"},
	{name: "the destination has no log", bend: func(s *scene) {
		d := s.cf.Draft("EU", start+issued)
		s.here = "EU"
		s.record(d)
	}, record: "valid"},
}

// tomorrow records a certificate whose printed day is the one after it is
// signed, at eight in the morning UTC.
func (s *scene) tomorrow() {
	d := s.draft()
	d.Body.Issued++
	s.record(d)
}

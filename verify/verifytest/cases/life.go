package cases

import (
	"time"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
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

// attesting is a key of CF/bangui for this alone: the world's offices have none for it.
var attesting = verifytest.NewSigner("attesting key CF/bangui")

func attested(a statement.About) statement.Body {
	return &statement.Attestation{About: a, By: "AE", Day: today, Carats: 1240, Parcels: 1, Scans: []canonical.Hash{{1}}}
}
func differing(a statement.About) statement.Body {
	return &statement.Discrepancy{About: a, Day: today, Reason: "two carats less"}
}

var lifeCases = []Case{
	{Name: "cancelled", Bend: func(s *Scene) { s.Good(); s.about(s.cf, s.cf.Log, s.cf.Signer, voided) },
		Record: "valid", Import: "invalid status.void cancelled"},
	{Name: "replaced", Bend: func(s *Scene) { s.Good(); s.about(s.cf, s.cf.Log, s.cf.Signer, replaced) },
		Record: "valid", Import: "invalid status.replaced replaced"},
	{Name: "lost", Bend: func(s *Scene) { s.Good(); s.about(s.cf, s.cf.Log, s.cf.Signer, lost) },
		Record: "valid", Import: "invalid status.lost reported_lost"},
	{Name: "received", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, s.ae.Signer, received) },
		Record: "valid", Import: "invalid status.used already_imported"},
	{Name: "received at home, where nobody expected it", Bend: func(s *Scene) { s.Good(); s.about(s.cf, s.cf.Log, s.cf.Signer, received) },
		Record: "valid", Import: "invalid status.used already_imported"},
	{Name: "received with another content", Bend: func(s *Scene) {
		s.Good()
		s.about(s.ae, s.ae.Log, s.ae.Signer, func(a statement.About) statement.Body {
			a.Certificate = canonical.Hash{1}
			return received(a)
		})
	}, Record: "valid", Import: "invalid status.used already_imported"},
	{Name: "confirmed on paper, by the word of its issuer", Bend: func(s *Scene) {
		s.Good()
		s.key("CF/bangui", attesting, statement.UseOffice, -3600, year, statement.TypeAttestation)
		s.about(s.cf, s.cf.Log, attesting, attested)
	}, Record: "valid", Import: "invalid status.used attested"},
	{Name: "a discrepancy case", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, s.ae.Signer, differing) },
		Record: "valid", Import: "cannot_tell status.discrepancy case_open"},
	{Name: "first cancelled, then received", Bend: func(s *Scene) {
		s.Good()
		s.about(s.ae, s.ae.Log, s.ae.Signer, received)
		s.about(s.cf, s.cf.Log, s.cf.Signer, voided)
	}, Record: "valid", Import: "invalid status.void cancelled"},
	{Name: "printed", Bend: func(s *Scene) {
		s.Good()
		s.about(s.cf, s.cf.Log, s.cf.Signer, func(a statement.About) statement.Body {
			return &statement.Print{About: a, Paper: canonical.Hash{1}, Reason: "original"}
		})
	}, Record: "valid"},
	{Name: "cancelled by the destination", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, s.ae.Signer, voided) }, Record: "valid"},
	{Name: "replaced by the destination", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, s.ae.Signer, replaced) }, Record: "valid"},
	{Name: "reported lost by the destination", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, s.ae.Signer, lost) }, Record: "valid"},
	{Name: "cancelled by a stranger's key", Bend: func(s *Scene) { s.Good(); s.about(s.cf, s.cf.Log, stranger, voided) }, Record: "valid"},
	{Name: "cancelled by an officer alone", Bend: func(s *Scene) { s.Good(); s.about(s.cf, s.cf.Log, s.cf.Preparer, voided) }, Record: "valid"},
	{Name: "cancelled in another's log", Bend: func(s *Scene) { s.Good(); s.about(s.cf, s.ae.Log, s.cf.Signer, voided) }, Record: "valid"},
	{Name: "received by a stranger's key", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, stranger, received) }, Record: "valid"},
	{Name: "another number cancelled", Bend: func(s *Scene) {
		s.Good()
		s.about(s.cf, s.cf.Log, s.cf.Signer, func(a statement.About) statement.Body { a.Number = "CF00000099"; return voided(a) })
	}, Record: "valid"},
	{Name: "cancelled after the pack", Bend: func(s *Scene) {
		s.Good()
		s.about(s.cf, s.cf.Log, s.cf.Signer, voided)
		s.sizes[s.cf.Log.Origin] = int64(len(s.cf.Log.Leaves)) - 1
	}, Record: "valid"},
}

// lastSecond is the end of the certificate's last day, in seconds after the world’s start:
// the world's certificates are good for sixty days.
const lastSecond = (int64(today)+60)*86400 + 86399 - verifytest.Start

// fresh is a pack of an hour before the time of the question.
func (s *Scene) fresh(judged int64) { s.judged, s.packed = judged, judged-3600 }

var importCases = []Case{
	{Name: "the last second of the last day", Bend: func(s *Scene) { s.Good(); s.fresh(lastSecond) }, Record: "valid"},
	{Name: "expired", Bend: func(s *Scene) { s.Good(); s.fresh(lastSecond + 1) }, Record: "valid", Import: "invalid import.expired expired"},
	{Name: "the printed day has begun in some zone", Bend: func(s *Scene) { s.tomorrow(); s.judged = 2 * 3600 }, Record: "valid"},
	{Name: "the printed day has begun nowhere", Bend: func(s *Scene) { s.tomorrow(); s.judged = 2*3600 - 1 },
		Record: "valid", Import: "invalid import.expired not_yet_issued"},
	{Name: "another destination", Bend: func(s *Scene) { s.Good(); s.here = "EU" }, Record: "valid", Import: "invalid import.destination other_destination"},
	{Name: "no destination asked for", Bend: func(s *Scene) { s.Good(); s.here = "" }, Record: "valid"},
	{Name: "a status of seven days", Bend: func(s *Scene) { s.Good(); s.judged = packed + 7*day }, Record: "valid"},
	{Name: "a stale status", Bend: func(s *Scene) { s.Good(); s.judged = packed + 7*day + 1 }, Record: "valid", Import: "cannot_tell status.fresh stale_status"},
	{Name: "a stricter limit", Bend: func(s *Scene) { s.Good(); s.limits.StatusFor = time.Minute }, Record: "valid", Import: "cannot_tell status.fresh stale_status"},
	{Name: "the destination's log is not in the pack", Bend: func(s *Scene) { s.Good(); s.lacks = s.ae.Log.Origin },
		Record: "valid", Import: "cannot_tell status.fresh no_status"},
	{Name: "the destination has no log", Bend: func(s *Scene) {
		d := s.cf.Draft("EU", verifytest.Start+issued)
		s.here = "EU"
		s.record(d)
	}, Record: "valid"},
}

// tomorrow records a certificate whose printed day is the one after it is
// signed, at eight in the morning UTC.
func (s *Scene) tomorrow() {
	d := s.draft()
	d.Body.Issued++
	s.record(d)
}

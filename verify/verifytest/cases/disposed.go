package cases

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// step is a disposition.
func step(s statement.Step) func(statement.About) statement.Body {
	return func(a statement.About) statement.Body {
		d := &statement.Disposition{About: a, Step: s, Day: today, Reason: "the container seal was broken"}
		if s == statement.Returned {
			d.Under = "AE00000001"
		}
		return d
	}
}

// elsewhere is the same statement about other contents of the number.
func elsewhere(body func(statement.About) statement.Body) func(statement.About) statement.Body {
	return func(a statement.About) statement.Body {
		a.Certificate = canonical.Hash{1}
		return body(a)
	}
}

// endorsed corrects one field; what stood and what shall stand are committed to.
func (s *Scene) endorsed(a statement.About) statement.Body {
	root, err := commitment.Commit(make([]byte, 16), []commitment.Fact{fact(1, []string{"Exampel Trading", "Example Trading"})})
	if err != nil {
		panic(err)
	}
	return &statement.Endorsement{About: a, Field: "importer", Correction: root, Reason: "two letters exchanged"}
}

func passed(identical bool) func(statement.About) statement.Body {
	return func(a statement.About) statement.Body {
		t := &statement.Transit{About: a, In: today, Out: today, Identical: identical}
		if !identical {
			t.Remark = "opened and closed again"
		}
		return t
	}
}

// byAE lets the world's other office state something of the bundle's certificate.
func (s *Scene) byAE(bodies ...func(statement.About) statement.Body) {
	for _, b := range bodies {
		s.about(s.ae, s.ae.Log, s.ae.Signer, b)
	}
}

// byCF is byAE for the issuing office.
func (s *Scene) byCF(bodies ...func(statement.About) statement.Body) {
	for _, b := range bodies {
		s.about(s.cf, s.cf.Log, s.cf.Signer, b)
	}
}

// toEU records a certificate for a destination that has no office in this world:
// AE is then a third party.
func (s *Scene) toEU() {
	s.record(s.cf.Draft("EU", verifytest.Start+issued))
	s.here = "EU"
}

func (s *Scene) ofKind(k statement.Kind) {
	d := s.draft()
	d.Body.Kind = k
	s.record(d)
}

var disposedCases = []Case{
	{Name: "detained", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Detained)) },
		Record: "valid", Import: "invalid status.detained detained"},
	{Name: "detained and released", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Detained), step(statement.Released)) }, Record: "valid"},
	{Name: "released before it was detained", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Released), step(statement.Detained)) },
		Record: "valid", Import: "invalid status.detained detained"},
	{Name: "detained, and other contents released", Bend: func(s *Scene) {
		s.Good()
		s.byAE(step(statement.Detained), elsewhere(step(statement.Released)))
	}, Record: "valid", Import: "invalid status.detained detained"},
	{Name: "detained, and released by the issuer", Bend: func(s *Scene) {
		s.Good()
		s.byAE(step(statement.Detained))
		s.byCF(step(statement.Released))
	}, Record: "valid", Import: "invalid status.detained detained"},
	{Name: "detained, released and received", Bend: func(s *Scene) {
		s.Good()
		s.byAE(step(statement.Detained), step(statement.Released), received)
	}, Record: "valid", Import: "invalid status.used already_imported"},
	{Name: "detained where nobody expected it", Bend: func(s *Scene) { s.toEU(); s.byAE(step(statement.Detained)) },
		Record: "valid", Import: "invalid status.detained detained"},
	{Name: "returned", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Detained), step(statement.Returned)) },
		Record: "valid", Import: "invalid status.disposed returned"},
	{Name: "seized", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Seized)) },
		Record: "valid", Import: "invalid status.disposed seized"},
	{Name: "seized, then released", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Seized), step(statement.Released)) },
		Record: "valid", Import: "invalid status.disposed seized"},
	{Name: "sold", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Sold)) },
		Record: "valid", Import: "invalid status.disposed sold"},
	{Name: "destroyed", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Destroyed)) },
		Record: "valid", Import: "invalid status.disposed destroyed"},
	{Name: "other contents seized", Bend: func(s *Scene) { s.Good(); s.byAE(elsewhere(step(statement.Seized))) },
		Record: "valid", Import: "invalid status.disposed seized"},
	{Name: "seized by the issuer", Bend: func(s *Scene) { s.Good(); s.byCF(step(statement.Seized)) }, Record: "valid"},
	{Name: "detained by a stranger's key", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, stranger, step(statement.Detained)) }, Record: "valid"},
	{Name: "detained by an officer alone", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.ae.Log, s.ae.Preparer, step(statement.Detained)) }, Record: "valid"},
	{Name: "detained in another's log", Bend: func(s *Scene) { s.Good(); s.about(s.ae, s.cf.Log, s.ae.Signer, step(statement.Detained)) }, Record: "valid"},
	{Name: "received after it was returned", Bend: func(s *Scene) { s.Good(); s.byAE(step(statement.Returned), received) },
		Record: "valid", Import: "invalid status.used already_imported"},
	{Name: "received twice", Bend: func(s *Scene) { s.Good(); s.byAE(received, received) },
		Record: "valid", Import: "invalid status.used already_imported"},
	{Name: "a discrepancy case that was closed", Bend: func(s *Scene) { s.Good(); s.byAE(differing, step(statement.Released)) }, Record: "valid"},
	{Name: "a discrepancy case opened again", Bend: func(s *Scene) { s.Good(); s.byAE(differing, step(statement.Released), differing) },
		Record: "valid", Import: "cannot_tell status.discrepancy case_open"},
	{Name: "corrected by the issuer", Bend: func(s *Scene) { s.Good(); s.byCF(s.endorsed) }, Record: "valid"},
	{Name: "corrected by the destination", Bend: func(s *Scene) { s.Good(); s.byAE(s.endorsed) }, Record: "valid"},
	{Name: "opened on its way", Bend: func(s *Scene) { s.toEU(); s.byAE(passed(false)) }, Record: "valid"},
	{Name: "unopened on its way", Bend: func(s *Scene) { s.toEU(); s.byAE(passed(true)) }, Record: "valid"},
	{Name: "opened on its way, says the issuer", Bend: func(s *Scene) { s.toEU(); s.byCF(passed(false)) }, Record: "valid"},
	{Name: "its number used by another Participant", Bend: func(s *Scene) {
		s.Good()
		d := s.ae.Draft("CF", verifytest.Start+issued)
		d.Body.Number = "CF00000001"
		d.Header.Subject = statement.CertificateSubject(d.Body.Number)
		s.ae.Log.Append(s.ae.Sign(d).Statement)
	}, Record: "valid"},
	{Name: "a technical certificate", Bend: func(s *Scene) { s.ofKind(statement.KindTechnical) }, Record: "valid"},
	{Name: "a temporary export", Bend: func(s *Scene) { s.ofKind(statement.KindTemporary) }, Record: "valid"},
	{Name: "to a laboratory", Bend: func(s *Scene) { s.ofKind(statement.KindLaboratory) }, Record: "valid"},
	{Name: "a return", Bend: func(s *Scene) { s.ofKind(statement.KindReturn) }, Record: "valid"},
}

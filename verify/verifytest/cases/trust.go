package cases

import (
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const (
	day  = 86400
	year = 366 * day
)

var trustCases = []Case{
	{Name: "good", Bend: (*Scene).Good, Record: "valid"},
	{Name: "the root has expired", Bend: func(s *Scene) { s.Good(); s.judged = year },
		Record: "cannot_tell trust.current root_expired", Import: "invalid import.expired expired"},
	{Name: "the last second of the root", Bend: func(s *Scene) { s.Good(); s.judged = year - 1 },
		Record: "valid", Import: "invalid import.expired expired"},
	{Name: "a clock before the root", Bend: func(s *Scene) { s.Good(); s.judged = -3600 - 301 },
		Record: "cannot_tell trust.current clock_before_root"},
	{Name: "clocks differ by five minutes", Bend: func(s *Scene) { s.Good(); s.judged = cosigned - 300 }, Record: "valid"},
	{Name: "SYNTHETIC in the real world", Bend: func(s *Scene) { s.Good(); s.Root.Synthetic = false; s.newRoot() },
		Record: "invalid trust.synthetic other_world"},
	{Name: "not SYNTHETIC in the made-up world", Bend: func(s *Scene) { d := s.draft(); d.Header.Synthetic = false; s.record(d) },
		Record: "invalid trust.synthetic other_world"},
}

var formCases = []Case{
	{Name: "cut short", Bend: func(s *Scene) { s.Good(); s.Bundle.Statement = s.Bundle.Statement[:100] }, Record: "invalid form damaged"},
	{Name: "no statement at all", Bend: func(s *Scene) { s.Good(); s.Bundle = &bundle.Bundle{} }, Record: "invalid form damaged"},
	{Name: "a statement of another type", Bend: func(s *Scene) {
		s.Good()
		h, a := s.cf.About("CF00000001", s.Bundle.Statement, verifytest.Start)
		s.Bundle.Statement = s.cf.Signer.Statement(h, &statement.Void{About: a, Reason: "x"})
	}, Record: "invalid form not_a_certificate"},
	{Name: "the number of another Participant", Bend: func(s *Scene) {
		d := s.draft()
		d.Body.Number = "AE00000001"
		d.Header.Subject = statement.CertificateSubject(d.Body.Number)
		s.record(d)
	}, Record: "invalid form number_of_another"},
	{Name: "the subject of another certificate", Bend: func(s *Scene) {
		d := s.draft()
		d.Header.Subject = statement.CertificateSubject("CF00000099")
		s.record(d)
	}, Record: "invalid form number_of_another"},
	{Name: "one officer as both", Bend: func(s *Scene) {
		s.sign(s.draft())
		p, v := s.cf.Preparer.Key.ID(), s.cf.Validator.Key.ID()
		s.forge(v[:], p[:])
		s.logged(s.cf.Log, cosigned)
	}, Record: "invalid form damaged"},
}

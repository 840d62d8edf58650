package cases

import "adamas.example/verify/statement"

// inLog signs a certificate and logs it, with no proof: the pack must tell when.
func (s *Scene) inLog() {
	s.sign(s.draft())
	s.cf.Log.Append(s.Bundle.Statement)
}

// limit is the last second in which a certificate of the daily numbers is recorded
// in time.
const limit = issued + 3600 + 300

// seriesCases have no proof with the certificate, and a pack whose earlier
// checkpoints bound the time of its record.
var seriesCases = []Case{
	{Name: "the pack shows that it was in time", Bend: func(s *Scene) { s.seen(30); s.inLog(); s.seen(cosigned); s.another(); s.packed = judged }, Record: "valid"},
	{Name: "the pack shows the last second", Bend: func(s *Scene) { s.inLog(); s.seen(limit); s.another(); s.packed = judged }, Record: "valid"},
	{Name: "the pack shows that it was late", Bend: func(s *Scene) { s.seen(limit + 1); s.inLog(); s.seen(limit + 60); s.another(); s.packed = judged },
		Record: "cannot_tell record.time not_recorded_in_time", Import: "invalid record.time not_recorded_in_time"},
	{Name: "the pack's last word is that it was late", Bend: func(s *Scene) { s.seen(limit + 1); s.inLog(); s.packed = judged },
		Record: "cannot_tell record.time not_recorded_in_time", Import: "invalid record.time not_recorded_in_time"},
	{Name: "the limit lies between two of the pack", Bend: func(s *Scene) { s.seen(limit); s.inLog(); s.seen(limit + 1); s.another(); s.packed = judged },
		Record: "valid", Import: "cannot_tell record.time no_proof_of_time"},
	{Name: "the pack shows that it was recorded before it says it was issued", Bend: func(s *Scene) { s.inLog(); s.seen(issued - 301); s.another() },
		Record: "invalid record.time issued_after_record"},
	{Name: "late by the pack, and a proof that it was not", Bend: func(s *Scene) { s.Good(); s.packed = judged; s.series = nil }, Record: "valid"},
	{Name: "in time by a checkpoint of the witnesses of before", Bend: func(s *Scene) {
		s.inLog()
		s.seen(cosigned)
		s.another()
		s.newWitness(cosigned + 1)
		s.packed = judged
	}, Record: "valid"},
	{Name: "in time by the pack, and cancelled", Bend: func(s *Scene) {
		s.inLog()
		s.seen(cosigned)
		s.byCF(func(a statement.About) statement.Body { return voided(a) })
		s.packed = judged
	}, Record: "valid", Import: "invalid status.void cancelled"},
}

package cases

import (
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

var recordCases = []Case{
	{Name: "a proof of one pillar too few", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, "gov1", "ind1") },
		Record: "cannot_tell record.witnesses too_few_witnesses", Import: "invalid record.witnesses too_few_witnesses"},
	{Name: "two witnesses of one pillar are not two pillars", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, "gov1", "gov2", "ind1", "ind2") },
		Record: "cannot_tell record.witnesses too_few_witnesses", Import: "invalid record.witnesses too_few_witnesses"},
	{Name: "one pillar too few, and a newer pack that has it: the paper must hold", Bend: func(s *Scene) {
		s.sign(s.draft())
		s.logged(s.cf.Log, cosigned, "gov1", "ind1")
		s.packed = judged
	}, Record: "cannot_tell record.witnesses too_few_witnesses", Import: "invalid record.witnesses too_few_witnesses"},
	{Name: "one pillar too few, from a station that may be offline", Bend: func(s *Scene) {
		s.sign(s.offline())
		s.logged(s.cf.Log, cosigned, "gov1", "ind1")
	}, Record: "cannot_tell record.witnesses too_few_witnesses"},
	{Name: "all six witnesses", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, verifytest.WitnessLabels...) }, Record: "valid"},
	{Name: "a damaged proof", Bend: func(s *Scene) { s.Good(); s.Bundle.Proof = s.Bundle.Proof[:40] }, Record: "invalid record.proof damaged"},
	{Name: "an index with a sign", Bend: func(s *Scene) {
		s.Good()
		s.bendProof(func(p string) string { return strings.Replace(p, "index ", "index +", 1) })
	},
		Record: "invalid record.proof damaged"},
	{Name: "a witness that no policy names", Bend: func(s *Scene) {
		s.Good()
		s.Bundle.Proof = append(s.Bundle.Proof, strangeLine(s.cf.Log.Body(int64(len(s.cf.Log.Leaves))), verifytest.Start+cosigned)...)
	}, Record: "cannot_tell record.proof unknown_log_or_witness"},
	{Name: "a log that the root does not name", Bend: func(s *Scene) {
		l := s.NewLog("other.kp.example/2026")
		s.sign(s.draft())
		s.logged(l, cosigned)
		s.lacks = l.Origin
	}, Record: "cannot_tell record.proof unknown_log_or_witness"},
	{Name: "a false cosignature", Bend: func(s *Scene) { s.Good(); s.bendProof(BendLastSignature) },
		Record: "invalid record.proof false_checkpoint"},
	{Name: "a cosignature twice", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, "gov1", "ind1", "civ1", "civ1") },
		Record: "invalid record.proof false_checkpoint"},
	{Name: "another key in the log's name", Bend: func(s *Scene) { s.Good(); s.relog(func(body string) string { return falseLog(s.cf.Log, body) }) },
		Record: "invalid record.proof false_checkpoint"},
	{Name: "not signed by the log", Bend: func(s *Scene) { s.Good(); s.relog(func(string) string { return "" }) },
		Record: "invalid record.proof false_checkpoint"},
	{Name: "the path of another leaf", Bend: func(s *Scene) {
		s.Good()
		first := s.Bundle.Statement
		s.Good()
		s.Bundle.Statement = first
	}, Record: "invalid record.proof not_in_log"},
	{Name: "another index", Bend: func(s *Scene) {
		s.Good()
		s.bendProof(func(p string) string { return strings.Replace(p, "index 6", "index 5", 1) })
	},
		Record: "invalid record.proof not_in_log"},
	{Name: "an index beyond the log", Bend: func(s *Scene) {
		s.Good()
		s.bendProof(func(p string) string { return strings.Replace(p, "index 6", "index 7", 1) })
	},
		Record: "invalid record.proof not_in_log"},
	{Name: "a fork of the same size", Bend: func(s *Scene) { s.fork(); s.another() }, Record: "invalid record.consistent forked_log"},
	{Name: "a fork that the pack has grown past", Bend: func(s *Scene) { s.fork(); s.another(); s.another() }, Record: "invalid record.consistent forked_log"},
	{Name: "a proof larger than the pack", Bend: func(s *Scene) {
		s.Good()
		s.sizes[s.cf.Log.Origin] = int64(len(s.cf.Log.Leaves)) - 1
	}, Record: "valid"},
	{Name: "a log that is not its home", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.ae.Log, cosigned) },
		Record: "invalid record.home not_home"},
	{Name: "home no longer", Bend: func(s *Scene) { s.Good(); s.moved() }, Record: "invalid record.home not_home"},
	{Name: "the fallback log", Bend: func(s *Scene) { l := s.fallback(); s.sign(s.draft()); s.logged(l, cosigned) }, Record: "valid"},
	{Name: "a Participant that the root does not name", Bend: func(s *Scene) {
		d := s.draft()
		d.Header.Issuer, d.Body.Number, d.Body.Station = "SL/freetown", "SL00000001", "SL/freetown/pc-1"
		d.Header.Subject = "certificate/" + d.Body.Number
		d.Body.Range[0] ^= 1
		s.cf.Preparer, s.cf.Validator = stranger, verifytest.NewSigner("another stranger")
		d.Body.Preparer, d.Body.Validator = s.cf.Preparer.Key.ID(), s.cf.Validator.Key.ID()
		own := s.cf.Signer
		s.cf.Signer = verifytest.NewSigner("a third")
		s.record(d)
		s.cf.Signer = own
	}, Record: "cannot_tell record.home unknown_participant"},
	{Name: "recorded in the last second", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.cf.Log, issued+3600+300) }, Record: "valid"},
	{Name: "recorded late", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.cf.Log, issued+3600+301) },
		Record: "cannot_tell record.time recorded_late", Import: "invalid record.time recorded_late"},
	{Name: "a station that may be offline has more time", Bend: func(s *Scene) { s.sign(s.offline()); s.logged(s.cf.Log, issued+3600+301) }, Record: "valid"},
	{Name: "issued after its record", Bend: func(s *Scene) { s.sign(s.draft()); s.logged(s.cf.Log, issued-301) },
		Record: "invalid record.time issued_after_record"},
	{Name: "a clock before the record", Bend: func(s *Scene) { s.Good(); s.judged = cosigned - 301 },
		Record: "cannot_tell record.time clock_before_record"},
}

// packCases have no proof with the certificate: the pack must tell.
var packCases = []Case{
	{Name: "the pack has it", Bend: func(s *Scene) { s.Good(); s.Bundle.Proof = nil }, Record: "valid"},
	{Name: "the pack has it, and is of later than the limit", Bend: func(s *Scene) { s.Good(); s.Bundle.Proof = nil; s.packed = issued + 3600 + 301 },
		Record: "valid", Import: "cannot_tell record.time no_proof_of_time"},
	{Name: "the pack has it, and it is home no longer", Bend: func(s *Scene) { s.Good(); s.Bundle.Proof = nil; s.moved() }, Record: "invalid record.home not_home"},
	{Name: "the pack has it, and a copy that does not count", Bend: func(s *Scene) {
		s.Good()
		s.Bundle.Proof = nil
		l := s.moved()
		l.Append(s.Bundle.Statement)
	}, Record: "valid"},
	{Name: "the pack has it, and a copy where home had not begun", Bend: func(s *Scene) {
		s.Good()
		s.Bundle.Proof = nil
		l := s.moved()
		l.Append(s.Bundle.Statement)
		homes := s.Root.Participants[1].Homes
		homes[0].Until, homes[1].From = homes[0].Until+1, 1
		s.newRoot()
	}, Record: "valid"},
	{Name: "no record, and the pack is older than the limit", Bend: func(s *Scene) { s.sign(s.draft()) },
		Record: "cannot_tell record.proof no_record", Import: "invalid record.proof no_record"},
	{Name: "no record, and the pack is newer", Bend: func(s *Scene) { s.sign(s.draft()); s.packed = issued + 3600 + 301 },
		Record: "invalid record.proof no_record"},
	{Name: "no record, and the pack lacks the fallback log", Bend: func(s *Scene) {
		l := s.fallback()
		s.sign(s.draft())
		s.packed, s.lacks = issued+3600+301, l.Origin
	}, Record: "cannot_tell record.proof no_record", Import: "invalid record.proof no_record"},
	{Name: "no record, from a station that may be offline", Bend: func(s *Scene) { s.sign(s.offline()) },
		Record: "cannot_tell record.proof no_record"},
	{Name: "no record, offline, the last second", Bend: func(s *Scene) { s.sign(s.offline()); s.judged = issued + 72*3600 },
		Record: "cannot_tell record.proof no_record"},
	{Name: "no record, offline, too late", Bend: func(s *Scene) { s.sign(s.offline()); s.judged = issued + 72*3600 + 1 },
		Record: "cannot_tell record.proof no_record", Import: "invalid record.proof no_record"},
	{Name: "no record, of a range that is not known", Bend: func(s *Scene) {
		d := s.draft()
		d.Body.Range[0] ^= 1
		s.sign(d)
	}, Record: "cannot_tell record.proof no_record"},
}

// policyCases change the root while a certificate is on its way.
var policyCases = []Case{
	{Name: "a proof made before the witnesses changed", Bend: func(s *Scene) { s.Good(); s.newWitness(cosigned + 1) }, Record: "valid"},
	{Name: "a proof by the old witnesses after they changed", Bend: func(s *Scene) { s.Good(); s.newWitness(cosigned) },
		Record: "cannot_tell record.proof unknown_log_or_witness"},
	{Name: "a proof by the new witnesses", Bend: func(s *Scene) {
		s.newWitness(cosigned)
		s.sign(s.draft())
		s.logged(s.cf.Log, cosigned+5, "gov3", "ind1", "civ1")
	}, Record: "valid"},
	{Name: "an old witness sets its clock back", Bend: func(s *Scene) {
		s.sign(s.draft())
		i, l := s.cf.Log.Append(s.Bundle.Statement), s.cf.Log
		size := int64(len(l.Leaves))
		body := l.Body(size)
		s.Bundle.Proof = canonical.Text(l.Proof(i, size, l.Checkpoint(size, verifytest.Start+200, "ind1", "civ1")+s.Witnesses["gov1"].Cosign(body, verifytest.Start+50).String()).String())
		s.newWitness(100)
	}, Record: "cannot_tell record.proof unknown_log_or_witness"},
	{Name: "a log that the new root no longer names", Bend: func(s *Scene) {
		l := s.fallback()
		s.sign(s.draft())
		s.logged(l, cosigned)
		s.lacks = l.Origin
		s.next(cosigned+1, func(r *trust.Root) { r.Logs, r.Participants[1].Fallback = r.Logs[:2], "" })
	}, Record: "invalid record.home not_home"},
}

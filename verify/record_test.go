package verify_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

var recordCases = []verdictCase{
	{name: "a proof of one pillar too few", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, "gov1", "ind1") },
		record: "cannot_tell record.witnesses too_few_witnesses", imports: "invalid record.witnesses too_few_witnesses"},
	{name: "two witnesses of one pillar are not two pillars", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, "gov1", "gov2", "ind1", "ind2") },
		record: "cannot_tell record.witnesses too_few_witnesses", imports: "invalid record.witnesses too_few_witnesses"},
	{name: "one pillar too few, and a newer pack that has it: the paper must hold", bend: func(s *scene) {
		s.sign(s.draft())
		s.logged(s.cf.Log, cosigned, "gov1", "ind1")
		s.packed = judged
	}, record: "cannot_tell record.witnesses too_few_witnesses", imports: "invalid record.witnesses too_few_witnesses"},
	{name: "one pillar too few, from a station that may be offline", bend: func(s *scene) {
		s.sign(s.offline())
		s.logged(s.cf.Log, cosigned, "gov1", "ind1")
	}, record: "cannot_tell record.witnesses too_few_witnesses"},
	{name: "all six witnesses", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, verifytest.WitnessLabels...) }, record: "valid"},
	{name: "a damaged proof", bend: func(s *scene) { s.good(); s.bundle.Proof = s.bundle.Proof[:40] }, record: "invalid record.proof damaged"},
	{name: "an index with a sign", bend: func(s *scene) { s.good(); s.bundle.Proof = strings.Replace(s.bundle.Proof, "index ", "index +", 1) },
		record: "invalid record.proof damaged"},
	{name: "a witness that no policy names", bend: func(s *scene) {
		s.good()
		s.bundle.Proof += strangeLine(s.cf.Log.Body(int64(len(s.cf.Log.Leaves))), start+cosigned)
	}, record: "cannot_tell record.proof unknown_log_or_witness"},
	{name: "a log that the root does not name", bend: func(s *scene) {
		l := s.NewLog("other.kp.example/2026")
		s.sign(s.draft())
		s.logged(l, cosigned)
		s.lacks = l.Origin
	}, record: "cannot_tell record.proof unknown_log_or_witness"},
	{name: "a false cosignature", bend: func(s *scene) { s.good(); s.bundle.Proof = bendLastSignature(s.t, s.bundle.Proof) },
		record: "invalid record.proof false_checkpoint"},
	{name: "a cosignature twice", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.cf.Log, cosigned, "gov1", "ind1", "civ1", "civ1") },
		record: "invalid record.proof false_checkpoint"},
	{name: "another key in the log's name", bend: func(s *scene) { s.good(); s.relog(func(body string) string { return falseLog(s.cf.Log, body) }) },
		record: "invalid record.proof false_checkpoint"},
	{name: "not signed by the log", bend: func(s *scene) { s.good(); s.relog(func(string) string { return "" }) },
		record: "invalid record.proof false_checkpoint"},
	{name: "the path of another leaf", bend: func(s *scene) {
		s.good()
		first := s.bundle.Statement
		s.good()
		s.bundle.Statement = first
	}, record: "invalid record.proof not_in_log"},
	{name: "another index", bend: func(s *scene) { s.good(); s.bundle.Proof = strings.Replace(s.bundle.Proof, "index 6", "index 5", 1) },
		record: "invalid record.proof not_in_log"},
	{name: "an index beyond the log", bend: func(s *scene) { s.good(); s.bundle.Proof = strings.Replace(s.bundle.Proof, "index 6", "index 7", 1) },
		record: "invalid record.proof not_in_log"},
	{name: "a fork of the same size", bend: func(s *scene) { s.fork(); s.another() }, record: "invalid record.consistent forked_log"},
	{name: "a fork that the pack has grown past", bend: func(s *scene) { s.fork(); s.another(); s.another() }, record: "invalid record.consistent forked_log"},
	{name: "a proof larger than the pack", bend: func(s *scene) {
		s.good()
		s.sizes[s.cf.Log.Origin] = int64(len(s.cf.Log.Leaves)) - 1
	}, record: "valid", look: func(t *testing.T, record, _ *verify.Verdict) {
		if c := record.Check(verify.CodeFork); c.Facts["compared"] != false {
			t.Errorf("nothing was compared, and it says %v", c.Facts)
		}
	}},
	{name: "a log that is not its home", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.ae.Log, cosigned) },
		record: "invalid record.home not_home"},
	{name: "home no longer", bend: func(s *scene) { s.good(); s.moved() }, record: "invalid record.home not_home"},
	{name: "the fallback log", bend: func(s *scene) { l := s.fallback(); s.sign(s.draft()); s.logged(l, cosigned) }, record: "valid"},
	{name: "a Participant that the root does not name", bend: func(s *scene) {
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
	}, record: "cannot_tell record.home unknown_participant"},
	{name: "recorded in the last second", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.cf.Log, issued+3600+300) }, record: "valid"},
	{name: "recorded late", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.cf.Log, issued+3600+301) },
		record: "cannot_tell record.time recorded_late", imports: "invalid record.time recorded_late"},
	{name: "a station that may be offline has more time", bend: func(s *scene) { s.sign(s.offline()); s.logged(s.cf.Log, issued+3600+301) }, record: "valid"},
	{name: "issued after its record", bend: func(s *scene) { s.sign(s.draft()); s.logged(s.cf.Log, issued-301) },
		record: "invalid record.time issued_after_record"},
	{name: "a clock before the record", bend: func(s *scene) { s.good(); s.judged = cosigned - 301 },
		record: "cannot_tell record.time clock_before_record"},
}

// packCases have no proof with the certificate: the pack must tell.
var packCases = []verdictCase{
	{name: "the pack has it", bend: func(s *scene) { s.good(); s.bundle.Proof = "" }, record: "valid", look: func(t *testing.T, record, _ *verify.Verdict) {
		if c := record.Check(verify.CodeProof); c.Facts["by"] != "pack" || c.Facts["index"] != uint64(6) {
			t.Errorf("%v", c.Facts)
		}
	}},
	{name: "the pack has it, and is of later than the limit", bend: func(s *scene) { s.good(); s.bundle.Proof = ""; s.packed = issued + 3600 + 301 },
		record: "valid", imports: "cannot_tell record.time no_proof_of_time"},
	{name: "the pack has it, and it is home no longer", bend: func(s *scene) { s.good(); s.bundle.Proof = ""; s.moved() }, record: "invalid record.home not_home"},
	{name: "the pack has it, and a copy that does not count", bend: func(s *scene) {
		s.good()
		s.bundle.Proof = ""
		l := s.moved()
		l.Append(s.bundle.Statement)
	}, record: "valid"},
	{name: "the pack has it, and a copy where home had not begun", bend: func(s *scene) {
		s.good()
		s.bundle.Proof = ""
		l := s.moved()
		l.Append(s.bundle.Statement)
		homes := s.Root.Participants[1].Homes
		homes[0].Until, homes[1].From = homes[0].Until+1, 1
		s.newRoot()
	}, record: "valid"},
	{name: "no record, and the pack is older than the limit", bend: func(s *scene) { s.sign(s.draft()) },
		record: "cannot_tell record.proof no_record", imports: "invalid record.proof no_record"},
	{name: "no record, and the pack is newer", bend: func(s *scene) { s.sign(s.draft()); s.packed = issued + 3600 + 301 },
		record: "invalid record.proof no_record"},
	{name: "no record, and the pack lacks the fallback log", bend: func(s *scene) {
		l := s.fallback()
		s.sign(s.draft())
		s.packed, s.lacks = issued+3600+301, l.Origin
	}, record: "cannot_tell record.proof no_record", imports: "invalid record.proof no_record"},
	{name: "no record, from a station that may be offline", bend: func(s *scene) { s.sign(s.offline()) },
		record: "cannot_tell record.proof no_record"},
	{name: "no record, offline, the last second", bend: func(s *scene) { s.sign(s.offline()); s.judged = issued + 72*3600 },
		record: "cannot_tell record.proof no_record"},
	{name: "no record, offline, too late", bend: func(s *scene) { s.sign(s.offline()); s.judged = issued + 72*3600 + 1 },
		record: "cannot_tell record.proof no_record", imports: "invalid record.proof no_record"},
	{name: "no record, of a range that is not known", bend: func(s *scene) {
		d := s.draft()
		d.Body.Range[0] ^= 1
		s.sign(d)
	}, record: "cannot_tell record.proof no_record"},
}

// policyCases change the root while a certificate is on its way.
var policyCases = []verdictCase{
	{name: "a proof made before the witnesses changed", bend: func(s *scene) { s.good(); s.newWitness(cosigned + 1) }, record: "valid"},
	{name: "a proof by the old witnesses after they changed", bend: func(s *scene) { s.good(); s.newWitness(cosigned) },
		record: "cannot_tell record.proof unknown_log_or_witness"},
	{name: "a proof by the new witnesses", bend: func(s *scene) {
		s.newWitness(cosigned)
		s.sign(s.draft())
		s.logged(s.cf.Log, cosigned+5, "gov3", "ind1", "civ1")
	}, record: "valid"},
	{name: "an old witness sets its clock back", bend: func(s *scene) {
		s.sign(s.draft())
		i, l := s.cf.Log.Append(s.bundle.Statement), s.cf.Log
		size := int64(len(l.Leaves))
		body := l.Body(size)
		s.bundle.Proof = l.Proof(i, size, l.Checkpoint(size, start+200, "ind1", "civ1")+s.Witnesses["gov1"].Cosign(body, start+50).String()).String()
		s.newWitness(100)
	}, record: "cannot_tell record.proof unknown_log_or_witness"},
	{name: "a log that the new root no longer names", bend: func(s *scene) {
		l := s.fallback()
		s.sign(s.draft())
		s.logged(l, cosigned)
		s.lacks = l.Origin
		s.next(cosigned+1, func(r *trust.Root) { r.Logs, r.Participants[1].Fallback = r.Logs[:2], "" })
	}, record: "invalid record.home not_home"},
}

// offline is a draft with a number of the range for work without network.
func (s *scene) offline() *verifytest.Draft {
	d := s.draft()
	d.Body.Range, d.Body.Number = s.cf.Offline, "CF01000001"
	d.Header.Subject = "certificate/" + d.Body.Number
	return d
}

// relog writes the proof's checkpoint again with another line for the log.
func (s *scene) relog(line func(body string) string) {
	l := s.cf.Log
	k := policy.LogVKey(l.Origin, l.Signer.Public())
	body := l.Body(int64(len(l.Leaves)))
	head, tail, ok := strings.Cut(s.bundle.Proof, "— "+k.Name+" ")
	if !ok {
		s.t.Fatal("the log has not signed")
	}
	_, tail, _ = strings.Cut(tail, "\n")
	s.bundle.Proof = head + line(body) + tail
}

// bendLastSignature changes a byte in the middle of the last signature.
func bendLastSignature(t *testing.T, proof string) string {
	at := strings.LastIndexByte(strings.TrimSuffix(proof, "\n"), ' ') + 1
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(proof[at:], "\n"))
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	return proof[:at] + base64.StdEncoding.EncodeToString(raw) + "\n"
}

// fork makes the bundle in a second world with the same keys, whose log holds
// another certificate at the same place than this one will.
func (s *scene) fork() {
	other := newScene(s.t)
	d := other.draft()
	d.Body.Expires++
	other.record(d)
	s.bundle = other.bundle
}

// another records a certificate that is not the one to be judged.
func (s *scene) another() { s.cf.Record(s.cf.Sign(s.draft()), start+cosigned) }

// moved ends CF's home log before its last entry and opens another.
func (s *scene) moved() *verifytest.Log {
	old := s.cf.Log
	l := s.NewLog("cf2.kp.example/2026")
	s.Root.Logs = append(s.Root.Logs, trust.Log{Origin: l.Origin, Policy: s.Policy(l)})
	s.Root.Participants[1].Homes = []trust.Home{{Origin: old.Origin, Until: uint64(len(old.Leaves)) - 1}, {Origin: l.Origin}}
	s.newRootLogs()
	return l
}

// next makes the root's next version, issued so many seconds after start.
func (s *scene) next(after int64, change func(*trust.Root)) {
	v1, err := s.Root.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	r := *s.Root
	r.Participants = append([]trust.Participant(nil), s.Root.Participants...)
	r.Logs = append([]trust.Log(nil), s.Root.Logs...)
	r.Version, r.Issued, r.Prev = 2, start+after, canonical.Sum(v1)
	change(&r)
	s.Roots = append(s.Roots, s.SignRoot(&r))
}

// newWitness puts gov3 in the place of both witnesses of government.
func (s *scene) newWitness(after int64) {
	k := verifytest.NewSigner("witness gov3")
	w := verifytest.Witness{Signer: k, Pillar: policy.Government, Label: "gov3", VKey: policy.WitnessVKey("witness.gov3.example/w", k.Public())}
	s.Witnesses["gov3"] = w
	s.next(after, func(r *trust.Root) {
		for i := range r.Logs {
			r.Logs[i].Policy = strings.NewReplacer(
				"witness gov1 "+s.Witnesses["gov1"].VKey.String(), "witness gov3 "+w.VKey.String(),
				"witness gov2 "+s.Witnesses["gov2"].VKey.String()+"\n", "",
				"any gov1 gov2", "any gov3").Replace(r.Logs[i].Policy)
		}
	})
	s.witnesses = []string{"gov3", "ind1", "civ1"}
}

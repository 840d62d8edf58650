package cases

import (
	"encoding/base64"
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// offline is a draft with a number of the range for work without network.
func (s *Scene) offline() *verifytest.Draft {
	d := s.draft()
	d.Body.Range, d.Body.Number = s.cf.Offline, "CF01000001"
	d.Header.Subject = "certificate/" + d.Body.Number
	return d
}

// relog writes the proof's checkpoint again with another line for the log.
func (s *Scene) relog(line func(body string) string) {
	l := s.cf.Log
	k := policy.LogVKey(l.Origin, l.Signer.Public())
	body := l.Body(int64(len(l.Leaves)))
	head, tail, ok := strings.Cut(s.Bundle.Proof.String(), "— "+k.Name+" ")
	if !ok {
		panic("the log has not signed")
	}
	_, tail, _ = strings.Cut(tail, "\n")
	s.Bundle.Proof = canonical.Text(head + line(body) + tail)
}

// BendLastSignature changes a byte in the middle of the last signature of a proof.
func BendLastSignature(proof string) string {
	at := strings.LastIndexByte(strings.TrimSuffix(proof, "\n"), ' ') + 1
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(proof[at:], "\n"))
	if err != nil {
		panic(err)
	}
	raw[len(raw)/2] ^= 1
	return proof[:at] + base64.StdEncoding.EncodeToString(raw) + "\n"
}

// fork makes the bundle in a second world with the same keys, whose log holds
// another certificate at the same place than this one will.
func (s *Scene) fork() {
	other := New()
	d := other.draft()
	d.Body.Expires++
	other.record(d)
	s.Bundle = other.Bundle
}

// another records a certificate that is not the one to be judged.
func (s *Scene) another() { s.cf.Record(s.cf.Sign(s.draft()), verifytest.Start+cosigned) }

// moved ends CF's home log before its last entry and opens another.
func (s *Scene) moved() *verifytest.Log {
	old := s.cf.Log
	l := s.NewLog("cf2.kp.example/2026")
	s.Root.Logs = append(s.Root.Logs, trust.Log{Origin: l.Origin, Policy: s.Policy(l)})
	s.Root.Participants[1].Homes = []trust.Home{{Origin: old.Origin, Until: uint64(len(old.Leaves)) - 1}, {Origin: l.Origin}}
	s.newRootLogs()
	return l
}

// next makes the root's next version, issued so many seconds after the world’s start.
func (s *Scene) next(after int64, change func(*trust.Root)) {
	v1, err := s.Root.Encode()
	if err != nil {
		panic(err)
	}
	r := *s.Root
	r.Participants = append([]trust.Participant(nil), s.Root.Participants...)
	r.Logs = append([]trust.Log(nil), s.Root.Logs...)
	r.Version, r.Issued, r.Prev = 2, verifytest.Start+after, canonical.Sum(v1)
	change(&r)
	s.Roots = append(s.Roots, s.SignRoot(&r))
}

// newWitness puts gov3 in the place of both witnesses of government.
func (s *Scene) newWitness(after int64) {
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

func (s *Scene) bendProof(bend func(text string) string) {
	s.Bundle.Proof = canonical.Text(bend(s.Bundle.Proof.String()))
}

// Package cases is what can come to a certificate, one scene each: a SYNTHETIC
// world bent in one way, and what package verify says of it for both purposes.
// The verifier, its words in every language and its form for the browser are all
// held against the same list.
//
// Like verifytest it takes no testing.T: a scene that cannot be built is a
// mistake in this package, and panics.
package cases

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"time"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// Case is one way in which a world is bent, and what comes of it for each purpose,
// as Told prints it. An empty Import means the same as Record.
type Case struct {
	Name   string
	Bend   func(*Scene)
	Record string
	Import string
}

// All lists the cases. Their names differ.
func All() []Case {
	return slices.Concat(trustCases, formCases, recordCases, packCases, seriesCases, policyCases, issuerCases, officerCases, numberCases, factCases, paperCases, lifeCases, disposedCases, importCases)
}

// Scene builds the case's world.
func (c Case) Scene() *Scene {
	s := New()
	c.Bend(s)
	return s
}

// The clock of most scenes, in seconds after start: a certificate is issued,
// cosigned ten seconds later, and judged when the pack is an hour old.
const (
	issued   = 60
	cosigned = 70
	packed   = 3600
	judged   = 7200
)

// Scene is a world that a test bends, and the question it asks at the end.
type Scene struct {
	*verifytest.World
	cf, ae *verifytest.Office

	Bundle    *bundle.Bundle    // what is judged
	judged    int64             // seconds after the world’s start
	packed    int64             // when the pack's checkpoints were cosigned
	lacks     string            // origin of a log that the pack lacks
	sizes     map[string]int64  // origin -> how much of the log the pack holds; absent: all
	series    []stamp           // earlier checkpoints of CF's log in the pack
	witnesses []string          // who cosigns the pack; nil: one of each pillar
	limits    verify.Limits     // of the question; zero: the defaults
	here      string            // destination that is asked for
	paper     *canonical.Hash   // of the PDF in hand; nil: there is none
	snapshot  verifytest.Signer // who signs the pack's snapshot
}

// New is the world as it is, with nothing recorded yet.
func New() *Scene {
	w := verifytest.New()
	s := &Scene{World: w, cf: w.Offices["CF/bangui"], ae: w.Offices["AE/dubai"], judged: judged, packed: packed,
		sizes: map[string]int64{}, here: "AE"}
	s.snapshot = s.cf.Signer
	return s
}

// stamp is an earlier checkpoint of a log, cosigned by one witness of each pillar.
type stamp struct{ size, at int64 }

// seen lets the pack hold a checkpoint of CF's log as it is now.
func (s *Scene) seen(at int64) {
	s.series = append(s.series, stamp{int64(len(s.cf.Log.Leaves)), at})
}

// draft is a certificate that a test bends before it is signed.
func (s *Scene) draft() *verifytest.Draft { return s.cf.Draft("AE", verifytest.Start+issued) }

// sign signs a draft; nothing is logged.
func (s *Scene) sign(d *verifytest.Draft) { s.Bundle = s.cf.Sign(d) }

// record signs a draft, logs it at home and joins a proof.
func (s *Scene) record(d *verifytest.Draft) {
	s.sign(d)
	s.cf.Record(s.Bundle, verifytest.Start+cosigned)
}

// Good records an ordinary certificate.
func (s *Scene) Good() { s.record(s.draft()) }

// logged puts the bundle's statement into a log and joins a proof by the given
// witnesses (none: one of each pillar).
func (s *Scene) logged(l *verifytest.Log, t int64, witnesses ...string) {
	i := l.Append(s.Bundle.Statement)
	s.Prove(l, i, verifytest.Start+t, witnesses...)
}

// Prove joins a proof of an entry, cosigned at time t (seconds since 1970).
func (s *Scene) Prove(l *verifytest.Log, i, t int64, witnesses ...string) {
	size := int64(len(l.Leaves))
	s.Bundle.Proof = canonical.Text(l.Proof(i, size, l.Checkpoint(size, t, witnesses...)).String())
}

// authority logs a statement of CF's authority.
func (s *Scene) authority(subject string, b statement.Body) []byte {
	st := s.Authority["CF"].Statement(statement.Header{Issuer: "CF/authority", IssuedAt: verifytest.Start, Subject: subject, Synthetic: true}, b)
	s.cf.Log.Append(st)
	return st
}

// key logs an office key or an officer's.
func (s *Scene) key(office string, k verifytest.Signer, use statement.Use, from, until int64, types ...statement.Type) {
	name := ""
	if use == statement.UseOffice {
		name = "SYNTHETIC office " + office
	}
	s.authority("key/"+k.Key.ID().String(), &statement.OfficeKey{Office: office, Name: name, Use: use, Key: k.Key,
		From: verifytest.Start + from, Until: verifytest.Start + until, Types: types})
}

// revoke logs the end of a key, at the log's present size.
func (s *Scene) revoke(k verifytest.Signer) {
	l := s.cf.Log
	root, err := policy.ParseCheckpoint(l.Checkpoint(int64(len(l.Leaves)), verifytest.Start))
	if err != nil {
		panic(err)
	}
	s.authority("key/"+k.Key.ID().String(), &statement.KeyRevoked{Key: k.Key.ID(), Reason: "stolen",
		CutOff: []statement.Vector{{Origin: l.Origin, Size: uint64(root.Size), Root: root.Root}}})
}

// about logs a later statement on the bundle's certificate by an office.
func (s *Scene) about(o *verifytest.Office, l *verifytest.Log, k verifytest.Signer, body func(statement.About) statement.Body) {
	st, err := statement.Parse(s.Bundle.Statement)
	if err != nil {
		panic(err)
	}
	h, a := o.About(st.Body.(*statement.Certificate).Number, s.Bundle.Statement, verifytest.Start+600)
	l.Append(k.Statement(h, body(a)))
}

// numbers logs a range of CF and gives its hash.
func (s *Scene) numbers(r statement.NumberRange) canonical.Hash {
	r.Participant, r.Digits = "CF", 8
	return canonical.Sum(s.authority("range/other", &r))
}

// newRoot signs the world's root again, after a test has bent it.
func (s *Scene) newRoot() { s.Roots = [][]byte{s.SignRoot(s.Root)} }

// Pack makes the pack of the scene.
func (s *Scene) Pack() []byte {
	var sources []pack.Source
	for _, l := range s.Logs {
		if l.Origin == s.lacks {
			continue
		}
		size, cut := s.sizes[l.Origin]
		if !cut {
			size = int64(len(l.Leaves))
		}
		src := pack.Source{Checkpoint: l.Checkpoint(size, verifytest.Start+s.packed, s.witnesses...), Leaves: l.Leaves[:size]}
		for _, e := range s.series {
			if l == s.cf.Log {
				src.Series = append(src.Series, l.Checkpoint(e.size, verifytest.Start+e.at))
			}
		}
		sources = append(sources, src)
	}
	d, err := pack.Prepare(s.Roots, sources)
	if err != nil {
		panic(err)
	}
	snap, office := d.Snapshot, s.cf.ID
	if s.snapshot.Key.ID() == s.ae.Signer.Key.ID() {
		office = s.ae.ID
	}
	b, err := d.Finish(s.snapshot.Statement(statement.Header{Issuer: office, IssuedAt: verifytest.Start + s.packed, Subject: "snapshot", Synthetic: s.Root.Synthetic}, &snap))
	if err != nil {
		panic(err)
	}
	return b
}

// Verifier reads the pack.
func (s *Scene) Verifier() *verify.Verifier {
	p, err := pack.Parse(s.Pack(), canonical.Hash{})
	if err != nil {
		panic(err)
	}
	return verify.New(p)
}

// Options is the scene's question.
func (s *Scene) Options(p verify.Purpose) verify.Options {
	return verify.Options{Purpose: p, At: time.Unix(verifytest.Start+s.judged, 0).UTC(), Destination: s.here, Limits: s.limits, Paper: s.paper}
}

// Judge asks for both purposes.
func (s *Scene) Judge() (record, imports *verify.Verdict) {
	v := s.Verifier()
	return v.Verify(s.Bundle, s.Options(verify.Record)), v.Verify(s.Bundle, s.Options(verify.Import))
}

// Told is a verdict in one line: the outcome, and what decided it.
func Told(v *verify.Verdict) string {
	if c := v.Failed(); c != nil {
		return string(c.Outcome) + " " + string(c.Code) + " " + c.Reason
	}
	return string(v.Outcome)
}

// forge signs a payload that no honest program would encode: a good one with a
// part of the same length replaced.
func (s *Scene) forge(from, to []byte) {
	st, err := statement.ParseSign1(s.Bundle.Statement)
	if err != nil {
		panic(err)
	}
	if strings.Count(string(st.Payload), string(from)) != 1 || len(from) != len(to) {
		panic(fmt.Sprintf("%x stands not once in the payload", from))
	}
	s.Bundle.Statement = s.cf.Signer.Sign(statement.ContentStatement, []byte(strings.Replace(string(st.Payload), string(from), string(to), 1)), false)
}

// commit replaces the facts of a draft.
func commit(d *verifytest.Draft, facts ...commitment.Fact) {
	root, err := commitment.Commit(d.Seed, facts)
	if err != nil {
		panic(err)
	}
	d.Facts, d.Body.Facts = facts, root
}

func fact(label verify.Label, value any) commitment.Fact {
	f, err := commitment.NewFact(label, value)
	if err != nil {
		panic(err)
	}
	return f
}

// fallback opens a third log, CF's fallback, and names it in the root.
func (s *Scene) fallback() *verifytest.Log {
	l := s.NewLog("fallback.kp.example/2026")
	s.Root.Logs = append(s.Root.Logs, trust.Log{Origin: l.Origin, Policy: s.Policy(l)})
	s.Root.Participants[1].Fallback = l.Origin
	s.newRootLogs()
	return l
}

// newRootLogs sorts the root's logs and signs it.
func (s *Scene) newRootLogs() {
	logs := s.Root.Logs
	for i := len(logs) - 1; i > 0 && logs[i-1].Origin > logs[i].Origin; i-- {
		logs[i-1], logs[i] = logs[i], logs[i-1]
	}
	s.newRoot()
}

// stranger is a key that nothing names.
var stranger = verifytest.NewSigner("stranger")

// strangeLine is a cosignature by a witness that no policy names.
func strangeLine(body string, t int64) string {
	w := verifytest.Witness{Signer: stranger, VKey: policy.WitnessVKey("witness.stranger.example/w", stranger.Public())}
	return w.Cosign(body, t).String()
}

// falseLog is the log's line over a body, signed by another key.
func falseLog(l *verifytest.Log, body string) string {
	k := policy.LogVKey(l.Origin, l.Signer.Public())
	return policy.SignatureLine{Name: l.Origin, Hash: k.Hash, Sig: ed25519.Sign(stranger.Private, []byte(body))}.String()
}

package verify_test

import (
	"crypto/ed25519"
	"strings"
	"testing"

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

// The clock of most scenes, in seconds after start: a certificate is issued,
// cosigned ten seconds later, and judged when the pack is an hour old.
const (
	issued   = 60
	cosigned = 70
	packed   = 3600
	judged   = 7200
)

// scene is a world that a test bends, and the question it asks at the end.
type scene struct {
	*verifytest.World
	t      *testing.T
	cf, ae *verifytest.Office

	bundle    *bundle.Bundle
	judged    int64             // seconds after start
	packed    int64             // when the pack's checkpoints were cosigned
	lacks     string            // origin of a log that the pack lacks
	sizes     map[string]int64  // origin -> how much of the log the pack holds; absent: all
	witnesses []string          // who cosigns the pack; nil: one of each pillar
	limits    verify.Limits     //
	here      string            // destination that is asked for
	snapshot  verifytest.Signer // who signs the pack's snapshot
}

func newScene(t *testing.T) *scene {
	w := verifytest.New()
	s := &scene{World: w, t: t, cf: w.Offices["CF/bangui"], ae: w.Offices["AE/dubai"], judged: judged, packed: packed,
		sizes: map[string]int64{}, here: "AE"}
	s.snapshot = s.cf.Signer
	return s
}

// draft is a certificate that a test bends before it is signed.
func (s *scene) draft() *verifytest.Draft { return s.cf.Draft("AE", start+issued) }

// sign signs a draft; nothing is logged.
func (s *scene) sign(d *verifytest.Draft) { s.bundle = s.cf.Sign(d) }

// record signs a draft, logs it at home and joins a proof.
func (s *scene) record(d *verifytest.Draft) {
	s.sign(d)
	s.cf.Record(s.bundle, start+cosigned)
}

// good records an ordinary certificate.
func (s *scene) good() { s.record(s.draft()) }

// logged puts the bundle's statement into a log and joins a proof by the given
// witnesses (none: one of each pillar).
func (s *scene) logged(l *verifytest.Log, t int64, witnesses ...string) {
	i := l.Append(s.bundle.Statement)
	s.prove(l, i, start+t, witnesses...)
}

func (s *scene) prove(l *verifytest.Log, i, t int64, witnesses ...string) {
	size := int64(len(l.Leaves))
	s.bundle.Proof = l.Proof(i, size, l.Checkpoint(size, t, witnesses...)).String()
}

// authority logs a statement of CF's authority.
func (s *scene) authority(subject string, b statement.Body) []byte {
	st := s.Authority["CF"].Statement(statement.Header{Issuer: "CF/authority", IssuedAt: start, Subject: subject, Synthetic: true}, b)
	s.cf.Log.Append(st)
	return st
}

// key logs an office key or an officer's.
func (s *scene) key(office string, k verifytest.Signer, use statement.Use, from, until int64, types ...statement.Type) {
	name := ""
	if use == statement.UseOffice {
		name = "SYNTHETIC office " + office
	}
	s.authority("key/"+k.Key.ID().String(), &statement.OfficeKey{Office: office, Name: name, Use: use, Key: k.Key,
		From: start + from, Until: start + until, Types: types})
}

// revoke logs the end of a key, at the log's present size.
func (s *scene) revoke(k verifytest.Signer) {
	l := s.cf.Log
	root, err := policy.ParseCheckpoint(l.Checkpoint(int64(len(l.Leaves)), start))
	if err != nil {
		s.t.Fatal(err)
	}
	s.authority("key/"+k.Key.ID().String(), &statement.KeyRevoked{Key: k.Key.ID(), Reason: "stolen",
		CutOff: []statement.Vector{{Origin: l.Origin, Size: uint64(root.Size), Root: root.Root}}})
}

// about logs a later statement on the bundle's certificate by an office.
func (s *scene) about(o *verifytest.Office, l *verifytest.Log, k verifytest.Signer, body func(statement.About) statement.Body) {
	st, err := statement.Parse(s.bundle.Statement)
	if err != nil {
		s.t.Fatal(err)
	}
	h, a := o.About(st.Body.(*statement.Certificate).Number, s.bundle.Statement, start+600)
	l.Append(k.Statement(h, body(a)))
}

// numbers logs a range of CF and gives its hash.
func (s *scene) numbers(r statement.NumberRange) canonical.Hash {
	r.Participant, r.Digits = "CF", 8
	return canonical.Sum(s.authority("range/other", &r))
}

// newRoot signs the world's root again, after a test has bent it.
func (s *scene) newRoot() { s.Roots = [][]byte{s.SignRoot(s.Root)} }

// pack makes the pack of the scene.
func (s *scene) pack() []byte {
	var sources []pack.Source
	for _, l := range s.Logs {
		if l.Origin == s.lacks {
			continue
		}
		size, cut := s.sizes[l.Origin]
		if !cut {
			size = int64(len(l.Leaves))
		}
		sources = append(sources, pack.Source{Checkpoint: l.Checkpoint(size, start+s.packed, s.witnesses...), Leaves: l.Leaves[:size]})
	}
	d, err := pack.Prepare(s.Roots, sources)
	if err != nil {
		s.t.Fatal(err)
	}
	snap, office := d.Snapshot, s.cf.ID
	if s.snapshot.Key.ID() == s.ae.Signer.Key.ID() {
		office = s.ae.ID
	}
	b, err := d.Finish(s.snapshot.Statement(statement.Header{Issuer: office, IssuedAt: start + s.packed, Subject: "snapshot", Synthetic: s.Root.Synthetic}, &snap))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// verifier reads the pack.
func (s *scene) verifier() *verify.Verifier {
	p, err := pack.Parse(s.pack(), canonical.Hash{})
	if err != nil {
		s.t.Fatal(err)
	}
	return verify.New(p)
}

// options is the scene's question.
func (s *scene) options(p verify.Purpose) verify.Options {
	return verify.Options{Purpose: p, At: at(s.judged), Destination: s.here, Limits: s.limits}
}

// judge asks for both purposes.
func (s *scene) judge() (record, imports *verify.Verdict) {
	v := s.verifier()
	return v.Verify(s.bundle, s.options(verify.Record)), v.Verify(s.bundle, s.options(verify.Import))
}

// told is a verdict in one line: the outcome, and what decided it.
func told(v *verify.Verdict) string {
	if c := v.Failed(); c != nil {
		return string(c.Outcome) + " " + string(c.Code) + " " + c.Reason
	}
	return string(v.Outcome)
}

// forge signs a payload that no honest program would encode: a good one with a
// part of the same length replaced.
func (s *scene) forge(from, to []byte) {
	st, err := statement.ParseSign1(s.bundle.Statement)
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.Count(string(st.Payload), string(from)) != 1 || len(from) != len(to) {
		s.t.Fatalf("%x stands not once in the payload", from)
	}
	s.bundle.Statement = s.cf.Signer.Sign(statement.ContentStatement, []byte(strings.Replace(string(st.Payload), string(from), string(to), 1)), false)
}

// commit replaces the facts of a draft.
func commit(t *testing.T, d *verifytest.Draft, facts ...commitment.Fact) {
	root, err := commitment.Commit(d.Seed, facts)
	if err != nil {
		t.Fatal(err)
	}
	d.Facts, d.Body.Facts = facts, root
}

func fact(t *testing.T, label verify.Label, value any) commitment.Fact {
	f, err := commitment.NewFact(label, value)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// fallback opens a third log, CF's fallback, and names it in the root.
func (s *scene) fallback() *verifytest.Log {
	l := s.NewLog("fallback.kp.example/2026")
	s.Root.Logs = append(s.Root.Logs, trust.Log{Origin: l.Origin, Policy: s.Policy(l)})
	s.Root.Participants[1].Fallback = l.Origin
	s.newRootLogs()
	return l
}

// newRootLogs sorts the root's logs and signs it.
func (s *scene) newRootLogs() {
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

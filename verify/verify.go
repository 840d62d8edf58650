package verify

import (
	"errors"
	"sync"
	"time"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Limits are the parameters of the checks that are not in the signed facts.
// The zero value of a field means its default.
type Limits struct {
	StatusFor time.Duration // for import: how old the knowledge of cancellations may be; default 7 days
	Skew      time.Duration // how far clocks may differ; default 5 minutes
}

const (
	defaultStatusFor = 7 * 24 * time.Hour
	defaultSkew      = 5 * time.Minute
)

// Options are a question.
type Options struct {
	Purpose     Purpose // default Record
	At          time.Time
	Destination string // importing Participant's code; empty: not checked
	Limits      Limits
}

// Verifier answers questions from one pack. It remembers checkpoints that it
// has verified, so that many bundles under one checkpoint cost one signature
// each. Safe for concurrent use.
type Verifier struct {
	pack *pack.Pack

	mu    sync.Mutex
	known map[string]*signed // checkpoint text -> result, at most maxKnown
}

// signed is what a checkpoint proved, and whether the pack's log contains it.
type signed struct {
	cosigned *policy.Cosigned
	err      error
	compared bool // the pack reaches as far as the checkpoint
	fork     bool // and its tree at that size is another
}

const maxKnown = 1024

// New makes a Verifier for a pack.
func New(p *pack.Pack) *Verifier { return &Verifier{pack: p, known: map[string]*signed{}} }

// Pack is the pack the verifier judges from.
func (v *Verifier) Pack() *pack.Pack { return v.pack }

// judgement collects the checks of one verdict.
type judgement struct {
	*Verdict
	pack  *pack.Pack
	opt   Options
	st    *statement.Statement
	cert  *statement.Certificate
	place *trust.Place // where it is proved to be recorded; nil if it is not
	stand []standing   // what became of it and still stands
}

func (j *judgement) add(c Code, o Outcome, reason string, facts map[string]any) {
	j.Checks = append(j.Checks, Check{Code: c, Outcome: o, Reason: reason, Facts: facts})
}

func (j *judgement) addAsOf(c Code, o Outcome, reason string, facts map[string]any, asOf *time.Time) {
	j.Checks = append(j.Checks, Check{Code: c, Outcome: o, Reason: reason, Facts: facts, AsOf: asOf})
}

// mostChecks is how many checks a verdict has at most: room is made once.
const mostChecks = 30

// Verify judges one bundle. It never fails: what cannot be read is a check
// that says so.
func (v *Verifier) Verify(b *bundle.Bundle, opt Options) *Verdict {
	if opt.Purpose == "" {
		opt.Purpose = Record
	}
	if opt.Limits.StatusFor == 0 {
		opt.Limits.StatusFor = defaultStatusFor
	}
	if opt.Limits.Skew == 0 {
		opt.Limits.Skew = defaultSkew
	}
	roots := v.pack.Chain.Fingerprints
	j := &judgement{Verdict: &Verdict{Purpose: opt.Purpose, At: opt.At.UTC(), Root: roots[len(roots)-1], Checks: make([]Check, 0, mostChecks)},
		pack: v.pack, opt: opt}
	defer j.conclude()
	if !j.form(b) {
		return j.Verdict
	}
	j.trusted()
	v.recorded(j, b)
	j.issuer()
	j.fourEyes(b)
	j.dates()
	j.number()
	j.facts(b)
	j.life()
	if opt.Purpose == Import {
		j.importable()
	}
	return j.Verdict
}

// form reads the statement. Its failure ends the judgement: there is nothing
// to judge.
func (j *judgement) form(b *bundle.Bundle) bool {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		j.add(CodeForm, Invalid, "damaged", map[string]any{"error": err.Error()})
		return false
	}
	j.Hash, j.Synthetic = st.Hash, st.Synthetic
	c, ok := st.Body.(*statement.Certificate)
	if !ok {
		j.add(CodeForm, Invalid, "not_a_certificate", map[string]any{"type": st.Type.String()})
		return false
	}
	j.st, j.cert = st, c
	j.Open = &Open{Number: c.Number, Issuer: st.Issuer, From: c.Participant(), To: c.Destination,
		Issued: isoDay(c.Issued), Expires: isoDay(c.Expires), Kind: c.Kind.String(), Technical: c.Kind == statement.KindTechnical,
		Station: c.Station, RuleSet: c.RuleSet, Commitments: c.Facts, SignedBy: &st.Signed.KeyID}
	if c.Participant() != st.Participant() || st.Subject != statement.CertificateSubject(c.Number) {
		j.add(CodeForm, Invalid, "number_of_another", map[string]any{"number": c.Number, "issuer": st.Issuer, "subject": st.Subject})
		return false
	}
	j.add(CodeForm, Valid, "", nil)
	return true
}

// trusted asks whether the verifier's own root is in force, and whether the
// certificate belongs to the same world: a SYNTHETIC one never passes in
// production, nor the reverse.
func (j *judgement) trusted() {
	root := j.pack.Chain.Current()
	switch {
	case j.opt.At.Unix() >= root.Expires:
		j.add(CodeTrust, CannotTell, "root_expired", map[string]any{"expires": utc(root.Expires)})
	case j.opt.At.Unix()+int64(j.opt.Limits.Skew.Seconds()) < root.Issued:
		j.add(CodeTrust, CannotTell, "clock_before_root", map[string]any{"issued": utc(root.Issued)})
	default:
		j.add(CodeTrust, Valid, "", map[string]any{"version": root.Version, "expires": utc(root.Expires)})
	}
	if j.st.Synthetic != root.Synthetic {
		j.add(CodeSynthetic, Invalid, "other_world", map[string]any{"certificate": j.st.Synthetic, "root": root.Synthetic})
	}
}

// issuer holds signature and key against the directory.
func (j *judgement) issuer() {
	facts := map[string]any{"key": j.st.Signed.KeyID.String(), "issuer": j.st.Issuer}
	k, err := j.pack.Directory.Signer(j.st, j.place)
	if k != nil {
		j.Open.OfficeName = k.Name
	}
	switch {
	case errors.Is(err, trust.ErrUnknownKey):
		j.add(CodeKnown, CannotTell, "unknown_issuer", facts)
		return
	case errors.Is(err, trust.ErrSignature):
		j.add(CodeSignature, Invalid, "false_signature", facts)
		return
	}
	j.add(CodeKnown, Valid, "", facts)
	j.add(CodeSignature, Valid, "", nil)
	switch {
	case errors.Is(err, trust.ErrRevoked):
		j.add(CodeEntitled, Valid, "", nil)
		j.add(CodeRevoked, Invalid, "key_revoked", map[string]any{"reason": k.Revoked.Reason, "recorded": j.place != nil})
	case errors.Is(err, trust.ErrUse):
		j.add(CodeEntitled, Invalid, "key_of_another_use", facts)
	case errors.Is(err, trust.ErrKeyTime):
		j.add(CodeEntitled, Invalid, "key_of_another_time", map[string]any{"issued": utc(j.st.IssuedAt), "from": utc(k.From), "until": utc(k.Until)})
	case errors.Is(err, trust.ErrHome):
		j.add(CodeEntitled, Invalid, "key_of_another_log", map[string]any{"log": j.place.Origin, "home": k.Home})
	case err != nil:
		j.add(CodeEntitled, Invalid, "key_of_another_office", map[string]any{"issuer": j.st.Issuer, "office": k.Office})
	default:
		j.add(CodeEntitled, Valid, "", nil)
		j.add(CodeRevoked, Valid, "", map[string]any{"revoked_later": k.Revoked != nil})
	}
}

// fourEyes wants two officers of the issuing office, and their approvals where
// the certificate says there are some.
func (j *judgement) fourEyes(b *bundle.Bundle) {
	d, c := j.pack.Directory, j.cert
	facts := map[string]any{"preparer": c.Preparer.String(), "validator": c.Validator.String()}
	var officers [2]*trust.OfficeKey
	for i, id := range []statement.KeyID{c.Preparer, c.Validator} {
		k, err := d.Officer(id, j.st.Issuer, j.st.IssuedAt, j.place)
		switch {
		case errors.Is(err, trust.ErrUnknownKey):
			j.add(CodeFourEyes, CannotTell, "unknown_officer", facts)
			return
		case err != nil:
			facts["why"] = err.Error()
			j.add(CodeFourEyes, Invalid, "officer_not_entitled", facts)
			return
		}
		officers[i] = k
	}
	j.Open.FourEyes = "asserted"
	if len(b.Approvals) == 0 || c.FourEyes.IsZero() {
		if len(b.Approvals) != 0 {
			j.add(CodeFourEyes, Invalid, "approvals_not_signed", facts)
			return
		}
		facts["level"] = "asserted"
		j.add(CodeFourEyes, Valid, "", facts)
		return
	}
	digest, err := statement.ApprovalDigest(j.st.Header, c)
	if err != nil || statement.PairHash(b.Approvals[0], b.Approvals[1]) != c.FourEyes ||
		!officers[0].Approves(b.Approvals[0], digest) || !officers[1].Approves(b.Approvals[1], digest) {
		j.add(CodeFourEyes, Invalid, "false_approval", facts)
		return
	}
	j.Open.FourEyes, facts["level"] = "proved", "proved"
	j.add(CodeFourEyes, Valid, "", facts)
}

// dates wants the printed day of issue to be the day of the statement, give or
// take the office's time zone.
func (j *judgement) dates() {
	d := int64(j.cert.Issued) - int64(canonical.DayOf(j.st.IssuedAt))
	if d < -1 || d > 1 {
		j.add(CodeDates, Invalid, "day_of_issue", map[string]any{"printed": isoDay(j.cert.Issued), "signed": utc(j.st.IssuedAt)})
		return
	}
	j.add(CodeDates, Valid, "", nil)
}

// number holds the serial against the range it names, and looks for a second
// certificate with the same number.
func (j *judgement) number() {
	c := j.cert
	r, _, ok := j.pack.Directory.Range(c.Range)
	facts := map[string]any{"number": c.Number}
	if !ok {
		j.add(CodeRange, CannotTell, "unknown_range", facts)
	} else {
		facts["first"], facts["last"], facts["station"] = r.Number(r.First), r.Number(r.Last), r.Station
		if _, in := r.Serial(c.Number); !in {
			j.add(CodeRange, Invalid, "outside_range", facts)
		} else if c.Issued < r.From || c.Issued > r.Until {
			facts["from"], facts["until"] = isoDay(r.From), isoDay(r.Until)
			j.add(CodeRange, Invalid, "range_of_other_days", facts)
		} else {
			j.add(CodeRange, Valid, "", facts)
		}
		if c.Station != r.Station || !stationOf(c.Station, j.st.Issuer) {
			j.add(CodeStation, Invalid, "other_station", map[string]any{"certificate": c.Station, "range": r.Station})
		} else {
			j.add(CodeStation, Valid, "", nil)
		}
	}
	for _, e := range j.pack.Directory.Certificates(c.Number) {
		if e.Statement.Hash == j.st.Hash || e.Statement.Participant() != j.st.Participant() {
			continue // another Participant cannot spoil a number by using it
		}
		if _, err := j.pack.Directory.Signer(e.Statement, &trust.Place{Origin: e.Origin, Index: e.Index}); err == nil {
			j.add(CodeUnique, Invalid, "two_contents", map[string]any{"log": e.Origin, "index": e.Index, "statement": e.Statement.Hash.String()})
			return
		}
	}
	j.addAsOf(CodeUnique, Valid, "", nil, j.packTime(j.st.Participant()))
}

func stationOf(station, office string) bool {
	return len(station) > len(office) && station[:len(office)] == office && station[len(office)] == '/'
}

// packTime is the age of what the pack knows of a Participant's logs: the
// oldest of them. Nil when it has no log, or the pack lacks one: nobody can say
// what stands there.
func (j *judgement) packTime(code string) *time.Time {
	var t *time.Time
	for _, origin := range j.pack.Directory.HomeLogs(code) {
		l := j.pack.Log(origin)
		if l == nil {
			return nil
		}
		if t == nil || l.Cosigned.Time < t.Unix() {
			t = utc(l.Cosigned.Time)
		}
	}
	return t
}

// facts opens what was shown and adds it up.
func (j *judgement) facts(b *bundle.Bundle) {
	if b.Disclosure == nil {
		f, err := DecodeFacts(nil)
		if err == nil {
			j.Shown = f
		}
		return
	}
	shown, err := b.Disclosure.Open(j.cert.Facts)
	if err != nil {
		j.add(CodeFacts, Invalid, "other_facts", map[string]any{"error": err.Error()})
		return
	}
	f, err := DecodeFacts(shown)
	if err != nil {
		j.add(CodeFacts, Invalid, "unreadable_facts", map[string]any{"error": err.Error()})
		return
	}
	j.Shown = f
	j.add(CodeFacts, Valid, "", map[string]any{"shown": len(shown), "signed": j.cert.Facts.Count})
	if err := f.CheckSums(); err != nil {
		j.add(CodeSums, Invalid, "sums", map[string]any{"error": err.Error()})
		return
	}
	j.add(CodeSums, Valid, "", nil)
}

// leafHash is the log's hash of the statement.
func (j *judgement) leafHash() canonical.Hash { return proof.LeafHash(j.st.Bytes) }

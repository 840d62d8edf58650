package verify

import (
	"errors"
	"sync"
	"time"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
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
	// Own is what the office that asks has signed itself about the certificate, in
	// order. It knows of its own acts before a witness attests them; what the pack
	// holds of them already counts once.
	Own []*statement.Statement
	// Paper is the SHA-256 of the PDF that the bundle was taken from; nil when there is
	// none, and then nobody asks whether its print is recorded.
	Paper *canonical.Hash
}

// Verifier answers questions from one pack. It remembers checkpoints that it
// has verified, so that many bundles under one checkpoint cost one signature
// each. Safe for concurrent use.
type Verifier struct {
	pack   *pack.Pack
	opener commitment.Opener

	mu    sync.Mutex
	known map[string]*signed // checkpoint text -> result, at most maxKnown
}

// signed is what a checkpoint proved, and whether the pack's log contains it.
type signed struct {
	parsed   *policy.Checkpoint
	cosigned *policy.Cosigned
	err      error
	compared bool // the pack reaches as far as the checkpoint
	fork     bool // and its tree at that size is another
	nodes    proof.Nodes
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

	at       trust.Place // what place points to,
	recorded time.Time   // and the witnesses' time, where a proof tells it

	stand []standing // what became of it and still stands

	// What Details are told from: each is set before the check that tells of it.
	checkpoint *signed
	index      int64 // where the proof says that it stands
	signer     *trust.OfficeKey
	level      string // of the four eyes
	numbers    *statement.NumberRange
	opened     int // how many facts were shown
}

func (j *judgement) add(c Code, o Outcome, reason string, facts Details) {
	j.Checks = append(j.Checks, Check{Code: c, Outcome: o, Reason: reason, Facts: facts})
}

func (j *judgement) addAsOf(c Code, o Outcome, reason string, facts Details, asOf *time.Time) {
	j.Checks = append(j.Checks, Check{Code: c, Outcome: o, Reason: reason, Facts: facts, AsOf: asOf})
}

// sheet is what a verdict for record is written on when all is well, made in one
// piece; a longer verdict finds more room by itself.
type sheet struct {
	judgement judgement
	verdict   Verdict
	open      Open
	checks    [18]Check
	unsaid    [5]Unsaid
}

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
	sheet := new(sheet)
	sheet.verdict = Verdict{Purpose: opt.Purpose, At: opt.At.UTC(), Root: roots[len(roots)-1], Checks: sheet.checks[:0], NotSaid: sheet.unsaid[:0]}
	sheet.judgement = judgement{Verdict: &sheet.verdict, pack: v.pack, opt: opt}
	j := &sheet.judgement
	defer j.conclude()
	if !j.form(b, &sheet.open) {
		return j.Verdict
	}
	j.trusted()
	v.recorded(j, b)
	j.issuer()
	j.fourEyes(b)
	j.dates()
	j.number()
	j.facts(b, &v.opener)
	about := j.about()
	j.printed(about)
	j.life(about)
	if opt.Purpose == Import {
		j.importable()
	}
	return j.Verdict
}

// form reads the statement. Its failure ends the judgement: there is nothing
// to judge.
func (j *judgement) form(b *bundle.Bundle, open *Open) bool {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		j.add(CodeForm, Invalid, "damaged", Tell(Detail{"error", err.Error()}))
		return false
	}
	j.Hash, j.Synthetic = st.Hash, st.Synthetic
	c, ok := st.Body.(*statement.Certificate)
	if !ok {
		j.add(CodeForm, Invalid, "not_a_certificate", Tell(Detail{"type", st.Type.String()}))
		return false
	}
	j.st, j.cert = st, c
	j.Open = open
	*open = Open{Number: c.Number, Issuer: st.Issuer, From: c.Participant(), To: c.Destination,
		Issued: isoDay(c.Issued), Expires: isoDay(c.Expires), Kind: c.Kind.String(), Technical: c.Kind == statement.KindTechnical,
		Station: c.Station, RuleSet: c.RuleSet, Commitments: c.Facts, SignedBy: &st.Signed.KeyID}
	if c.Participant() != st.Participant() || st.Subject != statement.CertificateSubject(c.Number) {
		j.add(CodeForm, Invalid, "number_of_another", Tell(Detail{"number", c.Number}, Detail{"issuer", st.Issuer}, Detail{"subject", st.Subject}))
		return false
	}
	j.add(CodeForm, Valid, "", Details{})
	return true
}

// trusted asks whether the verifier's own root is in force, and whether the
// certificate belongs to the same world: a SYNTHETIC one never passes in
// production, nor the reverse.
func (j *judgement) trusted() {
	root := j.pack.Chain.Current()
	switch {
	case j.opt.At.Unix() >= root.Expires:
		j.add(CodeTrust, CannotTell, "root_expired", Tell(Detail{"expires", utc(root.Expires)}))
	case j.opt.At.Unix()+int64(j.opt.Limits.Skew.Seconds()) < root.Issued:
		j.add(CodeTrust, CannotTell, "clock_before_root", Tell(Detail{"issued", utc(root.Issued)}))
	default:
		j.add(CodeTrust, Valid, "", Details{(*ofTrust)(j)})
	}
	if j.st.Synthetic != root.Synthetic {
		j.add(CodeSynthetic, Invalid, "other_world", Tell(Detail{"certificate", j.st.Synthetic}, Detail{"root", root.Synthetic}))
	}
}

// issuer holds signature and key against the directory.
func (j *judgement) issuer() {
	facts := Details{(*ofIssuer)(j)}
	k, err := j.pack.Directory.Signer(j.st, j.place)
	if j.signer = k; k != nil {
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
	j.add(CodeSignature, Valid, "", Details{})
	switch {
	case errors.Is(err, trust.ErrRevoked):
		j.add(CodeEntitled, Valid, "", Details{})
		j.add(CodeRevoked, Invalid, "key_revoked", Tell(Detail{"reason", k.Revoked.Reason}, Detail{"recorded", j.place != nil}))
	case errors.Is(err, trust.ErrUse):
		j.add(CodeEntitled, Invalid, "key_of_another_use", facts)
	case errors.Is(err, trust.ErrKeyTime):
		j.add(CodeEntitled, Invalid, "key_of_another_time", Tell(Detail{"issued", utc(j.st.IssuedAt)}, Detail{"from", utc(k.From)}, Detail{"until", utc(k.Until)}))
	case errors.Is(err, trust.ErrHome):
		j.add(CodeEntitled, Invalid, "key_of_another_log", Tell(Detail{"log", j.place.Origin}, Detail{"home", k.Home}))
	case err != nil:
		j.add(CodeEntitled, Invalid, "key_of_another_office", Tell(Detail{"issuer", j.st.Issuer}, Detail{"office", k.Office}))
	default:
		j.add(CodeEntitled, Valid, "", Details{})
		j.add(CodeRevoked, Valid, "", Details{(*ofRevoked)(j)})
	}
}

// fourEyes wants two officers of the issuing office, and their approvals where
// the certificate says there are some.
func (j *judgement) fourEyes(b *bundle.Bundle) {
	d, c := j.pack.Directory, j.cert
	facts := Details{(*ofOfficer)(j)}
	var officers [2]*trust.OfficeKey
	for i, id := range []statement.KeyID{c.Preparer, c.Validator} {
		k, err := d.Officer(id, j.st.Issuer, j.st.IssuedAt, j.place)
		switch {
		case errors.Is(err, trust.ErrUnknownKey):
			j.add(CodeFourEyes, CannotTell, "unknown_officer", facts)
			return
		case err != nil:
			j.add(CodeFourEyes, Invalid, "officer_not_entitled", facts.with(Detail{"why", err.Error()}))
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
		j.level = "asserted"
		j.add(CodeFourEyes, Valid, "", facts)
		return
	}
	digest, err := statement.ApprovalDigest(j.st.Header, c)
	if err != nil || statement.PairHash(b.Approvals[0], b.Approvals[1]) != c.FourEyes ||
		!officers[0].Approves(b.Approvals[0], digest) || !officers[1].Approves(b.Approvals[1], digest) {
		j.add(CodeFourEyes, Invalid, "false_approval", facts)
		return
	}
	j.Open.FourEyes, j.level = "proved", "proved"
	j.add(CodeFourEyes, Valid, "", facts)
}

// dates wants the printed day of issue to be the day of the statement, give or
// take the office's time zone.
func (j *judgement) dates() {
	d := int64(j.cert.Issued) - int64(canonical.DayOf(j.st.IssuedAt))
	if d < -1 || d > 1 {
		j.add(CodeDates, Invalid, "day_of_issue", Tell(Detail{"printed", isoDay(j.cert.Issued)}, Detail{"signed", utc(j.st.IssuedAt)}))
		return
	}
	j.add(CodeDates, Valid, "", Details{})
}

// number holds the serial against the range it names, and looks for a second
// certificate with the same number.
func (j *judgement) number() {
	c := j.cert
	r, _, ok := j.pack.Directory.Range(c.Range)
	facts := Details{(*ofRange)(j)}
	if !ok {
		j.add(CodeRange, CannotTell, "unknown_range", facts)
	} else {
		j.numbers = r
		if _, in := r.Serial(c.Number); !in {
			j.add(CodeRange, Invalid, "outside_range", facts)
		} else if c.Issued < r.From || c.Issued > r.Until {
			j.add(CodeRange, Invalid, "range_of_other_days", facts.with(Detail{"from", isoDay(r.From)}, Detail{"until", isoDay(r.Until)}))
		} else {
			j.add(CodeRange, Valid, "", facts)
		}
		if c.Station != r.Station || !stationOf(c.Station, j.st.Issuer) {
			j.add(CodeStation, Invalid, "other_station", Tell(Detail{"certificate", c.Station}, Detail{"range", r.Station}))
		} else {
			j.add(CodeStation, Valid, "", Details{})
		}
	}
	for _, e := range j.pack.Directory.Certificates(c.Number) {
		if e.Statement.Hash == j.st.Hash || e.Statement.Participant() != j.st.Participant() {
			continue // another Participant cannot spoil a number by using it
		}
		if _, err := j.pack.Directory.Signer(e.Statement, &trust.Place{Origin: e.Origin, Index: e.Index}); err == nil {
			j.add(CodeUnique, Invalid, "two_contents", Tell(Detail{"log", e.Origin}, Detail{"index", e.Index}, Detail{"statement", e.Statement.Hash.String()}))
			return
		}
	}
	j.addAsOf(CodeUnique, Valid, "", Details{}, j.packTime(j.st.Participant()))
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
func (j *judgement) facts(b *bundle.Bundle, opener *commitment.Opener) {
	if b.Disclosure == nil {
		f, err := DecodeFacts(nil)
		if err == nil {
			j.Shown = f
		}
		return
	}
	shown, err := opener.Open(b.Disclosure, j.cert.Facts)
	if err != nil {
		j.add(CodeFacts, Invalid, "other_facts", Tell(Detail{"error", err.Error()}))
		return
	}
	f, err := DecodeFacts(shown)
	if err != nil {
		j.add(CodeFacts, Invalid, "unreadable_facts", Tell(Detail{"error", err.Error()}))
		return
	}
	j.Shown = f
	j.opened = len(shown)
	j.add(CodeFacts, Valid, "", Details{(*ofFacts)(j)})
	if err := f.CheckSums(); err != nil {
		j.add(CodeSums, Invalid, "sums", Tell(Detail{"error", err.Error()}))
		return
	}
	j.add(CodeSums, Valid, "", Details{})
}

// leafHash is the log's hash of the statement.
func (j *judgement) leafHash() canonical.Hash { return proof.LeafHash(j.st.Bytes) }

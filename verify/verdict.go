package verify

import (
	"encoding/json"
	"time"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Outcome of a check or of the whole.
type Outcome string

// The three outcomes. There is no fourth, and none of them is "yes" without
// the time it is as of.
const (
	Valid      Outcome = "valid"
	Invalid    Outcome = "invalid"
	CannotTell Outcome = "cannot_tell"
)

// Purpose is what the asker wants to know.
type Purpose string

// The purposes.
const (
	Record Purpose = "record" // genuinely issued, and recorded?
	Import Purpose = "import" // may it be accepted now? (KPCS III(b))
)

// Code names a check; codes are stable and documented in docs/formats.
type Code string

// The checks, in the order in which a verdict lists them.
const (
	CodeForm         Code = "form"          // bytes are one canonical certificate statement
	CodeTrust        Code = "trust.current" // the root document is in force at the given time
	CodeSynthetic    Code = "trust.synthetic"
	CodeProof        Code = "record.proof"
	CodeQuorum       Code = "record.witnesses"
	CodeFork         Code = "record.consistent"
	CodeHome         Code = "record.home"
	CodeTime         Code = "record.time"
	CodeKnown        Code = "issuer.known"
	CodeSignature    Code = "issuer.signature"
	CodeEntitled     Code = "issuer.entitled"
	CodeRevoked      Code = "issuer.revoked"
	CodeFourEyes     Code = "issuer.four_eyes"
	CodeDates        Code = "certificate.dates"
	CodeRange        Code = "number.range"
	CodeStation      Code = "number.station"
	CodeUnique       Code = "number.unique"
	CodeFacts        Code = "facts.match"
	CodeSums         Code = "facts.sums"
	CodePrint        Code = "paper.print" // the PDF in hand is one that the office has printed
	CodeVoid         Code = "status.void"
	CodeReplaced     Code = "status.replaced"
	CodeLost         Code = "status.lost"
	CodeUsed         Code = "status.used"
	CodeExpired      Code = "import.expired"
	CodeDestination  Code = "import.destination"
	CodeFresh        Code = "status.fresh"
	CodeDetained     Code = "status.detained"
	CodeDisposed     Code = "status.disposed" // returned, seized, sold or destroyed
	CodeDiscrepancy  Code = "status.discrepancy"
	CodeReleased     Code = "status.released" // this and the next two stand in notes only
	CodeEndorsed     Code = "status.endorsed"
	CodeTransit      Code = "status.transit"
	NotSaidStanding  Code = "not_said.standing"
	NotSaidConflict  Code = "not_said.conflict"
	NotSaidContents  Code = "not_said.contents"
	NotSaidLater     Code = "not_said.later"
	NotSaidWithheld  Code = "not_said.withheld"
	NotSaidUndecided Code = "not_said.undecided"
	NotSaidRight     Code = "not_said.witnesses"
)

// Check is one question with its answer.
type Check struct {
	Code    Code       `json:"code"`
	Outcome Outcome    `json:"outcome"`
	Reason  string     `json:"reason,omitempty"` // stable word for why not valid, e.g. "expired"
	Facts   Details    `json:"facts,omitzero"`
	AsOf    *time.Time `json:"as_of,omitempty"` // age of the facts used
}

// MarshalJSON writes a check's outcome as pass, fail or cannot_tell: the words
// valid and invalid stand in the JSON of a verdict once, for the whole, so that
// no reader who looks for them takes a part for it.
func (c Check) MarshalJSON() ([]byte, error) {
	type plain Check // without this method
	p := plain(c)
	p.Outcome = map[Outcome]Outcome{Valid: "pass", Invalid: "fail", CannotTell: CannotTell}[c.Outcome]
	return json.Marshal(p)
}

// Note is an event in the life of the certificate, known as of the pack. For
// the purpose record it is told and decides nothing.
type Note struct {
	Code  Code      `json:"code"`
	By    string    `json:"by"` // office that said so
	At    time.Time `json:"at"`
	Facts Details   `json:"facts,omitzero"`
}

// Unsaid is something the verdict does not say, with what it is about.
type Unsaid struct {
	Code  Code     `json:"code"`
	About []string `json:"about,omitempty"`
}

// Verdict is the answer. State is how far the record had come in the proof at
// hand: "signed" or "witnessed".
type Verdict struct {
	Outcome   Outcome        `json:"outcome"`
	Purpose   Purpose        `json:"purpose"`
	At        time.Time      `json:"at"`
	AsOf      *time.Time     `json:"as_of,omitempty"` // oldest of the facts used that can change
	Synthetic bool           `json:"synthetic"`
	State     string         `json:"state,omitempty"`
	Hash      canonical.Hash `json:"statement"`
	Open      *Open          `json:"certificate,omitempty"`
	Shown     *Facts         `json:"shown,omitempty"`
	Checks    []Check        `json:"checks"`
	Notes     []Note         `json:"notes,omitempty"`
	NotSaid   []Unsaid       `json:"not_said"`
	Root      canonical.Hash `json:"root"` // fingerprint of the root document that was believed
}

// Open is the public part of the certificate.
type Open struct {
	Number      string           `json:"number"`
	Issuer      string           `json:"issuer"`
	OfficeName  string           `json:"office_name,omitempty"`
	From        string           `json:"from"`
	To          string           `json:"to"`
	Issued      string           `json:"issued"`  // ISO 8601 day
	Expires     string           `json:"expires"` // ISO 8601 day, good until 24:00 UTC
	Kind        string           `json:"kind"`    // export, technical, temporary, laboratory, return
	Technical   bool             `json:"technical,omitempty"`
	Station     string           `json:"station"`
	Recorded    *time.Time       `json:"recorded,omitempty"` // witnesses' time
	Log         string           `json:"log,omitempty"`
	Index       *uint64          `json:"index,omitempty"`
	RuleSet     canonical.Hash   `json:"rule_set"`
	Commitments commitment.Root  `json:"-"`
	FourEyes    string           `json:"four_eyes,omitempty"` // "proved" or "asserted"
	SignedBy    *statement.KeyID `json:"signed_by,omitempty"`
}

func utc(unix int64) *time.Time {
	t := time.Unix(unix, 0).UTC()
	return &t
}

// isoDay is time.DateOnly, which the standard library takes from its general form.
func isoDay(d canonical.Day) string {
	year, month, day := time.Unix(d.First(), 0).UTC().Date()
	if year > 9999 {
		return time.Unix(d.First(), 0).UTC().Format(time.DateOnly)
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	m := int(month)
	return string([]byte{digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-', digit(m / 10), digit(m), '-', digit(day / 10), digit(day)})
}

// conclude puts the checks together: one invalid makes it invalid, else one
// cannot_tell makes it cannot_tell. AsOf is the age of what could have changed
// since; that it was recorded cannot, so the record's own time counts only where
// nothing later is known.
func (v *Verdict) conclude() {
	v.Outcome = Valid
	var undecided []string
	var record *time.Time
	for _, c := range v.Checks {
		switch c.Outcome {
		case Invalid:
			v.Outcome = Invalid
		case CannotTell:
			undecided = append(undecided, string(c.Code))
			if v.Outcome == Valid {
				v.Outcome = CannotTell
			}
		}
		switch {
		case c.AsOf == nil:
		case c.Code == CodeProof:
			record = c.AsOf
		case v.AsOf == nil || c.AsOf.Before(*v.AsOf):
			v.AsOf = c.AsOf
		}
	}
	if v.AsOf == nil {
		v.AsOf = record
	}
	v.NotSaid = append(v.NotSaid, Unsaid{Code: NotSaidConflict}, Unsaid{Code: NotSaidContents}, Unsaid{Code: NotSaidRight}, Unsaid{Code: NotSaidStanding}, Unsaid{Code: NotSaidLater})
	if v.Shown != nil && len(v.Shown.Withheld) > 0 {
		v.NotSaid = append(v.NotSaid, Unsaid{Code: NotSaidWithheld, About: v.Shown.Withheld})
	}
	if undecided != nil {
		v.NotSaid = append(v.NotSaid, Unsaid{Code: NotSaidUndecided, About: undecided})
	}
}

// Failed gives the first check that decided against valid, or nil.
func (v *Verdict) Failed() *Check {
	for _, want := range []Outcome{Invalid, CannotTell} {
		for i := range v.Checks {
			if v.Checks[i].Outcome == want && v.Outcome == want {
				return &v.Checks[i]
			}
		}
	}
	return nil
}

// Check gives the check with a code, or nil when it was not run.
func (v *Verdict) Check(code Code) *Check {
	for i := range v.Checks {
		if v.Checks[i].Code == code {
			return &v.Checks[i]
		}
	}
	return nil
}

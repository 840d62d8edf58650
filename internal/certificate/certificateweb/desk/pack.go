package desk

import (
	"cmp"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/verify/canonical"
)

// Pack is what a page says of the pack that it judges from.
type Pack struct {
	Bytes        int            `json:"bytes"`
	Digest       canonical.Hash `json:"sha256"`
	Synthetic    string         `json:"synthetic,omitempty"` // that it is worth nothing; "" for a real one
	AsOf         Moment         `json:"as_of"`               // when the oldest of its registers was witnessed
	Made         Moment         `json:"made"`                // when an office vouched that it is whole
	MadeBy       string         `json:"made_by"`
	Roots        []Root         `json:"roots"` // the last one is in force
	Participants []Participant  `json:"participants"`
	Logs         []Log          `json:"logs"`
	Statements   int            `json:"statements"`
}

// Moment is a time, and the same in the language's words.
type Moment struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Root is a root document, by its fingerprint.
type Root struct {
	Version     uint64         `json:"version"`
	Fingerprint canonical.Hash `json:"fingerprint"`
	Issued      Moment         `json:"issued"`
	Expires     Moment         `json:"expires"`
}

// Participant is one that the root document in force names.
type Participant struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Log is a register as the pack holds it.
type Log struct {
	Origin string `json:"origin"`
	Size   uint64 `json:"size"`
	AsOf   Moment `json:"as_of"`
}

// Pack says what the pack is, in the language spoken now. Fault: check.no_pack.
func (d *Desk) Pack() (*Pack, error) {
	if d.verifier == nil {
		return nil, fault.NotFound("check.no_pack")
	}
	p := d.verifier.Pack()
	out := &Pack{Bytes: d.size, Digest: p.Digest, Made: d.moment(p.Snapshot.IssuedAt), MadeBy: p.Snapshot.Issuer, Statements: len(p.Entries),
		Roots: []Root{}, Participants: []Participant{}, Logs: []Log{}}
	if d.synthetic() {
		out.Synthetic = d.words.T("verify.synthetic", nil)
	}
	for i, r := range p.Chain.Roots {
		out.Roots = append(out.Roots, Root{r.Version, p.Chain.Fingerprints[i], d.moment(r.Issued), d.moment(r.Expires)})
	}
	for _, each := range p.Chain.Current().Participants {
		out.Participants = append(out.Participants, Participant{each.Code, d.words.Participant(ident.ParticipantCode(each.Code))})
	}
	slices.SortFunc(out.Participants, func(a, b Participant) int { return cmp.Compare(a.Code, b.Code) })
	for _, l := range p.Logs {
		log := Log{l.Origin, l.Size(), d.moment(l.Cosigned.Time)}
		if len(out.Logs) == 0 || log.AsOf.At.Before(out.AsOf.At) {
			out.AsOf = log.AsOf
		}
		out.Logs = append(out.Logs, log)
	}
	return out, nil
}

func (d *Desk) moment(unix int64) Moment {
	at := time.Unix(unix, 0).UTC()
	return Moment{at, d.words.Time(at)}
}

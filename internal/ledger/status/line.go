package status

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/life"
	"adamas.example/verify/statement"
)

// Place is where a statement stands.
type Place struct {
	Log   int // position in the list of logs
	Index uint64
}

// Mark is an event that still stands, and where it is stated.
type Mark struct {
	What  string `json:"what"` // as package life names it; or two_contents
	By    string `json:"by"`   // Participant
	Place Place  `json:"-"`
	// Number is the certificate that replaces this one.
	Number string `json:"number,omitempty"`
}

// Certificate is what a line says of the certificate itself.
type Certificate struct {
	Hash    canonical.Hash
	Kind    statement.Kind
	To      string
	Issued  canonical.Day
	Expires canonical.Day
	Place   Place
}

// Line is a certificate number with what became of it.
type Line struct {
	Number      string
	Certificate *Certificate // nil: the logs hold only what others say of the number
	// Refused is why the certificate does not count: code and reason of the first
	// check of package verify that is not valid; "" when it counts.
	Refused string
	Marks   []Mark // by place
}

// TwoContents is the mark of a number that stands on two different certificates.
const TwoContents = "two_contents"

// States beside the names of events.
const (
	Issued  = "issued"
	Refused = "refused"
	Unknown = "unknown" // only what others say
)

// States are the words for a line's state, the one that decides most first.
var States = []string{Refused, TwoContents, life.Cancelled.String(), life.Replaced.String(), life.Lost.String(), life.Received.String(), life.Attested.String(),
	life.Detained.String(), life.Returned.String(), life.Seized.String(), life.Sold.String(), life.Destroyed.String(),
	life.Discrepant.String(), Issued, Unknown}

// State is the one word for the line.
func (l *Line) State() string {
	if l.Refused != "" {
		return Refused
	}
	for _, s := range States {
		if l.Has(s) {
			return s
		}
	}
	if l.Certificate == nil {
		return Unknown
	}
	return Issued
}

// Has tells whether a mark stands.
func (l *Line) Has(what string) bool {
	for _, m := range l.Marks {
		if m.What == what {
			return true
		}
	}
	return false
}

// openingWithin is how long after expiry the delayed facts may stay closed
// (design.md §5).
const openingWithin = 30

// Expired tells whether the certificate had run out on that day with nothing said
// of what became of the goods.
func (l *Line) Expired(on canonical.Day) bool {
	return l.Certificate != nil && on > l.Certificate.Expires && (l.State() == Issued || l.State() == life.Discrepant.String())
}

// Overdue tells whether the delayed facts should have been made public by that day
// and are not: 30 days after expiry, unless it was cancelled.
func (l *Line) Overdue(on canonical.Day) bool {
	return l.Certificate != nil && l.Refused == "" && on > l.Certificate.Expires+openingWithin &&
		!l.Has(life.Opened.String()) && !l.Has(life.Cancelled.String()) && !l.Has(life.Replaced.String())
}

// wire forms of docs/formats/statement.cddl.
type wireLine struct {
	_           struct{} `cbor:",toarray"`
	Number      string
	Certificate []wireCertificate // none or one
	Refused     string
	Marks       []wireMark
}

type wireCertificate struct {
	_       struct{} `cbor:",toarray"`
	Hash    canonical.Hash
	Kind    uint64
	To      string
	Issued  uint64
	Expires uint64
	Log     uint64
	Index   uint64
}

type wireMark struct {
	_      struct{} `cbor:",toarray"`
	What   string
	Log    uint64
	Index  uint64
	Number string // "" but for a replacement
}

// encode is the line as the digest takes it.
func (l *Line) encode() ([]byte, error) {
	w := wireLine{Number: l.Number, Refused: l.Refused}
	if c := l.Certificate; c != nil {
		w.Certificate = []wireCertificate{{Hash: c.Hash, Kind: uint64(c.Kind), To: c.To, Issued: uint64(c.Issued), Expires: uint64(c.Expires),
			Log: uint64(c.Place.Log), Index: c.Place.Index}}
	}
	for _, m := range l.Marks {
		w.Marks = append(w.Marks, wireMark{What: m.What, Log: uint64(m.Place.Log), Index: m.Place.Index, Number: m.Number})
	}
	return canonical.Marshal(w)
}

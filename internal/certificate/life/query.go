package life

import (
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Status is where a certificate stands in public.
type Status string

// The states, the later ones counting more.
const (
	Issued    Status = "issued"
	Expired   Status = "expired" // and nobody has said that it was received
	Lost      Status = "lost"
	Disputed  Status = "disputed"
	SentBack  Status = "sent_back"
	Forfeited Status = "forfeited"
	Void      Status = "void"
	Replaced  Status = "replaced"
	Received  Status = "received"
)

// TextKeys names the status's words, those of the consignment.
func (s Status) TextKeys() []string { return []string{"certificate.state." + string(s)} }

// Certificate is one in the view.
type Certificate struct {
	Statement   canonical.Hash
	Origin      string // of the log in which it is recorded
	Number      string
	Participant ident.ParticipantCode
	Issuer      string
	Kind        statement.Kind
	Destination ident.ParticipantCode
	Issued      period.Date
	Expires     period.Date
	StatedAt    int64 // seconds, as its issuer says
	Synthetic   bool
	Events      []Event // what counts of what is said of it, in order of time; only with Of
}

// Event is a later statement about a certificate.
type Event struct {
	Statement   canonical.Hash
	Origin      string
	Type        statement.Type
	Step        statement.Step // of a disposition
	Number      string
	Certificate canonical.Hash
	Participant ident.ParticipantCode
	Issuer      string
	Day         period.Date
	Hundredths  uint64
	Parcels     uint64
	Other       string
	Reason      string
	StatedAt    int64
}

// Status folds the events that count, as of a day.
func (c *Certificate) Status(on period.Date) Status {
	s := Issued
	for _, e := range c.Events {
		switch e.Type {
		case statement.TypeVoid:
			s = Void
		case statement.TypeReplacement:
			s = Replaced
		case statement.TypeLoss:
			s = Lost
		case statement.TypeReceipt:
			return Received
		case statement.TypeDiscrepancy:
			s = Disputed
		case statement.TypeDisposition:
			s = disposed[e.Step]
		}
	}
	if s == Issued && on > c.Expires {
		return Expired
	}
	return s
}

var disposed = map[statement.Step]Status{statement.Detained: Disputed, statement.Released: Issued, statement.Returned: SentBack,
	statement.Seized: Forfeited, statement.Sold: Forfeited, statement.Destroyed: Forfeited}

// day reads a day that a statement has as a number.
func day(d *period.Date) *int32 { return (*int32)(d) }

const columns = `statement, origin, number, participant, issuer, kind, destination, issued, expires, stated_at, synthetic`

func scan(scan store.Scan) (c Certificate, err error) {
	var h []byte
	err = scan(&h, &c.Origin, &c.Number, &c.Participant, &c.Issuer, &c.Kind, &c.Destination, day(&c.Issued), day(&c.Expires), &c.StatedAt, &c.Synthetic)
	copy(c.Statement[:], h)
	return c, err
}

const eventColumns = `statement, origin, type, step, number, certificate, participant, issuer, day, hundredths, parcels, other, reason, stated_at`

func scanEvent(scan store.Scan) (e Event, err error) {
	var h, about []byte
	err = scan(&h, &e.Origin, &e.Type, &e.Step, &e.Number, &about, &e.Participant, &e.Issuer, day(&e.Day), &e.Hundredths, &e.Parcels, &e.Other, &e.Reason, &e.StatedAt)
	copy(e.Statement[:], h)
	copy(e.Certificate[:], about)
	return e, err
}

// byIssuer are the statements that only the issuing Participant makes of its
// certificates; the destination makes the others. A transit is anybody's.
var byIssuer = map[statement.Type]bool{statement.TypeOpening: true, statement.TypeVoid: true, statement.TypeReplacement: true, statement.TypeLoss: true, statement.TypeEndorsement: true}

func (c *Certificate) counts(e Event) bool {
	switch {
	case e.Certificate != c.Statement:
		return false
	case e.Type == statement.TypeTransit:
		return true
	case byIssuer[e.Type]:
		return e.Participant == c.Participant
	}
	return e.Participant == c.Destination
}

// Of gives the certificates with a number: more than one when somebody has signed
// two, which is the worst thing a page can show. Their events are those that count.
func Of(tx *store.Tx, number string) ([]Certificate, error) {
	found, err := store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life WHERE number = $1 AND good = 1 ORDER BY stated_at, statement, origin`, number)
	if err != nil {
		return nil, err
	}
	events, err := Said(tx, number)
	if err != nil {
		return nil, err
	}
	for i := range found {
		for _, e := range events {
			if found[i].counts(e) {
				found[i].Events = append(found[i].Events, e)
			}
		}
	}
	return found, nil
}

// Said lists everything that entitled offices have said under a number, of
// whatever content.
func Said(tx *store.Tx, number string) ([]Event, error) {
	return store.Collect(tx, scanEvent, `SELECT `+eventColumns+` FROM certificate_life_event WHERE number = $1 AND good = 1 ORDER BY stated_at, statement, origin`, number)
}

// Unheard lists what others have said of a Participant's certificates and its
// office has not acted on yet, in order of time.
func Unheard(tx *store.Tx, participant ident.ParticipantCode, limit int) ([]Event, error) {
	return store.Collect(tx, scanEvent, `SELECT `+eventColumns+` FROM certificate_life_event e WHERE number >= $1 AND number < $2 AND good = 1 AND participant <> $1
		AND NOT EXISTS (SELECT 1 FROM certificate_heard h WHERE h.statement = e.statement) ORDER BY stated_at, statement, origin LIMIT $3`,
		string(participant), string(participant)+"~", limit)
}

// Newest lists the certificates stated last.
func Newest(tx *store.Tx, limit int) ([]Certificate, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life WHERE good = 1 ORDER BY stated_at DESC, statement, origin LIMIT $1`, limit)
}

// Pair is what is open between two Participants.
type Pair struct {
	From, To    ident.ParticipantCode
	Unconfirmed int64       // certificates of which nobody has confirmed or refused receipt
	Since       period.Date // the earliest day of expiry among them
	Unopened    int64       // whose delayed facts are not public
}

// unanswered is the condition that neither side has closed a certificate.
const unanswered = `NOT EXISTS (SELECT 1 FROM certificate_life_event e WHERE e.certificate = c.statement AND e.good = 1
	AND (e.type IN (7, 8) AND e.participant = c.participant OR e.type IN (11, 13, 30) AND e.participant = c.destination))`

const unopened = `NOT EXISTS (SELECT 1 FROM certificate_life_event e WHERE e.certificate = c.statement AND e.good = 1 AND e.type = 6 AND e.participant = c.participant)`

// Overdue lists, for every pair of Participants, the certificates that expired
// before one day and are unanswered (R-IMP-07), and those that expired before
// another and are unopened (R-OPN-01). The record does not say when a shipment left;
// it left before the certificate expired.
func Overdue(tx *store.Tx, unconfirmedBefore, unopenedBefore period.Date) ([]Pair, error) {
	return store.Collect(tx, func(scan store.Scan) (p Pair, err error) {
		err = scan(&p.From, &p.To, &p.Unconfirmed, day(&p.Since), &p.Unopened)
		return p, err
	}, `SELECT participant, destination, SUM(late), COALESCE(MIN(since), 0), SUM(closed) FROM (
			SELECT participant, destination, 1 AS late, expires AS since, 0 AS closed FROM certificate_life c WHERE good = 1 AND expires < $1 AND `+unanswered+`
			UNION ALL SELECT participant, destination, 0, NULL, 1 FROM certificate_life c WHERE good = 1 AND expires < $2 AND `+unopened+`) AS open_points
		GROUP BY participant, destination ORDER BY 3 DESC, participant, destination`, int64(unconfirmedBefore), int64(unopenedBefore))
}

// Unanswered lists the certificates from one Participant to another that expired
// before a day and are unanswered, longest first.
func Unanswered(tx *store.Tx, from, to ident.ParticipantCode, before period.Date, limit int) ([]Certificate, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life c WHERE good = 1 AND participant = $1 AND destination = $2 AND expires < $3 AND `+unanswered+`
		ORDER BY expires, number, origin LIMIT $4`, string(from), string(to), int64(before), limit)
}

// Counts is how much the view holds.
type Counts struct{ Certificates, Received, Void, Pending, Refused int64 }

// Count counts.
func Count(tx *store.Tx) (n Counts, err error) {
	err = tx.QueryRow(`SELECT (SELECT COUNT(*) FROM certificate_life WHERE good = 1),
		(SELECT COUNT(*) FROM certificate_life_event WHERE good = 1 AND type = 11 AND participant <> substr(number, 1, 2)),
		(SELECT COUNT(*) FROM certificate_life_event WHERE good = 1 AND type IN (7, 8) AND participant = substr(number, 1, 2)),
		(SELECT COUNT(*) FROM certificate_life_pending),
		(SELECT COUNT(*) FROM certificate_life WHERE good < 0) + (SELECT COUNT(*) FROM certificate_life_event WHERE good < 0)`).
		Scan(&n.Certificates, &n.Received, &n.Void, &n.Pending, &n.Refused)
	return n, err
}

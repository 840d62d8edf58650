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
	Attested  Status = "attested" // received, as its issuer attests of a confirmation on paper
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
	State       Status  // where it stands whatever the day; see Status.On
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

// Status is where it stands on a day, of the events that count.
func (c *Certificate) Status(on period.Date) Status { return c.fold().On(on, c.Expires) }

// On is a state that does not know the clock, on a day.
func (s Status) On(day, expires period.Date) Status {
	if s == Issued && day > expires {
		return Expired
	}
	return s
}

func (c *Certificate) fold() Status {
	s, attested := Issued, false
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
		case statement.TypeAttestation:
			attested = true
		case statement.TypeDiscrepancy:
			s = Disputed
		case statement.TypeDisposition:
			s = disposed[e.Step]
		}
	}
	if attested {
		return Attested
	}
	return s
}

var disposed = map[statement.Step]Status{statement.Detained: Disputed, statement.Released: Issued, statement.Returned: SentBack,
	statement.Seized: Forfeited, statement.Sold: Forfeited, statement.Destroyed: Forfeited}

// day reads a day that a statement has as a number.
func day(d *period.Date) *int32 { return (*int32)(d) }

const columns = `statement, origin, number, participant, issuer, kind, destination, issued, expires, stated_at, synthetic, state`

func scan(scan store.Scan) (c Certificate, err error) {
	var h []byte
	err = scan(&h, &c.Origin, &c.Number, &c.Participant, &c.Issuer, &c.Kind, &c.Destination, day(&c.Issued), day(&c.Expires), &c.StatedAt, &c.Synthetic, &c.State)
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
var byIssuer = map[statement.Type]bool{statement.TypeOpening: true, statement.TypeVoid: true, statement.TypeReplacement: true, statement.TypeLoss: true, statement.TypeEndorsement: true,
	statement.TypeAttestation: true}

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
		found[i].take(events)
	}
	return found, nil
}

// take keeps the events that count.
func (c *Certificate) take(events []Event) {
	for _, e := range events {
		if c.counts(e) {
			c.Events = append(c.Events, e)
		}
	}
}

// Unsettled counts the certificates with a number whose signer is not known yet, and
// those that nobody entitled has signed.
func Unsettled(tx *store.Tx, number string) (pending, refused int64, err error) {
	err = tx.QueryRow(`SELECT COALESCE(SUM(CASE WHEN good = 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN good < 0 THEN 1 ELSE 0 END), 0)
		FROM certificate_life WHERE number = $1`, number).Scan(&pending, &refused)
	return pending, refused, err
}

// inOrder is that of a life. Of what is said in one second, a case is opened before the
// goods are detained, and they are detained before they are released.
const inOrder = `ORDER BY stated_at, type, step, statement, origin`

// Said lists everything that entitled offices have said under a number, of
// whatever content.
func Said(tx *store.Tx, number string) ([]Event, error) {
	return store.Collect(tx, scanEvent, `SELECT `+eventColumns+` FROM certificate_life_event WHERE number = $1 AND good = 1 `+inOrder, number)
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
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life WHERE good = 1 ORDER BY stated_at DESC, statement DESC, origin LIMIT $1`, limit)
}

// Counts is how much the view holds.
type Counts struct {
	Certificates, Received, Void     int64
	Attested                         int64 // of Certificates: receipt confirmed on paper
	Transcribed, TranscribedReceived int64 // paper certificates from outside: not signed by their issuers
}

// Count counts, by the sums of the pairs.
func Count(tx *store.Tx) (n Counts, err error) {
	err = tx.QueryRow(`SELECT COALESCE(SUM(certificates), 0), COALESCE(SUM(received), 0), COALESCE(SUM(cancelled), 0), COALESCE(SUM(attested), 0),
		COALESCE(SUM(transcribed), 0), COALESCE(SUM(transcribed_received), 0) FROM certificate_life_pair`).
		Scan(&n.Certificates, &n.Received, &n.Void, &n.Attested, &n.Transcribed, &n.TranscribedReceived)
	return n, err
}

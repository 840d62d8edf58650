package life

import (
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// stand is where a certificate stands whatever the day, as its row has it.
type stand struct {
	state            Status
	answered, opened bool
	counted          bool // in the sums of its pair
}

// reckon folds the events that count.
func (c *Certificate) reckon() stand {
	s := stand{state: c.fold(), counted: true}
	s.answered, s.opened = c.Ends()
	return s
}

// Ends tells which of a certificate's two ends are closed by the events that count:
// whether its destination or its issuer has answered (R-IMP-07), and whether its delayed
// facts are public (R-OPN-01).
func (c *Certificate) Ends() (answered, opened bool) {
	for _, e := range c.Events {
		switch e.Type {
		case statement.TypeOpening:
			opened = true
		case statement.TypeVoid, statement.TypeReplacement, statement.TypeReceipt, statement.TypeDiscrepancy, statement.TypeDisposition,
			statement.TypeAttestation:
			answered = true
		}
	}
	return answered, opened
}

// touch reckons anew where a certificate stands, after something has come to count
// that is said of it, or it itself has. What it leaves behind depends on the events
// that count and not on their order, nor on how often it is called.
func touch(tx *store.Tx, of canonical.Hash) error {
	if err := touchTranscript(tx, of); err != nil {
		return err
	}
	found, err := store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life WHERE statement = $1 AND good = 1`, of)
	if err != nil || len(found) == 0 {
		return err
	}
	events, err := store.Collect(tx, scanEvent, `SELECT `+eventColumns+` FROM certificate_life_event WHERE certificate = $1 AND good = 1 `+inOrder, of)
	if err != nil {
		return err
	}
	for i := range found {
		c := &found[i]
		c.take(events)
		if err := c.keep(tx); err != nil {
			return err
		}
	}
	return nil
}

// keep writes a certificate's stand, and what has changed into the sums.
func (c *Certificate) keep(tx *store.Tx) error {
	var was stand
	err := tx.QueryRow(`SELECT state, answered, opened, counted FROM certificate_life WHERE statement = $1 AND origin = $2`, c.Statement, c.Origin).
		Scan(&was.state, &was.answered, &was.opened, &was.counted)
	now := c.reckon()
	if err != nil || was == now {
		return err
	}
	if _, err := tx.Exec(`UPDATE certificate_life SET state = $3, answered = $4, opened = $5, counted = 1 WHERE statement = $1 AND origin = $2`,
		c.Statement, c.Origin, string(now.state), number(now.answered), number(now.opened)); err != nil {
		return err
	}
	return addSums(tx, c.Participant, c.Destination, now.sums().less(was.sums()))
}

// addSums adds to the sums of a pair.
func addSums(tx *store.Tx, from, to ident.ParticipantCode, more Sums) error {
	_, err := tx.Exec(`INSERT INTO certificate_life_pair (participant, destination, certificates, received, cancelled, unanswered, unopened, attested, transcribed,
		transcribed_received) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (participant, destination) DO UPDATE SET
		certificates = certificate_life_pair.certificates + excluded.certificates, received = certificate_life_pair.received + excluded.received,
		cancelled = certificate_life_pair.cancelled + excluded.cancelled, unanswered = certificate_life_pair.unanswered + excluded.unanswered,
		unopened = certificate_life_pair.unopened + excluded.unopened, attested = certificate_life_pair.attested + excluded.attested,
		transcribed = certificate_life_pair.transcribed + excluded.transcribed,
		transcribed_received = certificate_life_pair.transcribed_received + excluded.transcribed_received`,
		string(from), string(to), more.Certificates, more.Received, more.Cancelled, more.Unanswered, more.Closed, more.Attested, more.Transcribed, more.TranscribedReceived)
	return err
}

// sums are what one certificate adds to those of its pair.
func (s stand) sums() Sums {
	if !s.counted {
		return Sums{}
	}
	return Sums{Certificates: 1, Received: number(s.state == Received), Cancelled: number(s.state == Void || s.state == Replaced), Unanswered: number(!s.answered),
		Closed: number(!s.opened), Attested: number(s.state == Attested)}
}

func (s Sums) less(o Sums) Sums {
	return Sums{Certificates: s.Certificates - o.Certificates, Received: s.Received - o.Received, Cancelled: s.Cancelled - o.Cancelled,
		Unanswered: s.Unanswered - o.Unanswered, Closed: s.Closed - o.Closed, Attested: s.Attested - o.Attested}
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Sums is how much has gone from one Participant to another. What both sides have
// signed is in Certificates and Received alone.
type Sums struct {
	From, To                                              ident.ParticipantCode
	Certificates, Received, Cancelled, Unanswered, Closed int64 // Closed: whose delayed facts are not public
	Attested                                              int64 // of Certificates: receipt confirmed on paper, as the issuer attests
	Transcribed, TranscribedReceived                      int64 // paper certificates from outside, and those received: of neither
}

func scanSums(scan store.Scan) (s Sums, err error) {
	err = scan(&s.From, &s.To, &s.Certificates, &s.Received, &s.Cancelled, &s.Unanswered, &s.Closed, &s.Attested, &s.Transcribed, &s.TranscribedReceived)
	return s, err
}

const sumColumns = `participant, destination, certificates, received, cancelled, unanswered, unopened, attested, transcribed, transcribed_received`

// SumsOf are those of one pair; zero when nothing is recorded of it.
func SumsOf(tx *store.Tx, from, to ident.ParticipantCode) (Sums, error) {
	found, err := store.Collect(tx, scanSums, `SELECT `+sumColumns+` FROM certificate_life_pair WHERE participant = $1 AND destination = $2`, string(from), string(to))
	if err != nil || len(found) == 0 {
		return Sums{From: from, To: to}, err
	}
	return found[0], nil
}

// Pairs lists the pairs of Participants between which certificates are recorded, or
// papers transcribed.
func Pairs(tx *store.Tx) ([]Sums, error) {
	return store.Collect(tx, scanSums, `SELECT `+sumColumns+` FROM certificate_life_pair WHERE certificates + transcribed > 0 ORDER BY participant, destination`)
}

package life

import (
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Transcript is a paper certificate from outside in the view. Its issuer has not signed
// it; what it says is the word of the office that transcribed it.
type Transcript struct {
	Statement   canonical.Hash
	Origin      string // of the log in which it is recorded
	Number      string
	Claimed     ident.ParticipantCode // whose certificate it claims to be
	Participant ident.ParticipantCode // that transcribed it
	Issuer      string                // its office
	Kind        statement.Kind
	Destination ident.ParticipantCode
	Issued      period.Date
	Expires     period.Date
	Original    bool     // the office had the original in hand
	Findings    []string // rules that the paper did not pass
	StatedAt    int64
	Synthetic   bool
	Received    bool
	ReplacedBy  canonical.Hash // the transcript of the same office that corrects it; zero: it counts
}

// enterTranscript writes a transcript into the view.
func enterTranscript(tx *store.Tx, e follow.Followed, t *statement.Transcript, good int) (int64, error) {
	st := e.Statement
	return tx.Exec(`INSERT INTO certificate_life_transcript (statement, origin, number, claimed, participant, issuer, kind, destination, issued, expires, original,
		findings, stated_at, synthetic, good, received, counted, replaces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, $16)
		ON CONFLICT (statement, origin) DO NOTHING`, st.Hash, e.Origin, t.Number, t.Claimed, st.Participant(), st.Issuer, t.Kind, t.Destination, t.Issued, t.Expires,
		number(t.Original), strings.Join(t.Findings, " "), st.IssuedAt, st.Synthetic, good, replacesOf(st))
}

// replacesOf is what a transcript takes the place of: it names one statement, that of the
// mis-keyed one.
func replacesOf(st *statement.Statement) any {
	if len(st.Refs) != 1 {
		return nil
	}
	return st.Refs[0]
}

const transcriptColumns = `t.statement, t.origin, t.number, t.claimed, t.participant, t.issuer, t.kind, t.destination, t.issued, t.expires, t.original, t.findings, t.stated_at,
	t.synthetic, t.received, (SELECT r.statement FROM certificate_life_transcript r WHERE r.replaces = t.statement AND r.issuer = t.issuer AND r.good = 1
	ORDER BY r.statement LIMIT 1)`

func scanTranscript(scan store.Scan) (t Transcript, err error) {
	var h, by []byte
	var findings string
	err = scan(&h, &t.Origin, &t.Number, &t.Claimed, &t.Participant, &t.Issuer, &t.Kind, &t.Destination, day(&t.Issued), day(&t.Expires), &t.Original,
		&findings, &t.StatedAt, &t.Synthetic, &t.Received, &by)
	copy(t.Statement[:], h)
	copy(t.ReplacedBy[:], by)
	t.Findings = strings.Fields(findings)
	return t, err
}

// touchTranscript reckons anew whether a paper was received, by the Participant that
// transcribed it and nobody else, and keeps the sums of its pair. One that another of its
// office has taken the place of counts no more.
func touchTranscript(tx *store.Tx, of canonical.Hash) error {
	before, err := store.Collect(tx, func(scan store.Scan) (h canonical.Hash, err error) {
		var b []byte
		err = scan(&b)
		copy(h[:], b)
		return h, err
	}, `SELECT DISTINCT replaces FROM certificate_life_transcript WHERE statement = $1 AND good = 1 AND replaces IS NOT NULL`, of)
	if err != nil {
		return err
	}
	for _, one := range append([]canonical.Hash{of}, before...) {
		if err := reckonTranscript(tx, one); err != nil {
			return err
		}
	}
	return nil
}

func reckonTranscript(tx *store.Tx, of canonical.Hash) error {
	found, err := store.Collect(tx, scanTranscript, `SELECT `+transcriptColumns+` FROM certificate_life_transcript t WHERE t.statement = $1 AND t.good = 1`, of)
	if err != nil {
		return err
	}
	for _, t := range found {
		var received, counted int64
		if err := tx.QueryRow(`SELECT COUNT(*) FROM certificate_life_event WHERE certificate = $1 AND good = 1 AND type = $2 AND participant = $3`,
			of, statement.TypeReceipt, string(t.Participant)).Scan(&received); err != nil {
			return err
		}
		if err := tx.QueryRow(`SELECT counted FROM certificate_life_transcript WHERE statement = $1 AND origin = $2`, of, t.Origin).Scan(&counted); err != nil {
			return err
		}
		counts := number(t.ReplacedBy.IsZero())
		now := number(received > 0) * counts
		if counted == counts && now == number(t.Received) {
			continue
		}
		if _, err := tx.Exec(`UPDATE certificate_life_transcript SET received = $3, counted = $4 WHERE statement = $1 AND origin = $2`, of, t.Origin, now, counts); err != nil {
			return err
		}
		if err := addSums(tx, t.Claimed, t.Participant, Sums{Transcribed: counts - counted, TranscribedReceived: now - number(t.Received)}); err != nil {
			return err
		}
	}
	return nil
}

// TranscriptsOf lists the papers that were transcribed under a number, oldest first:
// earlier sightings of the same number, wherever this node follows.
func TranscriptsOf(tx *store.Tx, number string) ([]Transcript, error) {
	return store.Collect(tx, scanTranscript, `SELECT `+transcriptColumns+` FROM certificate_life_transcript t WHERE t.number = $1 AND t.good = 1
		ORDER BY t.stated_at, t.statement, t.origin`, number)
}

// NewestTranscripts lists those stated last.
func NewestTranscripts(tx *store.Tx, limit int) ([]Transcript, error) {
	return store.Collect(tx, scanTranscript, `SELECT `+transcriptColumns+` FROM certificate_life_transcript t WHERE t.good = 1
		ORDER BY t.stated_at DESC, t.statement DESC, t.origin LIMIT $1`, limit)
}

package life

import (
	"cmp"
	"slices"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
)

// Pair is what is open between two Participants.
type Pair struct {
	From, To    ident.ParticipantCode
	Unconfirmed int64 // certificates of which nobody has confirmed or refused receipt
	Unopened    int64 // whose delayed facts are not public
}

// Terms are the days that count between two Participants: certificates that expired
// before them are late.
type Terms struct {
	Unconfirmed period.Date // R-IMP-07
	Unopened    period.Date // R-OPN-01
}

type pairKey struct{ from, to ident.ParticipantCode }

// Overdue lists, for every pair of Participants, the certificates that expired
// before one day and are unanswered (R-IMP-07), and those that expired before
// another and are unopened (R-OPN-01). The record does not say when a shipment left;
// it left before the certificate expired. It reads the sums of the pairs, and of
// single certificates only those that are open and not late, however many years the
// register goes back.
func Overdue(tx *store.Tx, terms func(from, to ident.ParticipantCode) (Terms, error)) ([]Pair, error) {
	sums, err := Pairs(tx)
	if err != nil {
		return nil, err
	}
	unconfirmed, unopened := notYet{tx: tx, column: "answered"}, notYet{tx: tx, column: "opened"}
	var out []Pair
	for _, s := range sums {
		if s.Unanswered == 0 && s.Closed == 0 {
			continue
		}
		t, err := terms(s.From, s.To)
		if err != nil {
			return nil, err
		}
		p := Pair{From: s.From, To: s.To}
		n, err := unconfirmed.of(s, t.Unconfirmed)
		if err != nil {
			return nil, err
		}
		p.Unconfirmed = s.Unanswered - n
		if n, err = unopened.of(s, t.Unopened); err != nil {
			return nil, err
		}
		p.Unopened = s.Closed - n
		if p.Unconfirmed > 0 || p.Unopened > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Unconfirmed, a.Unconfirmed), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return out, nil
}

// notYet counts certificates that are open and not late, by pair, once for each day.
type notYet struct {
	tx     *store.Tx
	column string
	by     map[period.Date]map[pairKey]int64
}

func (n *notYet) of(s Sums, day period.Date) (int64, error) {
	if n.by[day] == nil {
		counted, err := n.count(day)
		if err != nil {
			return 0, err
		}
		if n.by == nil {
			n.by = map[period.Date]map[pairKey]int64{}
		}
		n.by[day] = counted
	}
	return n.by[day][pairKey{s.From, s.To}], nil
}

func (n *notYet) count(day period.Date) (map[pairKey]int64, error) {
	// Grouped by what no index has in its order, so that SQLite looks up the days and
	// does not walk through all certificates in the order of their pairs.
	query := `SELECT participant || '', destination || '', COUNT(*) FROM certificate_life WHERE good = 1 AND answered = 0 AND expires >= $1
		GROUP BY participant || '', destination || ''`
	if n.column == "opened" {
		query = `SELECT participant || '', destination || '', COUNT(*) FROM certificate_life WHERE good = 1 AND opened = 0 AND expires >= $1
			GROUP BY participant || '', destination || ''`
	}
	out := map[pairKey]int64{}
	_, err := store.Collect(n.tx, func(scan store.Scan) (k pairKey, err error) {
		var count int64
		err = scan(&k.from, &k.to, &count)
		out[k] = count
		return k, err
	}, query, int64(day))
	return out, err
}

// Since is the earliest day of expiry among a pair's unanswered certificates, of which
// there is one; 0 where none is left.
func Since(tx *store.Tx, from, to ident.ParticipantCode) (d period.Date, err error) {
	err = tx.QueryRow(`SELECT COALESCE(MIN(expires), 0) FROM certificate_life WHERE good = 1 AND answered = 0 AND participant = $1 AND destination = $2`,
		string(from), string(to)).Scan(day(&d))
	return d, err
}

// Waiting is a place in the list of unanswered certificates of a pair: after this
// one. The zero value is its beginning.
type Waiting struct {
	Expires   period.Date
	Number    string
	Statement [32]byte
}

// Unanswered lists the certificates from one Participant to another that expired
// before a day and are unanswered, longest first.
func Unanswered(tx *store.Tx, from, to ident.ParticipantCode, before period.Date, after Waiting, limit int) ([]Certificate, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life WHERE good = 1 AND answered = 0 AND participant = $1 AND destination = $2
		AND expires < $3 AND (expires, number, statement) > ($4, $5, $6) ORDER BY expires, number, statement LIMIT $7`,
		string(from), string(to), int64(before), int64(after.Expires), after.Number, after.Statement[:], limit)
}

// Package sheets accounts for the numbered sheets of a station: how many of each range
// are allotted, spent, spoiled, void, how many are left, and which numbers are none of
// these (R-LOG-03). It reads; package certificate alone changes.
//
// It may import certificate and what lies below.
package sheets

import (
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Range is a range of numbers with what has become of its sheets.
type Range struct {
	ID          canonical.Hash
	R           statement.NumberRange
	First, Last string // numbers
	From, Until period.Date
	Burnt       bool // of an earlier generation of the database: nothing is allotted from it
	TakenAt     time.Time
	Count       map[certificate.SheetState]int64
	Highest     int64 // serial of the highest used; 0 for none
	Left        int64 // blank ones above the highest that can still be allotted
	Gaps        int64 // numbers below the highest used of which nothing is known
}

// lowest part of a range at which a new one should be asked for: a tenth.
const lowShare = 10

// Low tells whether a range that is in force is nearly used up.
func (r *Range) Low() bool {
	return !r.Burnt && r.Left*lowShare <= int64(r.R.Last-r.R.First+1)
}

// InForce tells whether numbers can be allotted from it on a day.
func (r *Range) InForce(on period.Date) bool {
	return !r.Burnt && on >= r.From && on <= r.Until && r.Left > 0
}

// Ranges lists the ranges of this database, newest first, before a moment and an id;
// zero: the newest. The counts go by an index, and cost what the ranges hold.
func Ranges(tx *store.Tx, generation int64, before time.Time, most int) ([]Range, error) {
	if before.IsZero() {
		before = tx.Now().AddDate(1, 0, 0)
	}
	return ranges(tx, generation, `WHERE taken_at < $1 ORDER BY taken_at DESC, first DESC LIMIT $2`, before, most)
}

// One is the range of an id; nil when there is none.
func One(tx *store.Tx, generation int64, id canonical.Hash) (*Range, error) {
	found, err := ranges(tx, generation, `WHERE id = $1`, id)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func ranges(tx *store.Tx, generation int64, where string, args ...any) ([]Range, error) {
	all, err := store.Collect(tx, func(scan store.Scan) (r Range, err error) {
		var id []byte
		var g, next int64
		err = scan(&id, &r.R.Participant, &r.R.Digits, &next, &r.R.First, &r.R.Last, &r.R.Station, &r.R.Offline, &r.R.LogWithin, &r.R.From, &r.R.Until, &g, store.ScanTime(&r.TakenAt))
		copy(r.ID[:], id)
		r.First, r.Last = r.R.Number(r.R.First), r.R.Number(r.R.Last)
		r.From, r.Until, r.Burnt = period.Date(r.R.From), period.Date(r.R.Until), g != generation
		return r, err
	}, `SELECT id, participant, digits, next, first, last, station, offline, log_within, from_day, until_day, generation, taken_at FROM certificate_range `+where, args...)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := count(tx, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func count(tx *store.Tx, r *Range) error {
	type line struct {
		state   certificate.SheetState
		n, high int64
	}
	found, err := store.Collect(tx, func(scan store.Scan) (l line, err error) { return l, scan(&l.state, &l.n, &l.high) },
		`SELECT state, COUNT(*), MAX(serial) FROM certificate_sheet WHERE range_id = $1 GROUP BY state`, r.ID)
	if err != nil {
		return err
	}
	r.Count = map[certificate.SheetState]int64{}
	var all int64
	for _, l := range found {
		r.Count[l.state], r.Highest = l.n, max(r.Highest, l.high)
		all += l.n
	}
	top := max(r.Highest, int64(r.R.First)-1)
	r.Left, r.Gaps = int64(r.R.Last)-top, top-int64(r.R.First)+1-all
	return nil
}

// Sheet is a sheet on a list.
type Sheet struct {
	certificate.Sheet
	Serial int64
}

// Of lists the sheets of a range behind a serial, in order; state "" for all.
func Of(tx *store.Tx, id canonical.Hash, state certificate.SheetState, after int64, most int) ([]Sheet, error) {
	sql, args := `range_id = $1 AND serial > $2`, []any{id, after, most}
	if state != "" {
		sql, args = sql+` AND state = $4`, append(args, string(state))
	}
	return store.Collect(tx, func(scan store.Scan) (sh Sheet, err error) {
		var entry []byte
		err = scan(&sh.Number, &sh.State, &sh.Preparer, &sh.Validator, &sh.Reason, &entry, store.ScanTime(&sh.AllottedAt), store.ScanTime(&sh.SpentAt), &sh.EndedBy,
			store.ScanTime(&sh.EndedAt), &sh.Serial)
		copy(sh.Entry[:], entry)
		return sh, err
	}, `SELECT number, state, preparer, COALESCE(validator, ''), COALESCE(reason, ''), entry, allotted_at, spent_at, COALESCE(ended_by, ''), ended_at, serial
		FROM certificate_sheet WHERE `+sql+` ORDER BY serial LIMIT $3`, args...)
}

// Gaps lists the numbers of a range below its highest used of which nothing is known,
// each run as its first and last number.
func Gaps(tx *store.Tx, r *Range, most int) (out [][2]string, err error) {
	type hole struct{ from, to int64 }
	found, err := store.Collect(tx, func(scan store.Scan) (h hole, err error) { return h, scan(&h.from, &h.to) },
		`SELECT before + 1, serial - 1 FROM (SELECT serial, LAG(serial, 1, CAST($2 AS INT8)) OVER (ORDER BY serial) AS before
			FROM certificate_sheet WHERE range_id = $1) s WHERE serial > before + 1 ORDER BY serial LIMIT $3`, r.ID, int64(r.R.First)-1, most)
	for _, h := range found {
		out = append(out, [2]string{r.R.Number(uint64(h.from)), r.R.Number(uint64(h.to))})
	}
	return out, err
}

// Ended lists the numbers that were used up without a certificate between two moments,
// in order of time.
func Ended(tx *store.Tx, from, until time.Time) ([]certificate.Sheet, error) {
	return store.Collect(tx, func(scan store.Scan) (sh certificate.Sheet, err error) {
		err = scan(&sh.Number, &sh.State, &sh.Reason, &sh.EndedBy, store.ScanTime(&sh.EndedAt))
		return sh, err
	}, `SELECT number, state, COALESCE(reason, ''), COALESCE(ended_by, ''), ended_at FROM certificate_sheet
		WHERE ended_at >= $1 AND ended_at < $2 AND entry IS NULL AND state IN ('void', 'spoiled') ORDER BY ended_at, number`, from, until)
}

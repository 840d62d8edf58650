package certificate

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TakeRange enters a number range that the authority has allotted to this
// station. Taken twice it is entered once. Faults: certificate.range_elsewhere
// for a range of another station; certificate.range_burnt for one that was stated
// before a backup was put back here: it may have been used in the lost days, even
// if the backup does not know it.
func (s *Service) TakeRange(ctx context.Context, st *statement.Statement) error {
	r, ok := st.Body.(*statement.NumberRange)
	if !ok {
		return fault.Invalid("certificate.not_a_range", fault.Arg("type", st.Type.String()))
	}
	if r.Station != s.cfg.Station {
		return fault.Invalid("certificate.range_elsewhere", fault.Arg("station", r.Station), fault.Arg("here", s.cfg.Station))
	}
	return s.write(ctx, func(tx *store.Tx) error {
		burnt, err := ledger.BurntUntil(tx)
		if err != nil {
			return err
		}
		if !burnt.IsZero() && st.IssuedAt <= burnt.Unix() {
			return fault.Conflict("certificate.range_burnt", fault.Arg("from", r.Number(r.First)), fault.Arg("to", r.Number(r.Last)), fault.Arg("at", burnt))
		}
		g, err := ledger.Generation(tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO certificate_range (id, participant, digits, first, last, next, station, offline, log_within,
			from_day, until_day, generation, taken_at) VALUES ($1, $2, $3, $4, $5, $4, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`,
			st.Hash, r.Participant, r.Digits, r.First, r.Last, r.Station, r.Offline, r.LogWithin, r.From, r.Until, g, tx.Now())
		return err
	})
}

// allotment is a number taken for a draft.
type allotment struct {
	number string
	serial int64
	id     canonical.Hash
	r      statement.NumberRange
}

// allot takes a number for this station on a day: the one given, which is the
// pre-printed sheet's, or the next. Faults: certificate.no_numbers when no range in
// force has one left; certificate.number_not_ours, certificate.number_used for a
// given one.
func (s *Service) allot(tx *store.Tx, day canonical.Day, offline bool, number string, preparer statement.KeyID) (allotment, error) {
	g, err := ledger.Generation(tx)
	if err != nil {
		return allotment{}, err
	}
	for {
		var a allotment
		if number != "" {
			a, err = s.given(tx, number, `generation = $4 AND from_day <= $5 AND until_day >= $5 AND offline = $6`, g, day, offline)
		} else {
			a, err = s.nextOf(tx, g, day, offline)
		}
		if err != nil {
			return allotment{}, err
		}
		var used int64
		if err := tx.QueryRow(`SELECT (SELECT COUNT(*) FROM certificate_sheet WHERE number = $1)
			+ (SELECT COUNT(*) FROM certificate_elsewhere WHERE number = $1)`, a.number).Scan(&used); err != nil {
			return allotment{}, err
		}
		if used > 0 && number != "" {
			return allotment{}, errUsed(tx, number)
		}
		if used > 0 {
			continue // given before, of a range that overlaps this one, or spent in days that were lost
		}
		_, err = tx.Exec(`INSERT INTO certificate_sheet (number, range_id, serial, state, preparer, allotted_at) VALUES ($1, $2, $3, 'allotted', $4, $5)`,
			a.number, a.id, a.serial, preparer.String(), tx.Now())
		return a, err
	}
}

const rangeColumns = `id, participant, digits, next, first, last, station, offline, log_within, from_day, until_day`

func scanAllotment(scan store.Scan) (a allotment, err error) {
	var id []byte
	err = scan(&id, &a.r.Participant, &a.r.Digits, &a.serial, &a.r.First, &a.r.Last, &a.r.Station, &a.r.Offline, &a.r.LogWithin, &a.r.From, &a.r.Until)
	copy(a.id[:], id)
	return a, err
}

// nextOf takes the next serial of the ranges that this station may use.
func (s *Service) nextOf(tx *store.Tx, generation int64, day canonical.Day, offline bool) (allotment, error) {
	found, err := store.Collect(tx, scanAllotment, `SELECT `+rangeColumns+` FROM certificate_range
		WHERE station = $1 AND generation = $2 AND from_day <= $3 AND until_day >= $3 AND next <= last AND offline = $4
		ORDER BY first LIMIT 1`, s.cfg.Station, generation, day, offline)
	if err != nil {
		return allotment{}, err
	}
	if len(found) == 0 {
		return allotment{}, fault.Conflict("certificate.no_numbers", fault.Arg("station", s.cfg.Station), fault.Arg("offline", offline))
	}
	a := found[0]
	a.number = a.r.Number(uint64(a.serial))
	_, err = tx.Exec(`UPDATE certificate_range SET next = next + 1 WHERE id = $1`, a.id)
	return a, err
}

// given finds the range of this station that holds a number. where narrows the
// ranges; its placeholders begin at $4. Fault certificate.number_not_ours.
func (s *Service) given(tx *store.Tx, number, where string, args ...any) (allotment, error) {
	n, err := ident.ParseNumber(number)
	if err != nil {
		return allotment{}, err
	}
	serial, err := strconv.ParseUint(n.Serial(), 10, 63)
	if err != nil {
		return allotment{}, fault.Invalid("certificate.number_not_ours", fault.Arg("number", number), fault.Arg("station", s.cfg.Station))
	}
	found, err := store.Collect(tx, scanAllotment, `SELECT `+rangeColumns+` FROM certificate_range
		WHERE station = $1 AND participant = $2 AND first <= $3 AND last >= $3 AND `+where+` ORDER BY taken_at DESC`,
		append([]any{s.cfg.Station, string(n.Participant()), serial}, args...)...)
	if err != nil {
		return allotment{}, err
	}
	for _, a := range found {
		if _, in := a.r.Serial(number); in {
			a.number, a.serial = number, int64(serial)
			return a, nil
		}
	}
	return allotment{}, fault.Invalid("certificate.number_not_ours", fault.Arg("number", number), fault.Arg("station", s.cfg.Station))
}

// errUsed says what a given number was used for.
func errUsed(tx *store.Tx, number string) error {
	sh, err := sheet(tx, number)
	if fault.Is(err, "certificate.unknown_number") {
		return fault.Conflict("certificate.number_elsewhere", fault.Arg("number", number))
	}
	if err != nil {
		return err
	}
	by, at := sh.Last()
	return fault.Conflict("certificate.number_used", fault.Arg("number", number), fault.Arg("state", sh.State), fault.Arg("by", by), fault.Arg("at", at))
}

// Gap is numbers below the highest used on which nothing final has become
// (R-LOG-03).
type Gap struct {
	From, To string     // inclusive
	State    SheetState // Blank, or Allotted for a sheet that waits
}

// Gaps lists, for every range, the numbers below the highest used that are neither
// certificate, void nor spoiled. Sheets in work since then are among them.
func (s *Service) Gaps(ctx context.Context) (out []Gap, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		out = nil
		ranges, err := store.Collect(tx, scanAllotment, `SELECT `+rangeColumns+` FROM certificate_range ORDER BY participant, first, taken_at`)
		if err != nil {
			return err
		}
		highest := map[string]uint64{} // numbers may lie in two ranges that overlap: each is told once
		for _, a := range ranges {
			states, err := statesOf(tx, a)
			if err != nil {
				return err
			}
			form := a.r.Participant + strconv.FormatUint(a.r.Digits, 10)
			out = append(out, gapsOf(a.r, states, max(a.r.First, highest[form]+1))...)
			highest[form] = max(highest[form], top(states))
		}
		return nil
	})
	return out, err
}

func top(states map[uint64]SheetState) (highest uint64) {
	for serial := range states {
		highest = max(highest, serial)
	}
	return highest
}

// gapsOf finds what is not final between one serial and the highest used.
func gapsOf(r statement.NumberRange, states map[uint64]SheetState, from uint64) (out []Gap) {
	blank := func(first, next uint64) {
		if first < next {
			out = append(out, Gap{From: r.Number(first), To: r.Number(next - 1), State: Blank})
		}
	}
	for _, serial := range slices.Sorted(maps.Keys(states)) {
		if serial < from {
			continue
		}
		blank(from, serial)
		if n := r.Number(serial); states[serial] == Allotted && serial < top(states) {
			out = append(out, Gap{From: n, To: n, State: Allotted})
		}
		from = serial + 1
	}
	return out
}

// statesOf reads what has become of the numbers of a range's form, by serial.
func statesOf(tx *store.Tx, a allotment) (map[uint64]SheetState, error) {
	states := map[uint64]SheetState{}
	_, err := store.Collect(tx, func(scan store.Scan) (struct{}, error) {
		var number string
		var state SheetState
		err := scan(&number, &state)
		if serial, in := a.r.Serial(number); in {
			states[serial] = state
		}
		return struct{}{}, err
	}, `SELECT number, state FROM certificate_sheet WHERE number >= $1 AND number <= $2
		UNION ALL SELECT number, 'spent' FROM certificate_elsewhere WHERE number >= $1 AND number <= $2
			AND number NOT IN (SELECT number FROM certificate_sheet)`, a.r.Number(a.r.First), a.r.Number(a.r.Last))
	return states, err
}

package life

import (
	"context"
	"errors"
	"time"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// batch bounds how many statements one transaction settles.
const batch = 256

type pending struct {
	hash   canonical.Hash
	place  trust.Place
	signed []byte
}

// Settle judges who signed what has come in: entitled, not, or not known yet. It
// may be called at any time and by several; it gives how many were decided.
func Settle(ctx context.Context, s *store.Store, now time.Time, d *trust.Directory) (decided int, err error) {
	var after pending
	for {
		var some []pending
		err := s.Read(ctx, now, func(tx *store.Tx) (err error) {
			some, err = store.Collect(tx, scanPending, `SELECT statement, origin, idx, signed FROM certificate_life_pending
				WHERE (statement, origin) > ($1, $2) ORDER BY statement, origin LIMIT $3`, after.hash, after.place.Origin, batch)
			return err
		})
		if err != nil || len(some) == 0 {
			return decided, err
		}
		after = some[len(some)-1]
		n := 0
		err = s.Write(ctx, now, func(tx *store.Tx) error {
			n = 0
			for _, p := range some {
				done, err := p.settle(tx, d)
				if err != nil {
					return err
				}
				if done {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return decided, err
		}
		decided += n
	}
}

func scanPending(scan store.Scan) (p pending, err error) {
	var h []byte
	var idx int64
	err = scan(&h, &p.place.Origin, &idx, &p.signed)
	copy(p.hash[:], h)
	p.place.Index = uint64(idx)
	return p, err
}

// settle writes what the directory says of one statement. What it cannot say stays
// pending.
func (p *pending) settle(tx *store.Tx, d *trust.Directory) (done bool, err error) {
	good, why := entitled(p.signed, p.place, d)
	if good == 0 {
		return false, nil
	}
	for _, q := range []string{`UPDATE certificate_life SET good = $3, why = $4 WHERE statement = $1 AND origin = $2`,
		`UPDATE certificate_life_event SET good = $3, why = $4 WHERE statement = $1 AND origin = $2`,
		`UPDATE certificate_life_transcript SET good = $3, why = $4 WHERE statement = $1 AND origin = $2`} {
		if _, err := tx.Exec(q, p.hash, p.place.Origin, good, why); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(`DELETE FROM certificate_life_pending WHERE statement = $1 AND origin = $2`, p.hash, p.place.Origin); err != nil || good < 0 {
		return true, err
	}
	of := p.hash
	if st, err := statement.Parse(p.signed); err == nil {
		if about, ok := statement.Concerns(st.Body); ok {
			of = about.Certificate
		}
	}
	return true, touch(tx, of)
}

// entitled is 1 for a statement of an office that may make it, -1 with the reason
// for another, 0 while its key or its Participant is unknown.
func entitled(signed []byte, place trust.Place, d *trust.Directory) (good int, why any) {
	st, err := statement.Parse(signed)
	if err != nil {
		return -1, "unreadable"
	}
	if err := d.AtHome(st.Participant(), place); errors.Is(err, trust.ErrParticipant) {
		return 0, nil
	} else if err != nil {
		return -1, err.Error()
	}
	switch _, err := d.Signer(st, &place); {
	case errors.Is(err, trust.ErrUnknownKey):
		return 0, nil
	case err != nil:
		return -1, err.Error()
	}
	return 1, nil
}

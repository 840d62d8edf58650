package consignment

import (
	"fmt"
	"time"

	"adamas.example/internal/store"
	"adamas.example/internal/web/hook"
)

// told are the acts of which the office's own systems can be told, and as what.
var told = map[Act]hook.Event{HearAdvised: hook.AdviceReceived, Issue: hook.CertificateIssued, Confirm: hook.ReceiptConfirmed, HearReceived: hook.ReceiptReceived,
	HearDisputed: hook.ShipmentDisputed, HearSentBack: hook.ShipmentSentBack, HearForfeited: hook.ShipmentForfeited}

// note enters a step of which somebody may want to be told.
func (s *Step) note(tx *store.Tx, id string) error {
	if told[s.Act] == "" {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO certificate_event (consignment, seq, act, at) VALUES ($1, $2, $3, $4)`, id, s.Seq, string(s.Act), s.At)
	return err
}

// Happened is what a message says: which record, and where it stands. Who may read more
// asks for it.
type Happened struct {
	Consignment string `json:"consignment"`
	Number      string `json:"certificate_number,omitempty"`
	State       string `json:"state"` // after the step
	Counterpart string `json:"counterpart"`
	Step        int64  `json:"step"`
}

// mostTold bounds one transaction.
const mostTold = 200

type event struct {
	id  string
	seq int64
	act Act
	at  time.Time
}

// Tell enters messages of the steps that were done since, in order of time; more tells
// whether there are more. It is done again and again, and tells of nothing twice.
func Tell(tx *store.Tx) (more bool, err error) {
	found, err := store.Collect(tx, func(scan store.Scan) (e event, err error) {
		err = scan(&e.id, &e.seq, &e.act, store.ScanTime(&e.at))
		return e, err
	}, `SELECT consignment, seq, act, at FROM certificate_event ORDER BY at, consignment, seq LIMIT $1`, mostTold)
	if err != nil {
		return false, err
	}
	for _, e := range found {
		c, err := Get(tx, e.id)
		if err != nil {
			return false, err
		}
		steps, err := stepsOf(tx, e.id)
		if err != nil {
			return false, err
		}
		h := Happened{Consignment: e.id, Number: c.Number, Counterpart: string(c.Counterpart), Step: e.seq, State: string(steps[e.seq-1].To)}
		if err := hook.Post(tx, fmt.Sprintf("%s.%d", e.id, e.seq), told[e.act], e.at, h); err != nil {
			return false, err
		}
		if _, err := tx.Exec(`DELETE FROM certificate_event WHERE consignment = $1 AND seq = $2`, e.id, e.seq); err != nil {
			return false, err
		}
	}
	return len(found) == mostTold, nil
}

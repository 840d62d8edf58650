package ledger

import (
	"context"
	"errors"
	"strconv"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// Names in ledger_state.
const (
	stateHold       = "hold"
	stateGeneration = "generation"
)

// Reasons for a hold. Each has words in three languages.
const (
	HoldRestored = "restored" // a backup was put back: witnesses must be asked first
	HoldBehind   = "behind"   // a witness has seen a larger log than ours
	HoldForked   = "forked"   // a witness has seen another log of our name
	HoldClosed   = "closed"   // this log has ended by statement
)

// errLogShort tells that the files of the log are missing entries.
func errLogShort(l *Log, have, want int64) error {
	return fault.Corrupt("ledger.log_short", fault.File(l.cfg.Dir), fault.Arg("have", have), fault.Arg("want", want))
}

// errLogOther tells that the folder holds another log than the database knows.
func errLogOther(l *Log, idx int64) error {
	return fault.Corrupt("ledger.log_other", fault.File(l.cfg.Dir), fault.Arg("index", idx))
}

func (l *Ledger) held() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hold
}

// Hold is why nothing is appended, "" when nothing holds the log.
func (l *Ledger) Hold() string { return l.held() }

func (l *Ledger) readHold(ctx context.Context) error {
	return l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		var err error
		l.hold, err = state(tx, stateHold)
		return err
	})
}

// SetHold stops or (with "") frees the log, durably.
func (l *Ledger) SetHold(ctx context.Context, reason string) error {
	if err := l.store.Write(ctx, l.now(), func(tx *store.Tx) error { return setState(tx, stateHold, reason) }); err != nil {
		return err
	}
	l.mu.Lock()
	l.hold = reason
	l.mu.Unlock()
	l.wake()
	return nil
}

// Generation counts how often this database was restored from a backup. What
// was allotted in an earlier generation may have been used by the lost days
// and is burnt (design.md §6).
func Generation(tx *store.Tx) (int64, error) {
	v, err := state(tx, stateGeneration)
	if err != nil || v == "" {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

// MarkRestored is called once on a database that was put back from a backup,
// before any Ledger is opened on it.
func MarkRestored(tx *store.Tx) error {
	g, err := Generation(tx)
	if err != nil {
		return err
	}
	if err := setState(tx, stateGeneration, strconv.FormatInt(g+1, 10)); err != nil {
		return err
	}
	return setState(tx, stateHold, HoldRestored)
}

func state(tx *store.Tx, name string) (v string, err error) {
	err = tx.QueryRow(`SELECT value FROM ledger_state WHERE name = $1`, name).Scan(&v)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	return v, err
}

func setState(tx *store.Tx, name, value string) error {
	_, err := tx.Exec(`INSERT INTO ledger_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

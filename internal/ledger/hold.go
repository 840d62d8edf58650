package ledger

import (
	"context"
	"errors"
	"strconv"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// Names in ledger_state.
const (
	stateHold       = "hold"
	stateGeneration = "generation"
	stateSince      = "since"   // Unix seconds: what was allotted before is burnt
	stateClosed     = "closed/" // and the origin of a log that has ended: where its office goes on
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

// Free is nil when statements may be made. Fault ledger.held while a hold is set:
// what the lost days have said of a subject is not known then, and a statement
// could contradict it. Faults of ClockFault.
func (l *Ledger) Free() error {
	if reason := l.held(); reason != "" {
		return fault.Conflict("ledger.held", fault.Arg("why", reason), fault.Arg("origin", l.log.origin))
	}
	return l.ClockFault()
}

// HoldOf is why a log of this database is on hold, "" when it is not.
func HoldOf(tx *store.Tx, origin string) (string, error) {
	successor, err := state(tx, stateClosed+origin)
	if err != nil || successor != "" {
		return HoldClosed, err
	}
	return state(tx, stateHold)
}

// Successor is the log in which the office goes on after origin was closed, ""
// while it is not.
func Successor(tx *store.Tx, origin string) (string, error) { return state(tx, stateClosed+origin) }

// End closes a log for good: nothing is appended to it any more, and its office
// goes on in successor.
func End(tx *store.Tx, origin, successor string) error {
	return setState(tx, stateClosed+origin, successor)
}

// readHold takes over what the database says, and lets the log speak to its
// witnesses or not.
func (l *Ledger) readHold(ctx context.Context) error {
	var reason string
	err := l.store.Read(ctx, l.now(), func(tx *store.Tx) (err error) {
		reason, err = HoldOf(tx, l.log.origin)
		return err
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.hold = reason
	l.mu.Unlock()
	l.log.gate.open.Store(reason == "")
	return nil
}

// SetHold stops or (with "") frees the log, durably. It frees no closed log.
func (l *Ledger) SetHold(ctx context.Context, reason string) error {
	err := l.store.Write(ctx, l.now(), func(tx *store.Tx) error { return Hold(tx, reason) })
	if err == nil {
		err = l.readHold(ctx)
	}
	l.wake()
	return err
}

// Hold writes why nothing may be appended, "" for nothing. A Ledger that is open
// does not hear of it: see SetHold.
func Hold(tx *store.Tx, reason string) error { return setState(tx, stateHold, reason) }

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
	return errors.Join(Burn(tx), setState(tx, stateHold, HoldRestored))
}

// Burn says that whatever was allotted to this node until now may have been used
// by the days that the database has lost.
func Burn(tx *store.Tx) error {
	return setState(tx, stateSince, strconv.FormatInt(tx.Now().Unix(), 10))
}

// BurntUntil is the time of the last Burn, zero when there was none: what others
// allotted by statements issued until then must not be used.
func BurntUntil(tx *store.Tx) (time.Time, error) {
	v, err := state(tx, stateSince)
	if err != nil || v == "" {
		return time.Time{}, err
	}
	sec, err := strconv.ParseInt(v, 10, 64)
	return time.Unix(sec, 0).UTC(), err
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

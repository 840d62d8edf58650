// Package lockout counts failed proofs of identity by what was typed as the login,
// whether anybody has it or not, and locks it when there are too many.
//
// Invariants: what was typed is not kept, since it may be a password in the wrong
// field; a lock stays until its time, whatever succeeds; while it stands nothing is
// counted, so that it cannot be made longer.
//
// Faults: people.locked, people.sign_in_refused.
//
// Table: party_attempt. Imports: fault, ident, store, party/people/trail.
package lockout

import (
	"crypto/sha256"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// Rule is how many failures within which time lock a login, and for how long.
type Rule struct {
	Failures int
	Within   time.Duration
	For      time.Duration
	// ID makes the id of a row.
	ID func(time.Time) (ident.RecordID, error)
}

// Key is under what the failures for a login are counted.
func Key(typed string) []byte {
	h := sha256.Sum256([]byte("adamas login " + strings.ToLower(strings.TrimSpace(typed))))
	return h[:]
}

// Check refuses a login that is locked. Fault: people.locked.
func Check(tx *store.Tx, key []byte) error {
	var until time.Time
	err := tx.QueryRow(`SELECT MAX(locked_until) FROM party_attempt WHERE login = $1`, key).Scan(store.ScanTime(&until))
	if err == nil && tx.Now().Before(until) {
		return locked(until, tx.Now())
	}
	return err
}

func locked(until, now time.Time) error {
	left := max(1, int((until.Sub(now)+time.Minute-1)/time.Minute))
	return fault.Limited("people.locked", fault.Arg("until", until.UTC()), fault.Arg("minutes", left))
}

// Failed counts a failure, and locks the login when there are too many: refused is
// people.locked then, and people.sign_in_refused before. note goes into the trail.
func (r Rule) Failed(tx *store.Tx, key []byte, note trail.Record) (refused, err error) {
	now := tx.Now()
	if _, err := tx.Exec(`DELETE FROM party_attempt WHERE at <= $1`, now.Add(-max(r.Within, r.For))); err != nil {
		return nil, err
	}
	if err := r.add(tx, key, time.Time{}); err != nil {
		return nil, err
	}
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM party_attempt WHERE login = $1 AND locked_until IS NULL AND at > $2`, key, now.Add(-r.Within)).Scan(&n); err != nil {
		return nil, err
	}
	if err := trail.Append(tx, note); err != nil || n < r.Failures {
		return fault.Unproven("people.sign_in_refused"), err
	}
	if err := Forget(tx, key); err != nil {
		return nil, err
	}
	until := now.Add(r.For)
	if err := r.add(tx, key, until); err != nil {
		return nil, err
	}
	note.Act = trail.Locked
	return locked(until, now), trail.Append(tx, note)
}

func (r Rule) add(tx *store.Tx, key []byte, until time.Time) error {
	id, err := r.ID(tx.Now())
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO party_attempt (id, login, at, locked_until) VALUES ($1, $2, $3, $4)`, id, key, tx.Now(), store.OptTime(until))
	return err
}

// Forget takes back the failures of a login; a lock stays until its time.
func Forget(tx *store.Tx, key []byte) error {
	_, err := tx.Exec(`DELETE FROM party_attempt WHERE login = $1 AND locked_until IS NULL`, key)
	return err
}

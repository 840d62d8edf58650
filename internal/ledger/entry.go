package ledger

import (
	"time"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// State is how far a statement has come. Each state is shown to people.
type State int

// The states, in order.
const (
	Prepared  State = iota + 1 // the bytes to sign are stored
	Signed                     // the signed bytes are stored; they may leave
	Logged                     // it stands in the log
	Witnessed                  // a checkpoint cosigned by all three pillars covers it
)

// String is the stable word.
func (s State) String() string {
	return [...]string{"", "prepared", "signed", "logged", "witnessed"}[s]
}

// MarshalText gives the word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Entry is a statement on its way into the log, or in it.
type Entry struct {
	ID            canonical.Hash // SHA-256 of the payload
	Seq           int64          // order of signing on this node; 0 before
	Type          statement.Type
	Issuer        string
	Subject       string
	Signed        []byte         // nil while Prepared
	Hash          canonical.Hash // of Signed
	Origin        string
	Index         int64 // -1 while not in the log
	WitnessedSize int64 // size of the first witnessed checkpoint over it; 0 before
	PreparedAt    time.Time
	SignedAt      time.Time // zero before, as the two below
	LoggedAt      time.Time
	WitnessedAt   time.Time // oldest of the witnesses' own times

	payload    []byte
	algorithm  statement.Algorithm
	keyID      statement.KeyID
	generation int64 // of the database when it was intended
}

// State tells how far the entry has come.
func (e *Entry) State() State {
	switch {
	case e.WitnessedSize > 0:
		return Witnessed
	case e.Index >= 0:
		return Logged
	case e.Signed != nil:
		return Signed
	}
	return Prepared
}

const entryColumns = `id, COALESCE(seq, 0), type, issuer, subject, payload, signed, hash, origin, COALESCE(idx, -1),
	COALESCE(witnessed_size, 0), prepared_at, signed_at, logged_at, witnessed_at, algorithm, key_id, generation`

func scanEntry(scan store.Scan) (*Entry, error) {
	var e Entry
	var id, hash, key []byte
	if err := scan(&id, &e.Seq, &e.Type, &e.Issuer, &e.Subject, &e.payload, &e.Signed, &hash, &e.Origin, &e.Index,
		&e.WitnessedSize, store.ScanTime(&e.PreparedAt), store.ScanTime(&e.SignedAt),
		store.ScanTime(&e.LoggedAt), store.ScanTime(&e.WitnessedAt), &e.algorithm, &key, &e.generation); err != nil {
		return nil, err
	}
	copy(e.ID[:], id)
	copy(e.Hash[:], hash)
	copy(e.keyID[:], key)
	return &e, nil
}

// Entries reads the entries that the tail of a query chooses: "WHERE ... ORDER BY ...".
// It is for the packages beside this one, whose tables these are too.
func Entries(tx *store.Tx, tail string, args ...any) ([]*Entry, error) {
	return store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry `+tail, args...)
}

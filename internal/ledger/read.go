package ledger

import (
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// Since lists what was signed here or found in the log, in order of signing,
// from number seq on. Numbers begin with 1 and have no gaps: each is given out in
// a serializable transaction after the last.
func Since(tx *store.Tx, seq int64, limit int) ([]*Entry, error) {
	return store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE seq >= $1 ORDER BY seq LIMIT $2`, seq, limit)
}

// Numbers gives the newest number of an own entry and of a change of the vault; 0
// for none.
func Numbers(tx *store.Tx) (seq, kept int64, err error) {
	err = tx.QueryRow(`SELECT (SELECT COALESCE(MAX(seq), 0) FROM ledger_entry), (SELECT COALESCE(MAX(kept), 0) FROM ledger_vault)`).Scan(&seq, &kept)
	return seq, kept, err
}

// StateOf tells how far an own statement has come, by its hash, for pages that
// show it; index is -1 while it is in no log. State 0 stands for a statement that
// is not this node's own. It costs one look into an index.
func StateOf(tx *store.Tx, hash canonical.Hash) (state State, index int64, err error) {
	e, err := store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE hash = $1
		ORDER BY COALESCE(idx, 9223372036854775807) LIMIT 1`, hash)
	if err != nil || len(e) == 0 {
		return 0, -1, err
	}
	return e[0].State(), e[0].Index, nil
}

// Keeps tells whether the log of that origin is, or has been, this node's own.
func (l *Ledger) Keeps(tx *store.Tx, origin string) (bool, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM (SELECT id FROM ledger_entry WHERE origin = $1 LIMIT 1) one`, origin).Scan(&n)
	return n > 0 || origin == l.log.origin, err
}

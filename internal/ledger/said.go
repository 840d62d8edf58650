package ledger

import (
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// Said lists the signed statements of one type that are known here, own and found
// in the log, in order of signing. It looks at every entry of the type: for acts
// that are rare, such as those about keys.
func Said(tx *store.Tx, t statement.Type) ([]*Entry, error) {
	return store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE type = $1 AND signed IS NOT NULL ORDER BY seq`, t)
}

// SaidOf lists what an issuer has signed here on a subject, in order of signing,
// however far each has come.
func SaidOf(tx *store.Tx, issuer, subject string) ([]*Entry, error) {
	return store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE issuer = $1 AND subject = $2 AND seq IS NOT NULL
		AND foreign_leaf = 0 ORDER BY n`, issuer, subject)
}

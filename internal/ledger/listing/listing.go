// Package listing reads a register as people do: newest first, by kind, by who states
// it, on one subject; and one entry by its digest or place. Nothing it does grows with
// the length of the register.
//
// It may import ledger, store and verify.
package listing

import (
	"cmp"
	"math"
	"slices"

	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Kind is what is stated, and by whom.
type Kind struct {
	Type   statement.Type
	Issuer string
}

// mostKinds bounds the kinds that Kinds lists: there is one for each pair of a type
// and an office, and few offices state anything in one register.
const mostKinds = 1000

// Kinds lists the kinds of statements that stand here, by type and issuer. It costs a
// look or two into an index for each, however many entries there are: SQLite goes
// through a whole type when it is asked for the next of both at once.
func Kinds(tx *store.Tx) (out []Kind, err error) {
	var last Kind
	for len(out) < mostKinds {
		next, err := kinds(tx, `type = $1 AND issuer > $2`, int64(last.Type), last.Issuer)
		if err == nil && len(next) == 0 {
			next, err = kinds(tx, `type > $1`, int64(last.Type))
		}
		if err != nil || len(next) == 0 {
			return out, err
		}
		last = next[0]
		out = append(out, last)
	}
	return out, nil
}

// kinds finds the first kind after some point.
func kinds(tx *store.Tx, after string, args ...any) ([]Kind, error) {
	return store.Collect(tx, func(scan store.Scan) (k Kind, err error) {
		err = scan(&k.Type, &k.Issuer)
		return k, err
	}, `SELECT type, issuer FROM ledger_entry WHERE seq IS NOT NULL AND `+after+` ORDER BY type, issuer LIMIT 1`, args...)
}

// Query chooses among what was signed here or found in the log. A zero field
// chooses nothing.
type Query struct {
	Kinds   []Kind // one of these; nil for every kind
	Subject string // of exactly this subject; goes with Kinds
	Before  int64  // of lower Seq than this; 0 for no bound
	After   int64  // of higher Seq than this; with Before 0, those next to it
}

// mostOfSubject bounds what is read of one office on one subject.
const mostOfSubject = 1000

// Read gives up to limit entries, newest first. It reads at most limit entries of each
// kind, and at most a thousand of an office on a subject, however many there are.
func Read(tx *store.Tx, l Query, limit int) (out []*ledger.Entry, err error) {
	switch {
	case l.Subject != "":
		out, err = l.ofSubject(tx)
	case l.Kinds == nil:
		out, err = l.read(tx, limit, "")
	default:
		for _, k := range l.Kinds {
			some, err := l.read(tx, limit, ` AND type = $4 AND issuer = $5`, int64(k.Type), k.Issuer)
			if err != nil {
				return nil, err
			}
			out = append(out, some...)
		}
	}
	slices.SortFunc(out, func(a, b *ledger.Entry) int { return cmp.Compare(b.Seq, a.Seq) })
	if l.upward() {
		return out[max(0, len(out)-limit):], err
	}
	return out[:min(len(out), limit)], err
}

func (l *Query) upward() bool { return l.After > 0 && l.Before == 0 }

func (l *Query) read(tx *store.Tx, limit int, of string, args ...any) ([]*ledger.Entry, error) {
	order := " DESC"
	if l.upward() {
		order = ""
	}
	return ledger.Entries(tx, `WHERE seq > $1 AND seq < $2`+of+` ORDER BY seq`+order+` LIMIT $3`,
		append([]any{l.After, cmp.Or(l.Before, math.MaxInt64), limit}, args...)...)
}

// ofSubject goes by issuer and subject alone, which have an index: few entries are on
// one subject.
func (l *Query) ofSubject(tx *store.Tx) (out []*ledger.Entry, err error) {
	wanted, read := map[Kind]bool{}, map[string]bool{}
	for _, k := range l.Kinds {
		wanted[k] = true
	}
	for _, k := range l.Kinds {
		if read[k.Issuer] {
			continue
		}
		read[k.Issuer] = true
		all, err := ledger.Entries(tx, `WHERE issuer = $1 AND subject = $2 ORDER BY n DESC LIMIT $3`,
			k.Issuer, l.Subject, mostOfSubject)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if wanted[Kind{e.Type, e.Issuer}] && e.Seq > l.After && e.Seq < cmp.Or(l.Before, math.MaxInt64) {
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// At gives the entry of the home log, or one that was closed, at an index. ok is false
// when there is none.
func At(tx *store.Tx, origin string, index int64) (e *ledger.Entry, ok bool, err error) {
	rows, err := ledger.Entries(tx, `WHERE origin = $1 AND idx = $2`, origin, index)
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	return rows[0], true, nil
}

// CheckpointOver gives the text of the checkpoint that was the first to cover the
// entry before witnesses; "" while there is none.
func CheckpointOver(tx *store.Tx, e *ledger.Entry) (string, error) {
	if e.WitnessedSize == 0 {
		return "", nil
	}
	rows, err := store.Collect(tx, func(scan store.Scan) (text string, err error) {
		err = scan(&text)
		return text, err
	}, `SELECT text FROM ledger_checkpoint WHERE origin = $1 AND size = $2`, e.Origin, e.WitnessedSize)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// ByHash gives a signed entry by the hash of its signed bytes. ok is false when there
// is none here.
func ByHash(tx *store.Tx, h canonical.Hash) (e *ledger.Entry, ok bool, err error) {
	rows, err := ledger.Entries(tx, `WHERE hash = $1 ORDER BY COALESCE(idx, 9223372036854775807) LIMIT 1`, h)
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	return rows[0], true, nil
}

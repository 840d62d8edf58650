package ledger

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Kept is what the vault holds for one statement.
type Kept struct {
	Statement  []byte                 // the signed bytes; nil while it is only intended
	Disclosure *commitment.Disclosure // nil when this node was shown nothing
	Approvals  [][]byte               // the preparer's, the validator's; nil when not held
	At         time.Time              // of the last change
}

// KeepIntended puts the facts of an own statement into the vault, in the
// transaction that fixes its bytes: a statement must never be signed whose facts
// a crash could lose, for nobody could open it again. Faults: as Keep.
func KeepIntended(tx *store.Tx, in *Intent, d *commitment.Disclosure, approvals [][]byte) error {
	if err := opens(in.body, d, approvals); err != nil {
		return err
	}
	parts, err := encodeKept(&Kept{Disclosure: d, Approvals: approvals})
	if err != nil || parts[0] == nil && parts[1] == nil {
		return err
	}
	n, err := tx.Exec(insertKept+` ON CONFLICT (payload) DO NOTHING`, in.ID, nil, nil, parts[0], parts[1], tx.Now())
	if err != nil || n == 1 { // as ever, but for a payload whose facts came first
		return err
	}
	return widen(tx, in.ID, nil, d, approvals)
}

// Keep puts what a bundle discloses into the vault. The bytes are a signed
// statement, own or from elsewhere, whose signature is the caller's to judge.
// Both d and approvals may be nil, and must be what the statement commits to.
// What is there already is never narrowed: a whole opening stays, two partial
// ones are joined. Followers hear of what is new.
//
// Faults: ledger.statement_unreadable, ledger.nothing_to_open,
// ledger.disclosure_differs, ledger.approvals_differ.
func Keep(tx *store.Tx, signed []byte, d *commitment.Disclosure, approvals [][]byte) error {
	st, err := statement.Parse(signed)
	if err != nil {
		return fault.Invalid("ledger.statement_unreadable", fault.Because(err))
	}
	payload := canonical.Sum(st.Signed.Payload)
	own, err := store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE id = $1`, payload)
	if err != nil {
		return err
	}
	if len(own) > 0 {
		signed = nil // the entry has them, or will
	}
	return keep(tx, payload, st.Body, signed, d, approvals)
}

func keep(tx *store.Tx, payload canonical.Hash, body statement.Body, signed []byte, d *commitment.Disclosure, approvals [][]byte) error {
	if err := opens(body, d, approvals); err != nil {
		return err
	}
	return widen(tx, payload, signed, d, approvals)
}

const insertKept = `INSERT INTO ledger_vault (payload, statement, hash, disclosure, approvals, kept, kept_at)
	VALUES ($1, $2, $3, $4, $5, (SELECT COALESCE(MAX(kept), 0) + 1 FROM ledger_vault), $6)`

// widen joins what is there and what has come.
func widen(tx *store.Tx, payload canonical.Hash, signed []byte, d *commitment.Disclosure, approvals [][]byte) error {
	have, err := KeptFor(tx, payload)
	if err != nil {
		return err
	}
	if have == nil {
		have = &Kept{}
	}
	before, err := encodeKept(have)
	if err != nil {
		return err
	}
	after := &Kept{Disclosure: wider(have.Disclosure, d), Approvals: have.Approvals}
	if after.Approvals == nil {
		after.Approvals = approvals
	}
	parts, err := encodeKept(after)
	if err != nil || slices.EqualFunc(before[:], parts[:], bytes.Equal) {
		return err
	}
	var hash any
	if signed != nil {
		hash = canonical.Sum(signed)
	}
	_, err = tx.Exec(insertKept+` ON CONFLICT (payload) DO UPDATE SET statement = COALESCE(ledger_vault.statement, excluded.statement),
			hash = COALESCE(ledger_vault.hash, excluded.hash), disclosure = excluded.disclosure,
			approvals = excluded.approvals, kept = excluded.kept, kept_at = excluded.kept_at`,
		payload, signed, hash, parts[0], parts[1], tx.Now())
	return err
}

// opens checks facts and approvals against what the body commits to.
func opens(body statement.Body, d *commitment.Disclosure, approvals [][]byte) error {
	var root commitment.Root
	var pair canonical.Hash
	switch b := body.(type) {
	case *statement.Certificate:
		root, pair = b.Facts, b.FourEyes
	case *statement.Transcript:
		root = b.Facts
	case *statement.CustodyRoot:
		root = b.Sources
	case *statement.Endorsement:
		root = b.Correction
	default:
		if d != nil || approvals != nil {
			return fault.Invalid("ledger.nothing_to_open")
		}
	}
	if d != nil {
		if _, err := d.Open(root); err != nil {
			return fault.Invalid("ledger.disclosure_differs", fault.Because(err))
		}
	}
	if approvals != nil && (len(approvals) != 2 || pair.IsZero() || statement.PairHash(approvals[0], approvals[1]) != pair) {
		return fault.Invalid("ledger.approvals_differ")
	}
	return nil
}

// wider joins two openings of one root, so that nothing that either shows is lost.
func wider(have, more *commitment.Disclosure) *commitment.Disclosure {
	switch {
	case have == nil:
		return more
	case more == nil || len(have.Facts) > 0:
		return have
	case len(more.Facts) > 0:
		return more
	}
	out := &commitment.Disclosure{Slots: slices.Clone(have.Slots)}
	for i, s := range more.Slots { // the same leaves in the same order: both open the root
		if out.Slots[i].Shown == nil {
			out.Slots[i] = s
		}
	}
	return out
}

// encodeKept gives the columns disclosure and approvals, nil for NULL.
func encodeKept(k *Kept) (parts [2][]byte, err error) {
	if k.Disclosure != nil {
		if parts[0], err = canonical.Marshal(k.Disclosure); err != nil {
			return parts, err
		}
	}
	if k.Approvals != nil {
		parts[1], err = canonical.Marshal(k.Approvals)
	}
	return parts, err
}

// Change is a change of the vault: a statement's facts have come, or more of them.
type Change struct {
	Number int64 // 1 for the first; a later change of the same statement takes its place with a new number
	*Kept
}

// ChangesSince lists the vault's changes from a number on.
func ChangesSince(tx *store.Tx, number int64, limit int) ([]Change, error) {
	return store.Collect(tx, func(scan store.Scan) (c Change, err error) {
		c.Kept, err = scanKept(func(into ...any) error { return scan(append(into, &c.Number)...) })
		return c, err
	}, `SELECT `+keptColumns+`, v.kept FROM ledger_vault v LEFT JOIN ledger_entry e ON e.id = v.payload WHERE v.kept >= $1 ORDER BY v.kept LIMIT $2`, number, limit)
}

const keptColumns = `COALESCE(v.statement, e.signed), v.disclosure, v.approvals, v.kept_at`

func scanKept(scan store.Scan) (*Kept, error) {
	k := new(Kept)
	var d, a []byte
	if err := scan(&k.Statement, &d, &a, store.ScanTime(&k.At)); err != nil {
		return nil, err
	}
	return k, k.decode(d, a)
}

func (k *Kept) decode(disclosure, approvals []byte) error {
	if disclosure != nil {
		k.Disclosure = new(commitment.Disclosure)
		if err := canonical.Unmarshal(disclosure, k.Disclosure); err != nil {
			return err
		}
	}
	if approvals != nil {
		return canonical.Unmarshal(approvals, &k.Approvals)
	}
	return nil
}

// KeptFor gives what the vault holds for a payload, by its SHA-256; nil when
// nothing.
func KeptFor(tx *store.Tx, payload canonical.Hash) (*Kept, error) {
	rows, err := store.Collect(tx, scanKept, `SELECT `+keptColumns+` FROM ledger_vault v LEFT JOIN ledger_entry e ON e.id = v.payload WHERE v.payload = $1`, payload)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// FromVault gives what the vault holds for the statement whose hash, or payload's
// hash, is h: nil when nothing, which a page shows as "not disclosed to this
// node".
func FromVault(tx *store.Tx, h canonical.Hash) (*Kept, error) {
	for _, query := range []string{`SELECT signed FROM ledger_entry WHERE hash = $1 LIMIT 1`, `SELECT statement FROM ledger_vault WHERE hash = $1 LIMIT 1`} {
		var signed []byte
		err := tx.QueryRow(query, h).Scan(&signed)
		if errors.Is(err, store.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		// Not by the entry's id: that of a leaf found in the log is of its place.
		st, err := statement.ParseSign1(signed)
		if err != nil {
			return nil, nil // a leaf that is no statement opens nothing
		}
		return KeptFor(tx, canonical.Sum(st.Payload))
	}
	return KeptFor(tx, h)
}

// Bundle joins what this node has of a statement into the file that travels: the
// signed bytes, the facts it holds, and the proof once witnesses have cosigned.
// The hash is that of the statement or of its payload. Faults:
// ledger.unknown_entry, ledger.not_yet_signed.
func (l *Ledger) Bundle(ctx context.Context, h canonical.Hash) (*bundle.Bundle, error) {
	var e *Entry
	var k *Kept
	err := l.store.Read(ctx, l.now(), func(tx *store.Tx) (err error) {
		if k, err = FromVault(tx, h); err != nil {
			return err
		}
		e, err = entryBy(tx, h)
		if k != nil && k.Statement != nil && fault.Is(err, "ledger.unknown_entry") {
			err = nil // from elsewhere
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	b := &bundle.Bundle{Version: 1}
	if k != nil {
		b.Statement, b.Disclosure, b.Approvals = k.Statement, k.Disclosure, k.Approvals
	}
	if e != nil && e.Signed != nil {
		b.Statement = e.Signed
	}
	if b.Statement == nil {
		return nil, fault.Conflict("ledger.not_yet_signed", fault.Arg("hash", h.String()))
	}
	if e != nil && e.State() == Witnessed {
		p, err := l.Proof(ctx, e)
		if err != nil {
			return nil, err
		}
		b.Proof = canonical.Text(p.String())
	}
	return b, nil
}

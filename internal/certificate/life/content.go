package life

import (
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Contents is the follower that keeps what pages show of a certificate beyond its
// life: its bytes where they are another register's, the facts that an opening has
// made public, and which certificates it consumed.
type Contents struct{}

// Name is the follower's.
func (Contents) Name() string { return "certificate.contents" }

// Reset empties the view.
func (Contents) Reset(tx *store.Tx) error {
	for _, q := range []string{`DELETE FROM certificate_life_content`, `DELETE FROM certificate_life_opening`, `DELETE FROM certificate_life_consumed`} {
		if _, err := tx.Exec(q); err != nil {
			return err
		}
	}
	return nil
}

// Apply enters a certificate's bytes, or an opening.
func (Contents) Apply(tx *store.Tx, e follow.Followed) error {
	if e.Statement == nil {
		return nil
	}
	switch b := e.Statement.Body.(type) {
	case *statement.Certificate:
		if e.Own {
			return nil // in the ledger
		}
		_, err := tx.Exec(`INSERT INTO certificate_life_content (statement, origin, idx, signed) VALUES ($1, $2, $3, $4) ON CONFLICT (statement, origin) DO NOTHING`,
			e.Hash, e.Origin, e.Index, e.Bytes)
		return err
	case *statement.Opening:
		return enter(tx, e.Hash, b)
	}
	return nil
}

// enter keeps an opening. An opening of what nobody can read is kept without what it
// would have named.
func enter(tx *store.Tx, hash canonical.Hash, b *statement.Opening) error {
	raw, err := canonical.Marshal(&b.Facts)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO certificate_life_opening (statement, certificate, disclosure) VALUES ($1, $2, $3) ON CONFLICT (statement) DO NOTHING`,
		hash, b.Certificate, raw)
	if err != nil || n == 0 {
		return err
	}
	root, err := b.Facts.Root()
	if err != nil {
		return nil //nolint:nilerr // a page says that it does not open
	}
	facts, err := Public(&b.Facts, root)
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	for _, c := range facts.Consumed {
		if _, err := tx.Exec(`INSERT INTO certificate_life_consumed (parent, child, opening, number, hundredths) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (parent, number, opening) DO NOTHING`, c.Statement, b.Certificate, hash, b.Number, min(c.Hundredths, most)); err != nil {
			return err
		}
	}
	return nil
}

// most is the largest weight that a column holds.
const most = 1<<63 - 1

// Public is what a disclosure shows of the delayed facts that were committed to, and
// never more: what an office discloses of the private ones by mistake stays unshown
// here. Error: the facts are not those that were signed, or cannot be read.
func Public(d *commitment.Disclosure, committed commitment.Root) (*verify.Facts, error) {
	shown, err := d.Open(committed)
	if err != nil {
		return nil, err
	}
	delayed := make([]commitment.Fact, 0, len(shown))
	for _, f := range shown {
		if verify.Delayed(f.Label) {
			delayed = append(delayed, f)
		}
	}
	return verify.DecodeFacts(delayed)
}

// Content is a certificate's bytes as another register has them.
type Content struct {
	Index  int64
	Signed []byte
}

// ContentOf gives a certificate's bytes by their hash, and where they stand in a log;
// nil when that is no log of others, or not followed yet. Anybody can record the same
// bytes elsewhere, so that it matters which log is meant.
func ContentOf(tx *store.Tx, hash canonical.Hash, origin string) (*Content, error) {
	found, err := store.Collect(tx, func(scan store.Scan) (c Content, err error) {
		err = scan(&c.Index, &c.Signed)
		return c, err
	}, `SELECT idx, signed FROM certificate_life_content WHERE statement = $1 AND origin = $2`, hash, origin)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// OpeningOf gives what an opening discloses, by the hash of its statement; nil when
// it is not known.
func OpeningOf(tx *store.Tx, hash canonical.Hash) (*commitment.Disclosure, error) {
	found, err := store.Collect(tx, func(scan store.Scan) (raw []byte, err error) {
		err = scan(&raw)
		return raw, err
	}, `SELECT disclosure FROM certificate_life_opening WHERE statement = $1`, hash)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	d := &commitment.Disclosure{}
	return d, canonical.Unmarshal(found[0], d)
}

// Child is a certificate whose opened facts say that it consumed another.
type Child struct {
	Number     string
	Statement  canonical.Hash
	Opening    canonical.Hash
	Hundredths uint64
}

// children finds each certificate by its statement: as a column by itself the
// Participant would let SQLite go through all of his certificates for every child.
const children = `SELECT number, child, opening, hundredths FROM certificate_life_consumed s WHERE parent = $1
	AND EXISTS (SELECT 1 FROM certificate_life_event e JOIN certificate_life c ON c.statement = e.certificate AND c.participant || '' = e.participant
		WHERE e.statement = s.opening AND e.certificate = s.child AND e.good = 1 AND c.good = 1)
	ORDER BY number, opening LIMIT $2`

// Children lists the certificates that say they consumed this one, by number: those
// that their own Participant's offices have opened, so that what others state of them
// takes no place in the list. That it is what they committed to, the caller asks.
func Children(tx *store.Tx, parent canonical.Hash, limit int) ([]Child, error) {
	return store.Collect(tx, func(scan store.Scan) (c Child, err error) {
		var child, opening []byte
		err = scan(&c.Number, &child, &opening, &c.Hundredths)
		copy(c.Statement[:], child)
		copy(c.Opening[:], opening)
		return c, err
	}, children, parent, limit)
}

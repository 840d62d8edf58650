package tables

import (
	"bytes"
	"database/sql"
	"fmt"
	"time"

	"adamas.example/internal/audit/wire"
)

// stored is how the database writes a time: UTC, six decimals.
func stored(unix int64) string {
	return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05.000000Z")
}

func (c *checker) checkpoints() error {
	return c.db.each(c.ctx, `SELECT origin, size, text, time FROM ledger_checkpoint ORDER BY origin, size`, func(scan func(...any) error) error {
		var origin, text, at string
		var size int64
		if err := scan(&origin, &size, &text, &at); err != nil {
			return err
		}
		if c.head("table.checkpoint", origin, size, text, at) {
			c.heads[origin] = append(c.heads[origin], head{size, at})
		}
		return nil
	})
}

// head holds a stored checkpoint against policy, log and its own columns.
func (c *checker) head(code, origin string, size int64, text, at string) bool {
	row := fmt.Sprintf("%s %d", origin, size)
	if h, err := wire.ReadHead(text); err == nil && h.Origin != origin {
		c.wrong(code, row, "origin, text")
		return false
	}
	bad := false
	h := c.Head(text, func(why string) {
		bad = true
		c.Found(code, "", -1, "row", row, "column", "text", "why", why)
	})
	if bad || h == nil {
		if !bad && !c.Named(origin) {
			c.wrong(code, row, "origin")
		}
		return false
	}
	return c.agree(code, row, "origin", origin, h.Origin, "size", size, h.Size, "time", at, stored(h.Quorum))
}

// entryRow is a row of ledger_entry.
type entryRow struct {
	id, prev, keyID, payload, signed, hash, leaf []byte
	n                                            int64
	seq, idx, witnessed                          sql.NullInt64
	kind, algorithm, foreign                     int64
	issuer, subject, origin                      string
	witnessedAt                                  sql.NullString
	number                                       string // of a certificate
}

func (r *entryRow) String() string { return fmt.Sprintf("n %d", r.n) }

// ledger holds every entry against the log it stands in: bytes, place, and all
// that the row says of them besides.
func (c *checker) ledger() error {
	const query = `SELECT id, n, seq, type, issuer, subject, prev, algorithm, key_id, payload, signed, hash, leaf, origin, idx,
		witnessed_size, witnessed_at, foreign_leaf FROM ledger_entry ORDER BY n`
	var rows, signed, highest int64
	inLog, unlogged := map[string]*placed{}, map[wire.Hash]bool{}
	err := c.db.each(c.ctx, query, func(scan func(...any) error) error {
		var r entryRow
		if err := scan(&r.id, &r.n, &r.seq, &r.kind, &r.issuer, &r.subject, &r.prev, &r.algorithm, &r.keyID, &r.payload, &r.signed, &r.hash,
			&r.leaf, &r.origin, &r.idx, &r.witnessed, &r.witnessedAt, &r.foreign); err != nil {
			return err
		}
		if rows++; r.n != rows {
			c.wrong("table.entry", fmt.Sprintf("n %d", rows), "n")
			rows = r.n
		}
		if r.seq.Valid {
			signed, highest = signed+1, max(highest, r.seq.Int64)
			if r.seq.Int64 < 1 {
				c.wrong("table.entry", r.String(), "seq")
			}
		}
		if r.seq.Valid != (r.signed != nil) {
			c.wrong("table.entry", r.String(), "seq")
		}
		if r.signed != nil && !r.idx.Valid {
			unlogged[sum(r.signed)] = true
		}
		stands := c.place(&r)
		if stands {
			if inLog[r.origin] == nil {
				inLog[r.origin] = &placed{at: make([]bool, c.Log(r.origin).Size)}
			}
			inLog[r.origin].rows++
			inLog[r.origin].at[r.idx.Int64] = true
		}
		c.entry(&r, stands)
		return nil
	})
	if highest != signed {
		c.wrong("table.entry", fmt.Sprintf("seq %d", highest), "seq")
	}
	for origin, p := range inLog {
		if l := c.Log(origin); p.rows+p.waiting(l, unlogged) != l.Size {
			c.Found("table.missing", origin, -1, "rows", p.rows, "size", l.Size)
		}
	}
	if len(unlogged) > 0 {
		c.Found("table.unlogged", "", -1, "count", int64(len(unlogged)))
	}
	return err
}

// placed counts the rows that stand in a log, and where.
type placed struct {
	rows int64
	at   []bool
}

// waiting counts the entries that a log has and the database has signed, without knowing
// yet that the log has them: a process was killed in between, and the next start sees to it.
func (p *placed) waiting(l *wire.Log, unlogged map[wire.Hash]bool) (n int64) {
	for i, there := range p.at {
		if there || len(unlogged) == 0 {
			continue
		}
		if leaf, err := l.Leaf(int64(i)); err == nil && unlogged[sum(leaf)] {
			n++
		}
	}
	return n
}

// place holds where a row says that it stands; true when it does stand in a log
// that was read.
func (c *checker) place(r *entryRow) bool {
	c.witnessed(r)
	if !c.Named(r.origin) {
		c.wrong("table.entry", r.String(), "origin")
		return false
	}
	l := c.Log(r.origin)
	switch {
	case !r.idx.Valid:
		return false
	case l == nil:
		c.Cannot("table.log_not_read")
		return false
	case r.idx.Int64 < 0:
		c.wrong("table.entry", r.String(), "idx")
		return false
	case r.idx.Int64 >= l.Size:
		c.Cannot("table.ahead")
		return false
	}
	leaf, err := l.Leaf(r.idx.Int64)
	if err != nil || !bytes.Equal(leaf, r.signed) {
		c.Found("table.entry", r.origin, r.idx.Int64, "row", r.String(), "column", "signed")
		return false
	}
	return true
}

// witnessed wants the checkpoint that a row names: stored, over it, of its time.
func (c *checker) witnessed(r *entryRow) {
	if !r.witnessed.Valid {
		if r.witnessedAt.Valid {
			c.wrong("table.entry", r.String(), "witnessed_at")
		}
		return
	}
	for _, h := range c.heads[r.origin] {
		if h.size == r.witnessed.Int64 && r.idx.Valid && h.size > r.idx.Int64 && r.witnessedAt.String == h.time {
			return
		}
	}
	c.wrong("table.entry", r.String(), "witnessed_size")
}

// entry holds what a row says of its bytes. stands: they are those of the log.
func (c *checker) entry(r *entryRow, stands bool) {
	var s *wire.Statement
	var err error
	payload := r.payload
	switch {
	case r.signed != nil:
		if s, err = wire.Read(r.signed); err == nil {
			if payload != nil && !bytes.Equal(payload, s.Payload) {
				c.wrong("table.entry", r.String(), "payload")
			}
			payload = s.Payload
		}
		h, leaf := sum(r.signed), wire.LeafHash(r.signed)
		c.agree("table.entry", r.String(), "hash", hexed(r.hash), hexed(h[:]), "leaf", hexed(r.leaf), hexed(leaf[:]))
	case r.idx.Valid || r.hash != nil || r.leaf != nil:
		c.wrong("table.entry", r.String(), "signed")
	default:
		s, err = wire.ReadPayload(payload)
	}
	id := sum(payload)
	if r.foreign == 1 {
		id = sum(fmt.Appendf(nil, "adamas foreign leaf\n%s\n%d\n", r.origin, r.idx.Int64))
	}
	switch {
	case r.foreign != 0 && r.foreign != 1:
		c.wrong("table.entry", r.String(), "foreign_leaf")
	case err != nil && r.foreign == 0:
		c.Found("table.entry", "", -1, "row", r.String(), "column", "signed", "why", err.Error())
		return
	case err != nil:
		s = &wire.Statement{} // a leaf that is no statement, of which the row says nothing
	}
	prev := make([]byte, 32)
	if s.Prev != nil {
		prev = s.Prev
	}
	c.agree("table.entry", r.String(), "id", hexed(r.id), hexed(id[:]), "type", r.kind, s.Kind, "issuer", r.issuer, s.Issuer,
		"subject", r.subject, s.Subject, "prev", hexed(r.prev), hexed(prev))
	if r.signed != nil {
		c.agree("table.entry", r.String(), "algorithm", r.algorithm, s.Alg, "key_id", hexed(r.keyID), hexed(s.Key[:]))
	} else if len(r.keyID) != 8 || !c.Signer([8]byte(r.keyID), s.Issuer, r.algorithm) {
		c.wrong("table.entry", r.String(), "key_id")
	}
	if (s.Kind == wire.KindVoid || s.Kind == wire.KindReplacement) && s.Body != nil {
		number := s.Body.Text(1)
		c.ended[number] = c.ended[number] || r.foreign == 0
	}
	if s.Body != nil && stands {
		c.remember(s, r.foreign == 1)
	}
	if s.Kind == wire.KindCertificate && len(r.id) == 32 && s.Body != nil {
		c.entries[wire.Hash(r.id)] = entryRow{idx: r.idx, origin: r.origin, hash: r.hash, number: s.Body.Text(1),
			keyID: s.Body.Bytes(11), prev: s.Body.Bytes(12)}
	}
}

// vault holds what the node keeps of facts and approvals against the statements
// that commit to them.
func (c *checker) vault() error {
	const query = `SELECT v.payload, v.statement, v.hash, v.disclosure, v.approvals, e.signed, e.payload FROM ledger_vault v
		LEFT JOIN ledger_entry e ON e.id = v.payload ORDER BY v.kept`
	return c.db.each(c.ctx, query, func(scan func(...any) error) error {
		var id, foreign, hash, disclosure, approvals, signed, payload []byte
		if err := scan(&id, &foreign, &hash, &disclosure, &approvals, &signed, &payload); err != nil {
			return err
		}
		row := "payload " + hexed(id)
		own := foreign == nil
		if !own {
			signed = foreign
			h := sum(foreign)
			c.agree("table.vault", row, "hash", hexed(hash), hexed(h[:]))
		} else if hash != nil {
			c.wrong("table.vault", row, "hash")
		}
		var s *wire.Statement
		var err error
		if signed != nil {
			s, err = wire.Read(signed)
		} else {
			s, err = wire.ReadPayload(payload)
		}
		if err != nil {
			c.wrong("table.vault", row, "payload")
			return nil
		}
		if h := sum(s.Payload); !wire.Same(id, h) {
			c.wrong("table.vault", row, "payload")
			return nil
		}
		c.opens(row, s, disclosure, approvals)
		return nil
	})
}

func (c *checker) opens(row string, s *wire.Statement, disclosure, approvals []byte) {
	var d wire.Mapping
	if disclosure != nil {
		v, err := wire.Decode(disclosure)
		if d = wire.AsMap(v); err != nil || d == nil {
			c.wrong("table.vault", row, "disclosure")
			return
		}
		if s.Kind == 15 { // custody-root: sources are committed as facts are
			if o, err := wire.Open(d); err != nil || !o.Is(s.Body.List(2)) {
				c.wrong("table.vault", row, "disclosure")
			}
			return
		}
	}
	var pair [][]byte
	if approvals != nil {
		v, err := wire.Decode(approvals)
		for _, a := range wire.AsList(v) {
			one, _ := a.([]byte)
			pair = append(pair, one)
		}
		if err != nil || len(pair) != 2 {
			c.wrong("table.vault", row, "approvals")
			return
		}
	}
	if s.Kind != wire.KindCertificate || s.Body == nil || !c.Shown(s, d, pair) {
		c.wrong("table.vault", row, "disclosure, approvals")
	}
}

package tables

import (
	"fmt"

	"adamas.example/internal/audit/wire"
)

// followed holds the newest checkpoint of each followed log against it.
func (c *checker) followed() error {
	return c.db.each(c.ctx, `SELECT origin, size, root, text, time FROM ledger_log ORDER BY origin`, func(scan func(...any) error) error {
		var origin, text, at string
		var size int64
		var root []byte
		if err := scan(&origin, &size, &root, &text, &at); err != nil {
			return err
		}
		if h, err := wire.ReadHead(text); err != nil || !wire.Same(root, h.Root) {
			c.wrong("table.checkpoint", origin, "root")
		}
		c.head("table.checkpoint", origin, size, text, at)
		return nil
	})
}

// Under these names a follower's place among the node's own statements, in order
// of signing, and in its vault is kept.
const (
	ownPlace   = "+own"
	vaultPlace = "+vault"
)

// positions: no follower has read further than its log goes, or another log. How
// far it has read of what there is nothing else tells.
func (c *checker) positions() error {
	newest := map[string]int64{ownPlace: 0, vaultPlace: 0}
	err := c.db.each(c.ctx, `SELECT (SELECT COALESCE(MAX(seq), 0) FROM ledger_entry), (SELECT COALESCE(MAX(kept), 0) FROM ledger_vault)`, func(scan func(...any) error) error {
		var own, kept int64
		err := scan(&own, &kept)
		newest[ownPlace], newest[vaultPlace] = own, kept
		return err
	})
	if err != nil {
		return err
	}
	return c.db.each(c.ctx, `SELECT follower, origin, next, size, root FROM ledger_position ORDER BY follower, origin`, func(scan func(...any) error) error {
		var follower, origin string
		var next, size int64
		var root []byte
		if err := scan(&follower, &origin, &next, &size, &root); err != nil {
			return err
		}
		row := follower + " " + origin
		l := c.Log(origin)
		last, here := newest[origin]
		switch {
		case here:
			if next < 0 || next > last+1 || size != 0 || !wire.Same(root, wire.Hash{}) {
				c.wrong("table.position", row, "next, size, root")
			}
		case !c.Named(origin):
			c.wrong("table.position", row, "origin")
		case l == nil:
			c.Cannot("table.log_not_read")
		case next < 0 || next > size || size > l.Size:
			c.wrong("table.position", row, "next, size")
		default:
			if at, err := l.RootAt(size); err == nil && !wire.Same(root, at) {
				c.wrong("table.position", row, "root")
			}
		}
		return nil
	})
}

// forks: two faces of one log are evidence, whatever else is right.
func (c *checker) forks() error {
	return c.db.each(c.ctx, `SELECT origin, size FROM ledger_fork ORDER BY origin, size`, func(scan func(...any) error) error {
		var origin string
		var size int64
		if err := scan(&origin, &size); err != nil {
			return err
		}
		c.Found("table.fork", "", -1, "origin", origin, "size", size)
		return nil
	})
}

// state tells of a node that may not record, and why.
func (c *checker) state() error {
	return c.db.each(c.ctx, `SELECT value FROM ledger_state WHERE name = 'hold' AND value <> ''`, func(scan func(...any) error) error {
		var value string
		if err := scan(&value); err != nil {
			return err
		}
		c.Found("table.hold", "", -1, "why", value)
		return nil
	})
}

// rangeRow is a range that a station took, with the serials it may have used.
type rangeRow struct {
	Range
	next int64
	used map[int64]bool
}

func (c *checker) rangesTaken() error {
	const query = `SELECT id, participant, digits, first, last, next, station, offline, log_within, from_day, until_day FROM certificate_range ORDER BY id`
	return c.db.each(c.ctx, query, func(scan func(...any) error) error {
		var id []byte
		var offline int64
		r := &rangeRow{used: map[int64]bool{}}
		if err := scan(&id, &r.Participant, &r.Digits, &r.First, &r.Last, &r.next, &r.Station, &offline, &r.Within, &r.From, &r.Until); err != nil {
			return err
		}
		r.Offline = offline == 1
		row := "range " + hexed(id)
		stated, known := Range{}, false
		if len(id) == 32 {
			stated, known = c.Range(wire.Hash(id))
		}
		switch {
		case !known:
			c.wrong("table.range", row, "id")
			return nil
		case stated != r.Range || offline != 0 && offline != 1:
			c.wrong("table.range", row, "participant, digits, first, last, station, offline, log_within, from_day, until_day")
		case r.next < r.First || r.next > r.Last+1:
			c.wrong("table.range", row, "next")
		}
		c.ranges[wire.Hash(id)] = r
		return nil
	})
}

// elsewhere: numbers that the log shows spent and this database did not spend.
func (c *checker) elsewhere() error {
	return c.db.each(c.ctx, `SELECT number, statement FROM certificate_elsewhere ORDER BY number`, func(scan func(...any) error) error {
		var number string
		var statement []byte
		if err := scan(&number, &statement); err != nil {
			return err
		}
		if h, logged := c.Number(number); !logged || !wire.Same(statement, h) {
			c.wrong("table.sheet", number, "number, statement")
		}
		c.numbers[number], c.elsewhereFound[number] = true, true
		return nil
	})
}

// sheets holds every numbered sheet against the certificate that was made of it,
// and every range against its sheets.
func (c *checker) sheets() error {
	const query = `SELECT number, range_id, serial, state, preparer, COALESCE(validator, ''), entry FROM certificate_sheet ORDER BY number`
	err := c.db.each(c.ctx, query, func(scan func(...any) error) error {
		var number, state, preparer, validator string
		var rangeID, entry []byte
		var serial int64
		if err := scan(&number, &rangeID, &serial, &state, &preparer, &validator, &entry); err != nil {
			return err
		}
		var r *rangeRow
		if len(rangeID) == 32 {
			r = c.ranges[wire.Hash(rangeID)]
		}
		switch {
		case r == nil:
			c.wrong("table.sheet", number, "range_id")
			return nil
		case serial < r.First || serial >= r.next || number != fmt.Sprintf("%s%0*d", r.Participant, int(r.Digits), serial):
			c.wrong("table.sheet", number, "number, serial")
		}
		r.used[serial] = true
		c.numbers[number] = true
		c.Sheet(number, state)
		c.sheet(number, state, preparer, validator, entry)
		return nil
	})
	for id, r := range c.ranges {
		c.wholeRange(id, r)
	}
	return err
}

// sheet holds one sheet: spent by the two officers that its certificate names, and
// void once that is cancelled or replaced; or not spent and without one.
func (c *checker) sheet(number, state, preparer, validator string, entry []byte) {
	certificate, logged := c.Number(number)
	here, ended := c.ended[number]
	spent := state == "spent" || state == "void" && entry != nil
	switch {
	case state == "spent" && here, state == "void" && entry != nil && !ended:
		c.wrong("table.sheet", number, "state")
	case spent:
		var e entryRow
		known := false
		if len(entry) == 32 {
			e, known = c.entries[wire.Hash(entry)]
		}
		switch {
		case !known || e.number != number:
			c.wrong("table.sheet", number, "entry")
		case logged && e.idx.Valid && !wire.Same(e.hash, certificate):
			c.wrong("table.sheet", number, "entry")
		default:
			c.agree("table.sheet", number, "preparer", preparer, hexed(e.keyID), "validator", validator, hexed(e.prev))
		}
	case state == "allotted", state == "spoiled", state == "void":
		switch {
		case logged:
			c.wrong("table.sheet", number, "state")
		case entry != nil:
			c.wrong("table.sheet", number, "entry")
		case !c.Officer(preparer):
			c.wrong("table.sheet", number, "preparer")
		case validator != "":
			c.wrong("table.sheet", number, "validator")
		}
	default:
		c.wrong("table.sheet", number, "state")
	}
}

// wholeRange wants every serial below the next one accounted for: by a sheet, or
// as spent elsewhere.
func (c *checker) wholeRange(id wire.Hash, r *rangeRow) {
	for serial := r.First; serial < min(r.next, r.Last+1); serial++ {
		number := fmt.Sprintf("%s%0*d", r.Participant, int(r.Digits), serial)
		if !r.used[serial] && !c.numbers[number] {
			c.Found("table.range", "", -1, "row", "range "+hexed(id[:]), "column", "next", "number", number)
			return
		}
	}
	if h, logged := c.Number(fmt.Sprintf("%s%0*d", r.Participant, int(r.Digits), r.next)); logged && !c.numbers[fmt.Sprintf("%s%0*d", r.Participant, int(r.Digits), r.next)] {
		c.Found("table.range", "", -1, "row", "range "+hexed(id[:]), "column", "next", "statement", hexed(h[:]))
	}
}

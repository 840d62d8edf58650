// Package keying keeps the papers from outside that were scanned and are being keyed at
// the import desk, until they are on record or given up.
//
// # Invariants
//
//   - What was typed is kept as it was typed, right or wrong, with the pictures beside it.
//   - Nobody's typing overwrites what somebody else has saved meanwhile: whoever saves,
//     records or gives up says which version he saw.
//   - A paper is recorded once: the act that records it takes it in its own transaction.
//   - Nothing is removed: what is given up stays with the reason, since a paper that was
//     handed in and not recorded is a question that may be asked later.
//
// It may import consignment, outside and what lies below.
package keying

import (
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"slices"
	"time"

	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Paper is one that is being keyed.
type Paper struct {
	ID        ident.RecordID
	Fields    url.Values
	Version   int64 // of Fields, from 1
	KeyedAt   time.Time
	KeyedBy   string
	Scans     []canonical.Hash // in the order of its pages
	Corrects  string           // consignment whose paper was mis-keyed; "" for a new one
	Recorded  string           // consignment that came of it; "" while it waits
	Dropped   string           // why it was given up
	OpenedAt  time.Time
	OpenedBy  string
	ChangedAt time.Time
	ChangedBy string
}

// Waits tells whether somebody still has to key it.
func (p *Paper) Waits() bool { return p.Recorded == "" && p.Dropped == "" }

const columns = `id, fields, version, COALESCE(keyed_at, changed_at), COALESCE(keyed_by, changed_by), COALESCE(corrects, ''), COALESCE(recorded, ''), COALESCE(dropped, ''), opened_at, opened_by, changed_at, changed_by`

func scan(scan store.Scan) (p *Paper, err error) {
	p = &Paper{}
	var fields []byte
	if err = scan(&p.ID, &fields, &p.Version, store.ScanTime(&p.KeyedAt), &p.KeyedBy, &p.Corrects, &p.Recorded, &p.Dropped, store.ScanTime(&p.OpenedAt), &p.OpenedBy, store.ScanTime(&p.ChangedAt), &p.ChangedBy); err != nil {
		return nil, err
	}
	return p, json.Unmarshal(fields, &p.Fields)
}

// Open begins with the scans of a paper. corrects is the consignment whose paper was
// mis-keyed, "" for a new one. Faults: certificate.keying_scans, those of outside.Check.
func Open(tx *store.Tx, entropy io.Reader, by, corrects string, fields url.Values, scans [][]byte) (*Paper, error) {
	id, err := ident.NewRecordID(tx.Now(), entropy)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	var of any
	if corrects != "" {
		of = corrects
	}
	if _, err := tx.Exec(`INSERT INTO certificate_keying (id, fields, corrects, opened_at, opened_by, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $4, $5)`,
		id, string(raw), of, tx.Now(), by); err != nil {
		return nil, err
	}
	if err := Add(tx, id, by, scans); err != nil {
		return nil, err
	}
	return Get(tx, id)
}

// Add adds scans behind those that are there; one that is there already is not added.
// Faults: certificate.keying_scans, those of Waiting and outside.Check.
func Add(tx *store.Tx, id ident.RecordID, by string, scans [][]byte) error {
	p, err := waiting(tx, id)
	if err != nil {
		return err
	}
	if len(scans) == 0 || len(p.Scans)+len(scans) > outside.MostScans {
		return fault.Invalid("certificate.keying_scans", fault.At("scans"), fault.Arg("most", outside.MostScans))
	}
	var faults fault.List
	for _, file := range scans {
		faults.Add(fault.Locate(outside.Check(file), fault.At("scans")))
	}
	if err := faults.Err(); err != nil {
		return err
	}
	n := len(p.Scans)
	have := map[canonical.Hash]bool{}
	for _, h := range p.Scans {
		have[h] = true
	}
	for _, file := range scans {
		h, err := outside.Put(tx, by, file)
		if err != nil {
			return err
		}
		if have[h] {
			continue
		}
		have[h] = true
		n++
		if _, err := tx.Exec(`INSERT INTO certificate_keying_scan (keying, n, hash) VALUES ($1, $2, $3)`, id, n, h); err != nil {
			return err
		}
	}
	return touch(tx, id, by)
}

func touch(tx *store.Tx, id ident.RecordID, by string) error {
	_, err := tx.Exec(`UPDATE certificate_keying SET changed_at = $2, changed_by = $3 WHERE id = $1`, id, tx.Now(), by)
	return err
}

// Get reads one. Fault certificate.no_keying.
func Get(tx *store.Tx, id ident.RecordID) (*Paper, error) {
	found, err := store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_keying WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.NotFound("certificate.no_keying")
	}
	found[0].Scans, err = store.Collect(tx, func(scan store.Scan) (h canonical.Hash, err error) {
		var b []byte
		err = scan(&b)
		copy(h[:], b)
		return h, err
	}, `SELECT hash FROM certificate_keying_scan WHERE keying = $1 ORDER BY n`, id)
	return found[0], err
}

// waiting reads one that still waits. Faults: certificate.no_keying,
// certificate.keying_done.
func waiting(tx *store.Tx, id ident.RecordID) (*Paper, error) {
	p, err := Get(tx, id)
	if err == nil && !p.Waits() {
		err = fault.Conflict("certificate.keying_done", fault.Arg("by", p.ChangedBy), fault.Arg("at", p.ChangedAt))
	}
	return p, err
}

// seen reads one that still waits and is as somebody saw it; version 0 is whatever it has
// now. Faults: those of waiting,
// certificate.keying_moved with who has saved it meanwhile and when; the paper is given
// with that one too.
func seen(tx *store.Tx, id ident.RecordID, version int64) (*Paper, error) {
	p, err := waiting(tx, id)
	if err == nil && version != 0 && p.Version != version {
		err = fault.Conflict("certificate.keying_moved", fault.Arg("by", p.KeyedBy), fault.Arg("at", p.KeyedAt))
	}
	return p, err
}

// Save keeps what was typed by somebody who saw that version, and gives the paper as it is
// kept then. What is kept already is no change. Faults: certificate.no_keying,
// certificate.keying_done, certificate.keying_moved.
func Save(tx *store.Tx, id ident.RecordID, by string, version int64, fields url.Values) (*Paper, error) {
	p, err := seen(tx, id, version)
	if p != nil && p.Waits() && maps.EqualFunc(p.Fields, fields, slices.Equal) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return p, err
	}
	if _, err := tx.Exec(`UPDATE certificate_keying SET fields = $2, version = version + 1, keyed_at = $3, keyed_by = $4 WHERE id = $1`, id, string(raw), tx.Now(), by); err != nil {
		return p, err
	}
	if err := touch(tx, id, by); err != nil {
		return p, err
	}
	return Get(tx, id)
}

// Take marks one as recorded, in the transaction that records it as it was read: whoever
// comes second records nothing, and no page that came meanwhile stays behind. Faults: as of
// Save, certificate.keying_scans_more.
func Take(tx *store.Tx, read *Paper, by, consignment string) error {
	now, err := seen(tx, read.ID, read.Version)
	if err != nil {
		return err
	}
	if !slices.Equal(now.Scans, read.Scans) {
		return fault.Conflict("certificate.keying_scans_more", fault.Arg("by", now.ChangedBy), fault.Arg("at", now.ChangedAt))
	}
	if _, err := tx.Exec(`UPDATE certificate_keying SET recorded = $2 WHERE id = $1`, read.ID, consignment); err != nil {
		return err
	}
	return touch(tx, read.ID, by)
}

// Drop gives one up. Faults: as of Save, certificate.keying_why.
func Drop(tx *store.Tx, id ident.RecordID, by string, version int64, why string) error {
	if statement.CheckText(why, 1, 300) != nil {
		return fault.Invalid("certificate.keying_why", fault.At("why"))
	}
	if _, err := seen(tx, id, version); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE certificate_keying SET dropped = $2 WHERE id = $1`, id, why); err != nil {
		return err
	}
	return touch(tx, id, by)
}

// Waiting lists those that wait, longest first.
func Waiting(tx *store.Tx) ([]*Paper, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_keying WHERE recorded IS NULL AND dropped IS NULL ORDER BY opened_at, id`)
}

// Files reads the scans as they came, in order.
func (p *Paper) Files(tx *store.Tx) (out [][]byte, err error) {
	for _, h := range p.Scans {
		file, _, err := outside.Original(tx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	return out, nil
}

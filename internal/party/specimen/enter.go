package specimen

import (
	"io"
	"strings"

	"adamas.example/internal/document/picture"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// Enter enters a specimen in the caller's transaction. by is who enters it, as the
// office knows him. Faults: those of Draft.Check; party.specimen_twice for one that is
// here already, by all its pictures, for the same paper.
func Enter(tx *store.Tx, entropy io.Reader, by string, d Draft, pictures [][]byte) (ident.RecordID, error) {
	return enter(tx, entropy, by, d, pictures, "")
}

// Replace enters a specimen in the place of one that counts, which counts no more. With
// no pictures it has those of the one before: a date or a word was wrong. Faults: those
// of Enter, party.no_specimen, party.specimen_ended.
func Replace(tx *store.Tx, entropy io.Reader, by string, id ident.RecordID, d Draft, pictures [][]byte, why string) (ident.RecordID, error) {
	if len(pictures) == 0 {
		var err error
		if pictures, err = originals(tx, id); err != nil {
			return "", err
		}
	}
	var faults fault.List
	faults.Add(d.Check(pictures))
	faults.Add(checkWhy(why))
	if err := faults.Err(); err != nil {
		return "", err
	}
	if err := end(tx, by, id, why); err != nil {
		return "", err
	}
	return enter(tx, entropy, by, d, pictures, id)
}

// Withdraw ends a specimen for which nothing comes. Faults: party.no_specimen,
// party.specimen_ended, party.specimen_field at why.
func Withdraw(tx *store.Tx, by string, id ident.RecordID, why string) error {
	if err := checkWhy(why); err != nil {
		return err
	}
	return end(tx, by, id, why)
}

func end(tx *store.Tx, by string, id ident.RecordID, why string) error {
	s, err := Get(tx, Office, id)
	if err != nil {
		return err
	}
	if s.Ended != nil {
		return fault.Conflict("party.specimen_ended", fault.Arg("name", s.Name), fault.Arg("by", s.Ended.By), fault.Arg("at", s.Ended.At))
	}
	_, err = tx.Exec(`UPDATE party_kept SET ended_at = $2, ended_by = $3, ended_why = $4 WHERE id = $1 AND ended_at IS NULL`, id, tx.Now(), by, why)
	return err
}

func enter(tx *store.Tx, entropy io.Reader, by string, d Draft, pictures [][]byte, replaces ident.RecordID) (ident.RecordID, error) {
	if err := d.Check(pictures); err != nil {
		return "", err
	}
	if err := twice(tx, d, pictures); err != nil {
		return "", err
	}
	id, err := ident.NewRecordID(tx.Now(), entropy)
	if err != nil {
		return "", err
	}
	restricted := 1
	if d.Open {
		restricted = 0
	}
	var before any
	if replaces != "" {
		before = string(replaces)
	}
	days := d.days()
	last := int64(days.Until)
	if !days.Open() {
		last--
	}
	if _, err := tx.Exec(`INSERT INTO party_kept (id, participant, kind, name, from_day, until_day, features, source, restricted, entered_at, entered_by, replaces)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, id, string(d.Participant), string(d.Kind), d.Name, int64(days.From), last,
		strings.Join(Lines(d.Features), "\n"), d.Source, restricted, tx.Now(), by, before); err != nil {
		return "", err
	}
	for i, file := range pictures {
		if _, err := tx.Exec(`INSERT INTO party_kept_picture (kept, n, hash, media, size, content) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, i+1, canonical.Sum(file), picture.Media(file), int64(len(file)), file); err != nil {
			return "", err
		}
	}
	return id, nil
}

// twice finds the same specimen: a form that was sent twice, a table imported again.
func twice(tx *store.Tx, d Draft, pictures [][]byte) error {
	all, err := Of(tx, Office, d.Participant)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.ID == "" || s.Ended != nil || s.Kind != d.Kind || s.Name != d.Name || s.Days != d.days() || len(s.Pictures) != len(pictures) {
			continue
		}
		same := true
		for i, p := range s.Pictures {
			same = same && p.Hash == canonical.Sum(pictures[i])
		}
		if same {
			return fault.Conflict("party.specimen_twice", fault.Arg("name", s.Name), fault.Arg("by", s.EnteredBy), fault.Arg("at", s.EnteredAt))
		}
	}
	return nil
}

// originals are the files of a specimen as they came.
func originals(tx *store.Tx, id ident.RecordID) ([][]byte, error) {
	return store.Collect(tx, func(scan store.Scan) (file []byte, err error) { return file, scan(&file) },
		`SELECT content FROM party_kept_picture WHERE kept = $1 ORDER BY n`, id)
}

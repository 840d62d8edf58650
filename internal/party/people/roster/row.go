package roster

import (
	"encoding/json"
	"errors"
	"fmt"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
)

// Row is a person with what only this package sees.
type Row struct {
	Person
	Hash    string // of the password; empty: none
	Secret  []byte // sealed
	Step    int64
	Pending []byte // sealed
}

const Columns = `p.id, p.login, p.name, p.language, p.holder, p.licence, p.grants, p.signing_keys, p.state, p.made, p.changed,
	p.password, p.code_secret, p.code_step, p.code_pending,
	(SELECT COUNT(*) FROM party_passkey k WHERE k.person = p.id AND k.halted IS NULL)`

// Into is where Columns are scanned to; Done reads what is JSON.
func (r *Row) Into(grants, keys *string) []any {
	return []any{&r.ID, &r.Login, &r.Name, &r.Language, &r.Company.Holder, &r.Company.Licence, grants, keys, &r.State,
		store.ScanTime(&r.Made), store.ScanTime(&r.Changed), &r.Hash, &r.Secret, &r.Step, &r.Pending, &r.Passkeys}
}

func (r *Row) Done(grants, keys string) error {
	r.Password, r.Code = r.Hash != "", r.Secret != nil
	return errors.Join(json.Unmarshal([]byte(grants), &r.Grants), json.Unmarshal([]byte(keys), &r.Keys))
}

func scanPerson(scan store.Scan) (*Row, error) {
	var r Row
	var grants, keys string
	if err := scan(r.Into(&grants, &keys)...); err != nil {
		return nil, err
	}
	return &r, r.Done(grants, keys)
}

// Find gives one person; nil when there is none.
func Find(tx *store.Tx, where string, arg any) (*Row, error) {
	r, err := scanPerson(tx.QueryRow(`SELECT `+Columns+` FROM party_person p WHERE `+where, arg).Scan)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

func ByLogin(tx *store.Tx, login string) (*Row, error) { return Find(tx, `p.login = $1`, login) }

// ByID gives a person. Fault: people.unknown.
func ByID(tx *store.Tx, id ident.RecordID) (*Row, error) {
	r, err := Find(tx, `p.id = $1`, id)
	if err == nil && r == nil {
		return nil, fault.NotFound("people.unknown")
	}
	return r, err
}

func Everybody(tx *store.Tx) ([]*Row, error) {
	return store.Collect(tx, scanPerson, `SELECT `+Columns+` FROM party_person p ORDER BY p.login`)
}

func texts(p Person) (grants, keys string, err error) {
	if p.Grants == nil {
		p.Grants = []access.Grant{}
	}
	if p.Keys == nil {
		p.Keys = []SigningKey{}
	}
	g, err := json.Marshal(p.Grants)
	if err != nil {
		return "", "", fmt.Errorf("people: %w", err)
	}
	k, err := json.Marshal(p.Keys)
	return string(g), string(k), err
}

// Add inserts a person without any factor. Fault: people.login_taken.
func Add(tx *store.Tx, p Person) error {
	grants, keys, err := texts(p)
	if err != nil {
		return err
	}
	if taken, err := ByLogin(tx, p.Login); err != nil {
		return err
	} else if taken != nil {
		return fault.Conflict("people.login_taken", fault.At("login"), fault.Text(p.Login))
	}
	_, err = tx.Exec(`INSERT INTO party_person (id, login, name, language, holder, licence, grants, signing_keys, state, made, changed, password, code_step)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, '', 0)`,
		p.ID, p.Login, p.Name, string(p.Language), p.Company.Holder, p.Company.Licence, grants, keys, string(p.State), tx.Now())
	return err
}

// Save stores what a person is; factors are stored by those who change them.
func Save(tx *store.Tx, p Person) error {
	grants, keys, err := texts(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE party_person SET name = $2, language = $3, holder = $4, licence = $5, grants = $6, signing_keys = $7, state = $8, changed = $9 WHERE id = $1`,
		p.ID, p.Name, string(p.Language), p.Company.Holder, p.Company.Licence, grants, keys, string(p.State), tx.Now())
	return err
}

// Remove takes away somebody who never came in; the trail keeps that he was asked.
func Remove(tx *store.Tx, id ident.RecordID) error {
	if _, err := tx.Exec(`DELETE FROM party_invitation WHERE person = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM party_person WHERE id = $1 AND state = 'invited'`, id)
	return err
}

// SetPassword stores a password's text; empty takes it away.
func SetPassword(tx *store.Tx, id ident.RecordID, hash string) error {
	_, err := tx.Exec(`UPDATE party_person SET password = $2 WHERE id = $1`, id, hash)
	return err
}

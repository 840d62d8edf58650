package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// Passkey is an authenticator of a person.
type Passkey struct {
	ID     string // of the credential, base64url
	Name   string
	Made   time.Time
	Used   time.Time // zero: never
	Halted time.Time // zero: serves; otherwise a copy of it was seen then
	Synced bool      // kept by a service that copies it to other devices
	Key    statement.Key
}

// Kept is a passkey as it is kept.
type Kept struct {
	Passkey
	Person ident.RecordID
	Record Credential
}

const passkeyColumns = `k.person, k.name, k.record, k.made, k.used, k.halted`

func scanPasskey(scan store.Scan) (Kept, error) {
	var k Kept
	var record string
	err := scan(&k.Person, &k.Name, &record, store.ScanTime(&k.Made), store.ScanTime(&k.Used), store.ScanTime(&k.Halted))
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal([]byte(record), &k.Record); err != nil {
		return k, fmt.Errorf("passkey: record of a passkey: %w", err)
	}
	k.ID = IDOf(&k.Record)
	k.Synced = k.Record.Flags.BackupEligible
	k.Key, err = KeyOf(&k.Record)
	return k, err
}

// Of gives those of a person, oldest first.
func Of(tx *store.Tx, person ident.RecordID) ([]Kept, error) {
	return store.Collect(tx, scanPasskey, `SELECT `+passkeyColumns+` FROM party_passkey k WHERE k.person = $1 ORDER BY k.made, k.credential`, person)
}

// By finds one. Fault: people.passkey_unknown.
func By(tx *store.Tx, credential []byte) (Kept, error) {
	k, err := scanPasskey(tx.QueryRow(`SELECT `+passkeyColumns+` FROM party_passkey k WHERE k.credential = $1`, credential).Scan)
	if errors.Is(err, store.ErrNoRows) {
		return k, fault.NotFound("people.passkey_unknown")
	}
	return k, err
}

// Add keeps a new one. Faults: people.passkeys_many, people.passkey_taken.
func Add(tx *store.Tx, person ident.RecordID, c *Credential, name string, most int) error {
	all, err := Of(tx, person)
	if err != nil {
		return err
	}
	if len(all) >= most {
		return fault.Conflict("people.passkeys_many", fault.Arg("most", most))
	}
	if _, err := By(tx, c.ID); err == nil {
		return fault.Conflict("people.passkey_taken")
	} else if !fault.Is(err, "people.passkey_unknown") {
		return err
	}
	record, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("passkey: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO party_passkey (credential, person, name, record, made) VALUES ($1, $2, $3, $4, $5)`, c.ID, person, name, string(record), tx.Now())
	return err
}

package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/fxamacker/cbor/v2"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// Wanted is what an assertion is given for.
type Wanted struct {
	Purpose string // in the caller's words, e.g. "certificate.issue"
	Record  string // what it is done to
	Digest  [32]byte
	Text    []byte // whose SHA-256 the digest is; nil where it is of bytes that are kept elsewhere
}

// Assertion is a passkey's signature over a digest, with all that is needed to check it
// again (W3C WebAuthn §7.2).
type Assertion struct {
	Wanted            // Digest is the challenge
	ID                ident.RecordID
	Person            ident.RecordID
	Credential        []byte
	AuthenticatorData []byte
	ClientDataJSON    []byte
	Signature         []byte // of ES256 in DER, as authenticators give it
	Key               statement.Key
	At                time.Time
}

// Keep stores an assertion. One that is there already is no proof of now: whoever
// has read this table could hand it in again for the same digest, where the
// authenticator does not count. Fault: people.assertion_again.
func Keep(tx *store.Tx, id, person ident.RecordID, w Wanted, p *Proof) (*Assertion, error) {
	earlier, err := Over(tx, w.Digest)
	if err != nil {
		return nil, err
	}
	for _, e := range earlier {
		if bytes.Equal(e.Signature, p.Signature) || bytes.Equal(e.Credential, p.Credential.ID) && bytes.Equal(e.ClientDataJSON, p.ClientDataJSON) && bytes.Equal(e.AuthenticatorData, p.AuthenticatorData) {
			return nil, fault.Conflict("people.assertion_again")
		}
	}
	key, err := KeyOf(&p.Credential)
	if err != nil {
		return nil, err
	}
	var text any // NULL where there is none
	if w.Text != nil {
		text = w.Text
	}
	_, err = tx.Exec(`INSERT INTO party_assertion (id, person, credential, digest, purpose, record, text, authenticator_data, client_data, signature, key, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		id, person, p.Credential.ID, w.Digest[:], w.Purpose, w.Record, text, p.AuthenticatorData, p.ClientDataJSON, p.Signature, p.Credential.PublicKey, tx.Now())
	return &Assertion{Wanted: w, ID: id, Person: person, Credential: p.Credential.ID, AuthenticatorData: p.AuthenticatorData,
		ClientDataJSON: p.ClientDataJSON, Signature: p.Signature, Key: key, At: tx.Now()}, err
}

// Over gives the assertions that were made over a digest, oldest first.
func Over(tx *store.Tx, digest [32]byte) ([]Assertion, error) {
	return store.Collect(tx, func(scan store.Scan) (Assertion, error) {
		a := Assertion{Wanted: Wanted{Digest: digest}}
		var key []byte
		err := scan(&a.ID, &a.Person, &a.Credential, &a.Purpose, &a.Record, &a.Text, &a.AuthenticatorData, &a.ClientDataJSON, &a.Signature, &key, store.ScanTime(&a.At))
		if err == nil {
			err = cbor.Unmarshal(key, &a.Key)
		}
		return a, err
	}, `SELECT id, person, credential, purpose, record, text, authenticator_data, client_data, signature, key, at FROM party_assertion WHERE digest = $1 ORDER BY at, id`, digest[:])
}

// Told is what the trail says of a passkey that is registered, so that whoever reads it
// later knows whose it was when, by which key.
func Told(c *Credential) []string {
	sum := sha256.Sum256(c.PublicKey)
	return []string{"credential", IDOf(c), "public_key", hex.EncodeToString(sum[:])}
}

// IDOf is a passkey's id as it is written.
func IDOf(c *Credential) string { return base64.RawURLEncoding.EncodeToString(c.ID) }

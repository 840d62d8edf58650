package trust

import (
	"fmt"

	"adamas.example/verify/statement"
)

// Sender finds the office key that made a detached signature over what an office
// sends and does not log, and holds it against everything known: signature,
// office, use, time, revocation. A revocation ends a key for messages altogether:
// where nothing stands in a log, no cut-off can tell before from after.
func (d *Directory) Sender(s *statement.Signed, payload []byte, office string, at int64) (*OfficeKey, error) {
	if statement.CheckOffice(office) != nil {
		return nil, ErrOffice
	}
	ks := d.named(s.KeyID, office[:2])
	if len(ks) == 0 {
		return nil, ErrUnknownKey
	}
	if !s.VerifiedOver(ks[0].verifier, payload) {
		return nil, ErrSignature
	}
	err := ErrOffice
	for _, k := range ks {
		switch {
		case k.Office != office:
			err = fmt.Errorf("%w: %s", ErrOffice, k.Office)
		case k.Use != statement.UseOffice:
			err = ErrUse
		case at < k.From || at >= k.Until:
			err = ErrKeyTime
		case k.Revoked != nil:
			err = ErrRevoked
		default:
			return k, nil
		}
	}
	return nil, err
}

// Recipient gives the age recipient for messages to an office at a time, as its
// authority names it: that of the key appointed last. ErrUnknownKey when no good
// key of the office names one.
func (d *Directory) Recipient(office string, at int64) (string, error) {
	if statement.CheckOffice(office) != nil {
		return "", ErrOffice
	}
	var newest *OfficeKey
	for _, ks := range d.keys {
		for _, k := range ks {
			if k.Office != office || k.Use != statement.UseOffice || k.Age == "" || k.Revoked != nil || at < k.From || at >= k.Until {
				continue
			}
			if newest == nil || later(k, newest) {
				newest = k
			}
		}
	}
	if newest == nil {
		return "", ErrUnknownKey
	}
	return newest.Age, nil
}

// later orders appointments: by when they begin, then by when the authority made
// them, and last by their hash, so that the answer does not depend on the order of
// a map.
func later(a, b *OfficeKey) bool {
	x, y := a.Entry.Statement, b.Entry.Statement
	switch {
	case a.From != b.From:
		return a.From > b.From
	case x.IssuedAt != y.IssuedAt:
		return x.IssuedAt > y.IssuedAt
	}
	return string(x.Hash[:]) > string(y.Hash[:])
}

package statement

import (
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
)

// Standing is one dated change of who may trade, as the stating Participant
// applies it (KPCS III(c); each binds by its own list, domain.md 2.7). The list
// as a whole is adopted by a RuleSet statement; this says what has changed since.
type Standing struct {
	Code      string        `cbor:"1,keyasint"` // Participant concerned
	Kind      string        `cbor:"2,keyasint"` // admitted, suspended, reinstated, ...: package party lists them
	From      canonical.Day `cbor:"3,keyasint"` // the days on which it may have happened; one day when known
	Until     canonical.Day `cbor:"4,keyasint"` // inclusive
	What      string        `cbor:"5,keyasint"`
	Source    string        `cbor:"6,keyasint"`
	Certainty string        `cbor:"7,keyasint"`
}

// Type is TypeStanding.
func (*Standing) Type() Type { return TypeStanding }

// Check wants a Participant, days in order, and a source.
func (s *Standing) Check() error {
	if err := CheckCode(s.Code); err != nil {
		return fmt.Errorf("code: %w", err)
	}
	if s.From == 0 || s.Until < s.From {
		return errors.New("from, until: the second is before the first")
	}
	return errors.Join(text("kind", s.Kind, 40), text("what", s.What, 300), text("source", s.Source, 300), text("certainty", s.Certainty, 20))
}

// Specimen tells all Participants what a certificate of the stating one looks
// like (KPCS II(d)). The pictures go by hash: some show theirs to authorities
// only.
type Specimen struct {
	Participant string        `cbor:"1,keyasint"`
	Name        string        `cbor:"2,keyasint"` // of the print, e.g. "2019 series"
	From        canonical.Day `cbor:"3,keyasint"`
	Until       canonical.Day `cbor:"4,keyasint"` // inclusive; far in the future while in use
	Features    string        `cbor:"5,keyasint"`
	Pictures    []Blob        `cbor:"6,keyasint,omitempty"` // at most 16
}

// Type is TypeSpecimen.
func (*Specimen) Type() Type { return TypeSpecimen }

// Check wants a Participant, days in order and a description.
func (s *Specimen) Check() error {
	if err := CheckCode(s.Participant); err != nil {
		return fmt.Errorf("participant: %w", err)
	}
	if s.From == 0 || s.Until < s.From {
		return errors.New("from, until: the second is before the first")
	}
	if len(s.Pictures) > 16 {
		return fmt.Errorf("pictures: %d, at most 16", len(s.Pictures))
	}
	for i, p := range s.Pictures {
		if err := p.check(); err != nil {
			return fmt.Errorf("pictures: number %d: %w", i+1, err)
		}
	}
	return errors.Join(text("name", s.Name, 100), text("features", s.Features, 2000))
}

// RoleGrant says what an officer may do at an office, by the Participant's
// authority. A later grant for the same key and office takes the place of an
// earlier one; no roles end them.
type RoleGrant struct {
	Key    KeyID    `cbor:"1,keyasint"`
	Office string   `cbor:"2,keyasint"`
	Roles  []string `cbor:"3,keyasint,omitempty"` // package access lists them; ascending
	From   int64    `cbor:"4,keyasint"`
	Until  int64    `cbor:"5,keyasint"` // exclusive
}

// Type is TypeRoleGrant.
func (*RoleGrant) Type() Type { return TypeRoleGrant }

// Check wants a key, an office, roles in order, times in order.
func (r *RoleGrant) Check() error {
	if r.Key.IsZero() {
		return errors.New("key: missing")
	}
	if err := checkOffice(r.Office); err != nil {
		return fmt.Errorf("office: %w", err)
	}
	if r.From <= 0 || r.Until <= r.From || r.Until > MaxTime {
		return errors.New("from, until: no span of time")
	}
	if len(r.Roles) > 16 {
		return fmt.Errorf("roles: %d, at most 16", len(r.Roles))
	}
	for i, role := range r.Roles {
		if err := text("roles", role, 40); err != nil {
			return err
		}
		if i > 0 && r.Roles[i-1] >= role {
			return errors.New("roles: in ascending order, each once")
		}
	}
	return nil
}

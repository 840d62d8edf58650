package statement

import (
	"errors"
	"fmt"
	"slices"

	"adamas.example/verify/canonical"
)

// Use says what a key of an office may do.
type Use uint64

const (
	// UseOffice signs the office's statements.
	UseOffice Use = 1
	// UseOfficer approves: half of the four eyes on a certificate.
	UseOfficer Use = 2
)

// Participant is an authority's own account of itself: the first statement of
// its log. Its standing in the scheme is not its own to state.
type Participant struct {
	Code      string `cbor:"1,keyasint"`
	Name      string `cbor:"2,keyasint"`
	Authority string `cbor:"3,keyasint"` // name of the Exporting and Importing Authority (KPCS IV(b))
	Digits    uint64 `cbor:"4,keyasint"` // length of its certificate serials
}

// Type is TypeParticipant.
func (*Participant) Type() Type { return TypeParticipant }

// Check refuses a missing name and an impossible number form.
func (p *Participant) Check() error {
	if err := CheckCode(p.Code); err != nil {
		return fmt.Errorf("code: %w", err)
	}
	if err := CheckText(p.Name, 2, 200); err != nil {
		return fmt.Errorf("name: %w", err)
	}
	if err := CheckText(p.Authority, 2, 200); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	if p.Digits < 4 || p.Digits > 12 {
		return fmt.Errorf("digits: %d, want 4 to 12", p.Digits)
	}
	return nil
}

// OfficeKey is the authority's word that a key belongs to an office, or to an
// officer of it, for a time. Issued by the Participant's authority.
type OfficeKey struct {
	Office string `cbor:"1,keyasint"`
	Name   string `cbor:"2,keyasint"` // of the office, in the national language; empty for an officer
	Use    Use    `cbor:"3,keyasint"`
	Key    Key    `cbor:"4,keyasint"`
	From   int64  `cbor:"5,keyasint"`           // seconds since 1970 UTC
	Until  int64  `cbor:"6,keyasint"`           // exclusive
	Age    string `cbor:"7,keyasint,omitempty"` // age recipient for messages to the office
	Types  []Type `cbor:"8,keyasint,omitempty"` // what an office key may sign, ascending
	Home   string `cbor:"9,keyasint,omitempty"` // log origin, when not the Participant's home log
}

// Type is TypeOfficeKey.
func (*OfficeKey) Type() Type { return TypeOfficeKey }

// Check refuses a key that cannot verify, and an office key that may sign nothing.
func (k *OfficeKey) Check() error {
	if err := checkOffice(k.Office); err != nil {
		return fmt.Errorf("office: %w", err)
	}
	if err := CheckText(k.Name, 0, 200); err != nil {
		return fmt.Errorf("name: %w", err)
	}
	if _, err := k.Key.Public(); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if k.From <= 0 || k.Until <= k.From || k.Until > MaxTime {
		return errors.New("from, until: the second is not after the first")
	}
	switch k.Use {
	case UseOffice:
		if len(k.Types) == 0 || !slices.IsSorted(k.Types) || len(slices.Compact(slices.Clone(k.Types))) != len(k.Types) {
			return errors.New("types: an office key names what it may sign, ascending, each once")
		}
	case UseOfficer:
		if len(k.Types) != 0 {
			return errors.New("types: an officer's key approves, it signs no statement")
		}
		if k.Name != "" {
			return errors.New("name: an officer is known by the key alone, the log is public")
		}
	default:
		return fmt.Errorf("use: %d is unknown", k.Use)
	}
	return errors.Join(named("age", CheckText(k.Age, 0, 100)), named("home", CheckText(k.Home, 0, 200)))
}

// Vector is a point of a log: everything in the first Size entries of Origin,
// whose tree then has the hash Root. Cut-offs and snapshots are vectors, since
// clocks can be set back and a log cannot.
type Vector struct {
	_      struct{} `cbor:",toarray"`
	Origin string
	Size   uint64
	Root   canonical.Hash
}

// MaxVectors is how many logs a snapshot or a cut-off can name: more than the
// Participants with a few closed logs each, and few enough for a body.
const MaxVectors = 128

// CheckVectors wants 1 to MaxVectors vectors, each whole, origins ascending, each once.
func CheckVectors(vs []Vector) error {
	if len(vs) < 1 || len(vs) > MaxVectors {
		return fmt.Errorf("%d vectors, want 1 to %d", len(vs), MaxVectors)
	}
	for i, v := range vs {
		if err := text("origin", v.Origin, 200); err != nil {
			return fmt.Errorf("vector %d: %w", i+1, err)
		}
		if v.Root.IsZero() {
			return fmt.Errorf("vector %d: root: missing", i+1)
		}
		if i > 0 && vs[i-1].Origin >= v.Origin {
			return fmt.Errorf("vector %d: origins ascend, each once", i+1)
		}
	}
	return nil
}

// KeyRevoked ends a key. What stands in a log below the cut-off stays good;
// everything the key signed after it, or in no log at all, does not.
type KeyRevoked struct {
	Key    KeyID    `cbor:"1,keyasint"`
	Reason string   `cbor:"2,keyasint"`
	CutOff []Vector `cbor:"3,keyasint"`
}

// Type is TypeKeyRevoked.
func (*KeyRevoked) Type() Type { return TypeKeyRevoked }

// Check wants a key, a reason and at least one vector.
func (k *KeyRevoked) Check() error {
	if k.Key.IsZero() {
		return errors.New("key: missing")
	}
	return errors.Join(text("reason", k.Reason, 500), named("cut-off", CheckVectors(k.CutOff)))
}

// Snapshot is the word of an office that a pack is whole: Digest covers every
// statement of the packed kinds in the logs up to Logs. Anyone with the logs
// can count again.
type Snapshot struct {
	Logs   []Vector       `cbor:"1,keyasint"`
	Digest canonical.Hash `cbor:"2,keyasint"`
	Count  uint64         `cbor:"3,keyasint"`
}

// Type is TypeSnapshot.
func (*Snapshot) Type() Type { return TypeSnapshot }

// Check wants at least one vector.
func (s *Snapshot) Check() error {
	if s.Digest.IsZero() {
		return errors.New("digest: missing")
	}
	return named("logs", CheckVectors(s.Logs))
}

// LogClosed ends a log for good and names where its office goes on.
type LogClosed struct {
	At        Vector `cbor:"1,keyasint"`
	Successor string `cbor:"2,keyasint"` // origin of the next log
	Reason    string `cbor:"3,keyasint"`
}

// Type is TypeLogClosed.
func (*LogClosed) Type() Type { return TypeLogClosed }

// Check wants another origin as successor.
func (l *LogClosed) Check() error {
	if err := errors.Join(named("at", CheckVectors([]Vector{l.At})), text("successor", l.Successor, 200)); err != nil {
		return err
	}
	if l.Successor == l.At.Origin {
		return errors.New("successor: is the closed log itself")
	}
	return text("reason", l.Reason, 500)
}

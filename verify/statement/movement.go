package statement

import (
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
)

// Advice is the exporting office's message before arrival (KPCS Annex II 19).
// It is signed, and sent encrypted to the importing office; it is never logged:
// a public timetable of parcels in flight would be a robber's.
type Advice struct {
	About
	To   string        `cbor:"3,keyasint"`           // importing office, e.g. AE/dubai
	Day  canonical.Day `cbor:"4,keyasint"`           // of export
	Exit string        `cbor:"5,keyasint,omitempty"` // where the shipment leaves
	Note string        `cbor:"6,keyasint,omitempty"`
}

// Type is TypeAdvice.
func (*Advice) Type() Type { return TypeAdvice }

// Check wants an office and a day.
func (a *Advice) Check() error {
	if a.Day == 0 {
		return errors.New("day: missing")
	}
	return errors.Join(a.check(), named("to", checkOffice(a.To)), named("exit", CheckText(a.Exit, 0, 100)), named("note", CheckText(a.Note, 0, 500)))
}

// Step is what an importing state does with goods that it does not simply
// accept.
type Step uint64

// The steps of an irregular shipment (domain.md 2.1, 2.4).
const (
	Detained  Step = 1
	Released  Step = 2 // the discrepancy is remedied; a receipt follows
	Returned  Step = 3 // to the issuing Participant, under a technical certificate or the original
	Seized    Step = 4
	Sold      Step = 5 // forfeited and sold, where they will not re-enter the rough trade
	Destroyed Step = 6
)

// Disposition is one step of an irregular shipment, by the importing office.
type Disposition struct {
	About
	Step   Step          `cbor:"3,keyasint"`
	Day    canonical.Day `cbor:"4,keyasint"`
	Reason string        `cbor:"5,keyasint"`
	Under  string        `cbor:"6,keyasint,omitempty"` // number of the technical certificate under which the goods go
}

// Type is TypeDisposition.
func (*Disposition) Type() Type { return TypeDisposition }

// Check wants a known step, a day and a reason.
func (d *Disposition) Check() error {
	if d.Step < Detained || d.Step > Destroyed {
		return fmt.Errorf("step: %d is unknown", d.Step)
	}
	if d.Day == 0 {
		return errors.New("day: missing")
	}
	if d.Under != "" {
		if err := checkNumber(d.Under); err != nil {
			return fmt.Errorf("under: %w", err)
		}
		if d.Step != Returned {
			return errors.New("under: only returned goods travel under another certificate")
		}
	}
	return errors.Join(d.check(), text("reason", d.Reason, 500))
}

// Endorsement is the issuing office's word that a minor error, apparent on the
// face of the paper, shall be read otherwise (DGFT Notification 34/2015-20).
// Correction commits to one fact with label 1, [what stands, what shall stand]:
// a name may be among them, so it is shown to whom it concerns.
type Endorsement struct {
	About
	Field      string          `cbor:"3,keyasint"` // name of the field, as in the facts
	Correction commitment.Root `cbor:"4,keyasint"`
	Reason     string          `cbor:"5,keyasint"`
}

// Type is TypeEndorsement.
func (*Endorsement) Type() Type { return TypeEndorsement }

// Check wants a field, a correction and a reason.
func (e *Endorsement) Check() error {
	return errors.Join(e.check(), text("field", e.Field, 60), named("correction", e.Correction.Check()), text("reason", e.Reason, 500))
}

// Transit is the word of a Participant through which a shipment has passed: it
// left as it had come (KPCS III(d)). It is stated after the shipment has left.
type Transit struct {
	About
	In        canonical.Day `cbor:"3,keyasint"`
	Out       canonical.Day `cbor:"4,keyasint"`
	Identical bool          `cbor:"5,keyasint"` // unopened and untampered
	Remark    string        `cbor:"6,keyasint,omitempty"`
}

// Type is TypeTransit.
func (*Transit) Type() Type { return TypeTransit }

// Check wants two days in order, and an account of a shipment that did not
// leave as it came.
func (t *Transit) Check() error {
	if t.In == 0 || t.Out < t.In {
		return errors.New("in, out: the second is before the first")
	}
	if !t.Identical && t.Remark == "" {
		return errors.New("remark: say what had changed")
	}
	return errors.Join(t.check(), named("remark", CheckText(t.Remark, 0, 500)))
}

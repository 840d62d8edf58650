package statement

import (
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
)

// About names the certificate that a later statement concerns, by number and
// by the hash of its exact bytes; of a paper one, by that of its transcript.
type About struct {
	Number      string         `cbor:"1,keyasint"`
	Certificate canonical.Hash `cbor:"2,keyasint"`
}

func (a About) check() error {
	if err := checkNumber(a.Number); err != nil {
		return fmt.Errorf("number: %w", err)
	}
	if a.Certificate.IsZero() {
		return errors.New("certificate: the hash of the certificate's statement is missing")
	}
	return nil
}

// Concerns gives the certificate that a body is about, if it is about one.
func Concerns(b Body) (About, bool) {
	switch b := b.(type) {
	case *Opening:
		return b.About, true
	case *Void:
		return b.About, true
	case *Replacement:
		return b.About, true
	case *Loss:
		return b.About, true
	case *Print:
		return b.About, true
	case *Receipt:
		return b.About, true
	case *Discrepancy:
		return b.About, true
	case *Advice:
		return b.About, true
	case *Disposition:
		return b.About, true
	case *Endorsement:
		return b.About, true
	case *Transit:
		return b.About, true
	case *Attestation:
		return b.About, true
	}
	return About{}, false
}

// Opening makes the delayed facts of a certificate public, at receipt or 30
// days after expiry (design.md §5).
type Opening struct {
	About
	Facts commitment.Disclosure `cbor:"3,keyasint"`
}

// Type is TypeOpening.
func (*Opening) Type() Type { return TypeOpening }

// Check leaves the commitment to the judge, who has the certificate.
func (o *Opening) Check() error {
	if err := o.check(); err != nil {
		return err
	}
	return named("facts", o.Facts.Check())
}

// Void cancels a certificate; by the office that issued it.
type Void struct {
	About
	Reason string `cbor:"3,keyasint"`
}

// Type is TypeVoid.
func (*Void) Type() Type { return TypeVoid }

// Check wants a reason.
func (v *Void) Check() error { return errors.Join(v.check(), text("reason", v.Reason, 500)) }

// Replacement cancels a certificate in favour of another of the same office.
type Replacement struct {
	About
	By     string `cbor:"3,keyasint"`
	Reason string `cbor:"4,keyasint"`
}

// Type is TypeReplacement.
func (*Replacement) Type() Type { return TypeReplacement }

// Check wants another number.
func (r *Replacement) Check() error {
	if err := errors.Join(r.check(), named("by", checkNumber(r.By)), text("reason", r.Reason, 500)); err != nil {
		return err
	}
	if r.By == r.Number {
		return errors.New("by: a certificate does not replace itself")
	}
	return nil
}

// Loss warns that a certificate was lost or stolen.
type Loss struct {
	About
	Day    canonical.Day `cbor:"3,keyasint"`
	Reason string        `cbor:"4,keyasint"`
}

// Type is TypeLoss.
func (*Loss) Type() Type { return TypeLoss }

// Check wants a day and an account.
func (l *Loss) Check() error {
	if l.Day == 0 {
		return errors.New("day: missing")
	}
	return errors.Join(l.check(), text("reason", l.Reason, 500))
}

// Print records that a paper was made: the SHA-256 of its PDF bytes.
type Print struct {
	About
	Paper  canonical.Hash `cbor:"3,keyasint"`
	Reason string         `cbor:"4,keyasint"`
}

// Type is TypePrint.
func (*Print) Type() Type { return TypePrint }

// Check wants the hash of the paper.
func (p *Print) Check() error {
	if p.Paper.IsZero() {
		return errors.New("paper: missing")
	}
	return errors.Join(p.check(), text("reason", p.Reason, 500))
}

// Receipt is the importing office's confirmation (KPCS III(b)(ii)), in its own
// log. It uses the certificate up.
type Receipt struct {
	About
	Day     canonical.Day `cbor:"3,keyasint"` // of receipt
	Carats  uint64        `cbor:"4,keyasint"` // as measured, hundredths of a carat
	Parcels uint64        `cbor:"5,keyasint"`
}

// Type is TypeReceipt.
func (*Receipt) Type() Type { return TypeReceipt }

// Check wants a day, a weight and at least one parcel.
func (r *Receipt) Check() error {
	if err := r.check(); err != nil {
		return err
	}
	if r.Day == 0 || r.Carats == 0 || r.Parcels == 0 {
		return errors.New("day, carats, parcels: all three as found on receipt")
	}
	return nil
}

// Discrepancy is the importing office's record that what arrived is not what
// the certificate says.
type Discrepancy struct {
	About
	Day    canonical.Day `cbor:"3,keyasint"`
	Reason string        `cbor:"4,keyasint"`
}

// Type is TypeDiscrepancy.
func (*Discrepancy) Type() Type { return TypeDiscrepancy }

// Check wants a day and an account.
func (d *Discrepancy) Check() error {
	if d.Day == 0 {
		return errors.New("day: missing")
	}
	return errors.Join(d.check(), text("reason", d.Reason, 500))
}

// CustodyRoot commits to the sources of a lot, salted: a monitor who is shown
// the slips checks that none was swapped (design.md §9).
type CustodyRoot struct {
	Lot     string          `cbor:"1,keyasint"`
	Sources commitment.Root `cbor:"2,keyasint"`
}

// Type is TypeCustodyRoot.
func (*CustodyRoot) Type() Type { return TypeCustodyRoot }

// Check wants a lot and a commitment.
func (c *CustodyRoot) Check() error {
	return errors.Join(text("lot", c.Lot, 100), named("sources", c.Sources.Check()))
}

// RuleSet adopts a set of rules by the hash of its canonical content.
type RuleSet struct {
	Set     string         `cbor:"1,keyasint"`
	Version string         `cbor:"2,keyasint"`
	Content canonical.Hash `cbor:"3,keyasint"`
	From    canonical.Day  `cbor:"4,keyasint"`
}

// Type is TypeRuleSet.
func (*RuleSet) Type() Type { return TypeRuleSet }

// Check wants name, version, content and first day.
func (r *RuleSet) Check() error {
	if r.Content.IsZero() || r.From == 0 {
		return errors.New("content, from: both are needed")
	}
	return errors.Join(text("set", r.Set, 60), text("version", r.Version, 40))
}

package statement

import (
	"bytes"
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
)

// What concerns Participants without a register of their own: their certificates come
// on paper, and their confirmations too (design.md §8). What stands here is the word of
// the office that signs it, and nobody else's.

// Transcript is an importing office's account of a paper certificate that it was
// handed: what it says, keyed, and the pictures of it by their digests. The issuer of
// the paper has signed none of it. A receipt, discrepancy or disposition about the
// paper names the transcript's hash where it would name a certificate's: so it is
// never one about a certificate that was signed under the same number.
type Transcript struct {
	Number      string           `cbor:"1,keyasint"` // as it stands on the paper, without blanks
	Claimed     string           `cbor:"2,keyasint"` // Participant whose certificate it claims to be
	Kind        Kind             `cbor:"3,keyasint"`
	Issued      canonical.Day    `cbor:"4,keyasint"`
	Expires     canonical.Day    `cbor:"5,keyasint"`
	Destination string           `cbor:"6,keyasint"` // Participant code
	Facts       commitment.Root  `cbor:"7,keyasint"` // as of a certificate; who and how much is not public at once
	Scans       []canonical.Hash `cbor:"8,keyasint"` // of the files as they were scanned, ascending
	Original    bool             `cbor:"9,keyasint"` // the office had the original in hand, and no copy
	// Findings are what the check of the paper did not pass: names of rules, ascending,
	// each once. None: nothing spoke against it, which does not make it genuine.
	Findings []string `cbor:"10,keyasint,omitempty"`
}

// Type is TypeTranscript.
func (*Transcript) Type() Type { return TypeTranscript }

// Check holds the form. That the number does not begin with the claimed code, that the
// dates are in the wrong order: such is what a false paper says, and what was found is
// written down (Findings).
func (t *Transcript) Check() error {
	if err := checkNumber(t.Number); err != nil {
		return fmt.Errorf("number: %w", err)
	}
	if err := CheckCode(t.Claimed); err != nil {
		return fmt.Errorf("claimed: %w", err)
	}
	if t.Kind < KindExport || t.Kind > KindReturn {
		return fmt.Errorf("kind: %d is unknown", t.Kind)
	}
	if err := CheckCode(t.Destination); err != nil {
		return fmt.Errorf("destination: %w", err)
	}
	if t.Issued == 0 || t.Expires == 0 {
		return errors.New("issued, expires: both are needed")
	}
	if err := t.Facts.Check(); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	if err := checkScans(t.Scans); err != nil {
		return err
	}
	return t.checkFindings()
}

func (t *Transcript) checkFindings() error {
	if len(t.Findings) > 32 {
		return fmt.Errorf("findings: %d, at most 32", len(t.Findings))
	}
	for i, f := range t.Findings {
		if err := text("findings", f, 40); err != nil {
			return err
		}
		if i > 0 && t.Findings[i-1] >= f {
			return errors.New("findings: in ascending order, each once")
		}
	}
	return nil
}

// Attestation is the issuing office's word that a Participant has confirmed receipt on
// paper or by mail (KPCS III(b)(ii)): it has seen the confirmation and keeps its
// picture. The other Participant has signed nothing, so it counts apart from receipts.
type Attestation struct {
	About
	By      string           `cbor:"3,keyasint"` // Participant that confirmed
	Day     canonical.Day    `cbor:"4,keyasint"` // of receipt, as confirmed
	Carats  uint64           `cbor:"5,keyasint"` // as confirmed, hundredths of a carat
	Parcels uint64           `cbor:"6,keyasint"`
	Scans   []canonical.Hash `cbor:"7,keyasint"` // of the confirmation, ascending
}

// Type is TypeAttestation.
func (*Attestation) Type() Type { return TypeAttestation }

// Check wants who, when, how much and at least one picture.
func (a *Attestation) Check() error {
	if err := a.check(); err != nil {
		return err
	}
	if err := CheckCode(a.By); err != nil {
		return fmt.Errorf("by: %w", err)
	}
	if a.By == a.Number[:2] {
		return errors.New("by: nobody confirms to himself")
	}
	if a.Day == 0 || a.Carats == 0 || a.Parcels == 0 {
		return errors.New("day, carats, parcels: all three as confirmed")
	}
	return checkScans(a.Scans)
}

func checkScans(scans []canonical.Hash) error {
	if len(scans) == 0 || len(scans) > 32 {
		return fmt.Errorf("scans: %d, want 1 to 32", len(scans))
	}
	for i, s := range scans {
		if s.IsZero() || i > 0 && bytes.Compare(scans[i-1][:], s[:]) >= 0 {
			return errors.New("scans: in ascending order, each once, none empty")
		}
	}
	return nil
}

package statement

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
)

// Kind of a certificate.
type Kind uint64

const (
	// KindExport is the certificate of KPCS II(a): one for each shipment.
	KindExport Kind = 1
	// KindTechnical is for returns, detained goods and research (domain.md
	// 2.4); it stays out of the trade figures.
	KindTechnical Kind = 2
	// KindTemporary is for goods that are to come back: a tender or an exhibition
	// abroad.
	KindTemporary Kind = 3
	// KindLaboratory is for goods that go to be graded or analysed and come back.
	KindLaboratory Kind = 4
	// KindReturn brings goods back: unsold at a tender, from an exhibition or a
	// laboratory. It consumes the certificate they came under, and counts apart.
	KindReturn Kind = 5
)

var kindNames = [...]string{KindExport: "export", KindTechnical: "technical", KindTemporary: "temporary", KindLaboratory: "laboratory", KindReturn: "return"}

// String gives the kind's name in the formats documents.
func (k Kind) String() string {
	if k < KindExport || k > KindReturn {
		return "unknown"
	}
	return kindNames[k]
}

// Certificate is the open group of a Kimberley Process Certificate (KPCS
// Annex I A; design.md §5): what is public at once. Weight, origin and parcels
// are delayed, names, value and container seals private; Facts commits to both.
type Certificate struct {
	Number      string          `cbor:"1,keyasint"` // Participant code and serial, e.g. CF00124471
	Kind        Kind            `cbor:"2,keyasint"`
	Destination string          `cbor:"3,keyasint"` // Participant code
	Issued      canonical.Day   `cbor:"4,keyasint"`
	Expires     canonical.Day   `cbor:"5,keyasint"` // good until 24:00 UTC of this day
	Range       canonical.Hash  `cbor:"6,keyasint"` // the number-range statement it was spent from
	Station     string          `cbor:"7,keyasint"` // the PC that spent it
	Facts       commitment.Root `cbor:"8,keyasint"`
	Custody     canonical.Hash  `cbor:"9,keyasint,omitzero"` // salted root over its sources
	RuleSet     canonical.Hash  `cbor:"10,keyasint"`         // the rules that Prepare ran
	Preparer    KeyID           `cbor:"11,keyasint"`
	Validator   KeyID           `cbor:"12,keyasint"`
	FourEyes    canonical.Hash  `cbor:"13,keyasint,omitzero"` // hash of the pair of approvals
}

// Type is TypeCertificate.
func (*Certificate) Type() Type { return TypeCertificate }

// Participant is the exporting Participant's code, the first two characters of
// the number (KPCS Annex I A).
func (c *Certificate) Participant() string {
	if len(c.Number) < 2 {
		return ""
	}
	return c.Number[:2]
}

// Check holds what is true of every certificate, whoever issued it.
func (c *Certificate) Check() error {
	if err := checkNumber(c.Number); err != nil {
		return fmt.Errorf("number: %w", err)
	}
	if c.Kind < KindExport || c.Kind > KindReturn {
		return fmt.Errorf("kind: %d is unknown", c.Kind)
	}
	if err := CheckCode(c.Destination); err != nil {
		return fmt.Errorf("destination: %w", err)
	}
	if c.Issued == 0 || c.Expires < c.Issued {
		return errors.New("issued, expires: the second is before the first")
	}
	if c.Range.IsZero() {
		return errors.New("range: the number-range statement is missing")
	}
	if err := checkStation(c.Station); err != nil {
		return fmt.Errorf("station: %w", err)
	}
	if err := c.Facts.Check(); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	if c.RuleSet.IsZero() {
		return errors.New("rule-set: missing")
	}
	if c.Preparer.IsZero() || c.Validator.IsZero() {
		return errors.New("preparer, validator: both officers' keys are named")
	}
	if c.Preparer == c.Validator {
		return errors.New("validator: is the preparer; two officers are needed")
	}
	return nil
}

// ApprovalDigest is what both officers approve: the hash of the payload as it
// will be signed, without the hash of their approvals, and with issued-at set
// to the first second of the printed day of issue, since the second officer
// may approve hours after the first. h and c are not changed.
func ApprovalDigest(h Header, c *Certificate) (canonical.Hash, error) {
	bare := *c
	bare.FourEyes = canonical.Hash{}
	h.IssuedAt = c.Issued.First()
	b, err := Payload(h, &bare)
	if err != nil {
		return canonical.Hash{}, err
	}
	return canonical.Sum(b), nil
}

// PairHash is the value of FourEyes for two approvals, the preparer's first.
func PairHash(preparer, validator []byte) canonical.Hash {
	b, err := canonical.Marshal([][]byte{preparer, validator})
	if err != nil {
		panic(err) // byte strings always encode
	}
	return canonical.Sum(b)
}

// CertificateSubject is the subject of every statement about a certificate.
func CertificateSubject(number string) string { return "certificate/" + number }

// NumberRange allots serials to one station (design.md §6). It is issued by
// the Participant's authority.
type NumberRange struct {
	Participant string        `cbor:"1,keyasint"`
	Digits      uint64        `cbor:"2,keyasint"` // length of the serial, zero-padded
	First       uint64        `cbor:"3,keyasint"`
	Last        uint64        `cbor:"4,keyasint"` // inclusive
	Station     string        `cbor:"5,keyasint"` // e.g. CF/bangui/pc-1
	Offline     bool          `cbor:"6,keyasint"` // may issue before its log can be reached
	LogWithin   uint64        `cbor:"7,keyasint"` // seconds from issue to witnessed record
	From        canonical.Day `cbor:"8,keyasint"`
	Until       canonical.Day `cbor:"9,keyasint"` // inclusive
}

// Type is TypeNumberRange.
func (*NumberRange) Type() Type { return TypeNumberRange }

// Check refuses an empty or backward range and a serial that does not fit.
func (r *NumberRange) Check() error {
	if err := CheckCode(r.Participant); err != nil {
		return fmt.Errorf("participant: %w", err)
	}
	if r.Digits < 4 || r.Digits > 12 {
		return fmt.Errorf("digits: %d, want 4 to 12", r.Digits)
	}
	if r.First == 0 || r.Last < r.First || len(strconv.FormatUint(r.Last, 10)) > int(r.Digits) {
		return fmt.Errorf("first, last: %d to %d is no range of %d digits", r.First, r.Last, r.Digits)
	}
	if err := checkStation(r.Station); err != nil {
		return fmt.Errorf("station: %w", err)
	}
	if r.LogWithin == 0 || r.LogWithin > 90*86400 {
		return fmt.Errorf("log-within: %d seconds, want 1 second to 90 days", r.LogWithin)
	}
	if r.From == 0 || r.Until < r.From {
		return errors.New("from, until: the second is before the first")
	}
	return nil
}

// Number writes the certificate number of a serial in r.
func (r *NumberRange) Number(serial uint64) string {
	digits := strconv.FormatUint(serial, 10)
	return r.Participant + strings.Repeat("0", max(0, int(r.Digits)-len(digits))) + digits
}

// Serial gives the serial of a number of r's form, and whether r holds it.
func (r *NumberRange) Serial(number string) (serial uint64, in bool) {
	if len(number) != 2+int(r.Digits) || number[:2] != r.Participant {
		return 0, false
	}
	n, err := strconv.ParseUint(number[2:], 10, 64)
	if err != nil {
		return 0, false
	}
	return n, n >= r.First && n <= r.Last
}

// checkNumber holds the form that every Participant's numbers share: the
// two-letter code and 4 to 12 digits.
func checkNumber(s string) error {
	if len(s) < 6 || len(s) > 14 || CheckCode(s[:2]) != nil {
		return fmt.Errorf("%q is not a certificate number such as CF00124471", s)
	}
	for _, r := range s[2:] {
		if r < '0' || r > '9' {
			return fmt.Errorf("%q is not a certificate number such as CF00124471", s)
		}
	}
	return nil
}

// checkStation holds the form "CF/bangui/pc-1".
func checkStation(s string) error {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			if isSlug(s[i+1:]) && checkOffice(s[:i]) == nil && len(s)-i <= 41 {
				return nil
			}
			break
		}
	}
	return fmt.Errorf("%q is not a station such as CF/bangui/pc-1", s)
}

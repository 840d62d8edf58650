package ident

import (
	"strings"
	"unicode"

	"adamas.example/internal/fault"
)

// CertificateNumber is a certificate's number in canonical form: the
// Participant's two letters and the serial, upper-case letters and digits with
// nothing between (KPCS Annex I: unique numbering with the alpha-2 code).
type CertificateNumber string

// serialMost is the longest serial of any format.
const serialMost = 24

// ParseNumber reads the canonical form, "CF00124471". It does not know how long
// the Participant's serials are; ParseTypedNumber does.
func ParseNumber(s string) (CertificateNumber, error) {
	if len(s) < 3 || len(s) > 2+serialMost {
		return "", fault.Invalid("ident.not_a_number", fault.Text(s))
	}
	if _, err := ParseParticipant(s[:2]); err != nil {
		return "", fault.Invalid("ident.number_code", fault.Text(s))
	}
	serial := s[2:]
	if strings.ContainsFunc(serial, func(r rune) bool { return !isDigit(r) && !isUpper(r) }) || !strings.ContainsFunc(serial, isDigit) {
		return "", fault.Invalid("ident.not_a_number", fault.Text(s))
	}
	return CertificateNumber(s), nil
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }
func isUpper(r rune) bool { return 'A' <= r && r <= 'Z' }

// ParseTypedNumber reads a number as typed, pasted or scanned: in any case, with
// blanks and hyphens anywhere, with full-width letters and digits. The serial
// must have the Participant's registered form.
//
// Nothing is guessed: a missing leading zero, or O for 0, is a fault that says
// what was expected.
func ParseTypedNumber(typed string, formats NumberFormats) (CertificateNumber, error) {
	n, err := ParseTypedPaper(typed)
	if err != nil {
		return "", err
	}
	if err := formats.For(n.Participant()).Check(n); err != nil {
		return "", fault.Restate(err, fault.Text(typed))
	}
	return n, nil
}

// ParseTypedPaper reads a number as typed whose form is not known: that of a
// Participant that has registered none, on paper from outside. A serial of any
// length is taken as it stands.
func ParseTypedPaper(typed string) (CertificateNumber, error) {
	n, err := ParseNumber(fold(typed))
	return n, fault.Restate(err, fault.Text(typed))
}

// fold brings typed text to upper-case ASCII where that loses nothing: it drops
// blanks, hyphens and dashes and invisible marks, and narrows full-width forms.
func fold(typed string) string {
	const most = 4 * serialMost // longer text is no number; do not build it up
	var b strings.Builder
	for _, r := range typed {
		if '！' <= r && r <= '～' {
			r -= '！' - '!'
		}
		if unicode.IsSpace(r) || unicode.In(r, unicode.Dash, unicode.Cf) {
			continue
		}
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		b.WriteRune(r)
		if b.Len() > most {
			break
		}
	}
	return b.String()
}

// Participant whose number it is.
func (n CertificateNumber) Participant() ParticipantCode { return ParticipantCode(n[:min(2, len(n))]) }

// Serial is the part after the Participant's code.
func (n CertificateNumber) Serial() string { return string(n[min(2, len(n)):]) }

// Display is the form shown to people: the code, then the serial in even groups
// of at most four, so that eight digits read "CF 0012 4471" and six "SL 004 911".
// Pages set it in the monospaced face, since such numbers are compared character
// by character (style.md).
func (n CertificateNumber) Display() string {
	serial := n.Serial()
	groups := (len(serial) + 3) / 4
	parts := make([]string, 0, groups+1)
	parts = append(parts, string(n.Participant()))
	for ; groups > 0; groups-- {
		size := (len(serial) + groups - 1) / groups
		parts = append(parts, serial[:size])
		serial = serial[size:]
	}
	return strings.Join(parts, " ")
}

// UnmarshalText reads what ParseNumber reads.
func (n *CertificateNumber) UnmarshalText(text []byte) (err error) {
	*n, err = ParseNumber(string(text))
	return err
}

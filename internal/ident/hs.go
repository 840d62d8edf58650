package ident

import (
	"strings"

	"adamas.example/internal/fault"
)

// HSCode is a subheading of the Harmonized System in the scheme's scope.
type HSCode string

// Rough diamonds: unworked, simply sawn, cleaved or bruted (KPCS section I).
const (
	Unsorted      HSCode = "7102.10"
	Industrial    HSCode = "7102.21"
	NonIndustrial HSCode = "7102.31"
)

// HSCodes lists the subheadings in scope.
func HSCodes() []HSCode { return []HSCode{Unsorted, Industrial, NonIndustrial} }

// ParseHS reads "7102.10". A diamond's subheading that is out of the scheme's
// scope (worked stones 7102.29 and .39, synthetics 7104, dust 7105) has a fault
// of its own: such goods need no certificate.
func ParseHS(s string) (HSCode, error) {
	for _, code := range HSCodes() {
		if s == string(code) {
			return code, nil
		}
	}
	for _, outside := range []string{"7102.29", "7102.39", "7104.", "7105."} {
		if strings.HasPrefix(s, outside) && len(s) == len(Unsorted) {
			return "", fault.Invalid("ident.hs_out_of_scope", fault.Text(s))
		}
	}
	return "", fault.Invalid("ident.hs_unknown", fault.Text(s))
}

// ParseTypedHS reads a code as typed or as customs write it: "710210",
// "7102 10", and national codes of 8 or 10 digits, of which the first six count.
func ParseTypedHS(typed string) (HSCode, error) {
	digits := strings.ReplaceAll(fold(typed), ".", "")
	if n := len(digits); n != 6 && n != 8 && n != 10 || strings.ContainsFunc(digits, func(r rune) bool { return !isDigit(r) }) {
		return "", fault.Invalid("ident.hs_unknown", fault.Text(typed))
	}
	code, err := ParseHS(digits[:4] + "." + digits[4:6])
	return code, fault.Restate(err, fault.Text(typed))
}

// UnmarshalText reads what ParseHS reads.
func (c *HSCode) UnmarshalText(text []byte) (err error) {
	*c, err = ParseHS(string(text))
	return err
}

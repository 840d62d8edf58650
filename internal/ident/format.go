package ident

import (
	"fmt"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
)

// NumberFormat is the form of a Participant's serials: a counter of a fixed
// number of digits between a prefix and a suffix. Prefix and Suffix are patterns:
// '@' stands for any letter, '#' for any digit, a letter or digit for itself.
type NumberFormat struct {
	Prefix string `json:"prefix,omitempty" toml:"prefix"`
	Digits int    `json:"digits" toml:"digits"` // of the counter, 1 to 18
	Suffix string `json:"suffix,omitempty" toml:"suffix"`
}

// DefaultFormat is that of a Participant that has registered none: eight digits.
var DefaultFormat = NumberFormat{Digits: 8}

// NumberFormats holds the registered formats.
type NumberFormats map[ParticipantCode]NumberFormat

// KnownFormats are the formats seen on real certificates. Registered ones (see
// party) go before them.
func KnownFormats() NumberFormats {
	return NumberFormats{
		"SL": {Digits: 6}, // 004911, 004306: domain.md 2.3 [S49]
	}
}

// For is the Participant's format, DefaultFormat when none is known.
func (f NumberFormats) For(p ParticipantCode) NumberFormat {
	if format, ok := f[p]; ok {
		return format
	}
	return DefaultFormat
}

// Validate refuses a format no number could be checked by.
func (f NumberFormat) Validate() error {
	bad := func(r rune) bool { return !isDigit(r) && !isUpper(r) && r != '@' && r != '#' }
	if f.Digits < 1 || f.Digits > 18 || len(f.Prefix)+f.Digits+len(f.Suffix) > serialMost ||
		strings.ContainsFunc(f.Prefix, bad) || strings.ContainsFunc(f.Suffix, bad) {
		return fault.Invalid("ident.bad_number_format", fault.Text(f.String()))
	}
	return nil
}

// pattern writes the whole serial as one pattern, the counter as '#'.
func (f NumberFormat) pattern() string {
	return f.Prefix + strings.Repeat("#", max(0, f.Digits)) + f.Suffix
}

// String is the pattern: "########" for eight digits.
func (f NumberFormat) String() string { return f.pattern() }

// Check refuses a number whose serial has not this form: one of another length,
// saying both lengths, or one with a wrong character, saying which and where
// (counted from 1 in the serial).
func (f NumberFormat) Check(n CertificateNumber) error {
	serial, pattern := n.Serial(), f.pattern()
	about := fault.Arg("participant", n.Participant())
	if len(serial) != len(pattern) {
		return fault.Invalid("ident.number_length", fault.Text(string(n)), about,
			fault.Arg("expected", len(pattern)), fault.Arg("got", len(serial)), fault.Arg("example", f.Example()))
	}
	for i, want := range pattern {
		got := rune(serial[i])
		ok := got == want
		switch want {
		case '#':
			ok = isDigit(got)
		case '@':
			ok = isUpper(got)
		}
		if !ok {
			return fault.Invalid("ident.number_character", fault.Text(string(n)), about,
				fault.Arg("character", string(got)), fault.Arg("position", i+1), fault.Arg("example", f.Example()))
		}
	}
	return nil
}

// Example is a serial of this form, for the words of a fault.
func (f NumberFormat) Example() string {
	digit := 0
	return strings.Map(func(r rune) rune {
		switch r {
		case '#':
			digit++
			return rune('0' + digit%10)
		case '@':
			return 'A'
		}
		return r
	}, f.pattern())
}

// Number makes the certificate number with this counter. A format whose prefix
// or suffix leaves a choice cannot be counted and is refused, as is a counter
// with more digits than the format has.
func (f NumberFormat) Number(p ParticipantCode, counter uint64) (CertificateNumber, error) {
	digits := strconv.FormatUint(counter, 10)
	if len(digits) > f.Digits {
		return "", fault.Invalid("ident.counter_too_large", fault.Arg("counter", counter), fault.Arg("digits", f.Digits))
	}
	if strings.ContainsAny(f.Prefix+f.Suffix, "@#") {
		return "", fault.Invalid("ident.not_countable", fault.Text(f.String()))
	}
	return ParseNumber(string(p) + f.Prefix + fmt.Sprintf("%0*d", f.Digits, counter) + f.Suffix)
}

// Counter is the counting part of a number of this form; ranges and gaps are
// reckoned on it.
func (f NumberFormat) Counter(n CertificateNumber) (uint64, error) {
	if err := f.Check(n); err != nil {
		return 0, err
	}
	serial := n.Serial()
	counter, err := strconv.ParseUint(serial[len(f.Prefix):len(f.Prefix)+f.Digits], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("counter of %s by %s: %w", n, f, err)
	}
	return counter, nil
}

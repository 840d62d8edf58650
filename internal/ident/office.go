package ident

import (
	"strings"

	"adamas.example/internal/fault"
)

// OfficeID names an office of a Participant, "CF/bangui": its code and a slug of
// lower-case letters and digits in words joined by hyphens, at most 40 long.
type OfficeID string

// StationID names one computer in an office, "CF/bangui/pc-1". A number range
// belongs to one station.
type StationID string

const slugMost = 40

// ParseOffice reads "CF/bangui".
func ParseOffice(s string) (OfficeID, error) {
	code, slug, _ := strings.Cut(s, "/")
	if _, err := ParseParticipant(code); err != nil || !isSlug(slug) {
		return "", fault.Invalid("ident.not_an_office", fault.Text(s))
	}
	return OfficeID(s), nil
}

// ParseStation reads "CF/bangui/pc-1".
func ParseStation(s string) (StationID, error) {
	at := strings.LastIndexByte(s, '/')
	if at < 0 || !isSlug(s[at+1:]) {
		return "", fault.Invalid("ident.not_a_station", fault.Text(s))
	}
	if _, err := ParseOffice(s[:at]); err != nil {
		return "", fault.Invalid("ident.not_a_station", fault.Text(s))
	}
	return StationID(s), nil
}

// isSlug: words of a-z and 0-9 joined by single hyphens.
func isSlug(s string) bool {
	if s == "" || len(s) > slugMost {
		return false
	}
	for word := range strings.SplitSeq(s, "-") {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') }) {
			return false
		}
	}
	return true
}

// Participant the office belongs to.
func (o OfficeID) Participant() ParticipantCode {
	code, _, _ := strings.Cut(string(o), "/")
	return ParticipantCode(code)
}

// Slug is the part after the Participant.
func (o OfficeID) Slug() string {
	_, slug, _ := strings.Cut(string(o), "/")
	return slug
}

// Station is the id of a computer in the office.
func (o OfficeID) Station(slug string) (StationID, error) {
	return ParseStation(string(o) + "/" + slug)
}

// Office the station stands in.
func (s StationID) Office() OfficeID {
	return OfficeID(s[:max(0, strings.LastIndexByte(string(s), '/'))])
}

// Participant the station's office belongs to.
func (s StationID) Participant() ParticipantCode { return s.Office().Participant() }

// Slug is the part after the office.
func (s StationID) Slug() string { return string(s[strings.LastIndexByte(string(s), '/')+1:]) }

// UnmarshalText reads what ParseOffice reads.
func (o *OfficeID) UnmarshalText(text []byte) (err error) {
	*o, err = ParseOffice(string(text))
	return err
}

// UnmarshalText reads what ParseStation reads.
func (s *StationID) UnmarshalText(text []byte) (err error) {
	*s, err = ParseStation(string(text))
	return err
}

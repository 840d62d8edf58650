// Package ident holds the names by which things are known, each with its own
// type, so that an office is never passed where a station belongs.
//
//	CountryCode        CF            ISO 3166-1 alpha-2, and XI
//	ParticipantCode    CF, EU, TW    whose certificates begin so
//	OfficeID           CF/bangui     a Participant's office
//	StationID          CF/bangui/pc-1  one computer in it
//	CertificateNumber  CF00124471    Participant and serial, shown CF 0012 4471
//	HSCode             7102.10       the three subheadings in scope
//	RecordID           018f...       UUID version 7
//
// A Parse function reads one canonical spelling and nothing else; it is used for
// JSON, files and statements. ParseTyped functions read what a person types and
// give the canonical form back.
//
// Three Participant codes are special (domain.md 2.3): EU is no country but an
// exceptionally reserved code; the United Kingdom is GB; the Chinese Taipei
// entity is TW. Northern Ireland has no certificates of its own: XI, the code
// customs use, is a CountryCode and not a ParticipantCode.
//
// Whether a code belongs to a Participant on some date is not known here: see
// place for territory and party for standing.
//
// Invariants: what a Parse function returns prints as what it was given; no
// identifier holds a blank, a control character or a letter beyond ASCII.
//
// Imports: fault.
package ident

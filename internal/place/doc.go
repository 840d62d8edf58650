// Package place holds where things are: countries, the territory of
// Participants, and points on the Earth.
//
// A Participant's territory is not a state. The European Union is one
// Participant of 27 states, and Greenland and Northern Ireland are in it; Great
// Britain is one by itself since 2021; Liechtenstein and Hong Kong come under
// others. So territory is a dated table, territory.csv, with a row for each
// country and span of days:
//
//	country      ISO 3166-1 alpha-2, or XI for Northern Ireland
//	participant  whose certificates are needed there
//	from         first day, the earliest that the sources allow
//	settled_by   day from which no source leaves a doubt; later than from where
//	             only a month or a year is known
//	until        first day it is no longer so; empty for no end
//	verified     seen (in a stored source), memory, or inferred
//	source, note
//
// Territory says whose certificates are asked for. Whether that Participant may
// trade on the day is its standing, and party's to say: a suspended Participant
// keeps its territory. Dependent territories that the table does not name (the
// Channel Islands, Puerto Rico, Macao and others) have no answer, which is a hole
// in what we know and not a finding.
//
// Countries' names come from CLDR by golang.org/x/text; names.csv holds those
// that the Kimberley Process writes differently or that have changed since.
//
// Distances are on a sphere of the Earth's mean radius: good to half a percent,
// as finding the nearest site needs, and not for a land survey.
//
// Imports: fault, ident, period, golang.org/x/text.
package place

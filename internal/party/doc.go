// Package party knows who takes part in the Kimberley Process: Participants
// and their standing on any date.
//
// Standing is folded from dated events, each with its source
// (data/kp-documents/standing.csv). Three things are kept apart that other
// lists run together: membership, the right to trade, and the day on which
// another state took a change into its own law (KPCS III(c) binds each by its
// own list; domain.md 2.7).
//
// # Invariants
//
//   - An event whose date is a month or a year has happened at some day in it:
//     on those days the standing is uncertain and says so.
//   - Where sources disagree both readings stand in the data, and a reading is
//     chosen by name; without a choice a question that depends on it is
//     uncertain. Nothing is chosen silently.
//   - A state that has been absorbed by the European Union has no certificates
//     of its own from that day; place knows the territories.
//
// Offices, stations, officers and ranges come with the rest of the issue.
//
// Imports: fault, ident, period.
package party

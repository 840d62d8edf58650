// Package party knows who takes part in the Kimberley Process: Participants and
// their standing on any date, observers, authorities, the form of their
// certificate numbers.
//
// Standing is folded from dated events, each with its source
// (data/kp-documents/standing.csv, and the changes that Participants state of
// their own lists, package stated). Three things are kept apart that other lists
// run together: membership, the right to trade, and the day on which another
// state took a change into its own law (KPCS III(c) binds each by its own list;
// domain.md 2.7). An adopter's own day takes the place of the scheme's; where it
// has stated none, the scheme's day counts for it too.
//
// # Invariants
//
//   - An event whose date is a month or a year has happened at some day in it.
//     Events of one day, or of days that overlap, have no known order. A Standing
//     lists every outcome that all this allows, and no other; where there are
//     several it answers with the most cautious and names what is open.
//   - Where sources disagree both readings stand in the data, and a reading is
//     chosen by name; without a choice every outcome is listed. Nothing is chosen
//     silently, and what makes no difference on a day is not asked.
//   - The order of rows decides nothing.
//   - Every row has a source and a certainty, and both go with every answer.
//   - A state that has been absorbed by the European Union has no certificates of
//     its own from that day; place knows the territories, and a test holds the two
//     to each other.
//   - A number form that is only remembered or concluded refuses no number.
//
// TradeCheck (R-MEM-01, R-MEM-02) and Formats.Judge (R-CRT-02, R-CRT-04) put this
// to the rules; whoever issues or receives a certificate calls them.
//
// Imports: fault, ident, period, place, lang, rule, verify/canonical.
package party

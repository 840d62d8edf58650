// Package rule reads rule sets: what differs by Participant, date or opinion,
// kept as data with its source beside it. What never changes is Go.
//
// A set is a folder of TOML files (how to write one: rules/README.md). Check
// reads it and reports every fault at once; the Set it gives answers what value
// a rule's parameter has for a Participant, a pair of Participants and a date,
// and says where that value came from, so that a Finding can cite it.
//
// # Content address
//
// A set has one canonical form, deterministic CBOR of its Content, and its hash
// is the SHA-256 of that. Comments, layout, the order of rules and the division
// into files do not reach the canonical form; every word, figure, date, source
// and choice does. Decode gives the same Set back, so a rule-set statement can
// carry the hash and a mirror the bytes. The grammar is rules/rule-set.cddl.
//
// # Which value wins
//
// Among the values in force on the date asked for, the most specific:
//
//  1. an override for the pair exporter to importer,
//  2. an override for the Participant,
//  3. an override by date alone,
//  4. the value of the parameter itself.
//
// Two overrides for the same pair, the same Participant, or no one, may not be
// in force on the same day; a set that has such is refused, so there is never a
// tie to break. A pair override without regard to date and a Participant
// override with dates do not compete: the pair wins.
//
// # Invariants
//
//   - A parameter that has no value for the scope asked for is a fault, never
//     zero and never a default.
//   - Where sources conflict, all values stand in the set and one is chosen by
//     name; nothing is chosen silently.
//   - A Set is never changed: Choose gives another one with another hash.
//   - Nothing here reads a clock, a network or a file outside the fs.FS given.
//
// CEL expressions come with a later version of the format. Until then a rule
// with a cel field is refused rather than read without it.
//
// Imports: floor 0 (fault, ident, measure, period, lang), verify/canonical,
// rule/tomlline, BurntSushi/toml, x/text/unicode/norm. Not package rules: whoever reads the
// shipped sets passes rules.FS.
package rule

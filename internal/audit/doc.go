// Package audit judges logs again, from their public files and the root
// document alone, with a decoder of its own (package wire). It shares no code
// with verify, ledger or any noun: what those have wrong, this is meant to notice
// (design.md §3; the model is Boulder's cert-checker).
//
// It reads log folders as any web server serves them (C2SP tlog-tiles), holds
// every file against the checkpoint and the checkpoint against the witnesses that
// the root document names, and then goes through the entries: form, signature,
// entitlement of the key on that day and at that place, roles, chains of prev,
// numbers in their ranges, each once, gaps, two officers, what was said later of
// a certificate and by whom, receipts, openings, balances of re-exports, standing
// of both Participants on the day, snapshots. Given bundles it proves the four
// eyes and sees more facts; given a node's database it holds the tables against
// the logs (package tables).
//
// Invariants: a finding names log, entry, statement and rule; nothing is left out
// because something else was wrong; what could not be told is counted and said,
// never taken for good; a log without findings has passed every check that the
// report lists. No decoded entry is kept: what is, is a few hundred bytes for a
// certificate (docs/audit.md has the measurement).
//
// Imports: the standard library, data, and lang for words; never verify or
// anything that a noun or service is made of. internal/arch holds it to that.
package audit

// Package audit judges logs again, from their public files and the root
// document alone, with a decoder of its own. It shares no code with verify,
// ledger or any noun: what those have wrong, this is meant to notice
// (design.md §3; the model is Boulder's cert-checker).
//
// It reads a log folder as any web server serves it (C2SP tlog-tiles), holds
// the checkpoint against the witnesses that the root document names, hashes
// every entry again, and then goes through the entries: form, signature,
// entitlement of the key on that day and at that place, chain of prev, numbers
// in their ranges, each once, gaps, two officers, later statements about
// certificates that exist, openings that are due.
//
// Invariants: a finding names log, entry and rule; nothing is left out because
// something else was wrong; a log without findings has passed every check that
// the report lists.
//
// Imports: the standard library, and lang for words. internal/arch holds it to
// that.
package audit

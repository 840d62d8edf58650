// Package generate makes certificates that never were: SYNTHETIC logs of every
// Participant over years, signed, receipted and opened, for tests of what has
// to bear a real load. It makes the ordinary life of the scheme, its slips and
// its delays, and no frauds; it knows nothing of what looks for frauds.
//
// The figures it follows are in data/trade-calibration, each with its source or
// the word SYNTHETIC: production and the number of certificates are real, who
// trades with whom is a gravity model fitted to totals, because no bilateral
// figures are published (design.md 17).
//
// # The folder it makes
//
//	README-SYNTHETIC.txt     what this is
//	root-<n>.cbor            root documents, a version whenever Participants joined
//	logs/<code>/             one C2SP tlog-tiles log for each Participant
//	keys-SYNTHETIC/keys.csv  every key, the secret half as well
//	bundles/<number>.adamas  samples, when asked for
//	pack                     for the verifier, when asked for
//	statistics-SYNTHETIC.csv the true totals, when asked for
//
// # Invariants
//
//   - The same configuration gives the same bytes on any machine: no clock, no
//     order of a map, no floating point whose result a processor may choose
//     (products are rounded before they are added, logarithms are integers).
//   - Every statement, root and name says SYNTHETIC or synthetic; every key
//     follows from the seed by a public rule, so nothing here can pass for real.
//   - A certificate is issued only by, and for, Participants in good standing on
//     that day (package party). Its number is the next of its range: no gap.
//   - A certificate has at most one receipt, none once it was cancelled, replaced
//     or lost, and never after its expiry; dates of one certificate ascend.
//   - No certificate is used up by more than was received under it, and what
//     nobody imported was mined, or stood in the opening stock, which is counted.
//   - Of one issuer no two statements of one day have the same subject, so the
//     statements of a day can be signed in any order.
//   - Checkpoints are written last: a folder whose making was cut short has none
//     and is no log. A run that is interrupted removes what it wrote.
//   - Memory holds what is in flight and in stock, and does not grow with the
//     number of certificates, but for a pack, which is made of whole logs.
//
// Faults: certificate.generate_not_empty, certificate.generate_span, certificate.generate_count, certificate.generate_seed,
// certificate.generate_participant, certificate.generate_nobody_trades, certificate.generate_cannot_write.
//
// Imports: floor 0, verify, data, party.
package generate

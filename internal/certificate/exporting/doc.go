// Package exporting is the exporting office's half of a consignment's life: it is
// applied for, valued, taxed, sealed, certified and sent off; then the office hears
// from the other side's register what became of it, and opens the delayed facts
// (KPCS II, III(a), IV, Annex II 17 to 20; domain.md 2.1 to 2.4).
//
// # Invariants
//
//   - Nothing is typed twice: the certificate is written from the file, and the file
//     is what it commits to (verify.LabelFile).
//   - An act on which others rely moves the consignment in the transaction that fixes
//     the bytes of its statement (ledger.Intend); what a crash leaves unsigned is
//     signed by Resume, with the same bytes.
//   - What the other side has done is believed of an office of the destination whose
//     key its authority has stated, about exactly these bytes. Everything else is
//     kept as a note and changes nothing.
//   - What only time does is done once, however often Tick is called.
//   - A re-export uses up imported certificates by carats, in the transactions that
//     prepare, issue, spoil and cancel it.
//
// It may import consignment, certificate, life, form and what lies below.
package exporting

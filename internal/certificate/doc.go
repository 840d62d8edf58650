// Package certificate issues Kimberley Process Certificates: the one place
// where a number is spent and a shipment certified (KPCS II(a), IV, Annex I).
//
// # The act of issuing
//
// Prepare runs every rule over a draft, allots a sheet, and renders the exact
// bytes that will be signed; the Prepared it gives has no exported field and
// carries the preparer's approval of those bytes. Issue spends it once, by
// another officer than the preparer. There is no other path to a signature.
//
// # Invariants
//
//   - A number is spent once: the sheet's row goes from allotted to spent in
//     the transaction that stores the bytes to be signed (ledger.Intend), and
//     from there nowhere but to the log.
//   - The preparer is not the validator, and both have approved the same bytes.
//   - Disclosures (what the certificate commits to and does not publish) are
//     stored in that same transaction: no certificate is ever signed whose
//     facts are lost.
//   - A sheet below the highest used is spent, spoiled or void, or it shows as
//     a gap.
//   - Numbers come only from ranges allotted to this station in the present
//     generation of the database: after a restore the earlier ones are burnt,
//     and so is every range that was stated before it. A number that the log
//     shows as spent is never allotted.
//
// It may import ledger, keyring, rule and what lies below. The life of a
// certificate after issue (export, receipt, cancellation) comes with the
// consignment; the sheet's part of it is here.
package certificate

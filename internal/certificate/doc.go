// Package certificate issues Kimberley Process Certificates: the one place
// where a number is spent and a shipment certified (KPCS II(a), IV, Annex I).
//
// # The act of issuing
//
// Prepare runs every rule over a draft and over what the office's file shows of it
// (Dossier), allots a sheet, and renders the exact bytes that will be signed; the
// Prepared it gives has no exported field and carries the preparer's approval of
// those bytes. It lies in the database until another officer than the preparer
// spends it (Issue), in this process or a later one. There is no other path to a
// signature.
//
// # Invariants
//
//   - A number is spent once: the sheet's row goes from allotted to spent in
//     the transaction that stores the bytes to be signed (ledger.Intend), and
//     from there nowhere but to the log; sheetmachine.go is the whole of what can
//     become of a sheet.
//   - The preparer is not the validator, and both have approved the same bytes.
//   - Disclosures (what the certificate commits to and does not publish) are
//     stored in that same transaction: no certificate is ever signed whose
//     facts are lost.
//   - A rule that no fact or register can answer cannot be told, and blocks where
//     the rule blocks.
//   - Never more of an imported certificate is used up than was received under it
//     (R-ORG-02, balance.go): carats are reserved with the sheet, spent with the
//     number, and free again with a sheet that is spoiled or void.
//   - A sheet below the highest used is spent, spoiled or void, or it shows as
//     a gap.
//   - Numbers come only from ranges allotted to this station in the present
//     generation of the database: after a restore the earlier ones are burnt,
//     and so is every range that was stated before it. A number that the log
//     shows as spent is never allotted.
//
// The consignment's life is in the packages below: consignment is its machine and
// its file, exporting and importing are the acts of the two sides, life is what the
// followed logs say of any certificate, form reads the particulars of an act.
// rogues is the gallery of forged certificates, with those who forge them.
//
// It may import ledger, keyring, rule and what lies below.
package certificate

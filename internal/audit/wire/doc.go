// Package wire is the audit's own reading of everything that Adamas signs and
// publishes: deterministic CBOR, COSE, statements, disclosures, bundles, root
// documents, witness policies, checkpoints and the files of a log. It is written
// from docs/formats and shares no code with package verify.
//
// Invariants: what is read is one value and nothing after it; a form that is not
// the shortest, has an unknown member or lacks one is refused; no byte of a
// checkpoint, a tile or a bundle of entries goes unlooked at; a point of a log
// (origin, size, root) is recomputed, never believed.
//
// Imports: the standard library.
package wire

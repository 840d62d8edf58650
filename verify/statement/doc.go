// Package statement is the form of every act that others rely on: a signed
// statement (design.md §5).
//
// A statement is a COSE_Sign1 (RFC 9052) over deterministic CBOR. Its bytes
// are the log leaf, exactly; they are never derived again from a database row.
// The envelope says who (issuing office and key), what (type, subject), when
// (issued-at, the issuer's own claim), after which (prev: the issuer's last
// statement on the same subject) and acting on which (refs: statements of
// others), and whether it is SYNTHETIC, a mark inside the signed bytes that
// cannot be switched off.
//
// Invariants: Parse accepts exactly what Encode and Finish write; a decoded
// statement is well-formed in itself (Body.Check) but nothing here says that
// its signer was entitled to it: package trust knows keys, package verify
// judges. The CDDL is docs/formats/statement.cddl.
package statement

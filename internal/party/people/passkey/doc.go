// Package passkey asks authenticators (W3C WebAuthn Level 3): for a new passkey, for
// a sign-in, and for a signature over a digest that the caller gives.
//
// It keeps the questions that are open, in memory: a restart forgets them, and the
// person presses the button again. Passkeys are kept by transactions that the caller gives.
//
// # Invariants
//
//   - A question is answered once, within its time, and only for whom it was asked:
//     the subject that Start was given, a link's or a session's id.
//   - Questions of people who have signed in are never pushed out by those of
//     people who have not.
//   - The authenticator has verified its user (PIN, finger); presence is not enough.
//   - Keys are ES256 or EdDSA, as in statements, so that what a passkey signs can be
//     kept as an approval.
//
// Faults: people.ceremony_over, people.passkey_refused, people.passkey_unknown,
// people.passkeys_many, people.passkey_taken, people.assertion_again.
//
// Tables: party_passkey, party_assertion. Imports: fault, ident, store, verify/statement;
// go-webauthn.
package passkey

// Package proof is what people prove themselves with that is text: passwords, the
// codes of an app (TOTP, RFC 6238), printed recovery codes; and the seal over what
// the node must be able to read again.
//
// # Invariants
//
//   - Passwords are reckoned a few at a time, so that many sign-ins at once make
//     each other wait and not the machine run out of memory.
//   - A password of nobody costs what a wrong one costs.
//   - No code is taken twice: who checks one stores the step that Check gives.
//
// Faults: people.password_short, people.password_long, people.password_own,
// people.password_common, people.busy, people.key_file.
//
// Imports: fault, store/durable; x/crypto/argon2, x/text/unicode/norm. No database,
// no clock.
package proof

// Package exchange carries messages between offices (design.md §2, §3): an advice
// before arrival, a confirmation, a notice, with the statements and bundles that
// belong to them. The form of a message is package verify/message's; here it is
// encrypted to the key that the receiving office's authority has named (age), put
// on its way, and taken in at the other end.
//
// # Three carriers, one format
//
//	http    POST of the encrypted message to the other node; its answer is the
//	        acknowledgement, encrypted to us
//	mail    the encrypted message as attachment of an .eml file
//	stick   a folder with one file for each message
//
// Acknowledgements are messages themselves, so they come back by any of the three.
//
// # Invariants
//
//   - A message is posted in the transaction that makes it necessary, and is tried
//     until it is acknowledged, given up, or taken back by a person; kill -9 at any
//     point loses none and doubles none, since the other side takes each id once.
//   - What leaves is encrypted. A carrier shows from whom and to whom on a stick and
//     in a mail, and over HTTP nothing; it never shows what a message is about.
//   - What comes is stored as it came, before anything is made of it. Only what our
//     own message key opens is stored: anybody can write to a stick or an address
//     (docs/adr/0011).
//   - A message is taken when it is addressed to this office, signed by a key of the
//     sending office that the root documents and logs known here vouch for and have
//     not revoked, and as SYNTHETIC as this node. A signer who is not known yet may
//     become known by following a log: such a message waits, and is not lost.
//   - Handling is one transaction with the mark that it is done. A handler that
//     fails leaves the message taken, with the reason, and is asked again.
//   - Facts in bundles go into the vault when the signature of their statement is
//     true by a key known here; whether its signer was entitled, verify judges.
//   - A stranger learns nothing: every message that is not taken gets one answer.
//
// It may import ledger, follow, peer, store, verify, age and the words of floor 0.
package exchange

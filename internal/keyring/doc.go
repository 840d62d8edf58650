// Package keyring holds the keys of a node and makes every signature that
// leaves it (design.md §5, §13).
//
// A Signer is one key with one Purpose, wherever the key lives: in a file of a
// Ring, in an ssh-agent (and an HSM behind it), or in any crypto.Signer. On top
// of it stand the acts of key keeping: statements that appoint, rotate and
// revoke keys, the approvals of the four eyes, the ceremony of the root.
//
// # A ring
//
// A Ring is a folder of mode 0700 with two files of mode 0600 for each key:
//
//	<name>.key.age   the secret, in age (age-encryption.org/v1): for people who
//	                 must get at it without this program,
//	                 `age -d x.key.age | openssl pkey -text` prints it, and
//	                 `age -d -i <(age -d x.key.age)` reads a message key
//	<name>.pub       its Card: the public half, to be handed on
//
// The encrypted text repeats the card, and the card has the SHA-256 of the
// encrypted file, so that a change of any byte of either is found.
//
// # Invariants
//
//   - No file is ever overwritten; a key file is whole or not there. The card is
//     written last: a key file without a card is an interrupted creation whose
//     key nobody has been told of.
//   - A key serves its Purpose only. Neither the program nor a person at its
//     command line can sign a checkpoint with an office's key, or a certificate
//     with a log's.
//   - A Signer checks what it is asked to sign (key, algorithm, size, canonical
//     form, the content's own rules) before it asks the key, and verifies the
//     signature before it lets it go: a broken HSM must not put a false
//     statement into the log, where it stays.
//   - Keys that open without a passphrase are SYNTHETIC, by a mark that stands
//     in the encrypted text too. They sign statements and roots marked
//     SYNTHETIC and no others, and no appointment that is not.
//   - No secret is an argument of a fault or stands in an error's text.
//
// # Faults
//
//	not_found, key_missing, unfinished, exists, damaged, card_damaged,
//	card_unreadable, too_open, folder_missing, folder_create, write, read,
//	name, label, algorithm, created, purpose                      files
//	wrong_passphrase, wrong_identity, other_lock, passphrase_short,
//	identity_form, identity_missing                               opening
//	other_purpose, synthetic_only, not_synthetic                  entitlement
//	other_key, other_log, purpose_forbids, unsignable,
//	false_signature, signer_failed, unsuitable                    signing
//	agent_absent, agent_failed, agent_key_form, agent_key_absent,
//	agent_refused                                                 ssh-agent
//	other_participant, recipient_form, backdated, rotation_gap,
//	rotation_same, statement                                      statements
//	root_broken_chain, root_expired, root_not_named, root_refused,
//	root_missing, root_unreadable                                 the root
//
// each under "keyring."; the words are in text/.
//
// # Imports
//
// Floor 1: package fault, verify/{statement,canonical,message,policy,trust}, age,
// x/crypto/ssh, x/mod note, and on Windows x/sys. No database, no clock, no
// network but the agent's local socket.
package keyring

// Package witness is a C2SP tlog-witness: a small server that watches other
// people's logs and answers each honest step of growth with a timestamped
// cosignature. Ministries, industry bodies and civil society each run their
// own; a certificate counts once witnesses of all three pillars have cosigned
// the log that holds it.
//
// # What a witness attests, and what it never attests
//
// A cosignature says: at this time, this was the largest record of this log
// that I had been shown, and it contains unchanged everything I had been shown
// before. So the record has not been changed or hidden since that time. A
// witness never says that what is recorded is right: it does not read the
// entries.
//
// # Sources
//
// c2sp.org/tlog-witness v1.0.0 (add-checkpoint; the monitoring address; 422 and
// not 409 for another root at the same size, C2SP pull request 280),
// c2sp.org/tlog-cosignature (cosignature/v1, Ed25519, signature type 0x04),
// c2sp.org/tlog-checkpoint, c2sp.org/signed-note, c2sp.org/tlog-policy (syntax
// of the log list), RFC 6962 section 2.1.2 (consistency), RFC 8032 (Ed25519).
//
// # Invariants
//
//   - Of one log, never two roots of one size are cosigned, and never a smaller
//     size after a larger one. Every cosigned checkpoint contains all earlier
//     ones.
//   - Check, then persist, then sign, then answer. What is signed is on the
//     disk already, with the time it is signed for: a crash at any point loses
//     at most an answer, and the log asks again. Checking and persisting are
//     one step under the log's lock.
//   - One process a directory, by a lock of the operating system. The directory
//     belongs to one key, written into it at the first start.
//   - A damaged or missing state file stops signing for that log, and for that
//     log only. A log once registered never begins again from zero.
//   - The keys of a log are pinned when it is registered. Other keys in the
//     configuration are refused (fault witness.log_key_changed); ReplaceKeys is
//     the deliberate way, and asks for an overlap: the latest checkpoint must
//     be signed by a key that stays.
//   - Time of cosignatures never goes back, over all logs of the witness and
//     over restarts. A clock behind the last cosignature is answered with 503
//     and Retry-After until it has caught up. A witness that has once signed
//     with a clock far in the future is retired together with its key.
//   - Extension lines are signed with the checkpoint and mean nothing.
//
// What it cannot see: that its whole directory was put back to an earlier day.
// Never restore a witness from a backup; start a new one with a new key.
// The directory must be on a local disk (not NFS).
//
// # Answers of POST /add-checkpoint
//
//	200 cosignature line            403 no signature of a key of this log
//	400 malformed, or old > size    404 log not on the list
//	413 body over MaxBody           409 old is not the stored size, which is the body
//	422 not consistent with what was cosigned before
//	500 state damaged, disk or signer failed        503 clock behind, or closing
//
// GET /<hex sha256(origin)>/checkpoint is the latest checkpoint with the
// cosignature of this witness; GET / is a page of plain text for people.
//
// # Faults
//
//	witness.name, log_key, origin, key_count, key_twice,   configuration that
//	signer, key_overlap, log_key_changed, log_unknown      cannot be
//	witness.directory, directory_taken, directory_key      the folder: unusable, in use, of another witness
//	witness.state_damaged, state_missing                   this log is refused
//	witness.register_damaged                               the witness does not start
//	witness.list_*                                         the list of logs
//	witness.url, no_answer, answer, unknown_log            asking another witness
//	witness.closed
//
// Imports: fault, verify/policy and canonical; golang.org/x/mod/sumdb,
// golang.org/x/sys, torchwood (parsing of checkpoints). It knows nothing of
// Adamas's own log, and no statement.
package witness

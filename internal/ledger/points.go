package ledger

// Points are the names with which Config.Point is called, in the order of acts.
// The crash proofs kill a process at each of them.
func Points() []string {
	return []string{
		"intend.stored",  // Record has stored the bytes to be signed
		"sign.before",    // the signer is asked next
		"sign.signed",    // the signed bytes are in memory alone
		"sign.stored",    // they are on the disk: they may leave
		"append.added",   // the log has taken a round; the database does not know it
		"append.stored",  // the indexes are on the disk
		"publish.seen",   // a new checkpoint satisfies the policy
		"publish.stored", // what it covers is marked
	}
}

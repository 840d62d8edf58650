package reading

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// Likeness is what the ornaments of a certificate are made of (package ornament), so
// that its paper and a page about it show the same.
type Likeness struct {
	Rosette canonical.Hash // of what was signed, without the signature
	Words   canonical.Hash // of what was signed and the signature: the leaf in the log
}

// LikenessOf a statement and its signed bytes.
func LikenessOf(st *statement.Statement, signed []byte) Likeness {
	return Likeness{canonical.Sum(st.Signed.Payload), proof.LeafHash(signed)}
}

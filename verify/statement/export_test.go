package statement

import "adamas.example/verify/internal/readtest"

// NewBody lets the tests of this folder ask which types have a decoder.
func NewBody(t Type) Body { return t.newBody() }

// By hand, and by the library: the forms that decode.go reads.
var (
	PairProtected   = readtest.Of(readProtected)
	PairPayload     = readtest.Of(readPayload)
	PairCertificate = readtest.At(readCertificate)
)

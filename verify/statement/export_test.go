package statement

// NewBody lets the tests of this folder ask which types have a decoder.
func NewBody(t Type) Body { return t.newBody() }

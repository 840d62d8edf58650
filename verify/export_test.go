package verify

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/readtest"
)

// Labels are those this version knows.
var Labels = labels

// PairFact is the value of a label, by hand and by the library.
func PairFact(l Label) readtest.Pair {
	return readtest.Pair{
		Hand: func(b []byte) (any, error) {
			sheet := new(factSheet)
			c := canonical.NewCursor(b)
			if !sheet.read(&c, l) {
				panic("a label that nobody reads")
			}
			return &sheet.facts, c.Done()
		},
		Judge: func(b []byte) (any, error) {
			f := &Facts{}
			if len(b) == 1 && b[0] == cborNull {
				return f, canonical.ErrNotCanonical // DecodeFacts refuses null before it reads
			}
			return f, canonical.Unmarshal(b, f.slot(l))
		},
	}
}

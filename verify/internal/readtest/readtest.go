// Package readtest holds decoders written by hand against the one that goes by
// reflection (canonical.Unmarshal): for any bytes both read the same value, or
// both refuse. It also bends good bytes into such as a forger, a bad disk or a
// careless encoder would write, close enough to be taken for good ones.
//
// It is for tests only, and imports no package above canonical.
package readtest

import (
	"bytes"
	"math/rand/v2"
	"reflect"

	"adamas.example/verify/canonical"
)

// Pair is one form, read in two ways.
type Pair struct {
	Hand, Judge func(b []byte) (any, error)
}

// Of pairs a decoder of T with the library.
func Of[T any](read func(c *canonical.Cursor) T) Pair {
	return Pair{
		Hand: func(b []byte) (any, error) {
			c := canonical.NewCursor(b)
			v := read(&c)
			return v, c.Done()
		},
		Judge: func(b []byte) (any, error) {
			var v T
			err := canonical.Unmarshal(b, &v)
			return v, err
		},
	}
}

// At is Of for a decoder that makes the value it gives.
func At[T any](read func(c *canonical.Cursor) *T) Pair {
	return Of(func(c *canonical.Cursor) T { return *read(c) })
}

// reporter is the part of testing.TB that is used.
type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Agree holds both against each other, and tells whether they took b.
func (p Pair) Agree(t reporter, b []byte) bool {
	t.Helper()
	want, wrong := p.Judge(bytes.Clone(b))
	got, err := p.Hand(bytes.Clone(b))
	if (err == nil) != (wrong == nil) || err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("%x\nby hand: %+v, %v\nby the library: %+v, %v", b, got, err, want, wrong)
	}
	return err == nil
}

// Hold wants both to take the good bytes, and to agree on n bent forms of each. It
// gives how many of those were good as well: some bends only make another value.
func (p Pair) Hold(t reporter, n int, good ...[]byte) (taken int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(len(good))))
	for _, b := range good {
		if !p.Agree(t, b) {
			t.Fatalf("%x: refused, and should be good", b)
		}
		for range n {
			if p.Agree(t, Bend(random, b)) {
				taken++
			}
		}
	}
	return taken
}

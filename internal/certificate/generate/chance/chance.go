// Package chance draws for made-up worlds: the same seed gives the same draws on
// any machine and with any release of Go. Whole numbers only.
//
// Invariants: a draw reads one stream in order; nothing here reads a clock, a map
// or a floating-point unit.
//
// Imports: the standard library.
package chance

import (
	"crypto/sha256"
	"math/bits"
	"math/rand/v2"
)

// Million is the unit of rates: parts per Million.
const Million = 1_000_000

// Source draws whole numbers only. ChaCha8 is specified (C2SP chacha8rand), so
// another release of Go draws the same.
type Source struct{ src *rand.ChaCha8 }

// New begins the stream of a seed.
func New(seed string) *Source {
	return &Source{rand.NewChaCha8(sha256.Sum256([]byte("SYNTHETIC adamas generate chance\x00" + seed)))}
}

// Below draws from 0 to n-1; the bias is under n in 2^64.
func (c *Source) Below(n int64) int64 {
	high, _ := bits.Mul64(c.src.Uint64(), uint64(n))
	return int64(high)
}

// Between draws from a to b, both included.
func (c *Source) Between(a, b int64) int64 { return a + c.Below(b-a+1) }

// Happens is true in rate parts of a Million.
func (c *Source) Happens(rate int64) bool { return c.Below(Million) < rate }

// One is 1 in the fixed point of factors, Q32.
const One = 1 << 32

// Factor draws a lognormal factor in Q32 whose mean is 1; spread is the sigma of
// its logarithm in millionths. The normal deviate is a sum of twelve uniform
// ones: its tails end at six sigma.
func (c *Source) Factor(spread int64) uint64 {
	const unit = 16 // Q16
	sum := int64(0)
	for range 3 {
		for u := c.src.Uint64(); u != 0; u >>= 16 {
			sum += int64(u & 0xffff)
		}
	}
	z := sum - 6*0xffff
	x := spread*z/Million - (spread*spread/Million<<unit)/Million/2
	const log2e = 94548 // 1/ln 2 in Q16
	return exp2(x * log2e >> unit)
}

// exp2 is 2^x in Q32 for x in Q16. Whole numbers throughout: math.Exp may differ
// between processors.
func exp2(x int64) uint64 {
	whole, part := x>>16, uint64(x)&0xffff
	v := uint64(One) << 29 // Q61
	for i, root := range roots {
		if part&(0x8000>>i) != 0 {
			high, low := bits.Mul64(v, root) // Q61 by Q62
			v = high<<2 | low>>62
		}
	}
	shift := 29 - whole
	switch {
	case shift >= 64:
		return 0
	case shift <= 0: // 2^29 times the mean and more never occurs within six sigma
		return v
	}
	return v >> shift
}

// roots are 2^(1/2), 2^(1/4), ... 2^(1/65536) in Q62.
var roots = [16]uint64{
	0x5a827999fcef3242, 0x4c1bf828c6dc54b7, 0x45cae0f1f545eb73, 0x42d561b3e6243d8a,
	0x4166c34c5615d0eb, 0x40b268f9de0183b9, 0x4058f6a7ecccd5b6, 0x402c6be96af2fb58,
	0x4016321b687027a8, 0x400b18178ba33b14, 0x40058bce410147e8, 0x4002c5d7bff71dae,
	0x400162e807ee7e5b, 0x4000b1730df6a524, 0x400058b9497b8151, 0x40002c5c955dd701,
}

// Times multiplies by a factor in Q32, rounded down.
func Times(n int64, factor uint64) int64 {
	high, low := bits.Mul64(uint64(n), factor)
	return int64(high<<32 | low>>32)
}

// Share is n·part/whole, rounded down; part is at most whole.
func Share(n, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(n), uint64(part))
	q, _ := bits.Div64(high, low, uint64(whole))
	return int64(q)
}

// Wheel picks an index by weight.
type Wheel struct{ upTo []int64 }

// NewWheel takes weights that are not negative.
func NewWheel(weights []int64) Wheel {
	w := Wheel{make([]int64, len(weights))}
	sum := int64(0)
	for i, weight := range weights {
		sum += weight
		w.upTo[i] = sum
	}
	return w
}

// Total is the sum of the weights.
func (w Wheel) Total() int64 {
	if len(w.upTo) == 0 {
		return 0
	}
	return w.upTo[len(w.upTo)-1]
}

// Spin picks an index; it needs a total above zero.
func (w Wheel) Spin(c *Source) int {
	at := c.Below(w.Total())
	low, high := 0, len(w.upTo)-1
	for low < high {
		if mid := (low + high) / 2; w.upTo[mid] <= at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

package readtest

import (
	"bytes"
	"math/rand/v2"
	"slices"
)

// strange items are put in the place of good ones: empty and zero values, values
// at the edges of types, and what statements have no place for.
var strange = []string{
	"\xf6", "\xf7", "\xf4", "\xf5", "\x00", "\x20", "\x40", "\x60", "\x80", "\xa0", "\x17", "\x37", "\x18\x17", "\x18\x18",
	"\x1a\xff\xff\xff\xff", "\x1b\x00\x00\x00\x01\x00\x00\x00\x00", "\x1b\x7f\xff\xff\xff\xff\xff\xff\xff", "\x1b\x80\x00\x00\x00\x00\x00\x00\x00",
	"\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", "\x3b\x80\x00\x00\x00\x00\x00\x00\x00", "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "\x1c", "\x1f",
	"\xc0\x00", "\xc2\x41\x01", "\xd8\x18\x00", "\xf9\x3c\x00", "\xf9\x7c\x00", "\xf9\x7e\x00", "\xfa\x3f\x80\x00\x00", "\xfa\xff\x80\x00\x00",
	"\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00", "\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00", "\xe0", "\xf8\x14", "\xf8\x20", "\xff",
	"\x5f\xff", "\x7f\xff", "\x9f\xff", "\xbf\xff", "\x61\xff", "\x62\xc3\x28", "\x63\xed\xa0\x80", "\x62\xc3\xa9", "\x58\x00", "\x58\x01\x00",
	"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", "\x9a\x00\x10\x00\x00", "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "\xbb\x80\x00\x00\x00\x00\x00\x00\x00",
	"\x58\x20" + zeros, "\x58\x1f" + zeros[1:], "\x58\x21" + zeros + "\x00", "\x83\x00\x00\x00", "\x82\x00\x00", "\xa1\x00\x00", "\xa2\x01\x00\x01\x00",
	"\x83\x01\x02\x03", "\x41\x00", "\x61a",
}

const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// span is where an item stands, and how long its head is.
type span struct{ from, head, to int }

// spans finds the items of b, those inside others too, as far as b can be read.
func spans(b []byte) []span {
	var all []span
	var walk func(at int) int
	walk = func(at int) int {
		if at >= len(b) {
			return -1
		}
		major, minor := b[at]>>5, int(b[at]&31)
		n, head := minor, 1
		if minor > 27 {
			return -1
		}
		if minor >= 24 {
			head += 1 << (minor - 24)
			if at+head > len(b) {
				return -1
			}
			n = 0
			for _, digit := range b[at+1 : at+head] {
				n = n<<8 | int(digit)
			}
		}
		all = append(all, span{at, head, at + head})
		mine, to := len(all)-1, at+head
		switch major {
		case 2, 3:
			to += n
			if n < 0 || to < 0 || to > len(b) {
				return -1
			}
		case 4, 5:
			if major == 5 {
				n *= 2
			}
			for ; n > 0; n-- {
				if to = walk(to); to < 0 {
					return -1
				}
			}
		case 6:
			to = walk(to)
		}
		if to > 0 {
			all[mine].to = to
		}
		return to
	}
	for at := 0; at >= 0 && at < len(b); {
		at = walk(at)
	}
	return all
}

// Bend gives b changed in one to three places.
func Bend(random *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + random.IntN(3) {
		all := spans(b)
		if len(all) == 0 || len(b) == 0 {
			return append(b, byte(random.Uint32()))
		}
		b = bendOne(random, b, all)
	}
	return b
}

func bendOne(random *rand.Rand, b []byte, all []span) []byte {
	one := all[random.IntN(len(all))]
	odd := []byte(strange[random.IntN(len(strange))])
	switch random.IntN(10) {
	case 0:
		b[random.IntN(len(b))] ^= 1 << random.IntN(8)
		return b
	case 1, 2:
		return slices.Replace(b, one.from, one.to, odd...)
	case 3:
		return slices.Replace(b, one.from, one.from+one.head, widened(b[one.from:one.from+one.head])...)
	case 4:
		return slices.Delete(b, one.from, one.to)
	case 5:
		return slices.Insert(b, one.to, bytes.Clone(b[one.from:one.to])...)
	case 6:
		return slices.Insert(b, one.from, odd...)
	case 7:
		b[one.from+one.head-1] += byte(random.IntN(3)) - 1 // one more or less: elements, bytes, the value
		return b
	case 8:
		other := all[random.IntN(len(all))]
		if other.from >= one.to { // swapped
			return slices.Concat(b[:one.from], b[other.from:other.to], b[one.to:other.from], b[one.from:one.to], b[other.to:])
		}
		return b[:random.IntN(len(b))]
	}
	nest := bytes.Repeat([]byte{0x81}, 1+random.IntN(18))
	return slices.Insert(b, one.from, nest...)
}

// widened is a head in the next longer form, which is never the one form.
func widened(head []byte) []byte {
	switch len(head) {
	case 1:
		return []byte{head[0]&^31 | 24, head[0] & 31}
	case 9:
		return bytes.Clone(head)
	}
	return slices.Concat([]byte{head[0] + 1}, make([]byte, len(head)-1), head[1:])
}

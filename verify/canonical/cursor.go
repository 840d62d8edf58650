package canonical

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// maxNested is how deep arrays and maps may stand in one another.
const maxNested = 16

// Cursor reads one item from the front of some bytes, part by part, in the order
// in which docs/formats/statement.cddl lists the parts. It takes each part in its
// one form only: shortest heads, no indefinite lengths, text that is UTF-8. Who
// asks for the members of a map in the order of their encoded keys, and ends with
// Done, accepts therefore what Marshal would write and nothing else, without
// writing it.
//
// The first thing that is not as asked ends the reading: everything read after
// it is zero, and Done tells what it was. A decoder has no other errors to look at.
//
// Byte strings and shared texts share memory with what is read.
type Cursor struct {
	rest  []byte
	size  int               // of the whole
	left  [maxNested]uint32 // of each open array or map: what has not been asked for
	depth int               // how many are open
	err   error
}

// NewCursor begins at the front of b.
func NewCursor(b []byte) Cursor { return Cursor{rest: b, size: len(b)} }

// Done ends the reading: nothing may be left.
func (c *Cursor) Done() error {
	if len(c.rest) > 0 {
		c.refuse("the end")
	}
	return c.err
}

// misread tells where something else stands than was asked for.
type misread struct {
	at   int
	want string
}

func (m *misread) Error() string {
	return fmt.Sprintf("at byte %d: not %s in its one form", m.at, m.want)
}

// Unwrap makes every refusal one that errors.Is finds.
func (m *misread) Unwrap() error { return ErrNotCanonical }

func (c *Cursor) refuse(want string) {
	if c.err == nil {
		c.err = &misread{c.size - len(c.rest), want}
	}
	c.rest = nil
}

// Says refuses an optional member that has nothing to say: it is left out, never
// empty or zero (docs/formats, section 1).
func (c *Cursor) Says(something bool) {
	if !something {
		c.refuse("an optional member that says something")
	}
}

// Map opens a map. Key and Has ask for its members, End closes it.
func (c *Cursor) Map() { c.open(c.head(majorMap, "a map")) }

// Key takes the key of a member that must be there; its value comes next. Keys
// are integers from -24 to 23, one byte each.
func (c *Cursor) Key(key int) {
	if !c.Has(key) {
		c.refuse(fmt.Sprintf("member %d", key))
	}
}

// Has takes the key of a member, if it is the next.
func (c *Cursor) Has(key int) bool {
	head := byte(key)
	if key < 0 {
		head = majorNegative | byte(-1-key)
	}
	if len(c.rest) == 0 || c.rest[0] != head || c.left[c.depth-1] == 0 {
		return false
	}
	c.rest = c.rest[1:]
	c.left[c.depth-1]--
	return true
}

// Tuple opens an array of n elements; End closes it.
func (c *Cursor) Tuple(n uint64) {
	if c.head(majorArray, "an array") != n {
		c.refuse("an array of the right length")
	}
	c.open(0) // the elements are read one by one, not asked for
}

// End closes a map or a tuple. A member that nobody asked for is refused.
func (c *Cursor) End() {
	if c.depth == 0 || c.left[c.depth-1] != 0 {
		c.refuse("the end of a map")
		return
	}
	c.depth--
}

// List opens an array of any length, which More closes, and gives the length for
// who makes room: nothing that is declared and not there makes any.
func (c *Cursor) List() int {
	n := c.head(majorArray, "an array")
	if n > min(maxElements, uint64(len(c.rest))) {
		c.refuse("an array within the bounds that is all there")
		n = 0
	}
	c.open(n)
	return int(n)
}

// More tells whether another element of a list follows.
func (c *Cursor) More() bool {
	switch {
	case c.err != nil:
		return false
	case c.left[c.depth-1] == 0:
		c.depth--
		return false
	}
	c.left[c.depth-1]--
	return true
}

func (c *Cursor) open(n uint64) {
	if n > maxElements || c.depth == maxNested {
		c.refuse("an array or a map within the bounds")
		// Key, End and More look at an open one, whatever was refused.
		n, c.depth = 0, min(c.depth, maxNested-1)
	}
	c.left[c.depth] = uint32(n)
	c.depth++
}

// Uint takes an unsigned integer.
func (c *Cursor) Uint() uint64 { return c.head(majorUint, "an unsigned integer") }

// Uint32 takes an unsigned integer of 32 bits.
func (c *Cursor) Uint32() uint32 {
	n := c.Uint()
	if n > math.MaxUint32 {
		c.refuse("an integer of 32 bits")
	}
	return uint32(n)
}

// Int takes an integer.
func (c *Cursor) Int() int64 {
	negative := len(c.rest) > 0 && c.rest[0]&^minorMask == majorNegative
	major := byte(majorUint)
	if negative {
		major = majorNegative
	}
	n := c.head(major, "an integer")
	if n > math.MaxInt64 {
		c.refuse("an integer of 64 bits")
		return 0
	}
	if negative {
		return -1 - int64(n)
	}
	return int64(n)
}

// Bool takes true or false.
func (c *Cursor) Bool() bool {
	if len(c.rest) == 0 || c.rest[0] != simpleFalse && c.rest[0] != simpleTrue {
		c.refuse("true or false")
		return false
	}
	is := c.rest[0] == simpleTrue
	c.rest = c.rest[1:]
	return is
}

// Bytes takes a byte string.
func (c *Cursor) Bytes() []byte { return c.cut(c.head(majorBytes, "a byte string")) }

// Fixed takes a byte string as long as to, and copies it there.
func (c *Cursor) Fixed(to []byte) {
	b := c.Bytes()
	if len(b) != len(to) {
		c.refuse("a byte string of the right length")
		return
	}
	copy(to, b)
}

// Hash takes a hash.
func (c *Cursor) Hash() (h Hash) {
	c.Fixed(h[:])
	return h
}

// Text takes a text.
func (c *Cursor) Text() string { return string(c.SharedText()) }

// TextOf takes a text that is most often one of those that are known, which is
// then not copied.
func (c *Cursor) TextOf(known ...string) string {
	b := c.SharedText()
	for _, k := range known {
		if string(b) == k {
			return k
		}
	}
	return string(b)
}

// SharedText takes a text and leaves it where it stands.
func (c *Cursor) SharedText() Text {
	b := c.cut(c.head(majorText, "a text"))
	if !validText(b) {
		c.refuse("a text of UTF-8")
		return nil
	}
	return b
}

// validText is utf8.Valid, which goes byte by byte after the first letter that is
// not ASCII: a proof has such a letter in each of its last lines.
func validText(b []byte) bool {
	const notASCII = 0x8080_8080_8080_8080
	for len(b) > 0 {
		switch {
		case len(b) >= 32 && (word(b)|word(b[8:])|word(b[16:])|word(b[24:]))&notASCII == 0:
			b = b[32:]
			continue
		case len(b) >= 8 && word(b)&notASCII == 0:
			b = b[8:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return false
		}
		b = b[n:]
	}
	return true
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// head takes the head of an item of a major type and gives its argument.
func (c *Cursor) head(major byte, want string) uint64 {
	n, size := argument(c.rest)
	if size == 0 || c.rest[0]&^minorMask != major {
		c.refuse(want)
		return 0
	}
	c.rest = c.rest[size:]
	return n
}

// cut takes n bytes.
func (c *Cursor) cut(n uint64) []byte {
	if n > uint64(len(c.rest)) {
		c.refuse("a string that is all there")
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

// Raw takes an item of any kind for a later, typed step to decode. It need be
// well-formed only, within the same bounds.
func (c *Cursor) Raw() Raw {
	all := c.rest
	c.skip(c.depth)
	n := len(all) - len(c.rest)
	if c.err != nil {
		return nil
	}
	return Raw(all[:n:n])
}

func (c *Cursor) skip(depth int) {
	major, minor, n, ok := c.anyHead()
	items := n
	switch {
	case !ok || major == majorTag:
		c.refuse("a well-formed item")
	case major == majorBytes || major == majorText:
		c.cut(n)
	case major == majorSimple:
		if minor == 24 && n < 32 || notFinite(minor, n) {
			c.refuse("a simple value or a finite number")
		}
	case major == majorMap:
		items = 2 * n
		fallthrough
	case major == majorArray:
		if n > maxElements || depth == maxNested {
			c.refuse("an array or a map within the bounds")
		}
		for ; items > 0 && c.err == nil; items-- {
			c.skip(depth + 1)
		}
	}
}

// anyHead takes a head of definite length, in its shortest form or not.
func (c *Cursor) anyHead() (major, minor byte, n uint64, ok bool) {
	if len(c.rest) == 0 {
		return 0, 0, 0, false
	}
	major, minor = c.rest[0]&^minorMask, c.rest[0]&minorMask
	n, size := looseArgument(c.rest)
	c.rest = c.rest[size:]
	return major, minor, n, size > 0
}

// notFinite tells the floating-point numbers that are none, by their exponent
// (IEEE 754: all ones).
func notFinite(minor byte, n uint64) bool {
	switch minor {
	case 25:
		return n&0x7c00 == 0x7c00
	case 26:
		return n&0x7f80_0000 == 0x7f80_0000
	case 27:
		return n&0x7ff0_0000_0000_0000 == 0x7ff0_0000_0000_0000
	}
	return false
}

// argument reads the head at the front of b, if it is in its shortest form; size
// is 0 if it is not.
func argument(b []byte) (n uint64, size int) {
	if len(b) > 0 && b[0]&minorMask < 24 {
		return uint64(b[0] & minorMask), 1
	}
	n, size = looseArgument(b)
	if size > 0 && size != headSize(n) {
		size = 0
	}
	return n, size
}

// looseArgument reads the head at the front of b; size is 0 if it is cut short or
// of indefinite length.
func looseArgument(b []byte) (n uint64, size int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch minor := b[0] & minorMask; {
	case minor < 24:
		return uint64(minor), 1
	case minor > 27:
		return 0, 0
	default:
		size = 1 + 1<<(minor-24)
	}
	if len(b) < size {
		return 0, 0
	}
	for _, digit := range b[1:size] {
		n = n<<8 | uint64(digit)
	}
	return n, size
}

// headSize is how many bytes appendHead writes for n.
func headSize(n uint64) int {
	switch {
	case n < 24:
		return 1
	case n <= math.MaxUint8:
		return 2
	case n <= math.MaxUint16:
		return 3
	case n <= math.MaxUint32:
		return 5
	}
	return 9
}

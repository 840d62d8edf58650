package pack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"adamas.example/verify/canonical"
)

// magic begins a pack file, so that no bundle or picture is taken for one.
const magic = "adamas-pack/1\n"

// file is what stands after the magic, cut into its parts and not copied: a pack
// may have hundreds of megabytes. It is read and written by hand, since a general
// decoder would hold it three times.
type file struct {
	roots      [][]byte
	logs       []fileLog
	statements []fileItem
	snapshot   []byte
}

type fileLog struct {
	checkpoint string
	leaves     []byte
	series     []string // earlier checkpoints; left out of the file when there are none
}

type fileItem struct {
	log   uint64 // index into logs
	index uint64
	bytes []byte
}

// The least that each element takes in the file: an array that declares more of
// them than could be there is refused before room is made.
const (
	leastStatement  = 72 // a signature and a key id
	leastCheckpoint = 64
	leastRoot       = 64
)

// CBOR major types (RFC 8949 §3.1).
const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

var errWire = errors.New("not in canonical form (RFC 8949 §4.2.1), or not the form of a pack")

// cursor reads canonical CBOR from the front. The first error stays.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) fail() uint64 {
	if c.err == nil {
		c.err = errWire
	}
	c.b = nil
	return 0
}

// head reads an item's head in its shortest form.
func (c *cursor) head(major byte) uint64 {
	if len(c.b) == 0 || c.b[0]>>5 != major {
		return c.fail()
	}
	minor := c.b[0] & 31
	if minor < 24 {
		c.b = c.b[1:]
		return uint64(minor)
	}
	wide := 1 << (minor - 24)
	if minor > 27 || len(c.b) < 1+wide {
		return c.fail()
	}
	var buf [8]byte
	copy(buf[8-wide:], c.b[1:1+wide])
	n := binary.BigEndian.Uint64(buf[:])
	if len(appendHead(nil, major, n)) != 1+wide {
		return c.fail()
	}
	c.b = c.b[1+wide:]
	return n
}

// array reads the head of an array of elements with at least least bytes each.
func (c *cursor) array(least int) int {
	n := c.head(majorArray)
	if n > uint64(len(c.b)/least) {
		return int(c.fail())
	}
	return int(n)
}

// exactly wants a head with this number.
func (c *cursor) exactly(major byte, n uint64) {
	if c.head(major) != n {
		c.fail()
	}
}

func (c *cursor) string(major byte) []byte {
	n := c.head(major)
	if n > uint64(len(c.b)) {
		c.fail()
		return nil
	}
	s := c.b[:n:n]
	c.b = c.b[n:]
	return s
}

func (c *cursor) text() string {
	s := c.string(majorText)
	if !utf8.Valid(s) {
		c.fail()
	}
	return string(s)
}

// readFile reads what stands after the magic.
func readFile(b []byte) (*file, error) {
	c := &cursor{b: b}
	f := &file{}
	c.exactly(majorMap, 4)
	c.exactly(majorUint, 1)
	for range c.array(leastRoot) {
		f.roots = append(f.roots, c.string(majorBytes))
	}
	c.exactly(majorUint, 2)
	for range c.array(leastCheckpoint) {
		f.logs = append(f.logs, c.log())
	}
	c.exactly(majorUint, 3)
	n := c.array(leastStatement)
	f.statements = make([]fileItem, 0, n)
	for range n {
		c.exactly(majorArray, 3)
		f.statements = append(f.statements, fileItem{log: c.head(majorUint), index: c.head(majorUint), bytes: c.string(majorBytes)})
	}
	c.exactly(majorUint, 4)
	f.snapshot = c.string(majorBytes)
	if c.err == nil && len(c.b) != 0 {
		return nil, fmt.Errorf("%d bytes too many", len(c.b))
	}
	return f, c.err
}

func (c *cursor) log() (l fileLog) {
	parts := c.head(majorArray)
	if parts != 2 && parts != 3 {
		c.fail()
	}
	l.checkpoint, l.leaves = c.text(), c.string(majorBytes)
	if parts == 2 {
		return l
	}
	n := c.array(leastCheckpoint)
	if n == 0 || n > mostSeries {
		c.fail() // an empty one has one form: left out
	}
	for range n {
		l.series = append(l.series, c.text())
	}
	return l
}

func appendHead(b []byte, major byte, n uint64) []byte {
	m := major << 5
	switch {
	case n < 24:
		return append(b, m|byte(n))
	case n <= math.MaxUint8:
		return append(b, m|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, m|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, m|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, m|27), n)
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

// appendItem writes a statement with its place.
func appendItem(b []byte, log, index uint64, statement []byte) []byte {
	b = appendHead(b, majorArray, 3)
	b = appendHead(appendHead(b, majorUint, log), majorUint, index)
	return canonical.AppendBytes(b, statement)
}

package difference

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// Make writes the difference that makes the next file (nextSize bytes) out of the
// old. office and time say who counted the old pack and when. Memory is a few
// megabytes however large the files are: the old one is known by at most 2^19 of
// its blocks.
func Make(old io.ReaderAt, oldSize int64, next io.ReaderAt, nextSize int64, office string, time int64, w io.Writer) error {
	if len(office) > mostOffice || !printable(office) || time < 0 || time > maxTime {
		return fmt.Errorf("difference: office %q, time %d", office, time)
	}
	h := Header{Office: office, Time: time}
	var err error
	if h.Base, err = Sum(old, oldSize); err != nil {
		return err
	}
	if h.Result, err = Sum(next, nextSize); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := out.Write(h.encode()); err != nil {
		return err
	}
	m := &maker{old: &pager{r: old, size: oldSize}, next: &pager{r: next, size: nextSize}, out: out, block: blockFor(oldSize)}
	m.index()
	m.walk()
	if m.err = firstOf(m.err, m.old.err, m.next.err); m.err != nil {
		return m.err
	}
	return out.Flush()
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// blockFor is the length by which old content is found again: 64 bytes, and for
// large files so much that there are no more than 2^19 blocks.
func blockFor(size int64) int64 {
	b := int64(64)
	for size/b > 1<<19 {
		b *= 2
	}
	return b
}

// pager reads a file by pages and remembers one.
type pager struct {
	r    io.ReaderAt
	size int64
	page []byte
	at   int64 // of page; page nil before the first
	err  error
}

const pageSize = 1 << 18

// from gives what of the file stands at pos, at least one byte of it; nil at the
// end or after an error.
func (p *pager) from(pos int64) []byte {
	if pos < 0 || pos >= p.size || p.err != nil {
		return nil
	}
	if p.page == nil || pos < p.at || pos >= p.at+int64(len(p.page)) {
		at := pos / pageSize * pageSize
		if p.page == nil {
			p.page = make([]byte, pageSize)
		}
		p.page = p.page[:min(pageSize, p.size-at)]
		if n, err := p.r.ReadAt(p.page, at); n < len(p.page) {
			p.page, p.err = nil, fmt.Errorf("difference: %w", err)
			return nil
		}
		p.at = at
	}
	return p.page[pos-p.at:]
}

func (p *pager) byte(pos int64) byte {
	if b := p.from(pos); b != nil {
		return b[0]
	}
	return 0
}

type maker struct {
	old, next *pager
	out       *bufio.Writer
	block     int64
	blocks    map[uint64]int64 // hash of a block -> where it first stands in the old file
	err       error
}

// prime is that of a rolling hash modulo 2^64; what it finds is compared.
const prime = 0x9e3779b97f4a7c15

// index notes every whole block of the old file.
func (m *maker) index() {
	m.blocks = make(map[uint64]int64, m.old.size/m.block)
	for at := int64(0); at+m.block <= m.old.size && m.old.err == nil; at += m.block {
		h := hashOf(m.old, at, m.block)
		if _, there := m.blocks[h]; !there {
			m.blocks[h] = at
		}
	}
}

func hashOf(p *pager, at, n int64) (h uint64) {
	for n > 0 {
		b := p.from(at)
		if b == nil {
			return h
		}
		b = b[:min(int64(len(b)), n)]
		for _, c := range b {
			h = h*prime + uint64(c) + 1
		}
		at, n = at+int64(len(b)), n-int64(len(b))
	}
	return h
}

// walk goes through the new file and writes its pieces.
func (m *maker) walk() {
	top := uint64(1) // prime^(block-1)
	for range m.block - 1 {
		top *= prime
	}
	literal, pos := int64(0), int64(0)
	h, fresh := uint64(0), false
	for pos+m.block <= m.next.size && m.err == nil && m.next.err == nil && m.old.err == nil {
		if !fresh {
			h, fresh = hashOf(m.next, pos, m.block), true
		}
		at, ok := m.blocks[h]
		if ok {
			if n := m.same(at, pos); n >= m.block {
				back := m.back(at, pos, literal)
				m.put(literal, pos-back)
				m.copy(at-back, n+back)
				pos += n
				literal, fresh = pos, false
				continue
			}
		}
		h = (h-(uint64(m.next.byte(pos))+1)*top)*prime + uint64(m.next.byte(pos+m.block)) + 1
		if pos++; pos+m.block > m.next.size {
			break
		}
	}
	m.put(literal, m.next.size)
}

// same is how many bytes are the same from two places on.
func (m *maker) same(at, pos int64) (n int64) {
	for {
		a, b := m.old.from(at+n), m.next.from(pos+n)
		k := min(len(a), len(b))
		if k == 0 {
			return n
		}
		if bytes.Equal(a[:k], b[:k]) {
			n += int64(k)
			continue
		}
		for i := range k {
			if a[i] != b[i] {
				return n + int64(i)
			}
		}
	}
}

// back is how many bytes before two places are the same, not before literal.
func (m *maker) back(at, pos, literal int64) (n int64) {
	for pos-n > literal && at-n > 0 && m.old.byte(at-n-1) == m.next.byte(pos-n-1) {
		n++
	}
	return n
}

// put writes a piece of the new file as it is.
func (m *maker) put(from, to int64) {
	if from == to || m.err != nil {
		return
	}
	if _, m.err = m.out.Write(appendHead(nil, majorBytes, uint64(to-from))); m.err == nil {
		_, m.err = io.Copy(m.out, io.NewSectionReader(m.next.r, from, to-from))
	}
}

func (m *maker) copy(at, n int64) {
	if m.err == nil {
		_, m.err = m.out.Write(appendHead(appendHead(appendHead(nil, majorArray, 2), majorUint, uint64(at)), majorUint, uint64(n)))
	}
}

package status

import (
	"bufio"
	"bytes"
	"container/heap"
	"errors"
	"io"
	"slices"
)

// Scratch is a temporary file: written once, from the front, and then read.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

// atOnce is how many records are sorted in memory.
const atOnce = 1 << 17

// sorter sorts records of which there may be more than fit into memory: pieces are
// sorted and put aside, then merged.
type sorter struct {
	scratch Scratch
	piece   [][]byte
	runs    []int64 // where each run ends
	end     int64
}

func (s *sorter) add(r *record) error {
	b := make([]byte, recordSize)
	r.put(b)
	if s.piece = append(s.piece, b); len(s.piece) < atOnce {
		return nil
	}
	return s.spill()
}

func byPlace(a, b []byte) int { return bytes.Compare(a[:sortedBy], b[:sortedBy]) }

func (s *sorter) spill() error {
	if len(s.piece) == 0 {
		return nil
	}
	slices.SortFunc(s.piece, byPlace)
	w := bufio.NewWriterSize(s.scratch, 1<<16)
	for _, b := range s.piece {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	s.end += int64(len(s.piece)) * recordSize
	s.runs, s.piece = append(s.runs, s.end), s.piece[:0]
	return w.Flush()
}

// run is a sorted piece as it is read again.
type run struct {
	r    *bufio.Reader
	next [recordSize]byte
}

func (r *run) advance() (more bool, err error) {
	_, err = io.ReadFull(r.r, r.next[:])
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

type merge []*run

// Len, Less, Swap, Push and Pop make it a heap.
func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return byPlace(m[i].next[:], m[j].next[:]) < 0 }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }

// Push adds a run.
func (m *merge) Push(x any) { *m = append(*m, x.(*run)) }

// Pop takes the last run away.
func (m *merge) Pop() any {
	last := len(*m) - 1
	x := (*m)[last]
	*m = (*m)[:last]
	return x
}

// groups gives the records of each number together, in order.
func (s *sorter) groups(each func([]record) error) error {
	if err := s.spill(); err != nil {
		return err
	}
	var m merge
	from := int64(0)
	for _, end := range s.runs {
		r := &run{r: bufio.NewReaderSize(io.NewSectionReader(s.scratch, from, end-from), 1<<15)}
		from = end
		if more, err := r.advance(); err != nil {
			return err
		} else if more {
			m = append(m, r)
		}
	}
	heap.Init(&m)
	var group []record
	for len(m) > 0 {
		var rec record
		rec.get(m[0].next[:])
		if len(group) > 0 && group[0].number != rec.number {
			if err := each(group); err != nil {
				return err
			}
			group = group[:0]
		}
		group = append(group, rec)
		more, err := m[0].advance()
		if err != nil {
			return err
		}
		if more {
			heap.Fix(&m, 0)
		} else {
			heap.Pop(&m)
		}
	}
	if len(group) == 0 {
		return nil
	}
	return each(group)
}

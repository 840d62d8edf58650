package pack

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Digest is what a snapshot says of the selected statements: SHA-256 over
// origin (length-prefixed), index and hash of each, in order.
func Digest(entries []trust.Entry) canonical.Hash {
	d := newDigester()
	for _, e := range entries {
		d.add(e.Origin, e.Index, e.Statement.Hash)
	}
	return d.sum()
}

type digester struct{ h hash.Hash }

func newDigester() digester { return digester{sha256.New()} }

func (d digester) add(origin string, index uint64, of canonical.Hash) {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 256), uint64(len(origin)))
	b = append(b, origin...)
	b = binary.BigEndian.AppendUint64(b, index)
	d.h.Write(append(b, of[:]...))
}

func (d digester) sum() canonical.Hash { return canonical.Hash(d.h.Sum(nil)) }

// Source is a log as the maker of a pack reads it: its cosigned checkpoint
// text and exactly the leaves it covers, in order, either in Leaves or, when Scan
// is not nil, as Scan gives them. Scan may be called twice and must give the same.
type Source struct {
	Checkpoint string
	Series     []string // earlier checkpoints, ascending
	Leaves     [][]byte
	Vector     statement.Vector // instead of a checkpoint, to count again what somebody has counted
	Scan       func(each func(leaf []byte) error) error
}

func (s *Source) scan(each func(leaf []byte) error) error {
	if s.Scan != nil {
		return s.Scan(each)
	}
	for _, leaf := range s.Leaves {
		if err := each(leaf); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint is the size and root that the leaves are held against.
func (s *Source) checkpoint() (*policy.Checkpoint, error) {
	if v := s.Vector; v.Origin != "" {
		return &policy.Checkpoint{Origin: v.Origin, Size: int64(v.Size), Root: v.Root}, nil
	}
	return policy.ParseCheckpoint(s.Checkpoint)
}

// Spool is where a maker puts aside what does not fit into memory: a temporary
// file, or Memory. It is written once, from the front, and then read.
type Spool interface {
	io.Writer
	io.ReaderAt
}

// Memory is a Spool for packs that do fit.
type Memory struct{ b []byte }

// Write appends.
func (m *Memory) Write(b []byte) (int, error) {
	m.b = append(m.b, b...)
	return len(b), nil
}

// ReadAt reads what was written.
func (m *Memory) ReadAt(b []byte, off int64) (int, error) { return bytes.NewReader(m.b).ReadAt(b, off) }

// Draft is a pack whose snapshot is still to be signed. It holds no leaves: what
// was selected lies in its spools.
type Draft struct {
	Snapshot statement.Snapshot
	Counts   map[statement.Type]int // of the selected statements

	roots      [][]byte
	sources    []Source
	hashes     *counted
	statements *counted
	keys       []trust.Entry // what decides who may sign the snapshot
	numbers    []numbered    // every certificate
	wanted     map[uint64]bool
	spool      func() (Spool, error)
}

// numbered is a certificate's number and place, each in 8 bytes: there may be more
// than a million.
type numbered struct{ number, place uint64 }

// counted is a spool that knows its length.
type counted struct {
	Spool
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Spool.Write(b)
	c.n += int64(n)
	return n, err
}

// Prepare selects what a pack of these logs holds. Sources ascend by origin.
// Leaves that are no statements are carried as leaf hashes only.
func Prepare(roots [][]byte, sources []Source) (*Draft, error) {
	return PrepareIn(roots, sources, func() (Spool, error) { return new(Memory), nil })
}

// PrepareIn is Prepare with what was selected put into spools, so that a log is
// read entry by entry: memory grows by 16 bytes for each certificate. A log is read
// a second time only where some number has two contents.
func PrepareIn(roots [][]byte, sources []Source, spool func() (Spool, error)) (*Draft, error) {
	d := &Draft{roots: roots, sources: sources, spool: spool}
	if err := d.run(); err != nil {
		return nil, err
	}
	slices.SortFunc(d.numbers, func(a, b numbered) int { return compare(a.number, b.number) })
	d.wanted = map[uint64]bool{}
	for i := 1; i < len(d.numbers); i++ {
		if d.numbers[i].number == d.numbers[i-1].number {
			d.wanted[d.numbers[i].place], d.wanted[d.numbers[i-1].place] = true, true
		}
	}
	d.numbers = nil
	if len(d.wanted) == 0 {
		return d, nil
	}
	return d, d.run()
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// run reads all logs once and fills the spools.
func (d *Draft) run() error {
	d.Snapshot, d.Counts, d.keys = statement.Snapshot{}, map[statement.Type]int{}, nil
	for _, to := range []**counted{&d.hashes, &d.statements} {
		s, err := d.spool()
		if err != nil {
			return err
		}
		*to = &counted{Spool: s}
	}
	digest := newDigester()
	for i := range d.sources {
		if err := d.read(uint64(i), digest); err != nil {
			return err
		}
	}
	d.Snapshot.Digest = digest.sum()
	return nil
}

// read reads one log and holds its leaves against its checkpoint and the earlier
// ones.
func (d *Draft) read(log uint64, digest digester) error {
	src := &d.sources[log]
	c, err := src.checkpoint()
	if err != nil {
		return err
	}
	earlier, err := parseAll(src.Series)
	if err != nil {
		return err
	}
	var tree growing
	var item []byte
	err = src.scan(func(leaf []byte) error {
		if tree.n == uint64(c.Size) {
			return fmt.Errorf("log %s: more leaves than its checkpoint has, %d", c.Origin, c.Size)
		}
		for len(earlier) > 0 && uint64(earlier[0].Size) == tree.n {
			if tree.root() != earlier[0].Root {
				return fmt.Errorf("log %s: its earlier checkpoint of %d is of another log", c.Origin, tree.n)
			}
			earlier = earlier[1:]
		}
		index := tree.n
		h := proof.LeafHash(leaf)
		tree.add(h)
		if _, err := d.hashes.Write(h[:]); err != nil {
			return err
		}
		st, err := statement.Parse(leaf)
		if err != nil || !d.selects(st, log, index) {
			return nil
		}
		if st.Type == statement.TypeOfficeKey || st.Type == statement.TypeKeyRevoked {
			own, err := statement.Parse(bytes.Clone(leaf))
			if err != nil {
				return err
			}
			d.keys = append(d.keys, trust.Entry{Origin: c.Origin, Index: index, Statement: own})
		}
		digest.add(c.Origin, index, st.Hash)
		d.Snapshot.Count++
		d.Counts[st.Type]++
		item = appendItem(item[:0], log, index, leaf)
		_, err = d.statements.Write(item)
		return err
	})
	if err != nil {
		return err
	}
	if tree.n != uint64(c.Size) || tree.root() != c.Root {
		return fmt.Errorf("log %s: its %d leaves are not those of its checkpoint of %d", c.Origin, tree.n, c.Size)
	}
	if len(earlier) > 0 {
		return fmt.Errorf("log %s: an earlier checkpoint of %d entries is not earlier than that of %d", c.Origin, earlier[0].Size, c.Size)
	}
	d.Snapshot.Logs = append(d.Snapshot.Logs, statement.Vector{Origin: c.Origin, Size: uint64(c.Size), Root: c.Root})
	return nil
}

func parseAll(texts []string) ([]*policy.Checkpoint, error) {
	var out []*policy.Checkpoint
	for _, text := range texts {
		c, err := policy.ParseCheckpoint(text)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

const placeBits = 48

// selects tells whether a statement travels. The two contents of one number may
// stand in two logs: a home log moves.
func (d *Draft) selects(st *statement.Statement, log, index uint64) bool {
	c, ok := st.Body.(*statement.Certificate)
	if !ok {
		return Kept(st.Type)
	}
	place := log<<placeBits | index
	if d.wanted == nil {
		d.numbers = append(d.numbers, numbered{statement.NumberKey(c.Number), place})
	}
	return d.wanted[place]
}

// Statements gives the selected statements by log, in the order of the sources, and
// index.
func (d *Draft) Statements(each func(log, index uint64, statement []byte) error) error {
	r := bufio.NewReaderSize(io.NewSectionReader(d.statements, 0, d.statements.n), 1<<16)
	for range d.Snapshot.Count {
		var at [2]uint64
		_, err := readHead(r, majorArray)
		for i := range at {
			if err == nil {
				at[i], err = readHead(r, majorUint)
			}
		}
		var n uint64
		if err == nil {
			n, err = readHead(r, majorBytes)
		}
		if err != nil {
			return err
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		if err := each(at[0], at[1], b); err != nil {
			return err
		}
	}
	return nil
}

// readHead reads an item's head from a spool.
func readHead(r *bufio.Reader, major byte) (uint64, error) {
	b, err := r.Peek(9)
	if err != nil && len(b) == 0 {
		return 0, err
	}
	c := &cursor{b: b}
	n := c.head(major)
	if c.err != nil {
		return 0, c.err
	}
	_, err = r.Discard(len(b) - len(c.b))
	return n, err
}

// DraftLog is a log of a draft.
type DraftLog struct {
	Cosigned *policy.Cosigned
	Earlier  int // checkpoints
}

// Logs verifies the logs' checkpoints and gives them.
func (d *Draft) Logs() ([]DraftLog, error) {
	chain, err := trust.ParseChain(d.roots, canonical.Hash{})
	if err != nil {
		return nil, err
	}
	var out []DraftLog
	for i, src := range d.sources {
		all, err := Series(chain, src.Checkpoint, src.Series)
		if err != nil {
			return nil, fmt.Errorf("log %s: %w", d.Snapshot.Logs[i].Origin, err)
		}
		out = append(out, DraftLog{all[len(all)-1], len(src.Series)})
	}
	return out, nil
}

// Check holds the draft and its signed snapshot to what Parse will: roots,
// policies, earlier checkpoints, and that the office may sign snapshots. The rest
// is true by the way it was made.
func (d *Draft) Check(snapshot []byte) error {
	chain, err := trust.ParseChain(d.roots, canonical.Hash{})
	if err != nil {
		return err
	}
	logs, err := d.Logs()
	if err != nil {
		return err
	}
	for i, l := range logs {
		origin := l.Cosigned.Checkpoint.Origin
		pol, err := policyOf(chain.Current(), origin)
		if err != nil {
			return err
		}
		if _, err := pol.Check(l.Cosigned.Checkpoint); err != nil {
			return fmt.Errorf("log %s: %w", origin, err)
		}
		if i > 0 && d.Snapshot.Logs[i-1].Origin >= origin {
			return fmt.Errorf("log %s: logs ascend by origin, each once", origin)
		}
	}
	dir, err := trust.NewDirectory(chain, d.keys)
	if err != nil {
		return err
	}
	st, err := statement.Parse(snapshot)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	s, ok := st.Body.(*statement.Snapshot)
	if !ok || s.Count != d.Snapshot.Count || s.Digest != d.Snapshot.Digest || !slices.Equal(s.Logs, d.Snapshot.Logs) {
		return errors.New("snapshot: is not of this pack")
	}
	_, err = dir.Signer(st, nil)
	return err
}

// Write writes the pack with its signed snapshot.
func (d *Draft) Write(w io.Writer, snapshot []byte) error {
	b := appendHead([]byte(magic), majorMap, 4)
	b = appendHead(appendHead(b, majorUint, 1), majorArray, uint64(len(d.roots)))
	for _, r := range d.roots {
		b = canonical.AppendBytes(b, r)
	}
	b = appendHead(appendHead(b, majorUint, 2), majorArray, uint64(len(d.sources)))
	var at int64
	for i, src := range d.sources {
		size := int64(d.Snapshot.Logs[i].Size) * canonical.HashSize
		b = appendHead(b, majorArray, 2+uint64(min(1, len(src.Series))))
		b = appendHead(appendText(b, src.Checkpoint), majorBytes, uint64(size))
		if err := flush(w, b, d.hashes, at, size); err != nil {
			return err
		}
		at, b = at+size, nil
		if len(src.Series) > 0 {
			b = appendHead(b, majorArray, uint64(len(src.Series)))
		}
		for _, text := range src.Series {
			b = appendText(b, text)
		}
	}
	b = appendHead(appendHead(b, majorUint, 3), majorArray, d.Snapshot.Count)
	if err := flush(w, b, d.statements, 0, d.statements.n); err != nil {
		return err
	}
	_, err := w.Write(canonical.AppendBytes(appendHead(nil, majorUint, 4), snapshot))
	return err
}

// flush writes b and then a piece of a spool.
func flush(w io.Writer, b []byte, from io.ReaderAt, at, n int64) error {
	if _, err := w.Write(b); err != nil {
		return err
	}
	_, err := io.Copy(w, io.NewSectionReader(from, at, n))
	return err
}

// Finish joins the signed snapshot and gives the pack's bytes.
func (d *Draft) Finish(snapshot []byte) ([]byte, error) {
	var out bytes.Buffer
	err := d.Write(&out, snapshot)
	return out.Bytes(), err
}

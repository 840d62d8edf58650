// Package pack is what a verifier carries to judge without a network: the
// chain of root documents, each log's cosigned checkpoint, earlier ones that show
// when entries were recorded, and all its leaf hashes, the statements that decide trust and status, and an office's signed
// word that those are all (a snapshot, which anyone with the logs can redo).
//
// Invariants: every byte of a pack is bound. Roots by the pillars' signatures,
// checkpoints by log and witnesses, leaf hashes by the checkpoint's root,
// statements by their leaf hash at their index, the selection by the snapshot.
// A pack that fails any of these is refused whole: there is no half-good pack.
package pack

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Kept tells whether statements of a type travel in a pack: those that decide
// whom to believe, what became of a certificate and which papers of it were made. Certificates themselves do
// not (their leaf hashes do), except where one number has two contents.
func Kept(t statement.Type) bool {
	switch t {
	case statement.TypeParticipant, statement.TypeOfficeKey, statement.TypeKeyRevoked, statement.TypeNumberRange,
		statement.TypeVoid, statement.TypeReplacement, statement.TypeLoss, statement.TypePrint, statement.TypeReceipt,
		statement.TypeDiscrepancy, statement.TypeDisposition, statement.TypeEndorsement, statement.TypeTransit, statement.TypeLogClosed,
		statement.TypeAttestation:
		return true
	}
	return false
}

// Log is one log as the pack holds it, verified.
type Log struct {
	Origin   string
	Policy   *policy.Policy
	Cosigned *policy.Cosigned
	tree     *tree
	points   []point // earlier checkpoints and the pack's own, ascending
}

// Size is the number of entries.
func (l *Log) Size() uint64 { return l.tree.size() }

// RootAt is the tree hash at an earlier size; ok is false beyond Size.
func (l *Log) RootAt(size uint64) (root canonical.Hash, ok bool) {
	if size > l.tree.size() {
		return root, false
	}
	return l.tree.root(size), true
}

// Leaf is the leaf hash at an index; ok is false beyond Size.
func (l *Log) Leaf(index uint64) (h canonical.Hash, ok bool) {
	if index >= l.tree.size() {
		return h, false
	}
	return l.tree.leaf(index), true
}

// Find looks for a leaf hash and gives its index.
func (l *Log) Find(h canonical.Hash) (index uint64, ok bool) {
	leaves := l.tree.levels[0]
	for i := 0; i < len(leaves); i += canonical.HashSize {
		if bytes.Equal(leaves[i:i+canonical.HashSize], h[:]) {
			return uint64(i / canonical.HashSize), true
		}
	}
	return 0, false
}

// Pack is a verified pack. It is immutable and safe for concurrent use.
type Pack struct {
	Chain     *trust.Chain
	Directory *trust.Directory
	Entries   []trust.Entry // the statements it carries, by log and index
	Logs      []*Log
	Snapshot  *statement.Statement
	Digest    canonical.Hash // SHA-256 of the pack's bytes
}

// Log gives the pack's view of a log.
func (p *Pack) Log(origin string) *Log {
	for _, l := range p.Logs {
		if l.Origin == origin {
			return l
		}
	}
	return nil
}

// Parse reads and verifies a pack. pin, if not zero, is the fingerprint of a
// root document that the verifier has from elsewhere and insists on.
func Parse(b []byte, pin canonical.Hash) (*Pack, error) {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok {
		return nil, errors.New("not a pack: it does not begin with adamas-pack/1")
	}
	f, err := readFile(rest)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	p, err := assemble(f, f.roots, pin)
	if err != nil {
		return nil, err
	}
	p.Digest = canonical.Sum(b)
	return p, p.readSnapshot(f.snapshot, p.Entries)
}

func (p *Pack) readLogs(logs []fileLog) error {
	for i, fl := range logs {
		c, err := policy.ParseCheckpoint(fl.checkpoint)
		if err != nil {
			return fmt.Errorf("pack: log %d: %w", i+1, err)
		}
		pol, err := policyOf(p.Chain.Current(), c.Origin)
		if err != nil {
			return fmt.Errorf("pack: %w", err)
		}
		co, err := pol.Check(c)
		if err != nil {
			return fmt.Errorf("pack: log %s: %w", c.Origin, err)
		}
		if len(fl.leaves)%canonical.HashSize != 0 {
			return fmt.Errorf("pack: log %s: the list of leaf hashes is cut", c.Origin)
		}
		t := newTree(fl.leaves)
		if t.size() != uint64(c.Size) || t.root(t.size()) != c.Root {
			return fmt.Errorf("pack: log %s: its leaf hashes are not those of its checkpoint", c.Origin)
		}
		if i > 0 && p.Logs[i-1].Origin >= c.Origin {
			return fmt.Errorf("pack: log %s: logs ascend by origin, each once", c.Origin)
		}
		l := &Log{Origin: c.Origin, Policy: pol, Cosigned: co, tree: t}
		if err := l.readSeries(p.Chain, fl.series); err != nil {
			return fmt.Errorf("pack: log %s: %w", c.Origin, err)
		}
		p.Logs = append(p.Logs, l)
	}
	return nil
}

func policyOf(r *trust.Root, origin string) (*policy.Policy, error) {
	for _, l := range r.Logs {
		if l.Origin == origin {
			return policy.Parse(l.Policy)
		}
	}
	return nil, fmt.Errorf("log %s: the root document does not name it", origin)
}

func (p *Pack) readStatements(items []fileItem) ([]trust.Entry, error) {
	entries := make([]trust.Entry, 0, len(items))
	for i, it := range items {
		if it.log >= uint64(len(p.Logs)) {
			return nil, fmt.Errorf("pack: statement %d: of a log that is not in the pack", i+1)
		}
		l := p.Logs[it.log]
		if h, ok := l.Leaf(it.index); !ok || h != proof.LeafHash(it.bytes) {
			return nil, fmt.Errorf("pack: statement %d is not entry %d of log %s", i+1, it.index, l.Origin)
		}
		if i > 0 && (items[i-1].log > it.log || items[i-1].log == it.log && items[i-1].index >= it.index) {
			return nil, fmt.Errorf("pack: statement %d is out of order", i+1)
		}
		st, err := statement.Parse(it.bytes)
		if err != nil {
			return nil, fmt.Errorf("pack: statement %d: %w", i+1, err)
		}
		entries = append(entries, trust.Entry{Origin: l.Origin, Index: it.index, Statement: st})
	}
	return entries, nil
}

func (p *Pack) readSnapshot(b []byte, entries []trust.Entry) error {
	st, err := statement.Parse(b)
	if err != nil {
		return fmt.Errorf("pack: snapshot: %w", err)
	}
	s, ok := st.Body.(*statement.Snapshot)
	if !ok {
		return fmt.Errorf("pack: snapshot: is a %s", st.Type)
	}
	if _, err := p.Directory.Signer(st, nil); err != nil {
		return fmt.Errorf("pack: snapshot: %w", err)
	}
	if !slices.Equal(s.Logs, p.vectors()) {
		return errors.New("pack: snapshot: is of other logs or sizes than the pack")
	}
	if s.Count != uint64(len(entries)) || s.Digest != Digest(entries) {
		return errors.New("pack: snapshot: the pack's statements are not those it counts")
	}
	p.Snapshot = st
	return nil
}

func (p *Pack) vectors() []statement.Vector {
	out := make([]statement.Vector, 0, len(p.Logs))
	for _, l := range p.Logs {
		out = append(out, statement.Vector{Origin: l.Origin, Size: l.Size(), Root: l.Cosigned.Checkpoint.Root})
	}
	return out
}

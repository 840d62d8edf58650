// Package proof reads the offline proof that a statement is recorded: C2SP
// tlog-proof@v1, and its compact binary form for a QR code.
//
// Invariant: a proof that Check accepts binds every one of its bytes: the
// "extra" line, which nothing signs, is refused, numbers and base64 have one
// form only, and every signature line must verify (package policy). Expand
// gives back exactly what Compact was given.
package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

const header = "c2sp.org/tlog-proof@v1"

// maxPath is the longest inclusion path: a tree has fewer than 2^63 leaves.
const maxPath = 63

// Proof is a parsed proof: the leaf's index, its inclusion path, and the
// checkpoint it leads to. Nothing of it is verified.
type Proof struct {
	Index      int64
	Path       []canonical.Hash
	Checkpoint *policy.Checkpoint
	text       string // the checkpoint's exact text
}

var errForm = errors.New("not a tlog-proof@v1")

// New joins the parts of a proof; checkpoint is the signed text. It refuses
// what Parse would not read again.
func New(index int64, path []canonical.Hash, checkpoint string) (*Proof, error) {
	if err := check(index, path); err != nil {
		return nil, err
	}
	c, err := policy.ParseCheckpoint(checkpoint)
	if err != nil {
		return nil, err
	}
	return &Proof{Index: index, Path: path, Checkpoint: c, text: checkpoint}, nil
}

func check(index int64, path []canonical.Hash) error {
	if index < 0 || len(path) > maxPath {
		return fmt.Errorf("%w: index %d, path of %d hashes, at most %d", errForm, index, len(path), maxPath)
	}
	return nil
}

// Parse reads the text form strictly.
func Parse(text string) (*Proof, error) {
	index, path, checkpoint, err := Split([]byte(text), nil)
	if err != nil {
		return nil, err
	}
	return New(index, path, string(checkpoint))
}

// UsualPath is room for the path in a log of a thousand million entries.
const UsualPath = 30

// Split reads the text form as Parse does, but not the checkpoint in it, which
// many proofs share and is left where it stands. The path is written into room, as
// far as that goes.
func Split(text []byte, room []canonical.Hash) (index int64, path []canonical.Hash, checkpoint []byte, err error) {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if string(first) != header {
		return 0, nil, nil, fmt.Errorf("%w: first line %q", errForm, first)
	}
	second, rest, _ := bytes.Cut(rest, []byte("\n"))
	if bytes.HasPrefix(second, []byte("extra ")) {
		return 0, nil, nil, fmt.Errorf("%w: it has an extra line, which nobody has signed", errForm)
	}
	num, ok := strings.CutPrefix(string(second), "index ")
	index, err = strconv.ParseInt(num, 10, 64)
	if !ok || err != nil || index < 0 || strconv.FormatInt(index, 10) != num {
		return 0, nil, nil, fmt.Errorf("%w: index line %q", errForm, second)
	}
	for path = room[:0]; ; {
		if checkpoint, ok = bytes.CutPrefix(rest, []byte("\n")); ok {
			return index, path, checkpoint, check(index, path)
		}
		if len(rest) == 0 {
			return 0, nil, nil, fmt.Errorf("%w: no empty line before the checkpoint", errForm)
		}
		var h canonical.Hash
		if h, rest, ok = cutHash(rest); !ok {
			return 0, nil, nil, fmt.Errorf("%w: hash %d is not the base64 of 32 bytes", errForm, len(path)+1)
		}
		path = append(path, h)
	}
}

// cutHash takes a line that is a hash. All are equally long: their ends need not be
// looked for.
func cutHash(lines []byte) (h canonical.Hash, rest []byte, ok bool) {
	const end = canonical.HashChars
	if len(lines) <= end || lines[end] != '\n' {
		return h, nil, false
	}
	h, err := canonical.Base64Hash(lines[:end])
	return h, lines[end+1:], err == nil
}

// String writes the text form.
func (p *Proof) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", header, p.Index)
	for _, h := range p.Path {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(p.text)
	return b.String()
}

// CheckpointText is the exact signed text of the proof's checkpoint.
func (p *Proof) CheckpointText() string { return p.text }

// ErrPath means the leaf does not stand at its index in the signed tree.
var ErrPath = errors.New("the statement is not at its place in the signed log")

// LeafHash is the hash of a log leaf (RFC 9162 §2.1.1).
func LeafHash(leaf []byte) canonical.Hash { return canonical.Hash(tlog.RecordHash(leaf)) }

// CheckPath verifies that the leaf stands at Index in the tree of the
// checkpoint; the checkpoint itself is the policy's to check.
func (p *Proof) CheckPath(leaf canonical.Hash) error { return p.checkPath(leaf, nil) }

func (p *Proof) checkPath(leaf canonical.Hash, nodes *Nodes) error {
	if p.Index < 0 || p.Index >= p.Checkpoint.Size {
		return ErrPath
	}
	var way passed
	root, known, err := climb(p.Path, p.Checkpoint.Size, p.Index, leaf, nodes, &way)
	if err != nil || !known && root != p.Checkpoint.Root {
		return ErrPath
	}
	if way.n > 0 {
		nodes.keep(&way, p.Path)
	}
	return nil
}

// compact is the binary form: what cannot be computed or looked up in the
// policy. The root follows from path and leaf, names and types from the keys.
type compact struct {
	_     struct{} `cbor:",toarray"`
	Log   []byte   // key hash of the log, 4 bytes
	Size  int64
	Index int64
	Path  []byte // hashes, joined
	Sigs  []byte // for each line, the log's first: key hash (4), then the signature
}

const (
	logSig     = 64
	witnessSig = 72
)

// Compact gives the binary form. The checkpoint must be of the policy's log,
// have the log's signature as its first line and cosignatures of the policy's
// witnesses after it, as any that passed Check and was written by a log has;
// anything else is refused, since Expand could not give it back.
func (p *Proof) Compact(pol *policy.Policy) ([]byte, error) {
	if p.Checkpoint.Origin != pol.Log.Name || p.Index >= p.Checkpoint.Size {
		return nil, fmt.Errorf("compact proof: %w", policy.ErrOrigin)
	}
	c := compact{Log: binary.BigEndian.AppendUint32(nil, pol.Log.Hash), Size: p.Checkpoint.Size, Index: p.Index}
	for _, h := range p.Path {
		c.Path = append(c.Path, h[:]...)
	}
	for i, l := range p.Checkpoint.Lines {
		want, name := logSig, pol.Log.Name
		if i > 0 {
			want, name = witnessSig, nameOf(l.Hash, pol)
		}
		if l.Name != name || (i == 0) != (l.Hash == pol.Log.Hash) || len(l.Sig) != want {
			return nil, errors.New("compact proof: the log's signature comes first, cosignatures of the policy's witnesses follow")
		}
		c.Sigs = append(binary.BigEndian.AppendUint32(c.Sigs, l.Hash), l.Sig...)
	}
	return canonical.Marshal(c)
}

// Expand reads the binary form for the leaf it is a proof of.
func Expand(b []byte, leaf canonical.Hash, pol *policy.Policy) (*Proof, error) {
	var c compact
	if err := canonical.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("compact proof: %w", err)
	}
	if len(c.Log) != 4 || binary.BigEndian.Uint32(c.Log) != pol.Log.Hash {
		return nil, fmt.Errorf("compact proof: %w", policy.ErrOrigin)
	}
	if len(c.Path)%canonical.HashSize != 0 || len(c.Path)/canonical.HashSize > maxPath || c.Index < 0 || c.Size <= c.Index {
		return nil, errors.New("compact proof: the path is damaged")
	}
	path := make([]canonical.Hash, 0, maxPath)
	for rest := c.Path; len(rest) > 0; rest = rest[canonical.HashSize:] {
		path = append(path, canonical.Hash(rest[:canonical.HashSize]))
	}
	root, err := rootFrom(path, c.Size, c.Index, leaf)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%d\n%s\n\n", pol.Log.Name, c.Size, base64.StdEncoding.EncodeToString(root[:]))
	if err := expandLines(&text, c.Sigs, pol); err != nil {
		return nil, err
	}
	return New(c.Index, path, text.String())
}

func expandLines(text *strings.Builder, sigs []byte, pol *policy.Policy) error {
	for first := true; first || len(sigs) > 0; first = false {
		n, name := 4+witnessSig, ""
		if first {
			n, name = 4+logSig, pol.Log.Name
		}
		if len(sigs) < n {
			return errors.New("compact proof: a signature is cut short")
		}
		hash := binary.BigEndian.Uint32(sigs)
		if !first {
			name = nameOf(hash, pol)
		}
		if name == "" || first != (hash == pol.Log.Hash) {
			return fmt.Errorf("compact proof: %w", policy.ErrUnknownSigner)
		}
		text.WriteString(policy.SignatureLine{Name: name, Hash: hash, Sig: sigs[4:n]}.String())
		sigs = sigs[n:]
	}
	return nil
}

// nameOf finds a witness by its key hash, which is unique in a policy.
func nameOf(hash uint32, pol *policy.Policy) string {
	for _, w := range pol.Witnesses {
		if w.Key.Hash == hash {
			return w.Key.Name
		}
	}
	return ""
}

// rootFrom computes the tree hash that a path leads to.
func rootFrom(path []canonical.Hash, size, index int64, leaf canonical.Hash) (canonical.Hash, error) {
	root, _, err := climb(path, size, index, leaf, nil, nil)
	return root, err
}

// climb computes the tree hash that a path leads to (RFC 9162 §2.1.3.2), or comes
// to a node from which the way to the root is known.
func climb(path []canonical.Hash, size, index int64, leaf canonical.Hash, nodes *Nodes, way *passed) (root canonical.Hash, known bool, err error) {
	fn, sn, r, level := index, size-1, leaf, 0
	for i, h := range path {
		if sn == 0 {
			return r, false, ErrPath
		}
		if nodes != nil && i > 0 && i%apart == 0 && nodes.leads(place{level, fn}, r, path, i, way) {
			return r, true, nil
		}
		if fn&1 == 1 || fn == sn {
			r = canonical.Node(h, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn, level = fn>>1, sn>>1, level+1
			}
		} else {
			r = canonical.Node(r, h)
		}
		fn, sn, level = fn>>1, sn>>1, level+1
	}
	if sn != 0 {
		return r, false, ErrPath
	}
	return r, false, nil
}

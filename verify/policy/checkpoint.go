package policy

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"adamas.example/verify/canonical"
)

// maxCheckpoint bounds a signed checkpoint in bytes.
const maxCheckpoint = 16 << 10

// Checkpoint is a log's size and root, signed by the log and cosigned by
// witnesses, as parsed; nothing of it is verified.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   canonical.Hash
	body   string // the signed text, with its last newline
	Lines  []SignatureLine
}

// SignatureLine is one signature below the text of a signed note.
type SignatureLine struct {
	Name string
	Hash uint32
	Sig  []byte
}

var errCheckpoint = errors.New("not a signed checkpoint")

// ParseCheckpoint reads a signed checkpoint strictly (C2SP tlog-checkpoint,
// signed-note): three lines, no extension lines, canonical decimal and base64.
func ParseCheckpoint(text string) (*Checkpoint, error) {
	if len(text) > maxCheckpoint {
		return nil, fmt.Errorf("%w: longer than %d bytes", errCheckpoint, maxCheckpoint)
	}
	body, sigs, ok := strings.Cut(text, "\n\n")
	if !ok {
		return nil, fmt.Errorf("%w: no empty line before the signatures", errCheckpoint)
	}
	c := &Checkpoint{body: body + "\n"}
	lines := strings.Split(body, "\n")
	if len(lines) != 3 {
		return nil, fmt.Errorf("%w: %d lines of text, want 3", errCheckpoint, len(lines))
	}
	c.Origin = lines[0]
	if c.Origin == "" || checkLine(c.Origin) != nil {
		return nil, fmt.Errorf("%w: origin %q", errCheckpoint, c.Origin)
	}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return nil, fmt.Errorf("%w: size %q", errCheckpoint, lines[1])
	}
	if err := decodeHash(lines[2], &c.Root); err != nil {
		return nil, fmt.Errorf("%w: root: %w", errCheckpoint, err)
	}
	sigs, ok = strings.CutSuffix(sigs, "\n")
	if !ok {
		return nil, fmt.Errorf("%w: no newline at the end", errCheckpoint)
	}
	for line := range strings.SplitSeq(sigs, "\n") {
		s, err := parseSignature(line)
		if err != nil {
			return nil, err
		}
		c.Lines = append(c.Lines, s)
	}
	return c, nil
}

func parseSignature(line string) (SignatureLine, error) {
	rest, ok := strings.CutPrefix(line, "— ")
	name, b64, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || checkName(name) != nil {
		return SignatureLine{}, fmt.Errorf("%w: signature line %q", errCheckpoint, line)
	}
	raw, err := canonical.Base64(b64)
	if err != nil || len(raw) < 5 || len(raw) > 8192 {
		return SignatureLine{}, fmt.Errorf("%w: signature of %s is not base64", errCheckpoint, name)
	}
	return SignatureLine{Name: name, Hash: binary.BigEndian.Uint32(raw), Sig: raw[4:]}, nil
}

func checkLine(s string) error {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return errors.New("control character")
		}
	}
	return nil
}

func decodeHash(s string, h *canonical.Hash) (err error) {
	if *h, err = canonical.Base64Hash(s); err != nil {
		return fmt.Errorf("%q is not the base64 of 32 bytes", s)
	}
	return nil
}

// Body is the signed text of the checkpoint: three lines.
func (c *Checkpoint) Body() string { return c.body }

// String writes the checkpoint with its signature lines.
func (c *Checkpoint) String() string {
	var b strings.Builder
	b.WriteString(c.body)
	b.WriteByte('\n')
	for _, l := range c.Lines {
		b.WriteString(l.String())
	}
	return b.String()
}

// String writes the line as it stands in a signed note, with its newline.
func (l SignatureLine) String() string {
	return "— " + l.Name + " " + base64.StdEncoding.EncodeToString(append(binary.BigEndian.AppendUint32(nil, l.Hash), l.Sig...)) + "\n"
}

// Errors of Check. ErrUnknownSigner is apart because a later version of the
// policy may know the key; the others are final.
var (
	ErrOrigin        = errors.New("the checkpoint is of another log")
	ErrUnknownSigner = errors.New("signed by a key that this policy does not name")
	ErrSignature     = errors.New("a signature on the checkpoint is false")
	ErrQuorum        = errors.New("too few witnesses of the three pillars")
)

// Cosigned is what a checkpoint that passed a policy proves.
type Cosigned struct {
	Checkpoint *Checkpoint
	Time       int64            // seconds UTC: oldest time of the quorum; witnesses' clocks, not the log's
	Newest     int64            // newest time among all cosignatures
	Median     int64            // of all cosignatures: one clock that is wrong, either way, does not move it far
	Witnesses  map[string]int64 // label -> time, of every cosignature
}

// Check holds a checkpoint against the policy: origin, the log's signature,
// every line known and true, the quorum reached.
func (p *Policy) Check(c *Checkpoint) (*Cosigned, error) {
	if c.Origin != p.Log.Name {
		return nil, fmt.Errorf("%w: %s, want %s", ErrOrigin, c.Origin, p.Log.Name)
	}
	out := &Cosigned{Checkpoint: c, Witnesses: make(map[string]int64, len(p.Witnesses))}
	times := make([]int64, len(p.Witnesses))
	logSigned := false
	msg := []byte(c.body)
	for _, l := range c.Lines {
		if l.Name == p.Log.Name && l.Hash == p.Log.Hash {
			if logSigned {
				return nil, fmt.Errorf("%w: the log's stands twice", ErrSignature)
			}
			if !ed25519.Verify(p.Log.Public, msg, l.Sig) {
				return nil, fmt.Errorf("%w: that of the log %s", ErrSignature, l.Name)
			}
			logSigned = true
			continue
		}
		i, ok := p.byKey[lineKey(l.Name, l.Hash)]
		if !ok {
			return nil, fmt.Errorf("%w: %s", ErrUnknownSigner, l.Name)
		}
		t, err := p.Witnesses[i].cosignature(c.body, l.Sig)
		if err != nil {
			return nil, err
		}
		if times[i] != 0 {
			return nil, fmt.Errorf("%w: that of %s stands twice", ErrSignature, l.Name)
		}
		times[i] = t
		out.Witnesses[p.Witnesses[i].Label] = t
		out.Newest = max(out.Newest, t)
	}
	if !logSigned {
		return nil, fmt.Errorf("%w: the log %s has not signed", ErrSignature, p.Log.Name)
	}
	out.Median = median(times)
	var ok bool
	if out.Time, ok = p.quorum.quorumTime(times); !ok {
		return out, fmt.Errorf("%w: %s", ErrQuorum, p.missing(times))
	}
	return out, nil
}

// median is the upper median of the times that are there, 0 for none.
func median(times []int64) int64 {
	got := slices.DeleteFunc(slices.Clone(times), func(t int64) bool { return t == 0 })
	if len(got) == 0 {
		return 0
	}
	slices.Sort(got)
	return got[len(got)/2]
}

// missing names the groups of the quorum that are not satisfied.
func (p *Policy) missing(times []int64) string {
	var names []string
	for _, g := range p.quorum.members {
		if _, ok := g.quorumTime(times); !ok {
			names = append(names, g.name)
		}
	}
	if names == nil {
		names = []string{p.quorum.name}
	}
	return "missing: " + strings.Join(names, ", ")
}

// cosignature verifies a cosignature/v1 (C2SP tlog-cosignature): 8 bytes of
// time and a signature over "cosignature/v1", the time and the text.
func (w *Witness) cosignature(body string, sig []byte) (int64, error) {
	if len(sig) != 8+ed25519.SignatureSize {
		return 0, fmt.Errorf("%w: that of %s has %d bytes", ErrSignature, w.Key.Name, len(sig))
	}
	t := binary.BigEndian.Uint64(sig)
	if t == 0 || t > 253402300799 {
		return 0, fmt.Errorf("%w: that of %s has the time %d", ErrSignature, w.Key.Name, t)
	}
	if !ed25519.Verify(w.Key.Public, CosignatureMessage(body, int64(t)), sig[8:]) {
		return 0, fmt.Errorf("%w: that of %s", ErrSignature, w.Key.Name)
	}
	return int64(t), nil
}

// CosignatureMessage is what a witness signs for a checkpoint text at time t.
func CosignatureMessage(body string, t int64) []byte {
	b := make([]byte, 0, 40+len(body))
	b = append(b, "cosignature/v1\ntime "...)
	b = strconv.AppendInt(b, t, 10)
	b = append(b, '\n')
	return append(b, body...)
}

package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	stateHead    = "adamas witness state 1"
	registerHead = "adamas witness register 1"

	maxKeys      = 8       // keys of one log at a time
	maxStateFile = 1 << 20 // bytes; a note is at most MaxBody
)

// state is what a witness remembers of one log: the file <origin hash>.state.
//
//	adamas witness state 1
//	origin <origin>
//	key <vkey>                        one to eight, sorted
//	cosigned <Unix seconds>           0: registered, never cosigned
//	<empty line>
//	<checkpoint with the log's signatures; nothing when never cosigned>
//	sha256 <hex of all the above>
//
// The file is written before the cosignature is made, with the time it will
// bear. An Ed25519 signature is a function of key and message (RFC 8032), so
// the cosignature itself need not be kept: it can be made again to the bit.
// A state value is never changed, only replaced.
type state struct {
	origin string
	keys   []logKey // pinned, sorted by vkey
	time   int64    // of the last cosignature, Unix seconds; 0 for none
	text   string   // latest checkpoint without signatures; "" for none
	sigs   string   // signature lines of the log's keys under it
	tree   tlog.Tree
}

// size is the size the log must name as its old size; 0 when never cosigned.
func (s *state) size() int64 { return s.tree.N }

// cosigned reports whether there is a checkpoint at all: size 0 can be one.
func (s *state) cosigned() bool { return s.text != "" }

// signedNote is the checkpoint with the log's signatures, "" when there is none.
func (s *state) signedNote() string {
	if !s.cosigned() {
		return ""
	}
	return s.text + "\n" + s.sigs
}

func (s *state) vkeys() []string {
	out := make([]string, len(s.keys))
	for i, k := range s.keys {
		out[i] = k.vkey
	}
	return out
}

// encode writes the file. Equal states have equal files.
func (s *state) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\norigin %s\n", stateHead, s.origin)
	for _, k := range s.keys {
		fmt.Fprintf(&b, "key %s\n", k.vkey)
	}
	fmt.Fprintf(&b, "cosigned %d\n\n%s", s.time, s.signedNote())
	return seal(b.Bytes())
}

// parseState reads a state file and believes nothing in it: the checksum finds
// damage, and the log's own signature must verify under a pinned key.
func parseState(file []byte) (*state, error) {
	content, err := unseal(file)
	if err != nil {
		return nil, err
	}
	head, signed, found := strings.Cut(string(content), "\n\n")
	if !found {
		return nil, errors.New("no end of the head")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 4 || lines[0] != stateHead {
		return nil, fmt.Errorf("does not begin as %q", stateHead)
	}
	s := &state{}
	if s.origin, found = strings.CutPrefix(lines[1], "origin "); !found {
		return nil, errors.New("no origin")
	}
	var vkeys []string
	for _, line := range lines[2 : len(lines)-1] {
		vkey, found := strings.CutPrefix(line, "key ")
		if !found {
			return nil, errors.New("unknown line in the head")
		}
		vkeys = append(vkeys, vkey)
	}
	if s.keys, err = parseKeys(vkeys); err != nil {
		return nil, err
	}
	when, found := strings.CutPrefix(lines[len(lines)-1], "cosigned ")
	if !found {
		return nil, errors.New("no time of cosigning")
	}
	if s.time, err = parseSize(when); err != nil {
		return nil, fmt.Errorf("time of cosigning: %w", err)
	}
	if (s.time == 0) != (signed == "") {
		return nil, errors.New("time and checkpoint do not go together")
	}
	if signed != "" {
		opened, err := openCheckpoint([]byte(signed), s.origin, s.keys)
		if err != nil {
			return nil, err
		}
		s.text, s.sigs, s.tree = opened.text, opened.sigs, opened.tree
	}
	// One spelling: what is not written by encode was not written by us.
	if !bytes.Equal(s.encode(), file) {
		return nil, errors.New("not as this program writes it")
	}
	return s, nil
}

// opened is a checkpoint whose log signature has been verified.
type opened struct {
	text string
	sigs string // lines of known keys only, in the order given
	tree tlog.Tree
}

// errSignature: the note is well formed and no key of the log has signed it.
var errSignature = errors.New("not signed by a key of this log")

// openCheckpoint verifies a signed checkpoint of origin under keys. Signatures
// of unknown keys are dropped; a wrong signature of a known key refuses the
// whole note (signed-note, "Signatures").
func openCheckpoint(signed []byte, origin string, keys []logKey) (opened, error) {
	verifiers := make([]note.Verifier, len(keys))
	for i, k := range keys {
		verifiers[i] = k.verifier
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		if isSignatureError(err) {
			return opened{}, fmt.Errorf("%w: %w", errSignature, err)
		}
		return opened{}, err
	}
	checkpoint, err := parseCheckpoint(n.Text)
	if err != nil {
		return opened{}, err
	}
	if checkpoint.Origin != origin {
		return opened{}, fmt.Errorf("checkpoint of another log: %q", checkpoint.Origin)
	}
	var lines strings.Builder
	for _, sig := range n.Sigs {
		fmt.Fprintf(&lines, "— %s %s\n", sig.Name, sig.Base64)
	}
	return opened{text: n.Text, sigs: lines.String(), tree: checkpoint.Tree}, nil
}

func isSignatureError(err error) bool {
	_, unverified := errors.AsType[*note.UnverifiedNoteError](err)
	_, invalid := errors.AsType[*note.InvalidSignatureError](err)
	return unverified || invalid
}

// seal appends the line that finds damage. It is no signature: who can write
// the directory can write the seal.
func seal(content []byte) []byte {
	sum := sha256.Sum256(content)
	return fmt.Appendf(slices.Clip(content), "sha256 %s\n", hex.EncodeToString(sum[:]))
}

func unseal(file []byte) ([]byte, error) {
	const trailer = len("sha256 ") + 2*sha256.Size + len("\n")
	if len(file) > maxStateFile {
		return nil, fmt.Errorf("over %d bytes", maxStateFile)
	}
	if len(file) < trailer {
		return nil, fmt.Errorf("cut short at %d bytes", len(file))
	}
	content := file[:len(file)-trailer]
	if !bytes.Equal(seal(content), file) {
		return nil, errors.New("checksum does not match")
	}
	return content, nil
}

// register is the file witness.register: whose directory this is, and every log
// ever registered in it. A state file that is gone is thereby known to be gone.
//
//	adamas witness register 1
//	witness <vkey>
//	log <origin>                      sorted
//	sha256 <hex of all the above>
type register struct {
	vkey    string
	origins []string
}

func (r *register) has(origin string) bool { return slices.Contains(r.origins, origin) }

func (r *register) with(origin string) *register {
	origins := append(slices.Clone(r.origins), origin)
	slices.Sort(origins)
	return &register{vkey: r.vkey, origins: origins}
}

func (r *register) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nwitness %s\n", registerHead, r.vkey)
	for _, origin := range r.origins {
		fmt.Fprintf(&b, "log %s\n", origin)
	}
	return seal(b.Bytes())
}

func parseRegister(file []byte) (*register, error) {
	content, err := unseal(file)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if len(lines) < 2 || lines[0] != registerHead {
		return nil, fmt.Errorf("does not begin as %q", registerHead)
	}
	r := &register{}
	var found bool
	if r.vkey, found = strings.CutPrefix(lines[1], "witness "); !found {
		return nil, errors.New("no key of the witness")
	}
	for i, line := range lines[2:] {
		origin, found := strings.CutPrefix(line, "log ")
		if !found || checkOrigin(origin) != nil {
			return nil, fmt.Errorf("line %s is no log", strconv.Itoa(i+3))
		}
		if i > 0 && origin <= r.origins[i-1] {
			return nil, errors.New("logs not in order")
		}
		r.origins = append(r.origins, origin)
	}
	if !bytes.Equal(r.encode(), file) {
		return nil, errors.New("not as this program writes it")
	}
	return r, nil
}

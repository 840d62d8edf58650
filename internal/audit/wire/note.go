package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Watchers is what a policy text says: the log's key and each pillar's witnesses
// with how many of them are needed.
type Watchers struct {
	log     noteKey
	witness map[string]noteKey // label -> key
	group   map[string][]string
	need    map[string]int
}

type noteKey struct {
	name string
	id   [4]byte
	pub  ed25519.PublicKey
}

func readNoteKey(s string) (noteKey, error) {
	p := strings.SplitN(s, "+", 3)
	if len(p) != 3 {
		return noteKey{}, fmt.Errorf("key %q", s)
	}
	raw, err := strict(p[2])
	if err != nil || len(raw) != 33 || weak(raw[1:]) {
		return noteKey{}, fmt.Errorf("key %q", s)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", p[0])
	h.Write(raw)
	return noteKey{name: p[0], id: [4]byte(h.Sum(nil)[:4]), pub: raw[1:]}, nil
}

// strict decodes base64 in which no bit goes unread.
func strict(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("base64 with a line end")
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}

func pillars() []string { return []string{"government", "industry", "civil"} }

// ReadPolicy reads the tripartite policy of a root document: groups government,
// industry and civil, all of them needed.
func ReadPolicy(text string) (*Watchers, error) {
	w := &Watchers{witness: map[string]noteKey{}, group: map[string][]string{}, need: map[string]int{}}
	raw := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) < 2 || strings.HasPrefix(f[0], "#") {
			continue
		}
		switch f[0] {
		case "log", "witness":
			last := f[len(f)-1]
			if strings.Contains(last, "://") {
				last = f[len(f)-2]
			}
			k, err := readNoteKey(last)
			if err != nil {
				return nil, err
			}
			if raw[string(k.pub)] {
				return nil, fmt.Errorf("the key of %s stands twice", k.name)
			}
			raw[string(k.pub)] = true
			if f[0] == "log" {
				w.log = k
			} else {
				w.witness[f[1]] = k
			}
		case "group":
			if len(f) < 4 {
				return nil, fmt.Errorf("group %s has no members", f[1])
			}
			w.group[f[1]] = f[3:]
			w.need[f[1]] = map[string]int{"any": 1, "all": len(f) - 3}[f[2]]
			if n, err := strconv.Atoi(f[2]); err == nil {
				w.need[f[1]] = n
			}
		}
	}
	return w, w.check()
}

// check wants a quorum of every pillar, and every witness in one group only.
func (w *Watchers) check() error {
	if w.log.pub == nil {
		return errors.New("no key of the log")
	}
	seen := map[string]bool{}
	for _, pillar := range pillars() {
		if w.need[pillar] < 1 || len(w.group[pillar]) < w.need[pillar] {
			return fmt.Errorf("no quorum of %s", pillar)
		}
		for _, label := range w.group[pillar] {
			if seen[label] {
				return fmt.Errorf("witness %s stands in two groups", label)
			}
			seen[label] = true
		}
	}
	return nil
}

// Head is a checkpoint: its three lines, and who has attested them when.
type Head struct {
	Origin string
	Size   int64
	Root   Hash
	Text   string
	Times  map[string]int64 // witness -> its time, in seconds; after Check
	Quorum int64            // the time that the policy's quorum gives, 0 without one
}

// ReadHead reads the three lines of a checkpoint; Check holds the rest.
func ReadHead(text string) (*Head, error) {
	body, _, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(body, "\n")
	if !ok || len(lines) != 3 || lines[0] == "" {
		return nil, errors.New("checkpoint: not three lines and signatures")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := strict(lines[2])
	if err != nil || err2 != nil || len(root) != 32 || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, errors.New("checkpoint: size or root")
	}
	return &Head{Origin: lines[0], Size: size, Root: Hash(root), Text: text}, nil
}

// Check holds a checkpoint against the policy: every line true, of a named key,
// each once, and a quorum of every pillar. It notes the witnesses' times.
func (w *Watchers) Check(h *Head) error {
	body, sigs, _ := strings.Cut(h.Text, "\n\n")
	body += "\n"
	h.Times = map[string]int64{}
	logSigned := false
	if !strings.HasSuffix(sigs, "\n") {
		return errors.New("the last line has no end")
	}
	for _, line := range strings.Split(strings.TrimSuffix(sigs, "\n"), "\n") {
		f := strings.Split(line, " ")
		if len(f) != 3 || f[0] != "—" {
			return fmt.Errorf("signature line %q", line)
		}
		raw, err := strict(f[2])
		if err != nil || len(raw) < 68 {
			return fmt.Errorf("signature of %q", f[1])
		}
		if f[1] == w.log.name && [4]byte(raw[:4]) == w.log.id {
			if logSigned || len(raw) != 68 || !ed25519.Verify(w.log.pub, []byte(body), raw[4:]) {
				return fmt.Errorf("the signature of the log %s is false", f[1])
			}
			logSigned = true
			continue
		}
		label, k := w.find(f[1], [4]byte(raw[:4]))
		if label == "" || len(raw) != 76 {
			return fmt.Errorf("%q is no witness of this log", f[1])
		}
		at := int64(binary.BigEndian.Uint64(raw[4:12]))
		if h.Times[label] != 0 || at <= 0 || !ed25519.Verify(k.pub, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, body), raw[12:]) {
			return fmt.Errorf("the cosignature of %s is false", f[1])
		}
		h.Times[label] = at
	}
	if !logSigned {
		return errors.New("the log has not signed")
	}
	return w.quorum(h)
}

// quorum is the time of docs/formats section 5: for k of n members the k-th
// newest, for all pillars the oldest.
func (w *Watchers) quorum(h *Head) error {
	oldest := int64(0)
	for _, pillar := range pillars() {
		var times []int64
		for _, label := range w.group[pillar] {
			if t := h.Times[label]; t != 0 {
				times = append(times, t)
			}
		}
		if len(times) < w.need[pillar] {
			return fmt.Errorf("%d of %d witnesses of %s", len(times), w.need[pillar], pillar)
		}
		slices.Sort(times)
		if t := times[len(times)-w.need[pillar]]; oldest == 0 || t < oldest {
			oldest = t
		}
	}
	h.Quorum = oldest
	return nil
}

func (w *Watchers) find(name string, id [4]byte) (string, noteKey) {
	for label, k := range w.witness {
		if k.name == name && k.id == id {
			return label, k
		}
	}
	return "", noteKey{}
}

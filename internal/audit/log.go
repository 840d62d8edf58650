package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// logFiles is a log as its folder shows it.
type logFiles struct {
	origin   string
	leaves   [][]byte
	root     hash
	cosigned map[string]int64 // witness name -> its time
}

// readLog reads the checkpoint and every entry of a log folder.
func readLog(fsys fs.FS) (*logFiles, string, error) {
	b, err := fs.ReadFile(fsys, "checkpoint")
	if err != nil {
		return nil, "", err
	}
	text := string(b)
	body, _, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(body, "\n")
	if !ok || len(lines) != 3 {
		return nil, text, errors.New("checkpoint: not three lines and signatures")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || err2 != nil || len(root) != 32 || size < 0 {
		return nil, text, errors.New("checkpoint: size or root")
	}
	l := &logFiles{origin: lines[0], root: hash(root), cosigned: map[string]int64{}}
	for int64(len(l.leaves)) < size {
		if err := l.readBundle(fsys, size); err != nil {
			return l, text, err
		}
	}
	return l, text, nil
}

// readBundle reads the next 256 entries, or the last fewer.
func (l *logFiles) readBundle(fsys fs.FS, size int64) error {
	n := int64(len(l.leaves)) / 256
	width := min(size-n*256, 256)
	path := "tile/entries/" + tileNumber(n)
	b, err := fs.ReadFile(fsys, path)
	if err != nil && width < 256 {
		path += fmt.Sprintf(".p/%d", width)
		b, err = fs.ReadFile(fsys, path)
	}
	if err != nil {
		return err
	}
	for range width {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return fmt.Errorf("%s: cut short", path)
		}
		n := int(binary.BigEndian.Uint16(b))
		l.leaves = append(l.leaves, b[2:2+n])
		b = b[2+n:]
	}
	return nil
}

// tileNumber writes 1234067 as x001/x234/067 (C2SP tlog-tiles).
func tileNumber(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/", n%1000) + s
	}
	return s
}

// treeHash computes the root over all leaves (RFC 9162 §2.1.1), level by level.
func treeHash(leaves [][]byte) hash {
	level := make([]hash, len(leaves))
	for i, leaf := range leaves {
		level[i] = sha256.Sum256(append([]byte{0}, leaf...))
	}
	if len(level) == 0 {
		return sha256.Sum256(nil)
	}
	return fold(level)
}

func fold(hs []hash) hash {
	if len(hs) == 1 {
		return hs[0]
	}
	k := 1
	for k*2 < len(hs) {
		k *= 2
	}
	l, r := fold(hs[:k]), fold(hs[k:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

// watchers is what a policy text says: the log's key and each pillar's
// witnesses with how many of them are needed.
type watchers struct {
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
	raw, err := base64.StdEncoding.DecodeString(p[2])
	if err != nil || len(raw) != 33 {
		return noteKey{}, fmt.Errorf("key %q", s)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", p[0])
	h.Write(raw)
	return noteKey{name: p[0], id: [4]byte(h.Sum(nil)[:4]), pub: raw[1:]}, nil
}

// readPolicy reads the tripartite policy of a root document: groups
// government, industry and civil, all of them needed.
func readPolicy(text string) (*watchers, error) {
	w := &watchers{witness: map[string]noteKey{}, group: map[string][]string{}, need: map[string]int{}}
	raw := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) < 2 || strings.HasPrefix(f[0], "#") {
			continue
		}
		switch f[0] {
		case "log", "witness":
			k, err := readNoteKey(f[len(f)-1-btoi(strings.Contains(f[len(f)-1], "://"))])
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
			w.group[f[1]] = f[3:]
			w.need[f[1]] = map[string]int{"any": 1, "all": len(f) - 3}[f[2]]
			if n, err := strconv.Atoi(f[2]); err == nil {
				w.need[f[1]] = n
			}
		}
	}
	for _, pillar := range pillars {
		if w.need[pillar] < 1 || len(w.group[pillar]) < w.need[pillar] {
			return nil, fmt.Errorf("no quorum of %s", pillar)
		}
	}
	return w, nil
}

var pillars = []string{"government", "industry", "civil"}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// check holds a checkpoint text against the policy and gives each witness's time.
func (w *watchers) check(text string) (map[string]int64, error) {
	body, sigs, _ := strings.Cut(text, "\n\n")
	body += "\n"
	logSigned, times := false, map[string]int64{}
	for _, line := range strings.Split(strings.TrimSuffix(sigs, "\n"), "\n") {
		f := strings.Split(line, " ")
		if len(f) != 3 || f[0] != "—" {
			return nil, fmt.Errorf("signature line %q", line)
		}
		raw, err := base64.StdEncoding.DecodeString(f[2])
		if err != nil || len(raw) < 68 {
			return nil, fmt.Errorf("signature of %s", f[1])
		}
		if f[1] == w.log.name && [4]byte(raw[:4]) == w.log.id {
			if logSigned = ed25519.Verify(w.log.pub, []byte(body), raw[4:]); !logSigned {
				return nil, fmt.Errorf("the signature of the log %s is false", f[1])
			}
			continue
		}
		label, k := w.find(f[1], [4]byte(raw[:4]))
		if label == "" || len(raw) != 76 {
			return nil, fmt.Errorf("%s is no witness of this log", f[1])
		}
		at := int64(binary.BigEndian.Uint64(raw[4:12]))
		if !ed25519.Verify(k.pub, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, body), raw[12:]) {
			return nil, fmt.Errorf("the cosignature of %s is false", f[1])
		}
		times[label] = at
	}
	if !logSigned {
		return nil, errors.New("the log has not signed")
	}
	for _, pillar := range pillars {
		n := 0
		for _, label := range w.group[pillar] {
			n += btoi(times[label] != 0)
		}
		if n < w.need[pillar] {
			return times, fmt.Errorf("%d of %d witnesses of %s", n, w.need[pillar], pillar)
		}
	}
	return times, nil
}

func (w *watchers) find(name string, id [4]byte) (string, noteKey) {
	for label, k := range w.witness {
		if k.name == name && k.id == id {
			return label, k
		}
	}
	return "", noteKey{}
}

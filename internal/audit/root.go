package audit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
)

// scheme is what the newest root document says, as far as this package needs.
type scheme struct {
	version   int64
	issued    int64
	expires   int64
	synthetic bool
	print     hash
	authority map[string][]authority // Participant -> its keys, the present one first
	homes     map[string][]home
	logs      map[string]*watchers // origin -> policy
	signers   []signer
	needs     [4]int64
}

type authority struct {
	key
	cutOff map[string]int64 // nil for the present key
}

type home struct {
	origin      string
	from, until int64
}

type signer struct {
	key
	pillar int64
}

// readRoots verifies the chain of root documents (docs/formats, "root"): every
// version signed by the threshold of its own keys and of the version before.
func readRoots(docs [][]byte) (*scheme, error) {
	var last *scheme
	for i, doc := range docs {
		v, err := decode(doc)
		parts, _ := v.([]value)
		if err != nil || len(parts) != 2 {
			return nil, fmt.Errorf("root document %d: not a signed root", i+1)
		}
		payload, _ := parts[0].([]byte)
		s, err := readRoot(payload)
		if err != nil {
			return nil, fmt.Errorf("root document %d: %w", i+1, err)
		}
		signed := map[[8]byte]bool{}
		sigs, _ := parts[1].([]value)
		for _, sig := range sigs {
			b, _ := sig.([]byte)
			id, err := rootSignature(b, payload, s, last)
			if err != nil {
				return nil, fmt.Errorf("root document %d: %w", i+1, err)
			}
			signed[id] = true
		}
		for _, judge := range []*scheme{s, last} {
			if judge != nil && !judge.met(signed) {
				return nil, fmt.Errorf("root document %d: the threshold of version %d is not reached", i+1, judge.version)
			}
		}
		if s.version != int64(i+1) {
			return nil, fmt.Errorf("root document %d: says it is version %d", i+1, s.version)
		}
		last = s
	}
	if last == nil {
		return nil, errors.New("no root document")
	}
	return last, nil
}

func rootSignature(b, payload []byte, judges ...*scheme) (id [8]byte, err error) {
	if len(b) == 0 || b[0] != 0xd2 {
		return id, errors.New("a signature is no COSE_Sign1")
	}
	v, err := decode(b[1:])
	parts, _ := v.([]value)
	if err != nil || len(parts) != 4 || parts[2] != nil {
		return id, errors.New("a signature is not detached")
	}
	protected, _ := parts[0].([]byte)
	signature, _ := parts[3].([]byte)
	head, err := decode(protected)
	h, _ := head.(mapping)
	if err != nil || h.text(3) != "application/adamas-root+cbor" || len(h.bytes(4)) != 8 {
		return id, errors.New("a signature was made for something else")
	}
	id = [8]byte(h.bytes(4))
	for _, j := range judges {
		if j == nil {
			continue
		}
		for _, s := range j.signers {
			if s.id == id && s.signed(h.int(1), signedBytes(protected, payload), signature) {
				return id, nil
			}
		}
	}
	return id, errors.New("a signature is false, or of a key that no root names")
}

// met tells whether the signers reach this root's threshold: so many of each
// pillar, so many in all.
func (s *scheme) met(signed map[[8]byte]bool) bool {
	var have [4]int64
	for _, k := range s.signers {
		if signed[k.id] && k.pillar >= 1 && k.pillar <= 3 {
			have[k.pillar-1]++
			have[3]++
		}
	}
	for i := range have {
		if have[i] < s.needs[i] || s.needs[i] < 1 {
			return false
		}
	}
	return true
}

func readRoot(payload []byte) (*scheme, error) {
	v, err := decode(payload)
	m, ok := v.(mapping)
	if err != nil || !ok {
		return nil, errors.New("the payload is no map")
	}
	s := &scheme{version: m.int(1), issued: m.int(2), expires: m.int(3), synthetic: m.bool(6), print: sha256.Sum256(payload),
		authority: map[string][]authority{}, homes: map[string][]home{}, logs: map[string]*watchers{}}
	for i, n := range m.list(8) {
		if k, ok := n.(int64); ok && i < 4 {
			s.needs[i] = k
		}
	}
	for _, e := range m.list(7) {
		k, err := readKey(asMap(e).sub(3))
		if err != nil {
			return nil, err
		}
		s.signers = append(s.signers, signer{k, asMap(e).int(1)})
	}
	for _, e := range m.list(10) {
		if s.logs[asMap(e).text(1)], err = readPolicy(asMap(e).text(2)); err != nil {
			return nil, fmt.Errorf("log %s: %w", asMap(e).text(1), err)
		}
	}
	for _, e := range m.list(9) {
		if err := s.participant(asMap(e)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *scheme) participant(p mapping) error {
	code := p.text(1)
	k, err := readKey(p.sub(3))
	if err != nil {
		return fmt.Errorf("participant %s: %w", code, err)
	}
	s.authority[code] = []authority{{key: k}}
	for _, f := range p.list(6) {
		parts, _ := f.([]value)
		if len(parts) != 2 {
			return fmt.Errorf("participant %s: former key", code)
		}
		if k, err = readKey(asMap(parts[0])); err != nil {
			return err
		}
		s.authority[code] = append(s.authority[code], authority{k, vectors(parts[1])})
	}
	for _, h := range p.list(4) {
		if v, _ := h.([]value); len(v) == 3 {
			origin, _ := v[0].(string)
			from, _ := v[1].(int64)
			until, _ := v[2].(int64)
			s.homes[code] = append(s.homes[code], home{origin, from, until})
		}
	}
	if f := p.text(5); f != "" {
		s.homes[code] = append(s.homes[code], home{origin: f})
	}
	return nil
}

// vectors reads [[origin, size, root]...] as origin -> size.
func vectors(v value) map[string]int64 {
	out := map[string]int64{}
	list, _ := v.([]value)
	for _, e := range list {
		if p, _ := e.([]value); len(p) == 3 {
			origin, _ := p[0].(string)
			out[origin], _ = p[1].(int64)
		}
	}
	return out
}

func asMap(v value) mapping { m, _ := v.(mapping); return m }

// at tells whether a Participant's entry counts where it stands.
func (s *scheme) at(code, origin string, index int64) bool {
	for _, h := range s.homes[code] {
		if h.origin == origin && index >= h.from && (h.until == 0 || index < h.until) {
			return true
		}
	}
	return false
}

func sameBytes(a []byte, h hash) bool { return bytes.Equal(a, h[:]) }

package wire

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// Scheme is what the newest root document says, as far as this package needs.
type Scheme struct {
	Version   int64
	Issued    int64
	Expires   int64
	Synthetic bool
	Print     Hash                   // fingerprint
	Authority map[string][]Authority // Participant -> its keys, the present one first
	Logs      map[string]*Watchers   // origin -> policy
	homes     map[string][]home
	signers   []signer
	needs     [4]int64
	prev      []byte // fingerprint of the version before
}

// Authority is a key of a Participant's authority.
type Authority struct {
	Key
	CutOff []Vector // nil for the present key
}

// Vector is a point of a log.
type Vector struct {
	Origin string
	Size   int64
	Root   Hash
}

type home struct {
	origin      string
	from, until int64
}

type signer struct {
	Key
	pillar int64
}

// ReadRoots verifies the chain of root documents (docs/formats, "root"): every
// version signed by the threshold of its own keys and of the version before.
func ReadRoots(docs [][]byte) (*Scheme, error) {
	var last *Scheme
	for i, doc := range docs {
		v, err := Decode(doc)
		parts, _ := v.([]Value)
		if err != nil || len(parts) != 2 {
			return nil, fmt.Errorf("root document %d: not a signed root", i+1)
		}
		payload, _ := parts[0].([]byte)
		s, err := readRoot(payload)
		if err != nil {
			return nil, fmt.Errorf("root document %d: %w", i+1, err)
		}
		signed := map[[8]byte]bool{}
		sigs, _ := parts[1].([]Value)
		for _, sig := range sigs {
			b, _ := sig.([]byte)
			id, err := rootSignature(b, payload, s, last)
			if err != nil {
				return nil, fmt.Errorf("root document %d: %w", i+1, err)
			}
			signed[id] = true
		}
		for _, judge := range []*Scheme{s, last} {
			if judge != nil && !judge.met(signed) {
				return nil, fmt.Errorf("root document %d: the threshold of version %d is not reached", i+1, judge.Version)
			}
		}
		if last != nil && (!Same(s.prev, last.Print) || s.Synthetic != last.Synthetic) {
			return nil, fmt.Errorf("root document %d: does not follow version %d", i+1, last.Version)
		}
		if s.Version != int64(i+1) {
			return nil, fmt.Errorf("root document %d: says it is version %d", i+1, s.Version)
		}
		last = s
	}
	if last == nil {
		return nil, errors.New("no root document")
	}
	return last, nil
}

func rootSignature(b, payload []byte, judges ...*Scheme) (id [8]byte, err error) {
	if len(b) == 0 || b[0] != 0xd2 {
		return id, errors.New("a signature is no COSE_Sign1")
	}
	v, err := Decode(b[1:])
	parts, _ := v.([]Value)
	if err != nil || len(parts) != 4 || parts[2] != nil {
		return id, errors.New("a signature is not detached")
	}
	protected, _ := parts[0].([]byte)
	signature, _ := parts[3].([]byte)
	head, err := Decode(protected)
	h, _ := head.(Mapping)
	if err != nil || h.Text(3) != "application/adamas-root+cbor" || len(h.Bytes(4)) != 8 {
		return id, errors.New("a signature was made for something else")
	}
	id = [8]byte(h.Bytes(4))
	for _, j := range judges {
		if j == nil {
			continue
		}
		for _, s := range j.signers {
			if s.ID == id && s.Signed(h.Int(1), SignedBytes(protected, payload), signature) {
				return id, nil
			}
		}
	}
	return id, errors.New("a signature is false, or of a key that no root names")
}

// met tells whether the signers reach this root's threshold: so many of each
// pillar, so many in all.
func (s *Scheme) met(signed map[[8]byte]bool) bool {
	var have [4]int64
	for _, k := range s.signers {
		if signed[k.ID] && k.pillar >= 1 && k.pillar <= 3 {
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

func readRoot(payload []byte) (*Scheme, error) {
	v, err := Decode(payload)
	m, ok := v.(Mapping)
	if err != nil || !ok {
		return nil, errors.New("the payload is no map")
	}
	s := &Scheme{Version: m.Int(1), Issued: m.Int(2), Expires: m.Int(3), Synthetic: m.Bool(6), Print: sha256.Sum256(payload), prev: m.Bytes(4),
		Authority: map[string][]Authority{}, homes: map[string][]home{}, Logs: map[string]*Watchers{}}
	for i, n := range m.List(8) {
		if k, ok := n.(int64); ok && i < 4 {
			s.needs[i] = k
		}
	}
	for _, e := range m.List(7) {
		k, err := ReadKey(AsMap(e).Sub(3))
		if err != nil {
			return nil, err
		}
		s.signers = append(s.signers, signer{k, AsMap(e).Int(1)})
	}
	for _, e := range m.List(10) {
		if s.Logs[AsMap(e).Text(1)], err = ReadPolicy(AsMap(e).Text(2)); err != nil {
			return nil, fmt.Errorf("log %s: %w", AsMap(e).Text(1), err)
		}
	}
	for _, e := range m.List(9) {
		if err := s.participant(AsMap(e)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Scheme) participant(p Mapping) error {
	code := p.Text(1)
	k, err := ReadKey(p.Sub(3))
	if err != nil {
		return fmt.Errorf("participant %s: %w", code, err)
	}
	s.Authority[code] = []Authority{{Key: k}}
	for _, f := range p.List(6) {
		parts, _ := f.([]Value)
		if len(parts) != 2 {
			return fmt.Errorf("participant %s: former key", code)
		}
		if k, err = ReadKey(AsMap(parts[0])); err != nil {
			return err
		}
		s.Authority[code] = append(s.Authority[code], Authority{k, Vectors(parts[1])})
	}
	for _, h := range p.List(4) {
		if v, _ := h.([]Value); len(v) == 3 {
			origin, _ := v[0].(string)
			from, _ := v[1].(int64)
			until, _ := v[2].(int64)
			s.homes[code] = append(s.homes[code], home{origin, from, until})
		}
	}
	if f := p.Text(5); f != "" {
		s.homes[code] = append(s.homes[code], home{origin: f})
	}
	return nil
}

// Vectors reads [[origin, size, root]...].
func Vectors(v Value) []Vector {
	var out []Vector
	for _, e := range AsList(v) {
		out = append(out, VectorOf(e))
	}
	return out
}

// VectorOf reads [origin, size, root]; the zero Vector when v is none.
func VectorOf(v Value) (out Vector) {
	p := AsList(v)
	if len(p) != 3 {
		return out
	}
	out.Origin, _ = p[0].(string)
	out.Size, _ = p[1].(int64)
	if root, _ := p[2].([]byte); len(root) == 32 {
		out.Root = Hash(root)
	}
	return out
}

// Cut is the size below which vectors leave the entries of a log standing.
func Cut(vs []Vector, origin string) int64 {
	for _, v := range vs {
		if v.Origin == origin {
			return v.Size
		}
	}
	return 0
}

// AtHome tells whether a Participant's entry counts where it stands.
func (s *Scheme) AtHome(code, origin string, index int64) bool {
	for _, h := range s.homes[code] {
		if h.origin == origin && index >= h.from && (h.until == 0 || index < h.until) {
			return true
		}
	}
	return false
}

// HomeLogs lists the origins where a Participant's statements may stand.
func (s *Scheme) HomeLogs(code string) (out []string) {
	for _, h := range s.homes[code] {
		out = append(out, h.origin)
	}
	return out
}

// Has tells whether the root document names a Participant.
func (s *Scheme) Has(code string) bool { return len(s.Authority[code]) > 0 }

// Package trust says whom a verifier believes: the root document that the
// three pillars sign together, and the keys, ranges and revocations that
// follow from it through the logs.
//
// The chain: a threshold of the pillars' keys signs the root (as TUF does,
// each version by the version before); the root names each Participant's
// authority key and home log, and each log's witness policy; an authority
// signs its offices' keys and number ranges; an office signs certificates.
// One Chair cannot delist a state, and no authority can speak for another.
//
// Invariants: trust never comes from the file that is being checked; one raw
// key stands for one signer of the root only; a statement counts from the log
// that the root calls home for its Participant, and nowhere else.
package trust

import (
	"errors"
	"fmt"
	"slices"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// RootKey is a key of one pillar, held by a body of that pillar.
type RootKey struct {
	Pillar policy.Pillar `cbor:"1,keyasint"`
	Holder string        `cbor:"2,keyasint"`
	Key    statement.Key `cbor:"3,keyasint"`
}

// Threshold is how many signatures a root needs: from each pillar, and in all.
type Threshold struct {
	_          struct{} `cbor:",toarray"`
	Government uint64
	Industry   uint64
	Civil      uint64
	Total      uint64
}

func (t Threshold) of(p policy.Pillar) uint64 {
	return [...]uint64{t.Government, t.Industry, t.Civil}[p-1]
}

// Home is a stretch of a log that counts for a Participant: entries from From
// up to and not including Until (0: still open).
type Home struct {
	_      struct{} `cbor:",toarray"`
	Origin string
	From   uint64
	Until  uint64
}

// Participant is what the scheme says of one Participant's place in it.
type Participant struct {
	Code      string        `cbor:"1,keyasint"`
	Name      string        `cbor:"2,keyasint"`
	Authority statement.Key `cbor:"3,keyasint"`
	Homes     []Home        `cbor:"4,keyasint"`
	Fallback  string        `cbor:"5,keyasint,omitempty"` // origin of the log that serves when home cannot
	Former    []Former      `cbor:"6,keyasint,omitempty"` // authority keys of before
}

// Former is an authority key that was followed by another: what it signed
// counts where it is recorded below the cut-off, and nowhere else.
type Former struct {
	_      struct{} `cbor:",toarray"`
	Key    statement.Key
	CutOff []statement.Vector
}

// Log is a log and the policy under which its checkpoints are believed.
type Log struct {
	Origin string `cbor:"1,keyasint"`
	Policy string `cbor:"2,keyasint"` // C2SP tlog-policy text, for this log only
}

// Root is one version of the root document.
type Root struct {
	Version      uint64         `cbor:"1,keyasint"`
	Issued       int64          `cbor:"2,keyasint"` // seconds since 1970 UTC
	Expires      int64          `cbor:"3,keyasint"`
	Prev         canonical.Hash `cbor:"4,keyasint,omitzero"` // hash of the payload of the version before
	Scheme       string         `cbor:"5,keyasint"`
	Synthetic    bool           `cbor:"6,keyasint"`
	Keys         []RootKey      `cbor:"7,keyasint"`
	Threshold    Threshold      `cbor:"8,keyasint"`
	Participants []Participant  `cbor:"9,keyasint"`
	Logs         []Log          `cbor:"10,keyasint"`
}

// leastWitnesses is how many witnesses a pillar must have in production, so
// that no single outage stops a Participant's exports (design.md §6).
const leastWitnesses = 2

// maxName bounds the names in a root, in bytes.
const maxName = 200

// Check refuses a root that could not be believed whoever signed it.
func (r *Root) Check() error {
	if r.Version == 0 || (r.Version == 1) != r.Prev.IsZero() {
		return errors.New("version, prev: version 1 has no prev, every later one names it")
	}
	if r.Issued <= 0 || r.Expires <= r.Issued || r.Expires > statement.MaxTime {
		return errors.New("expires: not after issued, or after the year 9999")
	}
	if err := statement.CheckText(r.Scheme, 1, maxName); err != nil {
		return fmt.Errorf("scheme: %w", err)
	}
	h := holders{}
	if err := r.checkKeys(h); err != nil {
		return err
	}
	if err := r.checkLogs(h); err != nil {
		return err
	}
	return r.checkParticipants(h)
}

func (r *Root) checkKeys(h holders) error {
	var have [3]uint64
	for _, k := range r.Keys {
		if k.Pillar < policy.Government || k.Pillar > policy.Civil {
			return fmt.Errorf("keys: %q: no such pillar", k.Holder)
		}
		if err := statement.CheckText(k.Holder, 1, maxName); err != nil {
			return fmt.Errorf("keys: holder: %w", err)
		}
		if _, err := k.Key.Public(); err != nil {
			return fmt.Errorf("keys: %s: %w", k.Holder, err)
		}
		if err := h.take(k.Key.X, "keys: "+k.Holder); err != nil {
			return err
		}
		have[k.Pillar-1]++
	}
	sum := uint64(0)
	for _, p := range policy.Pillars {
		k := r.Threshold.of(p)
		if k == 0 || k > have[p-1] {
			return fmt.Errorf("threshold: %d of %d keys of %s; every pillar must be able to say yes, and able to refuse", k, have[p-1], p)
		}
		sum += k
	}
	if r.Threshold.Total < sum || r.Threshold.Total > uint64(len(r.Keys)) {
		return fmt.Errorf("threshold: %d in all, with %d from the pillars and %d keys", r.Threshold.Total, sum, len(r.Keys))
	}
	return nil
}

func (r *Root) checkLogs(h holders) error {
	least := leastWitnesses
	if r.Synthetic {
		least = 1
	}
	for i, l := range r.Logs {
		p, err := policy.Parse(l.Policy)
		if err != nil {
			return fmt.Errorf("logs: %s: %w", l.Origin, err)
		}
		if p.Log.Name != l.Origin {
			return fmt.Errorf("logs: %s: its policy is for %s", l.Origin, p.Log.Name)
		}
		if err := p.Tripartite(least); err != nil {
			return fmt.Errorf("logs: %s: %w", l.Origin, err)
		}
		if i > 0 && r.Logs[i-1].Origin >= l.Origin {
			return fmt.Errorf("logs: %s: origins ascend, each once", l.Origin)
		}
		if err := h.log(l.Origin, p); err != nil {
			return fmt.Errorf("logs: %s: %w", l.Origin, err)
		}
	}
	return nil
}

func (r *Root) checkParticipants(h holders) error {
	for i, p := range r.Participants {
		if err := statement.CheckCode(p.Code); err != nil {
			return fmt.Errorf("participants: code: %w", err)
		}
		if err := statement.CheckText(p.Name, 1, maxName); err != nil {
			return fmt.Errorf("participants: %s: name: %w", p.Code, err)
		}
		if i > 0 && r.Participants[i-1].Code >= p.Code {
			return fmt.Errorf("participants: %s: codes ascend, each once", p.Code)
		}
		if _, err := p.Authority.Public(); err != nil {
			return fmt.Errorf("participants: %s: authority: %w", p.Code, err)
		}
		if err := h.take(p.Authority.X, "participants: "+p.Code); err != nil {
			return err
		}
		for _, f := range p.Former {
			if _, err := f.Key.Public(); err != nil {
				return fmt.Errorf("participants: %s: former: %w", p.Code, err)
			}
			if err := h.take(f.Key.X, "participants: "+p.Code+", former"); err != nil {
				return err
			}
			if err := statement.CheckVectors(f.CutOff); err != nil {
				return fmt.Errorf("participants: %s: former: cut-off: %w", p.Code, err)
			}
		}
		for _, h := range p.Homes {
			if !r.hasLog(h.Origin) || (h.Until != 0 && h.Until <= h.From) {
				return fmt.Errorf("participants: %s: home %s is no log of this root, or ends before it begins", p.Code, h.Origin)
			}
		}
		if len(p.Homes) == 0 || (p.Fallback != "" && !r.hasLog(p.Fallback)) {
			return fmt.Errorf("participants: %s: needs a home log, and its fallback must be a log of this root", p.Code)
		}
	}
	return nil
}

// holders are the raw keys that a root names, each with who holds it. One key
// is one holder in one role: a signer of the root that is also a log's or a
// witness's key could be had for two things with one theft, or pass for two.
type holders map[string]string

func (h holders) take(key []byte, who string) error {
	if other, ok := h[string(key)]; ok && other != who {
		return fmt.Errorf("%s has the key of %s: one key is one holder", who, other)
	}
	h[string(key)] = who
	return nil
}

// log takes the keys of a log and of its witnesses. A witness may watch many
// logs, under the same name and in the same pillar.
func (h holders) log(origin string, p *policy.Policy) error {
	if _, ok := h[string(p.Log.Public)]; ok {
		return h.take(p.Log.Public, "log "+origin)
	}
	h[string(p.Log.Public)] = "log " + origin
	for _, w := range p.Witnesses {
		pillar, _ := p.PillarOf(w.Label)
		if err := h.take(w.Key.Public, fmt.Sprintf("witness %s of %s", w.Key.Name, pillar)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Root) hasLog(origin string) bool {
	return slices.ContainsFunc(r.Logs, func(l Log) bool { return l.Origin == origin })
}

// signedRoot is a root with its detached signatures, ordered by key id.
type signedRoot struct {
	_          struct{} `cbor:",toarray"`
	Payload    []byte
	Signatures [][]byte
}

// Encode checks r and gives the payload that the pillars sign.
func (r *Root) Encode() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	return canonical.Marshal(r)
}

// UnsignedRoot frames the payload for one key's detached signature.
func UnsignedRoot(k statement.Key, payload []byte) (*statement.Unsigned, error) {
	return statement.Unsign(k.Alg, k.ID(), statement.ContentRoot, payload, true)
}

// Assemble joins payload and detached signatures (finished COSE_Sign1).
func Assemble(payload []byte, signatures [][]byte) ([]byte, error) {
	type keyed struct {
		id  statement.KeyID
		sig []byte
	}
	var all []keyed
	for _, b := range signatures {
		s, err := statement.ParseSign1(b)
		if err != nil {
			return nil, err
		}
		all = append(all, keyed{s.KeyID, b})
	}
	slices.SortFunc(all, func(a, b keyed) int { return slices.Compare(a.id[:], b.id[:]) })
	out := signedRoot{Payload: payload}
	for _, k := range all {
		out.Signatures = append(out.Signatures, k.sig)
	}
	return canonical.Marshal(out)
}

// Split gives payload and detached signatures of a signed root, unverified.
func Split(signed []byte) (payload []byte, signatures [][]byte, err error) {
	var s signedRoot
	if err := canonical.Unmarshal(signed, &s); err != nil {
		return nil, nil, err
	}
	return s.Payload, s.Signatures, nil
}

// Chain is a verified sequence of roots, the first pinned or believed, each
// later one signed by a threshold of the one before and of itself.
type Chain struct {
	Roots        []*Root
	Fingerprints []canonical.Hash // SHA-256 of each payload: what a verifier pins
}

// Current is the newest root.
func (c *Chain) Current() *Root { return c.Roots[len(c.Roots)-1] }

// ParseChain verifies signed roots, version 1 first. If pin is not zero, one
// of the chain must have that fingerprint.
func ParseChain(signed [][]byte, pin canonical.Hash) (*Chain, error) {
	if len(signed) == 0 {
		return nil, errors.New("no root document")
	}
	c := &Chain{}
	for i, b := range signed {
		if err := c.add(b); err != nil {
			return nil, fmt.Errorf("root document %d: %w", i+1, err)
		}
	}
	if !pin.IsZero() && !slices.Contains(c.Fingerprints, pin) {
		return nil, fmt.Errorf("no root document has the pinned fingerprint %s; the newest has %s", pin, c.Fingerprints[len(c.Roots)-1])
	}
	return c, nil
}

func (c *Chain) add(b []byte) error {
	var s signedRoot
	if err := canonical.Unmarshal(b, &s); err != nil {
		return err
	}
	r := new(Root)
	if err := canonical.Unmarshal(s.Payload, r); err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	judges := []*Root{r}
	if n := len(c.Roots); n == 0 {
		if r.Version != 1 {
			return fmt.Errorf("version %d comes first: the chain begins with version 1", r.Version)
		}
	} else {
		last := c.Roots[n-1]
		if r.Version != last.Version+1 || r.Prev != c.Fingerprints[n-1] {
			return fmt.Errorf("version %d does not follow version %d", r.Version, last.Version)
		}
		if r.Issued < last.Issued || r.Synthetic != last.Synthetic {
			return errors.New("issued before its predecessor, or changed between SYNTHETIC and real")
		}
		judges = append(judges, last)
	}
	if err := checkSignatures(s, judges); err != nil {
		return err
	}
	c.Roots = append(c.Roots, r)
	c.Fingerprints = append(c.Fingerprints, canonical.Sum(s.Payload))
	return nil
}

// checkSignatures wants the threshold of every judge met, and every signature
// that stands there to be true and of a key that some judge names.
func checkSignatures(s signedRoot, judges []*Root) error {
	good := map[canonical.Hash]bool{}
	var last statement.KeyID
	for i, b := range s.Signatures {
		sig, err := statement.ParseSign1(b)
		if err != nil {
			return fmt.Errorf("signature %d: %w", i+1, err)
		}
		if i > 0 && slices.Compare(last[:], sig.KeyID[:]) >= 0 {
			return fmt.Errorf("signature %d: key ids ascend, each once", i+1)
		}
		last = sig.KeyID
		if sig.Content != statement.ContentRoot || sig.Payload != nil {
			return fmt.Errorf("signature %d: not a detached signature of a root", i+1)
		}
		k := findKey(judges, sig)
		if k == nil {
			return fmt.Errorf("signature %d: key %s is not named in this root or the one before", i+1, sig.KeyID)
		}
		v, err := k.Verifier()
		if err != nil || !sig.VerifiedOver(v, s.Payload) {
			return fmt.Errorf("signature %d: false", i+1)
		}
		good[k.Thumbprint()] = true
	}
	for _, r := range judges {
		if err := r.met(good); err != nil {
			return err
		}
	}
	return nil
}

func findKey(judges []*Root, sig *statement.Signed) *statement.Key {
	for _, r := range judges {
		for i := range r.Keys {
			if r.Keys[i].Key.ID() == sig.KeyID {
				return &r.Keys[i].Key
			}
		}
	}
	return nil
}

// met tells whether the keys in good reach r's threshold.
func (r *Root) met(good map[canonical.Hash]bool) error {
	var have [3]uint64
	for _, k := range r.Keys {
		if good[k.Key.Thumbprint()] {
			have[k.Pillar-1]++
		}
	}
	for _, p := range policy.Pillars {
		if have[p-1] < r.Threshold.of(p) {
			return fmt.Errorf("threshold of version %d: %d of %d signatures of %s", r.Version, have[p-1], r.Threshold.of(p), p)
		}
	}
	if n := have[0] + have[1] + have[2]; n < r.Threshold.Total {
		return fmt.Errorf("threshold of version %d: %d of %d signatures in all", r.Version, n, r.Threshold.Total)
	}
	return nil
}

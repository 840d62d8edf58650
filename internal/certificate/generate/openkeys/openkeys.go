// Package openkeys makes the keys of a made-up world: those of Participants,
// offices and officers, and of the bodies that sign root documents and checkpoints.
// Anybody can compute every one of them from the seed, so nothing that they sign can
// pass for real, and what they sign says synthetic.
//
// Invariants: the same seed, role and holder give the same key; thresholds are
// those of production.
//
// Imports: verify.
package openkeys

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Signer is a key of the made-up world. Anybody can compute it from the seed.
type Signer struct {
	Holder  string // a name: of a log or witness as their notes have it
	Key     statement.Key
	ID      statement.KeyID
	role    string
	private ed25519.PrivateKey
}

// Public is the raw public key.
func (s *Signer) Public() ed25519.PublicKey { return s.private.Public().(ed25519.PublicKey) }

// Sign frames and signs a payload.
func (s *Signer) Sign(content string, payload []byte, detached bool) ([]byte, error) {
	u, err := statement.Unsign(s.Key.Alg, s.ID, content, payload, detached)
	if err != nil {
		return nil, err
	}
	return u.Finish(ed25519.Sign(s.private, u.Message()))
}

// State signs a statement of the made-up world.
func (s *Signer) State(h statement.Header, b statement.Body) ([]byte, error) {
	h.Type, h.Synthetic = b.Type(), true
	p, err := statement.Payload(h, b)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", h.Issuer, h.Subject, err)
	}
	return s.Sign(statement.ContentStatement, p, false)
}

// Keys makes keys and remembers them for keys-SYNTHETIC.
type Keys struct {
	Seed string
	made []*Signer
}

// New makes the key of a holder in a role.
func (k *Keys) New(role, holder string) (*Signer, error) {
	seed := sha256.Sum256([]byte("SYNTHETIC adamas generate key\x00" + k.Seed + "\x00" + role + "\x00" + holder))
	s := &Signer{role: role, Holder: holder, private: ed25519.NewKeyFromSeed(seed[:])}
	var err error
	if s.Key, err = statement.NewKey(s.private.Public()); err != nil {
		return nil, err
	}
	s.ID = s.Key.ID()
	k.made = append(k.made, s)
	return s, nil
}

// Write lists every key with its secret half: nothing that was ever signed with
// them can be taken for real.
func (k *Keys) Write(out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"role", "holder", "key_id", "public_hex", "SYNTHETIC_seed_hex"}); err != nil {
		return err
	}
	for _, s := range k.made {
		if err := w.Write([]string{s.role, s.Holder, s.ID.String(), hex.EncodeToString(s.Public()), hex.EncodeToString(s.private.Seed())}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// Witnesses of each pillar, and keys of each pillar under the root document with
// how many of them must sign: thresholds as in production (design.md 5, 6).
const (
	witnessesEach = 3
	witnessesNeed = 2
)

var pillarKeys = [3]struct{ have, need int }{{5, 3}, {3, 2}, {3, 2}}

const rootTotal = 8

type witness struct {
	*Signer
	label string
	vkey  policy.VKey
}

// Trustees are those who sign root documents and checkpoints.
type Trustees struct {
	roots     []*Signer
	RootKeys  []trust.RootKey
	witnesses []witness
}

// NewTrustees makes the bodies of the three pillars and their witnesses.
func NewTrustees(k *Keys) (*Trustees, error) {
	t := &Trustees{}
	for i, p := range policy.Pillars {
		for n := range pillarKeys[i].have {
			holder := fmt.Sprintf("SYNTHETIC %s body %d", p, n+1)
			s, err := k.New("root", holder)
			if err != nil {
				return nil, err
			}
			t.roots = append(t.roots, s)
			t.RootKeys = append(t.RootKeys, trust.RootKey{Pillar: p, Holder: holder, Key: s.Key})
		}
		for n := range witnessesEach {
			label := fmt.Sprintf("%s%d", p, n+1)
			s, err := k.New("witness", "witness."+label+".example/synthetic")
			if err != nil {
				return nil, err
			}
			t.witnesses = append(t.witnesses, witness{s, label, policy.WitnessVKey(s.Holder, s.Public())})
		}
	}
	return t, nil
}

// Threshold is how many of the pillars' keys a root document needs.
func (t *Trustees) Threshold() trust.Threshold {
	return trust.Threshold{Government: uint64(pillarKeys[0].need), Industry: uint64(pillarKeys[1].need), Civil: uint64(pillarKeys[2].need), Total: rootTotal}
}

// PolicyOf is the policy text of a log.
func (t *Trustees) PolicyOf(log *Signer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", policy.LogVKey(log.Holder, log.Public()))
	for _, w := range t.witnesses {
		fmt.Fprintf(&b, "witness %s %s\n", w.label, w.vkey)
	}
	for i, p := range policy.Pillars {
		fmt.Fprintf(&b, "group %s %d", p, witnessesNeed)
		for _, w := range t.witnesses[i*witnessesEach : (i+1)*witnessesEach] {
			b.WriteString(" " + w.label)
		}
		b.WriteString("\n")
	}
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}

// SignRoot signs by every key of the pillars.
func (t *Trustees) SignRoot(r *trust.Root) (signed, payload []byte, err error) {
	if payload, err = r.Encode(); err != nil {
		return nil, nil, err
	}
	signed, err = t.SignPayload(payload)
	return signed, payload, err
}

// SignPayload signs by every key of the pillars what is, or says it is, a root
// document.
func (t *Trustees) SignPayload(payload []byte) ([]byte, error) {
	var sigs [][]byte
	for _, s := range t.roots {
		b, err := s.Sign(statement.ContentRoot, payload, true)
		if err != nil {
			return nil, err
		}
		sigs = append(sigs, b)
	}
	return trust.Assemble(payload, sigs)
}

// Checkpoint is the text for a tree, signed by the log and by the witnesses of the
// given pillars; every witness when none is given.
func (t *Trustees) Checkpoint(log *Signer, size uint64, root canonical.Hash, at int64, pillars ...policy.Pillar) string {
	body := fmt.Sprintf("%s\n%d\n%s\n", log.Holder, size, base64.StdEncoding.EncodeToString(root[:]))
	var b strings.Builder
	b.WriteString(body + "\n")
	b.WriteString(policy.SignatureLine{Name: log.Holder, Hash: policy.LogVKey(log.Holder, log.Public()).Hash,
		Sig: ed25519.Sign(log.private, []byte(body))}.String())
	for i, w := range t.witnesses {
		if len(pillars) > 0 && !slices.Contains(pillars, policy.Pillars[i/witnessesEach]) {
			continue
		}
		sig := ed25519.Sign(w.private, policy.CosignatureMessage(body, at))
		b.WriteString(policy.SignatureLine{Name: w.vkey.Name, Hash: w.vkey.Hash, Sig: append(binary.BigEndian.AppendUint64(nil, uint64(at)), sig...)}.String())
	}
	return b.String()
}

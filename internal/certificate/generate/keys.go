package generate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// signer is a key of the made-up world. Anybody can compute it from the seed.
type signer struct {
	role, holder string
	private      ed25519.PrivateKey
	key          statement.Key
	id           statement.KeyID
}

func (s *signer) public() ed25519.PublicKey { return s.private.Public().(ed25519.PublicKey) }

// sign frames and signs a payload.
func (s *signer) sign(content string, payload []byte, detached bool) ([]byte, error) {
	u, err := statement.Unsign(s.key.Alg, s.id, content, payload, detached)
	if err != nil {
		return nil, err
	}
	return u.Finish(ed25519.Sign(s.private, u.Message()))
}

// state signs a statement of the made-up world.
func (s *signer) state(h statement.Header, b statement.Body) ([]byte, error) {
	h.Type, h.Synthetic = b.Type(), true
	p, err := statement.Payload(h, b)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", h.Issuer, h.Subject, err)
	}
	return s.sign(statement.ContentStatement, p, false)
}

// keys makes keys and remembers them for keys-SYNTHETIC.
type keys struct {
	seed string
	made []*signer
}

func (k *keys) new(role, holder string) (*signer, error) {
	seed := sha256.Sum256([]byte("SYNTHETIC adamas generate key\x00" + k.seed + "\x00" + role + "\x00" + holder))
	s := &signer{role: role, holder: holder, private: ed25519.NewKeyFromSeed(seed[:])}
	var err error
	if s.key, err = statement.NewKey(s.private.Public()); err != nil {
		return nil, err
	}
	s.id = s.key.ID()
	k.made = append(k.made, s)
	return s, nil
}

// write lists every key with its secret half: nothing that was ever signed with
// them can be taken for real.
func (k *keys) write(out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"role", "holder", "key_id", "public_hex", "SYNTHETIC_seed_hex"}); err != nil {
		return err
	}
	for _, s := range k.made {
		if err := w.Write([]string{s.role, s.holder, s.id.String(), hex.EncodeToString(s.public()), hex.EncodeToString(s.private.Seed())}); err != nil {
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
	*signer
	label string
	vkey  policy.VKey
}

// trustees are those who sign root documents and checkpoints.
type trustees struct {
	roots     []*signer
	rootKeys  []trust.RootKey
	witnesses []witness
}

func newTrustees(k *keys) (*trustees, error) {
	t := &trustees{}
	for i, p := range policy.Pillars {
		for n := range pillarKeys[i].have {
			holder := fmt.Sprintf("SYNTHETIC %s body %d", p, n+1)
			s, err := k.new("root", holder)
			if err != nil {
				return nil, err
			}
			t.roots = append(t.roots, s)
			t.rootKeys = append(t.rootKeys, trust.RootKey{Pillar: p, Holder: holder, Key: s.key})
		}
		for n := range witnessesEach {
			label := fmt.Sprintf("%s%d", p, n+1)
			s, err := k.new("witness", "witness."+label+".example/synthetic")
			if err != nil {
				return nil, err
			}
			t.witnesses = append(t.witnesses, witness{s, label, policy.WitnessVKey(s.holder, s.public())})
		}
	}
	return t, nil
}

// policyOf is the policy text of a log.
func (t *trustees) policyOf(log *signer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", policy.LogVKey(log.holder, log.public()))
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

// signRoot signs by every key of the pillars.
func (t *trustees) signRoot(r *trust.Root) (signed, payload []byte, err error) {
	if payload, err = r.Encode(); err != nil {
		return nil, nil, err
	}
	var sigs [][]byte
	for _, s := range t.roots {
		b, err := s.sign(statement.ContentRoot, payload, true)
		if err != nil {
			return nil, nil, err
		}
		sigs = append(sigs, b)
	}
	signed, err = trust.Assemble(payload, sigs)
	return signed, payload, err
}

// checkpoint is the text for a tree, signed by the log and every witness.
func (t *trustees) checkpoint(log *signer, size uint64, root canonical.Hash, at int64) string {
	body := fmt.Sprintf("%s\n%d\n%s\n", log.holder, size, base64.StdEncoding.EncodeToString(root[:]))
	var b strings.Builder
	b.WriteString(body + "\n")
	b.WriteString(policy.SignatureLine{Name: log.holder, Hash: policy.LogVKey(log.holder, log.public()).Hash,
		Sig: ed25519.Sign(log.private, []byte(body))}.String())
	for _, w := range t.witnesses {
		sig := ed25519.Sign(w.private, policy.CosignatureMessage(body, at))
		b.WriteString(policy.SignatureLine{Name: w.vkey.Name, Hash: w.vkey.Hash, Sig: append(binary.BigEndian.AppendUint64(nil, uint64(at)), sig...)}.String())
	}
	return b.String()
}

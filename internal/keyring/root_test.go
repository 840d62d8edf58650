package keyring

import (
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// ceremony is three pillars with two bodies each, every body with a key of its
// own in a ring of its own; civil society's second signs with ES256.
type ceremony struct {
	t       *testing.T
	signers map[string]*Signer // "government 1" -> key
	root    trust.Root         // a draft of version 1: one of each pillar, four in all
}

func newCeremony(t *testing.T) *ceremony {
	c := &ceremony{t: t, signers: map[string]*Signer{}, root: *verifytest.New().Root}
	c.root.Keys = nil
	for _, p := range policy.Pillars {
		for _, n := range []string{" 1", " 2"} {
			c.root.Keys = append(c.root.Keys, c.body(p, p.String()+n))
		}
	}
	return c
}

// body makes a body's key and its line in the root.
func (c *ceremony) body(p policy.Pillar, holder string) trust.RootKey {
	c.t.Helper()
	spec := Spec{Name: "root", Purpose: Root, Created: start}
	if holder == "civil 2" {
		spec.Algorithm = statement.ES256
	}
	ring := newRing(c.t, Demonstration())
	mustNew(c.t, ring, spec)
	s, err := ring.Signer(c.t.Context(), "root", Root)
	if err != nil {
		c.t.Fatal(err)
	}
	c.signers[holder] = s
	return trust.RootKey{Pillar: p, Holder: "SYNTHETIC " + holder, Key: s.Key()}
}

// sign gathers signatures.
func (c *ceremony) sign(chain *trust.Chain, payload []byte, holders ...string) [][]byte {
	c.t.Helper()
	var out [][]byte
	for _, h := range holders {
		b, err := SignRoot(c.t.Context(), c.signers[h], chain, payload, start)
		if err != nil {
			c.t.Fatalf("%s: %v", h, err)
		}
		out = append(out, b)
	}
	return out
}

// chainOf is what a verifier says of signed roots.
func chainOf(signed ...[]byte) (*trust.Chain, error) {
	return trust.ParseChain(signed, canonical.Hash{})
}

var four = []string{"government 1", "industry 2", "civil 1", "civil 2"}

// first makes version 1, signed by four.
func (c *ceremony) first() ([]byte, *trust.Chain) {
	c.t.Helper()
	payload, err := NewRoot(nil, c.root)
	if err != nil {
		c.t.Fatal(err)
	}
	signed, err := AssembleRoot(nil, payload, c.sign(nil, payload, four...), start)
	if err != nil {
		c.t.Fatal(err)
	}
	chain, err := chainOf(signed)
	if err != nil {
		c.t.Fatal(err)
	}
	return signed, chain
}

// second drafts version 2: government 2 gives its place to government 3.
func (c *ceremony) second(chain *trust.Chain) []byte {
	c.t.Helper()
	r := c.root
	r.Keys = slices.Clone(c.root.Keys)
	r.Keys[1] = c.body(policy.Government, "government 3")
	r.Issued += 3600
	payload, err := NewRoot(chain, r)
	if err != nil {
		c.t.Fatal(err)
	}
	return payload
}

func TestThreePillarsChangeTheRoot(t *testing.T) {
	c := newCeremony(t)
	v1, chain := c.first()
	payload := c.second(chain)
	// The one who leaves and the one who comes both have a say.
	sigs := c.sign(chain, payload, append(four, "government 2", "government 3")...)
	v2, err := AssembleRoot([][]byte{v1}, payload, sigs, start)
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := trust.ParseChain([][]byte{v1, v2}, chain.Fingerprints[0])
	if err != nil {
		t.Fatal(err)
	}
	if r := pinned.Current(); r.Version != 2 || r.Prev != chain.Fingerprints[0] || r.Keys[1].Key.ID() != c.signers["government 3"].ID() {
		t.Errorf("version %d after %s", r.Version, r.Prev)
	}
	again, err := AssembleRoot([][]byte{v1}, payload, reversed(sigs), start)
	if err != nil || string(again) != string(v2) {
		t.Errorf("the order of arrival of signatures shows in the document (%v)", err)
	}
}

func reversed(in [][]byte) [][]byte {
	out := slices.Clone(in)
	slices.Reverse(out)
	return out
}

// Who must be refused: by the ceremony before it gives a document away, and by
// every verifier if somebody joins the pieces without the ceremony.
func TestSignaturesThatMakeNoRoot(t *testing.T) {
	c := newCeremony(t)
	v1, chain := c.first()
	payload := c.second(chain)
	draft, err := decodeRoot(payload)
	if err != nil {
		t.Fatal(err)
	}
	other := encode(t, *draft, func(r *trust.Root) { r.Expires-- })
	all := c.sign(chain, payload, append(four, "government 2", "government 3")...)
	flip := slices.Clone(all[0])
	flip[len(flip)-1] ^= 1
	outsider := newTestSigner(t, Root, edKey(t))
	u, err := trust.UnsignedRoot(outsider.Key(), payload)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := outsider.Sign(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		sigs [][]byte
		says string
	}{
		{"below the threshold of both", c.sign(chain, payload, four[:3]...), "3 of 4 signatures in all"},
		{"below that of the old version", c.sign(chain, payload, "government 3", "industry 1", "civil 1", "civil 2"), "version 1: 0 of 1 signatures of government"},
		{"below that of the new version", c.sign(chain, payload, "government 2", "industry 1", "civil 1", "civil 2"), "version 2: 0 of 1 signatures of government"},
		{"no government", c.sign(chain, payload, "industry 1", "industry 2", "civil 1", "civil 2"), "of government"},
		{"no industry", c.sign(chain, payload, "government 1", "government 2", "government 3", "civil 1", "civil 2"), "of industry"},
		{"no civil society", c.sign(chain, payload, "government 1", "government 2", "government 3", "industry 1", "industry 2"), "of civil"},
		{"one signature flipped", append([][]byte{flip}, all[1:]...), "false"},
		{"one signature twice", append([][]byte{all[0]}, all...), "each once"},
		{"a signature of another draft", append(c.sign(chain, other, "government 1"), all[1:]...), "false"},
		{"a stranger's signature beside enough", append([][]byte{foreign}, all...), "not named"},
		{"an approval among them", append([][]byte{approvalFor(t, payload)}, all...), "not a detached signature of a root"},
		{"none", nil, "signatures of government"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := AssembleRoot([][]byte{v1}, payload, tt.sigs, start)
			wantFault(t, err, "root_refused")
			if b != nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%d bytes; %v, want it to say %q", len(b), err, tt.says)
			}
			joined, err := trust.Assemble(payload, tt.sigs)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := chainOf(v1, joined); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("a verifier says %v, want %q", err, tt.says)
			}
		})
	}
	if _, err := AssembleRoot([][]byte{v1}, payload, [][]byte{{1, 2, 3}}, start); err == nil {
		t.Error("garbage is a signature")
	}
	_, err = AssembleRoot([][]byte{v1[:10]}, payload, all, start)
	wantFault(t, err, "root_refused")
}

// approvalFor is a true signature of the right payload, made for another use.
func approvalFor(t *testing.T, payload []byte) []byte {
	t.Helper()
	s := newTestSigner(t, Officer, edKey(t))
	b, err := Approve(t.Context(), s, canonical.Sum(payload))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Documents that no ceremony begins and no pillar signs.
func TestRootsThatNobodySigns(t *testing.T) {
	c := newCeremony(t)
	v1, chain := c.first()
	bends := []struct {
		name  string
		chain *trust.Chain
		bend  func(*trust.Root)
		want  string
	}{
		{"one key in two pillars", nil, func(r *trust.Root) { r.Keys[2].Key = r.Keys[0].Key }, "unsignable"},
		{"one key twice in a pillar", nil, func(r *trust.Root) { r.Keys[1].Key = r.Keys[0].Key }, "unsignable"},
		{"a pillar without a say", nil, func(r *trust.Root) { r.Threshold.Civil = 0 }, "unsignable"},
		{"a threshold out of reach", nil, func(r *trust.Root) { r.Threshold.Total = 7 }, "unsignable"},
		{"expires before it is issued", nil, func(r *trust.Root) { r.Expires = r.Issued }, "unsignable"},
		{"older than its predecessor", chain, func(r *trust.Root) { r.Issued-- }, "root_broken_chain"},
		{"turns real", chain, func(r *trust.Root) { r.Synthetic = false }, "root_broken_chain"},
	}
	for _, tt := range bends {
		t.Run(tt.name, func(t *testing.T) {
			r := c.root
			r.Keys = slices.Clone(c.root.Keys)
			tt.bend(&r)
			_, err := NewRoot(tt.chain, r)
			wantFault(t, err, tt.want)
		})
	}
	payload := c.second(chain)
	sign := func(payload []byte, chain *trust.Chain, at time.Time) error {
		_, err := SignRoot(t.Context(), c.signers["government 1"], chain, payload, at)
		return err
	}
	wantFault(t, sign(payload, nil, start), "root_broken_chain")
	wantFault(t, sign(chainPayload(t, c), chain, start), "root_broken_chain")
	wantFault(t, sign(payload[:len(payload)-1], chain, start), "unsignable")
	end := time.Unix(c.root.Expires, 0).UTC()
	wantFault(t, sign(payload, chain, end), "root_expired")
	if err := sign(payload, chain, end.Add(-time.Second)); err != nil {
		t.Errorf("in its last second: %v", err)
	}
	_, err := AssembleRoot([][]byte{v1}, payload, c.sign(chain, payload, four...), end)
	wantFault(t, err, "root_expired")

	broken := encode(t, c.root, func(r *trust.Root) { r.Version, r.Prev = 2, canonical.Hash{7} })
	wantFault(t, sign(broken, chain, start), "root_broken_chain")
	_, err = AssembleRoot([][]byte{v1}, broken, nil, start)
	wantFault(t, err, "root_broken_chain")
	skipped := encode(t, c.root, func(r *trust.Root) { r.Version, r.Prev = 3, chain.Fingerprints[0] })
	wantFault(t, sign(skipped, chain, start), "root_broken_chain")

	_, err = SignRoot(t.Context(), newTestSigner(t, Root, edKey(t)), chain, payload, start)
	wantFault(t, err, "root_not_named")
	real := encode(t, c.root, func(r *trust.Root) { r.Synthetic = false })
	wantFault(t, sign(real, nil, start), "synthetic_only")
}

// chainPayload is version 1 again, offered after version 1.
func chainPayload(t *testing.T, c *ceremony) []byte {
	t.Helper()
	payload, err := NewRoot(nil, c.root)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func encode(t *testing.T, r trust.Root, bend func(*trust.Root)) []byte {
	t.Helper()
	bend(&r)
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What only a verifier can see: pieces signed by a threshold that was talked
// into it, without this package.
func TestAVerifierRefusesChainsThatWereSignedAnyway(t *testing.T) {
	c := newCeremony(t)
	v1, chain := c.first()
	v2Payload := c.second(chain)
	v2, err := AssembleRoot([][]byte{v1}, v2Payload, c.sign(chain, v2Payload, four...), start)
	if err != nil {
		t.Fatal(err)
	}
	joined := func(payload []byte) []byte {
		var sigs [][]byte
		for _, h := range four {
			u, err := trust.UnsignedRoot(c.signers[h].Key(), payload)
			if err != nil {
				t.Fatal(err)
			}
			b, err := c.signers[h].Sign(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			sigs = append(sigs, b)
		}
		b, err := trust.Assemble(payload, sigs)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	wrongPrev := joined(encode(t, c.root, func(r *trust.Root) { r.Version, r.Prev = 2, canonical.Hash{7} }))
	older := joined(encode(t, c.root, func(r *trust.Root) { r.Version, r.Prev, r.Issued = 2, chain.Fingerprints[0], r.Issued-1 }))
	skipped := joined(encode(t, c.root, func(r *trust.Root) { r.Version, r.Prev = 3, chain.Fingerprints[0] }))
	changed := slices.Clone(v2)
	changed[len(changed)/2] ^= 1
	tests := map[string][][]byte{
		"prev wrong": {v1, wrongPrev}, "older than its predecessor": {v1, older}, "a version left out": {v1, skipped},
		"version 2 first": {v2}, "version 1 twice": {v1, v1}, "version 2 twice": {v1, v2, v2}, "backwards": {v2, v1},
		"one byte changed": {v1, changed}, "cut short": {v1, v2[:len(v2)-1]}, "no document": {},
	}
	for name, signed := range tests {
		if _, err := chainOf(signed...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := trust.ParseChain([][]byte{v1, v2}, canonical.Hash{1}); err == nil {
		t.Error("a chain without the pinned document is accepted")
	}
	for i := range v2 {
		bad := slices.Clone(v2)
		bad[i] ^= 1
		if _, err := chainOf(v1, bad); err == nil {
			t.Fatalf("byte %d of %d changed and nobody saw it", i, len(v2))
		}
	}
}

package vectors

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// PolicyVector is a policy text and what it says.
type PolicyVector struct {
	Name      string          `json:"name"`
	Text      string          `json:"text"`
	Log       string          `json:"log"` // origin
	Witnesses []WitnessVector `json:"witnesses"`
	VKeys     []VKeyVector    `json:"vkeys"`
}

// WitnessVector is a witness of a policy.
type WitnessVector struct {
	Label  string `json:"label"`
	Name   string `json:"name"`
	Pillar string `json:"pillar"`
}

// VKeyVector is a verifier key and its raw parts.
type VKeyVector struct {
	Text   string `json:"text"`
	Name   string `json:"name"`
	Type   int    `json:"type"` // 1 log, 4 cosignature/v1
	Public Hex    `json:"public"`
}

// CheckpointVector is a signed checkpoint and what was signed.
type CheckpointVector struct {
	Name       string   `json:"name"`
	Policy     string   `json:"policy"` // origin of its log
	Text       string   `json:"text"`
	Body       string   `json:"body"`
	Root       Hex      `json:"root"`
	Size       int64    `json:"size"`
	Messages   []string `json:"cosignature_messages"` // what each witness signed, in order of the lines
	Satisfied  bool     `json:"satisfied"`
	OldestTime int64    `json:"quorum_time,omitempty"`
}

// ProofVector is an inclusion proof in both its forms.
type ProofVector struct {
	Name     string         `json:"name"`
	Policy   string         `json:"policy"` // origin of its log
	Leaf     Hex            `json:"leaf"`
	LeafHash canonical.Hash `json:"leaf_hash"`
	Text     string         `json:"text"`
	Compact  Hex            `json:"compact"`
}

// RootVector is one version of a root document.
type RootVector struct {
	Version     uint64          `json:"version"`
	Payload     Hex             `json:"payload"`
	Fingerprint canonical.Hash  `json:"fingerprint"`
	Signatures  []RootSignature `json:"signatures"`
	Signed      Hex             `json:"signed"`
	Expires     int64           `json:"expires"`
	Threshold   [4]uint64       `json:"threshold"` // government, industry, civil, in all
}

// RootSignature is a detached signature of a root.
type RootSignature struct {
	Key   string `json:"key"` // in keys.json: the holder
	Sign1 Hex    `json:"cose_sign1"`
}

// logVectors is what logs.json holds.
type logVectors struct {
	Policies    []PolicyVector
	Checkpoints []CheckpointVector
	Proofs      []ProofVector
}

func logs(w *verifytest.World, t int64) logVectors {
	var out logVectors
	l := w.Logs[1]
	text := w.Policy(l)
	pol := must(policy.Parse(text))
	out.Policies = []PolicyVector{policyVector("two of each pillar, any of each", text, pol)}
	size := int64(len(l.Leaves))
	for _, c := range []struct {
		name   string
		labels []string
	}{{"one of each pillar", []string{"gov1", "ind1", "civ1"}}, {"all six", verifytest.WitnessLabels}, {"no civil society", []string{"gov1", "gov2", "ind1"}}} {
		out.Checkpoints = append(out.Checkpoints, checkpointVector(c.name, pol, l.Checkpoint(size, t, c.labels...)))
	}
	for _, p := range []struct {
		name        string
		index, size int64
	}{{"last of the tree", size - 1, size}, {"first of the tree", 0, size}, {"alone in its tree", 0, 1}, {"an odd tree", 4, 5}} {
		pr := l.Proof(p.index, p.size, l.Checkpoint(p.size, t))
		leaf := l.Leaves[p.index]
		out.Proofs = append(out.Proofs, ProofVector{Name: p.name, Policy: l.Origin, Leaf: leaf, LeafHash: proof.LeafHash(leaf),
			Text: pr.String(), Compact: must(pr.Compact(pol))})
	}
	return out
}

func policyVector(name, text string, pol *policy.Policy) PolicyVector {
	v := PolicyVector{Name: name, Text: text, Log: pol.Log.Name,
		VKeys: []VKeyVector{{Text: pol.Log.String(), Name: pol.Log.Name, Type: 1, Public: Hex(pol.Log.Public)}}}
	for _, w := range pol.Witnesses {
		pillar, _ := pol.PillarOf(w.Label)
		v.Witnesses = append(v.Witnesses, WitnessVector{Label: w.Label, Name: w.Key.Name, Pillar: pillar.String()})
		v.VKeys = append(v.VKeys, VKeyVector{Text: w.Key.String(), Name: w.Key.Name, Type: 4, Public: Hex(w.Key.Public)})
	}
	return v
}

func checkpointVector(name string, pol *policy.Policy, text string) CheckpointVector {
	c := must(policy.ParseCheckpoint(text))
	co, err := pol.Check(c)
	v := CheckpointVector{Name: name, Policy: pol.Log.Name, Text: text, Body: c.Body(), Root: c.Root[:], Size: c.Size, Satisfied: err == nil, Messages: []string{}}
	if err == nil {
		v.OldestTime = co.Time
	}
	for _, l := range c.Lines[1:] {
		var t int64
		for _, b := range l.Sig[:8] {
			t = t<<8 | int64(b)
		}
		v.Messages = append(v.Messages, string(policy.CosignatureMessage(c.Body(), t)))
	}
	return v
}

// roots gives a chain of two versions: the second is signed by a threshold of
// both.
func roots(w *verifytest.World) []RootVector {
	first := w.Root
	b1 := must(first.Encode())
	second := *first
	second.Version, second.Prev, second.Issued = 2, canonical.Sum(b1), first.Issued+86400
	second.Threshold.Total = 5
	return []RootVector{rootVector(w, first), rootVector(w, &second)}
}

func rootVector(w *verifytest.World, r *trust.Root) RootVector {
	payload := must(r.Encode())
	v := RootVector{Version: r.Version, Payload: payload, Fingerprint: canonical.Sum(payload), Expires: r.Expires,
		Threshold: [4]uint64{r.Threshold.Government, r.Threshold.Industry, r.Threshold.Civil, r.Threshold.Total}}
	var sigs [][]byte
	for _, k := range r.Keys {
		sign1, _, _ := Ed25519(k.Holder).Sign(statement.ContentRoot, payload, true)
		v.Signatures = append(v.Signatures, RootSignature{Key: k.Holder, Sign1: sign1})
		sigs = append(sigs, sign1)
	}
	v.Signed = must(trust.Assemble(payload, sigs))
	return v
}

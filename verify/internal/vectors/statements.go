package vectors

import (
	"github.com/fxamacker/cbor/v2"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// Note stands first in every file.
const Note = "SYNTHETIC: test vectors of Adamas; every key can be computed by anybody. Read README.md beside this file."

// StatementVector is one signed statement with every step to it.
type StatementVector struct {
	Name         string       `json:"name"`
	Key          string       `json:"key"`  // name in keys.json
	Type         string       `json:"type"` // name; its code is member 1 of the payload
	Header       HeaderVector `json:"header"`
	Body         Hex          `json:"body,omitempty"`
	BodyText     string       `json:"body_diagnostic,omitempty"` // RFC 8949 §8
	Payload      Hex          `json:"payload"`
	Protected    Hex          `json:"protected"`
	SigStructure Hex          `json:"sig_structure"` // RFC 9052 §4.4: what is signed
	Signature    Hex          `json:"signature"`
	Statement    Hex          `json:"statement"` // the signed bytes: the log leaf
	Hash         Hex          `json:"hash"`      // SHA-256: how others refer to it
	LeafHash     Hex          `json:"leaf_hash"` // RFC 9162 §2.1.1
}

// HeaderVector is a header in words.
type HeaderVector struct {
	Issuer    string           `json:"issuer"`
	IssuedAt  int64            `json:"issued_at"`
	Subject   string           `json:"subject"`
	Prev      *canonical.Hash  `json:"prev,omitempty"`
	Refs      []canonical.Hash `json:"refs,omitempty"`
	Synthetic bool             `json:"synthetic"`
}

func headerVector(h statement.Header) HeaderVector {
	v := HeaderVector{Issuer: h.Issuer, IssuedAt: h.IssuedAt, Subject: h.Subject, Refs: h.Refs, Synthetic: h.Synthetic}
	if !h.Prev.IsZero() {
		v.Prev = &h.Prev
	}
	return v
}

func diagnose(b []byte) string {
	s, err := cbor.Diagnose(b)
	if err != nil {
		panic(err) // what Marshal wrote is CBOR
	}
	return s
}

// Statements gives one vector for each type, and those whose form differs: an
// ES256 signature, a body kept apart, a type without a decoder, a statement
// that is not synthetic.
func Statements() []StatementVector {
	var out []StatementVector
	for _, b := range Bodies() {
		out = append(out, statementVector(b.Type().String(), SignerOf(b.Type()), Header(b.Type()), b))
	}
	es := Header(statement.TypeCertificate)
	cert := Bodies()[4]
	out = append(out, statementVector("certificate-es256", P256("office CF/bangui"), es, cert))
	h := Header(statement.TypeClearance)
	h.Issuer = "AE/dubai"
	out = append(out, statementVector("clearance-reserved-type", Ed25519("office AE/dubai"), h,
		&statement.Opaque{Code: statement.TypeClearance, CBOR: must(canonical.Marshal(map[int]any{1: "SYNTHETIC", 2: []int{-1, 1000}}))}))
	h = Header(statement.TypeDossier)
	h.Subject = "dossier/1"
	p := must(statement.BlobPayload(h, statement.Blob{Hash: hash("blob"), Size: 20000, Media: "application/pdf"}))
	return append(out, signedVector("dossier-blob", Ed25519("office CF/bangui"), h, nil, p))
}

func statementVector(name string, s Signer, h statement.Header, b statement.Body) StatementVector {
	body := must(canonical.Marshal(b))
	if o, ok := b.(*statement.Opaque); ok {
		body = o.CBOR
	}
	return signedVector(name, s, h, body, must(statement.Payload(h, b)))
}

func signedVector(name string, s Signer, h statement.Header, body, payload []byte) StatementVector {
	signed, message, sig := s.Sign(statement.ContentStatement, payload, false)
	v := StatementVector{Name: name, Key: s.Name, Type: h.Type.String(), Header: headerVector(h), Body: body, Payload: payload,
		Protected: protectedOf(message), SigStructure: message, Signature: sig, Statement: signed}
	if body != nil {
		v.BodyText = diagnose(body)
	}
	st := must(statement.Parse(signed))
	leaf := proof.LeafHash(signed)
	v.Hash, v.LeafHash = st.Hash[:], leaf[:]
	return v
}

// protectedOf takes the protected header out of a Sig_structure.
func protectedOf(message []byte) []byte {
	var s struct {
		_         struct{} `cbor:",toarray"`
		Context   string
		Protected []byte
		External  []byte
		Payload   []byte
	}
	if err := canonical.Unmarshal(message, &s); err != nil {
		panic(err)
	}
	return s.Protected
}

// CommitmentVector is a commitment with every step to its root.
type CommitmentVector struct {
	Name    string          `json:"name"`
	Seed    Hex             `json:"seed"`
	Facts   []FactVector    `json:"facts"`
	Root    canonical.Hash  `json:"root"`
	Count   uint64          `json:"count"`
	Whole   Hex             `json:"disclosure"`
	Partial []PartialVector `json:"partial"`
}

// FactVector is one fact on its way to a leaf.
type FactVector struct {
	Label     uint64         `json:"label"`
	Value     Hex            `json:"value"`
	ValueText string         `json:"value_diagnostic"`
	Salt      Hex            `json:"salt"` // first 16 bytes of HMAC-SHA-256(seed, label as 8 bytes)
	Hash      canonical.Hash `json:"hash"` // SHA-256(CBOR [salt, value])
	Leaf      canonical.Hash `json:"leaf"` // SHA-256(00, CBOR [label, hash])
}

// PartialVector shows some facts only.
type PartialVector struct {
	Shows      []uint64 `json:"shows"`
	Disclosure Hex      `json:"disclosure"`
}

// Commitments gives the whole registry, and one fact alone.
func Commitments() []CommitmentVector {
	return []CommitmentVector{
		commitmentVector("every label", Facts(), [][]uint64{{1, 2, 3, 4, 5}, {35}, {}}),
		commitmentVector("one fact", Facts()[:1], [][]uint64{{1}}),
		commitmentVector("three facts", Facts()[:3], [][]uint64{{1, 3}}),
	}
}

func commitmentVector(name string, facts []commitment.Fact, shows [][]uint64) CommitmentVector {
	d := &commitment.Disclosure{Seed: seed, Facts: facts}
	root := must(commitment.Commit(seed, facts))
	v := CommitmentVector{Name: name, Seed: seed, Root: root.Hash, Count: root.Count, Whole: must(canonical.Marshal(d))}
	shown := must(d.Select(func(uint64) bool { return true }))
	hidden := must(d.Select(func(uint64) bool { return false }))
	for i, f := range facts {
		leaf := canonical.Sum(append([]byte{0}, must(canonical.Marshal(hidden.Slots[i].Hidden))...))
		v.Facts = append(v.Facts, FactVector{Label: f.Label, Value: Hex(f.Value), ValueText: diagnose(f.Value),
			Salt: shown.Slots[i].Shown.Salt, Hash: hidden.Slots[i].Hidden.Hash, Leaf: leaf})
	}
	for _, labels := range shows {
		keep := map[uint64]bool{}
		for _, l := range labels {
			keep[l] = true
		}
		part := must(d.Select(func(l uint64) bool { return keep[l] }))
		v.Partial = append(v.Partial, PartialVector{Shows: labels, Disclosure: must(canonical.Marshal(part))})
	}
	return v
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // the vectors are fixed values
	}
	return v
}

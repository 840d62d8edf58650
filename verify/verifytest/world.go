// Package verifytest is a small SYNTHETIC world for tests, benchmarks and
// golden vectors of the verifier: three pillars, six witnesses, two
// Participants with their offices, each with a log kept in memory. Every key
// comes from a fixed seed and every time is given, so the same calls give the
// same bytes on any machine. It signs with keys that anybody can compute:
// nothing it makes can pass for real, since every statement and root it signs
// says synthetic.
package verifytest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Start is the world's first moment: 2026-11-23T08:00:00Z.
const Start int64 = 1795420800

// Signer is a key of the world.
type Signer struct {
	Private ed25519.PrivateKey
	Key     statement.Key
}

// NewSigner makes the key that belongs to a name.
func NewSigner(name string) Signer {
	seed := sha256.Sum256([]byte("SYNTHETIC adamas verifytest " + name))
	priv := ed25519.NewKeyFromSeed(seed[:])
	k, err := statement.NewKey(priv.Public())
	if err != nil {
		panic(err) // an Ed25519 key is always a key
	}
	return Signer{Private: priv, Key: k}
}

// Public is the raw public key.
func (s Signer) Public() ed25519.PublicKey { return s.Private.Public().(ed25519.PublicKey) }

// Finish signs what is framed.
func (s Signer) Finish(u *statement.Unsigned) []byte {
	b, err := u.Finish(ed25519.Sign(s.Private, u.Message()))
	if err != nil {
		panic(err)
	}
	return b
}

// Sign frames and signs a payload.
func (s Signer) Sign(content string, payload []byte, detached bool) []byte {
	u, err := statement.Unsign(s.Key.Alg, s.Key.ID(), content, payload, detached)
	if err != nil {
		panic(err)
	}
	return s.Finish(u)
}

// Statement signs a statement.
func (s Signer) Statement(h statement.Header, b statement.Body) []byte {
	h.Type = b.Type()
	p, err := statement.Payload(h, b)
	if err != nil {
		panic(err)
	}
	return s.Sign(statement.ContentStatement, p, false)
}

// Witness is a cosigner.
type Witness struct {
	Signer
	Pillar policy.Pillar
	Label  string
	VKey   policy.VKey
}

// Log is a log in memory.
type Log struct {
	Origin string
	Signer Signer
	Leaves [][]byte
	stored []tlog.Hash
	world  *World
}

// NewLog opens another log in the world. The root document does not name it
// until a test makes it so.
func (w *World) NewLog(origin string) *Log {
	l := &Log{Origin: origin, Signer: NewSigner("log " + origin), world: w}
	w.Logs = append(w.Logs, l)
	slices.SortFunc(w.Logs, func(a, b *Log) int { return strings.Compare(a.Origin, b.Origin) })
	return l
}

// ReadHashes lets tlog compute over the stored hashes.
func (l *Log) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	for i, x := range idx {
		out[i] = l.stored[x]
	}
	return out, nil
}

// Append adds a leaf and gives its index.
func (l *Log) Append(leaf []byte) int64 {
	n := int64(len(l.Leaves))
	hs, err := tlog.StoredHashes(n, leaf, l)
	if err != nil {
		panic(err)
	}
	l.stored = append(l.stored, hs...)
	l.Leaves = append(l.Leaves, leaf)
	return n
}

// Body is the text of the log's checkpoint at a size.
func (l *Log) Body(size int64) string {
	h, err := tlog.TreeHash(size, l)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s\n%d\n%s\n", l.Origin, size, base64.StdEncoding.EncodeToString(h[:]))
}

// Checkpoint is the checkpoint at a size, signed by the log and cosigned at
// time t by the witnesses with the given labels (none: by one of each pillar).
func (l *Log) Checkpoint(size, t int64, labels ...string) string {
	if labels == nil {
		labels = []string{"gov1", "ind1", "civ1"}
	}
	body := l.Body(size)
	var b strings.Builder
	b.WriteString(body + "\n")
	vk := policy.LogVKey(l.Origin, l.Signer.Public())
	b.WriteString(policy.SignatureLine{Name: l.Origin, Hash: vk.Hash, Sig: ed25519.Sign(l.Signer.Private, []byte(body))}.String())
	for _, label := range labels {
		b.WriteString(l.world.Witnesses[label].Cosign(body, t).String())
	}
	return b.String()
}

// Cosign makes a witness's cosignature line at time t.
func (w Witness) Cosign(body string, t int64) policy.SignatureLine {
	sig := ed25519.Sign(w.Private, policy.CosignatureMessage(body, t))
	return policy.SignatureLine{Name: w.VKey.Name, Hash: w.VKey.Hash, Sig: append(binary.BigEndian.AppendUint64(nil, uint64(t)), sig...)}
}

// Proof proves entry index under the given checkpoint text of the size.
func (l *Log) Proof(index, size int64, checkpoint string) *proof.Proof {
	path, err := tlog.ProveRecord(size, index, l)
	if err != nil {
		panic(err)
	}
	hs := make([]canonical.Hash, len(path))
	for i, h := range path {
		hs[i] = canonical.Hash(h)
	}
	p, err := proof.New(index, hs, checkpoint)
	if err != nil {
		panic(err)
	}
	return p
}

// Office is an office with its keys.
type Office struct {
	ID                  string
	Signer              Signer
	Preparer, Validator Signer
	Station             string
	Range, Offline      canonical.Hash // number ranges: the daily one, and one for work without network
	Log                 *Log
	next                uint64
}

// World is the whole.
type World struct {
	Witnesses map[string]Witness
	RootKeys  []trust.RootKey
	Pillars   map[string]Signer // holder -> key
	Authority map[string]Signer // Participant -> key
	Logs      []*Log            // ascending by origin
	Offices   map[string]*Office
	Root      *trust.Root
	Roots     [][]byte
}

// WitnessLabels are the six witnesses, two a pillar.
var WitnessLabels = []string{"gov1", "gov2", "ind1", "ind2", "civ1", "civ2"}

// New makes the world: Participants CF and AE, offices CF/bangui and AE/dubai,
// each log holding its authority's account, keys and ranges.
func New() *World {
	w := &World{Witnesses: map[string]Witness{}, Pillars: map[string]Signer{}, Authority: map[string]Signer{}, Offices: map[string]*Office{}}
	for i, label := range WitnessLabels {
		s := NewSigner("witness " + label)
		name := "witness." + label + ".example/w"
		w.Witnesses[label] = Witness{Signer: s, Pillar: policy.Pillars[i/2], Label: label, VKey: policy.WitnessVKey(name, s.Public())}
	}
	for _, p := range policy.Pillars {
		for n := 1; n <= 2; n++ {
			holder := fmt.Sprintf("SYNTHETIC %s body %d", p, n)
			w.Pillars[holder] = NewSigner(holder)
			w.RootKeys = append(w.RootKeys, trust.RootKey{Pillar: p, Holder: holder, Key: w.Pillars[holder].Key})
		}
	}
	for _, code := range []string{"AE", "CF"} {
		w.Authority[code] = NewSigner("authority " + code)
		w.Logs = append(w.Logs, &Log{Origin: strings.ToLower(code) + ".kp.example/2026", Signer: NewSigner("log " + code), world: w})
	}
	w.Root = w.root()
	w.Roots = [][]byte{w.SignRoot(w.Root)}
	w.office("AE/dubai", w.Logs[0])
	w.office("CF/bangui", w.Logs[1])
	return w
}

// Policy is the policy text for a log.
func (w *World) Policy(l *Log) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", policy.LogVKey(l.Origin, l.Signer.Public()))
	for _, label := range WitnessLabels {
		fmt.Fprintf(&b, "witness %s %s\n", label, w.Witnesses[label].VKey)
	}
	b.WriteString("group government any gov1 gov2\ngroup industry any ind1 ind2\ngroup civil any civ1 civ2\n")
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}

func (w *World) root() *trust.Root {
	r := &trust.Root{Version: 1, Issued: Start - 3600, Expires: Start + 366*86400, Scheme: "SYNTHETIC Kimberley Process", Synthetic: true,
		Keys: w.RootKeys, Threshold: trust.Threshold{Government: 1, Industry: 1, Civil: 1, Total: 4}}
	for i, code := range []string{"AE", "CF"} {
		r.Participants = append(r.Participants, trust.Participant{Code: code, Name: "SYNTHETIC " + code, Authority: w.Authority[code].Key,
			Homes: []trust.Home{{Origin: w.Logs[i].Origin}}})
		r.Logs = append(r.Logs, trust.Log{Origin: w.Logs[i].Origin, Policy: w.Policy(w.Logs[i])})
	}
	return r
}

// SignRoot signs a root with every pillar key (or those of the given holders).
func (w *World) SignRoot(r *trust.Root, holders ...string) []byte {
	payload, err := r.Encode()
	if err != nil {
		panic(err)
	}
	if holders == nil {
		for _, k := range w.RootKeys {
			holders = append(holders, k.Holder)
		}
	}
	var sigs [][]byte
	for _, h := range holders {
		sigs = append(sigs, w.Pillars[h].Sign(statement.ContentRoot, payload, true))
	}
	b, err := trust.Assemble(payload, sigs)
	if err != nil {
		panic(err)
	}
	return b
}

func (w *World) office(id string, l *Log) {
	code := id[:2]
	o := &Office{ID: id, Signer: NewSigner("office " + id), Preparer: NewSigner("preparer " + id), Validator: NewSigner("validator " + id),
		Station: id + "/pc-1", Log: l}
	w.Offices[id] = o
	auth := w.Authority[code]
	h := func(subject string) statement.Header {
		return statement.Header{Issuer: code + "/authority", IssuedAt: Start, Subject: subject, Synthetic: true}
	}
	l.Append(auth.Statement(h("participant/"+code), &statement.Participant{Code: code, Name: "SYNTHETIC " + code, Authority: "SYNTHETIC authority", Digits: 8}))
	l.Append(auth.Statement(h("key/"+o.Signer.Key.ID().String()), &statement.OfficeKey{Office: id, Name: "SYNTHETIC office " + id, Use: statement.UseOffice,
		Key: o.Signer.Key, From: Start - 3600, Until: Start + 366*86400, Types: []statement.Type{statement.TypeCertificate, statement.TypeOpening,
			statement.TypeVoid, statement.TypeReplacement, statement.TypeLoss, statement.TypePrint, statement.TypeReceipt, statement.TypeDiscrepancy, statement.TypeSnapshot,
			statement.TypeDisposition, statement.TypeEndorsement, statement.TypeTransit}}))
	for _, officer := range []Signer{o.Preparer, o.Validator} {
		l.Append(auth.Statement(h("key/"+officer.Key.ID().String()), &statement.OfficeKey{Office: id, Use: statement.UseOfficer,
			Key: officer.Key, From: Start - 3600, Until: Start + 366*86400}))
	}
	day := canonical.DayOf(Start)
	for i, offline := range []bool{false, true} {
		within := uint64(3600)
		if offline {
			within = 72 * 3600
		}
		b := auth.Statement(h(fmt.Sprintf("range/%s/%d", code, i+1)), &statement.NumberRange{Participant: code, Digits: 8,
			First: uint64(i)*1000000 + 1, Last: uint64(i+1) * 1000000, Station: o.Station, Offline: offline, LogWithin: within, From: day, Until: day + 365})
		l.Append(b)
		if offline {
			o.Offline = canonical.Sum(b)
		} else {
			o.Range = canonical.Sum(b)
		}
	}
}

// Draft is a certificate before it is signed, for tests that bend it.
type Draft struct {
	Header statement.Header
	Body   statement.Certificate
	Facts  []commitment.Fact
	Seed   []byte
}

// Sign signs the certificate with approvals by both officers, and gives the
// bundle without a proof.
func (o *Office) Sign(d *Draft) *bundle.Bundle {
	digest, err := statement.ApprovalDigest(withType(d.Header), &d.Body)
	if err != nil {
		panic(err)
	}
	approvals := [][]byte{o.Preparer.Sign(statement.ContentApproval, digest[:], true), o.Validator.Sign(statement.ContentApproval, digest[:], true)}
	d.Body.FourEyes = statement.PairHash(approvals[0], approvals[1])
	return &bundle.Bundle{Version: 1, Statement: o.Signer.Statement(d.Header, &d.Body), Approvals: approvals,
		Disclosure: &commitment.Disclosure{Seed: d.Seed, Facts: d.Facts}}
}

func withType(h statement.Header) statement.Header {
	h.Type = statement.TypeCertificate
	return h
}

// Record appends the bundle's statement to the office's log and joins the
// proof, cosigned at time t.
func (o *Office) Record(b *bundle.Bundle, t int64) *bundle.Bundle {
	i := o.Log.Append(b.Statement)
	size := int64(len(o.Log.Leaves))
	b.Proof = canonical.Text(o.Log.Proof(i, size, o.Log.Checkpoint(size, t)).String())
	return b
}

// Pack makes a pack of all logs, cosigned at time t, its snapshot signed by
// CF/bangui.
func (w *World) Pack(t int64) []byte {
	var sources []pack.Source
	for _, l := range w.Logs {
		sources = append(sources, pack.Source{Checkpoint: l.Checkpoint(int64(len(l.Leaves)), t), Leaves: l.Leaves})
	}
	d, err := pack.Prepare(w.Roots, sources)
	if err != nil {
		panic(err)
	}
	o := w.Offices["CF/bangui"]
	snap := d.Snapshot
	b, err := d.Finish(o.Signer.Statement(statement.Header{Issuer: o.ID, IssuedAt: t, Subject: "snapshot", Synthetic: true}, &snap))
	if err != nil {
		panic(err)
	}
	return b
}

// ParsedPack is Pack, parsed.
func (w *World) ParsedPack(t int64) *pack.Pack {
	p, err := pack.Parse(w.Pack(t), canonical.Hash{})
	if err != nil {
		panic(err)
	}
	return p
}

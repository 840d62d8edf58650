package forge

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/certificate/generate/openkeys"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// The clock of the world, in seconds since 1970. A certificate is issued a minute
// after it begins, attested ten seconds later, and presented when the reader's pack
// is an hour old.
const (
	start    int64 = 1795420800 // 2026-11-23T08:00:00Z
	issued         = start + 60
	attested       = start + 70
	packed         = start + 3600
	judged         = start + 7200

	day  = 86400
	year = 366 * day
)

// logWithin is how soon a certificate must be recorded.
const logWithin = 3600

// clocks is how far the witnesses' clocks and the issuer's may differ.
const clocks = 300

// world is two Participants with an office each, and a third that issues on paper
// and has stated its number ranges and specimens.
type world struct {
	trustees *openkeys.Trustees
	root     *trust.Root
	signed   []byte           // the root document with its signatures
	print    canonical.Hash   // its fingerprint
	logs     map[string]*book // by Participant
	cf, ae   *office
	keys     *openkeys.Keys
}

// failure carries an error out of the making of a world: whatever fails there is a
// mistake in this package, and Make gives it to its caller.
type failure struct{ error }

// must gives what was made.
func must[T any](v T, err error) T {
	if err != nil {
		panic(failure{err})
	}
	return v
}

// newWorld makes a world; another seed makes one with the same names and other keys.
func newWorld(seed string) *world {
	w := &world{keys: &openkeys.Keys{Seed: "SYNTHETIC rogues " + seed}, logs: map[string]*book{}}
	w.trustees = must(openkeys.NewTrustees(w.keys))
	w.root = &trust.Root{Version: 1, Issued: start - 3600, Expires: start + year, Scheme: "SYNTHETIC Kimberley Process", Synthetic: true,
		Keys: w.trustees.RootKeys, Threshold: w.trustees.Threshold()}
	for _, code := range []string{"AE", "CF", "SL"} {
		authority := must(w.keys.New("authority", code))
		l := &book{origin: strings.ToLower(code) + ".kp.example/2026", authority: authority, code: code, world: w}
		l.signer = must(w.keys.New("log", l.origin))
		w.logs[code] = l
		w.root.Participants = append(w.root.Participants, trust.Participant{Code: code, Name: "SYNTHETIC " + code, Authority: authority.Key,
			Homes: []trust.Home{{Origin: l.origin}}})
		w.root.Logs = append(w.root.Logs, trust.Log{Origin: l.origin, Policy: w.trustees.PolicyOf(l.signer)})
		digits := uint64(8)
		if code == "SL" {
			digits = 6
		}
		l.states("participant/"+code, &statement.Participant{Code: code, Name: "SYNTHETIC " + code, Authority: "SYNTHETIC authority of " + code, Digits: digits})
	}
	var payload []byte
	var err error
	w.signed, payload, err = w.trustees.SignRoot(w.root)
	w.print = canonical.Sum(must(payload, err))
	w.cf, w.ae = w.office("CF/bangui"), w.office("AE/dubai")
	return w
}

// book is a Participant's log.
type book struct {
	origin    string
	code      string
	signer    *openkeys.Signer
	authority *openkeys.Signer
	leaves    [][]byte
	hashes    []tlog.Hash
	series    []string // earlier checkpoints that packs carry
	world     *world
}

// ReadHashes is for tlog.
func (l *book) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = l.hashes[x]
	}
	return out, nil
}

func (l *book) size() int64 { return int64(len(l.leaves)) }

// add appends an entry and gives its index.
func (l *book) add(leaf []byte) int64 {
	n := l.size()
	l.hashes = append(l.hashes, must(tlog.StoredHashes(n, leaf, l))...)
	l.leaves = append(l.leaves, leaf)
	return n
}

// head is the tree's hash at its present size.
func (l *book) head() canonical.Hash { return canonical.Hash(must(tlog.TreeHash(l.size(), l))) }

// checkpoint is that of the present size, attested at a time.
func (l *book) checkpoint(at int64, pillars ...policy.Pillar) string {
	return l.world.trustees.Checkpoint(l.signer, uint64(l.size()), l.head(), at, pillars...)
}

// seen lets packs carry the checkpoint of the present size.
func (l *book) seen(at int64) { l.series = append(l.series, l.checkpoint(at)) }

// prove proves an entry under the checkpoint of the present size.
func (l *book) prove(index, at int64, pillars ...policy.Pillar) canonical.Text {
	var path []canonical.Hash
	for _, h := range must(tlog.ProveRecord(l.size(), index, l)) {
		path = append(path, canonical.Hash(h))
	}
	return canonical.Text(must(proof.New(index, path, l.checkpoint(at, pillars...))).String())
}

// states has the Participant's authority record a statement; the hash is the
// statement's.
func (l *book) states(subject string, body statement.Body) canonical.Hash {
	st := must(l.authority.State(statement.Header{Issuer: l.code + "/authority", IssuedAt: start, Subject: subject}, body))
	l.add(st)
	return canonical.Sum(st)
}

// office is an office with its keys, and the range of numbers of its one station.
type office struct {
	id, station         string
	key                 *openkeys.Signer
	preparer, validator *openkeys.Signer
	numbers             canonical.Hash
	log                 *book
	next                uint64
}

// signs is what an office's key may sign.
var signs = []statement.Type{statement.TypeCertificate, statement.TypeOpening, statement.TypeVoid, statement.TypeReplacement, statement.TypeLoss,
	statement.TypePrint, statement.TypeReceipt, statement.TypeDiscrepancy, statement.TypeSnapshot, statement.TypeDisposition}

func (w *world) office(id string) *office {
	code := id[:2]
	o := &office{id: id, station: id + "/pc-1", key: must(w.keys.New("office", id)), preparer: must(w.keys.New("preparer", id)),
		validator: must(w.keys.New("validator", id)), log: w.logs[code]}
	o.log.states("key/"+o.key.ID.String(), &statement.OfficeKey{Office: id, Name: "SYNTHETIC office " + id, Use: statement.UseOffice, Key: o.key.Key,
		From: start - 3600, Until: start + year, Types: signs})
	for _, officer := range []*openkeys.Signer{o.preparer, o.validator} {
		o.log.states("key/"+officer.ID.String(), &statement.OfficeKey{Office: id, Use: statement.UseOfficer, Key: officer.Key, From: start - 3600, Until: start + year})
	}
	o.numbers = o.log.states("range/"+o.station, &statement.NumberRange{Participant: code, Digits: 8, First: 1, Last: 1_000_000, Station: o.station,
		LogWithin: logWithin, From: canonical.DayOf(start), Until: canonical.DayOf(start) + 365})
	return o
}

// says has the office record a statement about a certificate at a time.
func (o *office) says(b *bundle.Bundle, at int64, body func(statement.About) statement.Body) {
	number := numberOf(b)
	o.log.add(must(o.key.State(statement.Header{Issuer: o.id, IssuedAt: at, Subject: statement.CertificateSubject(number)},
		body(statement.About{Number: number, Certificate: canonical.Sum(b.Statement)}))))
}

func numberOf(b *bundle.Bundle) string {
	return must(statement.Parse(b.Statement)).Body.(*statement.Certificate).Number
}

// draft is a certificate before it is signed.
type draft struct {
	statement.Header
	statement.Certificate
	facts []commitment.Fact
	seed  []byte
}

// The labels of facts that are shown here (docs/formats, section 3).
const (
	factCarats   = 1
	factHS       = 2
	factOrigin   = 3
	factParcels  = 4
	factExporter = 33
	factImporter = 34
	factValue    = 35
	factSeals    = 36
)

func fact(label uint64, value any) commitment.Fact { return must(commitment.NewFact(label, value)) }

// draft is the office's next certificate, to the other Participant: 12.40 ct of one
// origin in one parcel, signed at a time.
func (o *office) draft(at int64) *draft {
	o.next++
	code := o.id[:2]
	number := fmt.Sprintf("%s%08d", code, o.next)
	to := "AE"
	if code == to {
		to = "CF"
	}
	seed := canonical.Sum([]byte("SYNTHETIC rogues " + number))
	d := &draft{seed: seed[:commitment.SeedSize], facts: []commitment.Fact{
		fact(factCarats, uint64(1240)), fact(factHS, []any{[]any{"7102.10", uint64(1240)}}), fact(factOrigin, []any{[]any{code, uint64(1240)}}),
		fact(factParcels, uint64(1)), fact(factExporter, []string{"SYNTHETIC Bureau d’achat Exemple", "Avenue Exemple, Bangui"}),
		fact(factImporter, []string{"SYNTHETIC Example Trading", "Example Tower, Dubai"}), fact(factValue, uint64(248000)),
		fact(factSeals, []any{[]string{"1", "A118"}})}}
	d.Header = statement.Header{Type: statement.TypeCertificate, Issuer: o.id, IssuedAt: at, Subject: statement.CertificateSubject(number), Synthetic: true}
	today := canonical.DayOf(at)
	d.Certificate = statement.Certificate{Number: number, Kind: statement.KindExport, Destination: to, Issued: today, Expires: today + 60, Range: o.numbers,
		Station: o.station, Facts: must(commitment.Commit(d.seed, d.facts)), RuleSet: canonical.Sum([]byte("SYNTHETIC rules")), Preparer: o.preparer.ID, Validator: o.validator.ID}
	return d
}

// approved has both officers approve the draft.
func (o *office) approved(d *draft) [][]byte {
	digest := must(statement.ApprovalDigest(d.Header, &d.Certificate))
	pair := [][]byte{must(o.preparer.Sign(statement.ContentApproval, digest[:], true)), must(o.validator.Sign(statement.ContentApproval, digest[:], true))}
	d.FourEyes = statement.PairHash(pair[0], pair[1])
	return pair
}

// sign signs a draft as the office does: with both approvals.
func (o *office) sign(d *draft) *bundle.Bundle {
	approvals := o.approved(d)
	b := d.signedBy(o.key)
	b.Approvals = approvals
	return b
}

// signedBy is the certificate under whoever's key, without approvals.
func (d *draft) signedBy(k *openkeys.Signer) *bundle.Bundle {
	return &bundle.Bundle{Version: 1, Statement: must(k.State(d.Header, &d.Certificate)), Disclosure: &commitment.Disclosure{Seed: d.seed, Facts: slices.Clone(d.facts)}}
}

// record logs a signed certificate and joins its proof.
func (l *book) record(b *bundle.Bundle, at int64, pillars ...policy.Pillar) *bundle.Bundle {
	b.Proof = l.prove(l.add(b.Statement), at, pillars...)
	return b
}

// issue is the whole of an honest certificate, issued and recorded in time.
func (o *office) issue() *bundle.Bundle { return o.log.record(o.sign(o.draft(issued)), attested) }

// pack is what a reader carries, made by an office at a time.
func (w *world) pack(at int64, by *office) []byte {
	var sources []pack.Source
	for _, code := range []string{"AE", "CF", "SL"} {
		l := w.logs[code]
		sources = append(sources, pack.Source{Checkpoint: l.checkpoint(at), Series: l.series, Leaves: l.leaves})
	}
	d := must(pack.Prepare([][]byte{w.signed}, sources))
	return must(d.Finish(must(by.key.State(statement.Header{Issuer: by.id, IssuedAt: at, Subject: "snapshot"}, &d.Snapshot))))
}

func at(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

// b64 is the base64 of signed notes.
var b64 = base64.StdEncoding

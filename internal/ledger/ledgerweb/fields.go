package ledgerweb

import (
	"encoding/hex"
	"strings"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// field is one thing that a statement says: its name in JSON, which is also that
// of its words (ledger.field.<name>), and its value.
type field struct {
	name  string
	value any
}

// Sentence says a statement in one plain sentence.
func Sentence(p *lang.Printer, t statement.Type, issuer, subject string) string {
	key := "ledger.said." + strings.ReplaceAll(t.String(), "-", "_")
	if !p.Has(key) {
		key = "ledger.said.other"
	}
	return p.T(key, lang.Args{"issuer": issuer, "subject": spoken(subject), "type": typeWords(p, t)})
}

// SentenceOf is Sentence for a statement at hand, whose body may say more than its
// subject does. Only what everybody may read stands in a body.
func SentenceOf(p *lang.Printer, st *statement.Statement) string {
	key, args := "", lang.Args{"issuer": st.Issuer, "subject": spoken(st.Subject)}
	switch b := st.Body.(type) {
	case *statement.NumberRange:
		return Sentence(p, st.Type, st.Issuer, "range/"+grouped(b.Number(b.First))+" – "+grouped(b.Number(b.Last)))
	case *statement.Certificate:
		key, args["to"] = "certificate", ident.ParticipantCode(b.Destination)
		if b.Kind != statement.KindExport {
			key, args["kind"] = "certificate_of_kind", kindOf(b.Kind)
		}
	case *statement.Receipt:
		key, args["carats"] = "receipt", measure.Carats(b.Carats*10)
	case *statement.Transcript:
		key, args["claimed"] = "transcript", ident.ParticipantCode(b.Claimed)
	case *statement.Attestation:
		key, args["by"], args["carats"] = "attestation", ident.ParticipantCode(b.By), measure.Carats(b.Carats*10)
	case *statement.Replacement:
		key, args["by"] = "replacement", grouped(b.By)
	case *statement.Disposition:
		key, args["step"] = "disposition", stepOf(b.Step)
	case *statement.OfficeKey:
		key, args["office"] = "office_key", b.Office
	case *statement.RuleSet:
		key, args["version"] = "rule_set", b.Version
	case *statement.Participant:
		key, args["name"], args["code"] = "participant", b.Name, b.Code
	}
	if key = "ledger.said_more." + key; !p.Has(key) {
		return Sentence(p, st.Type, st.Issuer, st.Subject)
	}
	return p.T(key, args)
}

// CertificateOf is the number of the certificate that a subject names; "" for another
// subject.
func CertificateOf(subject string) ident.CertificateNumber {
	if number, ok := strings.CutPrefix(subject, "certificate/"); ok {
		if n, err := ident.ParseNumber(number); err == nil {
			return n
		}
	}
	return ""
}

// TypeWords is what a type of statement is called.
func TypeWords(p *lang.Printer, t statement.Type) string { return typeWords(p, t) }

// spoken is a subject as people read it: a certificate by its number in groups.
func spoken(subject string) string {
	if number, ok := strings.CutPrefix(subject, "certificate/"); ok {
		return grouped(number)
	}
	return PlainSubject(subject)
}

// grouped is a certificate's number in groups that stay together on a line.
func grouped(number string) string {
	if n, err := ident.ParseNumber(number); err == nil {
		return strings.ReplaceAll(n.Display(), " ", "\u00a0")
	}
	return number
}

// typeWords is what a type of statement is called; its code for one that this
// version does not know.
func typeWords(p *lang.Printer, t statement.Type) string {
	key := "ledger.type." + strings.ReplaceAll(t.String(), "-", "_")
	if !p.Has(key) {
		return t.String()
	}
	return p.T(key, nil)
}

// PlainSubject is a subject without its kind: "CF00000001" of
// "certificate/CF00000001".
func PlainSubject(s string) string {
	_, rest, ok := strings.Cut(s, "/")
	if !ok {
		return s
	}
	return rest
}

// fieldsOf lists what a body says, in its own order.
func fieldsOf(body statement.Body) []field {
	if about, ok := statement.Concerns(body); ok {
		return append([]field{{"number", about.Number}, {"certificate", about.Certificate}}, eventFields(body)...)
	}
	switch b := body.(type) {
	case *statement.Participant:
		return []field{{"code", b.Code}, {"name", b.Name}, {"authority", b.Authority}, {"digits", b.Digits}}
	case *statement.OfficeKey:
		return []field{{"office", b.Office}, {"name", b.Name}, {"use", useOf(b.Use)}, {"key_id", b.Key.ID()}, {"algorithm", b.Key.Alg.String()},
			{"from", moment(b.From)}, {"until", moment(b.Until)}, {"may_sign", b.Types}, {"recipient", b.Age}, {"home", b.Home}}
	case *statement.KeyRevoked:
		return []field{{"key_id", b.Key}, {"reason", b.Reason}, {"cut_off", b.CutOff}}
	case *statement.NumberRange:
		return []field{{"first", b.Number(b.First)}, {"last", b.Number(b.Last)}, {"station", b.Station}, {"offline", b.Offline},
			{"log_within", time.Duration(b.LogWithin) * time.Second}, {"from", period.Date(b.From)}, {"until", period.Date(b.Until)}}
	case *statement.Certificate:
		return []field{{"number", b.Number}, {"kind", kindOf(b.Kind)}, {"destination", ident.ParticipantCode(b.Destination)}, {"issued", period.Date(b.Issued)},
			{"expires", period.Date(b.Expires)}, {"station", b.Station}, {"range", b.Range}, {"custody", b.Custody}, {"rule_set", b.RuleSet},
			{"preparer", b.Preparer}, {"validator", b.Validator}}
	case *statement.CustodyRoot:
		return []field{{"lot", b.Lot}, {"sources", b.Sources.Hash}}
	case *statement.RuleSet:
		return []field{{"set", b.Set}, {"version", b.Version}, {"content", b.Content}, {"from", period.Date(b.From)}}
	case *statement.Snapshot:
		return []field{{"count", b.Count}, {"logs", b.Logs}, {"digest", b.Digest}}
	case *statement.LogClosed:
		return []field{{"at", []statement.Vector{b.At}}, {"successor", b.Successor}, {"reason", b.Reason}}
	case *statement.Standing:
		return []field{{"code", ident.ParticipantCode(b.Code)}, {"event", b.Kind}, {"from", period.Date(b.From)}, {"until", period.Date(b.Until)},
			{"what", b.What}, {"source", b.Source}, {"certainty", b.Certainty}}
	case *statement.Specimen:
		return []field{{"code", ident.ParticipantCode(b.Participant)}, {"name", b.Name}, {"from", period.Date(b.From)}, {"until", period.Date(b.Until)},
			{"features", b.Features}, {"pictures", uint64(len(b.Pictures))}}
	case *statement.RoleGrant:
		return []field{{"key_id", b.Key}, {"office", b.Office}, {"roles", strings.Join(b.Roles, ", ")}, {"from", moment(b.From)}, {"until", moment(b.Until)}}
	case *statement.Transcript:
		return []field{{"number", b.Number}, {"claimed", ident.ParticipantCode(b.Claimed)}, {"kind", kindOf(b.Kind)}, {"issued", period.Date(b.Issued)},
			{"expires", period.Date(b.Expires)}, {"destination", ident.ParticipantCode(b.Destination)}, {"original", b.Original},
			{"findings", strings.Join(b.Findings, ", ")}, {"scans", digests(b.Scans)}}
	case *statement.Opaque:
		return []field{{"cbor", hex.EncodeToString(b.CBOR)}}
	}
	return nil
}

// openedFacts counts the facts that a disclosure shows, whole or in part.
func openedFacts(d *commitment.Disclosure) (n uint64) {
	for _, slot := range d.Slots {
		if slot.Shown != nil {
			n++
		}
	}
	return n + uint64(len(d.Facts))
}

// digests writes hashes out, in the order in which they stand.
func digests(hashes []canonical.Hash) string {
	var out []string
	for _, h := range hashes {
		out = append(out, h.String())
	}
	return strings.Join(out, ", ")
}

// eventFields are what is said of a certificate beside its number.
func eventFields(body statement.Body) []field {
	switch b := body.(type) {
	case *statement.Opening:
		return []field{{"facts", openedFacts(&b.Facts)}}
	case *statement.Void:
		return []field{{"reason", b.Reason}}
	case *statement.Replacement:
		return []field{{"replaced_by", b.By}, {"reason", b.Reason}}
	case *statement.Loss:
		return []field{{"day", period.Date(b.Day)}, {"reason", b.Reason}}
	case *statement.Print:
		return []field{{"paper", b.Paper}, {"reason", b.Reason}}
	case *statement.Receipt:
		return []field{{"day", period.Date(b.Day)}, {"carats", measure.Carats(b.Carats * 10)}, {"parcels", b.Parcels}}
	case *statement.Attestation:
		return []field{{"confirmed_by", ident.ParticipantCode(b.By)}, {"day", period.Date(b.Day)}, {"carats", measure.Carats(b.Carats * 10)}, {"parcels", b.Parcels},
			{"scans", digests(b.Scans)}}
	case *statement.Discrepancy:
		return []field{{"day", period.Date(b.Day)}, {"reason", b.Reason}}
	case *statement.Advice:
		return []field{{"to_office", b.To}, {"day", period.Date(b.Day)}, {"exit", b.Exit}, {"note", b.Note}}
	case *statement.Disposition:
		return []field{{"step", stepOf(b.Step)}, {"day", period.Date(b.Day)}, {"reason", b.Reason}, {"under", b.Under}}
	case *statement.Endorsement:
		return []field{{"field", b.Field}, {"correction", b.Correction.Hash}, {"reason", b.Reason}}
	case *statement.Transit:
		return []field{{"in", period.Date(b.In)}, {"out", period.Date(b.Out)}, {"identical", b.Identical}, {"remark", b.Remark}}
	}
	return nil
}

func moment(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

// word is a value with words of its own.
type word string

// TextKeys names them, for lang.
func (w word) TextKeys() []string { return []string{"ledger.word." + string(w)} }

func useOf(u statement.Use) word {
	switch u {
	case statement.UseOffice:
		return "office"
	case statement.UseOfficer:
		return "officer"
	}
	return "unknown"
}

// named is the word of a code; "unknown" beyond the last.
func named[N ~uint64](n N, words ...word) word {
	if n == 0 || n > N(len(words)) {
		return "unknown"
	}
	return words[n-1]
}

func kindOf(k statement.Kind) word {
	return named(k, "export", "technical", "temporary", "laboratory", "return")
}

func stepOf(s statement.Step) word {
	return named(s, "detained", "released", "returned", "seized", "sold", "destroyed")
}

// show is a value as people read it; "" for one that says nothing.
func show(p *lang.Printer, value any) string {
	switch v := value.(type) {
	case canonical.Hash:
		if v.IsZero() {
			return ""
		}
		return v.String()
	case bool:
		if v {
			return p.T("ledger.word.yes", nil)
		}
		return p.T("ledger.word.no", nil)
	case time.Duration:
		if v%time.Hour == 0 {
			return p.T("ledger.hours", lang.Args{"count": int64(v / time.Hour)})
		}
		return p.T("ledger.seconds", lang.Args{"count": int64(v / time.Second)})
	case statement.Type:
		return typeWords(p, v)
	case []statement.Type:
		var names []string
		for _, t := range v {
			names = append(names, typeWords(p, t))
		}
		return strings.Join(names, ", ")
	case []statement.Vector:
		var lines []string
		for _, x := range v {
			lines = append(lines, p.T("ledger.vector", lang.Args{"log": x.Origin, "size": x.Size, "root": x.Root.String()}))
		}
		return strings.Join(lines, "\n")
	}
	return p.Show(value)
}

// plain is a value in JSON: days and times ISO 8601, weights as strings in carats,
// lengths of time in seconds, hashes hexadecimal.
func plain(value any) any {
	switch v := value.(type) {
	case time.Duration:
		return int64(v / time.Second)
	case word:
		return string(v)
	case measure.Carats:
		return v.String()
	case []statement.Type:
		return append([]statement.Type{}, v...)
	case []statement.Vector:
		return vectorsOf(v)
	}
	return value
}

// vectorView is a point of a log in JSON.
type vectorView struct {
	Origin string         `json:"origin"`
	Size   uint64         `json:"size"`
	Root   canonical.Hash `json:"root"`
}

func vectorsOf(vs []statement.Vector) []vectorView {
	out := []vectorView{}
	for _, v := range vs {
		out = append(out, vectorView{v.Origin, v.Size, v.Root})
	}
	return out
}

// saysView is a statement in JSON; type and the rest are missing for a leaf that
// is no statement.
type saysView struct {
	Index     *uint64          `json:"index,omitempty"`
	Leaf      canonical.Hash   `json:"leaf,omitzero"` // RFC 6962 leaf hash
	Statement canonical.Hash   `json:"statement"`
	Type      string           `json:"type,omitempty"`
	Issuer    string           `json:"issuer,omitempty"`
	Subject   string           `json:"subject,omitempty"`
	IssuedAt  *time.Time       `json:"issued_at,omitempty"`
	KeyID     string           `json:"key_id,omitempty"`
	Prev      string           `json:"prev,omitempty"`
	Refs      []canonical.Hash `json:"refs,omitempty"`
	Synthetic bool             `json:"synthetic"`
	Body      map[string]any   `json:"body,omitempty"`
	Blob      *blobView        `json:"blob,omitempty"`
}

type blobView struct {
	Hash  canonical.Hash `json:"hash"`
	Size  uint64         `json:"size"`
	Media string         `json:"media"`
}

// View is a statement in JSON, for other faces.
func View(st *statement.Statement) any { return viewOf(st) }

func viewOf(st *statement.Statement) saysView {
	v := saysView{Statement: st.Hash, Type: st.Type.String(), Issuer: st.Issuer, Subject: st.Subject, IssuedAt: new(moment(st.IssuedAt)),
		KeyID: st.Signed.KeyID.String(), Refs: st.Refs, Synthetic: st.Synthetic}
	if !st.Prev.IsZero() {
		v.Prev = st.Prev.String()
	}
	if st.Blob != nil {
		v.Blob = &blobView{st.Blob.Hash, st.Blob.Size, st.Blob.Media}
		return v
	}
	v.Body = map[string]any{}
	for _, f := range fieldsOf(st.Body) {
		v.Body[f.name] = plain(f.value)
	}
	return v
}

package paper

import (
	"fmt"
	"time"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/commitment"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// SealFound is a container seal as it was on arrival.
type SealFound struct {
	Container, Seal string
	Intact          bool
}

// Receipt is a confirmation of import (KPCS III(b)(ii)) as its office holds it: what it
// has stated, and what it knows beside that.
type Receipt struct {
	Signed      *bundle.Bundle // the statement, with its proof once it is witnessed
	Policy      *policy.Policy // of the log that the proof is of
	Certificate *bundle.Bundle // as it was handed in, with whatever it disclosed
	Place       string         // where the goods were presented
	Scale       string
	Seals       []SealFound
	Value       *uint64 // US cents, where the office has valued again
	Measured    uint64  // thousandths of a carat; 0 where only the statement is at hand
}

// confirmation is a receipt while it is printed.
type confirmation struct {
	*sheet
	Receipt
	st     *statement.Statement
	body   *statement.Receipt
	cert   *statement.Certificate
	issuer string // of the certificate
	facts  *verify.Facts
	like   reading.Likeness
	record record
}

// confirm reads both statements. Errors: a receipt that is none, or of another
// certificate; a false proof.
func confirm(words *lang.Catalogue, r Receipt, p Profile, title string) (*confirmation, error) {
	st, err := statement.Parse(r.Signed.Statement)
	if err != nil {
		return nil, err
	}
	body, ok := st.Body.(*statement.Receipt)
	if !ok {
		return nil, fmt.Errorf("paper: no receipt")
	}
	of, err := statement.Parse(r.Certificate.Statement)
	if err != nil {
		return nil, err
	}
	cert, root, ok := certified(of.Body)
	if !ok || of.Hash != body.Certificate {
		return nil, fmt.Errorf("paper: the receipt is of another certificate")
	}
	facts := &verify.Facts{}
	if r.Certificate.Disclosure != nil {
		open, err := r.Certificate.Disclosure.Open(root)
		if err != nil {
			return nil, err
		}
		if facts, err = verify.DecodeFacts(open); err != nil {
			return nil, err
		}
	}
	c := &confirmation{Receipt: r, st: st, body: body, cert: cert, issuer: of.Issuer, facts: facts, like: reading.LikenessOf(st, r.Signed.Statement)}
	if c.record, err = recordOf(r.Signed, r.Policy); err != nil {
		return nil, err
	}
	p.Stock = Plain // what is printed on already is for certificates
	c.sheet = newSheet(words, p, document.Meta{Title: title + " " + display(cert.Number), Made: time.Unix(st.IssuedAt, 0), Synthetic: st.Synthetic})
	if _, paper := of.Body.(*statement.Transcript); paper {
		c.issuer = c.both("not_signed")
	}
	c.Attach(st.Participant()+"-"+cert.Number+"-receipt.cose", "Signed statement of receipt; paper "+Version, r.Signed.Statement)
	if len(r.Signed.Proof) > 0 {
		c.Attach(st.Participant()+"-"+cert.Number+"-receipt.tlog-proof", "Proof that it is recorded", []byte(r.Signed.Proof.String()))
	}
	return c, nil
}

// certified is what a receipt's paper tells of a certificate: of one from outside, what
// was keyed of it, which its issuer has not signed.
func certified(body statement.Body) (*statement.Certificate, commitment.Root, bool) {
	switch b := body.(type) {
	case *statement.Certificate:
		return b, b.Facts, true
	case *statement.Transcript:
		return &statement.Certificate{Number: b.Number, Kind: b.Kind, Destination: b.Destination, Issued: b.Issued, Expires: b.Expires}, b.Facts, true
	}
	return nil, commitment.Root{}, false
}

// PrintReceipt makes the PDF of a confirmation of import. Errors: of statements that do
// not belong together, or a false proof.
func PrintReceipt(words *lang.Catalogue, r Receipt, p Profile) ([]byte, error) {
	s, err := confirm(words, r, p, "Confirmation of import")
	if err != nil {
		return nil, err
	}
	columns, more, err := s.arrange([2][]block{s.labelled(s.parties()), s.labelled(s.seals())}, signaturesAt-comparedTo)
	if err != nil {
		return nil, err
	}
	s.title(ident.ParticipantCode(s.st.Participant()), "receipt_title", "receipt_statement")
	s.identity(59.5, s.like, "receipt_of", display(s.cert.Number))
	s.Rule(left, 90, right, 90, 0.35, document.Accent)
	s.pageNumber()
	s.compare(95)
	s.columns(comparedTo, signaturesAt, columns)
	s.Rule(left, signaturesAt, right, signaturesAt, 0.2, document.Hair)
	s.signature(left, signaturesAt, column, "confirmed_by", fmt.Sprintf("%x", s.st.Signed.KeyID[:]))
	s.label(second, signaturesAt+3.6, column, s.both("stamp"))
	if err := s.codes(codesAt, codes.Receipt, s.Signed, s.record, "code_receipt"); err != nil {
		return nil, err
	}
	s.foot("receipt_not_said")
	for _, page := range more {
		s.next("receipt_title", s.st.Participant(), display(s.cert.Number), s.like, page)
	}
	return s.Bytes()
}

// comparedTo is where the columns begin, below the comparison.
const comparedTo = 126.8

// labelled names blocks by their keys.
func (s *sheet) labelled(blocks []block) (out []block) {
	for _, b := range blocks {
		if len(b.rows) > 0 {
			b.label = s.both(b.label)
			out = append(out, b)
		}
	}
	return out
}

func named(key string, b block) block {
	b.label = key
	return b
}

// compare sets what was found against what the certificate says.
func (s *confirmation) compare(y float64) {
	const stated, found = 128.0, right
	s.label(left, y, 60, s.both("compared"))
	s.Right(stated, y, s.both("on_certificate"))
	s.Right(found, y, s.both("as_found"))
	s.Rule(left, y+2.2, right, y+2.2, 0.2, document.Hair)
	y += 8.4
	line := func(key, on, as string) {
		s.label(left, y, 60, s.both(key))
		s.Type(document.Plain, 10.5, document.Ink)
		s.Right(stated, y, or(on, "–"))
		s.Type(document.Bold, 12, document.Ink)
		s.Right(found, y, or(as, "–"))
		y += 7.4
	}
	line("carats", s.optional(s.facts.Carats, s.carats), s.carats(s.body.Carats))
	line("parcels", s.optional(s.facts.Parcels, s.count), s.count(s.body.Parcels))
	line("value", s.optional(s.facts.Value, s.usd), s.optional(s.Value, s.usd))
	s.Rule(left, y-4, right, y-4, 0.2, document.Hair)
}

func or(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

func (s *sheet) optional(v *uint64, in func(uint64) string) string {
	if v == nil {
		return ""
	}
	return in(*v)
}

func (s *sheet) count(n uint64) string { return s.en.Number(int64(n)) }

// parties are who, where and when.
func (s *confirmation) parties() []block {
	party := func(p *verify.Party) block {
		if p == nil {
			return said(s.both("not_disclosed"))
		}
		return said(p.Name, p.Address)
	}
	return []block{
		named("from", said(s.participant(s.cert.Participant()), s.issuer)),
		named("received_by", said(s.p.Office+" ("+s.st.Issuer+")", s.Place)),
		named("exporter", party(s.facts.Exporter)),
		named("importer", party(s.facts.Importer)),
	}
}

// seals are the container seals as they were found, and the tariff lines.
func (s *confirmation) seals() []block {
	return []block{
		named("received_on", said(s.day(s.body.Day))),
		named("issued", said(s.day(s.cert.Issued))),
		named("hs", s.tariff(s.facts)),
		named("seals_found", tableOf(len(s.Seals), func(i int) row {
			state := "intact"
			if !s.Seals[i].Intact {
				state = "broken"
			}
			return row{s.Seals[i].Container + "   " + s.Seals[i].Seal, s.both(state)}
		})),
		named("scale", said(s.Scale)),
	}
}

package paper

import (
	"fmt"
	"strings"
	"time"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// certificate is a certificate with all of its facts, while it is printed.
type certificate struct {
	*sheet
	cert  *statement.Certificate
	st    *statement.Statement
	facts *verify.Facts
	like  reading.Likeness
}

// Where the parts of the first page stand.
const (
	fieldsAt     = 96.0
	signaturesAt = 188.0
	codesAt      = 216.0
)

// opened reads a certificate and what it discloses. Errors: of a bundle that is no
// certificate or does not show its facts.
func opened(b *bundle.Bundle) (*statement.Statement, *statement.Certificate, *verify.Facts, error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return nil, nil, nil, err
	}
	cert, ok := st.Body.(*statement.Certificate)
	if !ok || b.Disclosure == nil {
		return nil, nil, nil, fmt.Errorf("paper: no certificate with its facts")
	}
	open, err := b.Disclosure.Open(cert.Facts)
	if err != nil {
		return nil, nil, nil, err
	}
	facts, err := verify.DecodeFacts(open)
	return st, cert, facts, err
}

// Print makes the PDF of a certificate. pol is the policy of the log that its proof is
// of; nil when it brings none. Errors: of a bundle that is no certificate, does not
// show all of its facts, or brings a false proof.
func Print(words *lang.Catalogue, b *bundle.Bundle, pol *policy.Policy, p Profile) ([]byte, error) {
	st, cert, facts, err := opened(b)
	if err != nil {
		return nil, err
	}
	file, err := b.Encode()
	if err != nil {
		return nil, err
	}
	r, err := recordOf(b, pol)
	if err != nil {
		return nil, err
	}
	number := display(cert.Number)
	s := &certificate{newSheet(words, p, document.Meta{Title: "Kimberley Process Certificate " + number, Made: time.Unix(st.IssuedAt, 0), Synthetic: st.Synthetic}),
		cert, st, facts, reading.LikenessOf(st, b.Statement)}
	s.Attach(cert.Number+".adamas", "Signed certificate, facts and proof, for adamas verify; paper "+Version, file)
	columns, more, err := s.arrange([2][]block{s.blocks(p.Left), s.blocks(p.Right)}, signaturesAt-fieldsAt)
	if err != nil {
		return nil, err
	}
	s.head(number)
	s.pageNumber()
	s.columns(fieldsAt, signaturesAt, columns)
	s.signatures(signaturesAt)
	if err := s.codes(codesAt, codes.Certificate, b, r, "code_certificate"); err != nil {
		return nil, err
	}
	s.foot("not_said")
	for _, page := range more {
		s.next("title", st.Participant(), number, s.like, page)
	}
	return s.Bytes()
}

// head is title, statutory sentence and number (Annex I: the first three). Paper that
// is printed on already has the first two.
func (s *certificate) head(number string) {
	if s.p.Stock == Plain {
		s.title(ident.ParticipantCode(s.st.Participant()), "title", "statement")
	}
	s.identity(59.5, s.like, "number", number)
	s.frame(90)
}

// blocks are the fields of a column that have something to say, in its order.
func (s *certificate) blocks(names []string) (out []block) {
	for _, name := range names {
		b := fields[name](s)
		if len(b.rows) == 0 {
			continue
		}
		b.label = s.both(name)
		out = append(out, b)
	}
	return out
}

func (s *certificate) party(p *verify.Party) block {
	if p == nil {
		return block{}
	}
	return said(p.Name, p.Address)
}

// fields are those of Annex I, then what Participants add, by the names that profiles
// have for them.
var fields = map[string]func(s *certificate) block{
	"origin":    (*certificate).origin,
	"from":      func(s *certificate) block { return said(s.participant(s.st.Participant())) },
	"to":        func(s *certificate) block { return said(s.participant(s.cert.Destination)) },
	"issued":    func(s *certificate) block { return said(s.day(s.cert.Issued)) },
	"expires":   func(s *certificate) block { return said(s.day(s.cert.Expires)) },
	"authority": func(s *certificate) block { return said(s.p.Office + " (" + s.st.Issuer + ")") },
	"exporter":  func(s *certificate) block { return s.party(s.facts.Exporter) },
	"importer":  func(s *certificate) block { return s.party(s.facts.Importer) },
	"carats": func(s *certificate) block {
		if s.facts.Carats == nil {
			return block{}
		}
		return said(s.carats(*s.facts.Carats))
	},
	"value": func(s *certificate) block {
		if s.facts.Value == nil {
			return block{}
		}
		return said(s.usd(*s.facts.Value))
	},
	"parcels": func(s *certificate) block {
		if s.facts.Parcels == nil {
			return block{}
		}
		return said(s.en.Number(int64(*s.facts.Parcels)))
	},
	"hs": func(s *certificate) block { return s.tariff(s.facts) },
	"seals": func(s *certificate) block {
		return tableOf(len(s.facts.Seals), func(i int) row { return row{s.facts.Seals[i].Container, s.facts.Seals[i].Seal} })
	},
	"consumed": func(s *certificate) block {
		b := tableOf(len(s.facts.Consumed), func(i int) row {
			return row{display(s.facts.Consumed[i].Number), s.carats(s.facts.Consumed[i].Hundredths)}
		})
		b.mono = true
		return b
	},
	"additions": func(s *certificate) block {
		return tableOf(len(s.facts.Additions), func(i int) row { return row{s.facts.Additions[i].Field, s.facts.Additions[i].Value} })
	},
	"carriage": func(s *certificate) block {
		if s.facts.Carriage == nil {
			return block{}
		}
		return said(strings.Join([]string{s.facts.Carriage.Carrier, s.facts.Carriage.Licence}, ", "))
	},
}

// origin is a country, or as the destination wants mixed origin: every country with
// its carats, or asterisks (KPCS Annex I A; domain.md 2.6).
func (s *certificate) origin() block {
	set := s.facts.Origin
	switch {
	case len(set) == 1:
		return said(s.country(set[0].Name))
	case len(set) > 1 && s.p.Mixed(ident.ParticipantCode(s.cert.Destination), period.Date(s.cert.Issued)) == Asterisks:
		return said("***")
	}
	return tableOf(len(set), func(i int) row { return row{s.country(set[i].Name), s.carats(set[i].Hundredths)} })
}

// signatures is where officers sign by hand, over what they signed by key.
func (s *certificate) signatures(y float64) {
	s.Rule(left, y, right, y, 0.2, document.Hair)
	for i, key := range []string{"prepared", "validated"} {
		x, id := []float64{left, second}[i], [][]byte{s.cert.Preparer[:], s.cert.Validator[:]}[i]
		s.signature(x, y, column, key, fmt.Sprintf("%x", id))
	}
}

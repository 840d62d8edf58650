// Package paper prints a certificate: English and the national language, every field
// of Annex I, container seals, two QR codes that prove it without a network, words to
// compare over a telephone, and what the paper does not say (design.md §8, style.md).
//
// Invariant: the PDF is a function of bundle, policy, profile and this package's
// version. Whoever has them makes the same bytes, so that a PDF whose text was changed
// is found out by printing it again.
package paper

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// Version is the renderer's: another one may print other bytes.
const Version = "1"

//go:embed text
var text embed.FS

// Text is the words on the paper.
func Text() fs.FS { return text }

// Profile is how an office prints.
type Profile struct {
	Language lang.Language // the second one, beside English
	Site     string        // in the codes: scheme and host, capitals; HTTPS://V.KP.EXAMPLE
	Office   string        // the issuing authority, in words
	DX, DY   float64       // offset in millimetres on paper that is printed on already
}

// sheet is one printing.
type sheet struct {
	*document.Page
	en, na   *lang.Printer
	cert     *statement.Certificate
	st       *statement.Statement
	facts    *verify.Facts
	office   string
	likeness reading.Likeness
}

// The page, in millimetres.
const (
	left, right  = 15.0, document.Width - 15
	middle       = document.Width / 2
	column       = 86.0
	second       = right - column
	codeSide     = 40.0
	codesAt      = 217.0
	fieldLeading = 3.8
	fieldGap     = 1.4
	fieldsEnd    = codesAt - 30 // the signatures follow
)

// Print makes the PDF of a certificate. pol is the policy of the log that its proof is
// of; nil when it brings none. Errors: of a bundle that is no certificate or does not
// show all of its facts.
func Print(words *lang.Catalogue, b *bundle.Bundle, pol *policy.Policy, p Profile) ([]byte, error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return nil, err
	}
	cert, ok := st.Body.(*statement.Certificate)
	if !ok || b.Disclosure == nil {
		return nil, fmt.Errorf("paper: no certificate with its facts")
	}
	open, err := b.Disclosure.Open(cert.Facts)
	if err != nil {
		return nil, err
	}
	facts, err := verify.DecodeFacts(open)
	if err != nil {
		return nil, err
	}
	file, err := b.Encode()
	if err != nil {
		return nil, err
	}
	number := ident.CertificateNumber(cert.Number).Display()
	s := &sheet{en: words.Printer(lang.English), na: words.Printer(p.Language), cert: cert, st: st, facts: facts, office: p.Office, likeness: reading.LikenessOf(st, b.Statement)}
	s.Page = document.New(document.Meta{Title: "Kimberley Process Certificate " + number, Author: p.Office, Language: p.Language.Tag().String(),
		Made: time.Unix(st.IssuedAt, 0), DX: p.DX, DY: p.DY})
	s.Attach(cert.Number+".adamas", "Signed certificate, facts and proof, for adamas verify; paper "+Version, file)
	if st.Synthetic {
		s.Synthetic("SYNTHETIC")
	}
	s.head(number)
	y := s.fields()
	if y > fieldsEnd {
		return nil, fmt.Errorf("paper: its fields take %.0f mm more than a page has", y-fieldsEnd)
	}
	s.signatures(y)
	if err := s.codes(b, pol, p.Site); err != nil {
		return nil, err
	}
	s.foot()
	return s.Bytes()
}

// both is a key in the two languages, once where they are the same.
func (s *sheet) both(key string) string {
	return joined(s.en.T("paper."+key, nil), s.na.T("paper."+key, nil))
}

func joined(en, na string) string {
	if en == na {
		return en
	}
	return en + " / " + na
}

// head is title, statutory sentence and number (Annex I: the first three).
func (s *sheet) head(number string) {
	s.Rosette(s.likeness.Rosette, middle, 70, 19, document.Colour{190, 214, 214})
	s.Type(document.Plain, 9, document.Quiet)
	s.Centre(middle, 15, joined(s.en.Participant(ident.ParticipantCode(s.st.Participant())), s.na.Participant(ident.ParticipantCode(s.st.Participant()))))
	s.Type(document.Bold, 21, document.Accent)
	s.Centre(middle, 25, s.en.T("paper.title", nil))
	national := s.na.Language() != lang.English
	if national {
		s.Type(document.Bold, 12, document.Accent)
		s.Centre(middle, 31.5, s.na.T("paper.title", nil))
	}
	s.Type(document.Plain, 8, document.Ink)
	y := s.centred(37.5, s.en.T("paper.statement", nil))
	if national {
		s.centred(y+0.8, s.na.T("paper.statement", nil))
	}
	s.Type(document.Mono, 27, document.Ink)
	s.Centre(middle, 71, number)
	s.Type(document.Plain, 6.5, document.Quiet)
	s.Centre(middle, 61, s.both("number"))
	s.Type(document.Mono, 10, document.Accent)
	s.Centre(middle, 78.5, ornament.CheckWords(s.likeness.Words))
	s.Type(document.Plain, 6.5, document.Quiet)
	s.Centre(middle, 82.5, s.both("check_words"))
	s.Rule(left, 92, right, 92, 0.35, document.Accent)
}

func (s *sheet) centred(y float64, words string) float64 {
	for _, line := range s.Lines(words, 172) {
		s.Centre(middle, y, line)
		y += 3.6
	}
	return y
}

// field is a label over its lines; it gives where the next one begins.
func (s *sheet) field(x, y float64, label string, lines ...string) float64 {
	s.Type(document.Plain, 6.5, document.Quiet)
	y = s.Para(x, y, column, 2.8, s.both(label))
	s.Type(document.Plain, 9, document.Ink)
	y += 1
	for _, l := range lines {
		y = s.Para(x, y, column, fieldLeading, l)
	}
	return y + fieldGap
}

// row is a line of a small table: text left, number right.
func (s *sheet) row(x, y float64, name, value string) float64 {
	s.Line(x, y, name)
	s.Right(x+column, y, value)
	return y + fieldLeading
}

func (s *sheet) carats(hundredths uint64) string {
	c, err := measure.FromHundredths(int64(hundredths))
	if err != nil { // more than all diamonds ever mined
		return fmt.Sprintf("%d.%02d ct", hundredths/100, hundredths%100)
	}
	return s.en.Carats(c)
}

func (s *sheet) day(d canonical.Day) string {
	return joined(s.en.Date(period.Date(d)), s.na.Date(period.Date(d)))
}

func (s *sheet) country(code string) string {
	return code + "  " + joined(s.en.Country(ident.CountryCode(code)), s.na.Country(ident.CountryCode(code)))
}

func (s *sheet) participant(code string) string {
	return code + "  " + joined(s.en.Participant(ident.ParticipantCode(code)), s.na.Participant(ident.ParticipantCode(code)))
}

// fields are those of Annex I in its order, then what Participants add.
func (s *sheet) fields() float64 {
	f, y := s.facts, 97.5
	y = s.origin(y)
	y = s.field(left, y, "from", s.participant(s.st.Participant()))
	y = s.field(left, y, "to", s.participant(s.cert.Destination))
	y = s.field(left, y, "issued", s.day(s.cert.Issued))
	y = s.field(left, y, "expires", s.day(s.cert.Expires))
	y = s.field(left, y, "authority", s.office+" ("+s.st.Issuer+")")
	if p := f.Exporter; p != nil {
		y = s.field(left, y, "exporter", p.Name, p.Address)
	}
	if p := f.Importer; p != nil {
		y = s.field(left, y, "importer", p.Name, p.Address)
	}
	z := 97.5
	if f.Carats != nil {
		z = s.field(second, z, "carats", s.carats(*f.Carats))
	}
	if f.Value != nil {
		z = s.field(second, z, "value", s.en.USD(measure.USD(*f.Value)))
	}
	if f.Parcels != nil {
		z = s.field(second, z, "parcels", s.en.Number(int64(*f.Parcels)))
	}
	z = s.tariff(z)
	z = s.table(z, "seals", len(f.Seals), func(i int) (string, string) { return f.Seals[i].Container, f.Seals[i].Seal })
	z = s.table(z, "consumed", len(f.Consumed), func(i int) (string, string) {
		return ident.CertificateNumber(f.Consumed[i].Number).Display(), s.carats(f.Consumed[i].Hundredths)
	})
	z = s.table(z, "additions", len(f.Additions), func(i int) (string, string) { return f.Additions[i].Field, f.Additions[i].Value })
	if c := f.Carriage; c != nil {
		z = s.field(second, z, "carriage", strings.Join([]string{c.Carrier, c.Licence}, ", "))
	}
	return max(y, z)
}

// origin names every country of origin, with its carats where there is more than one
// (KPCS Annex I A: unmixed origin; domain.md 2.6).
func (s *sheet) origin(y float64) float64 {
	if len(s.facts.Origin) == 1 {
		return s.field(left, y, "origin", s.country(s.facts.Origin[0].Name))
	}
	var lines []string
	for _, o := range s.facts.Origin {
		lines = append(lines, s.country(o.Name)+"  "+s.carats(o.Hundredths))
	}
	return s.field(left, y, "origin", lines...)
}

// tariff lists the lines of the Harmonized System with weight and value.
func (s *sheet) tariff(y float64) float64 {
	return s.table(y, "hs", len(s.facts.HS), func(i int) (string, string) {
		h := s.facts.HS[i]
		value := s.carats(h.Hundredths)
		for _, v := range s.facts.HSValues {
			if v.Name == h.Name {
				value += "   " + s.en.USD(measure.USD(v.Cents))
			}
		}
		return h.Name, value
	})
}

func (s *sheet) table(y float64, label string, n int, row func(i int) (string, string)) float64 {
	if n == 0 {
		return y
	}
	y = s.field(second, y, label) - fieldGap
	for i := range n {
		name, value := row(i)
		y = s.row(second, y, name, value)
	}
	return y + fieldGap
}

// signatures is where officers sign by hand, over what they signed by key.
func (s *sheet) signatures(y float64) {
	s.Rule(left, y, right, y, 0.2, document.Hair)
	for i, key := range []string{"prepared", "validated"} {
		x, id := []float64{left, second}[i], [][]byte{s.cert.Preparer[:], s.cert.Validator[:]}[i]
		s.Type(document.Plain, 6.5, document.Quiet)
		s.Line(x, y+4, s.both(key))
		s.Type(document.Mono, 8, document.Ink)
		s.Line(x, y+9, fmt.Sprintf("%x", id))
		s.Rule(x, y+19, x+column, y+19, 0.2, document.Ink)
		s.Type(document.Plain, 6.5, document.Quiet)
		s.Line(x, y+22, s.both("signature"))
	}
}

// codes prints the certificate's code and the proof's, with what they are for.
func (s *sheet) codes(b *bundle.Bundle, pol *policy.Policy, site string) error {
	s.Rule(left, codesAt-6, right, codesAt-6, 0.35, document.Accent)
	if err := s.code(left+3, codes.Certificate.Text(site, b.Statement), "code_certificate"); err != nil {
		return err
	}
	state, x := "state_signed", left+3+codeSide+8
	if len(b.Proof) > 0 && pol != nil {
		full, err := proof.Parse(b.Proof.String())
		if err != nil {
			return err
		}
		small, err := full.Compact(pol)
		if err != nil {
			return err
		}
		if err := s.code(right-3-codeSide, codes.Proof.Text(site, small), "code_proof"); err != nil {
			return err
		}
		state = "state_witnessed"
	}
	width := right - 3 - codeSide - 8 - x
	s.Type(document.Bold, 9, document.Accent)
	y := s.Para(x, codesAt+1, width, 4.2, s.en.T("paper."+state, nil))
	if s.na.Language() != lang.English {
		s.Type(document.Plain, 7.5, document.Quiet)
		y = s.Para(x, y, width, 3.4, s.na.T("paper."+state, nil))
	}
	s.Type(document.Plain, 7, document.Ink)
	y = s.Para(x, y+1.5, width, 3.1, s.en.T("paper.how", nil))
	if s.na.Language() != lang.English {
		s.Para(x, y+1, width, 3.1, s.na.T("paper.how", nil))
	}
	return nil
}

func (s *sheet) code(x float64, text, caption string) error {
	q, err := document.NewQR(text, codeSide)
	if err != nil {
		return err
	}
	s.QR(q, x, codesAt, codeSide)
	s.Type(document.Plain, 6.5, document.Quiet)
	s.Para(x, codesAt+codeSide+5, codeSide+4, 2.8, s.both(caption))
	return nil
}

// foot says what the paper does not.
func (s *sheet) foot() {
	const y = 272.0
	s.Rule(left, y, right, y, 0.2, document.Hair)
	s.Type(document.Bold, 7, document.Ink)
	s.Line(left, y+4, s.both("not_said_title"))
	s.Type(document.Plain, 6.8, document.Ink)
	z := s.Para(left, y+7.6, right-left, 2.9, s.en.T("paper.not_said", nil))
	if s.na.Language() != lang.English {
		s.Type(document.Plain, 6.8, document.Quiet)
		s.Para(left, z, right-left, 2.9, s.na.T("paper.not_said", nil))
	}
}

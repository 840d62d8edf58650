// Package paper prints what an office hands out or files: the certificate, the
// confirmation of import with its coupon, the register page. Each is in English and the
// national language, with words to compare over a telephone, two QR codes that prove it
// without a network where something signed is printed, how far its record has come, and
// what the paper does not say (KPCS Annex I, design.md §8, style.md).
//
// Invariants: a PDF is a function of what it is called with and of this package's
// version, no clock and no chance. Whoever has bundle, policy and profile makes the same
// bytes, so that a PDF whose text was changed is found out by printing it again. What a
// page does not hold goes on on the next; nothing is cut off. Whatever differs from
// Participant to Participant is data (profiles.toml in package data).
package paper

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
)

// Version is the renderer's: another one may print other bytes.
const Version = "3"

//go:embed text
var text embed.FS

// Text is the words on the paper.
func Text() fs.FS { return text }

// Words loads what the papers are printed in.
func Words() (*lang.Catalogue, error) { return lang.Load(Text(), consignment.Text()) }

// sheet is one printing.
type sheet struct {
	*document.Page
	en, na *lang.Printer
	p      Profile
	number int // of the page
	pages  int

	set     setting
	waiting []string // labels of fields that begin on a later page
}

func newSheet(words *lang.Catalogue, p Profile, m document.Meta) *sheet {
	m.Author, m.Language, m.DX, m.DY = p.Office, p.Language.Tag().String(), p.DX, p.DY
	return &sheet{Page: document.New(m), en: words.Printer(lang.English), na: words.Printer(p.Language), p: p, number: 1, pages: 1, set: roomy}
}

// The page, in millimetres.
const (
	left, right  = 15.0, document.Width - 15
	middle       = document.Width / 2
	column       = 86.0
	second       = right - column
	codeSide     = 40.0
	fieldLeading = 3.9
	pageEnd      = 284.0
)

// national tells whether there is a language beside English.
func (s *sheet) national() bool { return s.na.Language() != lang.English }

// both is a key in the two languages, once where they are the same.
func (s *sheet) both(key string, args ...lang.Args) string {
	var a lang.Args
	if len(args) > 0 {
		a = args[0]
	}
	return joined(s.en.T("paper."+key, a), s.na.T("paper."+key, a))
}

func joined(en, na string) string {
	if en == na {
		return en
	}
	return en + " / " + na
}

// label prints the small words over something, as wide as that is.
func (s *sheet) label(x, y, width float64, words string) float64 {
	s.Type(document.Plain, 6.5, document.Quiet)
	return s.Para(x, y, width, 2.8, words)
}

// twice prints a key in English and, more quietly, in the national language.
func (s *sheet) twice(x, y, width, size, leading float64, key string, args lang.Args) float64 {
	s.Type(document.Plain, size, document.Ink)
	y = s.Para(x, y, width, leading, s.en.T("paper."+key, args))
	if !s.national() {
		return y
	}
	s.Type(document.Plain, size, document.Quiet)
	return s.Para(x, y+0.5, width, leading, s.na.T("paper."+key, args))
}

func (s *sheet) centred(y, width, leading float64, words string) float64 {
	for _, line := range s.Lines(words, width) {
		s.Centre(middle, y, line)
		y += leading
	}
	return y
}

// title prints Participant, title and a sentence below it, centred, and gives the
// baseline that comes next.
func (s *sheet) title(participant ident.ParticipantCode, title, sentence string) float64 {
	s.Type(document.Plain, 9, document.Quiet)
	s.Centre(middle, 15, joined(s.en.Participant(participant), s.na.Participant(participant)))
	s.Type(document.Bold, 21, document.Accent)
	s.Centre(middle, 25, s.en.T("paper."+title, nil))
	y := 32.0
	if s.national() {
		s.Type(document.Bold, 12, document.Accent)
		s.Centre(middle, 31.5, s.na.T("paper."+title, nil))
		y = 38
	}
	s.Type(document.Plain, 8, document.Ink)
	y = s.centred(y, 172, 3.6, s.en.T("paper."+sentence, nil))
	if s.national() {
		s.Type(document.Plain, 8, document.Quiet)
		y = s.centred(y+0.6, 172, 3.6, s.na.T("paper."+sentence, nil))
	}
	return y
}

// identity prints the number large over the rosette of what was signed, and the words
// that are the first bits of its place in the log.
func (s *sheet) identity(y float64, l reading.Likeness, label, number string) {
	s.Rosette(l.Rosette, middle, y+12.5, 17.5, document.Colour{196, 218, 218})
	s.Type(document.Plain, 6.5, document.Quiet)
	s.Centre(middle, y+4, s.both(label))
	s.Type(document.Mono, 27, document.Ink)
	s.Centre(middle, y+14.5, number)
	s.Type(document.Mono, 10, document.Accent)
	s.Centre(middle, y+21.5, ornament.CheckWords(l.Words))
	s.Type(document.Plain, 6.5, document.Quiet)
	s.Centre(middle, y+25.8, s.both("check_words"))
}

// pageNumber stands at the top right of a paper of more pages than one.
func (s *sheet) pageNumber() {
	if s.pages > 1 {
		s.Type(document.Plain, 8, document.Quiet)
		s.Right(right, 15, fmt.Sprintf("%d / %d", s.number, s.pages))
	}
}

func (s *sheet) carats(hundredths uint64) string {
	c, err := measure.FromHundredths(int64(hundredths))
	if err != nil { // more than all diamonds ever mined
		return fmt.Sprintf("%d.%02d ct", hundredths/100, hundredths%100)
	}
	return s.en.Carats(c)
}

func (s *sheet) usd(cents uint64) string { return s.en.USD(measure.USD(cents)) }

func (s *sheet) day(d canonical.Day) string {
	return joined(s.en.Date(period.Date(d)), s.na.Date(period.Date(d)))
}

func (s *sheet) country(code string) string {
	return code + "  " + joined(s.en.Country(ident.CountryCode(code)), s.na.Country(ident.CountryCode(code)))
}

func (s *sheet) participant(code string) string {
	return code + "  " + joined(s.en.Participant(ident.ParticipantCode(code)), s.na.Participant(ident.ParticipantCode(code)))
}

func display(number string) string { return ident.CertificateNumber(number).Display() }

// record is how far something signed has come when it is printed, as its bundle shows.
type record struct {
	key     string // of the words
	mark    document.Mark
	time    time.Time // oldest of the witnesses'; zero when it is not witnessed
	compact []byte    // the proof for its code; nil when there is none
}

// recordOf holds the proof of a bundle against the policy of its log, without which
// none is believed. A proof that the log has signed and too few witnesses have is
// shown as what it is. Errors: of a proof that is false; no paper is printed with it.
func recordOf(b *bundle.Bundle, pol *policy.Policy) (record, error) {
	r := record{key: "signed", mark: document.Pending}
	if len(b.Proof) == 0 || pol == nil {
		return r, nil
	}
	full, err := proof.Parse(b.Proof.String())
	if err != nil {
		return r, err
	}
	if err := full.CheckPath(proof.LeafHash(b.Statement)); err != nil {
		return r, err
	}
	cosigned, err := pol.Check(full.Checkpoint)
	switch {
	case err == nil:
		r.key, r.mark, r.time = "witnessed", document.Good, time.Unix(cosigned.Time, 0)
	case errors.Is(err, policy.ErrQuorum):
		r.key, r.mark = "recorded", document.Unsure
	default:
		return r, err
	}
	r.compact, err = full.Compact(pol)
	return r, err
}

// codes prints the code of what was signed and, right, that of its proof; between
// them the state of the record, and how to check.
func (s *sheet) codes(y float64, k codes.Kind, b *bundle.Bundle, r record, caption string) error {
	s.frame(y - 6)
	if err := s.code(left, y, false, k.Text(s.p.Site, b.Statement), caption); err != nil {
		return err
	}
	x, end := left+codeSide+8, right
	if r.compact != nil {
		if err := s.code(right, y, true, codes.Proof.Text(s.p.Site, r.compact), "code_proof"); err != nil {
			return err
		}
		end -= codeSide + 8
	}
	what := "state_" + r.key + "_what"
	if k == codes.Receipt && r.key == "signed" {
		what = "receipt_signed_what"
	}
	z := s.state(x, y+1.5, end-x, r, what)
	s.twice(x, z+1.6, end-x, 6.8, 2.9, "how", nil)
	return nil
}

// state prints how far the record has come: a shape, a word, and what that means, with
// what a witness attests (design.md §1).
func (s *sheet) state(x, y, width float64, r record, what string) float64 {
	s.Mark(r.mark, x+1.8, y-1.3, 1.8)
	s.Type(document.Bold, 9.5, r.mark.Colour())
	y = s.Para(x+5.5, y, width-5.5, 4.1, s.en.T("paper.state_"+r.key, nil))
	if s.national() {
		s.Type(document.Bold, 7.5, r.mark.Colour())
		y = s.Para(x+5.5, y-0.5, width-5.5, 3.4, s.na.T("paper.state_"+r.key, nil))
	}
	y += 0.8
	return s.twice(x, y, width, 6.8, 2.9, what, lang.Args{"time": r.time})
}

// code prints a code that begins at x, or ends there, over what it is for.
func (s *sheet) code(x, y float64, ends bool, text, caption string) error {
	q, err := document.NewQR(text, codeSide)
	if err != nil {
		return err
	}
	if ends {
		x -= q.Side(codeSide)
	}
	s.QR(q, x, y, codeSide)
	s.label(x, y+q.Side(codeSide)+4, q.Side(codeSide), s.both(caption))
	return nil
}

// foot says what the paper does not.
func (s *sheet) foot(key string) {
	const y = 270.0
	s.Rule(left, y, right, y, 0.2, document.Hair)
	s.Type(document.Bold, 7, document.Ink)
	s.Line(left, y+4, s.both("not_said_title"))
	s.twice(left, y+7.4, right-left, 6.6, 2.8, key, nil)
}

// frame is a line of the form, which paper that is printed on already has.
func (s *sheet) frame(y float64) {
	if s.p.Stock == Plain {
		s.Rule(left, y, right, y, 0.35, document.Accent)
	}
}

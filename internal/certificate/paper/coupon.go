package paper

import (
	"fmt"
	"time"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/lang"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/statement"
)

// coupon is the import confirmation that goes back to the exporting office (KPCS
// Annex I B): the upper half of a page; the lower stays with whoever has sent it. What
// the importing office has not stated yet is a line to write on.
type coupon struct {
	*sheet
	cert   *statement.Certificate
	issuer string // of the certificate
	facts  *verify.Facts
	like   reading.Likeness // of what the code holds
	found  *confirmation    // nil: to be filled in by hand
	code   *document.QR     // of the receipt, or of the certificate
	key    statement.KeyID  // that signed the receipt
}

// couponCode is the side of the code on a coupon, in millimetres.
const couponCode = 40.0

// PrintCoupon makes the PDF of the coupon of a receipt. Errors: as PrintReceipt.
func PrintCoupon(words *lang.Catalogue, r Receipt, p Profile) ([]byte, error) {
	c, err := confirm(words, r, p, "Import confirmation coupon")
	if err != nil {
		return nil, err
	}
	s := &coupon{sheet: c.sheet, cert: c.cert, issuer: c.issuer, facts: c.facts, like: c.like, found: c, key: c.st.Signed.KeyID}
	if s.code, err = document.NewQR(codes.Receipt.Text(p.Site, r.Signed.Statement), couponCode); err != nil {
		return nil, err
	}
	return s.bytes()
}

// PrintBlankCoupon makes the coupon that travels with a certificate to an office that
// states no receipts: it fills the coupon in by hand, signs it and sends it back.
func PrintBlankCoupon(words *lang.Catalogue, b *bundle.Bundle, p Profile) ([]byte, error) {
	st, cert, facts, err := opened(b)
	if err != nil {
		return nil, err
	}
	s := &coupon{sheet: newSheet(words, p, document.Meta{Title: "Import confirmation coupon " + display(cert.Number), Made: time.Unix(st.IssuedAt, 0), Synthetic: st.Synthetic}),
		cert: cert, issuer: st.Issuer, facts: facts, like: reading.LikenessOf(st, b.Statement)}
	if s.code, err = document.NewQR(codes.Certificate.Text(p.Site, b.Statement), couponCode); err != nil {
		return nil, err
	}
	return s.bytes()
}

func (s *coupon) bytes() ([]byte, error) {
	s.upper()
	s.lower()
	return s.Bytes()
}

// torn is where the coupon is torn off.
const torn = document.Height / 2

func (s *coupon) upper() {
	s.Rosette(s.like.Rosette, right-couponCode/2, 24, 12, document.Colour{196, 218, 218})
	s.Type(document.Plain, 9, document.Quiet)
	s.Line(left, 14, s.participant(s.cert.Destination))
	s.Type(document.Bold, 15, document.Accent)
	s.Line(left, 21.5, s.en.T("paper.coupon_title", nil))
	if s.national() {
		s.Type(document.Bold, 9.5, document.Accent)
		s.Line(left, 27, s.na.T("paper.coupon_title", nil))
	}
	s.label(left, 33.5, 120, s.both("coupon_to"))
	s.Type(document.Plain, 9, document.Ink)
	s.Line(left, 37.8, s.issuer+"   "+s.participant(s.cert.Participant()))
	s.Rule(left, 41.5, right, 41.5, 0.35, document.Accent)
	s.label(left, 46.5, 90, s.both("number"))
	s.Type(document.Mono, 19, document.Ink)
	s.Line(left, 54.5, display(s.cert.Number))
	s.label(80, 46.5, 70, s.both("words"))
	s.Type(document.Mono, 9, document.Accent)
	s.Line(80, 54.5, ornament.CheckWords(s.like.Words))
	size := s.code.Side(couponCode)
	x := right - size
	s.QR(s.code, x, 49, couponCode)
	caption := "code_receipt"
	if s.found == nil {
		caption = "code_certificate"
	}
	y := s.label(x, 49+size+4, size, s.both(caption))
	s.twice(x, y+2.5, size, 6.2, 2.7, "coupon_not_said", nil)
	s.confirmed(62)
	s.authenticated(122)
}

// confirmed are the fields of Annex I B: as the certificate has them, and as they were
// found.
func (s *coupon) confirmed(y float64) {
	const width, found, narrow = 122.0, 80.0, 62.0
	s.label(left, y, narrow, s.both("on_certificate"))
	s.label(found, y, narrow, s.both("as_found"))
	y += 2
	s.Rule(left, y, left+width, y, 0.2, document.Hair)
	y += 5
	pair := func(key, stated, as string) {
		s.label(left, y, narrow, s.both(key))
		s.Type(document.Plain, 10, document.Ink)
		s.Line(left, y+4.6, or(stated, "–"))
		s.entry(found, y+4.6, left+width-found, as)
		y += 9.6
	}
	as := func(of func(c *confirmation) string) string {
		if s.found == nil {
			return ""
		}
		return of(s.found)
	}
	pair("carats", s.optional(s.facts.Carats, s.carats), as(func(c *confirmation) string { return s.carats(c.body.Carats) }))
	pair("value", s.optional(s.facts.Value, s.usd), as(func(c *confirmation) string { return or(s.optional(c.Value, s.usd), "–") }))
	pair("parcels", s.optional(s.facts.Parcels, s.count), as(func(c *confirmation) string { return s.count(c.body.Parcels) }))
	s.label(left, y, narrow, s.both("hs_lines"))
	s.Type(document.Plain, 9, document.Ink)
	z := y + 4.4
	for _, h := range s.facts.HS {
		s.Line(left, z, h.Name)
		s.Right(left+55, z, s.carats(h.Hundredths))
		z += fieldLeading
	}
	s.label(found, y, narrow, s.both("importer"))
	lines := []string{s.both("not_disclosed")}
	if p := s.facts.Importer; p != nil {
		lines = []string{p.Name, p.Address}
	}
	s.fitted(found, y+4.2, left+width+3-found, 16.5, lines)
}

// fitted prints lines in the largest of three sizes in which they take no more than a
// height.
func (s *sheet) fitted(x, y, width, height float64, lines []string) {
	for _, size := range []float64{9, 7.5, 6.5} {
		leading := size * 0.43
		s.Type(document.Plain, size, document.Ink)
		var all []string
		for _, l := range lines {
			all = append(all, s.Lines(l, width)...)
		}
		if float64(len(all))*leading > height && size > 6.5 {
			continue
		}
		for i, l := range all {
			s.Line(x, y+float64(i)*leading, l)
		}
		return
	}
}

// entry prints what is known, or a line to write on.
func (s *sheet) entry(x, y, width float64, known string) {
	if known == "" {
		s.Rule(x, y+0.8, x+width, y+0.8, 0.2, document.Ink)
		return
	}
	s.Type(document.Bold, 11, document.Ink)
	s.Line(x, y, known)
}

// authenticated is day and signature of the Importing Authority.
func (s *coupon) authenticated(y float64) {
	s.Rule(left, y-4.5, right-couponCode-8, y-4.5, 0.2, document.Hair)
	day, office := "", ""
	if s.found != nil {
		day, office = s.en.Date(dateOf(s.found.body.Day)), s.p.Office+" ("+s.found.st.Issuer+")"
	}
	s.label(left, y, 60, s.both("received_on"))
	s.entry(left, y+5, 55, day)
	s.label(80, y, 70, s.both("received_by"))
	s.Type(document.Plain, 9, document.Ink)
	if office == "" {
		s.entry(80, y+5, 57, "")
	} else {
		s.Para(80, y+4.6, 62, fieldLeading, office)
	}
	s.Rule(left, y+18, left+55, y+18, 0.2, document.Ink)
	s.label(left, y+21, 60, s.both("signature"))
	if s.found != nil {
		s.Type(document.Mono, 7.5, document.Ink)
		s.Line(80, y+17.6, fmt.Sprintf("%x", s.key[:]))
		s.label(80, y+21, 62, s.both("confirmed_by"))
	}
}

// lower is the counterfoil.
func (s *coupon) lower() {
	s.Cut(8, torn, document.Width-8, document.Quiet)
	s.Type(document.Plain, 6.5, document.Quiet)
	s.Centre(middle, torn+3.6, s.both("tear"))
	s.Type(document.Bold, 12, document.Accent)
	s.Line(left, torn+16, s.en.T("paper.stub_title", nil))
	if s.national() {
		s.Type(document.Bold, 8.5, document.Accent)
		s.Line(left, torn+21, s.na.T("paper.stub_title", nil))
	}
	s.Type(document.Mono, 13, document.Ink)
	s.Right(right, torn+16, display(s.cert.Number))
	s.Type(document.Mono, 8, document.Accent)
	s.Right(right, torn+21, ornament.CheckWords(s.like.Words))
	s.Rule(left, torn+25, right, torn+25, 0.35, document.Accent)
	y := torn + 31
	facts := [][2]string{{"from", s.participant(s.cert.Participant())}, {"to", s.participant(s.cert.Destination)},
		{"issued", s.day(s.cert.Issued)}, {"carats", or(s.optional(s.facts.Carats, s.carats), "–")}}
	if s.found != nil {
		facts[2] = [2]string{"received_on", s.day(s.found.body.Day)}
		facts[3][1] += "  →  " + s.carats(s.found.body.Carats)
	}
	for i, f := range facts {
		x := []float64{left, second}[i%2]
		s.label(x, y, column, s.both(f[0]))
		s.Type(document.Plain, 9, document.Ink)
		s.Line(x, y+4.4, f[1])
		if i%2 == 1 {
			y += 11
		}
	}
	for i, key := range []string{"sent_on", "sent_by"} {
		x := []float64{left, second}[i]
		s.Rule(x, y+12, x+column, y+12, 0.2, document.Ink)
		s.label(x, y+15, column, s.both(key))
	}
}

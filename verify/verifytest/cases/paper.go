package cases

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// inHand is the PDF that these scenes ask about.
var inHand = canonical.Sum([]byte("SYNTHETIC: a PDF"))

// printed has an office state a print of a PDF, and asks about the one in hand.
func (s *Scene) printed(o *verifytest.Office, l *verifytest.Log, k verifytest.Signer, of canonical.Hash, bend func(*statement.Print)) {
	s.paper = &inHand
	s.about(o, l, k, func(a statement.About) statement.Body {
		p := &statement.Print{About: a, Paper: of, Reason: "SYNTHETIC: original"}
		if bend != nil {
			bend(p)
		}
		return p
	})
}

const notPrinted = "cannot_tell paper.print not_printed"

var paperCases = []Case{
	{Name: "a PDF that was printed", Bend: func(s *Scene) { s.Good(); s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, nil) }, Record: "valid"},
	{Name: "a PDF printed a second time", Bend: func(s *Scene) {
		s.Good()
		s.printed(s.cf, s.cf.Log, s.cf.Signer, canonical.Hash{1}, nil)
		s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, func(p *statement.Print) { p.Reason = "SYNTHETIC: the first was torn" })
		s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, nil)
	}, Record: "valid"},
	{Name: "a PDF that nobody printed", Bend: func(s *Scene) { s.Good(); s.paper = &inHand }, Record: notPrinted},
	{Name: "another PDF than was printed", Bend: func(s *Scene) { s.Good(); s.printed(s.cf, s.cf.Log, s.cf.Signer, canonical.Hash{1}, nil) }, Record: notPrinted},
	{Name: "a PDF printed of other contents", Bend: func(s *Scene) {
		s.Good()
		s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, func(p *statement.Print) { p.Certificate = canonical.Hash{1} })
	}, Record: notPrinted},
	{Name: "a PDF printed of another number", Bend: func(s *Scene) {
		s.Good()
		s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, func(p *statement.Print) { p.Number = "CF00000099" })
	}, Record: notPrinted},
	{Name: "a PDF printed by the destination", Bend: func(s *Scene) { s.Good(); s.printed(s.ae, s.ae.Log, s.ae.Signer, inHand, nil) }, Record: notPrinted},
	{Name: "a PDF printed by a stranger's key", Bend: func(s *Scene) { s.Good(); s.printed(s.cf, s.cf.Log, stranger, inHand, nil) }, Record: notPrinted},
	{Name: "a PDF printed by an officer alone", Bend: func(s *Scene) { s.Good(); s.printed(s.cf, s.cf.Log, s.cf.Preparer, inHand, nil) }, Record: notPrinted},
	{Name: "a PDF printed in another's log", Bend: func(s *Scene) { s.Good(); s.printed(s.cf, s.ae.Log, s.cf.Signer, inHand, nil) }, Record: notPrinted},
	{Name: "a PDF printed after the pack", Bend: func(s *Scene) {
		s.Good()
		s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, nil)
		s.sizes[s.cf.Log.Origin] = int64(len(s.cf.Log.Leaves)) - 1
	}, Record: notPrinted},
	{Name: "a PDF, and the pack lacks a register of its Participant", Bend: func(s *Scene) {
		l := s.fallback()
		s.Good()
		s.paper, s.lacks = &inHand, l.Origin
	}, Record: "cannot_tell paper.print prints_unknown", Import: "cannot_tell paper.print prints_unknown"},
	{Name: "a PDF of a false certificate", Bend: func(s *Scene) {
		s.Good()
		s.Bundle.Disclosure.Facts = s.Bundle.Disclosure.Facts[1:]
		s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, nil)
	}, Record: "invalid facts.match other_facts"},
	{Name: "a PDF of a cancelled certificate", Bend: func(s *Scene) {
		s.Good()
		s.printed(s.cf, s.cf.Log, s.cf.Signer, inHand, nil)
		s.about(s.cf, s.cf.Log, s.cf.Signer, voided)
	}, Record: "valid", Import: "invalid status.void cancelled"},
}

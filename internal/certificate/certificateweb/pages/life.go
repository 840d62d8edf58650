package pages

import (
	"slices"
	"time"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// step is one in the life of a certificate: done, or still ahead.
type step struct {
	Code  string // the same in every language
	Text  string
	When  string
	Path  string // of its entry in this node's register; "" for what nobody states, or another register holds
	Other *link  // another certificate that it names
	Ahead bool

	at     time.Time
	office string
	reason string
	hash   string
}

// at is when its issuer says that it was made.
func (c *content) at() time.Time { return time.Unix(c.StatedAt, 0).UTC() }

// lifeOf lists what has happened in order of time, then what has not yet.
func (d *desk) lifeOf(p *lang.Printer, c *content, l limits) []step {
	entry := ""
	if c.own != nil {
		entry = entryPath(c.Statement)
	}
	done := []step{{Code: "issued", at: c.at(), office: c.Issuer, Path: entry, hash: c.Statement.String(),
		Text: p.T("certificate.page.life.issued", lang.Args{"office": office(p, c.Issuer), "day": c.Expires})}}
	var ahead []step
	at, recorded := c.recorded()
	if recorded {
		done = append(done, step{Code: "witnessed", at: at, Path: entry, hash: c.Statement.String(),
			Text: p.T("certificate.page.life.witnessed", lang.Args{"log": c.origins[0], "index": c.index})})
	} else {
		ahead = append(ahead, unrecorded(p, c))
	}
	for i := range c.Events {
		s := eventStep(p, &c.Events[i])
		if c.Events[i].Origin == d.node.Ledger.Log().Origin() {
			s.Path = entryPath(c.Events[i].Statement)
		}
		done = append(done, s)
	}
	later, overdue := d.clock(p, c, l)
	slices.SortStableFunc(done, func(a, b step) int { return a.at.Compare(b.at) })
	if i := slices.IndexFunc(done, func(s step) bool { return s.Code == "witnessed" }); i >= 0 && c.own == nil {
		one := done[i] // of another register only a time is known by which it was
		one.When = p.T("certificate.page.life.not_later", lang.Args{"time": at})
		done = slices.Insert(slices.Delete(done, i, i+1), 1, one)
	}
	done = append(done, overdue...)
	for i := range done {
		if done[i].When == "" {
			done[i].When = p.Time(done[i].at)
		}
	}
	for _, a := range append(ahead, later...) {
		a.Ahead = true
		done = append(done, a)
	}
	return done
}

// entryPath is the page of an entry in this node's own register; what other registers
// hold has none here.
func entryPath(h canonical.Hash) string { return "/register/" + h.String() }

// unrecorded says how far the record has come.
func unrecorded(p *lang.Printer, c *content) step {
	key := "certificate.page.life.unwitnessed"
	switch {
	case c.own != nil && c.state < ledger.Logged:
		key = "certificate.page.life.unlogged"
	case c.own == nil:
		key = "certificate.page.life.time_unknown"
	}
	return step{Code: "not_witnessed", Text: p.T(key, lang.Args{"log": c.origins[0], "index": c.index})}
}

var stepCodes = map[statement.Type]string{statement.TypeOpening: "opened", statement.TypeVoid: "cancelled", statement.TypeReplacement: "replaced",
	statement.TypeLoss: "lost", statement.TypeReceipt: "received", statement.TypeDiscrepancy: "disputed", statement.TypeEndorsement: "corrected",
	statement.TypeTransit: "transit", statement.TypeAttestation: "attested"}

var dispositions = map[statement.Step]string{statement.Detained: "detained", statement.Released: "released", statement.Returned: "returned",
	statement.Seized: "seized", statement.Sold: "sold", statement.Destroyed: "destroyed"}

// eventStep is what an entitled office has said.
func eventStep(p *lang.Printer, e *life.Event) step {
	code := stepCodes[e.Type]
	if e.Type == statement.TypeDisposition {
		code = dispositions[e.Step]
	}
	args := lang.Args{"office": office(p, e.Issuer), "day": e.Day, "reason": e.Reason, "carats": reading.Carats(e.Hundredths), "count": e.Parcels, "by": ident.ParticipantCode(e.Other)}
	s := step{Code: code, at: time.Unix(e.StatedAt, 0).UTC(), office: e.Issuer, reason: e.Reason, hash: e.Statement.String(),
		Text: p.T("certificate.page.life."+code, args)}
	if n := ident.CertificateNumber(e.Other); n != "" && e.Type != statement.TypeAttestation {
		s.Other = &link{"/certificates/" + string(n), n.Display()}
	}
	return s
}

// clock is what only time does: what is still to come, and what should have.
func (d *desk) clock(p *lang.Printer, c *content, l limits) (ahead, overdue []step) {
	today, state := d.today(), c.State
	answered, opened := c.Ends()
	if !answered {
		if today <= c.Expires {
			ahead = append(ahead, step{Code: "expires", Text: p.T("certificate.page.life.expires", lang.Args{"day": c.Expires})})
		} else {
			overdue = append(overdue, step{Code: "expired", When: p.Show(c.Expires), at: c.Expires.End(), Text: p.T("certificate.page.life.expired", nil)})
		}
	}
	if state == life.Issued && !answered {
		due := c.Expires.AddDays(l.confirm)
		key := "certificate.page.life.awaited"
		if today > due {
			key = "certificate.page.life.overdue"
		}
		ahead = append(ahead, step{Code: "not_confirmed", Text: p.T(key, lang.Args{"to": c.Destination, "day": due, "rule": confirmRule})})
	}
	if !opened {
		due := c.Expires.AddDays(l.open)
		key := "certificate.page.life.withheld"
		if today > due {
			key = "certificate.page.life.unopened"
		}
		ahead = append(ahead, step{Code: "not_opened", Text: p.T(key, lang.Args{"from": c.Participant, "day": due, "rule": openRule})})
	}
	return ahead, overdue
}

// opened is what the page says of the facts that are held back.
type opened struct {
	Shown    bool
	Sentence string // why they are not, or who has opened them
	Wrong    bool   // what was opened is not what was signed
	Origin   []weight
	HS       []weight
	Fields   []reading.Field
	List     []parcel
	Made     []line
	Into     []line
	More     bool
	Whole    string // sum of the origin's carats
}

type weight struct{ Name, Code, Carats string }

type parcel struct{ Mark, Container, Carats, Stones string }

// line is a certificate that is named, with the carats that passed.
type line struct{ Path, Number, Carats string }

func (d *desk) openedOf(p *lang.Printer, c *content, l limits) opened {
	due := c.Expires.AddDays(l.open)
	o := opened{Into: lines(p, c.children), More: c.more}
	switch {
	case c.openBad:
		o.Wrong = true
		o.Sentence = p.T("certificate.page.open.wrong", lang.Args{"office": office(p, c.opening.Issuer)})
		return o
	case c.facts == nil && c.opening != nil:
		o.Sentence = p.T("certificate.page.open.unread", nil)
		return o
	case c.facts == nil:
		key := "certificate.page.open.withheld"
		if d.today() > due {
			key = "certificate.page.open.late"
		}
		o.Sentence = p.T(key, lang.Args{"day": due, "rule": openRule, "from": c.Participant})
		return o
	}
	o.Shown = true
	o.Sentence = p.T("certificate.page.open.by", lang.Args{"office": office(p, c.opening.Issuer), "at": time.Unix(c.opening.StatedAt, 0).UTC()})
	f := c.facts
	if f.Carats != nil {
		o.Whole = p.Carats(reading.Carats(*f.Carats))
	}
	for _, w := range f.Origin {
		o.Origin = append(o.Origin, weight{p.Country(ident.CountryCode(w.Name)), w.Name, p.Carats(reading.Carats(w.Hundredths))})
	}
	for _, w := range f.HS {
		name := w.Name
		if key := "certificate.page.hs." + w.Name; p.Has(key) {
			name = p.T(key, nil)
		}
		o.HS = append(o.HS, weight{name, w.Name, p.Carats(reading.Carats(w.Hundredths))})
	}
	if f.Parcels != nil && uint64(len(f.ParcelList)) != *f.Parcels { // else they are listed
		o.Fields = append(o.Fields, reading.Field{Name: p.T("verify.field.parcels", nil), Text: p.Show(*f.Parcels)})
	}
	for _, x := range f.ParcelList {
		row := parcel{Mark: x.Mark, Container: x.Container, Carats: p.Carats(reading.Carats(x.Hundredths))}
		if x.Stones > 0 {
			row.Stones = p.Show(x.Stones)
		}
		o.List = append(o.List, row)
	}
	o.Made = lines(p, c.parents)
	return o
}

func lines(p *lang.Printer, some []relative) (out []line) {
	for _, r := range some {
		n := ident.CertificateNumber(r.number)
		out = append(out, line{"/certificates/" + string(n), n.Display(), p.Carats(reading.Carats(r.hundredths))})
	}
	return out
}

package audit

import (
	"adamas.example/data"
	"adamas.example/internal/audit/standing"
	"adamas.example/internal/audit/wire"
)

// UnknownChoice is a choice that answers no question of the list of standings.
type UnknownChoice = standing.UnknownChoice

// readRegister reads the list given, or the program's own.
func readRegister(opt Options) (*standing.Register, error) {
	list := opt.Standing
	if list == nil {
		var err error
		if list, err = data.FS.ReadFile("kp-documents/standing.csv"); err != nil {
			return nil, err
		}
	}
	return standing.Read(list, opt.Choices)
}

// takeStanding takes in a Participant's own word on its list (KPCS III(c)): its
// authority's. Another's is judged with all entries, and changes nothing.
func (a *auditor) takeStanding(e entry) {
	b := e.Body
	if b == nil || !a.byAuthority(e) {
		return
	}
	if !a.register.State(e.Participant(), b.Text(1), b.Text(2), b.Text(5), b.Text(7), b.Int(3), b.Int(4)) {
		a.found("standing.kind", e.spot, "kind", b.Text(2), "participant", b.Text(1))
	}
}

// judgeStanding holds both Participants of every certificate against the list on
// the day of issue, and on the day of receipt as the receiving one applies it.
func (a *auditor) judgeStanding() {
	said := map[string]bool{}
	for i := range a.certs {
		c := a.certs[i]
		a.did("standing")
		a.standingOf(c, c.spot, true, c.from(), "", int64(c.day), said)
		a.standingOf(c, c.spot, false, c.to, "", int64(c.day), said)
		if l := &c.life; l.receipts > 0 {
			at := spot{log: l.log, index: l.index}
			a.standingOf(c, at, true, c.from(), l.receiver, int64(l.day), said)
			a.standingOf(c, at, false, l.receiver, "", int64(l.day), said)
		}
	}
}

// standingOf judges one Participant on one day. What is uncertain or limited is
// said once for a Participant, list and answer: it concerns every shipment alike.
func (a *auditor) standingOf(c *issued, at spot, exports bool, who, adopter string, day int64, said map[string]bool) {
	s := a.register.Verdict(exports, who, adopter, day)
	code := "standing.import"
	if exports {
		code = "standing.export"
	}
	facts := []any{"number", c.number, "participant", who, "day", dayText(day), "list", adopter}
	once := func(code string) {
		if k := code + who + adopter + s.Trade; !said[k] {
			said[k] = true
			a.found(code, at, facts...)
		}
		a.cannot(code)
	}
	switch {
	case s.Trade == standing.Uncertain:
		once("standing.uncertain")
	case !s.Member || s.Trade == "none" && exports:
		if at.hash == (wire.Hash{}) {
			at = a.spotOf(at.log, at.index)
		}
		a.found(code, at, facts...)
	case s.Trade != "free" && exports:
		once("standing.limited")
	}
}

package verify

import (
	"slices"
	"time"

	"adamas.example/verify/life"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// life reads what later became of the certificate. For record these are notes;
// importable turns those that still stand into checks. Package life says who may
// state what.
func (j *judgement) life(about about) {
	var events []life.Event
	var notes []Note
	for n, e := range about.entries {
		st := e.Statement
		what := life.Of(st.Body)
		if what == 0 || what == life.Opened || !life.MaySay(what, st.Participant(), j.st.Participant()) {
			continue
		}
		of, _ := statement.Concerns(st.Body)
		events = append(events, life.Event{What: what, By: st.Participant(), Of: of.Certificate,
			Home: slices.Index(j.pack.Directory.HomeLogs(st.Participant()), e.Origin), Index: e.Index})
		facts := eventFacts(st.Body)
		if n < about.recorded {
			facts = facts.with(Detail{"log", e.Origin}, Detail{"index", e.Index})
		} else {
			facts = facts.with(Detail{"not_yet_witnessed", true})
		}
		if of.Certificate != j.st.Hash {
			facts = facts.with(Detail{"of_other_content", of.Certificate.String()})
		}
		if what != life.Attested && byDestination[noteCodes[what]] && st.Participant() != j.cert.Destination {
			facts = facts.with(Detail{"by_third_party", true})
		}
		notes = append(notes, Note{Code: noteCodes[what], By: st.Issuer, At: *utc(st.IssuedAt), Facts: facts})
	}
	j.Notes = append(j.Notes, notes...)
	for _, i := range life.Standing(j.st.Participant(), events) {
		j.stand = append(j.stand, standing{events[i].What, &notes[i]})
	}
}

// about is what entitled offices have stated about the certificate's number, first
// what the pack holds.
type about struct {
	entries  []trust.Entry
	recorded int
}

func (j *judgement) about() about {
	entries := j.pack.Directory.About(j.cert.Number)
	return about{append(entries, j.own(entries)...), len(entries)}
}

// own gives what the asking office has signed beyond what is recorded, as if it
// stood after all that its log holds, in the order of signing.
func (j *judgement) own(recorded []trust.Entry) (out []trust.Entry) {
	for i, st := range j.opt.Own {
		about, ok := statement.Concerns(st.Body)
		if !ok || about.Number != j.cert.Number || slices.ContainsFunc(recorded, func(e trust.Entry) bool { return e.Statement.Hash == st.Hash }) {
			continue
		}
		homes := j.pack.Directory.HomeLogs(st.Participant())
		if _, err := j.pack.Directory.Signer(st, nil); err != nil || len(homes) == 0 {
			continue
		}
		e := trust.Entry{Origin: homes[len(homes)-1], Index: uint64(i), Statement: st}
		if l := j.pack.Log(e.Origin); l != nil {
			e.Index += l.Size()
		}
		out = append(out, e)
	}
	return out
}

// standing is an event that nothing later has ended.
type standing struct {
	what life.What
	note *Note
}

var noteCodes = map[life.What]Code{life.Cancelled: CodeVoid, life.Replaced: CodeReplaced, life.Lost: CodeLost, life.Received: CodeUsed,
	life.Discrepant: CodeDiscrepancy, life.Detained: CodeDetained, life.Released: CodeReleased,
	life.Returned: CodeDisposed, life.Seized: CodeDisposed, life.Sold: CodeDisposed, life.Destroyed: CodeDisposed,
	life.Endorsed: CodeEndorsed, life.TransitBroken: CodeTransit,
	life.Attested: CodeUsed}

// byDestination are the events that are expected of the Participant of destination.
var byDestination = map[Code]bool{CodeUsed: true, CodeDiscrepancy: true, CodeDetained: true, CodeReleased: true, CodeDisposed: true}

// eventFacts are what an event tells.
func eventFacts(body statement.Body) Details {
	switch b := body.(type) {
	case *statement.Void:
		return Tell(Detail{"reason", b.Reason})
	case *statement.Replacement:
		return Tell(Detail{"reason", b.Reason}, Detail{"by", b.By})
	case *statement.Loss:
		return Tell(Detail{"reason", b.Reason}, Detail{"day", isoDay(b.Day)})
	case *statement.Receipt:
		return Tell(Detail{"day", isoDay(b.Day)}, Detail{"hundredths", b.Carats}, Detail{"parcels", b.Parcels})
	case *statement.Attestation:
		return Tell(Detail{"confirmed_by", b.By}, Detail{"day", isoDay(b.Day)}, Detail{"hundredths", b.Carats}, Detail{"parcels", b.Parcels})
	case *statement.Discrepancy:
		return Tell(Detail{"day", isoDay(b.Day)}, Detail{"reason", b.Reason})
	case *statement.Disposition:
		facts := Tell(Detail{"step", life.Of(b).String()}, Detail{"day", isoDay(b.Day)}, Detail{"reason", b.Reason})
		if b.Under != "" {
			facts = facts.with(Detail{"under", b.Under})
		}
		return facts
	case *statement.Endorsement:
		return Tell(Detail{"field", b.Field}, Detail{"reason", b.Reason})
	case *statement.Transit:
		return Tell(Detail{"in", isoDay(b.In)}, Detail{"out", isoDay(b.Out)}, Detail{"remark", b.Remark})
	}
	return Details{}
}

// stands gives the first event with a code that still stands, or nil.
func (j *judgement) stands(code Code) *standing {
	for i := range j.stand {
		if j.stand[i].note.Code == code {
			return &j.stand[i]
		}
	}
	return nil
}

// facts are those of the event with who stated it and when, for a check.
func (s *standing) facts() Details {
	return s.note.Facts.with(Detail{"office", s.note.By}, Detail{"at", s.note.At})
}

// importable asks what KPCS III(b) asks at the border: may this be accepted
// now? A receipt in another place, even one that nobody expected, means that
// the number was already presented. Goods that a Participant detains are nobody's
// to accept, not its own either, before it has released them.
func (j *judgement) importable() {
	asOf := j.statusTime()
	for _, s := range []struct {
		code   Code
		reason string
	}{{CodeVoid, "cancelled"}, {CodeReplaced, "replaced"}, {CodeLost, "reported_lost"}, {CodeUsed, "already_imported"}, {CodeDetained, "detained"}} {
		if e := j.stands(s.code); e != nil {
			if e.what == life.Attested { // its issuer's word for what another confirmed on paper
				j.addAsOf(CodeUsed, Invalid, "attested", e.facts(), asOf)
				continue
			}
			j.addAsOf(s.code, Invalid, s.reason, e.facts(), asOf)
		} else {
			j.addAsOf(s.code, Valid, "", Details{}, asOf)
		}
	}
	j.disposed(asOf)
	if e := j.stands(CodeDiscrepancy); e != nil {
		j.addAsOf(CodeDiscrepancy, CannotTell, "case_open", e.facts(), asOf)
	} else {
		j.addAsOf(CodeDiscrepancy, Valid, "", Details{}, asOf)
	}
	j.inDates()
	if j.opt.Destination != "" {
		facts := Tell(Detail{"certificate", j.cert.Destination}, Detail{"here", j.opt.Destination})
		if j.opt.Destination != j.cert.Destination {
			j.add(CodeDestination, Invalid, "other_destination", facts)
		} else {
			j.add(CodeDestination, Valid, "", facts)
		}
	}
	switch {
	case asOf == nil:
		j.add(CodeFresh, CannotTell, "no_status", Details{})
	case j.opt.At.Sub(*asOf) > j.opt.Limits.StatusFor:
		j.addAsOf(CodeFresh, CannotTell, "stale_status", Tell(Detail{"allowed", j.opt.Limits.StatusFor.String()}), asOf)
	default:
		j.addAsOf(CodeFresh, Valid, "", Details{}, asOf)
	}
}

// disposed asks whether an importing state has done with the goods what leaves
// nothing to accept.
func (j *judgement) disposed(asOf *time.Time) {
	e := j.stands(CodeDisposed)
	if e == nil {
		j.addAsOf(CodeDisposed, Valid, "", Details{}, asOf)
		return
	}
	switch e.what {
	case life.Returned:
		j.addAsOf(CodeDisposed, Invalid, "returned", e.facts(), asOf)
	case life.Seized:
		j.addAsOf(CodeDisposed, Invalid, "seized", e.facts(), asOf)
	case life.Sold:
		j.addAsOf(CodeDisposed, Invalid, "sold", e.facts(), asOf)
	default:
		j.addAsOf(CodeDisposed, Invalid, "destroyed", e.facts(), asOf)
	}
}

// inDates asks whether the certificate is within its dates.
func (j *judgement) inDates() {
	at := j.opt.At.Unix()
	expiry := Tell(Detail{"expires", j.Open.Expires})
	switch {
	case at > j.cert.Expires.Last():
		j.add(CodeExpired, Invalid, "expired", expiry)
	case at < j.cert.Issued.First()-int64((14*time.Hour).Seconds()):
		// A day begins up to 14 hours earlier in some office's zone.
		j.add(CodeExpired, Invalid, "not_yet_issued", Tell(Detail{"issued", j.Open.Issued}))
	default:
		j.add(CodeExpired, Valid, "", expiry)
	}
}

// statusTime is how old the knowledge of both sides is: the issuer's logs tell
// of cancellation, the destination's of use. A destination without a log of its
// own (most Participants today) leaves the issuer's. Nil when the pack lacks a
// log that could tell.
func (j *judgement) statusTime() *time.Time {
	from := j.packTime(j.st.Participant())
	if len(j.pack.Directory.HomeLogs(j.cert.Destination)) == 0 {
		return from
	}
	to := j.packTime(j.cert.Destination)
	switch {
	case from == nil || to == nil:
		return nil
	case to.Before(*from):
		return to
	}
	return from
}

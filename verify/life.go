package verify

import (
	"time"

	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// policyOf gives the policy of a log in an earlier root, or nil.
func policyOf(logs []trust.Log, origin string) *policy.Policy {
	for _, l := range logs {
		if l.Origin == origin {
			p, err := policy.Parse(l.Policy)
			if err == nil {
				return p
			}
		}
	}
	return nil
}

// life reads what later became of the certificate. For record these are notes;
// importable turns them into checks. Who may say what: cancel, replace and
// report lost the issuing Participant; receive the Participant of destination.
func (j *judgement) life() {
	for _, e := range j.pack.Directory.About(j.cert.Number) {
		st := e.Statement
		about, _ := statement.Concerns(st.Body)
		ofIssuer := st.Participant() == j.st.Participant()
		facts := []Detail{{"log", e.Origin}, {"index", e.Index}}
		if about.Certificate != j.st.Hash {
			facts = append(facts, Detail{"of_other_content", about.Certificate.String()})
		}
		n := Note{By: st.Issuer, At: *utc(st.IssuedAt)}
		var more []Detail
		switch body := st.Body.(type) {
		case *statement.Void:
			n.Code, more = CodeVoid, []Detail{{"reason", body.Reason}}
		case *statement.Replacement:
			n.Code, more = CodeReplaced, []Detail{{"reason", body.Reason}, {"by", body.By}}
		case *statement.Loss:
			n.Code, more = CodeLost, []Detail{{"reason", body.Reason}, {"day", isoDay(body.Day)}}
		case *statement.Receipt:
			n.Code, more = CodeUsed, []Detail{{"day", isoDay(body.Day)}, {"hundredths", body.Carats}, {"parcels", body.Parcels}}
		case *statement.Discrepancy:
			n.Code, more = CodeDiscrepancy, []Detail{{"day", isoDay(body.Day)}, {"reason", body.Reason}}
		default:
			continue
		}
		byDestination := n.Code == CodeUsed || n.Code == CodeDiscrepancy
		if !byDestination && !ofIssuer {
			continue // a stranger cannot cancel a certificate
		}
		if byDestination && st.Participant() != j.cert.Destination {
			facts = append(facts, Detail{"by_third_party", true})
		}
		n.Facts = Tell(append(facts, more...)...)
		j.Notes = append(j.Notes, n)
	}
}

// importable asks what KPCS III(b) asks at the border: may this be accepted
// now? A receipt in another place, even one that nobody expected, means that
// the number was already presented.
func (j *judgement) importable() {
	asOf := j.statusTime()
	said := map[Code]*Note{}
	for i := range j.Notes {
		if said[j.Notes[i].Code] == nil {
			said[j.Notes[i].Code] = &j.Notes[i]
		}
	}
	for _, s := range []struct {
		code   Code
		reason string
	}{{CodeVoid, "cancelled"}, {CodeReplaced, "replaced"}, {CodeLost, "reported_lost"}, {CodeUsed, "already_imported"}} {
		n := said[s.code]
		if n == nil {
			j.addAsOf(s.code, Valid, "", Details{}, asOf)
			continue
		}
		j.addAsOf(s.code, Invalid, s.reason, n.Facts.with(Detail{"office", n.By}, Detail{"at", n.At}), asOf)
	}
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

package verify

import (
	"errors"
	"time"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/trust"
)

// recorded asks whether the statement stands in its home log before witnesses
// of all three pillars: by the proof that came with it, or else by the leaf
// hashes that the pack carries. A proof that is there must hold, even when the
// pack alone would do: a damaged paper is not a good one.
func (v *Verifier) recorded(j *judgement, b *bundle.Bundle) {
	j.State = "signed"
	if len(b.Proof) == 0 {
		j.byPack()
		return
	}
	var room [proof.UsualPath]canonical.Hash // on the stack
	var s *signed
	index, path, checkpoint, err := proof.Split(b.Proof, room[:])
	if err == nil {
		s, err = v.checkpoint(checkpoint)
	}
	if err != nil {
		j.add(CodeProof, Invalid, "damaged", Tell(Detail{"error", err.Error()}))
		return
	}
	j.checkpoint, j.index = s, index
	p := proof.Proof{Index: index, Path: path, Checkpoint: s.parsed}
	origin := p.Checkpoint.Origin
	facts := Details{(*ofProof)(j)}
	switch {
	case errors.Is(s.err, policy.ErrQuorum):
		// Logged, not witnessed: it counts as unproved (never fail open).
		facts = facts.with(Detail{"why", s.err.Error()})
		j.unproved(CodeQuorum, "too_few_witnesses", facts)
		return
	case errors.Is(s.err, pack.ErrUnknownLog), errors.Is(s.err, policy.ErrUnknownSigner):
		facts = facts.with(Detail{"why", s.err.Error()})
		j.add(CodeProof, CannotTell, "unknown_log_or_witness", facts)
		return
	case s.err != nil:
		facts = facts.with(Detail{"why", s.err.Error()})
		j.add(CodeProof, Invalid, "false_checkpoint", facts)
		return
	case s.nodes.CheckPath(&p, j.leafHash()) != nil:
		j.add(CodeProof, Invalid, "not_in_log", facts)
		return
	}
	j.recorded = time.Unix(s.cosigned.Time, 0).UTC()
	t := &j.recorded
	j.addAsOf(CodeProof, Valid, "", facts, t)
	j.add(CodeQuorum, Valid, "", Details{(*ofQuorum)(j)})
	if s.fork {
		j.add(CodeFork, Invalid, "forked_log", Tell(Detail{"log", origin}, Detail{"size", p.Checkpoint.Size}))
		return
	}
	j.add(CodeFork, Valid, "", Details{(*ofFork)(j)})
	j.placed(trust.Place{Origin: origin, Index: uint64(p.Index)}, t)
	if j.place != nil {
		j.inTime(s.cosigned.Median)
	}
}

// placed takes a proved place, if the log is the issuer's home.
func (j *judgement) placed(at trust.Place, t *time.Time) {
	if err := j.pack.Directory.AtHome(j.st.Participant(), at); err != nil {
		if errors.Is(err, trust.ErrParticipant) {
			j.add(CodeHome, CannotTell, "unknown_participant", Tell(Detail{"participant", j.st.Participant()}))
			return
		}
		j.add(CodeHome, Invalid, "not_home", Tell(Detail{"log", at.Origin}, Detail{"home", j.pack.Directory.HomeLogs(j.st.Participant())}))
		return
	}
	j.add(CodeHome, Valid, "", Details{})
	j.at, j.place, j.State = at, &j.at, "witnessed"
	j.Open.Recorded, j.Open.Log, j.Open.Index = t, at.Origin, &j.at.Index
}

// inTime holds the record's time, the median of the witnesses' clocks, against
// the issuer's own claim: the printed proof carries foreign clocks, and a date
// can only be set back as far as the range allows.
func (j *judgement) inTime(recorded int64) {
	skew := int64(j.opt.Limits.Skew.Seconds())
	facts := Details{(*ofTime)(j)}
	r, _, known := j.pack.Directory.Range(j.cert.Range)
	switch {
	case recorded > j.opt.At.Unix()+skew:
		j.add(CodeTime, CannotTell, "clock_before_record", facts)
	case j.st.IssuedAt > recorded+skew:
		j.add(CodeTime, Invalid, "issued_after_record", facts)
	case known && recorded-j.st.IssuedAt > int64(r.LogWithin)+skew:
		facts = facts.with(Detail{"log_within", (time.Duration(r.LogWithin) * time.Second).String()})
		if j.opt.Purpose == Import {
			j.add(CodeTime, Invalid, "recorded_late", facts)
		} else {
			j.add(CodeTime, CannotTell, "recorded_late", facts)
		}
	default:
		j.add(CodeTime, Valid, "", facts)
	}
}

// byPack looks for the leaf in the logs that may hold it. A log that was home
// once can hold a second copy that counts for nothing, so the search goes on.
func (j *judgement) byPack() {
	leaf := j.leafHash()
	searched := map[string]any{}
	var found *pack.Log
	var at trust.Place
	for _, origin := range j.pack.Directory.HomeLogs(j.st.Participant()) {
		l := j.pack.Log(origin)
		if l == nil {
			continue
		}
		searched[origin] = l.Size()
		i, ok := l.Find(leaf)
		if !ok || found != nil && j.pack.Directory.AtHome(j.st.Participant(), trust.Place{Origin: origin, Index: i}) != nil {
			continue
		}
		found, at = l, trust.Place{Origin: origin, Index: i}
	}
	if found == nil {
		j.unproved(CodeProof, "no_record", Tell(Detail{"searched", searched}))
		return
	}
	t := utc(found.Cosigned.Time)
	j.addAsOf(CodeProof, Valid, "", Tell(Detail{"log", at.Origin}, Detail{"index", at.Index}, Detail{"size", found.Size()}, Detail{"by", "pack"}), t)
	j.placed(at, t)
	if j.place != nil {
		j.timeByPack(found, at.Index)
	}
}

// timeByPack judges the time of record where the pack alone bounds it: recorded by
// the first of its checkpoints that covers the entry, and not yet at the last that
// does not. It is in time if even the late bound is, late if even the early one is,
// and otherwise undecided.
func (j *judgement) timeByPack(l *pack.Log, index uint64) {
	after, before, _ := l.Recorded(index)
	skew := int64(j.opt.Limits.Skew.Seconds())
	r, _, known := j.pack.Directory.Range(j.cert.Range)
	facts := Tell(Detail{"issued", utc(j.st.IssuedAt)}, Detail{"recorded", utc(before)}, Detail{"recorded_before", utc(before)}, Detail{"by", "pack"})
	if after > 0 {
		facts = facts.with(Detail{"recorded_after", utc(after)})
	}
	limit := skew
	if known {
		limit += int64(r.LogWithin)
		facts = facts.with(Detail{"log_within", (time.Duration(r.LogWithin) * time.Second).String()})
	}
	j.Open.Recorded = utc(before)
	switch {
	case j.st.IssuedAt > before+skew:
		j.add(CodeTime, Invalid, "issued_after_record", facts)
	case known && before-j.st.IssuedAt <= limit:
		j.add(CodeTime, Valid, "", facts)
	case known && after > 0 && after-j.st.IssuedAt > limit && j.opt.Purpose == Import:
		j.add(CodeTime, Invalid, "not_recorded_in_time", facts)
	case known && after > 0 && after-j.st.IssuedAt > limit:
		j.add(CodeTime, CannotTell, "not_recorded_in_time", facts)
	case known && j.opt.Purpose == Import:
		j.add(CodeTime, CannotTell, "no_proof_of_time", facts)
	}
}

// unproved decides what a signature without a witnessed record is worth
// (design.md §6): from a station that may issue offline it is open until the
// limit; from any other it should have come with a proof.
func (j *judgement) unproved(code Code, reason string, facts Details) {
	r, _, known := j.pack.Directory.Range(j.cert.Range)
	limit := j.st.IssuedAt
	if known {
		limit += int64(r.LogWithin)
		facts = facts.with(Detail{"log_by", utc(limit)})
	}
	asOf := j.packTime(j.st.Participant())
	packIsLater := asOf != nil && asOf.Unix() > limit+int64(j.opt.Limits.Skew.Seconds())
	switch {
	case !known:
		j.addAsOf(code, CannotTell, reason, facts, asOf)
	case r.Offline && j.opt.At.Unix() <= limit:
		facts = facts.with(Detail{"offline_station", true})
		j.addAsOf(code, CannotTell, reason, facts, asOf)
	case j.opt.Purpose == Import, !r.Offline && packIsLater && code == CodeProof:
		j.addAsOf(code, Invalid, reason, facts, asOf)
	default:
		j.addAsOf(code, CannotTell, reason, facts, asOf)
	}
}

// checkpoint reads and verifies the checkpoint of a proof, once for each text. A
// proof made under an earlier policy is judged by that policy, if every clock in
// it says it was made before the next root was issued: one alone can be set back.
// The error is that of a text that is no checkpoint.
func (v *Verifier) checkpoint(text []byte) (*signed, error) {
	v.mu.Lock()
	s, ok := v.known[string(text)]
	v.mu.Unlock()
	if ok {
		return s, nil
	}
	c, err := policy.ParseCheckpoint(string(text))
	if err != nil {
		return nil, err
	}
	s = v.judgeCheckpoint(c)
	v.mu.Lock()
	if len(v.known) >= maxKnown {
		clear(v.known)
	}
	v.known[string(text)] = s
	v.mu.Unlock()
	return s, nil
}

func (v *Verifier) judgeCheckpoint(c *policy.Checkpoint) *signed {
	s := &signed{parsed: c}
	current, _ := v.pack.Directory.Policy(c.Origin)
	s.cosigned, s.err = pack.Cosigned(v.pack.Chain, current, c)
	if s.err == nil {
		if l := v.pack.Log(c.Origin); l != nil {
			var root canonical.Hash
			if root, s.compared = l.RootAt(uint64(c.Size)); s.compared {
				s.fork = root != c.Root
			}
		}
	}
	return s
}

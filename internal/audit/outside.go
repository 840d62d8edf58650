package audit

import (
	"slices"

	"adamas.example/internal/audit/wire"
)

// paper is one from outside, as transcribed (design.md §8): it never counts as a certificate.
type paper struct {
	spot
	number, by, claimed, office string // by: Participant that transcribed it; claimed: whose certificate it claims to be
	receipts, day, log          int32  // day, log and index of the first receipt
	index, carats               int64
}

// noteTranscript keeps a transcript until what is said of its paper is judged.
func (a *auditor) noteTranscript(e entry) {
	b := e.Body
	if b == nil {
		a.found("entry.form", e.spot, "why", "a transcript whose body is kept apart")
		return
	}
	a.did("transcripts")
	p := &paper{spot: e.spot, number: b.Text(1), by: a.name(e.Participant()), claimed: a.name(b.Text(2)), office: a.name(e.Issuer)}
	if p.by == p.claimed || e.Subject != "certificate/"+p.number {
		a.found("transcript.issuer", e.spot, "number", p.number, "issuer", e.Issuer)
	}
	a.paperList = slices.DeleteFunc(a.paperList, func(o *paper) bool { // it corrects a mis-keyed one, which counts no more
		return len(e.Refs) == 1 && o.office == e.Issuer && o == a.papers[a.short(e.Refs[0])]
	})
	a.papers[a.short(e.hash[:])] = p
	a.paperList = append(a.paperList, p)
}

// judgePaper holds an event about a paper: only who has it in hand says what becomes of it.
func (a *auditor) judgePaper(p *paper, e *event) {
	at := a.spotOf(e.log, e.index)
	ofImporter := slices.Contains([]int8{wire.KindReceipt, wire.KindDiscrepancy, wire.KindDisposition}, e.kind)
	if e.by() != p.by || !ofImporter {
		a.found("transcript.stranger", at, "number", p.number, "issuer", e.issuer)
		return
	}
	if e.kind != wire.KindReceipt {
		return
	}
	if p.receipts++; p.receipts > 1 {
		a.found("receipt.twice", at, "number", p.number, "first", a.where(spot{log: p.log, index: p.index}), "first_day", dayText(int64(p.day)))
		return
	}
	p.log, p.index, p.day, p.carats = e.log, e.index, e.day, e.carats
}

// endPaper counts a paper with its pair, apart from what was signed.
func (a *auditor) endPaper(p *paper) {
	if n, signed := a.numbers[p.number]; signed {
		a.found("transcript.signed", p.spot, "number", p.number, "first", a.where(a.certs[n].spot))
	}
	pair := a.pairOf(p.claimed, p.by)
	pair.Transcribed++
	pair.TranscribedReceived += int64(min(p.receipts, 1))
}

// judgeConsumedPaper holds a re-export's source that came on paper: received, and no more used than came.
func (a *auditor) judgeConsumedPaper(c *issued, p *paper, u consumed, used map[string]int64, say func(string, ...any)) {
	if p.receipts == 0 || p.by != c.from() {
		say("balance.not_received")
	}
	key := string(u.cert[:]) + c.from()
	if used[key] = plus(used[key], u.carats); used[key] > p.carats {
		say("balance.exceeded", "used_hundredths", used[key], "limit_hundredths", p.carats)
	}
}

// judgeAttestation: the issuing Participant attests a confirmation that came on paper.
func (a *auditor) judgeAttestation(c *issued, e *event, say func(string, ...any)) {
	a.did("attestations")
	c.life.attested = true
	if e.other != c.to {
		say("attestation.elsewhere", "destination", c.to, "by", e.other)
	}
	if c.life.ended != 0 {
		say("later.after_end", "issuer", e.issuer)
	}
}

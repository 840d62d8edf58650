package forge

import (
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// rewritten is a file in which one fact is another than was signed. Whoever has the
// file can do it, with an editor.
func rewritten(label uint64, value any) *Attempt {
	w := newWorld("")
	genuine := w.cf.issue()
	rogue := copied(genuine)
	facts := rogue.Disclosure.Facts
	for i := range facts {
		if facts[i].Label == label {
			facts[i] = fact(label, value)
		}
	}
	return w.both(genuine, rogue)
}

func changedWeight() *Attempt { return rewritten(factCarats, uint64(9240)) }

func changedSeal() *Attempt { return rewritten(factSeals, []any{[]string{"1", "A119"}}) }

// expired keeps a paper for its last day to pass. The genuine one was issued a month
// later.
func expired() *Attempt {
	w := newWorld("")
	rogue := w.cf.issue()
	const later = start + 30*day
	genuine := w.cf.log.record(w.cf.sign(w.cf.draft(later)), later+10)
	const ask = start + 61*day
	return w.from(w.pack(ask-3600, w.cf), genuine, rogue).at(ask)
}

// ended presents a certificate of which the issuing office has said something.
func ended(body func(w *world, a statement.About) statement.Body) *Attempt {
	w := newWorld("")
	genuine, rogue := w.cf.issue(), w.cf.issue()
	w.cf.says(rogue, start+600, func(a statement.About) statement.Body { return body(w, a) })
	return w.both(genuine, rogue)
}

func void() *Attempt {
	return ended(func(_ *world, a statement.About) statement.Body {
		return &statement.Void{About: a, Reason: "SYNTHETIC: the sale did not take place"}
	})
}

func replaced() *Attempt {
	return ended(func(w *world, a statement.About) statement.Body {
		return &statement.Replacement{About: a, By: numberOf(w.cf.issue()), Reason: "SYNTHETIC: a misprint"}
	})
}

func lost() *Attempt {
	return ended(func(_ *world, a statement.About) statement.Body {
		return &statement.Loss{About: a, Day: canonical.DayOf(start), Reason: "SYNTHETIC: stolen from the courier"}
	})
}

// samePaperTwice sends a second parcel with a paper under which the first was
// received.
func samePaperTwice() *Attempt {
	w := newWorld("")
	genuine, rogue := w.cf.issue(), w.cf.issue()
	w.ae.says(rogue, start+600, func(a statement.About) statement.Body {
		return &statement.Receipt{About: a, Day: canonical.DayOf(start), Carats: 1240, Parcels: 1}
	})
	return w.both(genuine, rogue)
}

// diverted takes a genuine certificate elsewhere than it was issued for: the office
// in Dubai has issued one for Bangui, and it is presented in Dubai.
func diverted() *Attempt {
	w := newWorld("")
	return w.both(w.cf.issue(), w.ae.issue())
}

// twoContents is an office that signs two contents under one number: each of two
// buyers has a certificate that looks right by itself.
func twoContents() *Attempt {
	w := newWorld("")
	genuine := w.cf.issue()
	first := w.cf.draft(issued)
	w.cf.next--
	second := w.cf.draft(issued)
	second.Expires--
	w.cf.log.record(w.cf.sign(first), attested)
	rogue := w.cf.log.record(w.cf.sign(second), attested)
	return w.both(genuine, rogue)
}

// lastYearsNumber is an office that uses up a range whose days are over. It has its
// key, and both officers.
func lastYearsNumber() *Attempt {
	w := newWorld("")
	today := canonical.DayOf(start)
	old := w.cf.log.states("range/"+w.cf.station, &statement.NumberRange{Participant: "CF", Digits: 8, First: 5_000_001, Last: 5_000_100, Station: w.cf.station,
		LogWithin: logWithin, From: today - 400, Until: today - 36})
	genuine := w.cf.issue()
	d := w.cf.draft(issued)
	d.Number, d.Range = "CF05000017", old
	d.Subject = statement.CertificateSubject(d.Number)
	return w.both(genuine, w.cf.log.record(w.cf.sign(d), attested))
}

// borrowedApproval is one officer alone at the office's computer. He approves, and
// for the second pair of eyes he takes an approval that was given to another
// certificate.
func borrowedApproval() *Attempt {
	w := newWorld("")
	genuine := w.cf.issue()
	d := w.cf.draft(issued)
	digest := must(statement.ApprovalDigest(d.Header, &d.Certificate))
	pair := [][]byte{must(w.cf.preparer.Sign(statement.ContentApproval, digest[:], true)), genuine.Approvals[1]}
	d.FourEyes = statement.PairHash(pair[0], pair[1])
	rogue := d.signedBy(w.cf.key)
	rogue.Approvals = pair
	return w.both(genuine, w.cf.log.record(rogue, attested))
}

// unknownIssuer has a key of his own, which no authority has named, and an accomplice
// who lets him write into the log. Whatever is public he copies: the office, the
// officers, the range, the next number.
func unknownIssuer() *Attempt {
	w := newWorld("")
	genuine := w.cf.issue()
	own := must(w.keys.New("forger", "his own"))
	return w.both(genuine, w.cf.log.record(w.cf.draft(issued).signedBy(own), attested))
}

// stolenKey signs with the office's key after the authority has ended it. Officers'
// approvals the thief has none, and says that none were kept.
func stolenKey() *Attempt { return stolen(start+1200, start+1210) }

// stolenKeyBackdated signs after that too, and writes a time before it.
func stolenKeyBackdated() *Attempt { return stolen(issued, start+1210) }

func stolen(says, recorded int64) *Attempt {
	w := newWorld("")
	l := w.cf.log
	genuine := w.cf.issue()
	l.states("key/"+w.cf.key.ID.String(), &statement.KeyRevoked{Key: w.cf.key.ID, Reason: "SYNTHETIC: stolen with the computer",
		CutOff: []statement.Vector{{Origin: l.origin, Size: uint64(l.size()), Root: l.head()}}})
	rogue := l.record(w.cf.draft(says).signedBy(w.cf.key), recorded)
	return w.from(w.pack(packed, w.ae), genuine, rogue) // an office whose key is ended signs no pack
}

// stalePack presents a cancelled certificate to a reader who has not been told: the
// pack is nine days old. The genuine one is shown to a reader with a new pack.
func stalePack() *Attempt {
	w := newWorld("")
	genuine, rogue := w.cf.issue(), w.cf.issue()
	const ask = packed + 9*day
	old := w.pack(packed, w.cf)
	w.cf.says(rogue, packed+60, func(a statement.About) statement.Body {
		return &statement.Void{About: a, Reason: "SYNTHETIC: withdrawn"}
	})
	a := w.from(w.pack(ask-3600, w.cf), genuine, rogue).at(ask)
	a.Rogue.Pack = old
	return a
}

// withoutProof is a file from which the proof was taken away.
func withoutProof(b *bundle.Bundle) *bundle.Bundle {
	c := copied(b)
	c.Proof = nil
	return c
}

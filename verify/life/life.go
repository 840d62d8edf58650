// Package life is what becomes of a certificate after it was issued: which later
// statement is which event, who may state it, and which events still stand. The
// verifier and the list of statuses judge by the same few lines.
//
// Invariants: an event counts only from those who may state it; nothing takes back
// what is final (cancelled, used, returned, seized, sold, destroyed); an open case
// or a detention is ended only by the Participant that opened it, and only for the
// same contents of the certificate.
//
// It imports statement and canonical.
package life

import (
	"cmp"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// What is a kind of event.
type What uint8

// The events. A transit after which the shipment was as before is none.
const (
	Opened What = iota + 1
	Cancelled
	Replaced
	Lost
	Received
	Discrepant
	Detained
	Released
	Returned
	Seized
	Sold
	Destroyed
	Endorsed
	TransitBroken
	Attested // received, as its issuer attests of a paper
)

var names = [...]string{Opened: "opened", Cancelled: "cancelled", Replaced: "replaced", Lost: "lost", Received: "received",
	Discrepant: "discrepant", Detained: "detained", Released: "released", Returned: "returned", Seized: "seized", Sold: "sold",
	Destroyed: "destroyed", Endorsed: "endorsed", TransitBroken: "transit_broken", Attested: "attested"}

// String gives the event's name in the formats documents.
func (w What) String() string {
	if w < Opened || w > Attested {
		return "unknown"
	}
	return names[w]
}

// Parse is the reverse of String; zero for a word that is no event.
func Parse(name string) What {
	for w := Opened; w <= Attested; w++ {
		if names[w] == name {
			return w
		}
	}
	return 0
}

var ofStep = map[statement.Step]What{statement.Detained: Detained, statement.Released: Released, statement.Returned: Returned,
	statement.Seized: Seized, statement.Sold: Sold, statement.Destroyed: Destroyed}

// Of tells which event a statement is; zero for one that changes nothing.
func Of(b statement.Body) What {
	switch b := b.(type) {
	case *statement.Opening:
		return Opened
	case *statement.Void:
		return Cancelled
	case *statement.Replacement:
		return Replaced
	case *statement.Loss:
		return Lost
	case *statement.Receipt:
		return Received
	case *statement.Discrepancy:
		return Discrepant
	case *statement.Disposition:
		return ofStep[b.Step]
	case *statement.Endorsement:
		return Endorsed
	case *statement.Attestation:
		return Attested
	case *statement.Transit:
		if !b.Identical {
			return TransitBroken
		}
	}
	return 0
}

// MaySay tells whether the Participant by may state an event of a certificate that
// issuer has issued. Cancelling, replacing, reporting lost, correcting, and attesting a
// confirmation that came on paper are the issuer's. Receiving and opening anybody's: goods that turn up where nobody
// expected them were presented all the same. What an importing state does with
// irregular goods, and what it finds on their way, is not the issuer's to say.
func MaySay(w What, by, issuer string) bool {
	switch w {
	case Cancelled, Replaced, Lost, Endorsed, Attested:
		return by == issuer
	case Detained, Released, Returned, Seized, Sold, Destroyed, TransitBroken:
		return by != issuer
	}
	return w >= Opened && w <= Attested
}

// Final tells whether goods are gone from the way of the certificate: it can be
// accepted nowhere any more.
func (w What) Final() bool { return w >= Returned && w <= Destroyed }

// Event is one event of a certificate number.
type Event struct {
	What  What
	By    string         // Participant
	Of    canonical.Hash // of the certificate's signed bytes that it names
	Home  int            // which of the Participant's home logs it stands in, in the order of the root document
	Index uint64         // and where
}

// Standing gives the positions of the events that still stand, ascending: those
// that are stated by whom they may be and that nothing later has ended. What is
// later is known only within what one Participant says.
func Standing(issuer string, events []Event) []int {
	var out []int
	for i, e := range events {
		if e.What == Released || !MaySay(e.What, e.By, issuer) {
			continue
		}
		if (e.What == Discrepant || e.What == Detained) && ended(issuer, events, e) {
			continue
		}
		out = append(out, i)
	}
	return out
}

// ended tells whether the Participant that opened a case has closed it since:
// released the goods, received them, or done with them what is final. What it may not
// say closes nothing.
func ended(issuer string, events []Event, open Event) bool {
	for _, e := range events {
		closes := e.What == Released || e.What == Received || e.What.Final()
		if closes && MaySay(e.What, e.By, issuer) && e.By == open.By && e.Of == open.Of && cmp.Or(cmp.Compare(e.Home, open.Home), cmp.Compare(e.Index, open.Index)) > 0 {
			return true
		}
	}
	return false
}

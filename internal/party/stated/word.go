package stated

import (
	"slices"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/verify/statement"
)

// WordState is how a key stands by all that its authority has said of it.
type WordState string

// How a key stands.
const (
	Unstated WordState = "unstated" // nothing was said
	Ahead    WordState = "ahead"    // it will count from a time to come
	InForce  WordState = "in_force"
	Ending   WordState = "ending" // in force, and not for long
	Over     WordState = "over"   // the time for which it was stated is past
	Revoked  WordState = "revoked"
)

// EndsSoon is how long before its end a key is called ending: an authority elsewhere
// needs the time to state it for longer.
const EndsSoon = 30 * 24 * time.Hour

// Word is all that an authority has said of an officer's key, taken together.
type Word struct {
	State  WordState
	From   time.Time // of the time that counts now, will come next, or was the last
	Until  time.Time // exclusive; as far as statements follow one another without a gap
	Reason string    // of a revocation
	At     time.Time // of a revocation
	Said   int       // how many statements that is
}

// Signs tells whether the key signs now.
func (w Word) Signs() bool { return w.State == InForce || w.State == Ending }

// WordOn is what the keys that were stated (Keys) say of one officer's key at an office.
// Statements of a longer time begin where they say and take nothing from earlier ones, as
// for a verifier (trust.Directory.Officer).
func WordOn(all []Key, office ident.OfficeID, id string, now time.Time) Word {
	var times []Key
	ended := -1
	for _, k := range all {
		if k.ID != id || k.Conflict || k.Office != office || k.Use != statement.UseOfficer {
			continue
		}
		times = append(times, k)
		if len(k.Ended) > 0 {
			ended = len(times) - 1
		}
	}
	if ended >= 0 {
		k := times[ended]
		return Word{State: Revoked, From: k.From, Until: k.Until, Reason: k.Ended[0].Reason, At: k.Ended[0].IssuedAt, Said: len(times) + len(k.Ended)}
	}
	slices.SortFunc(times, func(a, b Key) int { return a.From.Compare(b.From) })
	w := Word{State: Unstated}
	for _, k := range times {
		switch {
		case w.State == Unstated, k.From.After(w.Until) && !now.Before(w.Until): // the first, or after a gap that is past
			w = Word{State: InForce, From: k.From, Until: k.Until}
		case !k.From.After(w.Until) && k.Until.After(w.Until):
			w.Until = k.Until
		}
	}
	w.Said = len(times)
	switch {
	case w.State == Unstated:
	case now.Before(w.From):
		w.State = Ahead
	case !now.Before(w.Until):
		w.State = Over
	case now.Add(EndsSoon).After(w.Until):
		w.State = Ending
	}
	return w
}

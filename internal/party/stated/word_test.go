package stated

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/verify/statement"
)

const wordOffice = "CF/bangui"

func onDay(day int) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day)
}

func saidFor(from, until int) Key {
	return Key{ID: "k", Office: wordOffice, Use: statement.UseOfficer, From: onDay(from), Until: onDay(until)}
}

// TestWordOn: what is told of a key by all that was said of it, on each side of each day.
func TestWordOn(t *testing.T) {
	year := saidFor(0, 365)
	for name, c := range map[string]struct {
		said        []Key
		now         time.Time
		state       WordState
		from, until time.Time
	}{
		"nothing":               {nil, onDay(1), Unstated, time.Time{}, time.Time{}},
		"to come":               {[]Key{saidFor(10, 20)}, onDay(9), Ahead, onDay(10), onDay(20)},
		"in force":              {[]Key{year}, onDay(0), InForce, onDay(0), onDay(365)},
		"thirty days before":    {[]Key{year}, onDay(335), InForce, onDay(0), onDay(365)},
		"less":                  {[]Key{year}, onDay(335).Add(time.Second), Ending, onDay(0), onDay(365)},
		"the last second":       {[]Key{year}, onDay(365).Add(-time.Second), Ending, onDay(0), onDay(365)},
		"over":                  {[]Key{year}, onDay(365), Over, onDay(0), onDay(365)},
		"for longer":            {[]Key{saidFor(340, 700), year}, onDay(350), InForce, onDay(0), onDay(700)},
		"for longer from then":  {[]Key{year, saidFor(365, 700)}, onDay(350), InForce, onDay(0), onDay(700)},
		"within":                {[]Key{year, saidFor(10, 20)}, onDay(350), Ending, onDay(0), onDay(365)},
		"again after a gap":     {[]Key{year, saidFor(400, 700)}, onDay(450), InForce, onDay(400), onDay(700)},
		"before the gap":        {[]Key{year, saidFor(400, 700)}, onDay(360), Ending, onDay(0), onDay(365)},
		"in the gap":            {[]Key{year, saidFor(400, 700)}, onDay(380), Ahead, onDay(400), onDay(700)},
		"another office's":      {[]Key{{ID: "k", Office: "CF/berberati", Use: statement.UseOfficer, From: onDay(0), Until: onDay(365)}}, onDay(1), Unstated, time.Time{}, time.Time{}},
		"to sign for an office": {[]Key{{ID: "k", Office: wordOffice, Use: statement.UseOffice, From: onDay(0), Until: onDay(365)}}, onDay(1), Unstated, time.Time{}, time.Time{}},
		"another key":           {[]Key{{ID: "l", Office: wordOffice, Use: statement.UseOfficer, From: onDay(0), Until: onDay(365)}}, onDay(1), Unstated, time.Time{}, time.Time{}},
	} {
		w := WordOn(c.said, wordOffice, "k", c.now)
		if w.State != c.state || !w.From.Equal(c.from) || !w.Until.Equal(c.until) {
			t.Errorf("%s: %+v", name, w)
		}
	}
	ended := year
	ended.Ended = []Revocation{{Stated: Stated{IssuedAt: onDay(5)}, Reason: "left"}}
	if w := WordOn([]Key{saidFor(300, 700), ended}, wordOffice, "k", onDay(350)); w.State != Revoked || w.Reason != "left" || !w.At.Equal(onDay(5)) || w.Signs() {
		t.Errorf("%+v", w)
	}
}

// TestWordSigns: a key signs by the word exactly when some statement covers the moment.
func TestWordSigns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Key
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			from := rapid.IntRange(0, 40).Draw(t, "from")
			all = append(all, saidFor(from, from+rapid.IntRange(1, 20).Draw(t, "days")))
		}
		now := onDay(rapid.IntRange(0, 70).Draw(t, "now"))
		covered := false
		for _, k := range all {
			covered = covered || k.Good(now)
		}
		if w := WordOn(all, wordOffice, "k", now); w.Signs() != covered || covered && (now.Before(w.From) || !now.Before(w.Until)) {
			t.Fatalf("covered %v, told %+v of %+v at %v", covered, w, all, now)
		}
	})
}

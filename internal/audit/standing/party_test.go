package standing

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/data"
	"adamas.example/internal/ident"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
)

// both gives the two readings of one list.
func both(t interface{ Fatal(...any) }, list []byte, choices map[string]string) (*Register, *party.Register) {
	events, err := party.ReadEvents("standing.csv", bytes.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := party.NewRegister(events, choices)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := Read(list, choices)
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

// differ says how the two readings differ on a day, "" when they do not.
func differ(ours *Register, theirs *party.Register, adopter, code string, day int64) string {
	mine := ours.answers(code, adopter, day)
	var his []Answer
	for _, o := range theirs.SeenBy(ident.ParticipantCode(adopter), ident.ParticipantCode(code), period.DateOf(time.Unix(day*86400, 0))).Possible {
		his = append(his, Answer{Member: o.Member, Entity: o.Entity, Trade: string(o.Trade)})
	}
	order := func(x, y Answer) int { return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)) }
	slices.SortFunc(mine, order)
	slices.SortFunc(his, order)
	if !slices.Equal(mine, his) {
		return fmt.Sprintf("%s by the list of %q on %s: %v, party says %v", code, adopter, dayText(day), mine, his)
	}
	return ""
}

// TestStandingAsParty: for every code that ever stood in the list, on every day
// from 2003 to 2026, the audit's own fold gives the answers that package party
// gives, the uncertain ones too; and so by the list of every adopter, on the days
// around each date.
func TestStandingAsParty(t *testing.T) {
	list, err := data.FS.ReadFile("kp-documents/standing.csv")
	if err != nil {
		t.Fatal(err)
	}
	first, last := time.Date(2003, 1, 1, 0, 0, 0, 0, time.UTC).Unix()/86400, time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC).Unix()/86400
	for _, choices := range []map[string]string{{}, {"CF-conditional": "written-procedure", "CF-suspension": "ipis-june-2013"}} {
		ours, theirs := both(t, list, choices)
		uncertain := map[string]int{}
		for _, code := range theirs.Codes() {
			if len(choices) > 0 && !slices.Contains([]string{"CF", "VE"}, string(code)) {
				continue // the answers taken are about these
			}
			for day := first; day <= last; day++ {
				if why := differ(ours, theirs, "", string(code), day); why != "" {
					t.Fatal(why)
				}
				if ours.verdict(true, string(code), "", day).Trade == Uncertain {
					uncertain[string(code)]++
				}
			}
			for _, adopter := range theirs.Adopters() {
				for _, date := range ours.dates[string(code)] {
					for day := date - 1; day <= date+1; day++ {
						if why := differ(ours, theirs, string(adopter), string(code), day); why != "" {
							t.Fatal(why)
						}
					}
				}
			}
		}
		t.Logf("%v: days that cannot be told: %v", choices, uncertain)
		// Of the Central African Republic nobody can tell in June 2013, since one source
		// names the month alone, and while it is open which decision of 2015 counts: 26
		// June to 16 July. After that every reading agrees.
		want := 29
		if choices["CF-conditional"] == "" {
			want = 38 + 21 // 23 May to 29 June 2013, and 2015
		}
		if uncertain["CF"] != want {
			t.Errorf("CF uncertain on %d days with %v, want %d", uncertain["CF"], choices, want)
		}
		if uncertain["VE"] == 0 {
			t.Error("VE certain on every day, though its self-suspension is dated in several ways")
		}
	}
}

// TestVerdictBetweenDates: an answer that is kept for the days between two dates
// of the list is the answer of each of them.
func TestVerdictBetweenDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawList(t)
		ours, theirs := both(t, list, nil)
		day := rapid.Int64Range(18000, 18430).Draw(t, "day")
		for _, adopter := range []string{"", "CH", "US"} {
			if why := differ(ours, theirs, adopter, "CF", day); why != "" {
				t.Fatal(why)
			}
		}
		after, _ := slices.BinarySearch(ours.dates["CF"], day+1)
		if after > 0 {
			at, before := ours.verdict(true, "CF", "CH", day), ours.verdict(true, "CF", "CH", ours.dates["CF"][after-1])
			if at != before {
				t.Fatalf("%v on the day, %v on the last date before", at, before)
			}
		}
	})
}

// drawList is a small list about one Participant.
func drawList(t *rapid.T) []byte {
	var kinds []string
	for _, k := range party.Kinds() {
		kinds = append(kinds, string(k))
	}
	list := listHead
	for range rapid.IntRange(1, 7).Draw(t, "events") {
		from := rapid.Int64Range(18000, 18400).Draw(t, "from")
		date := dayText(from)
		if rapid.Bool().Draw(t, "span") {
			date += "/" + dayText(from+rapid.Int64Range(1, 60).Draw(t, "length"))
		}
		question, reading := "", ""
		if rapid.IntRange(0, 3).Draw(t, "open") == 0 {
			question, reading = "Q", rapid.SampledFrom([]string{"one", "two"}).Draw(t, "reading")
		}
		list += fmt.Sprintf("%s,CF,%s,%s,%s,%s,x,x,seen\n", date, rapid.SampledFrom(kinds).Draw(t, "kind"),
			rapid.SampledFrom([]string{"", "", "CH", "US"}).Draw(t, "adopter"), question, reading)
	}
	return []byte(list)
}

func dayText(day int64) string { return time.Unix(day*86400, 0).UTC().Format("2006-01-02") }

const listHead = "date,code,kind,adopter,choice,alternative,what,source,certainty\n2003-01-01,AE,admitted,,,,x,x,seen\n2003-01-01,CF,admitted,,,,x,x,seen\n"

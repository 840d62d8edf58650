package standing

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Register says who might trade on a day: the list that the program carries
// (data/kp-documents/standing.csv), and what the logs' own standing statements
// add for those who state them (KPCS III(c): each is bound by its own list).
type Register struct {
	events  map[string][]change // Participant -> in order of time
	choices map[string]string
	dates   map[string][]int64 // Participant -> the days on which an answer may change
	asked   map[verdictKey]Answer
}

// change is one dated event. It may have happened on any day from from to until.
type change struct {
	from, until int64 // days since 1970
	kind        string
	adopter     string
	choice      string
	alternative string
	what        string // names the zone, where the kind is of one
}

// Answer is what can be said of a Participant on a day.
type Answer struct {
	Member, Entity bool   // a Participant; may trade without being one
	Trade          string // free, part, zones, none; Uncertain of a verdict
}

// Uncertain is the Trade of a verdict that cannot be given.
const Uncertain = "uncertain"

// verdictKey is a question that was asked before: days between two dates of the
// list have the same answer.
type verdictKey struct {
	exports      bool
	who, adopter string
	after        int // how many dates of the list lie on or before the day
}

// Read reads the list (standing.csv). choices names the readings taken of questions
// on which sources disagree. A choice that answers no question of the list is an
// error, *UnknownChoice: it would silently do nothing.
func Read(list []byte, choices map[string]string) (*Register, error) {
	rows, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	if err != nil {
		return nil, err
	}
	r := &Register{events: map[string][]change{}, choices: choices, dates: map[string][]int64{}, asked: map[verdictKey]Answer{}}
	known := map[string]bool{}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		if len(row) != 9 {
			return nil, fmt.Errorf("standing.csv: row %d has %d columns, not 9", i+1, len(row))
		}
		c := change{kind: row[2], adopter: row[3], choice: row[4], alternative: row[5], what: row[6]}
		if c.from, c.until, err = daysOf(row[0]); err != nil {
			return nil, fmt.Errorf("standing.csv: row %d: %w", i+1, err)
		}
		r.add(row[1], c)
		known[c.choice+"="+c.alternative] = true
	}
	for question, reading := range choices {
		if !known[question+"="+reading] {
			return nil, &UnknownChoice{question, reading}
		}
	}
	return r, nil
}

// UnknownChoice is a choice that answers no question of the list.
type UnknownChoice struct{ Question, Reading string }

// Error is for logs.
func (u *UnknownChoice) Error() string {
	return fmt.Sprintf("standing.csv knows no reading %q of %q", u.Reading, u.Question)
}

// daysOf gives the first and last day of a day, a month or a year, or of two of
// them with a slash between.
func daysOf(s string) (from, until int64, err error) {
	first, last, two := strings.Cut(s, "/")
	if from, until, err = spanOf(first); err == nil && two {
		_, until, err = spanOf(last)
	}
	if err == nil && until < from {
		err = fmt.Errorf("date %q ends before it begins", s)
	}
	return from, until, err
}

func spanOf(s string) (from, until int64, err error) {
	layout, months := "2006-01-02", 0
	switch strings.Count(s, "-") {
	case 0:
		layout, months = "2006", 12
	case 1:
		layout, months = "2006-01", 1
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return 0, 0, err
	}
	from = t.Unix() / 86400
	if months == 0 {
		return from, from, nil
	}
	return from, t.AddDate(0, months, 0).Unix()/86400 - 1, nil
}

// Kinds lists the kinds of events that the list has.
func Kinds() []string {
	return []string{"admitted", "removed", "absorbed", "trading_entity", "suspended", "conditional", "zone_cleared", "zone_closed", "reinstated",
		"self_suspended", "self_suspension_lifted", "still_flagged", "un_embargo", "un_embargo_lifted", "restricted", "restriction_lifted"}
}

// State takes in a Participant's own word on its list, of days since 1970; false
// for one of a kind or certainty that the list does not have.
func (r *Register) State(adopter, code, kind, what, certainty string, from, until int64) bool {
	if !slices.Contains(Kinds(), kind) || !slices.Contains([]string{"seen", "memory", "inference"}, certainty) {
		return false
	}
	r.add(code, change{from: from, until: until, kind: kind, adopter: adopter, what: what})
	return true
}

// Verdict joins the answers as far as the question needs: an importer need only
// take part, an exporter must be free to export. Its Member is true for whoever may
// trade. The answer to a question that was asked before is kept.
func (r *Register) Verdict(exports bool, who, adopter string, day int64) Answer {
	after, _ := slices.BinarySearch(r.dates[who], day+1)
	key := verdictKey{exports, who, adopter, after}
	s, known := r.asked[key]
	if !known {
		s = r.verdict(exports, who, adopter, day)
		r.asked[key] = s
	}
	return s
}

func (r *Register) verdict(exports bool, who, adopter string, day int64) Answer {
	var out []Answer
	for _, s := range r.answers(who, adopter, day) {
		s.Member, s.Entity = s.Member || s.Entity, false
		if !exports {
			s.Trade = "free"
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) > 1 {
		return Answer{Trade: Uncertain}
	}
	return out[0]
}

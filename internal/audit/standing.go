package audit

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"adamas.example/data"
	"adamas.example/internal/audit/wire"
)

// register says who might trade on a day: the list that the program carries
// (data/kp-documents/standing.csv), and what the logs' own standing statements
// add for those who state them (KPCS III(c): each is bound by its own list).
type register struct {
	events  map[string][]change // Participant -> in order of time
	choices map[string]string
	asked   map[string]answer
}

// change is one dated event. It may have happened on any day from from to until.
type change struct {
	from, until int64 // days since 1970
	kind        string
	adopter     string
	choice      string
	alternative string
}

// answer is what can be said of a Participant on a day.
type answer struct {
	member bool
	trade  string // free, zones, part, none
}

// readRegister reads the list. A choice that answers no question of the list is
// an error: it would silently do nothing.
func readRegister(opt Options) (*register, error) {
	b := opt.Standing
	if b == nil {
		var err error
		if b, err = data.FS.ReadFile("kp-documents/standing.csv"); err != nil {
			return nil, err
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, err
	}
	r := &register{events: map[string][]change{}, choices: opt.Choices, asked: map[string]answer{}}
	known := map[string]bool{}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		if len(row) != 9 {
			return nil, fmt.Errorf("standing.csv: row %d has %d columns, not 9", i+1, len(row))
		}
		c := change{kind: row[2], adopter: row[3], choice: row[4], alternative: row[5]}
		if c.from, c.until, err = daysOf(row[0]); err != nil {
			return nil, fmt.Errorf("standing.csv: row %d: %w", i+1, err)
		}
		r.events[row[1]] = append(r.events[row[1]], c)
		known[c.choice+"="+c.alternative] = true
	}
	for _, es := range r.events {
		slices.SortStableFunc(es, func(x, y change) int { return int(x.from - y.from) })
	}
	for question, reading := range opt.Choices {
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
	if first, last, two := strings.Cut(s, "/"); two {
		if from, _, err = daysOf(first); err == nil {
			_, until, err = daysOf(last)
		}
		if err == nil && until < from {
			err = fmt.Errorf("%q runs backwards", s)
		}
		return from, until, err
	}
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
	from = t.Unix() / daySeconds
	if months == 0 {
		return from, from, nil
	}
	return from, t.AddDate(0, months, 0).Unix()/daySeconds - 1, nil
}

func standingKinds() []string {
	return []string{"admitted", "removed", "absorbed", "trading_entity", "suspended", "conditional", "zone_cleared", "reinstated",
		"self_suspended", "self_suspension_lifted", "still_flagged", "un_embargo", "un_embargo_lifted", "restricted", "restriction_lifted"}
}

// takeStanding takes in a Participant's own word on its list. Whether its signer
// may say so is judged with all entries.
func (a *auditor) takeStanding(e entry) {
	b := e.Body
	if b == nil {
		return
	}
	if !slices.Contains(standingKinds(), b.Text(2)) {
		a.found("standing.kind", e.spot, "kind", b.Text(2), "participant", b.Text(1))
		return
	}
	es := append(a.register.events[b.Text(1)], change{from: b.Int(3), until: b.Int(4), kind: b.Text(2), adopter: e.Participant()})
	slices.SortStableFunc(es, func(x, y change) int { return int(x.from - y.from) })
	a.register.events[b.Text(1)] = es
}

// on folds the events that one adopter applies, for one reading of every open
// question and one guess of every uncertain day.
func (r *register) on(code, adopter string, day int64, readings map[string]string, happened func(change) bool) answer {
	var s answer
	s.trade = "none"
	es := r.events[code]
	for _, e := range es {
		if e.adopter != "" && e.adopter != adopter || e.choice != "" && readings[e.choice] != e.alternative {
			continue
		}
		own := e.adopter == "" && adopter != "" && slices.ContainsFunc(es, func(o change) bool {
			return o.adopter == adopter && o.kind == e.kind && o.from >= e.from
		})
		if own || e.from > day || e.until > day && !happened(e) {
			continue
		}
		s.apply(e.kind)
	}
	return s
}

func (s *answer) apply(kind string) {
	switch kind {
	case "admitted", "trading_entity":
		s.member, s.trade = true, "free"
	case "removed", "absorbed":
		s.member, s.trade = false, "none"
	case "suspended", "self_suspended", "un_embargo", "still_flagged":
		s.trade = "none"
	case "conditional":
		s.trade = "zones"
	case "restricted":
		s.trade = "part"
	case "reinstated", "self_suspension_lifted", "un_embargo_lifted", "restriction_lifted":
		s.trade = "free"
	}
}

// answers gives every answer that some reading of the open questions and some day
// of the uncertain events allow: one when it can be told.
func (r *register) answers(code, adopter string, day int64) []answer {
	open := map[string][]string{}
	for _, e := range r.events[code] {
		if e.choice != "" && !slices.Contains(open[e.choice], e.alternative) {
			open[e.choice] = append(open[e.choice], e.alternative)
		}
	}
	readings := []map[string]string{{}}
	for question, alternatives := range open {
		if chosen := r.choices[question]; chosen != "" {
			alternatives = []string{chosen}
		}
		var more []map[string]string
		for _, with := range readings {
			for _, alternative := range alternatives {
				one := map[string]string{question: alternative}
				for q, v := range with {
					one[q] = v
				}
				more = append(more, one)
			}
		}
		readings = more
	}
	var out []answer
	for _, reading := range readings {
		for _, yes := range []bool{true, false} {
			s := r.on(code, adopter, day, reading, func(change) bool { return yes })
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// judgeStanding holds both Participants of every certificate against the list on
// the day of issue, and on the day of receipt as the receiving one applies it.
func (a *auditor) judgeStanding() {
	said := map[string]bool{}
	for i := range a.certs {
		c := a.certs[i]
		a.did("standing")
		a.standingOf(c, c.spot, "standing.export", c.from(), "", int64(c.day), said)
		a.standingOf(c, c.spot, "standing.import", c.to, "", int64(c.day), said)
		if l := &c.life; l.receipts > 0 {
			at := spot{log: l.log, index: l.index}
			a.standingOf(c, at, "standing.export", c.from(), l.receiver, int64(l.day), said)
			a.standingOf(c, at, "standing.import", l.receiver, "", int64(l.day), said)
		}
	}
}

// standingOf judges one Participant on one day. What is uncertain or limited is
// said once for a Participant, list and answer: it concerns every shipment alike.
func (a *auditor) standingOf(c *issued, at spot, code, who, adopter string, day int64, said map[string]bool) {
	key := fmt.Sprint(code, who, adopter, day)
	s, known := a.register.asked[key]
	if !known {
		s = a.register.verdict(code, who, adopter, day)
		a.register.asked[key] = s
	}
	facts := []any{"number", c.number, "participant", who, "day", dayText(day), "list", adopter}
	once := func(code string) {
		if k := code + who + adopter + s.trade; !said[k] {
			said[k] = true
			a.found(code, at, facts...)
		}
		a.cannot(code)
	}
	switch {
	case s.trade == "uncertain":
		once("standing.uncertain")
	case !s.member || s.trade == "none" && code == "standing.export":
		if at.hash == (wire.Hash{}) {
			at = a.spotOf(at.log, at.index)
		}
		a.found(code, at, facts...)
	case s.trade != "free" && code == "standing.export":
		once("standing.limited")
	}
}

// verdict joins the answers as far as the question needs: an importer need only
// take part, an exporter must be free to export.
func (r *register) verdict(code, who, adopter string, day int64) answer {
	var out []answer
	for _, s := range r.answers(who, adopter, day) {
		if code == "standing.import" {
			s.trade = "free"
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) > 1 {
		return answer{trade: "uncertain"}
	}
	return out[0]
}

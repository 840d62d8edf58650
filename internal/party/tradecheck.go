package party

import (
	"slices"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
)

// Shipment is what the rules on membership ask of a shipment.
type Shipment struct {
	Exporter, Importer ident.ParticipantCode
	Exported           period.Date  // day of export; of issue while nothing has left
	Imported           *period.Date // day of import; nil while it has not arrived
	Zones              []string     // zones that the goods come from; nil when not known
}

// look is one Participant, seen by one list on one day.
type look struct {
	Standing
	exports bool // it is the exporter
	rules   Trade
	from    rule.Origin
}

// TradeCheck judges a shipment by who may trade: a finding of R-MEM-01 (both in
// good standing on the day of export and on the day of import) and one of
// R-MEM-02 (trade suspended, or from some zones only).
//
// The day of export is judged by the exporter's list, the day of import by the
// importer's; while there is no day of import, the importer's list is asked on
// the day of export. When the rule set does not go by national lists, both days
// are judged by the scheme's own decisions. Where the rule set itself says more
// strictly whether a Participant trades (R-MEM-02, trade), the rule set counts.
//
// What is uncertain in the register cannot be told here, unless every answer
// comes to the same. Facts name the events behind every answer with their sources.
func (r *Register) TradeCheck(set rule.Set, s Shipment) ([]rule.Finding, error) {
	sc := rule.Scope{Participant: s.Exporter, Counterpart: s.Importer, On: s.Exported}
	national, from, err := set.Bool("R-MEM-01", "national-lists", sc)
	if err != nil {
		return nil, err
	}
	looks, err := r.looks(set, s, national)
	if err != nil {
		return nil, err
	}
	facts := map[string]any{"exporter": string(s.Exporter), "importer": string(s.Importer), "exported": s.Exported.String(), "lists": factsOf(looks)}
	if s.Imported != nil {
		facts["imported"] = s.Imported.String()
	}
	if s.Zones != nil {
		facts["zones"] = slices.Clone(s.Zones)
	}
	outcome, reason := worst(looks, look.standing)
	member, err := set.Finding("R-MEM-01", sc, outcome, facts, reason, from)
	if err != nil {
		return nil, err
	}
	outcome, reason = worst(looks, func(l look) (rule.Outcome, rule.Reason) { return l.trade(s.Zones) })
	var origins []rule.Origin
	for _, l := range looks {
		if !slices.ContainsFunc(origins, func(o rule.Origin) bool { return sameOrigin(o, l.from) }) {
			origins = append(origins, l.from)
		}
	}
	trade, err := set.Finding("R-MEM-02", sc, outcome, facts, reason, origins...)
	return []rule.Finding{member, trade}, err
}

func sameOrigin(a, b rule.Origin) bool {
	return slices.Equal(a.Sources, b.Sources) && (a.Override == nil) == (b.Override == nil)
}

// looks asks for both Participants on each day, by the list that counts on it.
func (r *Register) looks(set rule.Set, s Shipment, national bool) ([]look, error) {
	type when struct {
		by ident.ParticipantCode
		on period.Date
	}
	days := []when{{s.Exporter, s.Exported}, {s.Importer, s.Exported}}
	if s.Imported != nil {
		days[1].on = *s.Imported
	}
	if !national {
		days[0].by, days[1].by = "", ""
	}
	var out []look
	for i, d := range slices.Compact(days) {
		for _, code := range []ident.ParticipantCode{s.Exporter, s.Importer} {
			word, from, err := set.Word("R-MEM-02", "trade", rule.Scope{Participant: code, On: days[i].on})
			if err != nil {
				return nil, err
			}
			l := look{Standing: r.SeenBy(d.by, code, d.on), exports: code == s.Exporter, rules: Free, from: from}
			switch word {
			case "none":
				l.rules = None
			case "zones":
				l.rules = Zones
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// worst is the gravest answer to a question, with the reason of the first look
// that gives it.
func worst(looks []look, ask func(look) (rule.Outcome, rule.Reason)) (rule.Outcome, rule.Reason) {
	order := []rule.Outcome{rule.Pass, rule.CannotTell, rule.Fail}
	var outcome rule.Outcome
	var reason rule.Reason
	for _, l := range looks {
		if o, why := ask(l); outcome == "" || slices.Index(order, o) > slices.Index(order, outcome) {
			outcome, reason = o, why
		}
	}
	return outcome, reason
}

func (l look) reason(key string) rule.Reason {
	by := any(l.By)
	if l.By == "" {
		by = words("party.scheme")
	}
	cleared := any(l.Zones)
	if len(l.Zones) == 0 {
		cleared = words("party.zones.none")
	}
	return rule.Reason{Key: key, Args: map[string]any{"participant": l.Code, "by": by, "on": l.On,
		"why": whats(l.Basis), "open": whats(l.Uncertain), "zones": cleared}}
}

// words is an argument of a sentence that has words of its own.
type words string

// TextKeys is the catalogue entry with its words.
func (n words) TextKeys() []string { return []string{string(n)} }

// standing is R-MEM-01 for one look.
func (l look) standing() (rule.Outcome, rule.Reason) {
	good, ok := l.InGoodStanding()
	member := slices.ContainsFunc(l.Possible, func(o Outcome) bool { return o.Member || o.Entity })
	switch {
	case !ok:
		return rule.CannotTell, l.reason("party.finding.standing_open")
	case good:
		return rule.Pass, l.reason("party.finding.standing_good")
	case !member:
		return rule.Fail, l.reason("party.finding.not_participant")
	}
	return rule.Fail, l.reason("party.finding.not_in_good_standing")
}

// trade is R-MEM-02 for one look. Zones and parts of the production restrict what
// is exported; an importer under them may import.
func (l look) trade(goods []string) (rule.Outcome, rule.Reason) {
	if l.rules == None {
		return rule.Fail, l.reason("party.finding.trade_none_rule")
	}
	listed := slices.ContainsFunc(l.Possible, func(o Outcome) bool { return o.Member || o.Entity })
	if !listed {
		return rule.Pass, l.reason("party.finding.trade_not_listed")
	}
	least, most := None, Free // what may be so at best and at worst, counting the rule set
	for _, o := range l.Possible {
		t := stricter(o.Trade, l.rules)
		if !o.Member && !o.Entity {
			t = l.rules // R-MEM-01 judges that
		}
		if slices.Index(trades, t) < slices.Index(trades, least) {
			least = t
		}
		most = stricter(most, t)
	}
	switch {
	case least == None:
		return rule.Fail, l.reason("party.finding.trade_none")
	case most == None:
		return rule.CannotTell, l.reason("party.finding.trade_open")
	case most == Free || !l.exports:
		return rule.Pass, l.reason("party.finding.trade_free")
	case most == Part:
		return rule.CannotTell, l.reason("party.finding.trade_part")
	}
	return l.fromZones(goods)
}

// fromZones: the exporter is held to its cleared zones, or may be.
func (l look) fromZones(goods []string) (rule.Outcome, rule.Reason) {
	// A rule set that says zones where the register does not has no list of them.
	open := l.Trade != Zones || slices.ContainsFunc(l.Possible, func(o Outcome) bool { return stricter(o.Trade, l.rules) != Zones })
	switch {
	case !open && len(l.Zones)+len(l.ZonesPerhaps) == 0:
		return rule.Fail, l.reason("party.finding.zones_none")
	case goods == nil:
		return rule.CannotTell, l.reason("party.finding.zones_unknown")
	}
	var outside, unsure []string
	for _, z := range goods {
		switch {
		case slices.Contains(l.Zones, z):
		case slices.Contains(l.ZonesPerhaps, z):
			unsure = append(unsure, z)
		default:
			outside = append(outside, z)
		}
	}
	why := l.reason("party.finding.zones_cleared")
	why.Args["outside"] = append(outside, unsure...)
	switch {
	case len(outside) > 0 && !open:
		why.Key = "party.finding.zones_outside"
		return rule.Fail, why
	case len(outside) > 0 || len(unsure) > 0:
		why.Key = "party.finding.zones_unsure"
		return rule.CannotTell, why
	}
	return rule.Pass, why
}

// whats are the texts of events.
func whats(events []Event) []string {
	out := []string{}
	for _, e := range events {
		out = append(out, e.What+" ("+e.Date+")")
	}
	return out
}

// factsOf writes looks out for a finding.
func factsOf(looks []look) []any {
	out := []any{}
	for _, l := range looks {
		out = append(out, map[string]any{"participant": string(l.Code), "by": string(l.By), "on": l.On.String(),
			"member": l.Member, "entity": l.Entity, "trade": string(l.Trade), "zones": slices.Clone(l.Zones),
			"basis": eventFacts(l.Basis), "open": eventFacts(l.Uncertain), "rule": string(l.rules)})
	}
	return out
}

func eventFacts(events []Event) []any {
	out := []any{}
	for _, e := range events {
		out = append(out, map[string]any{"date": e.Date, "kind": string(e.Kind), "what": e.What, "source": e.Source, "certainty": string(e.Certainty)})
	}
	return out
}

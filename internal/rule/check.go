package rule

import (
	"fmt"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/rule/tomlline"
)

// check reports everything that is wrong with a content, in the order of its
// elements. Paths are those of tomlline, with rules counted over all files.
func check(c *Content, at spots) error {
	k := checker{at: at}
	k.set(c)
	for i := range c.Rules {
		k.rule(tomlline.Element(allRules, i), &c.Rules[i])
		k.withinSet(tomlline.Element(allRules, i), &c.Rules[i], c)
	}
	k.twice(c.Rules)
	return k.faults.Err()
}

// spots knows where each path stands and which of them could not be read, and
// have their fault already. The zero value is for content that has no files.
type spots struct {
	places map[string]spot
	broken map[string]bool
}

type spot struct {
	file string
	line int
}

// details name the place twice: for programs, and as "where" for the sentence,
// which has to stand without a file too.
func (s spot) details() []fault.Detail {
	return []fault.Detail{
		fault.File(s.file), fault.Record(s.line), fault.Arg("where", fmt.Sprintf("%s:%d", s.file, s.line)),
	}
}

// allRules is the path of the list of rules.
const allRules = "rule"

// isBroken reports that path, or what holds it, could not be read. That some
// rules could not be read ("rule") says nothing about the others.
func (s spots) isBroken(path string) bool {
	for ; path != "" && path != allRules; path = tomlline.Parent(path) {
		if s.broken[path] {
			return true
		}
	}
	return false
}

// details of the nearest known place of path.
func (s spots) details(path string) []fault.Detail {
	for p := path; p != ""; p = tomlline.Parent(p) {
		if known, ok := s.places[p]; ok {
			return known.details()
		}
	}
	return []fault.Detail{fault.Arg("where", path)}
}

type checker struct {
	at     spots
	faults fault.List
}

// add reports f for the key of the element at path, unless that could not be
// read in the first place.
func (k *checker) add(path, key string, f *fault.Fault) {
	path = tomlline.Child(path, key)
	if f == nil || k.at.isBroken(path) {
		return
	}
	k.faults.Add(fault.Locate(f, append(k.at.details(path), fault.At(key))...))
}

// wrong is add for a fault without arguments of its own.
func (k *checker) wrong(path, key, what string, details ...fault.Detail) {
	k.add(path, key, fault.Invalid(what, details...))
}

func (k *checker) set(c *Content) {
	const path = "set"
	if c.Format != Format {
		k.wrong(path, "format", "rule.format_unknown", fault.Arg("format", c.Format), fault.Arg("known", Format))
	}
	if !isName(c.ID) {
		k.wrong(path, "id", "rule.not_a_name", fault.Text(c.ID))
	}
	if c.Version < 1 || c.Version > 1_000_000 {
		k.wrong(path, "version", "rule.not_a_version")
	}
	k.text(path, "title", c.Title)
	k.text(path, "text", c.Text)
	k.sources(path, c.Sources, true)
	k.adopted(path, c.AdoptedBy)
	k.span(path, c.From, c.Until, true)
	if len(c.Rules) == 0 && !k.at.broken[allRules] {
		k.wrong(path, "id", "rule.no_rules")
	}
}

func (k *checker) adopted(path, by string) {
	if by != "" {
		k.add(path, "adopted-by", goodLine(by, mostLine))
	}
}

func (k *checker) text(path, key string, t Words) {
	if key == "text" {
		k.add(tomlline.Child(path, key), "en", goodText(t.EN))
		k.add(tomlline.Child(path, key), "fr", goodText(t.FR))
		k.add(tomlline.Child(path, key), "pt", goodText(t.PT))
		return
	}
	k.add(tomlline.Child(path, key), "en", goodLine(t.EN, mostLine))
	k.add(tomlline.Child(path, key), "fr", goodLine(t.FR, mostLine))
	k.add(tomlline.Child(path, key), "pt", goodLine(t.PT, mostLine))
}

// sources of a set or rule may be in conflict as a whole; those of a value may
// not, or one reading would have been chosen without saying so.
func (k *checker) sources(path string, list []Source, conflictAllowed bool) {
	if len(list) == 0 {
		k.wrong(path, "source", "rule.source_missing")
	}
	for i, s := range list {
		at := tomlline.Element(tomlline.Child(path, "source"), i)
		k.add(at, "ref", goodLine(s.Ref, mostLine))
		switch s.Certainty {
		case Seen, Memory, Inference:
		case Conflict:
			if !conflictAllowed {
				k.wrong(at, "certainty", "rule.conflict_without_alternatives")
			}
		default:
			k.notOneOf(at, "certainty", string(s.Certainty), "seen, memory, inference, conflict")
		}
		if slices.Contains(list[:i], s) {
			k.wrong(at, "ref", "rule.repeated", fault.Text(s.Ref))
		}
	}
}

func (k *checker) notOneOf(path, key, got, allowed string) {
	k.wrong(path, key, "rule.not_one_of", fault.Text(got), fault.Arg("allowed", allowed))
}

// span checks first and last day.
func (k *checker) span(path string, from, until *period.Date, required bool) {
	if unwritable(from) || unwritable(until) {
		k.wrong(path, "valid-from", "rule.not_date")
		return
	}
	if from == nil && required {
		k.wrong(path, "valid-from", "rule.missing")
	}
	if from != nil && until != nil && *until < *from {
		k.wrong(path, "valid-until", "rule.ends_before_it_starts", fault.Arg("from", *from), fault.Arg("until", *until))
	}
}

// unwritable reports a day beyond the calendar, which only foreign bytes hold.
func unwritable(d *period.Date) bool { return d != nil && (*d < period.Min || *d > period.Max) }

func (k *checker) severity(path string, s Severity) {
	if s != Block && s != Warn && s != Inform {
		k.notOneOf(path, "severity", string(s), "block, warn, inform")
	}
}

func (k *checker) rule(path string, r *Rule) {
	if !isRuleID(r.ID) {
		k.wrong(path, "id", "rule.not_a_rule_id", fault.Text(r.ID))
	}
	k.severity(path, r.Severity)
	if r.Side != SideAny && r.Side != SideExporter && r.Side != SideImporter {
		k.notOneOf(path, "side", string(r.Side), "any, exporter, importer")
	}
	k.span(path, r.From, r.Until, true)
	k.adopted(path, r.AdoptedBy)
	k.text(path, "text", r.Text)
	k.sources(path, r.Sources, true)
	for i, p := range r.Participants {
		k.participant(path, "participants", p)
		if slices.Contains(r.Participants[:i], p) {
			k.wrong(path, "participants", "rule.repeated", fault.Text(string(p)))
		}
	}
	for i, o := range r.Severities {
		at := tomlline.Element(tomlline.Child(path, "override"), i)
		k.severity(at, o.Severity)
		k.sources(at, o.Sources, false)
		k.when(at, o.When, r)
		for _, earlier := range r.Severities[:i] {
			k.overlap(at, o.When, earlier.When, r)
		}
	}
	for i := range r.Params {
		k.param(tomlline.Element(tomlline.Child(path, "param"), i), &r.Params[i], r)
		if slices.ContainsFunc(r.Params[:i], func(p Param) bool { return p.Name == r.Params[i].Name }) {
			k.wrong(tomlline.Element(tomlline.Child(path, "param"), i), "name", "rule.repeated", fault.Text(r.Params[i].Name))
		}
	}
}

// withinSet refuses a rule no day of the set is a day of.
func (k *checker) withinSet(path string, r *Rule, c *Content) {
	if !r.Span().Empty() && !c.Span().Empty() && !r.Span().Overlaps(c.Span()) {
		k.wrong(path, "valid-from", "rule.outside_set", fault.Arg("rule", r.ID))
	}
}

func (k *checker) participant(path, key string, p ident.ParticipantCode) {
	if _, err := ident.ParseParticipant(string(p)); err != nil {
		k.wrong(path, key, "rule.participant_unknown", fault.Text(string(p)))
	}
}

// when checks a selector and refuses one that can never be used.
func (k *checker) when(path string, w When, r *Rule) {
	k.span(path, w.From, w.Until, false)
	if w.Participant != "" {
		k.participant(path, "participant", w.Participant)
	}
	pair := w.Exporter != "" || w.Importer != ""
	if pair {
		k.participant(path, "exporter", w.Exporter)
		k.participant(path, "importer", w.Importer)
		if w.Participant != "" {
			k.wrong(path, "participant", "rule.participant_and_pair")
		}
		if r.Side == SideAny {
			k.wrong(path, "exporter", "rule.pair_without_side", fault.Arg("rule", r.ID))
		}
	}
	if !pair && w.Participant == "" && w.From == nil && w.Until == nil {
		k.wrong(path, "valid-from", "rule.override_for_everything")
	}
	whose := w.Participant
	if pair && r.Side == SideImporter {
		whose = w.Importer
	} else if pair {
		whose = w.Exporter
	}
	if whose != "" && len(r.Participants) > 0 && !slices.Contains(r.Participants, whose) {
		k.wrong(path, "participant", "rule.never_in_force", fault.Arg("rule", r.ID))
	}
	if !w.Span().Empty() && !r.Span().Empty() && !w.Span().Overlaps(r.Span()) {
		k.wrong(path, "valid-from", "rule.never_in_force", fault.Arg("rule", r.ID))
	}
}

// overlap refuses two selectors that would tie on a day of the rule.
func (k *checker) overlap(path string, w, earlier When, r *Rule) {
	both := w.Span().Intersect(earlier.Span()).Intersect(r.Span())
	if w.sameCases(earlier) && !both.Empty() {
		k.wrong(path, "valid-from", "rule.overlap", fault.Arg("day", both.From))
	}
}

func (k *checker) param(path string, p *Param, r *Rule) {
	if !isName(p.Name) {
		k.wrong(path, "name", "rule.not_a_name", fault.Text(p.Name))
	}
	k.text(path, "label", p.Label)
	k.of(path, p)
	known := slices.Contains(Types(), p.Type)
	if !known {
		var all []string
		for _, t := range Types() {
			all = append(all, string(t))
		}
		k.notOneOf(path, "type", string(p.Type), strings.Join(all, ", "))
	}
	if p.Base != nil {
		k.setting(path, *p.Base, p, known)
	} else if len(p.Overrides) == 0 {
		k.wrong(path, "unset", "rule.unset_without_override")
	}
	for i, o := range p.Overrides {
		at := tomlline.Element(tomlline.Child(path, "override"), i)
		k.when(at, o.When, r)
		k.setting(at, o.Setting, p, known)
		for _, earlier := range p.Overrides[:i] {
			k.overlap(at, o.When, earlier.When, r)
		}
	}
}

// of checks the words a parameter may take.
func (k *checker) of(path string, p *Param) {
	if p.Type == TypeWord && len(p.Of) < 2 {
		k.wrong(path, "of", "rule.of_missing")
	}
	if p.Type != TypeWord && p.Type != TypeCodes && len(p.Of) > 0 {
		k.wrong(path, "of", "rule.of_not_for_type", fault.Arg("type", string(p.Type)))
	}
	k.add(path, "of", validCodes(p.Of, nil))
}

func (k *checker) setting(path string, s Setting, p *Param, typeKnown bool) {
	if s.Value == nil && len(s.Alternatives) == 0 {
		k.wrong(path, "value", "rule.value_missing")
		return
	}
	if s.Value != nil {
		if len(s.Alternatives) > 0 || s.Choose != "" {
			k.wrong(path, "value", "rule.value_and_alternatives")
		}
		k.value(path, *s.Value, p, typeKnown)
		k.sources(path, s.Sources, false)
		return
	}
	if len(s.Sources) > 0 {
		k.wrong(path, "source", "rule.source_beside_alternatives")
	}
	if len(s.Alternatives) < 2 {
		k.wrong(path, "alternative", "rule.one_alternative")
	}
	ids := make([]string, len(s.Alternatives))
	for i, a := range s.Alternatives {
		at := tomlline.Element(tomlline.Child(path, "alternative"), i)
		ids[i] = a.ID
		if !isName(a.ID) {
			k.wrong(at, "id", "rule.not_a_name", fault.Text(a.ID))
		} else if slices.Contains(ids[:i], a.ID) {
			k.wrong(at, "id", "rule.repeated", fault.Text(a.ID))
		}
		if a.Value == nil {
			k.wrong(at, "value", "rule.value_missing")
		} else {
			k.value(at, *a.Value, p, typeKnown)
		}
		k.sources(at, a.Sources, false)
	}
	if !slices.Contains(ids, s.Choose) {
		k.wrong(path, "choose", "rule.choose", fault.Text(s.Choose), fault.Arg("allowed", strings.Join(ids, ", ")))
	}
}

func (k *checker) value(path string, v Value, p *Param, typeKnown bool) {
	if typeKnown {
		k.add(path, "value", v.valid(p.Type, p.Of))
	}
}

// twice refuses two editions of a rule in force on the same day.
func (k *checker) twice(rules []Rule) {
	seen := map[string][]int{}
	for i, r := range rules {
		for _, j := range seen[r.ID] {
			if both := r.Span().Intersect(rules[j].Span()); isRuleID(r.ID) && !both.Empty() {
				k.wrong(tomlline.Element(allRules, i), "id", "rule.rule_twice", fault.Arg("rule", r.ID), fault.Arg("day", both.From))
				break
			}
		}
		seen[r.ID] = append(seen[r.ID], i)
	}
}

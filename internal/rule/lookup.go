package rule

import (
	"iter"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
)

// Scope is the case a value is asked for. Participant is the one the rule is
// addressed to: the exporter for a rule of SideExporter, the importer for one
// of SideImporter. Counterpart is the other; it may be empty when no pair is
// at hand. On is the day whose rules count.
type Scope struct {
	Participant ident.ParticipantCode
	Counterpart ident.ParticipantCode
	On          period.Date
}

// Origin says where a value came from, so that a finding can cite it.
type Origin struct {
	Set         string         // ID of the set
	Version     int            // of the set
	Hash        canonical.Hash // of the set
	Rule        string
	Param       string    // "" for a severity
	Override    *When     // nil: the value of the rule or parameter itself
	Alternative string    // the one chosen where sources conflict, else ""
	Certainty   Certainty // Conflict with an Alternative, else of the weakest source
	Sources     []Source
}

// Rule gives the edition of a rule in force for the scope. A rule that is
// unknown, not in force on that day, or not addressed to that Participant is a
// fault that says which of the three.
func (s Set) Rule(id string, sc Scope) (Rule, error) {
	r, err := s.rule(id, sc)
	if err != nil {
		return Rule{}, err
	}
	return r.clone(), nil
}

func (s Set) rule(id string, sc Scope) (*Rule, error) {
	editions := s.byID[id]
	about := []fault.Detail{fault.Arg("rule", id), fault.Arg("set", s.ID()), fault.Arg("day", sc.On)}
	if len(editions) == 0 {
		return nil, fault.NotFound("rule.no_such_rule", about...)
	}
	at := slices.IndexFunc(editions, func(r *Rule) bool { return r.Span().Contains(sc.On) })
	if at < 0 || !s.Span().Contains(sc.On) {
		return nil, fault.NotFound("rule.not_in_force", about...)
	}
	if !editions[at].addresses(sc.Participant) {
		return nil, fault.NotFound("rule.not_for_participant", append(about, fault.Arg("participant", sc.Participant))...)
	}
	return editions[at], nil
}

// addresses reports that the rule is for the Participant.
func (r *Rule) addresses(p ident.ParticipantCode) bool {
	return len(r.Participants) == 0 || slices.Contains(r.Participants, p)
}

// InForce gives the rules that are in force for the scope, in order of ID.
// Which side of a pair the scope's Participant is, the caller picks by Side.
func (s Set) InForce(sc Scope) iter.Seq[Rule] {
	return func(yield func(Rule) bool) {
		if !s.Span().Contains(sc.On) {
			return
		}
		for i := range s.content.Rules {
			r := &s.content.Rules[i]
			if r.Span().Contains(sc.On) && r.addresses(sc.Participant) && !yield(r.clone()) {
				return
			}
		}
	}
}

// Severity is what a failure of the rule does in the scope.
func (s Set) Severity(id string, sc Scope) (Severity, Origin, error) {
	r, err := s.rule(id, sc)
	if err != nil {
		return "", Origin{}, err
	}
	from := s.origin(id, "", r.Sources)
	severity := r.Severity
	i := mostSpecific(r.Severities, func(o SeverityOverride) When { return o.When }, r.Side, sc)
	if i >= 0 {
		o := r.Severities[i]
		severity, from = o.Severity, s.origin(id, "", o.Sources)
		from.Override = new(o.When.clone())
	}
	return severity, from, nil
}

// Param gives the value of a parameter and its type. The getters named after
// the types are the usual way.
func (s Set) Param(id, name string, sc Scope) (Value, Type, Origin, error) {
	r, err := s.rule(id, sc)
	if err != nil {
		return Value{}, "", Origin{}, err
	}
	about := []fault.Detail{fault.Arg("rule", id), fault.Arg("param", name), fault.Arg("set", s.ID())}
	at := slices.IndexFunc(r.Params, func(p Param) bool { return p.Name == name })
	if at < 0 {
		return Value{}, "", Origin{}, fault.NotFound("rule.no_such_param", about...)
	}
	p := &r.Params[at]
	setting := p.Base
	var override *When
	if i := mostSpecific(p.Overrides, func(o Override) When { return o.When }, r.Side, sc); i >= 0 {
		setting, override = &p.Overrides[i].Setting, new(p.Overrides[i].When.clone())
	}
	if setting == nil {
		return Value{}, "", Origin{}, fault.NotFound("rule.param_unset", append(about,
			fault.Arg("participant", sc.Participant), fault.Arg("day", sc.On))...)
	}
	value, sources, alternative := setting.chosen()
	from := s.origin(id, name, sources)
	from.Override, from.Alternative = override, alternative
	if alternative != "" {
		from.Certainty = Conflict
	}
	value.Codes = slices.Clone(value.Codes)
	return value, p.Type, from, nil
}

// chosen is the value of a checked setting.
func (s *Setting) chosen() (Value, []Source, string) {
	if s.Value != nil {
		return *s.Value, s.Sources, ""
	}
	i := slices.IndexFunc(s.Alternatives, func(a Alternative) bool { return a.ID == s.Choose })
	return *s.Alternatives[i].Value, s.Alternatives[i].Sources, s.Choose
}

// mostSpecific is the index of the override that wins in the scope, -1 when
// none is for it. A checked set has no ties.
func mostSpecific[T any](overrides []T, when func(T) When, side Side, sc Scope) int {
	best := -1
	for i, o := range overrides {
		if when(o).selects(side, sc) && (best < 0 || when(o).Specificity() > when(overrides[best]).Specificity()) {
			best = i
		}
	}
	return best
}

func (s Set) origin(rule, param string, sources []Source) Origin {
	return Origin{
		Set: s.ID(), Version: s.Version(), Hash: s.hash, Rule: rule, Param: param,
		Certainty: weakest(sources), Sources: slices.Clone(sources),
	}
}

// weakest is the certainty of the least certain source: what is said of a value
// is no surer than that.
func weakest(sources []Source) Certainty {
	order := []Certainty{Seen, Memory, Inference, Conflict}
	worst := Seen
	for _, s := range sources {
		if slices.Index(order, s.Certainty) > slices.Index(order, worst) {
			worst = s.Certainty
		}
	}
	return worst
}

// typed is Param for a getter: a parameter of another type is a fault.
func (s Set) typed(id, name string, sc Scope, want Type) (Value, Origin, error) {
	v, t, from, err := s.Param(id, name, sc)
	if err == nil && t != want {
		err = fault.Invalid("rule.param_of_other_type", fault.Arg("rule", id), fault.Arg("param", name),
			fault.Arg("set", s.ID()), fault.Arg("expected", string(want)), fault.Arg("got", string(t)))
	}
	if err != nil {
		return Value{}, Origin{}, err
	}
	return v, from, nil
}

// Bool is a parameter of TypeBool.
func (s Set) Bool(rule, param string, sc Scope) (bool, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeBool)
	return v.Number == 1, from, err
}

// Count is a parameter of TypeCount.
func (s Set) Count(rule, param string, sc Scope) (int64, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeCount)
	return v.Number, from, err
}

// Days is a parameter of TypeDays, in calendar days.
func (s Set) Days(rule, param string, sc Scope) (int, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeDays)
	return int(v.Number), from, err
}

// Hours is a parameter of TypeHours.
func (s Set) Hours(rule, param string, sc Scope) (time.Duration, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeHours)
	return time.Duration(v.Number) * time.Hour, from, err
}

// Limit is a parameter of TypeLimit.
func (s Set) Limit(rule, param string, sc Scope) (period.Limit, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeLimit)
	if err != nil {
		return period.Limit{}, Origin{}, err
	}
	l, err := period.ParseLimit(v.Text)
	return l, from, err
}

// Carats is a parameter of TypeCarats.
func (s Set) Carats(rule, param string, sc Scope) (measure.Carats, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeCarats)
	return measure.Carats(v.Number), from, err
}

// BasisPoints is a parameter of TypePercent, in hundredths of a percent.
func (s Set) BasisPoints(rule, param string, sc Scope) (int64, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypePercent)
	return v.Number, from, err
}

// Thousandths is a parameter of TypeDecimal, in thousandths.
func (s Set) Thousandths(rule, param string, sc Scope) (int64, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeDecimal)
	return v.Number, from, err
}

// USD is a parameter of TypeUSD.
func (s Set) USD(rule, param string, sc Scope) (measure.USD, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeUSD)
	return measure.USD(v.Number), from, err
}

// Word is a parameter of TypeWord.
func (s Set) Word(rule, param string, sc Scope) (string, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeWord)
	return v.Text, from, err
}

// Codes is a parameter of TypeCodes, in the order of the set.
func (s Set) Codes(rule, param string, sc Scope) ([]string, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeCodes)
	return v.Codes, from, err
}

// Text is a parameter of TypeText.
func (s Set) Text(rule, param string, sc Scope) (string, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeText)
	return v.Text, from, err
}

// MonthDay is a parameter of TypeMonthDay.
func (s Set) MonthDay(rule, param string, sc Scope) (MonthDay, Origin, error) {
	v, from, err := s.typed(rule, param, sc, TypeMonthDay)
	if err != nil {
		return MonthDay{}, Origin{}, err
	}
	day, _ := parseMonthDay(v.Text)
	return day, from, nil
}

package ruleweb

import (
	"fmt"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
)

// showCmd shows a set, one rule of it, or one rule as it stands for a
// Participant, a pair and a day.
type showCmd struct {
	Set         string `placeholder:"DIR" help:"cli_rules_set"`
	Participant string `placeholder:"CODE" help:"cli_rules_show_participant"`
	Counterpart string `placeholder:"CODE" help:"cli_rules_show_counterpart"`
	On          string `placeholder:"DATE" help:"cli_rules_show_on"`
	JSON        bool   `name:"json" help:"cli_json"`
	Rule        string `arg:"" optional:"" help:"cli_rules_show_rule"`
}

// Run prints it.
func (c *showCmd) Run(env *module.Env) error {
	s, err := readSet("--set", c.Set)
	if err != nil {
		return err
	}
	scoped := c.Participant != "" || c.Counterpart != "" || c.On != ""
	switch {
	case scoped && c.Rule == "":
		return fault.Usage("rule.rule_needed", fault.At("RULE"))
	case scoped:
		return c.showFor(env, s)
	case c.JSON:
		return c.json(env, s)
	case c.Rule == "":
		fmt.Fprint(env.Out, rule.Describe(s, env.Words))
		return nil
	}
	described, err := rule.DescribeRule(s, c.Rule, env.Words)
	fmt.Fprint(env.Out, described)
	return err
}

// json is the set, or the editions of one rule in it.
func (c *showCmd) json(env *module.Env, s rule.Set) error {
	var out []ruleView
	for _, r := range s.Content().Rules {
		if c.Rule == "" || r.ID == c.Rule {
			out = append(out, viewOf(r))
		}
	}
	if len(out) == 0 {
		return fault.NotFound("rule.no_such_rule", fault.Arg("rule", c.Rule), fault.Arg("set", s.ID()))
	}
	return env.JSON(struct {
		setSummary
		Rules []ruleView `json:"rules"`
	}{summary(s), out})
}

// scope reads the case that is asked for.
func (c *showCmd) scope(env *module.Env) (rule.Scope, error) {
	sc := rule.Scope{On: period.DateOf(env.Now())}
	if c.Participant == "" {
		return sc, fault.Usage("rule.participant_needed", fault.At("--participant"))
	}
	var faults fault.List
	var err error
	if sc.Participant, err = ident.ParseParticipant(c.Participant); err != nil {
		faults.Add(fault.Locate(err, fault.At("--participant")))
	}
	if c.Counterpart != "" {
		if sc.Counterpart, err = ident.ParseParticipant(c.Counterpart); err != nil {
			faults.Add(fault.Locate(err, fault.At("--counterpart")))
		}
	}
	if c.On != "" {
		if sc.On, err = period.Parse(c.On); err != nil {
			faults.Add(fault.Locate(err, fault.At("--on")))
		}
	}
	return sc, faults.Err()
}

// ruleFor is a rule as it stands in a scope.
type ruleFor struct {
	setSummary
	Rule        string      `json:"rule"`
	Participant string      `json:"participant"`
	Counterpart string      `json:"counterpart,omitempty"`
	On          string      `json:"on"`
	Severity    string      `json:"severity"`
	SeverityOf  originView  `json:"severity_from"`
	Side        string      `json:"side"`
	Text        words       `json:"text"`
	Params      []paramView `json:"params"`
}

func (c *showCmd) showFor(env *module.Env, s rule.Set) error {
	sc, err := c.scope(env)
	if err != nil {
		return err
	}
	if !c.JSON {
		described, err := rule.DescribeFor(s, c.Rule, sc, env.Words)
		fmt.Fprint(env.Out, described)
		return err
	}
	r, err := s.Rule(c.Rule, sc)
	if err != nil {
		return err
	}
	severity, from, err := s.Severity(c.Rule, sc)
	if err != nil {
		return err
	}
	out := ruleFor{setSummary: summary(s), Rule: r.ID, Participant: string(sc.Participant), Counterpart: string(sc.Counterpart),
		On: sc.On.String(), Severity: string(severity), SeverityOf: originOf(from), Side: string(r.Side), Text: words(r.Text)}
	for _, p := range r.Params {
		view := paramView{Name: p.Name, Type: string(p.Type), Label: words(p.Label)}
		if v, t, from, err := s.Param(r.ID, p.Name, sc); err == nil {
			view.Value, view.From = v.Plain(t), new(originOf(from))
		} else if !fault.Is(err, "rule.param_unset") {
			return err
		}
		out.Params = append(out.Params, view)
	}
	return env.JSON(out)
}

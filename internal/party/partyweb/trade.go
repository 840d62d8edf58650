package partyweb

import (
	"fmt"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
)

// tradeCmd judges whether two Participants may trade.
type tradeCmd struct {
	nodeFlags
	Choices  string   `placeholder:"FILE" help:"cli_party_choices"`
	From     string   `required:"" placeholder:"CODE" help:"cli_party_trade_from"`
	To       string   `required:"" placeholder:"CODE" help:"cli_party_trade_to"`
	Exported string   `placeholder:"DATE" help:"cli_party_trade_exported"`
	Imported string   `placeholder:"DATE" help:"cli_party_trade_imported"`
	Zones    []string `placeholder:"NAME,..." help:"cli_party_trade_zones"`
	JSON     bool     `name:"json" help:"cli_json"`

	ChoicesText []byte `kong:"-"`
}

// Run has it done.
func (c *numberCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *tradeCmd) Run(env *module.Env) error { return c.give(env, c) }

// Load reads the choices too.
func (c *tradeCmd) Load(env *module.Env) error {
	list := listFlags{nodeFlags: c.nodeFlags, Choices: c.Choices}
	err := list.Load(env)
	c.nodeFlags, c.ChoicesText = list.nodeFlags, list.ChoicesText
	return err
}

// Do prints the findings of the rules on membership.
func (c *tradeCmd) Do(env *module.Env, n *module.Node) error {
	list := listFlags{nodeFlags: c.nodeFlags, Choices: c.Choices, ChoicesText: c.ChoicesText, On: c.Exported}
	a, err := list.open(env, n)
	if err != nil {
		return err
	}
	s := party.Shipment{Exported: a.on, Zones: c.Zones}
	var faults fault.List
	s.Exporter, err = participant("--from", c.From)
	faults.Add(err)
	s.Importer, err = participant("--to", c.To)
	faults.Add(err)
	if c.Imported != "" {
		d, err := day("--imported", c.Imported, env)
		faults.Add(err)
		if err == nil && d < s.Exported {
			faults.Add(fault.Usage("party.arrives_before", fault.At("--imported"), fault.Arg("exported", s.Exported), fault.Arg("imported", d)))
		}
		s.Imported = &d
	}
	if err := faults.Err(); err != nil {
		return err
	}
	set, err := ruleSet()
	if err != nil {
		return err
	}
	findings, err := a.Register.TradeCheck(set, s)
	if err != nil {
		return err
	}
	return report(env, findings, c.JSON)
}

// numberCmd holds a number on paper against its Participant's form and, with a
// node, against the ranges and specimens that were stated.
type numberCmd struct {
	nodeFlags
	Issuer  string   `placeholder:"CODE" help:"cli_party_number_issuer"`
	Parcel  []string `sep:"none" placeholder:"NUMBER" help:"cli_party_number_parcel"`
	On      string   `placeholder:"DATE" help:"cli_party_number_on"`
	JSON    bool     `name:"json" help:"cli_json"`
	Written string   `arg:"" name:"number" help:"cli_party_number_number"`
}

// Run prints the findings of the rules on numbers.
func (c *numberCmd) Do(env *module.Env, n *module.Node) error {
	list := listFlags{nodeFlags: c.nodeFlags, On: c.On}
	a, err := list.open(env, n)
	if err != nil {
		return err
	}
	number, err := ident.ParseTypedPaper(c.Written)
	if err != nil {
		return fault.Locate(err, fault.At("NUMBER"))
	}
	issuer, err := participant("--issuer", c.Issuer)
	if err != nil {
		return err
	}
	if issuer == "" {
		issuer = number.Participant()
	}
	set, err := ruleSet()
	if err != nil {
		return err
	}
	sc := rule.Scope{Participant: issuer, On: a.on}
	findings, err := a.Formats.Judge(set, sc, party.Paper{Number: number, Issuer: issuer, Parcels: c.Parcel})
	if err == nil && n != nil {
		var more []rule.Finding
		err = c.read(env, n, func(tx *store.Tx) (err error) {
			more, err = specimen.JudgePaper(tx, set, sc, number, a.on)
			return err
		})
		findings = append(findings, more...)
	}
	if err != nil {
		return err
	}
	return report(env, findings, c.JSON)
}

type findingView struct {
	Rule     string         `json:"rule"`
	Outcome  rule.Outcome   `json:"outcome"`
	Severity rule.Severity  `json:"severity"`
	Reason   string         `json:"reason"`
	Facts    map[string]any `json:"facts"`
	Set      string         `json:"set"`
	Version  int            `json:"version"`
	Hash     string         `json:"hash"`
}

// report prints findings, what matters most first.
func report(env *module.Env, findings []rule.Finding, asJSON bool) error {
	r := rule.NewReport(findings...)
	if asJSON {
		out := []findingView{}
		for f := range r.All() {
			out = append(out, findingView{f.Rule, f.Outcome, f.Severity, f.Reason.Key, f.Facts, f.Set, f.Version, f.SetHash.String()})
		}
		return env.JSON(map[string]any{"outcome": r.Outcome(), "findings": out})
	}
	told := map[string]bool{}
	for f := range r.All() {
		fmt.Fprintf(env.Out, "%s  %s\n", f.Rule, env.Words.T("party.outcome."+string(f.Outcome), nil))
		fmt.Fprintf(env.Out, "  %s\n", env.Words.T(f.Reason.Key, lang.Args(f.Reason.Args)))
		for _, v := range f.Values {
			for _, s := range v.Sources {
				fmt.Fprintf(env.Out, "    %s\n", sourced(env, s.Ref, party.Certainty(s.Certainty)))
			}
		}
		lists, _ := f.Facts["lists"].([]any)
		for _, l := range lists {
			look(env, l, told)
		}
	}
	return nil
}

// look prints the events behind one list's answer, each once in a report.
func look(env *module.Env, of any, told map[string]bool) {
	l, ok := of.(map[string]any)
	if !ok {
		return
	}
	for _, group := range []string{"basis", "open"} {
		events, _ := l[group].([]any)
		for _, e := range events {
			row, _ := e.(map[string]any)
			code, _ := l["participant"].(string)
			date, _ := row["date"].(string)
			what, _ := row["what"].(string)
			source, _ := row["source"].(string)
			certainty, _ := row["certainty"].(string)
			if d, err := period.Parse(date); err == nil {
				date = env.Words.Date(d)
			}
			line := fmt.Sprintf("    %s  %s  %s%s\n", code, date, what, sourced(env, source, party.Certainty(certainty)))
			if !told[line] {
				fmt.Fprint(env.Out, line)
			}
			told[line] = true
		}
	}
}

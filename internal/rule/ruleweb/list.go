package ruleweb

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/rule"
)

// checkCmd says whether a folder is a rule set that can be adopted.
type checkCmd struct {
	JSON bool   `name:"json" help:"cli_json"`
	Dir  string `arg:"" help:"cli_rules_check_dir"`
}

// setSummary is a set without its rules.
type setSummary struct {
	Set       string        `json:"set"`
	Version   int           `json:"version"`
	Hash      string        `json:"hash"` // SHA-256 of the canonical form, hexadecimal
	Title     words         `json:"title"`
	AdoptedBy string        `json:"adopted_by,omitempty"`
	From      string        `json:"valid_from"`
	Until     string        `json:"valid_until,omitempty"`
	Count     int           `json:"count"`
	Rules     []ruleSummary `json:"rules,omitempty"`
}

type ruleSummary struct {
	ID       string `json:"rule"`
	Severity string `json:"severity"`
	Side     string `json:"side"`
	From     string `json:"valid_from"`
	Until    string `json:"valid_until,omitempty"`
	Text     words  `json:"text"`
}

func summary(s rule.Set) setSummary {
	c := s.Content()
	return setSummary{Set: s.ID(), Version: s.Version(), Hash: s.Hash().String(), Title: words(c.Title), AdoptedBy: c.AdoptedBy,
		From: day(c.From), Until: day(c.Until), Count: len(c.Rules)}
}

// Run reports every fault of the set, or that there is none.
func (c *checkCmd) Run(env *module.Env) error {
	s, err := readSet("DIR", c.Dir)
	if err != nil {
		return err
	}
	sum := summary(s)
	if c.JSON {
		return env.JSON(sum)
	}
	env.Say("rule.checked", lang.Args{"file": c.Dir, "set": s.ID(), "version": fmt.Sprint(s.Version()), "count": sum.Count})
	env.Say("rule.list.hash", lang.Args{"hash": sum.Hash})
	return nil
}

// listCmd lists the rules of a set, one line each.
type listCmd struct {
	Set  string `placeholder:"DIR" help:"cli_rules_set"`
	JSON bool   `name:"json" help:"cli_json"`
}

// listWidth is how many characters of a rule's text a line shows.
const listWidth = 90

// Run prints the list.
func (c *listCmd) Run(env *module.Env) error {
	s, err := readSet("--set", c.Set)
	if err != nil {
		return err
	}
	content := s.Content()
	if c.JSON {
		sum := summary(s)
		for _, r := range content.Rules {
			sum.Rules = append(sum.Rules, ruleSummary{r.ID, string(r.Severity), string(r.Side), day(r.From), day(r.Until), words(r.Text)})
		}
		return env.JSON(sum)
	}
	env.Say("rule.list.title", lang.Args{"title": content.Title.In(env.Words.Language()), "set": s.ID(), "version": fmt.Sprint(s.Version())})
	env.Say("rule.list.hash", lang.Args{"hash": s.Hash().String()})
	fmt.Fprintln(env.Out)
	wideID, wideSeverity := 0, 0
	for _, r := range content.Rules {
		wideID = max(wideID, len(r.ID))
		wideSeverity = max(wideSeverity, utf8.RuneCountInString(env.Words.T("rule.severity."+string(r.Severity), nil)))
	}
	for _, r := range content.Rules {
		fmt.Fprintf(env.Out, "%-*s  %-*s  %s\n", wideID, r.ID, wideSeverity, env.Words.T("rule.severity."+string(r.Severity), nil),
			clip(r.Text.In(env.Words.Language())))
	}
	return nil
}

// clip is the beginning of a text, cut at a blank.
func clip(text string) string {
	text = strings.ReplaceAll(text, "\n\n", " ")
	if utf8.RuneCountInString(text) <= listWidth {
		return text
	}
	cut := string([]rune(text)[:listWidth])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:") + " …"
}

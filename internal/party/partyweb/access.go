package partyweb

import (
	"fmt"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
)

func accessKeysOf(n *module.Node) (*accesskey.Service, error) {
	return module.Service[*accesskey.Service](n)
}

// makeKeyCmd makes an access key and prints it, once.
type makeKeyCmd struct {
	peopleFlags
	Name      string `arg:"" help:"cli_access_name"`
	Roles     string `required:"" placeholder:"ROLES" help:"cli_access_roles"`
	Only      string `placeholder:"RIGHTS" help:"cli_access_only"`
	Company   string `placeholder:"TEXT" help:"cli_people_invite_company"`
	Licence   string `placeholder:"TEXT" help:"cli_people_invite_licence"`
	Sandbox   bool   `help:"cli_access_sandbox"`
	Days      int    `placeholder:"NUMBER" help:"cli_access_days"`
	PerMinute int    `placeholder:"NUMBER" help:"cli_access_rate"`
}

// Run has it done.
func (c *makeKeyCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// listed are the values of a flag that holds several, with commas.
func listed(s string) (out []string) {
	for v := range strings.SplitSeq(s, ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// Do makes it. It stands in no log: the one place where it is written is the answer.
func (c *makeKeyCmd) Do(env *module.Env, n *module.Node) error {
	s, err := accessKeysOf(n)
	if err != nil {
		return err
	}
	p := accesskey.Proposal{Name: c.Name, Only: listed(c.Only), Holder: c.Company, Licence: c.Licence, Sandbox: c.Sandbox, Days: c.Days, PerMinute: c.PerMinute}
	for _, name := range listed(c.Roles) {
		p.Roles = append(p.Roles, access.Role(name))
	}
	t, k, err := s.Make(env.Context, accesskey.By{}, p)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"id": k.ID, "key": t.Secret(), "until": k.Until})
	}
	env.Say("party.access.made", lang.Args{"name": k.Name, "roles": k.Roles(), "until": k.Until})
	fmt.Fprintf(env.Out, "\n  %s\n\n", t.Secret())
	env.Say("party.access.once", nil)
	if k.Sandbox {
		env.Say("party.access.sandbox", nil)
	}
	return nil
}

// listKeysCmd lists the access keys.
type listKeysCmd struct{ peopleFlags }

// Run has it done.
func (c *listKeysCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do prints them: never a key, which nobody has but who was given it.
func (c *listKeysCmd) Do(env *module.Env, n *module.Node) error {
	s, err := accessKeysOf(n)
	if err != nil {
		return err
	}
	all, err := s.List(env.Context)
	if err != nil {
		return err
	}
	now := env.Now()
	if c.JSON {
		views := make([]map[string]any, len(all))
		for i, k := range all {
			views[i] = map[string]any{"id": k.ID, "name": k.Name, "roles": k.Roles(), "only": k.Only, "company": k.Holder, "sandbox": k.Sandbox, "per_minute": k.PerMinute, "until": k.Until, "made": k.Made, "serves": k.Serves(now)}
			if !k.Used.IsZero() {
				views[i]["used"] = k.Used
			}
		}
		return env.JSON(map[string]any{"access_keys": views})
	}
	if len(all) == 0 {
		env.Say("party.access.none", nil)
		return nil
	}
	var rows [][]string
	for _, k := range all {
		state := env.Words.T("party.access.until", lang.Args{"until": k.Until})
		switch {
		case !k.Ended.IsZero():
			state = env.Words.T("party.access.ended", lang.Args{"at": k.Ended})
		case !k.Serves(now):
			state = env.Words.T("party.access.over", lang.Args{"until": k.Until})
		}
		used := env.Words.T("party.access.unused", nil)
		if !k.Used.IsZero() {
			used = env.Words.T("party.access.used", lang.Args{"at": k.Used})
		}
		rows = append(rows, []string{k.ID, k.Name, env.Words.Show(k.Roles()), state, used})
	}
	table(env, rows)
	return nil
}

// endKeyCmd ends an access key at once.
type endKeyCmd struct {
	peopleFlags
	ID string `arg:"" help:"cli_access_id"`
}

// Run has it done.
func (c *endKeyCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do ends it.
func (c *endKeyCmd) Do(env *module.Env, n *module.Node) error {
	s, err := accessKeysOf(n)
	if err != nil {
		return err
	}
	if err := s.End(env.Context, accesskey.By{}, c.ID); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"id": c.ID, "serves": false})
	}
	env.Say("party.access.is_ended", lang.Args{"id": c.ID})
	return nil
}

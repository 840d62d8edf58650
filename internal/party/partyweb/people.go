package partyweb

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/trail"
)

// peopleFlags name the node. Whoever may use its folder keeps the server: what he does
// here to accounts he could do to the database as well, but here the trail says it.
type peopleFlags struct {
	Dir  string `default:"." placeholder:"DIR" help:"cli_people_dir"`
	JSON bool   `name:"json" help:"cli_json"`
}

// Load has nothing to read.
func (peopleFlags) Load(*module.Env) error { return nil }

func peopleOf(n *module.Node) (*people.Service, error) { return module.Service[*people.Service](n) }

// newPerson says who is to get an account.
type newPerson struct {
	Login string `arg:"" help:"cli_people_login"`
	Name  string `required:"" placeholder:"TEXT" help:"cli_people_name"`
	Reads string `placeholder:"LANGUAGE" help:"cli_people_reads"`
}

func (p newPerson) proposal(env *module.Env) people.Proposal {
	out := people.Proposal{Login: p.Login, Name: p.Name, Language: lang.Language(p.Reads)}
	if p.Reads == "" {
		out.Language = env.Words.Language()
	}
	return out
}

// giveLink prints a one-time link with its address, where one is known.
func (f peopleFlags) giveLink(env *module.Env, n *module.Node, key, login, token string) error {
	s, err := peopleOf(n)
	if err != nil {
		return err
	}
	l, err := s.Link(env.Context, people.From{}, token)
	if err != nil {
		return err
	}
	path, base := "/come-in/"+token, n.URL
	if base == "" && len(n.Origins) > 0 {
		base = n.Origins[0]
	}
	if f.JSON {
		return env.JSON(map[string]any{"login": l.Person.Login, "link": base + path, "until": l.Expires})
	}
	env.Say(key, lang.Args{"login": login, "name": l.Person.Name, "office": n.Office})
	fmt.Fprintf(env.Out, "\n  %s\n\n", base+path)
	if base == "" {
		env.Say("party.people.no_address", nil)
	}
	env.Say("party.people.once", lang.Args{"until": l.Expires})
	return nil
}

// foundCmd makes the first administrator of a node.
type foundCmd struct {
	peopleFlags
	newPerson
}

// Run has it done.
func (c *foundCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do makes the account and prints the link.
func (c *foundCmd) Do(env *module.Env, n *module.Node) error {
	s, err := peopleOf(n)
	if err != nil {
		return err
	}
	secret, err := s.OpenSetUp(env.Context)
	if err != nil {
		return err
	}
	token, err := s.Found(env.Context, people.From{}, secret, c.proposal(env))
	if err != nil {
		return err
	}
	return c.giveLink(env, n, "party.people.founded", c.Login, token)
}

// inviteCmd gives an account with roles.
type inviteCmd struct {
	peopleFlags
	newPerson
	Roles   string `required:"" placeholder:"ROLES" help:"cli_people_invite_roles"`
	Company string `placeholder:"TEXT" help:"cli_people_invite_company"`
	Licence string `placeholder:"TEXT" help:"cli_people_invite_licence"`
}

// Run has it done.
func (c *inviteCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do makes the account and prints the link.
func (c *inviteCmd) Do(env *module.Env, n *module.Node) error {
	s, err := peopleOf(n)
	if err != nil {
		return err
	}
	p := c.proposal(env)
	p.Company = people.Company{Holder: c.Company, Licence: c.Licence}
	var faults fault.List
	for name := range strings.SplitSeq(c.Roles, ",") {
		role := access.Role(strings.TrimSpace(name))
		if !slices.Contains(access.Roles(), role) || role == access.Public {
			faults.Add(fault.Usage("party.no_such_role", fault.At("--roles"), fault.Text(name), fault.Arg("roles", access.Roles().String())))
			continue
		}
		g, err := access.GrantAt(role, ident.OfficeID(n.Office))
		faults.Add(err)
		p.Grants = append(p.Grants, g)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	token, err := s.InviteAtServer(env.Context, p)
	if err != nil {
		return err
	}
	return c.giveLink(env, n, "party.people.invited", c.Login, token)
}

// recoverCmd lets somebody in again who has lost what he signs in with.
type recoverCmd struct {
	peopleFlags
	Login  string `arg:"" help:"cli_people_login"`
	Reason string `required:"" placeholder:"TEXT" help:"cli_people_reason"`
}

// Run has it done.
func (c *recoverCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do prints the link.
func (c *recoverCmd) Do(env *module.Env, n *module.Node) error {
	s, err := peopleOf(n)
	if err != nil {
		return err
	}
	token, err := s.RecoverAtServer(env.Context, c.Login, c.Reason)
	if err != nil {
		return err
	}
	return c.giveLink(env, n, "party.people.recovered", c.Login, token)
}

// suspendCmd puts somebody out.
type suspendCmd struct {
	peopleFlags
	Login  string `arg:"" help:"cli_people_login"`
	Reason string `required:"" placeholder:"TEXT" help:"cli_people_reason"`
}

// Run has it done.
func (c *suspendCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do suspends the account and ends its sessions.
func (c *suspendCmd) Do(env *module.Env, n *module.Node) error {
	s, err := peopleOf(n)
	if err != nil {
		return err
	}
	if err := s.SuspendAtServer(env.Context, c.Login, c.Reason); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"login": c.Login, "state": people.Suspended})
	}
	env.Say("party.people.suspended", lang.Args{"login": c.Login})
	return nil
}

// peopleListCmd lists the accounts.
type peopleListCmd struct{ peopleFlags }

// Run has it done.
func (c *peopleListCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// personView is an account for programs.
type personView struct {
	Login   string         `json:"login"`
	Name    string         `json:"name"`
	State   people.State   `json:"state"`
	Grants  []access.Grant `json:"grants"`
	Company string         `json:"company,omitempty"`
	Licence string         `json:"licence,omitempty"`
	Factors []string       `json:"factors"`
	Keys    []string       `json:"keys"`
}

func viewOfPerson(p people.Person) personView {
	v := personView{Login: p.Login, Name: p.Name, State: p.State, Grants: p.Grants, Company: p.Company.Holder, Licence: p.Company.Licence, Factors: []string{}, Keys: []string{}}
	for _, f := range []struct {
		has  bool
		name string
	}{{p.Password, "password"}, {p.Code, "code"}, {p.Passkeys > 0, "passkey"}} {
		if f.has {
			v.Factors = append(v.Factors, f.name)
		}
	}
	for _, k := range p.Keys {
		v.Keys = append(v.Keys, k.ID.String())
	}
	return v
}

// Do prints them.
func (c *peopleListCmd) Do(env *module.Env, n *module.Node) error {
	s, err := peopleOf(n)
	if err != nil {
		return err
	}
	all, err := s.Everybody(env.Context)
	if err != nil {
		return err
	}
	if c.JSON {
		views := make([]personView, len(all))
		for i, p := range all {
			views[i] = viewOfPerson(p)
		}
		return env.JSON(map[string]any{"people": views})
	}
	if len(all) == 0 {
		env.Say("party.people.nobody", nil)
		return nil
	}
	var rows [][]string
	for _, p := range all {
		var roles []string
		for _, g := range p.Grants {
			roles = append(roles, env.Words.T("role."+string(g.Role), nil))
		}
		rows = append(rows, []string{p.Login, p.Name, env.Words.T("people.state."+string(p.State), nil), strings.Join(roles, ", ")})
	}
	table(env, rows)
	return nil
}

// trailCmd shows what was done to accounts.
type trailCmd struct {
	peopleFlags
	Before int64 `placeholder:"NUMBER" help:"cli_people_trail_before"`
	Most   int   `default:"50" placeholder:"NUMBER" help:"cli_people_trail_most"`
	Check  bool  `help:"cli_people_trail_check"`
}

// Run has it done.
func (c *trailCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do prints it, or goes through the whole of it.
func (c *trailCmd) Do(env *module.Env, n *module.Node) error {
	s, err := peopleOf(n)
	if err != nil {
		return err
	}
	if c.Check {
		return c.check(env, s)
	}
	rows, err := s.TrailAtServer(env.Context, c.Before, max(1, c.Most))
	if err != nil {
		return err
	}
	if c.JSON {
		return c.trailJSON(env, rows)
	}
	names, err := s.Names(env.Context)
	if err != nil {
		return err
	}
	for _, r := range rows {
		who := names[r.Who]
		if r.Who == "" {
			who = env.Words.T("party.people.no_one", nil)
		}
		line := []string{who, env.Words.T("people.act."+string(r.Act), nil)}
		if r.About != "" && r.About != r.Who {
			line = append(line, names[r.About])
		}
		for _, k := range slices.Sorted(maps.Keys(r.Args)) {
			line = append(line, r.Args[k])
		}
		fmt.Fprintf(env.Out, "%6d  %s  %s\n", r.N, env.Words.Time(r.At), strings.Join(append(line, r.Address), " · "))
	}
	return nil
}

func (c *trailCmd) trailJSON(env *module.Env, rows []trail.Record) error {
	out := make([]map[string]any, len(rows))
	for i, r := range rows {
		out[i] = map[string]any{"number": r.N, "at": r.At, "who": r.Who, "act": r.Act, "about": r.About, "particulars": r.Args, "address": r.Address, "hash": r.Hash}
	}
	return env.JSON(map[string]any{"rows": out})
}

// check goes through the chain: 1 is its verdict when a row is not as it was written.
func (c *trailCmd) check(env *module.Env, s *people.Service) error {
	broken, head, err := s.CheckTrail(env.Context)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		err = env.JSON(map[string]any{"rows": head.N, "hash": head.Hash, "broken": broken})
	case broken != 0:
		env.Say("party.people.trail_broken", lang.Args{"row": broken})
	default:
		env.Say("party.people.trail_whole", lang.Args{"count": head.N, "hash": head.Hash})
	}
	if err == nil && broken != 0 {
		err = module.Exit(1)
	}
	return err
}

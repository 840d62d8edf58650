package programs

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/web/hook"
)

type commands struct {
	Webhooks struct {
		List       listCmd       `cmd:"" help:"cli_webhooks_list"`
		Add        addCmd        `cmd:"" help:"cli_webhooks_add"`
		Remove     removeCmd     `cmd:"" help:"cli_webhooks_remove"`
		Test       testCmd       `cmd:"" help:"cli_webhooks_test"`
		Deliveries deliveriesCmd `cmd:"" help:"cli_webhooks_deliveries"`
	} `cmd:"" help:"cli_webhooks"`
}

// Commands is a pointer to the commands, for module.Module: of whoever keeps the server.
func Commands() any { return &commands{} }

// at is the node of a command, and how its results are written.
type at struct {
	Dir  string `default:"." placeholder:"DIR" help:"cli_people_dir"`
	JSON bool   `name:"json" help:"cli_json"`
}

// Load has nothing to read.
func (at) Load(*module.Env) error { return nil }

// lines writes rows below each other.
func lines(env *module.Env, rows [][]string) error {
	w := tabwriter.NewWriter(env.Out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// listCmd lists the addresses.
type listCmd struct{ at }

// Run has it done.
func (c *listCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do prints them, those that were ended too.
func (c *listCmd) Do(env *module.Env, n *module.Node) error {
	t, err := toldOf(n)
	if err != nil {
		return err
	}
	all, err := t.hooks.List(env.Context)
	if err != nil {
		return err
	}
	views, rows := []listedView{}, [][]string{}
	for _, h := range all {
		views = append(views, listedView{webhookOf(h), h.Program})
		state := env.Words.T("programs.cli.told", nil)
		if !h.Ended.IsZero() {
			state = env.Words.T("programs.ended", lang.Args{"at": h.Ended})
		}
		rows = append(rows, []string{h.ID, h.Name, h.URL, eventsOf(h), state})
	}
	if c.JSON {
		return env.JSON(map[string]any{"webhooks": views})
	}
	if len(all) == 0 {
		env.Say("programs.hooks.none", nil)
		return nil
	}
	return lines(env, rows)
}

// listedView is an address in JSON.
type listedView struct {
	Webhook
	Program string `json:"program,omitempty"`
}

func eventsOf(h hook.Hook) string {
	var names []string
	for _, e := range h.Events {
		names = append(names, string(e))
	}
	return strings.Join(names, ",")
}

// addCmd names an address.
type addCmd struct {
	at
	Events []hook.Event `required:"" placeholder:"EVENTS" help:"cli_webhooks_events"`
	Name   string       `arg:"" help:"cli_webhooks_name"`
	URL    string       `arg:"" name:"url" help:"cli_webhooks_url"`
}

// Run has it done.
func (c *addCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do names it and prints its secret.
func (c *addCmd) Do(env *module.Env, n *module.Node) error {
	t, err := toldOf(n)
	if err != nil {
		return err
	}
	h, err := t.add(env.Context, accesskey.By{}, hook.Hook{Name: c.Name, URL: c.URL, Events: c.Events})
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"id": h.ID, "secret": t.hooks.Secret(h.ID)})
	}
	env.Say("programs.hook.made.what", lang.Args{"name": h.Name, "url": h.URL})
	fmt.Fprintf(env.Out, "\n  %s\n\n", t.hooks.Secret(h.ID))
	env.Say("programs.hook.once", nil)
	return nil
}

// one names an address by its id.
type one struct {
	at
	ID string `arg:"" help:"cli_webhooks_id"`
}

// removeCmd has an address told nothing more.
type removeCmd struct{ one }

// Run has it done.
func (c *removeCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do ends it.
func (c *removeCmd) Do(env *module.Env, n *module.Node) error {
	t, err := toldOf(n)
	if err != nil {
		return err
	}
	if err := t.remove(env.Context, accesskey.By{}, c.ID, ""); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"id": c.ID, "told": false})
	}
	env.Say("programs.said.hook_ended", nil)
	return nil
}

// testCmd sends a message that says nothing.
type testCmd struct{ one }

// Run has it done.
func (c *testCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do enters it; the node sends it with its next round.
func (c *testCmd) Do(env *module.Env, n *module.Node) error {
	t, err := toldOf(n)
	if err != nil {
		return err
	}
	id, err := t.try(env.Context, c.ID, "")
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"id": c.ID, "delivery": id})
	}
	env.Say("programs.cli.tried", lang.Args{"id": id})
	return nil
}

// deliveriesCmd lists what an address was told.
type deliveriesCmd struct {
	one
	Count int `default:"20" placeholder:"NUMBER" help:"cli_webhooks_count"`
}

// Run has it done.
func (c *deliveriesCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// deliveredView is a message in JSON, for who keeps the server.
type deliveredView struct {
	Delivered
	Detail string `json:"detail,omitempty"`
}

// Do prints the newest first.
func (c *deliveriesCmd) Do(env *module.Env, n *module.Node) error {
	t, err := toldOf(n)
	if err != nil {
		return err
	}
	if _, err := t.of(env.Context, c.ID, ""); err != nil {
		return err
	}
	all, err := t.hooks.Deliveries(env.Context, c.ID, 0, max(1, c.Count))
	if err != nil {
		return err
	}
	views, rows := []deliveredView{}, [][]string{}
	for _, d := range all {
		views = append(views, deliveredView{deliveredOf(d), d.Error})
		rows = append(rows, []string{fmt.Sprint(d.Seq), env.Words.Time(d.Made), string(d.Event), env.Words.T("programs.delivery."+d.State, nil), fmt.Sprint(d.Tries), d.Error})
	}
	if c.JSON {
		return env.JSON(map[string]any{"deliveries": views})
	}
	if len(all) == 0 {
		env.Say("programs.sent.none", nil)
		return nil
	}
	return lines(env, rows)
}

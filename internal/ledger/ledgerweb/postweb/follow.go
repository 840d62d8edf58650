package postweb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// followCmd brings a node's views up to what can be reached now, once.
type followCmd struct {
	Dir     string   `default:"." placeholder:"DIR" help:"cli_follow_dir"`
	From    []string `placeholder:"URL|DIR" sep:"none" help:"cli_follow_from"`
	Rebuild string   `placeholder:"NAME" help:"cli_follow_rebuild"`
	JSON    bool     `name:"json" help:"cli_json"`
}

// passView is what one look at a register has brought, in JSON.
type passView struct {
	Source string     `json:"source"`
	Log    string     `json:"log"`
	Size   int64      `json:"size"`
	Time   *time.Time `json:"time,omitempty"`
	Read   int64      `json:"read"`
	Behind int64      `json:"behind,omitempty"`
	Fault  string     `json:"fault,omitempty"`
}

// Run has it done.
func (c *followCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the places of registers whole.
func (c *followCmd) Load(*module.Env) (err error) {
	c.From, err = ledgerweb.Places(c.From)
	return err
}

// Do follows, or makes one view anew. The serving process may follow at the same
// time: where a follower stands says what it has had.
func (c *followCmd) Do(env *module.Env, n *module.Node) error {
	feeds, problems := n.Post.Feeds(env.Context)
	for _, from := range c.From {
		feed, err := feedFrom(env.Context, n, from)
		if err != nil {
			return err
		}
		there := func(f follow.Feed) bool {
			return f.Source.Name() == feed.Source.Name() && f.Policy.Log.Name == feed.Policy.Log.Name
		}
		if !slices.ContainsFunc(feeds, there) { // a place that the node reads by itself may be named
			feeds = append(feeds, feed)
		}
	}
	f, err := follow.New(follow.Config{Ledger: n.Ledger, Now: env.Now, Followers: n.Followers, Feeds: feeds})
	if err != nil {
		return err
	}
	if c.Rebuild != "" {
		known := slices.ContainsFunc(n.Followers, func(w follow.Follower) bool { return w.Name() == c.Rebuild })
		if !known {
			return fault.NotFound("ledger.no_view", fault.At("--rebuild"), fault.Text(c.Rebuild), fault.Arg("known", viewNames(n.Followers)))
		}
		if err := f.Rebuild(env.Context, c.Rebuild); err != nil {
			return err
		}
	}
	if err := f.Own(env.Context); err != nil {
		return err
	}
	views := []passView{}
	failed := errors.Join(problems...)
	for _, feed := range feeds {
		v := passView{Source: feed.Source.Name(), Log: feed.Policy.Log.Name}
		p, err := f.Log(env.Context, feed)
		if err != nil {
			v.Fault = keyOf(err)
			failed = errors.Join(failed, err)
		}
		if p != nil {
			v.Size, v.Time, v.Read, v.Behind = p.Size, &p.Time, p.Read, p.Behind
			c.say(env, feed, p)
		}
		views = append(views, v)
	}
	for _, job := range n.Jobs { // as after each look of a node that is served
		failed = errors.Join(failed, job.Do(env.Context))
	}
	return errors.Join(c.finish(env, n, f, views), failed)
}

func (c *followCmd) say(env *module.Env, feed follow.Feed, p *follow.Pass) {
	switch {
	case c.JSON:
	case p.Behind > 0:
		env.Say("ledger.followed_behind", lang.Args{"source": feed.Source.Name(), "log": p.Origin, "count": p.Behind})
	default:
		env.Say("ledger.followed", lang.Args{"source": feed.Source.Name(), "log": p.Origin, "read": p.Read, "size": p.Size, "time": p.Time})
	}
}

// finish tells how far each view has come, and of registers that have split.
func (c *followCmd) finish(env *module.Env, n *module.Node, f *follow.Followers, passes []passView) error {
	standing, err := f.Standing(env.Context)
	if err != nil {
		return err
	}
	forks, err := f.Forks(env.Context)
	if err != nil {
		return err
	}
	if c.JSON {
		type view struct {
			View string `json:"view"`
			Log  string `json:"log"`
			Had  int64  `json:"had"`
			Of   int64  `json:"of"`
		}
		type fork struct {
			Log   string    `json:"log"`
			Known string    `json:"known"`
			Found string    `json:"found"`
			At    time.Time `json:"at"`
		}
		views, split := []view{}, []fork{}
		for _, s := range standing {
			views = append(views, view{s.Follower, s.Origin, s.Next, s.Of})
		}
		for _, k := range forks {
			split = append(split, fork{k.Origin, k.Known, k.Found, k.At})
		}
		return env.JSON(map[string]any{"office": n.Office, "logs": passes, "views": views, "split": split})
	}
	for _, s := range standing {
		origin := s.Origin
		if origin == "" {
			origin = env.Words.T("ledger.view_own", nil)
		}
		fmt.Fprintf(env.Out, "  %-24s %-28s %s / %s\n", s.Follower, origin, env.Words.Number(s.Next), env.Words.Number(s.Of))
	}
	for _, k := range forks {
		env.Say("ledger.split_evidence", lang.Args{"log": k.Origin, "time": k.At})
		fmt.Fprintf(env.Out, "%s\n%s\n", k.Known, k.Found)
	}
	return nil
}

func viewNames(all []follow.Follower) string {
	names := ""
	for i, w := range all {
		if i > 0 {
			names += ", "
		}
		names += w.Name()
	}
	return names
}

// feedFrom finds out which register lies in a place, and under which policy the
// node's root documents believe it.
func feedFrom(ctx context.Context, n *module.Node, from string) (follow.Feed, error) {
	src, err := ledgerweb.OpenSource("--from", from)
	if err != nil {
		return follow.Feed{}, err
	}
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return follow.Feed{}, err
	}
	cp, err := policy.ParseCheckpoint(text)
	if err != nil {
		return follow.Feed{}, fault.NotFound("ledger.no_log_here", fault.Arg("source", src.Name()), fault.Because(err))
	}
	chain, err := trust.ParseChain(n.Roots, canonical.Hash{})
	if err != nil {
		return follow.Feed{}, fault.Invalid("ledger.roots_refused", fault.Because(err))
	}
	for _, l := range chain.Current().Logs {
		if l.Origin == cp.Origin {
			pol, err := policy.Parse(l.Policy)
			return follow.Feed{Source: src, Policy: pol}, err
		}
	}
	return follow.Feed{}, fault.Invalid("ledger.log_not_in_root", fault.Arg("source", src.Name()), fault.Arg("origin", cp.Origin))
}

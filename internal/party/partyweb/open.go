package partyweb

import (
	"bytes"
	"context"
	"io/fs"
	"strings"

	"adamas.example/data"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// nodeFlags name the node whose register, and the registers beside it, are read.
type nodeFlags struct {
	Node string   `placeholder:"DIR" help:"cli_party_node"`
	Log  []string `placeholder:"WHERE" help:"cli_party_log"`
}

// Load makes the places of registers whole: whoever serves the node stands elsewhere.
func (f *nodeFlags) Load(*module.Env) (err error) {
	f.Log, err = ledgerweb.Places(f.Log)
	return err
}

// give has a question put where the node is open; without a node it is put here, to
// the published tables alone.
func (f *nodeFlags) give(env *module.Env, o module.Order) error {
	if f.Node != "" {
		return env.Give(f.Node, o)
	}
	if err := o.Load(env); err != nil {
		return err
	}
	return o.Do(env, nil)
}

// listFlags say by which list and on which day.
type listFlags struct {
	nodeFlags
	On      string `placeholder:"DATE" help:"cli_party_on"`
	By      string `placeholder:"CODE" help:"cli_party_by"`
	Choices string `placeholder:"FILE" help:"cli_party_choices"`
	JSON    bool   `name:"json" help:"cli_json"`

	ChoicesText []byte `kong:"-"`
}

// Load reads the choices too.
func (f *listFlags) Load(env *module.Env) (err error) {
	if f.Choices != "" {
		if f.ChoicesText, err = module.ReadFile("--choices", f.Choices, mostChoices); err != nil {
			return err
		}
	}
	return f.nodeFlags.Load(env)
}

// asked is what a question is put to.
type asked struct {
	*party.Scheme
	on  period.Date
	by  ident.ParticipantCode
	env *module.Env
}

// mostChoices bounds a file of choices in bytes.
const mostChoices = 64 << 10

// open reads the flags and the published tables, and joins what the node's
// register says to them.
func (f *listFlags) open(env *module.Env, n *module.Node) (_ *asked, err error) {
	a := &asked{env: env}
	var faults fault.List
	a.on, err = day("--on", f.On, env)
	faults.Add(err)
	a.by, err = participant("--by", f.By)
	faults.Add(err)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	var choices map[string]string
	if f.Choices != "" {
		if choices, err = party.ReadChoices(f.Choices, bytes.NewReader(f.ChoicesText)); err != nil {
			return nil, err
		}
	}
	if a.Scheme, err = party.Load(data.FS, choices); err != nil || n == nil {
		return a, err
	}
	var said Said
	if err := f.read(env, n, func(tx *store.Tx) (err error) {
		said, err = ReadSaid(tx)
		return err
	}); err != nil {
		return nil, err
	}
	a.Scheme, err = said.Join(a.Scheme)
	return a, err
}

// day reads a day, today (UTC) for none.
func day(field, typed string, env *module.Env) (period.Date, error) {
	if typed == "" {
		return period.DateOf(env.Now()), nil
	}
	d, err := period.Parse(typed)
	if err != nil {
		return 0, fault.Locate(err, fault.At(field))
	}
	return d, nil
}

// participant reads a Participant's code; none for "".
func participant(field, typed string) (ident.ParticipantCode, error) {
	if typed == "" {
		return "", nil
	}
	c, err := ident.ParseParticipant(typed)
	if err != nil {
		return "", fault.Locate(err, fault.At(field))
	}
	return c, nil
}

// read brings the view up to the node's register and to the others that are named,
// and reads it.
func (f *nodeFlags) read(env *module.Env, n *module.Node, fn func(tx *store.Tx) error) error {
	if n == nil {
		return fault.Usage("party.node_needed", fault.At("--node"))
	}
	if len(n.Roots) == 0 {
		return fault.NotFound("party.root_missing", fault.File(f.Node))
	}
	chain, err := trust.ParseChain(n.Roots, canonical.Hash{})
	if err != nil {
		return fault.Invalid("party.root_refused", fault.File(f.Node), fault.Arg("why", err.Error()), fault.Because(err))
	}
	if err := f.follow(env, n, chain); err != nil {
		return err
	}
	return n.Ledger.Store().Read(env.Context, env.Now(), fn)
}

// follow brings the view up to date, from the beginning when it was judged by
// other root documents.
func (f *nodeFlags) follow(env *module.Env, n *module.Node, chain *trust.Chain) error {
	view, err := stated.NewView(chain)
	if err != nil {
		return err
	}
	feeds, err := f.feeds(env.Context, chain.Current())
	if err != nil {
		return err
	}
	followers, err := follow.New(follow.Config{Ledger: n.Ledger, Now: env.Now, Followers: []follow.Follower{view}, Feeds: feeds})
	if err != nil {
		return err
	}
	var stale bool
	err = n.Ledger.Store().Read(env.Context, env.Now(), func(tx *store.Tx) (err error) {
		stale, err = view.Stale(tx)
		return err
	})
	if err != nil {
		return err
	}
	if stale {
		return followers.Rebuild(env.Context, view.Name())
	}
	err = followers.Own(env.Context)
	for _, feed := range feeds {
		if err == nil {
			_, err = followers.Log(env.Context, feed)
		}
	}
	return err
}

// feeds finds which register lies at each place, and the policy that the root
// document has for it.
func (f *nodeFlags) feeds(ctx context.Context, root *trust.Root) ([]follow.Feed, error) {
	var out []follow.Feed
	for _, from := range f.Log {
		src, err := ledgerweb.OpenSource("--log", from)
		if err != nil {
			return nil, err
		}
		text, err := src.Checkpoint(ctx)
		if err != nil {
			return nil, err
		}
		origin, _, _ := strings.Cut(text, "\n")
		found := false
		for _, l := range root.Logs {
			if l.Origin != origin {
				continue
			}
			p, err := policy.Parse(l.Policy)
			if err != nil {
				return nil, err
			}
			out, found = append(out, follow.Feed{Source: src, Policy: p}), true
		}
		if !found {
			return nil, fault.Forbidden("party.log_unknown", fault.At("--log"), fault.File(from), fault.Text(origin))
		}
	}
	return out, nil
}

// ruleSet is the scheme's, which comes with the program.
func ruleSet() (rule.Set, error) {
	shipped, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		return rule.Set{}, err
	}
	return rule.Check(shipped)
}

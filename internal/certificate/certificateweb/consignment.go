package certificateweb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// office is what the commands need of an opened node. They work on it and know
// nothing of how it was opened.
type office struct {
	*exporting.Desk
	certificates *certificate.Service
	node         *module.Node
	now          func() time.Time
}

func (o *office) read(ctx context.Context, fn func(*store.Tx) error) error {
	return o.node.Ledger.Store().Read(ctx, o.now(), fn)
}

// nodeFlags name the node.
type nodeFlags struct {
	Dir  string `default:"." placeholder:"DIR" help:"cli_consignment_dir"`
	JSON bool   `name:"json" help:"cli_json"`
}

// Load has nothing to read: what these commands ask stands on the command line.
func (*nodeFlags) Load(*module.Env) error { return nil }

// at finds what the commands need at an open node.
func (f *nodeFlags) at(env *module.Env, n *module.Node) (*office, error) {
	desk, err := module.Service[*exporting.Desk](n)
	if err != nil {
		return nil, err
	}
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return nil, err
	}
	if n.Synthetic && !f.JSON {
		fmt.Fprintln(env.Out, "SYNTHETIC")
	}
	return &office{desk, certificates, n, env.Now}, nil
}

// consignmentView is a consignment in JSON.
type consignmentView struct {
	ID        string         `json:"consignment"`
	State     string         `json:"state"`
	Number    string         `json:"number,omitempty"`
	Statement canonical.Hash `json:"statement,omitzero"`
	Recorded  string         `json:"recorded,omitempty"` // signed, logged, witnessed: of this office's own certificate
	To        string         `json:"to"`
	Kind      uint64         `json:"kind"`
	Steps     int64          `json:"steps"`
	Head      canonical.Hash `json:"file"`
	Due       *time.Time     `json:"due,omitempty"`
	Moved     time.Time      `json:"moved"`
	File      []stepView     `json:"file_steps,omitempty"`
}

type stepView struct {
	Seq    int64           `json:"step"`
	Act    string          `json:"act"`
	Role   string          `json:"role"`
	By     string          `json:"by"`
	At     time.Time       `json:"at"`
	From   string          `json:"from"`
	To     string          `json:"to"`
	Detail json.RawMessage `json:"particulars"`
}

func viewOf(c *consignment.Consignment, steps []consignment.Step) consignmentView {
	v := consignmentView{ID: c.ID, State: string(c.State), Number: c.Number, Statement: c.Statement, To: string(c.Counterpart), Kind: uint64(c.Kind), Steps: c.Steps,
		Head: c.Head, Moved: c.MovedAt}
	if !c.Due.IsZero() {
		v.Due = &c.Due
	}
	for _, s := range steps {
		v.File = append(v.File, stepView{s.Seq, string(s.Act), string(s.Role), s.Actor, s.At, string(s.From), string(s.To), s.Detail})
	}
	return v
}

// view is a consignment with how far the record of its certificate has come.
func (o *office) view(ctx context.Context, c *consignment.Consignment, steps []consignment.Step) (v consignmentView, err error) {
	v = viewOf(c, steps)
	if c.Statement.IsZero() {
		return v, nil
	}
	err = o.read(ctx, func(tx *store.Tx) error {
		state, _, err := ledger.StateOf(tx, c.Statement)
		v.Recorded = state.String()
		return err
	})
	return v, err
}

// listCmd lists consignments.
type listCmd struct {
	nodeFlags
	State string `placeholder:"STATE" help:"cli_consignment_state"`
	Count int    `default:"50" placeholder:"NUMBER" help:"cli_consignment_count"`
}

// Run has it done.
func (c *listCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do lists them.
func (c *listCmd) Do(env *module.Env, n *module.Node) error {
	if c.State != "" && !isState(c.State) {
		return fault.Usage("certificate.no_state", fault.At("--state"), fault.Text(c.State))
	}
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	var all []*consignment.Consignment
	err = o.read(env.Context, func(tx *store.Tx) (err error) {
		if c.State != "" {
			all, err = consignment.In(tx, consignment.State(c.State), c.Count)
		} else {
			all, err = consignment.Newest(tx, c.Count)
		}
		return err
	})
	if err != nil {
		return err
	}
	views := []consignmentView{}
	for _, x := range all {
		views = append(views, viewOf(x, nil))
	}
	if c.JSON {
		return env.JSON(map[string]any{"consignments": views})
	}
	for _, x := range all {
		fmt.Fprintf(env.Out, "%s  %-12s  %s  %s\n", x.ID, x.Number, env.Words.Show(x.Counterpart), env.Words.Show(x.State))
	}
	if len(all) == 0 {
		env.Say("consignment.none", nil)
	}
	return nil
}

func isState(s string) bool {
	for _, x := range consignment.States() {
		if s == string(x) {
			return true
		}
	}
	return false
}

// fileCmd shows a consignment with its file.
type fileCmd struct {
	nodeFlags
	ID string `arg:"" help:"cli_consignment_id"`
}

// Run has it done.
func (c *fileCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do shows it.
func (c *fileCmd) Do(env *module.Env, n *module.Node) error {
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	x, steps, err := o.Get(env.Context, c.ID)
	if err != nil {
		return err
	}
	v, err := o.view(env.Context, x, steps)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(v)
	}
	w := env.Words
	fmt.Fprintln(env.Out, x.ID)
	rows := [][2]string{{w.T("consignment.field.state", nil), w.Show(x.State)}, {w.T("consignment.field.number", nil), x.Number},
		{w.T("consignment.field.to", nil), w.Show(x.Counterpart)}, {w.T("consignment.field.file", nil), x.Head.String()}}
	if !x.Due.IsZero() {
		rows = append(rows, [2]string{w.T("consignment.field.due", nil), w.Show(x.Due)})
	}
	if v.Recorded != "" {
		rows = append(rows, [2]string{w.T("consignment.field.recorded", nil), w.T("consignment.recorded."+v.Recorded, nil)})
	}
	env.Fields(rows...)
	fmt.Fprintln(env.Out)
	for _, s := range steps {
		fmt.Fprintf(env.Out, "%3d  %s  %s (%s, %s)\n", s.Seq, w.Time(s.At), w.Show(s.Act), w.Show(access.RoleList{s.Role}), s.Actor)
	}
	return nil
}

// actsCmd says what can be done with a consignment now.
type actsCmd struct {
	nodeFlags
	As string `placeholder:"ROLE" help:"cli_consignment_as"`
	ID string `arg:"" help:"cli_consignment_id"`
}

// Run has it done.
func (c *actsCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do says it, for one role or for all.
func (c *actsCmd) Do(env *module.Env, n *module.Node) error {
	roles := consignment.Roles()
	if c.As != "" {
		role, err := roleOf(c.As)
		if err != nil {
			return err
		}
		roles = []access.Role{role}
	}
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	x, _, err := o.Get(env.Context, c.ID)
	if err != nil {
		return err
	}
	may := map[string][]consignment.Act{}
	for _, r := range roles {
		if acts := consignment.May(x.State, r); len(acts) > 0 {
			may[string(r)] = acts
		}
	}
	if c.JSON {
		return env.JSON(map[string]any{"consignment": x.ID, "state": x.State, "acts": may})
	}
	env.Say("consignment.now", lang.Args{"consignment": x.ID, "state": x.State})
	for _, r := range roles {
		for _, a := range may[string(r)] {
			fmt.Fprintf(env.Out, "  %-15s %s (%s)\n", a, env.Words.Show(a), env.Words.Show(access.RoleList{r}))
		}
	}
	return nil
}

func roleOf(name string) (access.Role, error) {
	for _, r := range consignment.Roles() {
		if string(r) == name && r != consignment.Record && r != consignment.Clock {
			return r, nil
		}
	}
	return "", fault.Usage("certificate.no_role", fault.At("--as"), fault.Text(name))
}

// tickCmd does what time asks for.
type tickCmd struct{ nodeFlags }

// Run has it done.
func (c *tickCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do does it and says how much.
func (c *tickCmd) Do(env *module.Env, n *module.Node) error {
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	done, err := o.Tick(env.Context)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"acts": done})
	}
	env.Say("consignment.ticked", lang.Args{"count": done})
	return nil
}

// gapsCmd lists numbers on which nothing final has become.
type gapsCmd struct{ nodeFlags }

// Run has it done.
func (c *gapsCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do lists them.
func (c *gapsCmd) Do(env *module.Env, n *module.Node) error {
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	gaps, err := o.certificates.Gaps(env.Context)
	if err != nil {
		return err
	}
	if c.JSON {
		out := []map[string]any{}
		for _, g := range gaps {
			out = append(out, map[string]any{"from": g.From, "to": g.To, "state": g.State})
		}
		return env.JSON(map[string]any{"gaps": out})
	}
	for _, g := range gaps {
		env.Say("consignment.gap", lang.Args{"from": g.From, "to": g.To, "state": g.State})
	}
	if len(gaps) == 0 {
		env.Say("consignment.no_gap", nil)
	}
	return nil
}

// balanceCmd lists what is left of imported certificates.
type balanceCmd struct {
	nodeFlags
	Count int `default:"50" placeholder:"NUMBER" help:"cli_consignment_count"`
}

// Run has it done.
func (c *balanceCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do lists it, and goods that should have come back.
func (c *balanceCmd) Do(env *module.Env, n *module.Node) error {
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	var all []certificate.Balance
	var late []exporting.Outward
	err = o.read(env.Context, func(tx *store.Tx) (err error) {
		if all, err = certificate.Balances(tx, c.Count); err != nil {
			return err
		}
		late, err = exporting.NotReturned(tx, today(o.now()))
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		left := []map[string]any{}
		for _, b := range all {
			left = append(left, balanceView(b))
		}
		return env.JSON(map[string]any{"balances": left, "not_returned": late})
	}
	for _, b := range all {
		env.Say("consignment.balance", lang.Args{"number": b.Number, "free": reading.Carats(b.Free()), "received": reading.Carats(b.Received), "at": b.ReceivedAt})
	}
	if len(all) == 0 {
		env.Say("consignment.no_balance", nil)
	}
	for _, l := range late {
		env.Say("consignment.not_returned", lang.Args{"number": l.Number, "until": l.ReturnBy, "carats": reading.Carats(l.Out - min(l.Out, l.Back))})
	}
	return nil
}

// balanceView is a balance in JSON, weights in hundredths of a carat.
func balanceView(b certificate.Balance) map[string]any {
	return map[string]any{"number": b.Number, "statement": b.Statement, "received": b.Received, "reserved": b.Reserved, "spent": b.Spent,
		"free": b.Free(), "opening": b.Opening, "basis": b.Basis, "at": b.ReceivedAt}
}

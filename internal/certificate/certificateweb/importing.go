package certificateweb

import (
	"strings"

	"adamas.example/internal/certificate/certificateweb/opened"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
)

// The importing office's acts (package importing), each an order: it is done by
// the process that serves the node, if there is one.

// at is what every act at the importing desk is given.
type at struct {
	nodeFlags
	By   string `required:"" placeholder:"NAME" help:"cli_consignment_by"`
	Seen int64  `placeholder:"STEPS" help:"cli_consignment_seen"`
}

func (a at) officer() importing.Officer { return importing.Officer{ID: a.By, Seen: a.Seen} }

// waiting is how far the statement of an act is followed before the command ends.
type waiting struct {
	Wait string `enum:"signed,logged,witnessed" default:"logged" placeholder:"STATE" help:"cli_consignment_wait"`
}

func (w waiting) state() ledger.State { return waits[w.Wait] }

// actView is what an act has come to, in JSON.
type actView struct {
	Consignment string            `json:"consignment"`
	State       consignment.State `json:"state"`
	Number      string            `json:"number,omitempty"`
	Steps       int64             `json:"steps"`
	Verdict     *verify.Verdict   `json:"verdict,omitempty"`
	Statement   string            `json:"statement,omitempty"`
	Recorded    string            `json:"recorded,omitempty"` // signed, logged, witnessed
}

// report prints what an act has come to.
func report(env *module.Env, asJSON bool, c *consignment.Consignment, e *ledger.Entry, v *verify.Verdict) error {
	view := actView{Consignment: c.ID, State: c.State, Number: c.Number, Steps: c.Steps, Verdict: v}
	if e != nil {
		view.Statement, view.Recorded = e.Hash.String(), e.State().String()
	}
	if asJSON {
		return env.JSON(view)
	}
	env.Say("consignment.now", lang.Args{"consignment": c.ID, "state": c.State})
	if v != nil {
		env.Say("consignment.verdict."+string(v.Outcome), lang.Args{"number": c.Number, "checks": notPassed(v)})
	}
	if e != nil {
		env.Say("consignment.recorded."+e.State().String(), nil)
	}
	return nil
}

func notPassed(v *verify.Verdict) (out importing.Codes) {
	for _, c := range v.Checks {
		if c.Outcome != verify.Valid {
			out = append(out, c)
		}
	}
	return out
}

// seals reads container seals as they are typed: CONTAINER=SEAL, those that are
// broken apart.
func seals(whole, broken []string) (out []importing.SealFound, err error) {
	var faults fault.List
	for i, s := range append(append([]string{}, whole...), broken...) {
		container, seal, ok := strings.Cut(s, "=")
		if !ok || container == "" || seal == "" {
			faults.Add(fault.Usage("certificate.seal_form", fault.At("--seal"), fault.Text(s)))
			continue
		}
		out = append(out, importing.SealFound{Container: container, Seal: seal, Intact: i < len(whole)})
	}
	return out, faults.Err()
}

type arriveCmd struct {
	at
	File       string   `arg:"" optional:"" help:"cli_consignment_arrive_file"`
	Place      string   `required:"" placeholder:"TEXT" help:"cli_consignment_place"`
	Original   bool     `help:"cli_consignment_original"`
	Seal       []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_seal"`
	BrokenSeal []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_broken_seal"`
	Without    string   `placeholder:"CODE" help:"cli_consignment_without"`
	Presenter  string   `placeholder:"TEXT" help:"cli_consignment_presenter"`
	Remark     string   `placeholder:"TEXT" help:"cli_consignment_remark"`

	Bundle []byte `kong:"-"`
}

// Run has it done.
func (c *arriveCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load reads the certificate. Faults: module.file_*, certificate.bundle_refused.
func (c *arriveCmd) Load(*module.Env) (err error) {
	c.Bundle, err = loadBundle(c.File)
	return err
}

// loadBundle reads a certificate file whole, and holds that it is one; nil for no
// file.
func loadBundle(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	b, err := opened.Bundle(file)
	if err != nil {
		return nil, err
	}
	return b.Encode()
}

// Do records the arrival.
func (c *arriveCmd) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	a := importing.Arrival{Place: c.Place, Original: c.Original, Without: c.Without, Presenter: c.Presenter, Remark: c.Remark}
	if a.Seals, err = seals(c.Seal, c.BrokenSeal); err != nil {
		return err
	}
	var b *bundle.Bundle
	if c.Bundle != nil {
		if b, err = bundle.Parse(c.Bundle); err != nil {
			return err
		}
	}
	got, v, err := desk.Arrive(env.Context, c.officer(), b, a)
	if err != nil {
		return err
	}
	return report(env, c.JSON, got, nil, v)
}

type examineCmd struct {
	at
	ID       string   `arg:"" help:"cli_consignment_id"`
	Carats   string   `required:"" placeholder:"CARATS" help:"cli_consignment_carats"`
	Parcels  uint64   `required:"" placeholder:"COUNT" help:"cli_consignment_parcels"`
	Parcel   []string `placeholder:"MARK=CARATS" sep:"none" help:"cli_consignment_parcel"`
	Value    string   `placeholder:"USD" help:"cli_consignment_value"`
	Opened   uint64   `placeholder:"COUNT" help:"cli_consignment_opened"`
	Scale    string   `required:"" placeholder:"TEXT" help:"cli_consignment_scale"`
	Original bool     `help:"cli_consignment_original"`
	Because  string   `placeholder:"TEXT" help:"cli_consignment_because"`
	Remark   string   `placeholder:"TEXT" help:"cli_consignment_remark"`

	Seal       []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_seal"`
	BrokenSeal []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_broken_seal"`
}

// Run has it done.
func (c *examineCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load has nothing to read.
func (*examineCmd) Load(*module.Env) error { return nil }

// Do records the examination.
func (c *examineCmd) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	m := importing.Measured{Parcels: c.Parcels, LotsOpened: c.Opened, Scale: c.Scale, Original: c.Original, Remark: c.Remark}
	if m.Seals, err = seals(c.Seal, c.BrokenSeal); err != nil {
		return err
	}
	if m.Carats, err = measure.ParseCarats(c.Carats); err != nil {
		return fault.Locate(err, fault.At("--carats"))
	}
	for _, p := range c.Parcel {
		mark, weight, _ := strings.Cut(p, "=")
		carats, err := measure.ParseCarats(weight)
		if err != nil {
			return fault.Locate(err, fault.At("--parcel"))
		}
		m.ParcelList = append(m.ParcelList, importing.Weighed{Mark: mark, Carats: carats})
	}
	if c.Value != "" {
		usd, err := measure.ParseUSD(c.Value)
		if err != nil {
			return fault.Locate(err, fault.At("--value"))
		}
		m.Value = &usd
	}
	got, err := desk.Examine(env.Context, c.ID, c.officer(), m, c.Because)
	if err != nil {
		return err
	}
	return report(env, c.JSON, got, nil, nil)
}

type confirmCmd struct {
	at
	waiting
	ID      string `arg:"" help:"cli_consignment_id"`
	Because string `placeholder:"TEXT" help:"cli_consignment_because"`
}

// Run has it done.
func (c *confirmCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load has nothing to read.
func (*confirmCmd) Load(*module.Env) error { return nil }

// Do states the receipt.
func (c *confirmCmd) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	got, e, err := desk.Confirm(env.Context, c.ID, c.officer(), c.Because, c.state())
	if err != nil {
		return err
	}
	return report(env, c.JSON, got, e, nil)
}

// decisions are the acts on an irregular shipment, by the name that is typed.
var decisions = map[string]consignment.Act{"dispute": consignment.Dispute, "detain": consignment.Detain, "release": consignment.Release,
	"return": consignment.Return, "seize": consignment.Seize, "sell": consignment.Sell, "destroy": consignment.Destroy}

type decideCmd struct {
	at
	waiting
	Decision string `arg:"" enum:"dispute,detain,release,return,seize,sell,destroy" help:"cli_consignment_decision"`
	ID       string `arg:"" help:"cli_consignment_id"`
	Reason   string `required:"" placeholder:"TEXT" help:"cli_consignment_reason"`
	Note     string `placeholder:"TEXT" help:"cli_consignment_note"`
	Day      string `placeholder:"DATE" help:"cli_consignment_day"`
	Under    string `placeholder:"NUMBER" help:"cli_consignment_under"`
	Legal    string `placeholder:"TEXT" help:"cli_consignment_legal"`
	Goods    string `placeholder:"TEXT" help:"cli_consignment_goods"`
}

// Run has it done.
func (c *decideCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load has nothing to read.
func (*decideCmd) Load(*module.Env) error { return nil }

// Do states the decision.
func (c *decideCmd) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	i := importing.Irregular{Reason: c.Reason, Note: c.Note, Under: c.Under, Legal: c.Legal, Goods: c.Goods}
	if i.Day, err = dayOr(env, c.Day); err != nil {
		return err
	}
	act := decisions[c.Decision]
	decide := func() (*consignment.Consignment, *ledger.Entry, error) {
		if act == consignment.Dispute {
			return desk.Dispute(env.Context, c.ID, c.officer(), i, c.state())
		}
		return desk.Dispose(env.Context, c.ID, act, c.officer(), i, c.state())
	}
	got, e, err := decide()
	if err != nil {
		return err
	}
	return report(env, c.JSON, got, e, nil)
}

// dayOr is a typed date, or today.
func dayOr(env *module.Env, typed string) (period.Date, error) {
	if typed == "" {
		return period.DateOf(env.Now().UTC()), nil
	}
	d, err := period.ParseTyped(typed)
	if err != nil {
		return 0, fault.Locate(err, fault.At("--day"))
	}
	return d, nil
}

type enterCmd struct {
	at
	File       string   `arg:"" help:"cli_consignment_arrive_file"`
	Place      string   `required:"" placeholder:"TEXT" help:"cli_consignment_place"`
	Day        string   `placeholder:"DATE" help:"cli_consignment_day"`
	Seal       []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_seal"`
	BrokenSeal []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_broken_seal"`
	Remark     string   `placeholder:"TEXT" help:"cli_consignment_remark"`

	Bundle []byte `kong:"-"`
}

// Run has it done.
func (c *enterCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load reads the certificate. Faults: as arrive.
func (c *enterCmd) Load(*module.Env) (err error) {
	c.Bundle, err = loadBundle(c.File)
	return err
}

// Do records the entry in transit.
func (c *enterCmd) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	x, err := crossing(env, c.Place, c.Day, c.Remark, c.Seal, c.BrokenSeal)
	if err != nil {
		return err
	}
	b, err := bundle.Parse(c.Bundle)
	if err != nil {
		return err
	}
	got, err := desk.Enter(env.Context, c.officer(), b, x)
	if err != nil {
		return err
	}
	return report(env, c.JSON, got, nil, nil)
}

func crossing(env *module.Env, place, day, remark string, whole, broken []string) (x importing.Crossing, err error) {
	x = importing.Crossing{Place: place, Remark: remark}
	if x.Day, err = dayOr(env, day); err != nil {
		return x, err
	}
	x.Seals, err = seals(whole, broken)
	return x, err
}

type leaveCmd struct {
	at
	waiting
	ID         string   `arg:"" help:"cli_consignment_id"`
	Place      string   `required:"" placeholder:"TEXT" help:"cli_consignment_place"`
	Day        string   `placeholder:"DATE" help:"cli_consignment_day"`
	Seal       []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_seal"`
	BrokenSeal []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_broken_seal"`
	Remark     string   `placeholder:"TEXT" help:"cli_consignment_remark"`
}

// Run has it done.
func (c *leaveCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load has nothing to read.
func (*leaveCmd) Load(*module.Env) error { return nil }

// Do states that the shipment has left.
func (c *leaveCmd) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	x, err := crossing(env, c.Place, c.Day, c.Remark, c.Seal, c.BrokenSeal)
	if err != nil {
		return err
	}
	got, e, err := desk.Leave(env.Context, c.ID, c.officer(), x, c.state())
	if err != nil {
		return err
	}
	return report(env, c.JSON, got, e, nil)
}

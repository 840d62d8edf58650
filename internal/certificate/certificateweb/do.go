package certificateweb

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/web/form"
	"adamas.example/verify/statement"
)

func today(at time.Time) period.Date { return period.DateOf(at.UTC()) }

// doCmd does one act.
type doCmd struct {
	nodeFlags
	File           string `placeholder:"FILE" help:"cli_consignment_file"`
	As             string `placeholder:"ROLE" help:"cli_consignment_as"`
	By             string `placeholder:"NAME" help:"cli_consignment_by"`
	Keys           string `placeholder:"DIR" help:"cli_consignment_keys"`
	Key            string `placeholder:"NAME" help:"cli_consignment_key"`
	PassphraseFile string `placeholder:"FILE" help:"cli_consignment_passphrase_file"`
	Wait           string `enum:"signed,logged,witnessed" default:"logged" placeholder:"STATE" help:"cli_consignment_wait"`
	Seen           int64  `placeholder:"STEPS" help:"cli_consignment_seen"`
	Example        bool   `help:"cli_consignment_example"`
	Act            string `arg:"" help:"cli_consignment_act"`
	ID             string `arg:"" optional:"" help:"cli_consignment_id"`

	Raw        []byte `kong:"-"`
	Passphrase string `kong:"-"`
}

// doing is one act on its way: what was given, read and not yet judged.
type doing struct {
	ctx  context.Context
	desk *exporting.Desk
	id   string
	raw  []byte
	who  exporting.Officer
	key  *keyring.Signer // nil unless --key names one
	want ledger.State
}

// deed is an act at the command line: its form, and what does it.
type deed struct {
	example func(day period.Date) any // nil: the act has no particulars
	opens   bool                      // opens a file: no consignment is named
	signs   bool                      // by an officer's own key
	role    access.Role               // when --as says nothing
	run     func(*doing) (*consignment.Consignment, error)
}

// with reads the particulars of an act, strictly, and does it.
func with[T any](act func(d *doing, v T) (*consignment.Consignment, error)) func(*doing) (*consignment.Consignment, error) {
	return func(d *doing) (*consignment.Consignment, error) {
		v, err := form.Read[T](d.raw)
		if err != nil {
			return nil, err
		}
		return act(d, v)
	}
}

// stated drops the entry of an act that states something.
func stated(c *consignment.Consignment, _ *ledger.Entry, err error) (*consignment.Consignment, error) {
	return c, err
}

// preparing names the officer who shall issue.
type preparing struct {
	Validator statement.KeyID `json:"validator"`
}

// spoiling is why a sheet is given up.
type spoiling struct {
	Reason string `json:"reason"`
}

var waits = map[string]ledger.State{"signed": ledger.Signed, "logged": ledger.Logged, "witnessed": ledger.Witnessed}

// deeds are the exporting office's acts.
func deeds() map[consignment.Act]deed {
	all := beforeIssue()
	maps.Copy(all, afterPrepare())
	return all
}

// beforeIssue are the acts on the way to a certificate.
func beforeIssue() map[consignment.Act]deed {
	return map[consignment.Act]deed{
		consignment.Apply: {example: exampleApplication, opens: true, role: access.Exporter, run: with(func(d *doing, v exporting.Application) (*consignment.Consignment, error) {
			return d.desk.Apply(d.ctx, d.who, v)
		})},
		consignment.Amend: {example: exampleApplication, role: access.Exporter, run: with(func(d *doing, v exporting.Application) (*consignment.Consignment, error) {
			return d.desk.Amend(d.ctx, d.id, d.who, v, nil)
		})},
		consignment.Withdraw: {example: exampleReasons, role: access.Exporter, run: with(func(d *doing, v exporting.Reasons) (*consignment.Consignment, error) {
			return d.desk.Withdraw(d.ctx, d.id, d.who, v)
		})},
		consignment.FindDeficient: {example: exampleReasons, role: access.Validator, run: with(func(d *doing, v exporting.Reasons) (*consignment.Consignment, error) {
			return d.desk.FindDeficient(d.ctx, d.id, d.who, v)
		})},
		consignment.Reject: {example: exampleReasons, role: access.Validator, run: with(func(d *doing, v exporting.Reasons) (*consignment.Consignment, error) {
			return d.desk.Reject(d.ctx, d.id, d.who, v)
		})},
		consignment.Value: {example: exampleValuation, role: access.Valuator, run: with(func(d *doing, v certificate.Valuation) (*consignment.Consignment, error) {
			return d.desk.Value(d.ctx, d.id, d.who, v)
		})},
		consignment.Tax: {example: exampleTax, role: access.Valuator, run: with(func(d *doing, v certificate.Tax) (*consignment.Consignment, error) {
			return d.desk.Settle(d.ctx, d.id, d.who, v)
		})},
		consignment.Seal: {example: exampleSealing, role: access.Sealer, run: with(func(d *doing, v certificate.Sealing) (*consignment.Consignment, error) {
			return d.desk.Seal(d.ctx, d.id, d.who, v)
		})},
		consignment.Prepare: {example: examplePreparing, signs: true, role: access.Validator, run: with(func(d *doing, v preparing) (*consignment.Consignment, error) {
			if _, err := d.desk.Prepare(d.ctx, d.id, d.key, v.Validator, d.who.Seen); err != nil {
				return nil, err
			}
			return d.now()
		})},
		consignment.Spoil: {example: exampleSpoiling, role: access.Validator, run: with(func(d *doing, v spoiling) (*consignment.Consignment, error) {
			return d.desk.Spoil(d.ctx, d.id, d.who, v.Reason)
		})},
	}
}

// afterPrepare are the issue of a prepared certificate and what follows it.
func afterPrepare() map[consignment.Act]deed {
	return map[consignment.Act]deed{
		consignment.Issue: {signs: true, role: access.Validator, run: func(d *doing) (*consignment.Consignment, error) {
			if _, err := d.desk.Issue(d.ctx, d.id, d.key, d.who.Seen, d.want); err != nil {
				return nil, err
			}
			return d.now()
		}},
		consignment.Export: {example: exampleExport, role: access.Sealer, run: with(func(d *doing, v exporting.Exported) (*consignment.Consignment, error) {
			return d.desk.Export(d.ctx, d.id, d.who, v)
		})},
		consignment.Advise: {example: exampleAdvice, role: access.Validator, run: with(func(d *doing, v exporting.Announcement) (*consignment.Consignment, error) {
			return d.desk.Advise(d.ctx, d.id, d.who, v)
		})},
		consignment.Endorse: {example: exampleCorrection, role: access.Validator, run: with(func(d *doing, v exporting.Correction) (*consignment.Consignment, error) {
			return stated(d.desk.Endorse(d.ctx, d.id, d.who, v, d.want))
		})},
		consignment.Cancel: {example: exampleSpoiling, role: access.Validator, run: with(func(d *doing, v exporting.Reasons) (*consignment.Consignment, error) {
			return stated(d.desk.Cancel(d.ctx, d.id, d.who, v, d.want))
		})},
		consignment.Reissue: {example: exampleReissue, role: access.Validator, run: with(func(d *doing, v exporting.Reissued) (*consignment.Consignment, error) {
			return d.desk.Reissue(d.ctx, d.id, d.who, v)
		})},
		consignment.ReportLost: {example: exampleLost, role: access.Validator, run: with(func(d *doing, v exporting.Lost) (*consignment.Consignment, error) {
			return stated(d.desk.ReportLost(d.ctx, d.id, d.who, v, d.want))
		})},
		consignment.Open: {role: access.Validator, run: func(d *doing) (*consignment.Consignment, error) {
			return stated(d.desk.Open(d.ctx, d.id, d.who, d.want))
		}},
	}
}

func (d *doing) now() (*consignment.Consignment, error) {
	c, _, err := d.desk.Get(d.ctx, d.id)
	return c, err
}

// Run has the act done, or prints the form of its particulars.
func (c *doCmd) Run(env *module.Env) error {
	if c.Example {
		it, err := c.deed()
		if err != nil {
			return err
		}
		return c.form(env, it)
	}
	return env.Give(c.Dir, c)
}

// deed finds what the act's name stands for. Fault certificate.no_deed.
func (c *doCmd) deed() (deed, error) {
	all := deeds()
	it, ok := all[consignment.Act(c.Act)]
	if !ok {
		var names []string
		for _, a := range slices.Sorted(maps.Keys(all)) {
			names = append(names, string(a))
		}
		return deed{}, fault.Usage("certificate.no_deed", fault.At("ACT"), fault.Text(c.Act), fault.Arg("acts", strings.Join(names, ", ")))
	}
	return it, nil
}

// Load reads the particulars, and what opens the officer's key: whoever serves the
// node is on the same computer and of the same owner, and has no terminal to ask at.
func (c *doCmd) Load(env *module.Env) error {
	it, err := c.deed()
	if err != nil {
		return err
	}
	if err := c.check(it); err != nil {
		return err
	}
	if c.File != "" {
		if c.Raw, err = module.ReadFile("--file", c.File, mostForm); err != nil {
			return err
		}
	}
	if c.Key == "" {
		return nil
	}
	if c.Passphrase, err = keyring.Secret(env.Context, c.Keys, env.PassphraseOf(c.Keys, c.PassphraseFile)); err != nil {
		return err
	}
	c.Keys, err = filepath.Abs(c.Keys)
	return err
}

// Do does the act.
func (c *doCmd) Do(env *module.Env, n *module.Node) error {
	it, err := c.deed()
	if err != nil {
		return err
	}
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	d, err := c.prepare(env, it)
	if err != nil {
		return err
	}
	d.desk = o.Desk
	x, err := it.run(d)
	if err != nil {
		return fault.Locate(err, fault.File(c.File))
	}
	v, err := o.view(env.Context, x, nil)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(v)
	}
	env.Say("consignment.now", lang.Args{"consignment": x.ID, "state": x.State})
	if x.Number != "" {
		env.Say("consignment.number", lang.Args{"number": x.Number})
	}
	if v.Recorded != "" {
		env.Say("consignment.recorded."+v.Recorded, nil)
	}
	return nil
}

// form prints an example of the particulars.
func (c *doCmd) form(env *module.Env, it deed) error {
	if it.example == nil {
		return fault.Usage("certificate.no_form", fault.At("--example"), fault.Arg("act", consignment.Act(c.Act)))
	}
	return writeForm(env, it.example(today(env.Now())))
}

// writeForm prints an example as it is filled in.
func writeForm(env *module.Env, example any) error {
	b, err := json.MarshalIndent(example, "", "  ")
	if err == nil {
		_, err = env.Out.Write(append(b, '\n'))
	}
	return err
}

// mostForm bounds a file of particulars in bytes.
const mostForm = 1 << 20

// check holds what the command line names against what the act needs.
func (c *doCmd) check(it deed) error {
	switch {
	case it.opens != (c.ID == ""):
		return fault.Usage("certificate.which_consignment", fault.At("ID"), fault.Arg("act", consignment.Act(c.Act)))
	case (it.example == nil) != (c.File == ""):
		return fault.Usage("certificate.which_file", fault.At("--file"), fault.Arg("act", consignment.Act(c.Act)))
	case c.Key == "" && it.signs:
		return fault.Usage("certificate.officer_key", fault.At("--key"), fault.Arg("act", consignment.Act(c.Act)))
	case c.Key == "" && c.By == "":
		return fault.Usage("certificate.by_whom", fault.At("--by"))
	case c.As != "":
		_, err := roleOf(c.As)
		return err
	}
	return nil
}

// prepare makes the act out of what was given, and opens the officer's key.
func (c *doCmd) prepare(env *module.Env, it deed) (*doing, error) {
	d := &doing{ctx: env.Context, id: c.ID, raw: c.Raw, want: waits[c.Wait], who: exporting.Officer{ID: c.By, Role: it.role, Seen: c.Seen}}
	if c.As != "" {
		d.who.Role = access.Role(c.As)
	}
	if c.Key == "" {
		return d, nil
	}
	ring, err := keyring.Unlock(c.Keys, func(context.Context) (string, error) { return c.Passphrase, nil })
	if err != nil {
		return nil, err
	}
	if d.key, err = ring.Signer(env.Context, c.Key, keyring.Officer); err != nil {
		return nil, err
	}
	d.who.ID = d.key.ID().String()
	return d, nil
}

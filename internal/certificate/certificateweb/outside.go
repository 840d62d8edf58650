package certificateweb

import (
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/web/form"
	"adamas.example/verify"
)

// What comes on paper from Participants without a register of their own.

// pages reads the scans of a paper.
func loadScans(files []string) (out [][]byte, err error) {
	for _, file := range files {
		b, err := module.ReadFile("--scan", file, outside.MostScan)
		if err != nil {
			return nil, err
		}
		if err := outside.Check(b); err != nil {
			return nil, fault.Locate(err, fault.At("--scan"), fault.File(file))
		}
		out = append(out, b)
	}
	return out, nil
}

type transcribeCmd struct {
	at
	waiting
	File       string   `placeholder:"FILE" help:"cli_consignment_transcribe_file"`
	Scan       []string `placeholder:"FILE" sep:"none" help:"cli_consignment_scan"`
	Place      string   `placeholder:"TEXT" help:"cli_consignment_place"`
	Original   bool     `help:"cli_consignment_original"`
	Seal       []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_seal"`
	BrokenSeal []string `placeholder:"CONTAINER=SEAL" sep:"none" help:"cli_consignment_broken_seal"`
	Presenter  string   `placeholder:"TEXT" help:"cli_consignment_presenter"`
	Remark     string   `placeholder:"TEXT" help:"cli_consignment_remark"`
	Check      bool     `help:"cli_consignment_transcribe_check"`
	Example    bool     `help:"cli_consignment_example"`

	Raw   []byte   `kong:"-"`
	Scans [][]byte `kong:"-"`
}

// transcribedView is what came of keying a paper, in JSON.
type transcribedView struct {
	actView
	Findings []importing.Found `json:"findings"`
}

// Run has it done, or prints the form.
func (c *transcribeCmd) Run(env *module.Env) error {
	if c.Example {
		return writeForm(env, exampleTranscript(today(env.Now())))
	}
	return env.Give(c.Dir, c)
}

// Load reads the keyed paper and its scans. Faults: module.file_*, those of
// outside.Check.
func (c *transcribeCmd) Load(*module.Env) (err error) {
	if c.File == "" {
		return fault.Usage("certificate.which_file", fault.At("--file"), fault.Arg("act", consignment.Arrive))
	}
	if c.Raw, err = module.ReadFile("--file", c.File, mostForm); err != nil {
		return err
	}
	c.Scans, err = loadScans(c.Scan)
	return err
}

// Do records the paper, or judges it alone.
func (c *transcribeCmd) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	t, err := form.Read[importing.Transcript](c.Raw)
	if err != nil {
		return fault.Locate(err, fault.File(c.File))
	}
	if c.Check {
		found, err := desk.LookAt(env.Context, t, c.Scans)
		if err != nil {
			return err
		}
		return c.tell(env, transcribedView{Findings: found})
	}
	a := importing.Arrival{Place: c.Place, Original: c.Original, Presenter: c.Presenter, Remark: c.Remark}
	if a.Seals, err = seals(c.Seal, c.BrokenSeal); err != nil {
		return err
	}
	got, err := desk.Transcribe(env.Context, c.officer(), t, a, c.Scans, c.state())
	if err != nil {
		return err
	}
	v := transcribedView{actView{Consignment: got.Consignment.ID, State: got.Consignment.State, Number: got.Consignment.Number, Steps: got.Consignment.Steps}, got.Findings}
	if e := got.Entry; e != nil {
		v.Statement, v.Recorded = e.Hash.String(), e.State().String()
	}
	return c.tell(env, v)
}

func (c *transcribeCmd) tell(env *module.Env, v transcribedView) error {
	if c.JSON {
		return env.JSON(v)
	}
	if v.Consignment != "" {
		env.Say("consignment.now", lang.Args{"consignment": v.Consignment, "state": v.State})
	}
	for _, f := range v.Findings {
		if f.Outcome != "pass" {
			env.Say("consignment.paper.finding", lang.Args{"rule": f.Rule, "reason": env.Words.T(f.Reason, f.Args)})
		}
	}
	env.Say("consignment.paper.not_signed", nil)
	if v.Recorded != "" {
		env.Say("consignment.recorded."+v.Recorded, nil)
	}
	return nil
}

type attestCmd struct {
	at
	waiting
	ID      string   `arg:"" help:"cli_consignment_id"`
	File    string   `placeholder:"FILE" help:"cli_consignment_attest_file"`
	Scan    []string `placeholder:"FILE" sep:"none" help:"cli_consignment_scan"`
	Example bool     `help:"cli_consignment_example"`

	Raw   []byte   `kong:"-"`
	Scans [][]byte `kong:"-"`
}

// Run has it done, or prints the form.
func (c *attestCmd) Run(env *module.Env) error {
	if c.Example {
		return writeForm(env, exporting.Attestation{Day: today(env.Now()), Carats: 12400, Parcels: 1, By: "SYNTHETIC authority", Reference: "SYNTHETIC-7"})
	}
	return env.Give(c.Dir, c)
}

// Load reads what was confirmed, and the scans. Faults: as transcribe.
func (c *attestCmd) Load(*module.Env) (err error) {
	if c.File == "" {
		return fault.Usage("certificate.which_file", fault.At("--file"), fault.Arg("act", consignment.AttestReceipt))
	}
	if c.Raw, err = module.ReadFile("--file", c.File, mostForm); err != nil {
		return err
	}
	c.Scans, err = loadScans(c.Scan)
	return err
}

// Do states that receipt was confirmed on paper.
func (c *attestCmd) Do(env *module.Env, n *module.Node) error {
	o, err := c.nodeFlags.at(env, n)
	if err != nil {
		return err
	}
	x, err := form.Read[exporting.Attestation](c.Raw)
	if err != nil {
		return fault.Locate(err, fault.File(c.File))
	}
	who := exporting.Officer{ID: c.By, Role: "validating_officer", Seen: c.Seen}
	got, e, err := o.Attest(env.Context, c.ID, who, x, c.Scans, c.state())
	if err != nil {
		return err
	}
	return report(env, c.JSON, got, e, nil)
}

func exampleTranscript(day period.Date) importing.Transcript {
	value := measure.USD(248000)
	return importing.Transcript{Number: "SL 004911", Issuer: "SL", Authority: "SYNTHETIC authority", Issued: day.AddDays(-3), Expires: day.AddDays(57),
		Exporter: importing.Named{Name: "SYNTHETIC exporter", Address: "SYNTHETIC street, Freetown"},
		Importer: importing.Named{Name: "SYNTHETIC importer", Address: "SYNTHETIC tower, Dubai"},
		Carats:   12400, Value: &value, Parcels: 1, Lines: []importing.PaperLine{{HS: "7102.10", Carats: 12400, Value: &value}},
		Origin:     []importing.PaperOrigin{{Country: "SL"}},
		ParcelList: []importing.PaperParcel{{Number: "JMI/GGDO/4911", Container: "1", Carats: 12400}},
		Seals:      []verify.Seal{{Container: "1", Seal: "A118"}}, Validated: true}
}

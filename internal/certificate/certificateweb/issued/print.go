package issued

import (
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// Print prints a certificate of this office as PDF. That it was printed, why and
// with which bytes, is recorded first: a PDF that nobody recorded is not one of ours
// (design.md §8).
type Print struct {
	target
	Reason string `required:"" placeholder:"TEXT" help:"cli_certificate_print_reason"`
	printing.Look
	Stock string `enum:"profile,plain,preprinted" default:"profile" placeholder:"STOCK" help:"cli_certificate_print_stock"`
	Mixed string `enum:"profile,countries,asterisks" default:"profile" placeholder:"WAY" help:"cli_certificate_print_mixed"`
	DX    string `name:"dx" placeholder:"MM" help:"cli_certificate_print_dx"`
	DY    string `name:"dy" placeholder:"MM" help:"cli_certificate_print_dy"`
	Wait  string `enum:"signed,logged,witnessed" default:"signed" placeholder:"STATE" help:"cli_certificate_print_wait"`
}

// waits are the states of a record by the names that are typed.
var waits = map[string]ledger.State{"signed": ledger.Signed, "logged": ledger.Logged, "witnessed": ledger.Witnessed}

// NewPrint is the command as it is typed with nothing but what it must have.
func NewPrint(number, out, reason string) (*Print, error) {
	var c Print
	parser, err := kong.New(&c, kong.Exit(func(int) {}))
	if err != nil {
		return nil, err
	}
	_, err = parser.Parse([]string{number, "--out", out, "--reason", reason})
	return &c, err
}

// Run has it done.
func (c *Print) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// printView is the printed file, in JSON.
type printView struct {
	File     string         `json:"file"`
	Number   string         `json:"number"`
	Recorded string         `json:"recorded"` // of the certificate: signed, logged, witnessed
	Print    canonical.Hash `json:"print"`    // the statement that it was printed
	Size     int            `json:"bytes"`
	SHA256   canonical.Hash `json:"sha256"`
}

// Do records the print, then writes it. Faults: those of certificate.Service.Bundle,
// certificate.print, those of the ledger and module.WriteNew.
func (c *Print) Do(env *module.Env, n *module.Node) error {
	number, raw, e, logged, err := c.Make(env, n)
	if err != nil {
		return err
	}
	if err := module.WriteNew("--out", c.Out, raw, 0o644); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(printView{c.Out, string(number), e.State().String(), logged.Hash, len(raw), canonical.Sum(raw)})
	}
	c.say(env, n, "certificate.print.written", number, e.State())
	return nil
}

// Make prints it and records the print; the bytes are given out only after. Of env it
// needs the context and the time. e is the certificate's entry, logged that of the
// print. Faults as Do.
func (c *Print) Make(env *module.Env, n *module.Node) (number ident.CertificateNumber, raw []byte, e, logged *ledger.Entry, err error) {
	d, err := c.draw(env, n)
	if err != nil {
		return "", nil, nil, nil, err
	}
	var in *ledger.Intent
	err = n.Ledger.Store().Write(env.Context, env.Now(), func(tx *store.Tx) (err error) {
		in, err = d.Intend(tx, n)
		return err
	})
	if err != nil {
		return d.Number, nil, nil, nil, err
	}
	logged, err = n.Ledger.Finish(env.Context, in, n.Signer, waits[c.Wait])
	return d.Number, d.PDF, d.Of, logged, err
}

func (c *Print) draw(env *module.Env, n *module.Node) (*Drawn, error) {
	number, b, e, err := c.find(env, n)
	if err != nil {
		return nil, err
	}
	p, err := c.profile(env, n, e.Signed)
	if err != nil {
		return nil, err
	}
	return draw(n, number, b, e, p, c.Reason)
}

// profile is that of the Participant that issues, with what the command line says
// instead of it.
func (c *Print) profile(env *module.Env, n *module.Node, signed []byte) (p paper.Profile, err error) {
	if p, err = profileOf(env.Context, n, &c.Look, signed); err != nil {
		return p, err
	}
	if c.Stock != "profile" {
		p.Stock = paper.Stock(c.Stock)
	}
	if c.Mixed != "profile" {
		p.Mixed = func(ident.ParticipantCode, period.Date) paper.Mixed { return paper.Mixed(c.Mixed) }
	}
	if p.DX, err = millimetres(fault.KindUsage, "--dx", c.DX, p.DX); err != nil {
		return p, err
	}
	p.DY, err = millimetres(fault.KindUsage, "--dy", c.DY, p.DY)
	return p, err
}

// millimetres reads an offset; the profile's where none is given. Fault
// certificate.not_an_offset.
func millimetres(kind fault.Kind, field, s string, profile float64) (float64, error) {
	if s == "" {
		return profile, nil
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || !(v >= -paper.Farthest && v <= paper.Farthest) {
		return 0, fault.New(kind, "certificate.not_an_offset", fault.At(field), fault.Text(s), fault.Arg("most", paper.Farthest), fault.Because(err))
	}
	return v, nil
}

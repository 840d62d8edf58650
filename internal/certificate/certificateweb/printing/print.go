// Package printing is the command that prints a certificate on paper.
package printing

import (
	"fmt"
	"path/filepath"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// Command prints a certificate of this office as PDF. That it was printed, why and
// with which bytes, is recorded first: a PDF that nobody recorded is not one of ours
// (design.md §8).
type Command struct {
	Dir    string  `default:"." placeholder:"DIR" help:"cli_consignment_dir"`
	JSON   bool    `name:"json" help:"cli_json"`
	Number string  `arg:"" help:"cli_certificate_bundle_number"`
	Out    string  `required:"" placeholder:"FILE" help:"cli_certificate_print_out"`
	Reason string  `required:"" placeholder:"TEXT" help:"cli_certificate_print_reason"`
	Second string  `enum:"fr,pt,pt-BR,en" default:"fr" placeholder:"CODE" help:"cli_certificate_print_second"`
	Site   string  `default:"HTTPS://V.KP.EXAMPLE" placeholder:"URL" help:"cli_certificate_print_site"`
	DX     float64 `name:"dx" placeholder:"MM" help:"cli_certificate_print_dx"`
	DY     float64 `name:"dy" placeholder:"MM" help:"cli_certificate_print_dy"`
}

// Run has it done.
func (c *Command) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the path whole. Fault module.file_exists.
func (c *Command) Load(*module.Env) (err error) {
	if c.Out, err = filepath.Abs(c.Out); err != nil {
		return err
	}
	return module.CheckNew("--out", c.Out)
}

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
func (c *Command) Do(env *module.Env, n *module.Node) error {
	number, err := ident.ParseTypedPaper(c.Number)
	if err != nil {
		return fault.Locate(err, fault.At("NUMBER"))
	}
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return err
	}
	b, e, err := certificates.Bundle(env.Context, string(number))
	if err != nil {
		return err
	}
	words, err := lang.Load(paper.Text())
	if err != nil {
		return err
	}
	var pol *policy.Policy
	if len(b.Proof) > 0 {
		pol = n.Ledger.Log().Policy()
	}
	raw, err := paper.Print(words, b, pol, paper.Profile{Language: lang.Language(c.Second), Site: strings.ToUpper(c.Site), Office: c.office(env, n, e.Signed), DX: c.DX, DY: c.DY})
	if err != nil {
		return fault.Invalid("certificate.print", fault.Arg("number", number), fault.Because(err))
	}
	logged, err := c.record(env, n, string(number), e.Hash, raw)
	if err != nil {
		return err
	}
	if err := module.WriteNew("--out", c.Out, raw, 0o644); err != nil {
		return err
	}
	v := printView{c.Out, string(number), e.State().String(), logged.Hash, len(raw), canonical.Sum(raw)}
	if c.JSON {
		return env.JSON(v)
	}
	if n.Synthetic {
		fmt.Fprintln(env.Out, "SYNTHETIC")
	}
	env.Say("certificate.print.written", lang.Args{"number": number, "file": c.Out})
	env.Say("consignment.recorded."+v.Recorded, nil)
	return nil
}

// office is the name of the office that signed, as its authority has stated it.
func (c *Command) office(env *module.Env, n *module.Node, signed []byte) string {
	st, err := statement.Parse(signed)
	if err != nil {
		return n.Office
	}
	directory, err := n.Post.Directory(env.Context)
	if err != nil {
		return n.Office
	}
	for _, k := range directory.Key(st.Signed.KeyID) {
		if k.Office == st.Issuer && k.Name != "" {
			return k.Name
		}
	}
	return n.Office
}

// record states the print.
func (c *Command) record(env *module.Env, n *module.Node, number string, of canonical.Hash, raw []byte) (*ledger.Entry, error) {
	var in *ledger.Intent
	err := n.Ledger.Store().Write(env.Context, env.Now(), func(tx *store.Tx) (err error) {
		in, err = n.Ledger.Intend(tx, n.Signer.Key(), statement.Header{Issuer: n.Office, IssuedAt: env.Now().Unix(), Subject: statement.CertificateSubject(number),
			Refs: []canonical.Hash{of}, Synthetic: n.Synthetic},
			&statement.Print{About: statement.About{Number: number, Certificate: of}, Paper: canonical.Sum(raw), Reason: c.Reason})
		return err
	})
	if err != nil {
		return nil, err
	}
	return n.Ledger.Finish(env.Context, in, n.Signer, ledger.Signed)
}

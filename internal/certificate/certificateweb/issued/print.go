package issued

import (
	"strconv"
	"strings"

	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// Print prints a certificate of this office as PDF. That it was printed, why and
// with which bytes, is recorded first: a PDF that nobody recorded is not one of ours
// (design.md §8).
type Print struct {
	target
	Reason string `required:"" placeholder:"TEXT" help:"cli_certificate_print_reason"`
	Second string `enum:"fr,pt,pt-BR,en" default:"fr" placeholder:"CODE" help:"cli_certificate_print_second"`
	Site   string `default:"HTTPS://V.KP.EXAMPLE" placeholder:"URL" help:"cli_certificate_print_site"`
	DX     string `name:"dx" placeholder:"MM" help:"cli_certificate_print_dx"`
	DY     string `name:"dy" placeholder:"MM" help:"cli_certificate_print_dy"`
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
	number, b, e, err := c.find(env, n)
	if err != nil {
		return err
	}
	dx, err := millimetres("--dx", c.DX)
	if err != nil {
		return err
	}
	dy, err := millimetres("--dy", c.DY)
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
	raw, err := paper.Print(words, b, pol, paper.Profile{Language: lang.Language(c.Second), Site: strings.ToUpper(c.Site), Office: c.office(env, n, e.Signed), DX: dx, DY: dy})
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
	if c.JSON {
		return env.JSON(printView{c.Out, string(number), e.State().String(), logged.Hash, len(raw), canonical.Sum(raw)})
	}
	c.say(env, n, "certificate.print.written", number, e.State())
	return nil
}

// farthest is how far a print may be moved, in millimetres: beyond, its codes leave the
// page.
const farthest = 12

// millimetres reads an offset. Fault certificate.not_an_offset.
func millimetres(field, s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || !(v >= -farthest && v <= farthest) {
		return 0, fault.Usage("certificate.not_an_offset", fault.At(field), fault.Text(s), fault.Arg("most", farthest), fault.Because(err))
	}
	return v, nil
}

// office is the name of the office that signed, as its authority has stated it.
func (c *Print) office(env *module.Env, n *module.Node, signed []byte) string {
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
func (c *Print) record(env *module.Env, n *module.Node, number string, of canonical.Hash, raw []byte) (*ledger.Entry, error) {
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

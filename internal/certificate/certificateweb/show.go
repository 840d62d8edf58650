package certificateweb

import (
	"fmt"

	"adamas.example/internal/certificate/certificateweb/opened"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// showCmd says what a certificate file holds, and judges nothing of it.
type showCmd struct {
	JSON bool   `name:"json" help:"cli_json"`
	File string `arg:"" help:"cli_certificate_show_file"`
}

// shownView is what a file says of itself, in JSON. Judged is always false.
type shownView struct {
	File      string         `json:"file"`
	Judged    bool           `json:"judged"`
	Statement any            `json:"statement"`
	Facts     *verify.Facts  `json:"facts,omitempty"`
	Approvals int            `json:"approvals"`
	Proof     *proofView     `json:"proof,omitempty"`
	SHA256    canonical.Hash `json:"sha256"` // of the file
}

// proofView is the place that a proof claims.
type proofView struct {
	Log   string `json:"log"`
	Index int64  `json:"index"`
	Size  int64  `json:"size"` // of the log at the checkpoint
}

// Run shows it. Faults: module.file_*, certificate.bundle_refused.
func (c *showCmd) Run(env *module.Env) error {
	b, err := opened.Bundle(c.File)
	if err != nil {
		return err
	}
	refused := func(err error) error {
		return fault.Invalid("certificate.bundle_refused", fault.At("FILE"), fault.File(c.File), fault.Because(err))
	}
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return refused(err)
	}
	raw, err := b.Encode()
	if err != nil {
		return refused(err)
	}
	v := shownView{File: c.File, Statement: ledgerweb.View(st), Approvals: len(b.Approvals), SHA256: canonical.Sum(raw)}
	if b.Disclosure != nil {
		if v.Facts, err = verify.DecodeFacts(b.Disclosure.Facts); err != nil {
			return refused(err)
		}
	}
	if len(b.Proof) > 0 {
		p, err := proof.Parse(b.Proof.String())
		if err != nil {
			return refused(err)
		}
		v.Proof = &proofView{p.Checkpoint.Origin, p.Index, p.Checkpoint.Size}
	}
	if c.JSON {
		return env.JSON(v)
	}
	c.print(env, b, st, v)
	return nil
}

func (c *showCmd) print(env *module.Env, b *bundle.Bundle, st *statement.Statement, v shownView) {
	w := env.Words
	env.Say("certificate.show.not_judged", lang.Args{"file": c.File})
	fmt.Fprintln(env.Out)
	ledgerweb.PrintStatement(env, st)
	rows := [][2]string{}
	if v.Facts != nil {
		for _, f := range reading.Facts(w, v.Facts) {
			rows = append(rows, [2]string{f.Name, f.Text})
		}
	}
	if v.Proof != nil {
		rows = append(rows, [2]string{w.T("certificate.show.proof", nil), w.T("verify.entry", lang.Args{"log": v.Proof.Log, "index": v.Proof.Index})})
	}
	rows = append(rows, [2]string{w.T("certificate.show.approvals", nil), w.Number(int64(len(b.Approvals)))})
	fmt.Fprintln(env.Out)
	env.Fields(rows...)
	fmt.Fprintln(env.Out)
	if v.Proof == nil {
		env.Say("certificate.show.no_proof", nil)
	}
	env.Say("certificate.show.judge", lang.Args{"file": c.File})
}

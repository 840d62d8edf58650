package certificateweb

import (
	"path/filepath"

	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
)

// bundleCmd writes the file of a certificate that this office has issued.
type bundleCmd struct {
	nodeFlags
	Number string `arg:"" help:"cli_certificate_bundle_number"`
	Out    string `required:"" placeholder:"FILE" help:"cli_certificate_bundle_out"`
}

// Run has it done.
func (c *bundleCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the path whole: whoever serves the node stands elsewhere. Fault
// module.file_exists.
func (c *bundleCmd) Load(*module.Env) (err error) {
	if c.Out, err = filepath.Abs(c.Out); err != nil {
		return err
	}
	return module.CheckNew("--out", c.Out)
}

// bundleView is the written file, in JSON.
type bundleView struct {
	File      string         `json:"file"`
	Number    string         `json:"number"`
	Statement canonical.Hash `json:"statement"`
	Recorded  string         `json:"recorded"` // signed, logged, witnessed
	Proof     bool           `json:"proof"`    // brought along
	Size      int            `json:"bytes"`
	SHA256    canonical.Hash `json:"sha256"`
}

// Do writes it, with its proof once it is witnessed, and says its state. Faults:
// those of certificate.Service.Bundle and module.WriteNew.
func (c *bundleCmd) Do(env *module.Env, n *module.Node) error {
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
	raw, err := b.Encode()
	if err != nil {
		return err
	}
	if err := module.WriteNew("--out", c.Out, raw, 0o644); err != nil {
		return err
	}
	v := bundleView{c.Out, string(number), e.Hash, e.State().String(), len(b.Proof) > 0, len(raw), canonical.Sum(raw)}
	if c.JSON {
		return env.JSON(v)
	}
	if _, err := c.at(env, n); err != nil {
		return err
	}
	env.Say("certificate.bundle.written", lang.Args{"number": number, "file": c.Out})
	env.Say("consignment.recorded."+v.Recorded, nil)
	if !v.Proof {
		env.Say("certificate.show.no_proof", nil)
	}
	return nil
}

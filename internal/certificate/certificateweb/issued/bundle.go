package issued

import (
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
)

// Bundle writes the file of a certificate that this office has issued.
type Bundle struct{ target }

// Run has it done.
func (c *Bundle) Run(env *module.Env) error { return env.Give(c.Dir, c) }

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
func (c *Bundle) Do(env *module.Env, n *module.Node) error {
	number, b, e, err := c.find(env, n)
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
	if c.JSON {
		return env.JSON(bundleView{c.Out, string(number), e.Hash, e.State().String(), len(b.Proof) > 0, len(raw), canonical.Sum(raw)})
	}
	c.say(env, n, "certificate.bundle.written", number, e.State())
	if len(b.Proof) == 0 {
		env.Say("certificate.show.no_proof", nil)
	}
	return nil
}

package certificateweb

import (
	"fmt"

	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
)

// hearCmd acts on what the registers of others say of this office's certificates.
type hearCmd struct{ nodeFlags }

// Run has it done.
func (c *hearCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do hears them, as the serving node does by itself, and says what has moved.
func (c *hearCmd) Do(env *module.Env, n *module.Node) error {
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	directory, err := n.Post.Directory(env.Context)
	if err != nil {
		return err
	}
	heard, err := o.Hear(env.Context, directory)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"heard": append([]exporting.Heard{}, heard...)})
	}
	for _, h := range heard {
		fmt.Fprintln(env.Out, ledgerweb.Sentence(env.Words, h.Type, h.Issuer, "certificate/"+h.Number))
		if !h.Moved {
			env.Say("consignment.heard.noted", lang.Args{"why": env.Words.T("certificate.heard."+h.Why, nil)})
			continue
		}
		x, _, err := o.Get(env.Context, h.Consignment)
		if err != nil {
			return err
		}
		env.Say("consignment.heard.moved", lang.Args{"consignment": x.ID, "state": x.State})
	}
	if len(heard) == 0 {
		env.Say("consignment.heard.nothing", nil)
	}
	return nil
}

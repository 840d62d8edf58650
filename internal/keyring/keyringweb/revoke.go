package keyringweb

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
)

// revokeCmd ends a key. What it signed and what was recorded below the cut-off
// stays good; everything else it signed does not.
type revokeCmd struct {
	ActFlags
	Reason    string  `required:"" placeholder:"TEXT" help:"cli_keys_revoke_reason"`
	FromEntry *uint64 `placeholder:"NUMBER" help:"cli_keys_revoke_from_entry"`
	Pack      string  `placeholder:"FILE" help:"cli_keys_revoke_pack"`
	ID        string  `arg:"" name:"key-id" help:"cli_keys_revoke_id"`
}

// Run has the revocation shown and, with --apply, recorded.
func (c *revokeCmd) Run(env *module.Env) error { return env.Give(c.Node, c) }

// Load makes the pack's path whole: it is read where the node is open, which says
// which root it must be of.
func (c *revokeCmd) Load(env *module.Env) (err error) {
	if c.Pack != "" {
		if c.Pack, err = filepath.Abs(c.Pack); err != nil {
			return err
		}
	}
	return c.ActFlags.Load(env)
}

// Do shows the revocation and, with --apply, records it.
func (c *revokeCmd) Do(env *module.Env, n *module.Node) error {
	var id statement.KeyID
	if err := id.UnmarshalText([]byte(strings.TrimSpace(c.ID))); err != nil {
		return fault.Usage("keyring.key_id_form", fault.At("KEY-ID"), fault.Text(c.ID), fault.Because(err))
	}
	act, err := c.Begin(env, n)
	if err != nil {
		return err
	}
	if err := act.known(id); err != nil {
		return err
	}
	cutOff, err := c.cutOff(act)
	if err != nil {
		return err
	}
	h, body, err := keyring.Revoke(act.Header(), id, c.Reason, cutOff)
	if err != nil {
		return err
	}
	if !c.JSON {
		env.Say("keyring.revoke", lang.Args{"issuer": act.issuer, "key": id.String()})
		env.Fields([2]string{env.Words.T("keyring.act.reason", nil), body.Reason})
		for _, v := range body.CutOff {
			env.Say("keyring.cut_off", lang.Args{"log": v.Origin, "size": fmt.Sprint(v.Size)})
		}
		fmt.Fprintln(env.Out)
	}
	return act.Record(h, body, keyOf(body), bodyView(body))
}

// known refuses a key that the Participant has not appointed here: its end would
// stand in the register and count for nothing. One that has ended may be ended
// again, which can only take back more.
func (a *Act) known(id statement.KeyID) error {
	said, err := a.Said(statement.TypeOfficeKey)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(said, func(st *statement.Statement) bool {
		k, ok := st.Body.(*statement.OfficeKey)
		return ok && k.Key.ID() == id && st.Participant() == a.authority.Code
	}) {
		return fault.NotFound("keyring.key_unknown", fault.Arg("key", id.String()), fault.Arg("participant", a.authority.Code))
	}
	return nil
}

// cutOff is a vector for each log where the Participant's statements count: of
// this node's log as it is now, or up to --from-entry; of the others as the pack
// has them. A log without a vector would lose everything the key signed in it, so
// none is left out.
func (c *revokeCmd) cutOff(a *Act) ([]statement.Vector, error) {
	log := a.node.Ledger.Log()
	size, err := log.Size(a.env.Context)
	if err != nil {
		return nil, err
	}
	own := statement.Vector{Origin: log.Origin(), Size: uint64(size)}
	if c.FromEntry != nil {
		if *c.FromEntry > own.Size {
			return nil, fault.Usage("keyring.entry_beyond", fault.At("--from-entry"), fault.Arg("size", size))
		}
		own.Size = *c.FromEntry
	}
	if own.Root, err = log.RootAt(a.env.Context, int64(own.Size)); err != nil {
		return nil, err
	}
	out := []statement.Vector{own}
	var p *pack.Pack
	if c.Pack != "" {
		if p, err = module.ReadPack("--pack", c.Pack, a.pin); err != nil {
			return nil, err
		}
	}
	var missing []string
	for _, origin := range a.homes() {
		if origin == own.Origin {
			continue
		}
		if p == nil || p.Log(origin) == nil {
			missing = append(missing, origin)
			continue
		}
		l := p.Log(origin)
		out = append(out, statement.Vector{Origin: origin, Size: l.Size(), Root: l.Cosigned.Checkpoint.Root})
	}
	if missing != nil {
		return nil, fault.Invalid("keyring.cut_off_missing", fault.At("--pack"), fault.Arg("logs", missing))
	}
	return out, nil
}

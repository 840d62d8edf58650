package keyringweb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Act is an act of an authority on its way into the register of an open node.
type Act struct {
	env       *module.Env
	flags     *ActFlags
	node      *module.Node
	issuer    string
	at        time.Time
	pin       canonical.Hash     // fingerprint of the node's first root
	authority *trust.Participant // what the node's root says of the issuer's Participant
}

// Begin sees that the key is the authority's: what any other key signed would stand
// in the register for ever and count for nothing. The flags have been loaded.
func (f *ActFlags) Begin(env *module.Env, n *module.Node) (*Act, error) {
	key := f.Public
	a := &Act{env: env, flags: f, node: n, issuer: f.Issuer, at: env.Now().UTC()}
	if a.issuer == "" {
		a.issuer = string(ident.OfficeID(n.Office).Participant()) + "/authority"
	}
	office, err := ident.ParseOffice(a.issuer)
	if err != nil {
		return nil, fault.Locate(err, fault.At("--issuer"))
	}
	if len(n.Roots) == 0 {
		return nil, fault.NotFound("keyring.root_missing", fault.File(f.Node))
	}
	chain, err := trust.ParseChain(n.Roots, canonical.Hash{})
	if err != nil {
		return nil, fault.Invalid("keyring.root_refused", fault.Arg("reason", err.Error()), fault.Because(err))
	}
	a.pin = chain.Fingerprints[0]
	participants := chain.Current().Participants
	i := slices.IndexFunc(participants, func(p trust.Participant) bool { return p.Code == string(office.Participant()) })
	if i < 0 || participants[i].Authority.Thumbprint() != key.Thumbprint() {
		return nil, fault.Forbidden("keyring.not_authority", fault.Arg("key", key.ID().String()), fault.Arg("participant", string(office.Participant())))
	}
	a.authority = &participants[i]
	origin := n.Ledger.Log().Origin()
	if !slices.Contains(a.homes(), origin) {
		return nil, fault.Forbidden("keyring.not_home", fault.Arg("log", origin), fault.Arg("participant", a.authority.Code))
	}
	return a, nil
}

// Issuer is the office that speaks, e.g. "CF/authority".
func (a *Act) Issuer() string { return a.issuer }

// At is when it speaks.
func (a *Act) At() time.Time { return a.at }

// Code is the Participant it speaks for.
func (a *Act) Code() ident.ParticipantCode { return ident.ParticipantCode(a.authority.Code) }

// Office is the node's own office.
func (a *Act) Office() string { return a.node.Office }

// homes are the logs where the Participant's statements count.
func (a *Act) homes() []string {
	var out []string
	for _, h := range a.authority.Homes {
		out = append(out, h.Origin)
	}
	if a.authority.Fallback != "" {
		out = append(out, a.authority.Fallback)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Header is what the statement's header needs beside the statement.
func (a *Act) Header() keyring.Act {
	return keyring.Act{Issuer: a.issuer, At: a.at, Synthetic: a.node.Synthetic}
}

// Said lists what stands in the node's register of one type.
func (a *Act) Said(t statement.Type) ([]*statement.Statement, error) {
	var out []*statement.Statement
	err := a.node.Ledger.Store().Read(a.env.Context, a.at, func(tx *store.Tx) error {
		out = nil
		entries, err := ledger.Said(tx, t)
		for _, e := range entries {
			if st, bad := statement.Parse(e.Signed); bad == nil {
				out = append(out, st)
			}
		}
		return err
	})
	return out, err
}

// free refuses to give a key to a second office or a second use.
func (a *Act) free(body *statement.OfficeKey) error {
	said, err := a.Said(statement.TypeOfficeKey)
	if err != nil {
		return err
	}
	for _, st := range said {
		k, ok := st.Body.(*statement.OfficeKey)
		if ok && k.Key.ID() == body.Key.ID() && (k.Office != body.Office || k.Use != body.Use) {
			return fault.Conflict("keyring.key_taken", fault.Arg("key", k.Key.ID().String()), fault.Arg("office", k.Office))
		}
	}
	return nil
}

// patience is how long a person waits for witnesses.
const patience = 20 * time.Second

// actView is what became of an act, in JSON.
type actView struct {
	Applied   bool           `json:"applied"`
	Type      statement.Type `json:"type"`
	Issuer    string         `json:"issuer"`
	Subject   string         `json:"subject"`
	KeyID     string         `json:"key_id,omitempty"`
	Body      any            `json:"body"`
	Statement string         `json:"statement,omitempty"` // SHA-256, hexadecimal
	Log       string         `json:"log,omitempty"`
	Index     *int64         `json:"index,omitempty"`
	State     string         `json:"state,omitempty"`
}

// Record puts the statement into the register, or, without --apply, says that
// nothing was done. In JSON key is the key that it is about, "" for none, and view
// its body.
func (a *Act) Record(h statement.Header, body statement.Body, key string, view any) error {
	out := actView{Type: h.Type, Issuer: h.Issuer, Subject: h.Subject, Body: view, KeyID: key}
	if !a.flags.Apply {
		if a.flags.JSON {
			return a.env.JSON(out)
		}
		a.env.Say("keyring.dry_run", nil)
		return nil
	}
	signer, err := a.flags.loaded(a.env.Context, keyring.Authority)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.env.Context, patience)
	defer cancel()
	e, err := a.node.Ledger.Record(ctx, signer, h, body, ledger.Witnessed)
	if err != nil && (e == nil || !errors.Is(err, context.DeadlineExceeded)) {
		return err
	}
	if a.flags.JSON {
		out.Applied, out.Statement, out.Log, out.Index, out.State = true, e.Hash.String(), e.Origin, &e.Index, e.State().String()
		return a.env.JSON(out)
	}
	a.env.Say("keyring.recorded", lang.Args{"index": fmt.Sprint(e.Index), "log": e.Origin, "state": a.env.Words.T("ledger.state."+e.State().String(), nil)})
	a.env.Fields([2]string{a.env.Words.T("keyring.act.statement", nil), e.Hash.String()})
	return nil
}

func keyOf(body statement.Body) string {
	switch b := body.(type) {
	case *statement.OfficeKey:
		return b.Key.ID().String()
	case *statement.KeyRevoked:
		return b.Key.String()
	}
	return ""
}

// bodyView is a statement's body in JSON.
func bodyView(body statement.Body) any {
	switch b := body.(type) {
	case *statement.OfficeKey:
		return map[string]any{"office": b.Office, "office_name": b.Name, "from": time.Unix(b.From, 0).UTC(), "until": time.Unix(b.Until, 0).UTC(),
			"types": append([]statement.Type{}, b.Types...), "recipient": b.Age, "home": b.Home}
	case *statement.KeyRevoked:
		cut := []map[string]any{}
		for _, v := range b.CutOff {
			cut = append(cut, map[string]any{"origin": v.Origin, "size": v.Size, "root": v.Root.String()})
		}
		return map[string]any{"reason": b.Reason, "cut_off": cut}
	}
	return nil
}

package keyringweb

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify/statement"
)

// ActFlags are common to the acts of an authority, which it records in the
// register of a node of its Participant.
type ActFlags struct {
	Node string `required:"" placeholder:"DIR" help:"cli_keys_node"`
	signerFlags
	Issuer string `placeholder:"OFFICE" help:"cli_keys_issuer"`
	Apply  bool   `help:"cli_keys_apply"`
	JSON   bool   `name:"json" help:"cli_json"`

	Public statement.Key `kong:"-"` // of who signs
}

// Load sees whose key it is and, where it is going to sign, asks for what opens it.
func (f *ActFlags) Load(env *module.Env) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if f.Public, err = f.public(env, keyring.Authority); err != nil || !f.Apply {
		return err
	}
	return f.load(env)
}

// appointCmd records whose a key is, and what it may sign.
type appointCmd struct {
	ActFlags
	Card        string   `required:"" placeholder:"FILE" help:"cli_keys_appoint_card"`
	Office      string   `placeholder:"OFFICE" help:"cli_keys_appoint_office"`
	OfficeName  string   `placeholder:"TEXT" help:"cli_keys_appoint_office_name"`
	From        string   `placeholder:"DATE" help:"cli_keys_appoint_from"`
	Until       string   `required:"" placeholder:"DATE" help:"cli_keys_appoint_until"`
	Types       []string `placeholder:"TYPE,..." help:"cli_keys_appoint_types"`
	MessageCard string   `placeholder:"FILE" help:"cli_keys_appoint_message_card"`
	Home        string   `placeholder:"ORIGIN" help:"cli_keys_appoint_home"`

	CardText    []byte `kong:"-"`
	MessageText []byte `kong:"-"`
}

// Run has the appointment shown and, with --apply, recorded.
func (c *appointCmd) Run(env *module.Env) error { return env.Give(c.Node, c) }

// Load reads the cards too.
func (c *appointCmd) Load(env *module.Env) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	if c.CardText, err = loadCard("--card", c.Card); err != nil {
		return err
	}
	if c.MessageCard != "" {
		if c.MessageText, err = loadCard("--message-card", c.MessageCard); err != nil {
			return err
		}
	}
	return c.ActFlags.Load(env)
}

// Do shows the appointment and, with --apply, records it.
func (c *appointCmd) Do(env *module.Env, n *module.Node) error {
	card, err := keyring.ParseCard(c.CardText)
	if err != nil {
		return fault.Locate(err, fault.At("--card"), fault.File(c.Card))
	}
	act, err := c.Begin(env, n)
	if err != nil {
		return err
	}
	a, err := c.appointment(act, card)
	if err != nil {
		return err
	}
	h, body, err := keyring.OfficeKeyStatement(act.Header(), card, a)
	if err != nil {
		return err
	}
	if err := act.free(body); err != nil {
		return err
	}
	if !c.JSON {
		env.Say("keyring.appoint", lang.Args{"issuer": act.issuer, "office": body.Office, "purpose": card.Purpose})
		t := func(key string) string { return env.Words.T("keyring.act."+key, nil) }
		env.Fields([2]string{t("key_id"), body.Key.ID().String() + synthetic(card.Synthetic)}, [2]string{t("office_name"), body.Name},
			[2]string{t("from"), env.Words.Time(time.Unix(body.From, 0))}, [2]string{t("until"), env.Words.Time(time.Unix(body.Until, 0))},
			[2]string{t("types"), typeNames(body.Types)}, [2]string{t("recipient"), body.Age}, [2]string{t("home"), body.Home})
		fmt.Fprintln(env.Out)
	}
	return act.Record(h, body, keyOf(body), bodyView(body))
}

// appointment reads the flags.
func (c *appointCmd) appointment(act *Act, card *keyring.Card) (keyring.Appointment, error) {
	a := keyring.Appointment{Office: c.Office, Name: c.OfficeName, From: act.at, Home: c.Home}
	var faults fault.List
	if a.Office == "" {
		a.Office = act.node.Office
	}
	if _, err := ident.ParseOffice(a.Office); err != nil {
		faults.Add(fault.Locate(err, fault.At("--office")))
	}
	if c.From != "" {
		day, err := period.Parse(c.From)
		if err != nil {
			faults.Add(fault.Locate(err, fault.At("--from")))
		}
		// Today means from now on: no key is made good for the past.
		if a.From = day.Start(); day == period.DateOf(act.at) {
			a.From = act.at
		}
	}
	day, err := period.Parse(c.Until)
	if err != nil {
		faults.Add(fault.Locate(err, fault.At("--until")))
	}
	a.Until = day.End()
	switch {
	case card.Purpose != keyring.Office && len(c.Types) > 0:
		faults.Add(fault.Usage("keyring.types_of_officer", fault.At("--types")))
	case card.Purpose == keyring.Office && len(c.Types) == 0:
		a.Types = keyring.DailyTypes()
	}
	for _, name := range c.Types {
		t, ok := typeNamed(name)
		if !ok {
			faults.Add(fault.Usage("keyring.type_unknown", fault.At("--types"), fault.Text(name), fault.Arg("known", typeNames(allTypes()))))
		}
		a.Types = append(a.Types, t)
	}
	if c.MessageCard != "" {
		m, err := keyring.ParseCard(c.MessageText)
		if err == nil && m.Purpose != keyring.Message {
			err = fault.Forbidden("keyring.other_purpose", fault.Arg("name", m.Name), fault.Arg("purpose", m.Purpose), fault.Arg("wanted", keyring.Message))
		}
		if err != nil {
			faults.Add(err)
		} else {
			a.Age = m.Recipient
		}
	}
	return a, faults.Err()
}

// allTypes lists every statement type that has a name.
func allTypes() []statement.Type {
	var out []statement.Type
	for t := statement.TypeParticipant; t <= statement.TypeLogClosed; t++ {
		out = append(out, t)
	}
	return out
}

func typeNamed(name string) (statement.Type, bool) {
	i := slices.IndexFunc(allTypes(), func(t statement.Type) bool { return t.String() == name })
	return statement.Type(i + 1), i >= 0
}

func typeNames(types []statement.Type) string {
	var names []string
	for _, t := range types {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}

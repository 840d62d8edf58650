package postweb

import (
	"fmt"
	"path/filepath"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/module"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
)

// exchangeWriteCmd writes what waits onto a stick or into mails.
type exchangeWriteCmd struct {
	postNode
	Stick string `placeholder:"FOLDER" xor:"where" required:"" help:"cli_exchange_write_stick"`
	Mail  string `placeholder:"FOLDER" xor:"where" required:"" help:"cli_exchange_write_mail"`
	From  string `placeholder:"ADDRESS" help:"cli_exchange_write_from"`
	To    string `placeholder:"OFFICE" help:"cli_exchange_write_to"`
}

// Run has it done.
func (c *exchangeWriteCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the folder's path whole.
func (c *exchangeWriteCmd) Load(*module.Env) error {
	for _, p := range []*string{&c.Stick, &c.Mail} {
		if *p == "" {
			continue
		}
		whole, err := filepath.Abs(*p)
		if err != nil {
			return err
		}
		*p = whole
	}
	return nil
}

// Do writes one file for each message.
func (c *exchangeWriteCmd) Do(env *module.Env, n *module.Node) error {
	var written []exchange.Written
	var err error
	if c.Stick != "" {
		written, err = n.Post.WriteStick(env.Context, c.Stick, c.To)
	} else {
		written, err = n.Post.WriteMail(env.Context, c.Mail, c.From, c.To)
	}
	if err != nil {
		return err
	}
	views := []map[string]any{}
	var faults fault.List
	for _, w := range written {
		view := map[string]any{"id": w.Message.ID, "to": w.Message.To, "kind": w.Message.Kind}
		switch {
		case w.Fault != nil:
			view["fault"] = keyOf(w.Fault)
			faults.Add(w.Fault)
		case w.There:
			view["file"], view["there_already"] = w.File, true
		default:
			view["file"] = w.File
		}
		views = append(views, view)
		if !c.JSON && w.Fault == nil {
			env.Say("exchange.written", lang.Args{"file": w.File, "office": w.Message.To})
		}
	}
	if c.JSON {
		if err := env.JSON(map[string]any{"written": views}); err != nil {
			return err
		}
	} else if len(written) == 0 {
		env.Say("exchange.nothing_waits", nil)
	}
	return faults.Err()
}

// exchangeReceiveCmd takes messages from files, mails and sticks.
type exchangeReceiveCmd struct {
	postNode
	Apply bool     `help:"cli_exchange_apply"`
	Paths []string `arg:"" name:"FILE|FOLDER" help:"cli_exchange_receive_paths"`
}

// Run has it done.
func (c *exchangeReceiveCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the paths whole: a stick may hold more than can travel.
func (c *exchangeReceiveCmd) Load(*module.Env) error {
	for i, p := range c.Paths {
		whole, err := filepath.Abs(p)
		if err != nil {
			return err
		}
		c.Paths[i] = whole
	}
	return nil
}

// Do tells what each message is and, with --apply, takes it.
func (c *exchangeReceiveCmd) Do(env *module.Env, n *module.Node) error {
	came, err := n.Post.Read(env.Context, c.Apply, c.Paths...)
	if err != nil {
		return err
	}
	views := []cameView{}
	var faults fault.List
	others := 0
	for _, m := range came {
		if m.Others {
			others++
			continue
		}
		v := cameView{File: m.File, State: string(m.State), Twice: m.Twice}
		if m.Message != nil {
			v.MessageView = viewMessage(m.Message)
		}
		if m.Fault != nil {
			v.Fault = keyOf(m.Fault)
		}
		// One whose signer is not known yet is kept: nothing is wrong with it.
		if m.Fault != nil && m.State != exchange.Received {
			faults.Add(fault.Locate(m.Fault, fault.File(m.File)))
		}
		views = append(views, v)
		if !c.JSON {
			printCame(env, m)
		}
	}
	if c.JSON {
		if err := env.JSON(map[string]any{"applied": c.Apply, "messages": views, "for_others": others}); err != nil {
			return err
		}
		return faults.Err()
	}
	if others > 0 {
		env.Say("exchange.for_others", lang.Args{"count": others})
	}
	if len(views) == 0 {
		env.Say("exchange.nothing_came", nil)
	}
	if !c.Apply {
		env.Say("cli.nothing_written", nil)
	}
	return faults.Err()
}

// printCame says what came of one file.
func printCame(env *module.Env, m exchange.Came) {
	if m.Message == nil {
		if m.State == exchange.Received {
			env.Say("exchange.waits", lang.Args{"file": m.File, "why": env.Words.Explain(m.Fault, "-")[0].Text})
		}
		return
	}
	key := "exchange.came"
	if m.Twice {
		key = "exchange.came_before"
	}
	env.Say(key, lang.Args{"kind": kindWords(env.Words, m.Message.Kind), "sender": m.Message.From, "time": moment(m.Message.Time), "id": short(m.Message.ID.String())})
	if m.Message.Note != "" {
		fmt.Fprintf(env.Out, "  %s\n", m.Message.Note)
	}
}

// keyOf is the first fault's key.
func keyOf(err error) string {
	if f, ok := fault.Of(err); ok {
		return f.Key
	}
	return fault.Unexpected
}

// MessageView is a message in JSON.
type MessageView struct {
	ID         string          `json:"id,omitempty"`
	From       string          `json:"from,omitempty"`
	To         string          `json:"to,omitempty"`
	Kind       string          `json:"kind,omitempty"`
	Time       *time.Time      `json:"time,omitempty"`
	Synthetic  bool            `json:"synthetic,omitempty"`
	Answers    string          `json:"answers,omitempty"`
	Note       string          `json:"note,omitempty"`
	Statements []StatementView `json:"statements,omitempty"`
	Bundles    []StatementView `json:"bundles,omitempty"`
}

type StatementView struct {
	Type    string `json:"type"`
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	Hash    string `json:"hash"`
}

func viewMessage(m *message.Message) MessageView {
	at := moment(m.Time)
	v := MessageView{ID: m.ID.String(), From: m.From, To: m.To, Kind: m.Kind.String(), Time: &at, Synthetic: m.Synthetic, Note: m.Note}
	if !m.Answers.IsZero() {
		v.Answers = m.Answers.String()
	}
	one := func(st *statement.Statement) StatementView {
		return StatementView{st.Type.String(), st.Issuer, st.Subject, st.Hash.String()}
	}
	c, err := m.Open()
	if err != nil {
		return v // a message that is here has been opened before
	}
	for _, st := range c.Statements {
		v.Statements = append(v.Statements, one(st))
	}
	for _, b := range c.Bundles {
		v.Bundles = append(v.Bundles, one(b.Statement))
	}
	return v
}

// outgoingView is a message of the outbox in JSON.
type outgoingView struct {
	MessageView
	State    string     `json:"state"`
	Attempts int64      `json:"attempts"`
	Carrier  string     `json:"carrier,omitempty"`
	Reason   string     `json:"reason,omitempty"` // key of the fault
	Posted   time.Time  `json:"posted"`
	Sent     *time.Time `json:"sent,omitempty"`
	Answered *time.Time `json:"answered,omitempty"`
	Next     *time.Time `json:"next,omitempty"`
}

func viewOutgoing(m *exchange.Outgoing) outgoingView {
	v := outgoingView{MessageView: viewMessage(m.Message), State: string(m.State), Attempts: m.Attempts, Carrier: string(m.Carrier), Posted: m.Posted,
		Sent: orNil(m.SentAt), Answered: orNil(m.Answered), Next: orNil(m.Next)}
	if m.Reason != nil {
		v.Reason = keyOf(m.Reason)
	}
	return v
}

// incomingView is a message of the inbox in JSON.
type incomingView struct {
	MessageView
	State    string     `json:"state"`
	Carrier  string     `json:"carrier"`
	Reason   string     `json:"reason,omitempty"`
	Received time.Time  `json:"received"`
	Handled  *time.Time `json:"handled,omitempty"`
	Skew     float64    `json:"clock_ahead_s,omitempty"`
	Next     *time.Time `json:"next,omitempty"`
}

func viewIncoming(m *exchange.Incoming) incomingView {
	v := incomingView{State: string(m.State), Carrier: string(m.Carrier), Received: m.ReceivedAt, Handled: orNil(m.HandledAt), Skew: m.Skew.Seconds(), Next: orNil(m.Next)}
	v.ID = m.ID()
	if m.Message != nil {
		v.MessageView = viewMessage(m.Message)
	}
	if m.Reason != nil {
		v.Reason = keyOf(m.Reason)
	}
	return v
}

// cameView is a file that was read, in JSON.
type cameView struct {
	MessageView
	File  string `json:"file"`
	State string `json:"state,omitempty"`
	Twice bool   `json:"twice,omitempty"`
	Fault string `json:"fault,omitempty"`
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

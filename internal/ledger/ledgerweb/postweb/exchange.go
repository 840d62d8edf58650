package postweb

import (
	"fmt"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
)

// exchangeCmds are the office's post at the command line.
type exchangeCmds struct {
	List    exchangeListCmd    `cmd:"" help:"cli_exchange_list"`
	Show    exchangeShowCmd    `cmd:"" help:"cli_exchange_show"`
	Send    exchangeSendCmd    `cmd:"" help:"cli_exchange_send"`
	Write   exchangeWriteCmd   `cmd:"" help:"cli_exchange_write"`
	Receive exchangeReceiveCmd `cmd:"" help:"cli_exchange_receive"`
}

// postNode is the node of a command, and how its results are written.
type postNode struct {
	Dir  string `default:"." placeholder:"DIR" help:"cli_exchange_dir"`
	JSON bool   `name:"json" help:"cli_json"`
}

// Load has nothing to read: what these commands ask stands on the command line.
func (*postNode) Load(*module.Env) error { return nil }

// exchangeListCmd lists what goes out and what has come.
type exchangeListCmd struct {
	postNode
	Count int `default:"20" placeholder:"NUMBER" help:"cli_exchange_count"`
}

// Run has it done.
func (c *exchangeListCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do lists the newest of both.
func (c *exchangeListCmd) Do(env *module.Env, n *module.Node) error {
	if c.Count < 1 || c.Count > 100_000 {
		return fault.Usage("ledger.count", fault.At("--count"), fault.Arg("most", 100_000))
	}
	out, err := n.Post.Outbox(env.Context, c.Count)
	if err != nil {
		return err
	}
	in, err := n.Post.Inbox(env.Context, c.Count)
	if err != nil {
		return err
	}
	if c.JSON {
		view := struct {
			Office string         `json:"office"`
			Out    []outgoingView `json:"out"`
			In     []incomingView `json:"in"`
		}{n.Office, []outgoingView{}, []incomingView{}}
		for _, m := range out {
			view.Out = append(view.Out, viewOutgoing(m))
		}
		for _, m := range in {
			view.In = append(view.In, viewIncoming(m))
		}
		return env.JSON(view)
	}
	env.Say("exchange.list.out", lang.Args{"office": n.Office})
	for _, m := range out {
		fmt.Fprintf(env.Out, "  %s  %s  %-16s %-18s %s%s\n", short(m.Message.ID.String()), env.Words.Time(m.Posted), m.Message.To, kindWords(env.Words, m.Message.Kind),
			env.Words.Show(m.State), because(env.Words, m.Reason))
	}
	env.Say("exchange.list.in", lang.Args{"office": n.Office})
	for _, m := range in {
		from, kind := env.Words.T("exchange.list.unknown", nil), ""
		if m.Message != nil {
			from, kind = m.Message.From, kindWords(env.Words, m.Message.Kind)
		}
		fmt.Fprintf(env.Out, "  %s  %s  %-16s %-18s %s%s\n", short(m.ID()), env.Words.Time(m.ReceivedAt), from, kind, env.Words.Show(m.State), because(env.Words, m.Reason))
	}
	return nil
}

func short(id string) string { return id[:12] }

// because is the reason beside a state, "" for none.
func because(w *lang.Printer, err error) string {
	if err == nil {
		return ""
	}
	return ": " + w.Explain(err, "-")[0].Text
}

func kindWords(w *lang.Printer, k message.Kind) string {
	if key := "exchange.kind." + k.String(); w.Has(key) {
		return w.T(key, nil)
	}
	return k.String()
}

// exchangeShowCmd shows one message with what it carries.
type exchangeShowCmd struct {
	postNode
	ID string `arg:"" name:"ID" help:"cli_exchange_id"`
}

// Run has it done.
func (c *exchangeShowCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do shows it.
func (c *exchangeShowCmd) Do(env *module.Env, n *module.Node) error {
	out, in, err := n.Post.Find(env.Context, c.ID)
	if err != nil {
		return err
	}
	switch {
	case c.JSON && out != nil:
		return env.JSON(viewOutgoing(out))
	case c.JSON:
		return env.JSON(viewIncoming(in))
	case out != nil:
		return printMessage(env, out.Message, out.Message.ID.String(), out.State, out.Reason, [2]string{"posted", env.Words.Time(out.Posted)},
			[2]string{"sent", timeOr(env.Words, out.SentAt)}, [2]string{"answered", timeOr(env.Words, out.Answered)}, [2]string{"next", timeOr(env.Words, out.Next)})
	}
	skew := ""
	if in.Skew > 0 {
		skew = env.Words.T("exchange.show.skew_by", lang.Args{"duration": in.Skew.String()})
	}
	return printMessage(env, in.Message, in.ID(), in.State, in.Reason, [2]string{"received", env.Words.Time(in.ReceivedAt)},
		[2]string{"handled", timeOr(env.Words, in.HandledAt)}, [2]string{"next", timeOr(env.Words, in.Next)}, [2]string{"skew", skew})
}

func timeOr(w *lang.Printer, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.Time(t)
}

// printMessage shows a message in words; m is nil for one that was not taken.
func printMessage(env *module.Env, m *message.Message, id string, state exchange.State, reason error, rows ...[2]string) error {
	w := env.Words
	t := func(key string) string { return w.T("exchange.show."+key, nil) }
	fields := [][2]string{{t("id"), id}, {t("state"), w.Show(state) + because(w, reason)}}
	if m != nil {
		fmt.Fprintln(env.Out, w.T("exchange.show.title", lang.Args{"kind": kindWords(w, m.Kind), "sender": m.From, "office": m.To})+ledgerweb.Mark(m.Synthetic))
		fields = append(fields, [2]string{t("written"), w.Time(moment(m.Time))}, [2]string{t("note"), m.Note})
		if !m.Answers.IsZero() {
			fields = append(fields, [2]string{t("answers"), m.Answers.String()})
		}
	}
	for _, r := range rows {
		fields = append(fields, [2]string{t(r[0]), r[1]})
	}
	env.Fields(fields...)
	if m == nil {
		return nil
	}
	c, err := m.Open()
	if err != nil {
		return err
	}
	for _, st := range c.Statements {
		fmt.Fprintf(env.Out, "  %s\n", ledgerweb.SentenceOf(w, st))
	}
	for _, b := range c.Bundles {
		fmt.Fprintf(env.Out, "  %s\n", w.T("exchange.show.bundle", lang.Args{"what": ledgerweb.SentenceOf(w, b.Statement)}))
	}
	return nil
}

// exchangeSendCmd posts a message, and sends what is due.
type exchangeSendCmd struct {
	postNode
	To        string   `placeholder:"OFFICE" help:"cli_exchange_send_to"`
	Kind      string   `default:"notice" placeholder:"KIND" help:"cli_exchange_send_kind"`
	Note      string   `placeholder:"TEXT" help:"cli_exchange_send_note"`
	Bundle    []string `placeholder:"FILE" sep:"none" help:"cli_exchange_send_bundle"`
	Statement []string `placeholder:"FILE" sep:"none" help:"cli_exchange_send_statement"`
	Again     string   `placeholder:"ID" xor:"what" help:"cli_exchange_send_again"`
	Apply     bool     `help:"cli_exchange_apply"`

	Bundles    [][]byte `kong:"-"`
	Statements [][]byte `kong:"-"`
}

// Run has it done.
func (c *exchangeSendCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do shows what would be posted and, with --apply, posts it and tries what is due.
func (c *exchangeSendCmd) Do(env *module.Env, n *module.Node) error {
	d, err := c.draft()
	if err != nil {
		return err
	}
	if !c.Apply {
		return c.dry(env, n, d)
	}
	var id message.ID
	switch {
	case c.Again != "":
		out, _, err := n.Post.Find(env.Context, c.Again)
		if err == nil && out == nil {
			err = fault.NotFound("exchange.unknown_message", fault.Text(c.Again))
		}
		if err == nil {
			err = n.Post.Again(env.Context, out.Message.ID)
		}
		if err != nil {
			return err
		}
	case d != nil:
		err := n.Ledger.Store().Write(env.Context, env.Now(), func(tx *store.Tx) (err error) {
			id, err = n.Post.Post(tx, *d)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := n.Post.Round(env.Context); err != nil {
		return err
	}
	return c.report(env, n, id)
}

// Load reads the flags and the files.
func (c *exchangeSendCmd) Load(*module.Env) error {
	if _, err := c.draft(); err != nil {
		return err
	}
	for _, path := range c.Bundle {
		b, err := module.ReadFile("--bundle", path, bundle.MaxSize)
		if err != nil {
			return err
		}
		c.Bundles = append(c.Bundles, b)
	}
	for _, path := range c.Statement {
		b, err := module.ReadFile("--statement", path, statement.MaxSize)
		if err != nil {
			return err
		}
		c.Statements = append(c.Statements, b)
	}
	return nil
}

// draft is the message that the flags say; nil when nothing is to be posted.
func (c *exchangeSendCmd) draft() (*exchange.Draft, error) {
	if c.To == "" {
		if c.Note != "" || len(c.Bundle)+len(c.Statement) > 0 {
			return nil, fault.Usage("exchange.no_addressee", fault.At("--to"))
		}
		return nil, nil
	}
	if _, err := ident.ParseOffice(c.To); err != nil {
		return nil, fault.Locate(err, fault.At("--to"))
	}
	d := &exchange.Draft{To: c.To, Note: c.Note, Statements: c.Statements, Bundles: c.Bundles}
	for _, k := range message.Kinds() {
		if k.String() == c.Kind && k != message.Acknowledgement {
			d.Kind = k
		}
	}
	if d.Kind == 0 {
		return nil, fault.Usage("exchange.kind_unknown", fault.At("--kind"), fault.Text(c.Kind))
	}
	return d, nil
}

// dry says what --apply would do.
func (c *exchangeSendCmd) dry(env *module.Env, n *module.Node, d *exchange.Draft) error {
	if d != nil {
		m := &message.Message{Version: message.Version, ID: message.ID{1}, From: n.Office, To: d.To, Time: env.Now().Unix(), Kind: d.Kind,
			Synthetic: n.Synthetic, Statements: d.Statements, Bundles: d.Bundles, Note: d.Note}
		if _, err := m.Encode(); err != nil {
			return fault.Invalid("exchange.draft", fault.Arg("office", d.To), fault.Arg("why", err.Error()), fault.Because(err))
		}
	}
	if c.JSON {
		return env.JSON(map[string]any{"applied": false, "to": c.To, "kind": c.Kind})
	}
	if d != nil {
		env.Say("exchange.would_send", lang.Args{"kind": kindWords(env.Words, d.Kind), "office": d.To, "count": len(d.Bundles) + len(d.Statements)})
	}
	env.Say("cli.nothing_written", nil)
	return nil
}

// report says how everything stands that is not acknowledged, and the new one.
func (c *exchangeSendCmd) report(env *module.Env, n *module.Node, id message.ID) error {
	out, err := n.Post.Outbox(env.Context, mostReported)
	if err != nil {
		return err
	}
	views := []outgoingView{}
	for _, m := range out {
		if m.Message.ID != id && m.State == exchange.Acknowledged {
			continue
		}
		views = append(views, viewOutgoing(m))
		if !c.JSON {
			fmt.Fprintf(env.Out, "%s  %-16s %-18s %s%s\n", short(m.Message.ID.String()), m.Message.To, kindWords(env.Words, m.Message.Kind), env.Words.Show(m.State), because(env.Words, m.Reason))
		}
	}
	if c.JSON {
		return env.JSON(map[string]any{"applied": true, "id": id, "out": views})
	}
	return nil
}

// mostReported bounds what a command lists of the outbox.
const mostReported = 1000

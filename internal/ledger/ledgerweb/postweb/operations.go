package postweb

import (
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/module"
	"adamas.example/internal/web/api"
)

// mayRead is the permission to see the office's post, and to have a message sent again: the
// same bytes to the same office, which takes them once.
const mayRead = "ledger.messages"

// Permissions are what the operations ask for.
func Permissions() []access.Permission {
	return []access.Permission{{Name: mayRead, Holders: []access.Role{access.Validator, access.Importer, access.Administrator}}}
}

// Posted is a message to or from another office.
type Posted struct {
	MessageView
	State    string     `json:"state" doc:"out: queued, sent, acknowledged, failed; in: received, taken, handled, refused"`
	Words    string     `json:"words" doc:"the state in the language of the request"`
	Carrier  string     `json:"carrier,omitempty" doc:"http, mail or stick"`
	Attempts int64      `json:"attempts,omitempty"`
	Reason   string     `json:"reason,omitempty" doc:"key of the fault of the last try"`
	Why      string     `json:"why,omitempty" doc:"the same in words"`
	At       time.Time  `json:"at" doc:"when it was posted, or came"`
	Sent     *time.Time `json:"sent,omitempty"`
	Done     *time.Time `json:"done,omitempty" doc:"when it was acknowledged, or dealt with"`
	Next     *time.Time `json:"next_try,omitempty"`
}

func outOf(p *lang.Printer, m *exchange.Outgoing) Posted {
	v := viewOutgoing(m)
	return Posted{MessageView: v.MessageView, State: v.State, Words: p.Show(m.State), Carrier: v.Carrier, Attempts: v.Attempts, Reason: v.Reason, Why: why(p, m.Reason), At: v.Posted, Sent: v.Sent, Done: v.Answered, Next: v.Next}
}

func inOf(p *lang.Printer, m *exchange.Incoming) Posted {
	v := viewIncoming(m)
	return Posted{MessageView: v.MessageView, State: v.State, Words: p.Show(m.State), Carrier: v.Carrier, Reason: v.Reason, Why: why(p, m.Reason), At: v.Received, Done: v.Handled, Next: v.Next}
}

func why(p *lang.Printer, err error) string {
	if err == nil {
		return ""
	}
	return p.Explain(err, "-")[0].Text
}

// Operations adds what programs can ask of the office's post.
func Operations(n *module.Node, a *api.API) error {
	const tag = "Messages"
	path := map[string]string{"id": "e3b0c44298fc1c149afbf4c8996fb924|the message, by its whole id or how it begins"}
	api.Read(a, api.Operation{ID: "listMessages", Path: "/messages", Permission: mayRead, Tag: tag, Summary: "Messages to and from other offices, newest first",
		Query: api.PageParams(api.Param{Name: "direction", Doc: "out where it is not given", Enum: []string{"out", "in"}})}, func(c *api.Call) (out api.Page[Posted], err error) {
		limit, err := c.Limit()
		if err != nil {
			return out, err
		}
		before := int64(1) << 62
		if err := c.After(&before); err != nil {
			return out, err
		}
		switch c.Query("direction") {
		case "", "out":
			found, err := n.Post.OutboxBefore(c.Context(), before, limit+1)
			return api.Cut(found, limit, func(m *exchange.Outgoing) any { return m.N }, func(m *exchange.Outgoing) Posted { return outOf(c.Printer(), m) }), err
		case "in":
			found, err := n.Post.InboxBefore(c.Context(), before, limit+1)
			return api.Cut(found, limit, func(m *exchange.Incoming) any { return m.N }, func(m *exchange.Incoming) Posted { return inOf(c.Printer(), m) }), err
		}
		return out, fault.Invalid("exchange.direction", fault.At("direction"), fault.Text(c.Query("direction")))
	})
	find := func(c *api.Call, id string) (out Posted, err error) {
		sent, came, err := n.Post.Find(c.Context(), id)
		switch {
		case err != nil:
			return out, err
		case sent != nil:
			return outOf(c.Printer(), sent), nil
		}
		return inOf(c.Printer(), came), nil
	}
	api.Read(a, api.Operation{ID: "readMessage", Path: "/messages/{id}", Paths: path, Permission: mayRead, Tag: tag, Summary: "A message, what it carries and how far it is"},
		func(c *api.Call) (Posted, error) { return find(c, c.Path("id")) })
	api.Act(a, api.Operation{ID: "sendMessageAgain", Path: "/messages/{id}/again", Paths: path, Permission: mayRead, Tag: tag, Summary: "Have a message sent once more that was given up or lost", Description: "Never one that was acknowledged (409)."},
		func(c *api.Call, _ api.Nothing) (string, error) {
			sent, _, err := n.Post.Find(c.Context(), c.Path("id"))
			if err != nil {
				return "", err
			}
			if sent == nil {
				return "", fault.NotFound("exchange.unknown_message", fault.Text(c.Path("id")))
			}
			return sent.Message.ID.String(), n.Post.Again(c.Context(), sent.Message.ID)
		}, find)
	return nil
}

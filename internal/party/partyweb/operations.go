package partyweb

import (
	"adamas.example/data"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
)

// mayRead is the permission of the pages of Participants.
const mayRead = "party.read"

// Operations adds what programs can ask of Participants.
func Operations(n *module.Node, a *api.API) error {
	published, err := party.Load(data.FS, nil)
	if err != nil {
		return err
	}
	query := []api.Param{{Name: "on", Doc: "the day asked about, YYYY-MM-DD; today where it is not given"}, {Name: "by", Doc: "the Participant whose list is read; the scheme's own decisions where it is not given", Example: "CH"}}
	api.Read(a, api.Operation{ID: "listParticipants", Path: "/participants", Permission: mayRead, Tag: "Participants", Summary: "Where every Participant stands on a day", Query: query},
		func(c *api.Call) (out api.Page[standingView], err error) {
			q, err := askedBy(c, n, published)
			if err != nil {
				return out, err
			}
			out.Items = []standingView{}
			for _, code := range q.Register.Codes() {
				out.Items = append(out.Items, q.standingOf(q.Register.SeenBy(q.by, code, q.on), false))
			}
			return out, nil
		})
	api.Read(a, api.Operation{ID: "readParticipant", Path: "/participants/{code}", Paths: map[string]string{"code": "CF|of the Participant"}, Permission: mayRead, Tag: "Participants",
		Summary: "Where a Participant stands on a day, and by which events", Query: query}, func(c *api.Call) (out standingView, err error) {
		q, err := askedBy(c, n, published)
		if err != nil {
			return out, err
		}
		code, err := ident.ParseParticipant(c.Path("code"))
		if err != nil {
			return out, fault.Locate(err, fault.At("code"))
		}
		return q.standingOf(q.Register.SeenBy(q.by, code, q.on), true), nil
	})
	return nil
}

// askedBy reads a request's question, and joins what registers say today to what is
// published.
func askedBy(c *api.Call, n *module.Node, published *party.Scheme) (*asked, error) {
	out := &asked{on: period.DateOf(n.Now().UTC()), env: &module.Env{Context: c.Context(), Now: n.Now, Words: c.Printer()}}
	var err error
	if s := c.Query("on"); s != "" {
		if out.on, err = period.ParseTyped(s); err != nil {
			return nil, fault.Locate(err, fault.At("on"))
		}
	}
	if s := c.Query("by"); s != "" {
		if out.by, err = ident.ParseParticipant(s); err != nil {
			return nil, fault.Locate(err, fault.At("by"))
		}
	}
	var said Said
	if err := n.Ledger.Store().Read(c.Context(), n.Now(), func(tx *store.Tx) (err error) {
		said, err = ReadSaid(tx)
		return err
	}); err != nil {
		return nil, err
	}
	out.Scheme, err = said.Join(published)
	return out, err
}

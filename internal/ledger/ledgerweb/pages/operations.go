package pages

import (
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/ledger/listing"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Entry is one statement in the register, for programs.
type Entry struct {
	Hash      canonical.Hash `json:"hash" doc:"SHA-256 of the signed bytes"`
	Type      string         `json:"type"`
	Issuer    string         `json:"issuer"`
	Subject   string         `json:"subject"`
	State     string         `json:"state" enum:"signed,logged,witnessed"`
	Log       string         `json:"log"`
	Index     *int64         `json:"index,omitempty" doc:"its place in the log"`
	SignedAt  time.Time      `json:"signed_at"`
	Sentence  string         `json:"sentence" doc:"in the language of the request"`
	Signed    api.Bytes      `json:"signed,omitempty" doc:"the signed bytes (COSE_Sign1), of one entry"`
	Synthetic bool           `json:"synthetic,omitempty" doc:"of one entry"`
}

func entryOf(c *api.Call, e *ledger.Entry) Entry {
	out := Entry{Hash: e.Hash, Type: e.Type.String(), Issuer: e.Issuer, Subject: e.Subject, State: e.State().String(), Log: e.Origin, SignedAt: e.SignedAt, Sentence: ledgerweb.Sentence(c.Printer(), e.Type, e.Issuer, e.Subject)}
	if e.Index >= 0 {
		out.Index = &e.Index
	}
	return out
}

// Operations adds what programs can ask of the register.
func Operations(n *module.Node, a *api.API) error {
	g := &register{node: n}
	read := func(c *api.Call, fn func(tx *store.Tx) error) error {
		return n.Ledger.Store().Read(c.Context(), n.Now(), fn)
	}
	api.Read(a, api.Operation{ID: "listRegister", Path: "/register", Permission: Read, Tag: "Register", Summary: "What was stated here, newest first",
		Query: api.PageParams(api.Param{Name: "type", Doc: "only statements of this type", Example: "receipt"}, api.Param{Name: "by", Doc: "only those of this office", Example: "CF/bangui"})},
		func(c *api.Call) (out api.Page[Entry], err error) {
			limit, err := c.Limit()
			if err != nil {
				return out, err
			}
			q := listing.Query{}
			if err := c.After(&q.Before); err != nil {
				return out, err
			}
			var found []*ledger.Entry
			err = read(c, func(tx *store.Tx) error {
				found = nil
				if c.Query("type") != "" || c.Query("by") != "" {
					kinds, err := listing.Kinds(tx)
					if err != nil {
						return err
					}
					if q.Kinds = chosen(kinds, &asked{kind: c.Query("type"), issuer: c.Query("by")}); q.Kinds == nil {
						return nil
					}
				}
				found, err = listing.Read(tx, q, limit+1)
				return err
			})
			return api.Cut(found, limit, func(e *ledger.Entry) any { return e.Seq }, func(e *ledger.Entry) Entry { return entryOf(c, e) }), err
		})
	api.Read(a, api.Operation{ID: "readEntry", Path: "/register/{hash}", Paths: map[string]string{"hash": "0|the entry's hash, or its place in the log"}, Permission: Read, Tag: "Register", Summary: "One entry with its signed bytes"},
		func(c *api.Call) (out Entry, err error) {
			err = read(c, func(tx *store.Tx) error {
				e, err := g.find(tx, c.Path("hash"))
				if err != nil {
					return err
				}
				out = entryOf(c, e)
				out.Signed = e.Signed
				if st, err := statement.Parse(e.Signed); err == nil {
					out.Synthetic = st.Synthetic
				}
				return nil
			})
			return out, err
		})
	return nil
}

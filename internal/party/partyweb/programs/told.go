package programs

import (
	"context"
	"crypto/rand"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
	"adamas.example/internal/web/hook"
)

// listen is the permission of a program to have itself told.
const listen = "people.hooks"

// told is the addresses of an office's systems, as pages, commands and programs look after
// them: every change stands in the trail, also that one has ended with its program's key (package
// accesskey).
type told struct {
	node  *module.Node
	hooks *hook.Service
}

func toldOf(n *module.Node) (told, error) {
	hooks, err := module.Service[*hook.Service](n)
	return told{n, hooks}, err
}

func (t told) write(ctx context.Context, fn func(*store.Tx) error) error {
	return t.node.Ledger.Store().Write(ctx, t.node.Now(), fn)
}

func (t told) id() (ident.RecordID, error) { return ident.NewRecordID(t.node.Now(), rand.Reader) }

// add names an address; for a program, while its key stands: what is made after it has
// ended, nothing would end. Faults: those of hook.Service.Make; party.key_refused.
func (t told) add(ctx context.Context, by accesskey.By, h hook.Hook) (made hook.Hook, err error) {
	id, err := t.id()
	if err != nil {
		return made, err
	}
	return made, t.write(ctx, func(tx *store.Tx) (err error) {
		tx.Act(string(id))
		if h.Program != "" {
			if err := accesskey.Stands(tx, h.Program); err != nil {
				return err
			}
		}
		if made, err = t.hooks.Make(tx, id, h); err != nil {
			return err
		}
		var names []string
		for _, e := range made.Events {
			names = append(names, string(e))
		}
		return trail.Append(tx, trail.Record{Who: by.Person, Act: trail.HookMade, Address: by.Address, Args: map[string]string{"hook": made.ID, "address": made.URL, "events": strings.Join(names, " "), "program": made.Program}})
	})
}

// of finds an address; with a program, only one that this program has named. Fault
// web.hook_none.
func (t told) of(ctx context.Context, id, program string) (hook.Hook, error) {
	all, err := t.hooks.List(ctx)
	for _, h := range all {
		if h.ID == id && (program == "" || h.Program == program) {
			return h, err
		}
	}
	if err == nil {
		err = fault.NotFound("web.hook_none", fault.Text(id))
	}
	return hook.Hook{}, err
}

// remove has an address told nothing more. Fault web.hook_none.
func (t told) remove(ctx context.Context, by accesskey.By, id, program string) error {
	if _, err := t.of(ctx, id, program); err != nil {
		return err
	}
	return t.write(ctx, func(tx *store.Tx) error {
		tx.Act(id)
		h, err := t.hooks.End(tx, id)
		if err != nil {
			return err
		}
		return accesskey.HookEnded(tx, by, h, "")
	})
}

// try has an address sent a message that says nothing, and names the delivery. Faults:
// web.hook_none, web.hook_tried.
func (t told) try(ctx context.Context, id, program string) (delivery string, err error) {
	if _, err := t.of(ctx, id, program); err != nil {
		return "", err
	}
	made, err := t.id()
	if err != nil {
		return "", err
	}
	return string(made), t.write(ctx, func(tx *store.Tx) error {
		tx.Act(string(made))
		return hook.Try(tx, id, made)
	})
}

// Package operations is what programs can ask of certificates and consignments (package
// web/api): the acts of the exporting and of the importing office, their lists, the
// numbered sheets, the register of a day, and what anybody can ask of a certificate.
//
// # Invariants
//
//   - Every operation calls the function that the page calls. In which of its roles a
//     program acts is asked of the machine (package consignment), as for people.
//   - Who approves a certificate is an officer: his signature is made elsewhere, with a
//     key that his authority has stated, over the bytes that ToSign gives. A program that
//     has no officer's signature issues nothing, whatever roles its key has.
//   - A program that acts for one trader is told of no other's file that it is there.
//   - An act answers with its record as it then stands, so that the answer can be made
//     again when it was lost.
//
// It may import floors 0 to 2 and its neighbours in certificateweb.
package operations

import (
	"context"
	"embed"
	"io/fs"
	"slices"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/certificateweb/receiving/bulk"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/worklist"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/statement"
)

//go:embed text
var text embed.FS

// Text is the words of what is refused here alone.
func Text() fs.FS { return text }

// The permissions are those of the pages.
const (
	mayApply  = "certificate.apply"
	mayFollow = "certificate.read_applications"
	mayWork   = "certificate.work"
	mayAttest = "certificate.attest"
	mayImport = "certificate.import"
	mayCheck  = "certificate.check"
	mayRead   = "certificate.read_public"
)

// desk is what all operations work with.
type desk struct {
	node         *module.Node
	exports      *exporting.Desk
	imports      *importing.Desk
	certificates *certificate.Service
	asked        *applications.Service
	judge        *judge.Judge
	bulk         *bulk.Judge
	// One picture at a time, which costs memory and time: of the import desk's programs; at
	// the public operation of programs, and of those without a key, for whom nobody waits.
	lens, known, street lens
	work                *worklist.Desk
}

// Register adds the operations.
func Register(n *module.Node, a *api.API) (err error) {
	d := &desk{node: n, lens: make(lens, 1), known: make(lens, 1), street: make(lens, 1), work: &worklist.Desk{Ledger: n.Ledger, Rules: n.Rules, Office: ident.OfficeID(n.Office), Now: n.Now}}
	if d.exports, err = module.Service[*exporting.Desk](n); err != nil {
		return err
	}
	if d.imports, err = module.Service[*importing.Desk](n); err != nil {
		return err
	}
	if d.certificates, err = module.Service[*certificate.Service](n); err != nil {
		return err
	}
	if d.asked, err = module.Service[*applications.Service](n); err != nil {
		return err
	}
	if d.judge, err = module.Service[*judge.Judge](n); err != nil {
		return err
	}
	d.bulk = bulk.New(d.judge)
	d.applicationOperations(a)
	d.exportReads(a)
	d.exportActs(a)
	d.laterActs(a)
	d.signingActs(a)
	d.importReads(a)
	d.importActs(a)
	d.caseActs(a)
	d.batchOperations(a)
	d.printOperations(a)
	d.photoOperations(a)
	d.paperOperations(a)
	d.keyingOperations(a)
	d.publicOperations(a)
	return nil
}

func (d *desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Read(ctx, d.node.Now(), fn)
}

func (d *desk) write(ctx context.Context, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Write(ctx, d.node.Now(), fn)
}

// find reads a consignment that the program may know of. Fault
// certificate.unknown_consignment.
func (d *desk) find(c *api.Call, id string) (found *consignment.Consignment, err error) {
	err = d.read(c.Context(), func(tx *store.Tx) error {
		if company := c.Company(); company != "" {
			if err := consignment.Mine(tx, id, company); err != nil {
				return err
			}
		}
		found, err = consignment.Get(tx, id)
		return err
	})
	return found, err
}

// role is that of the program's roles in which it does an act, and why it cannot when
// none may. Who looked at a record that has moved since is told that first, by the act.
func role(c *api.Call, of *consignment.Consignment, act consignment.Act) (access.Role, error) {
	roles := c.Roles(consignment.Roles())
	if len(roles) > 0 && c.Seen != 0 && c.Seen != of.Steps {
		return roles[0], nil
	}
	r, err := consignment.RoleFor(of, act, roles)
	if err == nil && r == "" {
		err = fault.Forbidden("certificate.consignment_role", fault.Arg("consignment", of.ID), fault.Arg("state", of.State), fault.Arg("act", act),
			fault.Arg("role", roles), fault.Arg("allowed", consignment.Who(act)))
	}
	return r, err
}

// exporter is the program as one who acts at the exporting desk.
func (d *desk) exporter(c *api.Call, act consignment.Act) (id string, o exporting.Officer, err error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return "", o, err
	}
	r, err := role(c, found, act)
	return found.ID, exporting.Officer{ID: c.Actor(), Role: r, Seen: c.Seen}, err
}

// importer is the program as one who acts at the importing desk.
func importer(c *api.Call) importing.Officer {
	return importing.Officer{ID: c.Actor(), Seen: c.Seen}
}

// sketch says how a consignment would stand after an act of a sandbox.
func sketch(tx *store.Tx, id string) (any, error) {
	found, err := consignment.Get(tx, id)
	if err != nil {
		return nil, err
	}
	return consignmentOf(found, nil), nil
}

// officer finds an officer's key as his authority has stated it for this office, with the
// signature that was handed in (nil: none yet). Fault certificate.officer_unstated.
func (d *desk) officer(ctx context.Context, field string, id statement.KeyID, signature []byte) (*keyring.Elsewhere, error) {
	directory, err := d.node.Post.Directory(ctx)
	if err != nil {
		return nil, err
	}
	k, err := directory.Officer(id, d.node.Office, d.node.Now().Unix(), nil)
	if err != nil {
		return nil, fault.Invalid("certificate.officer_unstated", fault.At(field), fault.Arg("key", id.String()), fault.Arg("office", d.node.Office), fault.Because(err))
	}
	return &keyring.Elsewhere{Key: k.Key, Signature: signature}, nil
}

// states reads a list of states from the query. Fault certificate.no_such_state.
func states(c *api.Call, among []consignment.State) ([]consignment.State, error) {
	s := c.Query("state")
	if s == "" {
		return among, nil
	}
	if !slices.Contains(among, consignment.State(s)) {
		return nil, fault.Invalid("certificate.no_such_state", fault.At("state"), fault.Text(s))
	}
	return []consignment.State{consignment.State(s)}, nil
}

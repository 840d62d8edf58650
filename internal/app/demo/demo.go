package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Command shows one honest line from a mining site to a verdict, then the life of
// certificates between three nodes, and leaves nodes that are served.
type Command struct {
	Dir     string `placeholder:"DIR" help:"cli_demo_dir"`
	NoServe bool   `help:"cli_demo_no_serve"`
	OneNode bool   `help:"cli_demo_one_node"`
	Listen  string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"cli_demo_listen"`
	Rogues  bool   `help:"cli_demo_rogues"`
	JSON    bool   `name:"json" help:"cli_demo_json"`
}

// usualDir is where the story is told when no folder is named.
const usualDir = "adamas-demo"

// finishedFile is written last: a folder that has it is whole. begunFile is
// written first: a folder that has only this one is ours, and was cut short.
const (
	finishedFile = "SYNTHETIC.txt"
	begunFile    = "SYNTHETIC-unfinished.txt"
)

// Run tells the story into an empty folder, or serves the one that is there; or it
// plays the rogues. Fault demo.json_of_rogues for a story in JSON.
func (c *Command) Run(env *module.Env, schemas node.Schemas, modules []module.Module) error {
	switch {
	case c.Rogues:
		return playRogues(env, c.Dir, c.JSON)
	case c.JSON:
		return fault.Usage("demo.json_of_rogues", fault.At("--json"))
	case c.Dir == "":
		c.Dir = usualDir
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return err
	}
	done, err := stateOf(dir)
	if err != nil {
		return err
	}
	d := &demo{env: env, dir: dir, shown: c.Dir, schemas: schemas, modules: modules, countries: countries(c.OneNode)}
	defer d.close()
	if !done {
		if err := d.tell(); err != nil {
			d.close()
			return errors.Join(err, os.RemoveAll(dir))
		}
	} else {
		env.Say("demo.again", lang.Args{"file": c.Dir})
		d.tellPeople()
		d.present()
	}
	if c.NoServe {
		return nil
	}
	return d.serve(c.Listen)
}

// stateOf tells a finished folder from an empty one, clears one that was cut
// short, and refuses any other: nothing of somebody else's is written over.
func stateOf(dir string) (done bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0:
		return false, nil
	case err != nil:
		return false, fault.CannotCreate("demo.folder", fault.At("--dir"), fault.File(dir), fault.Because(err))
	}
	if _, err := os.Stat(filepath.Join(dir, finishedFile)); err == nil {
		return true, nil
	}
	if _, err := os.Stat(filepath.Join(dir, begunFile)); err == nil {
		return false, os.RemoveAll(dir)
	}
	return false, fault.Conflict("demo.folder_taken", fault.At("--dir"), fault.File(dir))
}

// Where the demonstration leaves things.
const (
	packFile           = "pack"
	certificatesFolder = "certificates"
	keysFolder         = "keys-SYNTHETIC"
	witnessFolder      = "witnesses"
	formsFolder        = "forms-SYNTHETIC"
	slipsFile          = "slips-SYNTHETIC.json"
)

// demo is the demonstration while it runs.
type demo struct {
	env       *module.Env
	dir       string
	shown     string // dir as the person named it
	schemas   node.Schemas
	modules   []module.Module
	step      int
	countries []*country
	pillars   []Body
	witnesses []*witnessProc
	start     time.Time

	custody, lot  canonical.Hash    // commitment to the slips, and the statement of it
	consignments  map[string]string // by certificate number: the file at the exporting office
	presentations map[string]string // by certificate number: the file at the importing office
	seals         int               // container seals used
	people        []synthetic.Person
}

func (d *demo) path(name ...string) string {
	return filepath.Join(append([]string{d.dir}, name...)...)
}

// cf is the country of the first chapter.
func (d *demo) cf() *country { return d.countries[0] }

// tell is the whole story.
func (d *demo) tell() error {
	d.start = d.env.Now().UTC()
	d.consignments, d.presentations = map[string]string{}, map[string]string{}
	d.env.Say("demo.title", lang.Args{"date": d.start})
	d.env.Say("demo.synthetic", nil)
	note := []byte(d.env.Words.T("demo.readme", lang.Args{"date": d.start}) + "\n")
	if err := node.WriteFile(d.path(begunFile), note); err != nil {
		return err
	}
	acts := []func() error{d.makeKeys, d.startWitnesses, d.signRoot, d.openNode, d.appoint, d.adoptRules, d.dig, d.issueFirst, d.issueWithoutCivil}
	if len(d.countries) > 1 {
		acts = append(acts, d.othersOpen, d.serveAll, d.receive, d.lose, d.reexport, d.short, d.settle, d.morning, d.unserve)
	}
	for _, act := range append(acts, d.makePack, d.judge, d.tamper) {
		if err := act(); err != nil {
			return err
		}
	}
	if len(d.countries) > 1 {
		if err := d.audit(); err != nil {
			return err
		}
	}
	if err := os.Rename(d.path(begunFile), d.path(finishedFile)); err != nil {
		return err
	}
	d.env.Say("demo.done", lang.Args{"file": d.shown})
	d.tellPeople()
	return nil
}

// say prints one numbered step.
func (d *demo) say(key string, args lang.Args) {
	d.step++
	fmt.Fprintf(d.env.Out, "\n%2d  %s\n", d.step, d.env.Words.T(key, args))
}

// file prints a file that a step left, with its hash.
func (d *demo) file(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(d.dir, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.env.Out, "    %-42s sha256 %s\n", rel, canonical.Sum(b))
	return nil
}

// entry prints a statement that a step recorded.
func (d *demo) entry(e *ledger.Entry) {
	place := d.env.Words.T("demo.not_in_log", nil)
	if e.Index >= 0 {
		place = d.env.Words.T("demo.entry", lang.Args{"index": e.Index})
	}
	fmt.Fprintf(d.env.Out, "    %-12s %-29s %s  %s\n", e.Type, place, d.env.Words.T("demo.state."+e.State().String(), nil), e.Hash)
}

func (d *demo) openNode() error {
	if err := d.cf().open(d); err != nil {
		return err
	}
	d.say("demo.step.node", lang.Args{"origin": d.cf().origin})
	return nil
}

// appoint: the authority says in its log who it is, whose keys are whose, and
// which numbers the station may use.
func (d *demo) appoint() error {
	d.say("demo.step.appoint", nil)
	entries, err := d.cf().appoint(d)
	for _, e := range entries {
		d.entry(e)
	}
	if err != nil {
		return err
	}
	return d.cf().employ(d)
}

// adoptRules records which rules the office runs, by their hash.
func (d *demo) adoptRules() error {
	set := d.cf().node.Rules
	d.say("demo.step.rules", lang.Args{"set": set.ID(), "version": set.Version()})
	e, err := d.cf().adoptRules(d)
	if err != nil {
		return err
	}
	d.entry(e)
	return nil
}

// record has an office record a statement and waits for the witnesses.
func (d *demo) record(c *country, subject string, body statement.Body) (*ledger.Entry, error) {
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	h := statement.Header{Issuer: c.office, IssuedAt: d.env.Now().Unix(), Subject: subject, Synthetic: true}
	return c.node.Ledger.Record(ctx, c.node.Office, h, body, ledger.Witnessed)
}

func (d *demo) close() {
	for _, c := range d.countries {
		if err := c.close(); err != nil {
			fmt.Fprintln(d.env.Err, err)
		}
		c.unserve()
	}
	for _, w := range d.witnesses {
		w.stop()
	}
	d.witnesses = nil
}

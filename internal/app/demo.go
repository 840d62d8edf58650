package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// demoCmd shows one honest line from a mining site to a verdict, and leaves a
// node that serves.
type demoCmd struct {
	Dir     string `default:"adamas-demo" placeholder:"DIR" help:"${cli_demo_dir}"`
	NoServe bool   `help:"${cli_demo_no_serve}"`
	Listen  string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"${cli_demo_listen}"`
}

// finishedFile is written last: a folder that has it is whole. begunFile is
// written first: a folder that has only this one is ours, and was cut short.
const (
	finishedFile = "SYNTHETIC.txt"
	begunFile    = "SYNTHETIC-unfinished.txt"
)

// Run tells the story into an empty folder, or serves the one that is there.
func (c *demoCmd) Run(env *module.Env) error {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return err
	}
	done, err := demoState(dir)
	if err != nil {
		return err
	}
	d := &demo{env: env, dir: dir, shown: c.Dir}
	defer d.close()
	if !done {
		if err := d.tell(); err != nil {
			d.close()
			return errors.Join(err, os.RemoveAll(dir))
		}
	} else {
		env.Say("demo.again", lang.Args{"file": c.Dir})
	}
	if c.NoServe {
		return nil
	}
	if d.node == nil {
		if err := d.reopen(); err != nil {
			return err
		}
	}
	return serveNode(env, d.node, c.Listen, filepath.Join(dir, packFile), filepath.Join(dir, certificatesFolder))
}

// demoState tells a finished folder from an empty one, clears one that was cut
// short, and refuses any other: nothing of somebody else's is written over.
func demoState(dir string) (done bool, err error) {
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
	nodeFolder         = "node-cf"
	witnessFolder      = "witnesses"
	slipsFile          = "slips-SYNTHETIC.json"
)

// demo is the demonstration while it runs.
type demo struct {
	env       *module.Env
	dir       string
	shown     string // dir as the person named it
	step      int
	witnesses []*witnessProc
	node      *node.Node
	people    *people
	start     time.Time
}

func (d *demo) path(name ...string) string {
	return filepath.Join(append([]string{d.dir}, name...)...)
}

// tell is the whole story.
func (d *demo) tell() error {
	d.start = d.env.Now().UTC()
	d.env.Say("demo.title", lang.Args{"date": d.start})
	d.env.Say("demo.synthetic", nil)
	note := []byte(d.env.Words.T("demo.readme", lang.Args{"date": d.start}) + "\n")
	if err := node.WriteFile(d.path(begunFile), note); err != nil {
		return err
	}
	for _, act := range []func() error{d.makeKeys, d.startWitnesses, d.signRoot, d.openNode, d.appoint, d.adoptRules,
		d.dig, d.issueFirst, d.issueWithoutCivil, d.makePack, d.judge, d.tamper} {
		if err := act(); err != nil {
			return err
		}
	}
	if err := os.Rename(d.path(begunFile), d.path(finishedFile)); err != nil {
		return err
	}
	d.env.Say("demo.done", lang.Args{"file": d.shown})
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

// makeKeys: every body has its own ring; nobody holds another's key.
func (d *demo) makeKeys() (err error) {
	d.people, err = newPeople(d.env.Context, d.path("keys-SYNTHETIC"), d.start)
	if err != nil {
		return err
	}
	d.say("demo.step.keys", lang.Args{"bodies": len(d.people.pillars)})
	return nil
}

const demoOrigin = "cf.kp.example/2026"

// startWitnesses starts two witnesses of each pillar, each a process.
func (d *demo) startWitnesses() error {
	ring, err := keyring.Create(d.path(nodeFolder, node.KeysFolder), keyring.Demonstration())
	if err != nil {
		return err
	}
	card, err := ring.New(d.env.Context, keyring.Spec{Name: node.LogKey, Purpose: keyring.Log, Label: demoOrigin, Created: d.start})
	if err != nil {
		return err
	}
	if d.people.office, err = ring.New(d.env.Context, keyring.Spec{Name: node.OfficeKey, Purpose: keyring.Office, Created: d.start}); err != nil {
		return err
	}
	if d.people.mail, err = ring.New(d.env.Context, keyring.Spec{Name: node.MessageKey, Purpose: keyring.Message, Created: d.start}); err != nil {
		return err
	}
	d.say("demo.step.witnesses", nil)
	for _, p := range policy.Pillars {
		for n := 1; n <= 2; n++ {
			label := fmt.Sprintf("%s-%d", p, n)
			w, err := startWitness(d.path(witnessFolder), label, p, card.VKey, "127.0.0.1:0", d.env.Err)
			if err != nil {
				return err
			}
			d.witnesses = append(d.witnesses, w)
			fmt.Fprintf(d.env.Out, "    %-14s pid %-8d %s\n", label, w.cmd.Process.Pid, w.url)
		}
	}
	return d.writeNode(card.VKey)
}

// writeNode writes what the node needs to know of itself and its witnesses.
func (d *demo) writeNode(logVKey string) error {
	if err := node.WriteFile(d.path(nodeFolder, node.PolicyFile), []byte(policyText(logVKey, d.witnesses, true))); err != nil {
		return err
	}
	return node.WriteConfig(d.path(nodeFolder), node.Config{Office: "CF/bangui", Station: "CF/bangui/pc-1", Origin: demoOrigin, Interval: 200, Synthetic: true})
}

// signRoot: bodies of the three pillars sign whom everybody is to believe.
func (d *demo) signRoot() error {
	ring, err := keyring.Open(d.path(nodeFolder, node.KeysFolder), keyring.Demonstration())
	if err != nil {
		return err
	}
	card, err := ring.Card(node.LogKey)
	if err != nil {
		return err
	}
	root, fingerprint, err := d.people.root(d.env.Context, d.start, demoOrigin, policyText(card.VKey, d.witnesses, false))
	if err != nil {
		return err
	}
	path := d.path("trust", "root-1.cbor")
	if err := errors.Join(node.WriteFile(path, root), node.WriteFile(d.path(nodeFolder, node.RootFolder, "root-1.cbor"), root)); err != nil {
		return err
	}
	d.say("demo.step.root", lang.Args{"signed": len(d.people.pillars)})
	fmt.Fprintf(d.env.Out, "    %s %s\n", d.env.Words.T("demo.fingerprint", nil), fingerprint)
	return d.file(path)
}

func (d *demo) openNode() (err error) {
	d.node, err = node.Open(d.env, d.path(nodeFolder), schemas())
	if err != nil {
		return err
	}
	d.say("demo.step.node", lang.Args{"origin": demoOrigin})
	return nil
}

// appoint: the authority says in its log who it is, whose keys are whose, and
// which numbers the station may use.
func (d *demo) appoint() error {
	d.say("demo.step.appoint", nil)
	entries, err := d.people.appoint(d.env.Context, d.node, d.start)
	for _, e := range entries {
		d.entry(e)
	}
	return err
}

// adoptRules records which rules the office runs, by their hash.
func (d *demo) adoptRules() error {
	set := d.node.Rules
	d.say("demo.step.rules", lang.Args{"set": set.ID(), "version": set.Version()})
	e, err := d.record("rule-set/"+set.ID(), &statement.RuleSet{Set: set.ID(), Version: fmt.Sprint(set.Version()), Content: set.Hash(),
		From: canonical.DayOf(d.start.Unix())})
	if err != nil {
		return err
	}
	d.entry(e)
	return nil
}

// record has the office record a statement and waits for the witnesses.
func (d *demo) record(subject string, body statement.Body) (*ledger.Entry, error) {
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	h := statement.Header{Issuer: d.node.Config.Office, IssuedAt: d.env.Now().Unix(), Subject: subject, Synthetic: true}
	return d.node.Ledger.Record(ctx, d.node.Office, h, body, ledger.Witnessed)
}

// reopen starts the witnesses and the node of a finished folder again.
func (d *demo) reopen() error {
	ring, err := keyring.Open(d.path(nodeFolder, node.KeysFolder), keyring.Demonstration())
	if err != nil {
		return err
	}
	card, err := ring.Card(node.LogKey)
	if err != nil {
		return err
	}
	for _, p := range policy.Pillars {
		for n := 1; n <= 2; n++ {
			w, err := startWitness(d.path(witnessFolder), fmt.Sprintf("%s-%d", p, n), p, card.VKey, "127.0.0.1:0", d.env.Err)
			if err != nil {
				return err
			}
			d.witnesses = append(d.witnesses, w)
		}
	}
	if err := d.writeNode(card.VKey); err != nil {
		return err
	}
	d.node, err = node.Open(d.env, d.path(nodeFolder), schemas())
	return err
}

func (d *demo) close() {
	if d.node != nil {
		if err := d.node.Close(); err != nil {
			fmt.Fprintln(d.env.Err, err)
		}
	}
	for _, w := range d.witnesses {
		w.stop()
	}
	d.node, d.witnesses = nil, nil
}

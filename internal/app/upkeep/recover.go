package upkeep

import (
	"errors"
	"fmt"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/module"
)

// recoverLog puts a node's log right again, or gives it up for a new one.
type recoverLog struct {
	Dir     string `default:"." placeholder:"DIR" help:"cli_recover_dir"`
	From    string `placeholder:"URL|DIR" xor:"way" help:"cli_recover_from"`
	CloseTo string `placeholder:"ORIGIN" xor:"way" help:"cli_recover_close_to"`
	Reason  string `placeholder:"TEXT" help:"cli_recover_reason"`
	Apply   bool   `help:"cli_recover_apply"`
	JSON    bool   `name:"json" help:"cli_json"`
}

// Run recovers, or says what is to be done.
func (c *recoverLog) Run(env *module.Env, schemas node.Schemas) (err error) {
	config, err := node.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	if _, err := existing(config, c.Dir); err != nil {
		return err
	}
	if c.CloseTo != "" && c.Reason == "" {
		return fault.Usage("recover.reason", fault.At("--reason"))
	}
	var from *tiles.Source
	if c.From != "" {
		if from, err = ledgerweb.OpenSource("--from", c.From); err != nil {
			return err
		}
	}
	n, err := node.OpenClosed(env, c.Dir, schemas)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	lc, err := n.LogConfig()
	if err != nil {
		return err
	}
	r := &recovery.Node{Store: n.Store, Log: lc, Now: env.Now, Progress: ledgerweb.Progress(env)}
	if c.CloseTo != "" {
		return c.close(env, n, r)
	}
	done, err := r.Recover(env.Context, from, c.Apply)
	if err != nil {
		if done != nil && !c.JSON {
			sayWitnesses(env, done.Report)
		}
		return err
	}
	if c.JSON {
		return env.JSON(recoveredView{Recovered: done, Witnesses: witnessViews(done.Report)})
	}
	c.say(env, done)
	return nil
}

// recoveredView is the outcome in JSON.
type recoveredView struct {
	*recovery.Recovered
	Witnesses []witnessView `json:"witnesses"`
}

type witnessView struct {
	Label  string `json:"label"`
	Size   *int64 `json:"size"`   // null: it does not answer
	Signed bool   `json:"signed"` // it has shown a signed checkpoint
}

func witnessViews(r witness.Report) []witnessView {
	out := []witnessView{}
	for _, a := range r.Answers {
		v := witnessView{Label: a.Label, Signed: a.Checkpoint != nil}
		if a.Err == nil {
			v.Size = &a.Size
		}
		out = append(out, v)
	}
	return out
}

// sayWitnesses prints who has seen how much.
func sayWitnesses(env *module.Env, r witness.Report) {
	for _, a := range r.Answers {
		seen := env.Words.T("recover.silent", nil)
		if a.Err == nil {
			seen = env.Words.T("recover.seen", lang.Args{"size": a.Size})
		}
		fmt.Fprintf(env.Out, "  %-16s %s\n", a.Label, seen)
	}
}

// say tells what was found and done.
func (c *recoverLog) say(env *module.Env, r *recovery.Recovered) {
	env.Say("recover.asked", lang.Args{"origin": r.Origin})
	sayWitnesses(env, r.Report)
	env.Say("recover.had", lang.Args{"had": r.Had, "size": r.Size})
	if r.Found > 0 {
		env.Say("recover.found", lang.Args{"found": r.Found, "source": c.From})
	}
	if r.Again > 0 {
		env.Say("recover.again", lang.Args{"again": r.Again})
	}
	for _, subject := range r.Clashes {
		env.Say("recover.clash", lang.Args{"subject": ledgerweb.PlainSubject(subject)})
	}
	for _, b := range r.Missing {
		env.Say("ledger.mirror_missing", lang.Args{"hash": b.Hash.String()})
	}
	if r.Rebuilt {
		env.Say("recover.rebuilt", nil)
	}
	if r.Aside != "" {
		env.Say("recover.aside", lang.Args{"file": r.Aside})
	}
	if !r.Applied {
		env.Say("cli.nothing_written", nil)
		return
	}
	if r.Hold == ledger.HoldRestored || r.Found > 0 {
		env.Say("recover.burnt", nil)
	}
	env.Say("recover.done", nil)
}

package upkeep

import (
	"adamas.example/internal/app/node"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
)

// restore puts a backup back into a node that has neither database nor log.
type restore struct {
	Dir   string `required:"" placeholder:"DIR" help:"cli_restore_dir"`
	Apply bool   `help:"cli_restore_apply"`
	JSON  bool   `name:"json" help:"cli_json"`
	File  string `arg:"" help:"cli_restore_file"`
}

// Run restores, or says what it would restore.
func (c *restore) Run(env *module.Env, schemas node.Schemas) error {
	config, err := node.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	policy, err := node.ReadPolicy(c.Dir, config)
	if err != nil {
		return err
	}
	sc, err := store.ConfigFor(config.Database, c.Dir)
	if err != nil {
		return err
	}
	b := recovery.Backup{File: c.File, Into: sc, Schemas: schemas, Log: ledger.LogConfig{Dir: config.LogDir(c.Dir), Policy: policy},
		Now: env.Now, Rows: ledgerweb.Progress(env), Entries: ledgerweb.Progress(env)}
	r, err := b.Restore(env.Context, c.Apply)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(r)
	}
	var rows int64
	for _, n := range r.Rows {
		rows += n
	}
	args := lang.Args{"file": c.File, "tables": len(r.Rows), "rows": rows, "size": r.Size, "dir": c.Dir}
	if !c.Apply {
		env.Say("restore.would", args)
		env.Say("cli.nothing_written", nil)
		return nil
	}
	env.Say("restore.done", args)
	env.Say("restore.next", args)
	return nil
}

package ledgerweb

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/verify/policy"
)

// mirrorCmd copies a register into a folder and holds every file against its
// witnesses.
type mirrorCmd struct {
	From   string `required:"" placeholder:"URL|DIR" help:"cli_log_from"`
	Policy string `required:"" placeholder:"FILE" xor:"believed" help:"cli_log_policy"`
	Pack   string `required:"" placeholder:"FILE" xor:"believed" help:"cli_log_pack"`
	Root   string `placeholder:"HEX" help:"cli_pack_root"`
	JSON   bool   `name:"json" help:"cli_json"`
	Dir    string `arg:"" help:"cli_mirror_dir"`
}

// mirrorView is what a mirrored folder holds, in JSON.
type mirrorView struct {
	Log     string     `json:"log"`
	Size    int64      `json:"size"`
	Time    time.Time  `json:"time"`
	Added   int64      `json:"added"`
	Behind  int64      `json:"behind,omitempty"`
	Missing []blobView `json:"missing,omitempty"`
}

// Run copies what is new.
func (c *mirrorCmd) Run(env *module.Env) error {
	src, err := OpenSource("--from", c.From)
	if err != nil {
		return err
	}
	pol, err := c.policy(env, src)
	if err != nil {
		return err
	}
	m, err := tiles.Mirror(env.Context, src, c.Dir, pol, Progress(env))
	if err != nil {
		return err
	}
	if c.JSON {
		view := mirrorView{Log: m.Origin, Size: m.Size, Time: m.Time, Added: m.Added, Behind: m.Behind}
		for _, b := range m.Missing {
			view.Missing = append(view.Missing, blobView{b.Hash, b.Size, b.Media})
		}
		return env.JSON(view)
	}
	if m.Behind > 0 {
		env.Say("ledger.mirror_behind", lang.Args{"source": src.Name(), "count": m.Behind})
	} else {
		env.Say("ledger.mirrored", lang.Args{"added": m.Added, "file": c.Dir, "size": m.Size, "log": m.Origin, "time": m.Time})
	}
	for _, b := range m.Missing {
		env.Say("ledger.mirror_missing", lang.Args{"hash": b.Hash.String()})
	}
	return nil
}

// policy gives the policy the copy is held against. Which of a pack's registers it
// is, the source says; whether that is true, the policy.
func (c *mirrorCmd) policy(env *module.Env, src *tiles.Source) (*policy.Policy, error) {
	b := &believed{Policy: c.Policy, Pack: c.Pack, Root: c.Root}
	if c.Pack == "" {
		return b.policyFor("")
	}
	text, err := src.Checkpoint(env.Context)
	if err != nil {
		return nil, err
	}
	cp, err := policy.ParseCheckpoint(text)
	if err != nil {
		return nil, fault.NotFound("ledger.no_log_here", fault.Arg("source", src.Name()), fault.Because(err))
	}
	return b.policyFor(cp.Origin)
}

// Progress draws a bar on a terminal, and nothing elsewhere.
func Progress(env *module.Env) func(done, total int64) {
	if !env.Terminal {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int64) {
		if total <= 0 {
			return
		}
		if bar == nil {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(env.Err), progressbar.OptionShowCount(),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionOnCompletion(func() { fmt.Fprintln(env.Err) }))
		}
		bar.Set64(done)
	}
}

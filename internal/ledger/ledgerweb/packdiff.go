package ledgerweb

import (
	"bytes"
	"errors"
	"io"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/difference"
	"adamas.example/verify/pack"
)

const (
	mostPack = 1 << 30
	// mostDifference bounds a difference in bytes: it may hold a whole pack.
	mostDifference = mostPack + 1<<20
)

// packDiffCmd makes the difference of two packs that are there.
type packDiffCmd struct {
	Old  string `arg:"" help:"cli_pack_diff_old"`
	New  string `arg:"" help:"cli_pack_diff_new"`
	Out  string `required:"" placeholder:"FILE" help:"cli_pack_diff_out"`
	JSON bool   `name:"json" help:"cli_json"`
}

// diffView is what a difference leads from and to, in JSON.
type diffView struct {
	File   string         `json:"file"`
	Bytes  int64          `json:"bytes"`
	Digest canonical.Hash `json:"sha256"`
	Base   packFile       `json:"base"`
	Result packFile       `json:"result"`
}

// Run writes the difference. Both packs are verified first.
func (c *packDiffCmd) Run(env *module.Env) error {
	if err := module.CheckNew("--out", c.Out); err != nil {
		return err
	}
	old, err := openOld("OLD", c.Old)
	if err != nil {
		return err
	}
	defer old.Close()
	next, err := openOld("NEW", c.New)
	if err != nil {
		return err
	}
	defer next.Close()
	v := diffView{File: c.Out}
	v.Bytes, v.Digest, err = create(c.Out, func(w io.Writer) error {
		return difference.Make(old.file, old.size, next.file, next.size, old.office, old.time, w)
	})
	if err != nil {
		return err
	}
	for _, side := range []struct {
		of *oldPack
		to *packFile
	}{{old, &v.Base}, {next, &v.Result}} {
		sum, err := difference.Sum(side.of.file, side.of.size)
		if err != nil {
			return err
		}
		*side.to = packFile{sum.Size, sum.Digest}
	}
	if c.JSON {
		return env.JSON(v)
	}
	env.Say("ledger.pack.title_since", lang.Args{"file": c.Out, "size": v.Bytes, "since": c.Old})
	env.Say("ledger.pack.apply_it", lang.Args{"since": c.Old, "file": c.Out})
	return nil
}

// packApplyCmd makes the new pack out of the old one and a difference.
type packApplyCmd struct {
	Old  string `arg:"" help:"cli_pack_apply_old"`
	Diff string `arg:"" help:"cli_pack_apply_diff"`
	Root string `placeholder:"HEX" help:"cli_pack_root"`
	Out  string `required:"" placeholder:"FILE" help:"cli_pack_apply_out"`
	JSON bool   `name:"json" help:"cli_json"`
}

// Run writes the new pack once it has been verified whole; otherwise nothing.
// Faults: ledger.difference_refused, ledger.difference_of_another, those of
// module.ReadPack.
func (c *packApplyCmd) Run(env *module.Env) error {
	if err := module.CheckNew("--out", c.Out); err != nil {
		return err
	}
	pin, err := module.ReadFingerprint("--root", c.Root)
	if err != nil {
		return err
	}
	old, err := module.ReadFile("OLD", c.Old, mostPack)
	if err != nil {
		return err
	}
	diff, err := module.ReadFile("DIFF", c.Diff, mostDifference)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	_, err = difference.Apply(bytes.NewReader(old), int64(len(old)), bytes.NewReader(diff), &out, mostPack)
	if wrong, ok := errors.AsType[*difference.WrongBase](err); ok {
		return fault.Invalid("ledger.difference_of_another", fault.At("OLD"), fault.File(c.Old), fault.Arg("digest", wrong.Header.Base.Digest.String()),
			fault.Arg("office", wrong.Header.Office), fault.Arg("time", time.Unix(wrong.Header.Time, 0).UTC()), fault.Because(err))
	}
	if err != nil {
		return fault.Invalid("ledger.difference_refused", fault.At("DIFF"), fault.File(c.Diff), fault.Because(err))
	}
	p, err := pack.Parse(out.Bytes(), pin)
	if err != nil {
		return fault.Invalid("module.pack_refused", fault.At("DIFF"), fault.File(c.Diff), fault.Arg("why", err.Error()), fault.Because(err))
	}
	if err := module.WriteNew("--out", c.Out, out.Bytes(), 0o644); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(packViewOf(c.Out, int64(out.Len()), p))
	}
	printPack(env, c.Out, int64(out.Len()), p)
	return nil
}

package app

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"adamas.example/internal/audit"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

// auditCmd judges public log folders again, with code that shares nothing with
// the rest of the program.
type auditCmd struct {
	Root []string `required:"" placeholder:"FILE" help:"${cli_audit_root}"`
	At   string   `placeholder:"TIME" help:"${cli_audit_at}"`
	JSON bool     `name:"json" help:"${cli_audit_json}"`
	Logs []string `arg:"" placeholder:"DIR" help:"${cli_audit_logs}"`
}

// Run prints the report and exits with 1 when anything is violated.
func (c *auditCmd) Run(env *module.Env) error {
	at := env.Now()
	if c.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return fault.Usage("audit.time", fault.At("--at"), fault.Text(c.At), fault.Because(err))
		}
	}
	var roots [][]byte
	for _, path := range c.Root {
		b, err := os.ReadFile(path)
		if err != nil {
			return fault.NotFound("node.no_root", fault.At("--root"), fault.File(path), fault.Because(err))
		}
		roots = append(roots, b)
	}
	var logs []fs.FS
	for _, dir := range c.Logs {
		if _, err := os.Stat(filepath.Join(dir, "checkpoint")); err != nil {
			return fault.NotFound("audit.no_log", fault.File(dir), fault.Because(err))
		}
		logs = append(logs, os.DirFS(dir))
	}
	r, err := audit.Run(roots, logs, at)
	if err != nil {
		return fault.Invalid("audit.root", fault.At("--root"), fault.Arg("why", err.Error()), fault.Because(err))
	}
	if c.JSON {
		err = env.JSON(r)
	} else {
		printReport(env, r)
	}
	if err == nil && !r.Clean() {
		return module.Exit(1)
	}
	return err
}

// printReport writes the report as a person reads it: what was judged, what
// was found, and what that means.
func printReport(env *module.Env, r *audit.Report) {
	w := env.Words
	if r.Synthetic {
		env.Say("audit.synthetic", nil)
	}
	env.Say("audit.root", lang.Args{"root": r.Root})
	for _, l := range r.Logs {
		fmt.Fprintln(env.Out)
		env.Say("audit.log", lang.Args{"origin": l.Origin, "size": l.Size, "certificates": l.Certificates})
		var newest time.Time
		for _, t := range l.Witnesses {
			if newest.IsZero() || t.Before(newest) {
				newest = t
			}
		}
		if !newest.IsZero() {
			env.Say("audit.witnesses", lang.Args{"witnesses": len(l.Witnesses), "time": newest})
		}
	}
	fmt.Fprintln(env.Out)
	violations := 0
	for _, f := range r.Findings {
		mark := "▲"
		if f.Violation {
			mark = "■"
			violations++
		}
		where := f.Log
		if f.Index >= 0 {
			where = w.T("audit.at", lang.Args{"log": f.Log, "index": f.Index})
		}
		fmt.Fprintf(env.Out, "%s %s  %s\n", mark, w.T("audit.finding."+f.Code, f.Facts), where)
		for _, name := range slices.Sorted(maps.Keys(f.Facts)) {
			fmt.Fprintf(env.Out, "    %s: %v\n", name, f.Facts[name])
		}
	}
	if violations == 0 {
		env.Say("audit.clean", lang.Args{"time": r.At})
	} else {
		env.Say("audit.not_clean", lang.Args{"count": violations, "time": r.At})
	}
}

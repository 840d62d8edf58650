package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"adamas.example/internal/app/caller"
	"adamas.example/internal/app/node"
	"adamas.example/internal/audit"
	"adamas.example/internal/audit/tables"
	"adamas.example/internal/fault"
	"adamas.example/internal/module"
)

// auditCmd judges public log folders again, with code that shares nothing with
// the rest of the program.
type auditCmd struct {
	Root        []string `required:"" placeholder:"FILE" help:"cli_audit_root"`
	At          string   `placeholder:"TIME" help:"cli_audit_at"`
	Bundles     string   `placeholder:"DIR" help:"cli_audit_bundles"`
	Node        string   `placeholder:"DIR" xor:"database" help:"cli_audit_node"`
	Database    string   `placeholder:"NAME" xor:"database" help:"cli_audit_database"`
	Page        []string `placeholder:"URL" help:"cli_audit_page"`
	Choice      []string `placeholder:"NAME=READING" help:"cli_audit_choice"`
	OpenDays    int64    `default:"30" placeholder:"DAYS" help:"cli_audit_open_days"`
	OverdueDays int64    `default:"90" placeholder:"DAYS" help:"cli_audit_overdue_days"`
	Tolerance   int64    `default:"10" placeholder:"HUNDREDTHS" help:"cli_audit_tolerance"`
	PerMillion  int64    `default:"200" placeholder:"PARTS" help:"cli_audit_per_million"`
	Out         string   `placeholder:"FILE" help:"cli_audit_out"`
	JSON        bool     `name:"json" help:"cli_audit_json"`
	Logs        []string `arg:"" placeholder:"DIR" help:"cli_audit_logs"`
}

// mostRoot bounds a root document in bytes.
const mostRoot = 16 << 20

// Run writes the report and exits with 1 when anything is violated.
func (c *auditCmd) Run(env *module.Env) error {
	// The process does this and nothing else. What it keeps grows with the logs, and
	// half as much again on top, not twice, fits a smaller machine.
	debug.SetGCPercent(50)
	opt, err := c.options(env)
	if err != nil {
		return err
	}
	if opt.Database != nil {
		defer opt.Database.Close()
	}
	var roots [][]byte
	for _, path := range c.Root {
		b, err := os.ReadFile(path)
		if err != nil {
			return fault.NotFound("node.no_root", fault.At("--root"), fault.File(path), fault.Because(err))
		}
		if len(b) > mostRoot {
			return fault.TooLarge("module.file_too_large", fault.At("--root"), fault.File(path), fault.Most(mostRoot))
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
	r, err := audit.Run(roots, logs, opt)
	if unknown, ok := errors.AsType[*audit.UnknownChoice](err); ok {
		return fault.Usage("audit.choice", fault.At("--choice"), fault.Text(unknown.Question+"="+unknown.Reading), fault.Because(err))
	}
	if err != nil {
		return fault.Invalid("audit.root", fault.At("--root"), fault.Arg("why", err.Error()), fault.Because(err))
	}
	if err := c.write(env, r); err != nil {
		return err
	}
	if !r.Clean() {
		return module.Exit(1)
	}
	return nil
}

// options reads everything but roots and logs.
func (c *auditCmd) options(env *module.Env) (audit.Options, error) {
	opt := audit.Options{At: env.Now(), OpenDays: c.OpenDays, OverdueDays: c.OverdueDays, Tolerance: c.Tolerance, PerMillion: c.PerMillion,
		Choices: map[string]string{}}
	if c.Out != "" {
		if err := module.CheckNew("--out", c.Out); err != nil {
			return opt, err
		}
	}
	if c.At != "" {
		at, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			return opt, fault.Usage("audit.time", fault.At("--at"), fault.Text(c.At), fault.Because(err))
		}
		opt.At = at
	}
	for _, choice := range c.Choice {
		question, reading, ok := strings.Cut(choice, "=")
		if !ok {
			return opt, fault.Usage("audit.choice", fault.At("--choice"), fault.Text(choice))
		}
		opt.Choices[question] = reading
	}
	if c.Bundles != "" {
		if info, err := os.Stat(c.Bundles); err != nil || !info.IsDir() {
			return opt, fault.NotFound("audit.no_bundles", fault.At("--bundles"), fault.File(c.Bundles), fault.Because(err))
		}
		opt.Bundles = os.DirFS(c.Bundles)
	}
	for _, page := range c.Page {
		u, err := caller.ParseURL(page)
		if err != nil {
			return opt, fault.Locate(err, fault.At("--page"))
		}
		if u != nil {
			opt.Pages = append(opt.Pages, u.String())
		}
	}
	return opt, c.database(env, &opt)
}

// database finds the node's database, if one was named, and the address by which the node
// is known.
func (c *auditCmd) database(env *module.Env, opt *audit.Options) error {
	name, field := c.Database, "--database"
	if c.Node != "" {
		field = "--node"
		cfg, err := node.ReadConfig(c.Node)
		if err != nil {
			return err
		}
		if name = cfg.Database; name == "" {
			name = filepath.Join(c.Node, "adamas.db")
		}
		u, err := caller.ParseURL(cfg.URL)
		if err != nil {
			return err
		}
		if u != nil {
			opt.Pages = append(opt.Pages, u.String())
		}
	}
	if name == "" {
		return nil
	}
	var err error
	if opt.Database, err = tables.Open(env.Context, name); err != nil {
		shown := name
		if strings.Contains(name, "://") {
			shown = "postgres://…" // a DSN may hold a password
		}
		return fault.NotFound("audit.database", fault.At(field), fault.File(shown), fault.Because(err))
	}
	return nil
}

// write puts the report where it was asked for.
func (c *auditCmd) write(env *module.Env, r *audit.Report) error {
	var b bytes.Buffer
	if c.JSON {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		r.Write(&b, env.Words)
	}
	if c.Out != "" {
		return module.WriteNew("--out", c.Out, b.Bytes(), 0o644)
	}
	_, err := env.Out.Write(b.Bytes())
	return err
}

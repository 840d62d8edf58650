// Package service has Windows run a node by itself: from when the computer starts,
// without anybody signed in. On other systems the machine's own means do that (the
// systemd unit in packaging/systemd), and the commands say so.
//
// It may import module, fault, and what lies below.
package service

import (
	"path/filepath"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

// Name is the service's name in Windows.
const Name = "adamas"

// Serve serves a node until the environment's context ends; app gives it.
type Serve func(env *module.Env, dir, listen string) error

// Command is `adamas service`.
type Command struct {
	Install   install   `cmd:"" help:"cli_service_install"`
	Uninstall uninstall `cmd:"" help:"cli_service_uninstall"`
	Start     start     `cmd:"" help:"cli_service_start"`
	Stop      stop      `cmd:"" help:"cli_service_stop"`
	Run       run       `cmd:"" hidden:"" help:"cli_service_run"`
}

// settings are what the service is started with.
type settings struct {
	Dir            string `required:"" placeholder:"DIR" help:"cli_serve_dir"`
	Listen         string `placeholder:"ADDRESS" help:"cli_serve_listen"`
	PassphraseFile string `placeholder:"FILE" help:"cli_service_passphrase_file"`
}

// args is the command line of the service: whole paths, since Windows starts it in a
// folder of its own.
func (s settings) args() ([]string, error) {
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return nil, err
	}
	out := []string{"service", "run", "--dir", dir}
	if s.Listen != "" {
		out = append(out, "--listen", s.Listen)
	}
	if s.PassphraseFile != "" {
		file, err := filepath.Abs(s.PassphraseFile)
		if err != nil {
			return nil, err
		}
		out = append(out, "--passphrase-file", file)
	}
	return out, nil
}

// with is the environment in which the service serves.
func (s settings) with(env *module.Env) *module.Env {
	ours, before := *env, env.Getenv
	ours.Getenv = func(name string) string {
		if name == "ADAMAS_PASSPHRASE_FILE" && s.PassphraseFile != "" {
			return s.PassphraseFile
		}
		return before(name)
	}
	return &ours
}

type install struct{ settings }
type uninstall struct{}
type start struct{}
type stop struct{}
type run struct{ settings }

// Run makes the service; it starts with the computer from then on.
func (c *install) Run(env *module.Env) error {
	args, err := c.args()
	if err == nil {
		err = installed(args)
	}
	return say(env, "service.installed", err)
}

// Run removes it. The node's folder stays.
func (c *uninstall) Run(env *module.Env) error { return say(env, "service.uninstalled", uninstalled()) }

// Run starts it.
func (c *start) Run(env *module.Env) error { return say(env, "service.started", started()) }

// Run stops it in good order.
func (c *stop) Run(env *module.Env) error { return say(env, "service.stopped", stopped()) }

// Run is what Windows calls.
func (c *run) Run(env *module.Env, serve Serve) error {
	return runs(c.with(env), func(env *module.Env) error { return serve(env, c.Dir, c.Listen) })
}

func say(env *module.Env, key string, err error) error {
	if err == nil {
		env.Say(key, lang.Args{"name": Name})
	}
	return err
}

// refused is what Windows does not do, in words.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return fault.Unavailable("service.refused", fault.Arg("why", err.Error()), fault.Because(err))
}

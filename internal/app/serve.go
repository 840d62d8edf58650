package app

import (
	"cmp"
	"context"
	"errors"
	"io"

	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/node"
	"adamas.example/internal/app/tlsca"
	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

// serveCmd runs a node: its log as static files, its pages. Where there is no node yet it
// sets one up.
type serveCmd struct {
	Dir          string `default:"." placeholder:"DIR" help:"cli_serve_dir"`
	Listen       string `placeholder:"ADDRESS" help:"cli_serve_listen"`
	Pack         string `placeholder:"FILE" help:"cli_serve_pack"`
	Certificates string `placeholder:"DIR" help:"cli_serve_certificates"`
	Open         bool   `help:"cli_serve_open"`
	WithParent   bool   `hidden:"" help:"cli_witness_with_parent"`
	doors.Options
}

// usualListen is where a node listens when nobody has said.
const usualListen = "127.0.0.1:8080"

// Run serves until it is interrupted.
func (c *serveCmd) Run(env *module.Env) (err error) {
	env = c.Logging(env)
	if c.WithParent { // whoever started us has ended when our standard input does
		ctx, end := context.WithCancel(env.Context)
		defer end()
		ours := *env
		ours.Context = ctx
		env = &ours
		go func() {
			io.Copy(io.Discard, env.In)
			end()
		}()
	}
	o, err := c.openOrSetUp(env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	door, err := c.open(o.env, o.node)
	if err != nil {
		return err
	}
	o.tell(door)
	return serveNode(o.env, o.node, door, module.Offer{Pack: c.Pack, Certificates: c.Certificates})
}

// serveAsService is what Windows runs.
func serveAsService(env *module.Env, dir, listen string) error {
	return (&serveCmd{Dir: dir, Listen: listen}).Run(env)
}

// options are those of the command line, and of node.toml where it says nothing.
func (c *serveCmd) options(n *node.Node) (o doors.Options, listen string) {
	o, listen = c.Options, cmp.Or(c.Listen, n.Config.Listen, usualListen)
	if o.HTTPS == "" && len(o.Host) == 0 {
		o.HTTPS, o.Host = n.Config.HTTPS, n.Config.Hosts
	}
	return o, listen
}

// open opens the listeners.
func (c *serveCmd) open(env *module.Env, n *node.Node) (*doors.Door, error) {
	o, listen := c.options(n)
	return doors.Open(o, listen, n.Config.URL, env.Logger(), func(hosts []string) (*tlsca.Authority, error) {
		return authority(env, n, hosts)
	})
}

func authority(env *module.Env, n *node.Node, hosts []string) (*tlsca.Authority, error) {
	return tlsca.Open(env.Context, tlsca.Config{Dir: n.Dir, Ring: n.Ring, Office: n.Config.Office, Hosts: hosts, Now: env.Now})
}

// serveNode serves a node's public face until the environment's context ends, and
// meanwhile follows others and exchanges messages with them.
func serveNode(env *module.Env, n *node.Node, door *doors.Door, offer module.Offer) (err error) {
	defer door.Close()
	life, end := context.WithCancel(env.Context)
	defer end()
	n.Origins = door.Origins()
	others, err := startFollowing(life, env, n, Modules())
	if err != nil {
		return err
	}
	defer func() { end(); others.wait() }()
	if offer.Pack == "" {
		offer = others.offerOwn(life, offer)
	}
	words, err := loadWords()
	if err != nil {
		return err
	}
	others.door = door
	handler, err := face(env, n, others, words, offer)
	if err != nil {
		return err
	}
	stopControl, err := upkeep.Listen(env.Context, n.Dir, upkeep.Services{Store: n.Store, Orders: orders(env, others.node, words)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopControl()) }()
	env.Say("serve.running", lang.Args{"address": door.Address()})
	return door.Serve(env.Context, handler, others.watch.Metrics())
}

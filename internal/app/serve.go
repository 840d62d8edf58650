package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

// serveCmd runs a node: its log as static files, its status page.
type serveCmd struct {
	Dir          string `default:"." placeholder:"DIR" help:"cli_serve_dir"`
	Listen       string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"cli_serve_listen"`
	Pack         string `placeholder:"FILE" help:"cli_serve_pack"`
	Certificates string `placeholder:"DIR" help:"cli_serve_certificates"`
	WithParent   bool   `hidden:"" help:"cli_witness_with_parent"`
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(env *module.Env) (err error) {
	n, err := node.Open(env, c.Dir, schemas())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
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
	return serveNode(env, n, c.Listen, module.Offer{Pack: c.Pack, Certificates: c.Certificates})
}

// serveNode serves a node's public face until the environment's context ends, and
// meanwhile follows others and exchanges messages with them.
func serveNode(env *module.Env, n *node.Node, listen string, offer module.Offer) (err error) {
	life, end := context.WithCancel(env.Context)
	defer end()
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
	handler, err := face(env, n, others, words, offer)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return fault.Unavailable("ledger.cannot_listen", fault.At("--listen"), fault.Text(listen), fault.Because(err))
	}
	stopControl, err := upkeep.Listen(env.Context, n.Dir, upkeep.Services{Store: n.Store, Orders: orders(env, others.node, words)})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, stopControl()) }()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute}
	env.Say("serve.running", lang.Args{"address": "http://" + address(ln)})
	stopped := make(chan error, 1)
	go func() {
		<-env.Context.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(env.Context), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(ctx)
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// address is what a person types into the browser.
func address(ln net.Listener) string {
	return strings.Replace(ln.Addr().String(), "127.0.0.1", "localhost", 1)
}

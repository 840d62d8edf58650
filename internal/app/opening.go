package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"

	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/firstrun"
	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/app/tlsca"
	"adamas.example/internal/app/trial"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/party/people"
)

// opened is a node that is open and about to be served, with what ends with it.
type opened struct {
	env       *module.Env
	node      *node.Node
	witnesses *trial.Witnesses
	link      string // by which the first administrator comes in; "" when he has
}

func (o *opened) close() error {
	var err error
	if o.node != nil {
		err = o.node.Close()
	}
	return errors.Join(err, o.witnesses.Close())
}

// tell says on the console how the first administrator comes in.
func (o *opened) tell(door *doors.Door) {
	if o.link != "" {
		o.env.Say("serve.first_link", nil)
		fmt.Fprintf(o.env.Out, "\n  %s%s\n\n", door.Origins()[0], o.link)
	}
}

// openNode opens a whole node, the witnesses of a trial before it.
func openNode(env *module.Env, dir string) (_ *opened, err error) {
	o := &opened{env: env}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	if o.witnesses, err = trial.Start(env, dir); err != nil {
		return nil, err
	}
	if o.node, err = node.Open(env, dir, schemas()); err != nil {
		return nil, err
	}
	if o.witnesses != nil {
		if err := settle(env, o.node); err != nil {
			return nil, err
		}
	}
	services, err := entrance.Services(&module.Node{Dir: dir, Office: o.node.Config.Office, Ledger: o.node.Ledger, Now: env.Now})
	if err != nil {
		return nil, err
	}
	token, err := setup.FirstLink(env.Context, dir, services[0].(*people.Service))
	if token != "" {
		o.link = "/come-in/" + token
	}
	return o, err
}

// settle has a trial's authority say what it says, by the names that were typed.
func settle(env *module.Env, n *node.Node) error {
	d, err := setup.ReadDraft(n.Dir)
	if err != nil || d == nil { // the office was taken into use
		return err
	}
	code := ident.OfficeID(n.Config.Office).Participant()
	return trial.Settle(env.Context, n, trial.Names{Participant: "SYNTHETIC " + env.Words.Participant(code), Authority: "SYNTHETIC " + d["authority"], Office: "SYNTHETIC " + d["office_name"]}, env.Now())
}

// openOrSetUp opens the node in the folder. Where there is none yet it shows the page
// that sets one up, and opens what that has made: the same process goes on.
func (c *serveCmd) openOrSetUp(env *module.Env) (*opened, error) {
	stage, err := setup.StageOf(c.Dir)
	if err != nil {
		return nil, err
	}
	if stage == setup.Whole {
		return openNode(env, c.Dir)
	}
	words, err := loadWords()
	if err != nil {
		return nil, err
	}
	listen := c.Listen
	if listen == "" {
		listen = usualListen
	}
	var o *opened
	s := firstrun.Config{Env: env, Words: words, Dir: c.Dir, Listen: listen, Schemas: schemas(),
		Start: func(ctx context.Context, passphrase string) (out firstrun.Started, err error) {
			ours := *env
			if passphrase != "" {
				ours.Typed = map[string]string{filepath.Join(c.Dir, node.KeysFolder): passphrase}
			}
			if o, err = openNode(&ours, c.Dir); err == nil {
				out, err = c.started(o)
			}
			return out, err
		}}
	if c.Open {
		s.Open = openBrowser
	}
	if err := firstrun.Run(env.Context, s); err != nil {
		if o != nil {
			err = errors.Join(err, o.close())
		}
		return nil, err
	}
	return o, nil
}

// started says where browsers will find an office that is open.
func (c *serveCmd) started(o *opened) (firstrun.Started, error) {
	options, listen := c.options(o.node)
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return firstrun.Started{}, err
	}
	plain := "http://" + net.JoinHostPort("localhost", port)
	out := firstrun.Started{Address: plain, Link: o.link}
	if u := o.node.Config.URL; u != "" {
		out.Address = u
	}
	if options.HTTPS == "" {
		return out, nil
	}
	a, err := authority(o.env, o.node, options.Host)
	if err != nil {
		return out, err
	}
	_, secure, err := net.SplitHostPort(options.HTTPS)
	if err != nil {
		return out, err
	}
	out.Address, out.Trust = "https://"+net.JoinHostPort(a.Hosts()[0], secure), plain+tlsca.PagePath
	out.Print = a.Lines()
	return out, nil
}

// openBrowser shows an address in the browser of whoever sits at this computer. Where
// there is none, the console says it.
func openBrowser(address string) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	case "darwin":
		name, args = "open", []string{address}
	}
	cmd := exec.Command(name, args...)
	if cmd.Start() == nil {
		go cmd.Wait()
	}
}

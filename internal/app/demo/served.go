package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// othersOpen: the other offices open their registers, as the first one did. What AE
// holds in stock from before balances were kept is entered with its paper.
func (d *demo) othersOpen() error {
	if err := d.cf().close(); err != nil {
		return err
	}
	for _, c := range d.countries[1:] {
		if err := c.open(d); err != nil {
			return err
		}
		entries, err := c.appoint(d)
		if err != nil {
			return err
		}
		if err := c.employ(d); err != nil {
			return err
		}
		rules, err := c.adoptRules(d)
		if err != nil {
			return err
		}
		d.say("demo.step.other_node", lang.Args{"office": c.office, "origin": c.origin, "entries": len(entries) + 1})
		d.entry(rules)
		if c.code == "AE" {
			if err := d.openStock(c); err != nil {
				return err
			}
		}
		if err := c.close(); err != nil {
			return err
		}
	}
	return nil
}

// serveAll starts every node as a process of its own.
func (d *demo) serveAll() error {
	if err := d.startNodes(make([]string, len(d.countries))); err != nil {
		return err
	}
	d.say("demo.step.served", nil)
	for _, c := range d.countries {
		fmt.Fprintf(d.env.Out, "    %-12s pid %-8d http://%s\n", c.office, c.served.Process.Pid, c.address)
	}
	return nil
}

// startNodes starts a process for each node at the addresses given; an empty one
// takes a free port. The nodes are told where the others are before any starts.
func (d *demo) startNodes(listen []string) error {
	for i, c := range d.countries {
		if listen[i] == "" {
			listen[i] = "127.0.0.1:0"
		}
		address, err := free(listen[i])
		if err != nil {
			return fault.Unavailable("ledger.cannot_listen", fault.At("--listen"), fault.Text(listen[i]), fault.Because(err))
		}
		c.address = address
	}
	for _, c := range d.countries {
		if err := c.writeConfig(d); err != nil {
			return err
		}
	}
	for _, c := range d.countries {
		if err := c.serve(d); err != nil {
			return err
		}
	}
	return nil
}

// free finds the address that a node shall serve at; one with port 0 gets a port. It lies
// below those that the system gives to connections that go out (32768 on Linux), so that
// none takes it before the node does.
func free(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	for try := 0; err == nil && port == "0" && try < 100; try++ {
		if address, err := taken(net.JoinHostPort(host, strconv.Itoa(20000+rand.IntN(12000)))); err == nil {
			return address, nil
		}
	}
	return taken(listen)
}

// taken takes an address and lets go of it.
func taken(listen string) (string, error) {
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// serve starts the node's process and waits until it answers.
func (c *country) serve(d *demo) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	c.served = exec.Command(exe, "--language", string(d.env.Words.Language()), "serve", "--dir", d.path(c.folder()), "--listen", c.address,
		"--pack", d.path(packFile), "--certificates", d.path(certificatesFolder), "--with-parent")
	dieWithParent(c.served)
	in, err := c.served.StdinPipe()
	if err != nil {
		return err
	}
	c.stdin = in.Close
	out, err := c.served.StdoutPipe()
	if err != nil {
		return err
	}
	c.served.Stderr = d.env.Err
	if err := c.served.Start(); err != nil {
		return fmt.Errorf("app: serve %s: %w", c.office, err)
	}
	if lines := bufio.NewScanner(out); !lines.Scan() {
		c.unserve()
		return fault.Unavailable("demo.node_ended", fault.Arg("office", c.office))
	}
	return c.answers(d.env.Context)
}

// answers waits until the node's page is there.
func (c *country) answers(ctx context.Context) error {
	var last error
	for range 100 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+"/log/checkpoint", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			return nil
		}
		last = err
		time.Sleep(50 * time.Millisecond)
	}
	return last
}

// unserve ends the node's process in good order.
func (c *country) unserve() {
	if c.served == nil || c.served.Process == nil {
		return
	}
	if c.stdin != nil {
		c.stdin()
	}
	c.served.Wait()
	c.served = nil
}

// unserve ends all nodes' processes and opens the first node here again.
func (d *demo) unserve() error {
	for _, c := range d.countries {
		c.unserve()
	}
	for _, c := range d.countries[1:] {
		if err := d.writeBundles(c); err != nil {
			return err
		}
	}
	if err := d.cf().open(d); err != nil {
		return err
	}
	numbers, err := d.cf().node.Certificates(d.env.Context)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if _, err := os.Stat(d.path(certificatesFolder, n+".adamas")); err == nil {
			continue
		}
		if err := d.writeBundle(d.cf(), n); err != nil {
			return err
		}
	}
	return nil
}

// writeBundles writes the certificates that an office has issued.
func (d *demo) writeBundles(c *country) (err error) {
	if err := c.open(d); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	numbers, err := c.node.Certificates(d.env.Context)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if err := d.writeBundle(c, n); err != nil {
			return err
		}
	}
	return nil
}

// serve serves every node until the person ends it: the first at the address that
// was asked for, the others at the ports after it.
func (d *demo) serve(listen string) error {
	for _, c := range d.countries {
		if err := c.close(); err != nil {
			return err
		}
	}
	if d.witnesses == nil {
		if err := d.runWitnesses(); err != nil {
			return err
		}
	}
	if err := d.startNodes(addresses(listen, len(d.countries))); err != nil {
		if d.env.Context.Err() != nil {
			return nil // the person has ended it while it began
		}
		return err
	}
	for _, c := range d.countries[1:] {
		d.env.Say("demo.also", lang.Args{"office": c.office, "address": "http://" + local(c.address)})
	}
	d.env.Say("serve.running", lang.Args{"address": "http://" + local(d.cf().address)})
	<-d.env.Context.Done()
	return nil
}

// addresses are where n nodes serve: at a port, and those after it.
func addresses(listen string, n int) []string {
	out := []string{listen}
	host, port, err := net.SplitHostPort(listen)
	first, errPort := strconv.Atoi(port)
	for i := 1; i < n; i++ {
		next := ""
		if err == nil && errPort == nil && first > 0 {
			next = net.JoinHostPort(host, strconv.Itoa(first+i))
		}
		out = append(out, next)
	}
	return out
}

// local is an address as a person types it.
func local(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != "127.0.0.1" {
		return address
	}
	return "localhost:" + port
}

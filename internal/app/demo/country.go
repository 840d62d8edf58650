package demo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// country is a Participant with one office, one station, one node.
type country struct {
	code, office, origin          string
	name, officeName, authorities string
	officers                      [2]string // names of the two officers' rings

	authority *keyring.Signer
	cards     []*keyring.Card // office, then officers
	message   *keyring.Card
	signers   [2]*keyring.Signer // the officers'

	node *node.Node // while it is open here
	face *module.Node

	address string // where it is served, host:port
	served  *exec.Cmd
	stdin   func() error
}

// countries are those of the demonstration.
func countries(one bool) []*country {
	cf := &country{code: "CF", office: "CF/bangui", origin: "cf.kp.example/2026", name: "SYNTHETIC Central African Republic",
		officeName: "SYNTHETIC Bureau d'évaluation, Bangui", authorities: "SYNTHETIC Secrétariat permanent du Processus de Kimberley", officers: [2]string{"officer-1", "officer-2"}}
	if one {
		return []*country{cf}
	}
	return []*country{cf,
		{code: "AE", office: "AE/dubai", origin: "ae.kp.example/2026", name: "SYNTHETIC United Arab Emirates", officeName: "SYNTHETIC Kimberley Process office, Dubai",
			authorities: "SYNTHETIC Ministry of Example", officers: [2]string{"officer-ae-1", "officer-ae-2"}},
		{code: "EU", office: "EU/antwerp", origin: "eu.kp.example/2026", name: "SYNTHETIC European Union", officeName: "SYNTHETIC Diamond Office, Antwerp",
			authorities: "SYNTHETIC Union authority", officers: [2]string{"officer-eu-1", "officer-eu-2"}}}
}

func (c *country) folder() string { return "node-" + strings.ToLower(c.code) }

func (c *country) station() string { return c.office + "/pc-1" }

// makeKeys makes the rings of the authority, of both officers, and of the node.
func (c *country) makeKeys(d *demo) (err error) {
	ctx := d.env.Context
	if c.authority, _, err = newKey(ctx, d.path(keysFolder, "authority-"+strings.ToLower(c.code)), "authority", keyring.Authority, d.start); err != nil {
		return err
	}
	ring, err := keyring.Create(d.path(c.folder(), node.KeysFolder), keyring.Demonstration())
	if err != nil {
		return err
	}
	if _, err = ring.New(ctx, keyring.Spec{Name: node.LogKey, Purpose: keyring.Log, Label: c.origin, Created: d.start}); err != nil {
		return err
	}
	office, err := ring.New(ctx, keyring.Spec{Name: node.OfficeKey, Purpose: keyring.Office, Created: d.start})
	if err != nil {
		return err
	}
	if c.message, err = ring.New(ctx, keyring.Spec{Name: "message", Purpose: keyring.Message, Created: d.start}); err != nil {
		return err
	}
	c.cards = []*keyring.Card{office}
	for i, name := range c.officers {
		var card *keyring.Card
		if c.signers[i], card, err = newKey(ctx, d.path(keysFolder, name), "officer", keyring.Officer, d.start); err != nil {
			return err
		}
		c.cards = append(c.cards, card)
	}
	return nil
}

// logKey is the verifier key of the node's log.
func (c *country) logKey(d *demo) (string, error) {
	ring, err := keyring.Open(d.path(c.folder(), node.KeysFolder), keyring.Demonstration())
	if err != nil {
		return "", err
	}
	card, err := ring.Card(node.LogKey)
	if err != nil {
		return "", err
	}
	return card.VKey, nil
}

// writeConfig writes what the node is, and where the others are: their logs in the
// folders beside it, their offices where they are served.
func (c *country) writeConfig(d *demo) error {
	cfg := node.Config{Office: c.office, Station: c.station(), Origin: c.origin, Interval: 200, Synthetic: true, Poll: 1}
	if c.address != "" {
		cfg.URL = "http://" + local(c.address) // passkeys work there without https (W3C Secure Contexts §3.1)
	}
	for _, o := range d.countries {
		if o == c {
			continue
		}
		p := peer.Peer{Office: o.office, Logs: []peer.Place{{Origin: o.origin, From: []string{"../" + o.folder() + "/" + node.LogFolder}}}}
		if o.address != "" {
			p.Exchange = "http://" + o.address + "/exchange"
		}
		cfg.Peers = append(cfg.Peers, p)
	}
	return node.WriteConfig(d.path(c.folder()), cfg)
}

// open opens the node in this process.
func (c *country) open(d *demo) (err error) {
	if c.node, err = node.Open(d.env, d.path(c.folder()), d.schemas); err != nil {
		return err
	}
	c.face, err = c.node.Face(d.env, d.modules)
	return err
}

func (c *country) close() error {
	if c.node == nil {
		return nil
	}
	err := c.node.Close()
	c.node, c.face = nil, nil
	return err
}

// appoint records the authority's statements and gives the entries, all witnessed.
func (c *country) appoint(d *demo) ([]*ledger.Entry, error) {
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	act := keyring.Act{Issuer: c.code + "/authority", At: d.start, Synthetic: true}
	head := func(subject string) statement.Header {
		return statement.Header{Issuer: act.Issuer, IssuedAt: d.start.Unix(), Subject: subject, Synthetic: true}
	}
	type said struct {
		h statement.Header
		b statement.Body
	}
	all := []said{{head("participant/" + c.code), &statement.Participant{Code: c.code, Name: c.name, Authority: c.authorities, Digits: 8}}}
	for i, card := range c.cards {
		a := keyring.Appointment{Office: c.office, From: d.start, Until: d.start.Add(year)}
		if i == 0 {
			a.Name, a.Types, a.Age = c.officeName, keyring.DailyTypes(), c.message.Recipient
		}
		h, b, err := keyring.OfficeKeyStatement(act, card, a)
		if err != nil {
			return nil, err
		}
		all = append(all, said{h, b})
	}
	day := canonical.DayOf(d.start.Unix())
	for i, offline := range []bool{false, true} {
		hours := map[bool]uint64{false: 1, true: 72}[offline]
		all = append(all, said{head(fmt.Sprintf("range/%s/%d", c.code, i+1)), &statement.NumberRange{Participant: c.code, Digits: 8,
			First: uint64(i)*10000 + 1, Last: uint64(i+1) * 10000, Station: c.station(), Offline: offline, LogWithin: hours * 3600, From: day, Until: day + 365}})
	}
	var out []*ledger.Entry
	for _, s := range all {
		e, err := c.node.Ledger.Record(ctx, c.authority, s.h, s.b, ledger.Logged)
		if err != nil {
			return out, err
		}
		if s.b.Type() == statement.TypeNumberRange {
			st, err := statement.Parse(e.Signed)
			if err != nil {
				return out, err
			}
			if err := c.node.Desk.TakeRange(ctx, st); err != nil {
				return out, err
			}
		}
		if e, err = c.node.Ledger.Await(ctx, e.ID, ledger.Witnessed); err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

// adoptRules records by which rules the office works.
func (c *country) adoptRules(d *demo) (*ledger.Entry, error) {
	set := c.node.Rules
	return d.record(c, "rule-set/"+set.ID(), &statement.RuleSet{Set: set.ID(), Version: fmt.Sprint(set.Version()), Content: set.Hash(), From: canonical.DayOf(d.start.Unix())})
}

// publishRoot writes the root document for everybody and into each node.
func (d *demo) publishRoot(root, payload []byte) error {
	path := d.path("trust", "root-1.cbor")
	err := node.WriteFile(path, root)
	for _, c := range d.countries {
		err = errors.Join(err, node.WriteFile(d.path(c.folder(), node.RootFolder, "root-1.cbor"), root))
	}
	if err != nil {
		return err
	}
	d.say("demo.step.root", lang.Args{"signed": len(d.pillars)})
	fmt.Fprintf(d.env.Out, "    %s %s\n", d.env.Words.T("demo.fingerprint", nil), canonical.Sum(payload))
	return d.file(path)
}

// present keeps the countries of a finished folder: a demonstration of one node has
// no others.
func (d *demo) present() {
	var have []*country
	for _, c := range d.countries {
		if _, err := c.logKey(d); err == nil {
			have = append(have, c)
		}
	}
	d.countries = have
}

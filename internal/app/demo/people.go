package demo

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// Body is one that signs the root document, with a ring of its own.
type Body struct {
	Pillar policy.Pillar
	Holder string
	Signer *keyring.Signer
}

// NewBodies makes two bodies of each pillar, with their rings below dir.
func NewBodies(ctx context.Context, dir string, at time.Time) (out []Body, err error) {
	for _, pillar := range policy.Pillars {
		for n := 1; n <= 2; n++ {
			s, _, err := newKey(ctx, filepath.Join(dir, fmt.Sprintf("%s-%d", pillar, n)), "root", keyring.Root, at)
			if err != nil {
				return nil, err
			}
			out = append(out, Body{pillar, fmt.Sprintf("SYNTHETIC %s body %d", pillar, n), s})
		}
	}
	return out, nil
}

// newKey makes a ring with one key.
func newKey(ctx context.Context, folder, name string, purpose keyring.Purpose, at time.Time) (*keyring.Signer, *keyring.Card, error) {
	ring, err := keyring.Create(folder, keyring.Demonstration())
	if err != nil {
		return nil, nil, err
	}
	card, err := ring.New(ctx, keyring.Spec{Name: name, Purpose: purpose, Created: at})
	if err != nil {
		return nil, nil, err
	}
	s, err := ring.Signer(ctx, name, purpose)
	return s, card, err
}

// makeKeys: every body has its own ring; nobody holds another's key.
func (d *demo) makeKeys() (err error) {
	if d.pillars, err = NewBodies(d.env.Context, d.path(keysFolder), d.start); err != nil {
		return err
	}
	for _, c := range d.countries {
		if err := c.makeKeys(d); err != nil {
			return err
		}
	}
	d.say("demo.step.keys", lang.Args{"bodies": len(d.pillars)})
	return nil
}

// year is how long the demonstration's documents are in force.
const year = 366 * 24 * time.Hour

// startWitnesses starts two witnesses of each pillar, each a process, that watch
// the logs of all nodes.
func (d *demo) startWitnesses() error {
	d.say("demo.step.witnesses", nil)
	if err := d.runWitnesses(); err != nil {
		return err
	}
	for _, w := range d.witnesses {
		fmt.Fprintf(d.env.Out, "    %-14s pid %-8d %s\n", w.label, w.cmd.Process.Pid, w.url)
	}
	return nil
}

// runWitnesses starts them and writes into each node whom it asks.
func (d *demo) runWitnesses() error {
	var logs []string
	for _, c := range d.countries {
		key, err := c.logKey(d)
		if err != nil {
			return err
		}
		logs = append(logs, key)
	}
	for _, p := range policy.Pillars {
		for n := 1; n <= 2; n++ {
			w, err := startWitness(d.path(witnessFolder), fmt.Sprintf("%s-%d", p, n), p, logs, "127.0.0.1:0", d.env.Err)
			if err != nil {
				return err
			}
			d.witnesses = append(d.witnesses, w)
		}
	}
	for i, c := range d.countries {
		if err := node.WriteFile(d.path(c.folder(), node.PolicyFile), []byte(policyText(logs[i], d.witnesses, true))); err != nil {
			return err
		}
		if err := c.writeConfig(d); err != nil {
			return err
		}
	}
	return nil
}

// signRoot: bodies of the three pillars sign whom everybody is to believe.
func (d *demo) signRoot() error {
	r := trust.Root{Issued: d.start.Unix(), Expires: d.start.Add(year).Unix(), Scheme: "SYNTHETIC Kimberley Process (demonstration)", Synthetic: true,
		Threshold: trust.Threshold{Government: 1, Industry: 1, Civil: 1, Total: 4}}
	for _, c := range d.countries {
		key, err := c.logKey(d)
		if err != nil {
			return err
		}
		r.Participants = append(r.Participants, trust.Participant{Code: c.code, Name: c.name, Authority: c.authority.Key(), Homes: []trust.Home{{Origin: c.origin}}})
		r.Logs = append(r.Logs, trust.Log{Origin: c.origin, Policy: policyText(key, d.witnesses, false)})
	}
	slices.SortFunc(r.Participants, func(a, b trust.Participant) int { return strings.Compare(a.Code, b.Code) })
	slices.SortFunc(r.Logs, func(a, b trust.Log) int { return strings.Compare(a.Origin, b.Origin) })
	for _, b := range d.pillars {
		r.Keys = append(r.Keys, trust.RootKey{Pillar: b.Pillar, Holder: b.Holder, Key: b.Signer.Key()})
	}
	payload, err := keyring.NewRoot(nil, r)
	if err != nil {
		return err
	}
	var signatures [][]byte
	for _, b := range d.pillars {
		s, err := keyring.SignRoot(d.env.Context, b.Signer, nil, payload, d.start)
		if err != nil {
			return err
		}
		signatures = append(signatures, s)
	}
	root, err := keyring.AssembleRoot(nil, payload, signatures, d.start)
	if err != nil {
		return err
	}
	return d.publishRoot(root, payload)
}

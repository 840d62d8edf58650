package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// people are the bodies of the demonstration that are not the node: those who
// sign the root, the authority, the two officers. All keys are SYNTHETIC.
type people struct {
	pillars             []pillarBody
	authority           *keyring.Signer
	preparer, validator *keyring.Signer
	officers            []*keyring.Card
	office, mail        *keyring.Card
	custody, lot        canonical.Hash // commitment to the slips, and the statement of it
}

type pillarBody struct {
	pillar policy.Pillar
	holder string
	signer *keyring.Signer
}

// newPeople makes a ring for each body below dir and opens its key.
func newPeople(ctx context.Context, dir string, at time.Time) (*people, error) {
	p := &people{}
	one := func(folder, name string, purpose keyring.Purpose) (*keyring.Signer, *keyring.Card, error) {
		ring, err := keyring.Create(filepath.Join(dir, folder), keyring.Demonstration())
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
	for _, pillar := range policy.Pillars {
		for n := 1; n <= 2; n++ {
			s, _, err := one(fmt.Sprintf("%s-%d", pillar, n), "root", keyring.Root)
			if err != nil {
				return nil, err
			}
			p.pillars = append(p.pillars, pillarBody{pillar, fmt.Sprintf("SYNTHETIC %s body %d", pillar, n), s})
		}
	}
	var err error
	if p.authority, _, err = one("authority-cf", "authority", keyring.Authority); err != nil {
		return nil, err
	}
	var first, second *keyring.Card
	if p.preparer, first, err = one("officer-1", "officer", keyring.Officer); err != nil {
		return nil, err
	}
	if p.validator, second, err = one("officer-2", "officer", keyring.Officer); err != nil {
		return nil, err
	}
	p.officers = []*keyring.Card{first, second}
	return p, nil
}

// year is how long the demonstration's documents are in force.
const year = 366 * 24 * time.Hour

// root makes version 1, signed by every body.
func (p *people) root(ctx context.Context, at time.Time, origin, policyText string) (signed []byte, fingerprint canonical.Hash, err error) {
	r := trust.Root{Issued: at.Unix(), Expires: at.Add(year).Unix(), Scheme: "SYNTHETIC Kimberley Process (demonstration)", Synthetic: true,
		Threshold: trust.Threshold{Government: 1, Industry: 1, Civil: 1, Total: 4},
		Participants: []trust.Participant{{Code: "CF", Name: "SYNTHETIC Central African Republic", Authority: p.authority.Key(),
			Homes: []trust.Home{{Origin: origin}}}},
		Logs: []trust.Log{{Origin: origin, Policy: policyText}}}
	for _, b := range p.pillars {
		r.Keys = append(r.Keys, trust.RootKey{Pillar: b.pillar, Holder: b.holder, Key: b.signer.Key()})
	}
	payload, err := keyring.NewRoot(nil, r)
	if err != nil {
		return nil, fingerprint, err
	}
	var signatures [][]byte
	for _, b := range p.pillars {
		s, err := keyring.SignRoot(ctx, b.signer, nil, payload, at)
		if err != nil {
			return nil, fingerprint, err
		}
		signatures = append(signatures, s)
	}
	signed, err = keyring.AssembleRoot(nil, payload, signatures, at)
	return signed, canonical.Sum(payload), err
}

// appoint records the authority's statements and gives the entries, all
// witnessed.
func (p *people) appoint(ctx context.Context, n *node.Node, at time.Time) ([]*ledger.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	act := keyring.Act{Issuer: "CF/authority", At: at, Synthetic: true}
	head := func(subject string) statement.Header {
		return statement.Header{Issuer: act.Issuer, IssuedAt: at.Unix(), Subject: subject, Synthetic: true}
	}
	day := canonical.DayOf(at.Unix())
	type said struct {
		h statement.Header
		b statement.Body
	}
	all := []said{{head("participant/CF"), &statement.Participant{Code: "CF", Name: "SYNTHETIC République centrafricaine",
		Authority: "SYNTHETIC Secrétariat permanent du Processus de Kimberley", Digits: 8}}}
	for i, card := range append([]*keyring.Card{p.office}, p.officers...) {
		a := keyring.Appointment{Office: n.Config.Office, From: at, Until: at.Add(year)}
		if i == 0 {
			a.Name, a.Types, a.Age = "SYNTHETIC Bureau d'évaluation, Bangui", keyring.DailyTypes(), p.mail.Recipient
		}
		h, b, err := keyring.OfficeKeyStatement(act, card, a)
		if err != nil {
			return nil, err
		}
		all = append(all, said{h, b})
	}
	for i, offline := range []bool{false, true} {
		hours := map[bool]uint64{false: 1, true: 72}[offline]
		all = append(all, said{head(fmt.Sprintf("range/CF/%d", i+1)), &statement.NumberRange{Participant: "CF", Digits: 8,
			First: uint64(i)*10000 + 1, Last: uint64(i+1) * 10000, Station: n.Config.Station, Offline: offline, LogWithin: hours * 3600,
			From: day, Until: day + 365}})
	}
	var out []*ledger.Entry
	for _, s := range all {
		e, err := n.Ledger.Record(ctx, p.authority, s.h, s.b, ledger.Logged)
		if err != nil {
			return out, err
		}
		if s.b.Type() == statement.TypeNumberRange {
			st, err := statement.Parse(e.Signed)
			if err != nil {
				return out, err
			}
			if err := n.Desk.TakeRange(ctx, st); err != nil {
				return out, err
			}
		}
		if e, err = n.Ledger.Await(ctx, e.ID, ledger.Witnessed); err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

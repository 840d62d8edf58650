package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"adamas.example/data"
	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/party"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// ChoicesFile, in a node's folder, names the reading that the office goes by where
// sources on standing disagree; without it such questions stay open.
const ChoicesFile = "choices.toml"

// registers gives a desk what it asks of standing and of signatories.
func (n *Node) registers(cfg certificate.Config) (certificate.Config, error) {
	choices, err := n.choices()
	if err != nil {
		return cfg, err
	}
	scheme, err := party.Load(data.FS, choices)
	if err != nil {
		return cfg, err
	}
	cfg.Scheme = scheme
	cfg.Trade = func(from, to ident.ParticipantCode, on period.Date) (findings []rule.Finding, err error) {
		err = n.Store.Read(n.life, n.now(), func(tx *store.Tx) error {
			events, err := stated.Events(tx)
			if err != nil {
				return err
			}
			register, err := scheme.Register.With(events...)
			if err != nil {
				return err
			}
			findings, err = register.TradeCheck(cfg.Rules, party.Shipment{Exporter: from, Importer: to, Exported: on})
			return err
		})
		return findings, err
	}
	cfg.Notified = func(officers []statement.KeyID, on period.Date) ([]rule.Finding, error) {
		return n.notified(cfg.Rules, officers, rule.Scope{Participant: ident.OfficeID(cfg.Office).Participant(), On: on})
	}
	return cfg, nil
}

// choices reads the node's ChoicesFile; nil where there is none.
func (n *Node) choices() (map[string]string, error) {
	path := filepath.Join(n.Dir, ChoicesFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return party.ReadChoices(path, f)
}

// notified is R-CRT-08: the authority has stated both officers' keys, and they are
// in force. The form is the signed statement's own.
func (n *Node) notified(set rule.Set, officers []statement.KeyID, scope rule.Scope) ([]rule.Finding, error) {
	directory, err := n.directory(n.life)
	if err != nil {
		return nil, err
	}
	outcome, reason := rule.Pass, rule.Reason{Key: "node.finding.officers_notified"}
	for _, id := range officers {
		if _, err := directory.Officer(id, n.Config.Office, scope.On.Start().Unix(), nil); err != nil {
			if _, late := directory.Officer(id, n.Config.Office, scope.On.End().Unix()-1, nil); late == nil {
				continue // appointed today
			}
			outcome, reason = rule.Fail, rule.Reason{Key: "node.finding.officer_unknown", Args: map[string]any{"key": id.String(), "office": n.Config.Office}}
		}
	}
	f, err := set.Finding("R-CRT-08", scope, outcome, map[string]any{"office": n.Config.Office}, reason)
	return []rule.Finding{f}, err
}

// directory is whose keys are whose, by the root documents in the node's folder and
// its own log. Fault node.roots_refused.
func (n *Node) directory(ctx context.Context) (*trust.Directory, error) {
	roots, err := n.Roots()
	if err != nil {
		return nil, err
	}
	chain, err := trust.ParseChain(roots, canonical.Hash{})
	if err != nil {
		return nil, fault.Unproven("node.roots_refused", fault.Because(err))
	}
	var entries []trust.Entry
	err = n.Store.Read(ctx, n.now(), func(tx *store.Tx) error {
		entries = nil
		for _, t := range []statement.Type{statement.TypeOfficeKey, statement.TypeKeyRevoked} {
			said, err := ledger.Said(tx, t)
			if err != nil {
				return err
			}
			for _, e := range said {
				if e.Index < 0 {
					continue // in no log yet
				}
				st, err := statement.Parse(e.Signed)
				if err != nil {
					return err
				}
				entries = append(entries, trust.Entry{Origin: e.Origin, Index: uint64(e.Index), Statement: st})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return trust.NewDirectory(chain, entries)
}

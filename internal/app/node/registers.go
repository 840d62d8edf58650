package node

import (
	"context"
	"slices"

	"adamas.example/data"
	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

const standingFile = "kp-documents/standing.csv"

// registers gives a desk what it asks of standing and of signatories.
func (n *Node) registers(cfg certificate.Config) (certificate.Config, error) {
	f, err := data.FS.Open(standingFile)
	if err != nil {
		return cfg, err
	}
	defer f.Close()
	events, err := party.ReadEvents(standingFile, f)
	if err != nil {
		return cfg, err
	}
	register, err := party.NewRegister(events, nil)
	if err != nil {
		return cfg, err
	}
	cfg.Trade = func(from, to ident.ParticipantCode, on period.Date) ([]rule.Finding, error) {
		return tradeOf(cfg.Rules, register, rule.Scope{Participant: from, Counterpart: to, On: on})
	}
	cfg.Notified = func(officers []statement.KeyID, on period.Date) ([]rule.Finding, error) {
		return n.notified(cfg.Rules, officers, rule.Scope{Participant: ident.OfficeID(cfg.Office).Participant(), On: on})
	}
	return cfg, nil
}

// tradeOf is R-MEM-01 and R-MEM-02 on a day, by the scheme's own list.
func tradeOf(set rule.Set, register *party.Register, scope rule.Scope) ([]rule.Finding, error) {
	outcome := rule.Pass
	facts := map[string]any{"from": string(scope.Participant), "to": string(scope.Counterpart)}
	reason := rule.Reason{Key: "node.finding.in_good_standing", Args: facts}
	var words []rule.Finding
	for _, code := range []ident.ParticipantCode{scope.Participant, scope.Counterpart} {
		args := map[string]any{"participant": code, "on": scope.On}
		switch good, known := standing(register.On(code, scope.On)); {
		case known && !good:
			outcome, reason = rule.Fail, rule.Reason{Key: "node.finding.not_in_good_standing", Args: args}
		case !known && outcome == rule.Pass:
			outcome, reason = rule.CannotTell, rule.Reason{Key: "node.finding.standing_open", Args: args}
		}
	}
	member, err := set.Finding("R-MEM-01", scope, outcome, facts, reason)
	if err != nil {
		return nil, err
	}
	for _, code := range []ident.ParticipantCode{scope.Participant, scope.Counterpart} {
		trade, from, err := set.Word("R-MEM-02", "trade", rule.Scope{Participant: code, On: scope.On})
		if err != nil {
			return nil, err
		}
		outcome, reason := rule.Pass, rule.Reason{Key: "node.finding.trades", Args: map[string]any{"participant": code}}
		switch {
		case trade == "none":
			outcome, reason.Key = rule.Fail, "node.finding.does_not_trade"
		case trade == "zones" && code == scope.Participant:
			outcome, reason.Key = rule.CannotTell, "node.finding.zones_unknown"
		}
		f, err := set.Finding("R-MEM-02", scope, outcome, map[string]any{"participant": string(code), "trade": trade}, reason, from)
		if err != nil {
			return nil, err
		}
		words = append(words, f)
	}
	return append([]rule.Finding{member}, words...), nil
}

// standing is InGoodStanding, and knows it too where every open event lies before
// the last one that is certain: what came of it no longer matters.
func standing(s party.Standing) (good, known bool) {
	good, known = s.InGoodStanding()
	settled := !slices.ContainsFunc(s.Uncertain, func(e party.Event) bool { return e.When.Until > s.Since.From })
	return good, known || settled
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

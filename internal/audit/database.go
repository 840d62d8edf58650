package audit

import (
	"context"
	"encoding/hex"
	"slices"

	"adamas.example/internal/audit/tables"
	"adamas.example/internal/audit/wire"
)

// readDatabase holds a node's tables against the logs, and takes in what its
// vault discloses.
func (a *auditor) readDatabase() {
	if a.opt.Database == nil {
		return
	}
	var page func(string) bool
	if a.opt.Pages != nil {
		page = func(origin string) bool { return slices.Contains(a.opt.Pages, origin) }
	}
	tables.Check(context.Background(), a.opt.Database, tables.View{
		Page: page,
		Log: func(origin string) *wire.Log {
			if l := a.logOf(origin); l != nil {
				return l.Log
			}
			return nil
		},
		Named:   func(origin string) bool { return a.scheme.Logs[origin] != nil },
		Head:    a.takeHead,
		Number:  a.loggedUnder,
		Range:   a.rangeStated,
		Officer: a.anOfficer,
		Signer:  a.anySigner,
		Shown:   a.shown,
		Sheet: func(number, state string) {
			if state != "spent" {
				a.explained[number] = state
			}
		},
		Found: func(code, origin string, index int64, facts ...any) {
			at := spot{log: -1, index: index}
			if l := a.logOf(origin); l != nil {
				if at.log = l.number; index >= 0 {
					at = a.spotOf(l.number, index)
				}
			}
			a.found(code, at, facts...)
		},
		Cannot: a.cannot,
		Did:    func(what string, n int64) { a.checks[what] += n },
	})
}

func (a *auditor) loggedUnder(number string) (wire.Hash, bool) {
	n, ok := a.numbers[number]
	if !ok {
		return wire.Hash{}, false
	}
	return a.certs[n].hash, true
}

func (a *auditor) rangeStated(h wire.Hash) (tables.Range, bool) {
	r := a.byRange[h]
	if r == nil {
		return tables.Range{}, false
	}
	return tables.Range{Participant: r.code, Digits: r.digits, First: r.first, Last: r.last, Station: r.station, Offline: r.offline,
		Within: r.within, From: r.from, Until: r.until}, true
}

func (a *auditor) anOfficer(id string) bool {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 8 || hex.EncodeToString(raw) != id {
		return false
	}
	for _, k := range a.keys[[8]byte(raw)] {
		if k.use == 2 {
			return true
		}
	}
	return false
}

// anySigner tells whether a key could sign for an issuer: an office's, or its
// Participant's authority's.
func (a *auditor) anySigner(id [8]byte, issuer string, algorithm int64) bool {
	for _, k := range a.keys[id] {
		if k.id == issuer && k.use == 1 && k.Algorithm() == algorithm {
			return true
		}
	}
	for _, k := range a.scheme.Authority[(&wire.Statement{Issuer: issuer}).Participant()] {
		if k.ID == id && k.Algorithm() == algorithm {
			return true
		}
	}
	return false
}

// shown takes in what a vault holds of a certificate. One that no log has yet is
// held against its own bytes alone.
func (a *auditor) shown(s *wire.Statement, d wire.Mapping, approvals [][]byte) bool {
	good := true
	wrong := func(string, string) { good = false }
	if n, ok := a.byHash[a.short(s.Hash[:])]; ok {
		a.disclose(a.certs[n], s, d, approvals, wrong)
		return good
	}
	commitment := s.Body.List(8)
	root, _ := commitment[0].([]byte)
	count, _ := commitment[1].(int64)
	a.disclose(&issued{root: wire.Hash(root), count: int32(count)}, s, d, approvals, wrong)
	return good
}

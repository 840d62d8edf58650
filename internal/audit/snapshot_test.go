package audit

import (
	"testing"

	"adamas.example/internal/audit/wire"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
)

// TestSnapshotCountsWhatPacksHold: the audit's own list of what a pack selects is the
// one by which packs are made.
func TestSnapshotCountsWhatPacksHold(t *testing.T) {
	for code := statement.TypeParticipant; code <= statement.TypeTransit+3; code++ {
		if code == statement.TypeCertificate {
			continue // only those of whose number there are two
		}
		a, l := &auditor{snapshots: make([]entry, 1)}, &openedLog{}
		a.keepForSnapshots(l, entry{Statement: &wire.Statement{Kind: int64(code), Body: wire.Mapping{}}})
		if got := len(l.kept) == 1; got != pack.Kept(code) {
			t.Errorf("%s: counted %v, a pack holds it %v", code, got, pack.Kept(code))
		}
	}
}

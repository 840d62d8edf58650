package app

import (
	"fmt"
	"testing"
	"time"

	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TestTakeAllotted: what the authority allots to this station in the home log is used
// here without anybody's hand; what stands there on another's word, for another station
// or another Participant is not.
func TestTakeAllotted(t *testing.T) {
	w := newWorld(t)
	n := w.open("cf")
	defer func() { w.must(n.Close()) }()
	face, err := n.Face(w.env(nil), Modules())
	w.must(err)
	today := canonical.DayOf(time.Now().Unix())
	record := func(s *keyring.Signer, issuer, code, station string, first uint64) {
		h := statement.Header{Issuer: issuer, IssuedAt: time.Now().Unix(), Subject: fmt.Sprintf("range/%s/%d", code, first), Synthetic: true}
		_, err := n.Ledger.Record(t.Context(), s, h, &statement.NumberRange{Participant: code, Digits: 8, First: first, Last: first + 9, Station: station, LogWithin: 3600, From: today, Until: today + 300}, ledger.Logged)
		w.must(err)
	}
	record(w.auth["CF"], "CF/authority", "CF", "CF/bangui/pc-1", 1)
	record(w.auth["CF"], "CF/authority", "CF", "CF/bangui/pc-2", 101)
	record(n.Office, "CF/authority", "CF", "CF/bangui/pc-1", 201)
	record(w.auth["AE"], "AE/authority", "AE", "CF/bangui/pc-1", 301)
	record(n.Office, "CF/bangui", "CF", "CF/bangui/pc-1", 401)
	directory, err := face.Post.Directory(t.Context())
	w.must(err)
	for _, want := range []int{1, 0} {
		if taken, err := n.Desk.TakeAllotted(t.Context(), directory); err != nil || taken != want {
			t.Errorf("%d ranges are taken, want %d (%v)", taken, want, err)
		}
	}
}

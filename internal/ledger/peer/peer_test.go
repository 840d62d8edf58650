package peer_test

import (
	"path/filepath"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/peer"
	"adamas.example/verify/canonical"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// TestCheck finds each mistake, and all of them at once.
func TestCheck(t *testing.T) {
	good := func() peer.Peers {
		return peer.Peers{{Office: "AE/dubai", Exchange: "https://kp.ae.example/exchange", Mail: "kp@ae.example", Language: "en",
			Logs: []peer.Place{{Origin: "ae.kp.example/2026", From: []string{"https://kp.ae.example/log", "/media/stick"}}}}, {Participant: "CF"}}
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for key, change := range map[string]func(ps peer.Peers){
		"exchange.peer_name":     func(ps peer.Peers) { ps[0].Participant = "AE" },
		"ident.not_an_office":    func(ps peer.Peers) { ps[0].Office = "Dubai" },
		"exchange.peer_twice":    func(ps peer.Peers) { ps[1] = peer.Peer{Office: "AE/dubai"} },
		"exchange.peer_address":  func(ps peer.Peers) { ps[0].Exchange = "kp.ae.example" },
		"exchange.peer_mail":     func(ps peer.Peers) { ps[0].Mail = "AE" },
		"exchange.peer_language": func(ps peer.Peers) { ps[0].Language = "la" },
		"exchange.peer_origin":   func(ps peer.Peers) { ps[0].Logs[0].Origin = "" },
		"exchange.peer_places":   func(ps peer.Peers) { ps[0].Logs[0].From = nil },
		"exchange.log_twice":     func(ps peer.Peers) { ps[1].Logs = ps[0].Logs },
	} {
		ps := good()
		change(ps)
		if err := ps.Check(); !fault.Is(err, key) || len(fault.All(err)) != 1 {
			t.Errorf("%v, want %s alone", err, key)
		}
	}
	ps := good()
	ps[0].Mail, ps[0].Language = "x", "la"
	if err := ps.Check(); len(fault.All(err)) != 2 {
		t.Errorf("%v", err)
	}
}

// TestFor: an office's own table goes before its Participant's.
func TestFor(t *testing.T) {
	ps := peer.Peers{{Participant: "AE", Mail: "all"}, {Office: "AE/dubai", Mail: "dubai"}}
	for office, want := range map[string]string{"AE/dubai": "dubai", "AE/sharjah": "all", "CF/bangui": ""} {
		if p, ok := ps.For(office); p.Mail != want || ok != (want != "") {
			t.Errorf("%s: %q %t", office, p.Mail, ok)
		}
	}
}

// TestFeeds: policies are the root document's; a home log that is not configured is
// found beside one that is, by the name in its checkpoint; what no root document
// names, and what is this node's own, is not followed.
func TestFeeds(t *testing.T) {
	w := verifytest.New()
	next := w.NewLog("ae.kp.example/2027")
	next.Append([]byte("SYNTHETIC"))
	dir := t.TempDir()
	ledgertest.Publish(t, filepath.Join(dir, "ae", "log"), w.Logs[0], int64(len(w.Logs[0].Leaves)), verifytest.Start)
	ledgertest.Publish(t, filepath.Join(dir, "ae", "log-3"), next, 1, verifytest.Start)
	ps := peer.Peers{{Participant: "AE", Logs: []peer.Place{{Origin: "ae.kp.example/2026", From: []string{"ae/log"}}, {Origin: "xx.kp.example/1", From: []string{"x"}},
		{Origin: "cf.kp.example/2026", From: []string{"cf/log"}}}}}
	look := func() (origins []string, problems []error) {
		chain, err := trust.ParseChain(w.Roots, canonical.Hash{})
		if err != nil {
			t.Fatal(err)
		}
		feeds, problems := ps.Feeds(t.Context(), dir, chain, []string{"cf.kp.example/2026"}, nil)
		for _, f := range feeds {
			origins = append(origins, f.Policy.Log.Name)
		}
		return origins, problems
	}
	origins, problems := look()
	if len(origins) != 1 || len(problems) != 2 || !fault.Is(problems[0], "exchange.log_not_in_root") || !fault.Is(problems[1], "exchange.log_own") {
		t.Errorf("%v %v", origins, problems)
	}
	root := *w.Root
	root.Version, root.Prev = 2, fingerprint(t, w)
	root.Participants = append([]trust.Participant{}, root.Participants...)
	root.Participants[0].Homes = []trust.Home{{Origin: "ae.kp.example/2026"}, {Origin: next.Origin}, {Origin: "ae.kp.example/2028"}}
	lost := w.NewLog("ae.kp.example/2028")
	root.Logs = []trust.Log{root.Logs[0], {Origin: next.Origin, Policy: w.Policy(next)}, {Origin: lost.Origin, Policy: w.Policy(lost)}, root.Logs[1]}
	w.Roots = append(w.Roots, w.SignRoot(&root))
	origins, problems = look()
	if len(origins) != 2 || origins[1] != next.Origin || len(problems) != 3 || !fault.Is(problems[2], "exchange.successor_absent") {
		t.Errorf("%v %v", origins, problems)
	}
}

func fingerprint(t *testing.T, w *verifytest.World) canonical.Hash {
	t.Helper()
	chain, err := trust.ParseChain(w.Roots, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return chain.Fingerprints[0]
}

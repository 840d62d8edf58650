package app

import (
	"net/http"
	"os"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/ledgerweb/offered"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
)

// offeredPack is the pack that lies at the node now; nil for none.
func offeredPack(w *world, path string) *pack.Pack {
	w.t.Helper()
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	w.must(err)
	p, err := pack.Parse(b, canonical.Hash{})
	w.must(err)
	return p
}

// TestOwnPack: a node whose operator has named no pack makes one when somebody wants
// it, of all registers that it follows, and not another within ten minutes. When one of
// them cannot be read any more, the next pack is made without it.
func TestOwnPack(t *testing.T) {
	w := newWorld(t)
	atCF, atAE := w.port(), w.port()
	w.peers("cf", aeAt(atAE))
	cf, ae := w.run("cf", atCF), w.run("ae", atAE)
	w.until("AE's register is followed", func() bool { return cf.log(aeOrigin).State == "current" })
	offer := cf.others.offerOwn(t.Context(), module.Offer{})
	if offer.HasPack() {
		t.Fatal("a pack that nobody wanted")
	}
	wanted := func() bool { offer.Want(); return offer.HasPack() }
	w.until("a pack is there", wanted)
	first := offeredPack(w, offer.Pack)
	if len(first.Logs) != 2 || first.Snapshot.Issuer != "CF/bangui" {
		t.Errorf("%d registers, vouched for by %s", len(first.Logs), first.Snapshot.Issuer)
	}
	for range 20 {
		offer.Want()
		time.Sleep(10 * time.Millisecond)
	}
	if again := offeredPack(w, offer.Pack); again.Digest != first.Digest {
		t.Error("another pack was made at once")
	}
	ae.stop()
	cf.ahead(offered.Young + time.Second)
	w.until("a newer pack is there", func() bool { offer.Want(); return offeredPack(w, offer.Pack).Digest != first.Digest })
	if next := offeredPack(w, offer.Pack); len(next.Logs) != 1 || next.Logs[0].Origin != cfOrigin {
		t.Errorf("registers %v", next.Logs)
	}
}

// TestPackIsComing: who comes before the first pack is made is told so, and who comes to
// a node that makes none is told that.
func TestPackIsComing(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", w.port())
	for _, tt := range []struct {
		offer  module.Offer
		status int
		key    string
	}{
		{module.Offer{}, http.StatusNotFound, "serve.no_pack"},
		{module.Offer{Pack: w.dir + "/none", Wanted: func() {}}, http.StatusServiceUnavailable, "serve.pack_soon"},
	} {
		s := &statusPage{node: r.node, offer: tt.offer}
		err := s.pack(noWriter{}, nil)
		if !fault.Is(err, tt.key) || fault.KindOf(err).Status() != tt.status {
			t.Errorf("%v", err)
		}
	}
}

// noWriter takes a head and nothing else.
type noWriter struct{ http.ResponseWriter }

func (noWriter) Header() http.Header { return http.Header{} }

//go:build linux

package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/watch"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TestNodeOnFullDisk: a node whose disk fills up refuses acts in words and says on
// /health that it cannot issue; what it had recorded is there, and with space it goes on
// by itself, without being started again.
func TestNodeOnFullDisk(t *testing.T) {
	w := newWorld(t)
	disk := filepath.Join(w.dir, "disk")
	w.must(os.Mkdir(disk, 0o700))
	if err := unix.Mount("none", disk, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { w.must(unix.Unmount(disk, 0)) })
	w.must(os.CopyFS(filepath.Join(disk, "cf"), os.DirFS(filepath.Join(w.dir, "cf"))))
	w.must(os.Chmod(filepath.Join(disk, "cf", node.KeysFolder), 0o700))
	keys, err := filepath.Glob(filepath.Join(disk, "cf", node.KeysFolder, "*"))
	w.must(err)
	for _, k := range keys {
		w.must(os.Chmod(k, 0o600))
	}
	n, err := node.Open(w.env(nil), filepath.Join(disk, "cf"), w.tables())
	w.must(err)
	defer func() { w.must(n.Close()) }()
	count := 0
	record := func() error {
		count++
		h := statement.Header{Issuer: "CF/bangui", IssuedAt: time.Now().Unix(), Subject: "rule-set/" + strings.Repeat("x", 80) + time.Now().Format(".000000000"), Synthetic: true}
		_, err := n.Ledger.Record(t.Context(), n.Office, h, &statement.RuleSet{Set: "kpcs", Version: "1", Content: canonical.Sum([]byte{byte(count)}), From: 20000}, ledger.Witnessed)
		return err
	}
	w.must(record())
	before, err := n.Ledger.Health(t.Context())
	w.must(err)
	f, err := os.Create(filepath.Join(disk, "filler"))
	w.must(err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	w.must(f.Close())
	// What SQLite has taken from the disk already is used up first.
	refused := error(nil)
	for range 2000 {
		h := statement.Header{Issuer: "CF/bangui", IssuedAt: time.Now().Unix(), Subject: "rule-set/" + strings.Repeat("y", 80) + time.Now().Format(".000000000"), Synthetic: true}
		if _, refused = n.Ledger.Record(t.Context(), n.Office, h, &statement.RuleSet{Set: "kpcs", Version: "2", Content: canonical.Sum(nil), From: 20000}, ledger.Signed); refused != nil {
			break
		}
	}
	if !fault.Is(refused, "store.disk_full") {
		t.Fatalf("%v", refused)
	}
	signed, err := n.Ledger.Health(t.Context())
	w.must(err)
	w.must(os.Remove(filepath.Join(disk, "filler")))
	w.until("what was signed is recorded, once there is space", func() bool {
		h, err := n.Ledger.Health(t.Context())
		return err == nil && h.Signed == 0 && h.Fault == nil
	})
	w.must(record())
	after, err := n.Ledger.Health(t.Context())
	w.must(err)
	if after.Size < before.Size+1 || after.Size < signed.Size {
		t.Errorf("%d entries, were %d and %d", after.Size, before.Size, signed.Size)
	}
}

// TestNearlyFull: health tells a disk that will be full soon from one that is.
func TestNearlyFull(t *testing.T) {
	w := newWorld(t)
	r := w.run("cf", "127.0.0.1:0")
	for _, tt := range []struct {
		free  uint64
		state string
		ready bool
	}{{1 << 40, watch.Good, true}, {200 << 20, watch.Warn, true}, {1 << 20, watch.Fail, false}} {
		v, err := watch.New(watch.Config{Node: r.others.node, Now: time.Now, Slog: w.env(nil).Logger(), Others: r.others.standing,
			Free: func(string) (uint64, error) { return tt.free, nil }})
		w.must(err)
		h := v.Health(t.Context())
		for _, c := range h.Checks {
			if c.Name == "disk" && (c.State != tt.state || h.Ready != tt.ready) {
				t.Errorf("%d free: %+v, ready %v", tt.free, c, h.Ready)
			}
		}
	}
}

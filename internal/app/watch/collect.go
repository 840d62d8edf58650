package watch

import (
	"context"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/store"
)

// Descriptions are made once for each collector; Prometheus compares them by value.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("adamas_"+name, help, labels, nil)
}

// nodeCollector reads the node when Prometheus asks, and not otherwise.
type nodeCollector struct{ w *Watch }

// Describe names nothing: what is given depends on what can be read.
func (c *nodeCollector) Describe(chan<- *prometheus.Desc) {}

// Collect gives what can be read now. What cannot is left out: a gap in a curve is
// honest, a zero is not.
func (c *nodeCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	health := c.w.Health(ctx)
	gauge(desc("ready", "1 while the node can issue."), truth(health.Ready))
	state := desc("check_ok", "1 while a check of /health finds nothing.", "check")
	for _, check := range health.Checks {
		gauge(state, truth(check.State == Good), check.Name)
	}
	if h, err := c.w.cfg.Node.Ledger.Health(ctx); err == nil {
		entries := desc("entries", "Statements of this node by state.", "state")
		gauge(entries, float64(h.Prepared), "prepared")
		gauge(entries, float64(h.Signed), "signed")
		gauge(entries, float64(h.Logged), "logged")
		gauge(entries, float64(h.Size-h.Logged), "witnessed")
		gauge(desc("log_size", "Entries in the register."), float64(h.Size))
		if !h.Time.IsZero() {
			gauge(desc("witnessed_timestamp_seconds", "Oldest time of the witnesses' last quorum."), float64(h.Time.Unix()))
		}
	}
	if o, err := c.w.cfg.Others(ctx); err == nil {
		followed := desc("followed_logs", "Registers of others by how they stand.", "state")
		gauge(followed, float64(o.Behind), "behind")
		gauge(followed, float64(o.Stale), "stale")
		gauge(followed, float64(o.Followed-o.Behind-o.Stale), "other")
	}
	c.store(ctx, gauge)
	if left, err := c.w.cfg.Free(c.w.cfg.Node.Dir); err == nil {
		gauge(desc("disk_free_bytes", "Free on the disk of the node's folder."), float64(left))
	}
	if b := c.w.cfg.Backups; b != nil && !b.State().Last.IsZero() {
		gauge(desc("backup_timestamp_seconds", "Time of the last scheduled backup."), float64(b.State().Last.Unix()))
	}
}

// store reads what the views hold, and the database's size on the disk.
func (c *nodeCollector) store(ctx context.Context, gauge func(*prometheus.Desc, float64, ...string)) {
	var n life.Counts
	err := c.w.cfg.Node.Ledger.Store().Read(ctx, c.w.cfg.Now(), func(tx *store.Tx) (err error) {
		n, err = life.Count(tx)
		return err
	})
	if err == nil {
		known := desc("certificates", "Certificates in all registers that this node reads.", "what")
		gauge(known, float64(n.Certificates), "issued")
		gauge(known, float64(n.Received), "received")
		gauge(known, float64(n.Void), "void")
	}
	if c.w.cfg.Database == "" {
		return
	}
	size := desc("database_bytes", "The database on the disk.", "file")
	for name, file := range map[string]string{"database": c.w.cfg.Database, "wal": c.w.cfg.Database + "-wal"} {
		if info, err := os.Stat(file); err == nil {
			gauge(size, float64(info.Size()), name)
		}
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

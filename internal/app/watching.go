package app

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/app/watch"
	"adamas.example/internal/lang"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// startWatching looks after the node itself: how it is, and its backups.
func (f *following) startWatching(ctx context.Context, n *node.Node) (err error) {
	sc, err := store.ConfigFor(n.Config.Database, n.Dir)
	if err != nil {
		return err
	}
	c := watch.Config{Node: f.node, Database: sc.Path, Now: f.now, Slog: f.slog, Others: f.standing}
	if to := n.Config.BackupTo; to != "" {
		if !filepath.IsAbs(to) { // so that a folder can be moved
			to = filepath.Join(n.Dir, to)
		}
		every, keep := n.Config.Backups()
		c.Backups = &upkeep.Backups{Store: n.Store, Office: n.Config.Office, To: to, Every: every, Keep: keep, Now: f.now, Slog: f.slog}
		f.all.Go(func() { c.Backups.Run(ctx) })
	}
	f.watch, err = watch.New(c)
	return err
}

// standing is how the followed registers stand, in numbers.
func (f *following) standing(ctx context.Context) (o watch.Others, err error) {
	logs, err := f.logs(ctx)
	for _, l := range logs {
		if len(l.Places) == 0 {
			continue // not followed any more
		}
		o.Followed++
		switch l.State {
		case "behind":
			o.Behind++
		case "stale", "never":
			o.Stale++
		case "split":
			o.Split = l.Origin
		}
	}
	return o, err
}

// registerTrust adds the page that says how a device comes to trust this office, where
// the office certifies itself.
func (f *following) registerTrust(mux *http.ServeMux, site *web.Site) error {
	if f.door == nil || f.door.Authority == nil {
		return nil
	}
	return f.door.Authority.Register(mux, site, f.door.Secure)
}

// checkRow is a check of the node's health, on the status page.
type checkRow struct {
	Mark                web.Mark
	Name, State, Detail string
}

func (s *statusPage) checks(ctx context.Context, p *lang.Printer) (out []checkRow) {
	for _, c := range s.others.watch.Health(ctx).Checks {
		row := checkRow{Mark: map[string]web.Mark{watch.Good: web.Valid, watch.Warn: web.Tell, watch.Fail: web.Invalid}[c.State],
			Name: p.T("running.check."+c.Name, nil), State: p.T("running.state."+c.State, nil)}
		if v, ok := c.Detail["free_mb"].(int64); ok {
			row.Detail = p.T("running.detail.free", lang.Args{"count": v})
		}
		if v, ok := c.Detail["last"].(time.Time); ok {
			row.Detail = p.T("running.detail.last", lang.Args{"time": v})
		}
		if v, ok := c.Detail["minutes"].(int64); ok {
			row.Detail = p.T("running.detail.minutes", lang.Args{"count": v})
		}
		out = append(out, row)
	}
	return out
}

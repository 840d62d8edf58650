package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/node"
	"adamas.example/internal/app/watch"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgerweb/offered"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

// openForFace opens a node for a command of a module, with what all modules bring.
func openForFace(env *module.Env, dir string) (*module.Node, error) {
	n, err := node.Open(env, dir, schemas())
	if err != nil {
		return nil, err
	}
	f, err := n.Face(env, Modules())
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return f, nil
}

// following is what a node that serves does with others: it follows their logs,
// takes and sends messages, and tells how far it is.
type following struct {
	node *module.Node
	now  func() time.Time
	poll time.Duration
	slog *slog.Logger
	all  sync.WaitGroup

	watch *watch.Watch
	door  *doors.Door // nil until it is known where the node is served

	mu       sync.Mutex
	current  *follow.Followers
	problems []error
	ended    []exchange.Ended
}

// startFollowing begins it; it ends with ctx, and wait returns when it has.
func startFollowing(ctx context.Context, env *module.Env, n *node.Node, modules []module.Module) (*following, error) {
	face, err := n.Face(env, modules)
	if err != nil {
		return nil, err
	}
	f := &following{node: face, now: env.Now, poll: n.Config.PollEvery(), slog: env.Logger()}
	if _, err := f.use(nil); err != nil { // a follower that is none is known at once
		return nil, err
	}
	if err := f.startWatching(ctx, n); err != nil {
		return nil, err
	}
	f.all.Go(func() { face.Post.Run(ctx) })
	f.all.Go(func() { f.run(ctx) })
	for _, job := range face.Jobs {
		if job.Apart {
			f.all.Go(func() { f.again(ctx, job) })
		}
	}
	return f, nil
}

// offerOwn has the node make the pack that it offers, whenever somebody wants one.
func (f *following) offerOwn(ctx context.Context, offer module.Offer) module.Offer {
	maker := offered.New(f.node, f.slog)
	f.all.Go(func() { maker.Run(ctx) })
	offer.Pack, offer.Wanted = maker.Path(), maker.Want
	return offer
}

// wait returns when everything has ended.
func (f *following) wait() { f.all.Wait() }

// use makes the followers of a list of feeds the current ones.
func (f *following) use(feeds []follow.Feed) (*follow.Followers, error) {
	next, err := follow.New(follow.Config{Ledger: f.node.Ledger, Now: f.now, Slog: f.slog, Followers: f.node.Followers, Feeds: feeds})
	if err == nil {
		f.mu.Lock()
		f.current = next
		f.mu.Unlock()
	}
	return next, err
}

// run follows until ctx ends. Whenever the root documents or the end of a log say
// that other logs are to be followed, new followers take the place of the old.
func (f *following) run(ctx context.Context) {
	var names []string
	var stop context.CancelFunc = func() {}
	var round sync.WaitGroup
	for first := true; ; first = false {
		feeds := f.look(ctx)
		if now := namesOf(feeds); ctx.Err() == nil && (first || !slices.Equal(now, names)) {
			stop()
			round.Wait()
			names = now
			next, err := f.use(feeds)
			if err != nil {
				f.slog.Error("follow", "error", err)
			} else {
				var run context.Context
				run, stop = context.WithCancel(ctx)
				round.Go(func() { next.Run(run, f.poll) })
			}
		}
		for _, job := range f.node.Jobs {
			if !job.Apart {
				f.do(ctx, job)
			}
		}
		select {
		case <-ctx.Done():
			stop()
			round.Wait()
			return
		case <-time.After(f.poll):
		}
	}
}

// again does a job that is apart from the others until ctx ends.
func (f *following) again(ctx context.Context, job module.Job) {
	for {
		f.do(ctx, job)
		select {
		case <-ctx.Done():
			return
		case <-time.After(f.poll):
		}
	}
}

func (f *following) do(ctx context.Context, job module.Job) {
	if err := job.Do(ctx); err != nil && ctx.Err() == nil {
		f.slog.Warn(job.Name, "error", err)
	}
}

// look asks what is to be followed, and keeps what stands in the way for the page.
func (f *following) look(ctx context.Context) []follow.Feed {
	feeds, problems := f.node.Post.Feeds(ctx)
	ended, err := f.node.Post.Ended(ctx)
	if err != nil && ctx.Err() == nil {
		f.slog.Warn("look for logs that have ended", "error", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.problems, f.ended = problems, ended
	return feeds
}

func namesOf(feeds []follow.Feed) (out []string) {
	for _, f := range feeds {
		out = append(out, f.Policy.Log.Name+" "+f.Source.Name())
	}
	return out
}

// staleAfter is how old the newest attestation or the last reading of a followed
// log may be before the page says so: a log that is alive is attested anew every
// few minutes.
const staleAfter = 24 * time.Hour

// followedLog is how one followed log stands, for the page and for programs.
type followedLog struct {
	Origin    string           `json:"origin"`
	State     string           `json:"state"` // current, behind, stale, ended, never, split
	Size      int64            `json:"size"`
	Witnessed *time.Time       `json:"witnessed,omitempty"`
	ReadAt    *time.Time       `json:"read_at,omitempty"`
	Successor string           `json:"successor,omitempty"`
	Places    []followedPlace  `json:"places"`
	Views     map[string]int64 `json:"views"` // by follower: entries it has had
}

// followedPlace is one place of it. Folders of this node are not named to strangers.
type followedPlace struct {
	Place  string `json:"place"`
	Behind int64  `json:"behind,omitempty"`
	Fault  string `json:"fault,omitempty"` // key
}

// logs tells how every followed log stands, by origin.
func (f *following) logs(ctx context.Context) ([]followedLog, error) {
	f.mu.Lock()
	current, ended := f.current, f.ended
	f.mu.Unlock()
	known, err := current.Known(ctx)
	if err != nil {
		return nil, err
	}
	forks, err := current.Forks(ctx)
	if err != nil {
		return nil, err
	}
	standing, err := current.Standing(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]*followedLog{}
	get := func(origin string) *followedLog {
		if by[origin] == nil {
			by[origin] = &followedLog{Origin: origin, State: "never", Places: []followedPlace{}, Views: map[string]int64{}}
		}
		return by[origin]
	}
	for _, k := range known {
		l := get(k.Origin)
		l.Size, l.Witnessed, l.ReadAt, l.State = k.Size, &k.Time, &k.ReadAt, "current"
		if f.now().Sub(k.Time) > staleAfter || f.now().Sub(k.ReadAt) > staleAfter {
			l.State = "stale"
		}
	}
	for _, s := range standing {
		if s.Origin != "" {
			get(s.Origin).Views[s.Follower] = s.Next
		}
	}
	for _, s := range current.Feeds() {
		get(s.Origin).place(s)
	}
	for _, e := range ended {
		if l := get(e.Origin); l.State != "never" {
			l.State, l.Successor = "ended", e.Successor
		}
	}
	for _, k := range forks {
		get(k.Origin).State = "split"
	}
	var out []followedLog
	for _, l := range by {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b followedLog) int { return strings.Compare(a.Origin, b.Origin) })
	return out, nil
}

// place adds how one place stands.
func (l *followedLog) place(s follow.FeedStatus) {
	p := followedPlace{Place: "folder"}
	if u, err := url.Parse(s.Source); err == nil && u.Host != "" {
		p.Place = s.Source
	}
	if s.Last != nil {
		p.Behind = s.Last.Behind
	}
	if s.Fault != nil {
		p.Fault = fault.Unexpected
		if f, ok := fault.Of(s.Fault); ok {
			p.Fault = f.Key
		}
		if fault.Is(s.Fault, "ledger.log_forked") {
			l.State = "split"
		}
	}
	if l.State == "current" && p.Behind > 0 && !slices.ContainsFunc(l.Places, func(o followedPlace) bool { return o.Behind == 0 && o.Fault == "" }) {
		l.State = "behind"
	} else if l.State == "behind" && s.Last != nil && p.Behind == 0 && p.Fault == "" {
		l.State = "current"
	}
	l.Places = append(l.Places, p)
}

// followedRow is a followed log on the status page.
type followedRow struct {
	Mark                                    web.Mark
	Origin, Entries, Witnessed, Read, State string
}

// rows are the followed logs and what stands in the way, in words.
func (f *following) rows(ctx context.Context, p *lang.Printer) (rows []followedRow, problems []string, err error) {
	logs, err := f.logs(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range logs {
		row := followedRow{Mark: web.Tell, Origin: l.Origin, Entries: p.Number(l.Size),
			Witnessed: p.T("status.followed.no_time", nil), Read: p.T("status.followed.no_time", nil),
			State: p.T("status.followed."+l.State, lang.Args{"successor": l.Successor})}
		switch l.State {
		case "current", "ended":
			row.Mark = web.Valid
		case "split":
			row.Mark = web.Invalid
		}
		if l.ReadAt != nil {
			row.Witnessed, row.Read = p.Time(*l.Witnessed), p.Time(*l.ReadAt)
		}
		rows = append(rows, row)
		if l.State == "split" {
			problems = append(problems, p.T("status.followed.split_loud", lang.Args{"origin": l.Origin}))
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, problem := range f.problems {
		for _, s := range p.Explain(problem, "-") {
			problems = append(problems, s.Text+" "+s.Remedy)
		}
	}
	return rows, problems, nil
}

// serveFollowed answers programs that watch a node.
func (f *following) serveFollowed(w http.ResponseWriter, r *http.Request) {
	logs, err := f.logs(r.Context())
	if err != nil {
		f.slog.Error("tell what is followed", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(map[string]any{"logs": append([]followedLog{}, logs...)}); err != nil {
		f.slog.Debug("tell what is followed", "error", err)
	}
}

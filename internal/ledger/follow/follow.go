package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// Follower keeps a view: tables that say again, in a form for pages and figures,
// what statements say. A view can be thrown away and made anew from the logs and
// the vault, and comes out the same. To that end a follower writes only what
// follows from the statements themselves:
//
//   - It does not store State or Index: those of own statements change without
//     another Apply. A page asks ledger.StateOf when it shows them.
//   - What Apply does for two entries of different logs does not depend on which
//     came first. Entries of one log come in its order.
//   - It stores nothing of the vault unless it is a Discloser.
//   - It does everything in tx and nothing elsewhere: tx may be run again.
//
// Apply gets every leaf, by whomever it is signed: whether the signer was
// entitled is the follower's to ask of package trust. An error stops this
// follower at this entry, and no other.
type Follower interface {
	// Name is the follower's for ever: lower-case words with dots, "statistics.flow".
	Name() string
	// Reset empties the view.
	Reset(tx *store.Tx) error
	Apply(tx *store.Tx, e Followed) error
}

// Discloser is a follower whose view holds facts that are kept back from the log.
// Such facts may come to the vault before their statement is followed, or years
// after it; so it is told both ways, and what the two leave behind must be the
// same, in either order and when told twice.
type Discloser interface {
	Follower
	// Disclosed is told of facts that have come to the vault, or have become more.
	// Where Apply has not had the statement yet it does nothing: Apply will get
	// the facts with it.
	Disclosed(tx *store.Tx, st *statement.Statement, d *commitment.Disclosure, approvals [][]byte) error
}

// Followed is one entry as followers see it. It is shared between them and must
// not be changed.
type Followed struct {
	Origin    string
	Index     int64        // -1 while own and not in the log yet
	State     ledger.State // Witnessed for entries of other logs, which are read no earlier
	Own       bool         // of this node's own record
	Bytes     []byte
	Hash      canonical.Hash       // of Bytes
	Statement *statement.Statement // nil for a leaf that is no statement

	// What the vault holds, for a Discloser; nil: not disclosed to this node.
	Disclosure *commitment.Disclosure
	Approvals  [][]byte
}

// Feed is a log of another node: a place where it is read, and under which policy
// it is believed. One log may be read in several places, a server and a stick: each
// is a feed.
type Feed struct {
	Source *tiles.Source
	Policy *policy.Policy
}

// Positions of what is not a log. No origin has a plus sign (C2SP signed-note).
const (
	ownOrigin   = "+own"
	vaultOrigin = "+vault"
)

// Followers brings every follower up to what this node knows: its own statements
// at once, in order of signing; those of other logs when they are read; facts
// when the vault gets them. Where a follower stands is written in the transaction
// that writes its view.
type Followers struct {
	ledger    *ledger.Ledger
	store     *store.Store
	now       func() time.Time
	slog      *slog.Logger
	feeds     []Feed
	followers []Follower

	own  sync.Mutex // one own pass at a time
	seen [2]int64   // newest own entry and vault change that all have had; under own

	mu     sync.Mutex
	passes map[string]*sync.Mutex // by origin: one pass over a log at a time
	status map[int]FeedStatus     // by feed, of Run
}

var followerName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

// Config says who follows what. When a new root document names other logs, a new
// Followers takes the old one's place.
type Config struct {
	Ledger    *ledger.Ledger // stays the caller's to close, after Run has ended
	Now       func() time.Time
	Slog      *slog.Logger
	Followers []Follower
	Feeds     []Feed
}

// New joins followers with what they follow.
func New(c Config) (*Followers, error) {
	names, places := map[string]bool{}, map[[2]string]bool{}
	for _, w := range c.Followers {
		if !followerName.MatchString(w.Name()) || names[w.Name()] {
			return nil, fmt.Errorf("follow: follower %q: its name is no name, or stands twice", w.Name())
		}
		names[w.Name()] = true
	}
	for _, f := range c.Feeds {
		place := [2]string{f.Policy.Log.Name, f.Source.Name()}
		if places[place] {
			return nil, fmt.Errorf("follow: log %s stands twice at %s among those to follow", place[0], place[1])
		}
		places[place] = true
	}
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	return &Followers{ledger: c.Ledger, store: c.Ledger.Store(), now: c.Now, slog: c.Slog, feeds: c.Feeds, followers: c.Followers,
		passes: map[string]*sync.Mutex{}, status: map[int]FeedStatus{}}, nil
}

// Own brings all followers up to this node's own entries and its vault. Whoever
// signs something and shows a page of it next calls this in between; it costs one
// small read when there is nothing new.
func (f *Followers) Own(ctx context.Context) error {
	f.own.Lock()
	defer f.own.Unlock()
	var newest [2]int64
	err := f.store.Read(ctx, f.now(), func(tx *store.Tx) (err error) {
		newest[0], newest[1], err = ledger.Numbers(tx)
		return err
	})
	if err != nil || newest == f.seen {
		return err
	}
	var failed error
	for _, w := range f.followers {
		failed = errors.Join(failed, f.bring(ctx, w, newest))
	}
	if failed == nil {
		f.seen = newest
	}
	return failed
}

// bring applies own entries, then what the vault has got, to one follower.
func (f *Followers) bring(ctx context.Context, w Follower, newest [2]int64) error {
	if err := f.rounds(ctx, w, ownOrigin, newest[0], applyOwn); err != nil {
		return err
	}
	d, ok := w.(Discloser)
	if !ok {
		return nil
	}
	return f.rounds(ctx, w, vaultOrigin, newest[1], func(tx *store.Tx, _ Follower, from int64) (int64, error) {
		return tellDisclosed(tx, d, from)
	})
}

// batch bounds how many entries one transaction applies.
const batch = 256

// rounds applies transaction by transaction until the follower has had what was
// newest when the pass began. round gives the number after the last it has taken.
func (f *Followers) rounds(ctx context.Context, w Follower, origin string, newest int64, round func(tx *store.Tx, w Follower, from int64) (int64, error)) error {
	write := f.store.Write
	for {
		var from, next int64
		err := write(ctx, f.now(), func(tx *store.Tx) (err error) {
			if from, err = position(tx, w.Name(), origin); err != nil {
				return err
			}
			if next, err = round(tx, w, max(from, 1)); err != nil || next == max(from, 1) {
				return err
			}
			return move(tx, w.Name(), from, place{origin: origin, next: next})
		})
		switch {
		case errors.Is(err, errMoved): // another process follows too: on from where it has come to
		case err != nil:
			return fmt.Errorf("follower %s: %w", w.Name(), err)
		case next > newest || next == max(from, 1):
			return nil
		}
		write = f.store.WriteAlone // far behind: long work does not share commits
	}
}

// applyOwn applies a batch of own entries in order of signing.
func applyOwn(tx *store.Tx, w Follower, from int64) (next int64, err error) {
	entries, err := ledger.Since(tx, from, batch)
	if err != nil {
		return 0, err
	}
	next = from
	for _, e := range entries {
		one := decode(e.Origin, e.Index, e.Signed)
		one.Own, one.State = true, e.State()
		if err := apply(tx, w, one); err != nil {
			return 0, err
		}
		next = e.Seq + 1
	}
	return next, nil
}

// decode makes a Followed of a leaf.
func decode(origin string, index int64, leaf []byte) Followed {
	one := Followed{Origin: origin, Index: index, State: ledger.Witnessed, Bytes: leaf, Hash: canonical.Sum(leaf)}
	if st, err := statement.Parse(leaf); err == nil {
		one.Statement = st
	}
	return one
}

// apply gives one entry to a follower, to a Discloser with what the vault holds.
func apply(tx *store.Tx, w Follower, e Followed) error {
	if _, ok := w.(Discloser); ok && e.Statement != nil {
		k, err := ledger.KeptFor(tx, canonical.Sum(e.Statement.Signed.Payload))
		if err != nil {
			return err
		}
		if k != nil {
			e.Disclosure, e.Approvals = k.Disclosure, k.Approvals
		}
	}
	if err := w.Apply(tx, e); err != nil {
		return fmt.Errorf("entry %d of %s (%s): %w", e.Index, e.Origin, e.Hash, err)
	}
	return nil
}

// tellDisclosed tells of a batch of changes of the vault. What is intended only
// is passed over: Apply will get its facts with it.
func tellDisclosed(tx *store.Tx, w Discloser, from int64) (next int64, err error) {
	changes, err := ledger.ChangesSince(tx, from, batch)
	if err != nil {
		return 0, err
	}
	next = from
	for _, c := range changes {
		next = c.Number + 1
		if c.Statement == nil {
			continue
		}
		st, err := statement.Parse(c.Statement)
		if err != nil {
			return 0, err
		}
		if err := w.Disclosed(tx, st, c.Disclosure, c.Approvals); err != nil {
			return 0, fmt.Errorf("disclosure of %s: %w", st.Hash, err)
		}
	}
	return next, nil
}

// place is where a follower stands in a log, and the checkpoint it was read under.
type place struct {
	origin string
	next   int64
	size   int64
	root   canonical.Hash
}

// position is the next entry a follower has not had.
func position(tx *store.Tx, follower, origin string) (next int64, err error) {
	err = tx.QueryRow(`SELECT next FROM ledger_position WHERE follower = $1 AND origin = $2`, follower, origin).Scan(&next)
	if errors.Is(err, store.ErrNoRows) {
		err = nil
	}
	return next, err
}

// errMoved: somebody else has brought the follower on, or has begun it anew. The
// work is undone, and the next pass finds the new place.
var errMoved = errors.New("follow: the follower has moved meanwhile")

// move writes that a follower which stood at from stands at p.
func move(tx *store.Tx, follower string, from int64, p place) error {
	n, err := tx.Exec(`UPDATE ledger_position SET next = $4, size = $5, root = $6 WHERE follower = $1 AND origin = $2 AND next = $3`,
		follower, p.origin, from, p.next, p.size, p.root)
	if err == nil && n == 0 && from == 0 {
		n, err = tx.Exec(`INSERT INTO ledger_position (follower, origin, next, size, root) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (follower, origin) DO NOTHING`,
			follower, p.origin, p.next, p.size, p.root)
	}
	if err == nil && n == 0 {
		err = errMoved
	}
	return err
}

// Rebuild makes one follower's view anew: it empties it and forgets its places in
// one transaction, then follows everything from the beginning, in batches. Cut
// off before, it leaves the old view; after, a view that goes on growing with the
// next Own and Log, as Standing shows. It comes back when the view is up to all
// that can be reached; what cannot be is the error.
func (f *Followers) Rebuild(ctx context.Context, name string) error {
	i := -1
	for n, w := range f.followers {
		if w.Name() == name {
			i = n
		}
	}
	if i < 0 {
		return fmt.Errorf("follow: no follower is called %q", name)
	}
	if err := f.begin(ctx, f.followers[i]); err != nil {
		return fmt.Errorf("follower %s: %w", name, err)
	}
	err := f.Own(ctx)
	for _, feed := range f.feeds {
		_, failed := f.Log(ctx, feed)
		err = errors.Join(err, failed)
	}
	return err
}

// begin empties a view. What the vault holds now comes with the entries, so its
// changes so far need not be told.
func (f *Followers) begin(ctx context.Context, w Follower) error {
	f.own.Lock()
	defer f.own.Unlock()
	f.seen = [2]int64{}
	return f.store.WriteAlone(ctx, f.now(), func(tx *store.Tx) error {
		if err := w.Reset(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM ledger_position WHERE follower = $1`, w.Name()); err != nil {
			return err
		}
		_, kept, err := ledger.Numbers(tx)
		if err != nil || kept == 0 {
			return err
		}
		return move(tx, w.Name(), 0, place{origin: vaultOrigin, next: kept + 1})
	})
}

// Standing is how far one follower has come with one source.
type Standing struct {
	Follower string
	Origin   string // of a log; "" for this node's own entries
	Next     int64  // how many it has had
	Of       int64  // how many there are, as far as this node knows
}

// Standing lists how far every follower has come, for a status page: a view that
// is being made anew is one with Next below Of.
func (f *Followers) Standing(ctx context.Context) (out []Standing, err error) {
	err = f.store.Read(ctx, f.now(), func(tx *store.Tx) error {
		out = nil
		own, _, err := ledger.Numbers(tx)
		if err != nil {
			return err
		}
		for _, w := range f.followers {
			next, err := position(tx, w.Name(), ownOrigin)
			if err != nil {
				return err
			}
			out = append(out, Standing{Follower: w.Name(), Next: max(0, next-1), Of: own}) // numbered from 1
			for i, feed := range f.feeds {
				same := func(x Feed) bool { return x.Policy.Log.Name == feed.Policy.Log.Name }
				if slices.ContainsFunc(f.feeds[:i], same) {
					continue // another place of the same log
				}
				s := Standing{Follower: w.Name(), Origin: feed.Policy.Log.Name}
				if s.Next, err = position(tx, s.Follower, s.Origin); err != nil {
					return err
				}
				if err := tx.QueryRow(`SELECT COALESCE(MAX(size), 0) FROM ledger_log WHERE origin = $1`, s.Origin).Scan(&s.Of); err != nil {
					return err
				}
				out = append(out, s)
			}
		}
		return nil
	})
	return out, err
}

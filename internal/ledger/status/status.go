package status

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/life"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Log is a log up to a size. Scan gives its entries from the first to the last, some
// at a time, verified against the root; it is called twice and must give the same.
type Log struct {
	Vector statement.Vector
	Scan   func(ctx context.Context, each func(first int64, entries [][]byte) error) error
}

// Summary is what is counted.
type Summary struct {
	Root   canonical.Hash // fingerprint of the newest root document
	Logs   []statement.Vector
	Lines  int64
	States map[string]int64 // by State
	Kinds  map[string]int64 // certificates that count
	Digest canonical.Hash   // of root, logs and all lines
}

// counting is one count under way.
type counting struct {
	dir    *trust.Directory
	logs   []Log
	sorter *sorter

	mu      sync.Mutex
	reasons []string // why certificates do not count; index 0 is none
}

// List counts the logs (ascending by origin, each once) and gives every number's
// line to each, ascending by Participant, length and serial.
func List(ctx context.Context, chain *trust.Chain, logs []Log, scratch Scratch, each func(*Line) error) (*Summary, error) {
	for i := 1; i < len(logs); i++ {
		if logs[i-1].Vector.Origin >= logs[i].Vector.Origin {
			return nil, fmt.Errorf("status: log %s: logs ascend by origin, each once", logs[i].Vector.Origin)
		}
	}
	c := &counting{logs: logs, sorter: &sorter{scratch: scratch}, reasons: []string{""}}
	if err := c.believe(ctx, chain); err != nil {
		return nil, err
	}
	if err := c.collect(ctx); err != nil {
		return nil, err
	}
	s := &Summary{Root: chain.Fingerprints[len(chain.Fingerprints)-1], States: map[string]int64{}, Kinds: map[string]int64{}}
	digest := sha256.New()
	for _, l := range logs {
		s.Logs = append(s.Logs, l.Vector)
	}
	head, err := canonical.Marshal([]any{s.Root, s.Logs})
	if err != nil {
		return nil, err
	}
	digest.Write(head)
	err = c.sorter.groups(func(group []record) error {
		line := c.line(group)
		b, err := line.encode()
		if err != nil {
			return err
		}
		digest.Write(b)
		s.Lines++
		s.States[line.State()]++
		if line.Certificate != nil && line.Refused == "" {
			s.Kinds[line.Certificate.Kind.String()]++
		}
		return each(line)
	})
	s.Digest = canonical.Hash(digest.Sum(nil))
	return s, err
}

// decides are the types of which the directory is made.
func decides(t statement.Type) bool {
	switch t {
	case statement.TypeParticipant, statement.TypeOfficeKey, statement.TypeKeyRevoked, statement.TypeNumberRange:
		return true
	}
	return false
}

// believe reads the logs for whom to believe.
func (c *counting) believe(ctx context.Context, chain *trust.Chain) error {
	var entries []trust.Entry
	for _, l := range c.logs {
		err := l.Scan(ctx, func(first int64, leaves [][]byte) error {
			for i, leaf := range leaves {
				if t, ok := statement.PeekType(leaf); !ok || !decides(t) {
					continue
				}
				if st, err := statement.Parse(slices.Clone(leaf)); err == nil {
					entries = append(entries, trust.Entry{Origin: l.Vector.Origin, Index: uint64(first) + uint64(i), Statement: st})
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	dir, err := trust.NewDirectory(chain, entries)
	c.dir = dir
	return err
}

// collect reads the logs for certificates and what is said of them. Signatures are
// what takes time, so each batch is judged on all cores.
func (c *counting) collect(ctx context.Context) error {
	for n, l := range c.logs {
		err := l.Scan(ctx, func(first int64, leaves [][]byte) error {
			found := make([]*record, len(leaves))
			var g errgroup.Group
			g.SetLimit(runtime.GOMAXPROCS(0))
			const share = 32
			for from := 0; from < len(leaves); from += share {
				g.Go(func() error {
					for i := from; i < min(from+share, len(leaves)); i++ {
						found[i] = c.judge(n, uint64(first)+uint64(i), leaves[i])
					}
					return nil
				})
			}
			if err := g.Wait(); err != nil {
				return err
			}
			for _, r := range found {
				if r == nil {
					continue
				}
				if err := c.sorter.add(r); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// judge gives what is kept of a leaf; nil for one that has no say in any status.
func (c *counting) judge(log int, index uint64, leaf []byte) *record {
	if t, ok := statement.PeekType(leaf); !ok || decides(t) {
		return nil
	}
	st, err := statement.Parse(leaf)
	if err != nil {
		return nil
	}
	origin := c.logs[log].Vector.Origin
	r := &record{log: log, index: index, by: st.Participant(), home: slices.Index(c.dir.HomeLogs(st.Participant()), origin)}
	if cert, ok := st.Body.(*statement.Certificate); ok {
		r.number, r.hash, r.facts = statement.NumberKey(cert.Number), st.Hash, cert.Facts
		r.kind, r.to, r.issued, r.expires = cert.Kind, cert.Destination, cert.Issued, cert.Expires
		check, signed := verify.Logged(c.dir, trust.Entry{Origin: origin, Index: index, Statement: st})
		if r.signed = signed; check != nil {
			r.refused = c.reason(string(check.Code) + " " + check.Reason)
		}
		return r
	}
	about, ok := statement.Concerns(st.Body)
	if r.what = life.Of(st.Body); !ok || r.what == 0 || r.home < 0 {
		return nil
	}
	place := trust.Place{Origin: origin, Index: index}
	if c.dir.AtHome(st.Participant(), place) != nil {
		return nil
	}
	if _, err := c.dir.Signer(st, &place); err != nil {
		return nil
	}
	r.number, r.hash = statement.NumberKey(about.Number), about.Certificate
	switch b := st.Body.(type) {
	case *statement.Replacement:
		r.other = statement.NumberKey(b.By)
	case *statement.Opening:
		if r.facts, err = b.Facts.Root(); err != nil {
			return nil
		}
	}
	return r
}

// reason gives the index of a reason.
func (c *counting) reason(text string) uint16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.reasons, text); i >= 0 {
		return uint16(i)
	}
	c.reasons = append(c.reasons, text)
	return uint16(len(c.reasons) - 1)
}

// line makes the line of a number out of all records of it, which are in order of
// place.
func (c *counting) line(group []record) *Line {
	l := &Line{Number: statement.NumberOf(group[0].number)}
	cert := certificateOf(group)
	if cert != nil {
		l.Certificate = &Certificate{Hash: cert.hash, Kind: cert.kind, To: cert.to, Issued: cert.issued, Expires: cert.expires, Place: cert.place()}
		l.Refused = c.reasons[cert.refused]
	}
	var events []life.Event
	var of []record
	for _, r := range group {
		switch {
		case r.what == 0:
			if r.signed && r.hash != cert.hash {
				l.Marks = append(l.Marks, Mark{What: TwoContents, By: r.by, Place: r.place()})
			}
		case r.what == life.Opened && (cert == nil || r.facts != cert.facts):
			// opens other facts than this certificate's
		default:
			events = append(events, life.Event{What: r.what, By: r.by, Of: r.hash, Home: r.home, Index: r.index})
			of = append(of, r)
		}
	}
	for _, i := range life.Standing(l.Number[:2], events) {
		m := Mark{What: of[i].what.String(), By: of[i].by, Place: of[i].place()}
		if of[i].what == life.Replaced {
			m.Number = statement.NumberOf(of[i].other)
		}
		l.Marks = append(l.Marks, m)
	}
	slices.SortStableFunc(l.Marks, func(a, b Mark) int {
		if a.Place.Log != b.Place.Log {
			return a.Place.Log - b.Place.Log
		}
		return int(a.Place.Index) - int(b.Place.Index)
	})
	return l
}

func (r *record) place() Place { return Place{r.log, r.index} }

// certificateOf is the certificate that a number's line is about: the first that
// counts, or else the first.
func certificateOf(group []record) *record {
	var first *record
	for i := range group {
		r := &group[i]
		if r.what == 0 && (first == nil || first.refused != 0 && r.refused == 0) {
			first = r
		}
	}
	return first
}

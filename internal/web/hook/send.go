package hook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"adamas.example/internal/store"
)

// Tries are when a delivery is sent again after it failed: the last failure gives it up,
// a little more than three days after the first try.
var Tries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 28 * time.Hour}

// Bounds of one round and one try.
const (
	patience   = 10 * time.Second
	usualRound = 30 * time.Second
	perRound   = 100     // deliveries to one address
	mostLanes  = 16      // at once
	mostAnswer = 4 << 10 // bytes that are read of an answer, and thrown away
	mostError  = 300     // of a text that is kept
)

type client struct{ http *http.Client }

// errNetwork is why nothing is connected to.
var errNetwork = errors.New("the address is of this computer, of a private network or of none, and the operator has not opened it (hook_networks in node.toml)")

// newClient makes a client that follows no redirect, asks no proxy, and connects to what
// Allowed lets it, whatever a name resolves to at that moment.
func newClient(open []netip.Prefix) client {
	d := &net.Dialer{Timeout: patience, Control: func(network, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !Allowed(at.Addr(), open) {
			return errNetwork
		}
		return nil
	}}
	return client{&http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{Proxy: nil, DialContext: d.DialContext, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience,
			MaxIdleConns: 10, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true},
	}}
}

// closed are networks beyond those that net/netip knows as not public: RFC 6890 and those
// by which an IPv4 address travels inside an IPv6 one.
var closed = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10")

func prefixes(all ...string) (out []netip.Prefix) {
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// Allowed tells whether a message may go to an address: to a public one, or into a
// network that the operator has opened.
func Allowed(a netip.Addr, open []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	for _, p := range open {
		if p.Contains(a) {
			return true
		}
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range closed {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Deliver sends what is due: to each address in order, until one fails. A server that
// takes its time holds up the addresses of the program that has named it and no other. The
// round is over after Config.Round and what was begun by then; who had no turn has the
// first of the next. It is a job of its own (module.Job, Apart), is ended by its context,
// and runs once at a time.
func (s *Service) Deliver(ctx context.Context) error {
	if err := s.cfg.Store.Write(ctx, s.cfg.Now(), s.over); err != nil {
		return err
	}
	all, err := s.List(ctx)
	if err != nil {
		return err
	}
	round, done := context.WithTimeout(ctx, s.cfg.Round)
	defer done()
	var sending errgroup.Group
	sending.SetLimit(mostLanes)
	for _, lane := range s.lanes(all) {
		sending.Go(func() error { return s.serve(ctx, round, lane) })
	}
	if err := sending.Wait(); err != nil {
		return err
	}
	return s.cfg.Store.Write(ctx, s.cfg.Now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM web_hook_delivery WHERE state <> 'due' AND made < $1`, tx.Now().Add(-keep))
		return err
	})
}

// over ends the addresses whose program's access key has run out.
func (s *Service) over(tx *store.Tx) error {
	ended, err := end(tx, `until <= $1`, tx.Now())
	for _, h := range ended {
		if err := s.cfg.Over(tx, h); err != nil {
			return err
		}
	}
	return err
}

// lanes are the addresses that are told, apart by who has named them: those of one program
// take turns, each that a person has named goes by itself. Whose last turn is the longest
// ago comes first.
func (s *Service) lanes(all []Hook) (out [][]Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	turns := map[string]int64{}
	all = slices.DeleteFunc(all, func(h Hook) bool { return !h.Ended.IsZero() })
	for _, h := range all {
		turns[h.ID] = s.turns[h.ID]
	}
	s.turns = turns
	slices.SortStableFunc(all, func(a, b Hook) int { return cmp.Compare(turns[a.ID], turns[b.ID]) })
	at := map[string]int{}
	for _, h := range all {
		of := cmp.Or(h.Program, h.ID)
		i, known := at[of]
		if !known {
			i, at[of] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], h)
	}
	return out
}

// serve gives the addresses of a lane one turn after the other, until nothing is due to
// any or the round is over.
func (s *Service) serve(ctx, round context.Context, lane []Hook) error {
	for range perRound {
		var more []Hook
		for _, h := range lane {
			if round.Err() != nil {
				return ctx.Err()
			}
			switch err := s.next(ctx, h); {
			case err == nil:
				more = append(more, h)
			case !errors.Is(err, errEnd):
				return err
			}
		}
		lane = more
	}
	return nil
}

// next sends the oldest that is due to an address, when its time has come. errEnd: there
// is none, or it was not taken.
func (s *Service) next(ctx context.Context, h Hook) error {
	var found []Delivery
	now := s.cfg.Now().UTC()
	if err := s.cfg.Store.Read(ctx, now, func(tx *store.Tx) (err error) {
		found, err = store.Collect(tx, scanDelivery, `SELECT `+columns+` FROM web_hook_delivery WHERE hook = $1 AND state = 'due' ORDER BY seq LIMIT 1`, h.ID)
		return err
	}); err != nil {
		return err
	}
	if len(found) == 0 || found[0].Next.After(now) {
		return errEnd
	}
	d := found[0]
	s.mu.Lock()
	s.turn++
	s.turns[h.ID] = s.turn
	s.mu.Unlock()
	status, failed := s.send(ctx, h, &d, now)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.Tries, d.Status, d.Failure, d.Error, d.State, d.Next = d.Tries+1, int64(status), "", "", "delivered", now
	if failed != nil {
		d.Failure, d.Error, d.State = failureOf(status, failed), cut(failed.Error()), "due"
		if d.Tries > int64(len(Tries)) {
			d.State = "given_up"
		} else {
			d.Next = now.Add(Tries[d.Tries-1])
		}
		s.cfg.Slog.Warn("a webhook was not delivered", "hook", h.ID, "delivery", d.ID, "try", d.Tries, "status", status, "error", d.Error)
	}
	// The other side has it: that this process is ended now takes that from nobody.
	err := s.cfg.Store.Write(context.WithoutCancel(ctx), now, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE web_hook_delivery SET state = $3, tries = $4, next = $5, last = $6, status = $7, failure = $8, error = $9 WHERE hook = $1 AND seq = $2 AND state = 'due'`,
			d.Hook, d.Seq, d.State, d.Tries, d.Next, now, d.Status, d.Failure, d.Error)
		return err
	})
	if err == nil && d.State == "due" {
		return errEnd
	}
	return err
}

// failureOf says why a try failed without saying where that was.
func failureOf(status int, err error) Failure {
	name, isName := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	slow, isNet := errors.AsType[net.Error](err)
	switch {
	case status != 0:
		return Answered
	case errors.Is(err, errNetwork):
		return Closed
	case isName && name.IsNotFound:
		return NoName
	case untrusted:
		return Untrusted
	case errors.Is(err, context.DeadlineExceeded) || isNet && slow.Timeout():
		return Late
	}
	return Unreached
}

func cut(s string) string {
	if r := []rune(s); len(r) > mostError {
		return string(r[:mostError]) + "…"
	}
	return s
}

// send posts one message. Any answer of 200 to 299 takes it.
func (s *Service) send(ctx context.Context, h Hook, d *Delivery, now time.Time) (status int, err error) {
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "adamas-webhook/1")
	req.Header.Set("webhook-id", d.ID)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("webhook-signature", Sign(s.secret(h.ID), d.ID, now, d.Body))
	resp, err := s.client.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, mostAnswer))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp.StatusCode, fmt.Errorf("answered %s", resp.Status)
	}
	return resp.StatusCode, nil
}

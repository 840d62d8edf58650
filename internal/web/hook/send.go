package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"adamas.example/internal/store"
)

// Tries are when a delivery is sent again after it failed: the last failure gives it up,
// a little more than three days after the first try.
var Tries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 28 * time.Hour}

// Bounds of one round and one try.
const (
	patience   = 10 * time.Second
	perRound   = 100     // deliveries to one address
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

// Deliver sends what is due: to each address in order, until one fails. It is a job: it
// ends soon, and is ended by its context.
func (s *Service) Deliver(ctx context.Context) error {
	// With its access key an address ends that a program has named itself.
	if err := s.cfg.Store.Write(ctx, s.cfg.Now(), func(tx *store.Tx) error { return end(tx, `until <= $2`, tx.Now()) }); err != nil {
		return err
	}
	all, err := s.List(ctx)
	if err != nil {
		return err
	}
	for _, h := range all {
		if !h.Ended.IsZero() {
			continue
		}
		for range perRound {
			if err := s.next(ctx, h); errors.Is(err, errEnd) {
				break
			} else if err != nil {
				return err
			}
		}
	}
	return s.cfg.Store.Write(ctx, s.cfg.Now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM web_hook_delivery WHERE state <> 'due' AND made < $1`, tx.Now().Add(-keep))
		return err
	})
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
	status, failed := s.send(ctx, h, &d, now)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.Tries, d.Status, d.Error, d.State, d.Next = d.Tries+1, int64(status), "", "delivered", now
	if failed != nil {
		d.Error, d.State = cut(failed.Error()), "due"
		if d.Tries > int64(len(Tries)) {
			d.State = "given_up"
		} else {
			d.Next = now.Add(Tries[d.Tries-1])
		}
		s.cfg.Slog.Warn("a webhook was not delivered", "hook", h.ID, "delivery", d.ID, "try", d.Tries, "status", status, "error", d.Error)
	}
	// The other side has it: that this process is ended now takes that from nobody.
	err := s.cfg.Store.Write(context.WithoutCancel(ctx), now, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE web_hook_delivery SET state = $3, tries = $4, next = $5, last = $6, status = $7, error = $8 WHERE hook = $1 AND seq = $2 AND state = 'due'`,
			d.Hook, d.Seq, d.State, d.Tries, d.Next, now, d.Status, d.Error)
		return err
	})
	if err == nil && d.State == "due" {
		return errEnd
	}
	return err
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

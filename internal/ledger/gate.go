package ledger

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

var errShut = errors.New("ledger: the log is on hold and shows its witnesses nothing")

// gate stands between a log and its witnesses. While it is shut nothing can be
// cosigned, and so nothing is published: Tessera publishes no checkpoint that
// misses its witnesses. It is shut until a Ledger has found database and log in
// agreement, and again while a hold is set: after a restore the log would
// otherwise offer a checkpoint smaller than one that the world has seen.
type gate struct {
	next http.RoundTripper
	size func() int64 // of the log
	open atomic.Bool

	// refused has a token after a witness has refused a checkpoint in a way that
	// only another past of the log explains.
	refused chan struct{}
}

func newGate(client *http.Client) *gate {
	g := &gate{next: client.Transport, size: func() int64 { return 0 }, refused: make(chan struct{}, 1)}
	if g.next == nil {
		g.next = http.DefaultTransport
	}
	return g
}

// RoundTrip passes a request on while the gate is open.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	if !g.open.Load() {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, errShut
	}
	resp, err := g.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusConflict && resp.StatusCode != http.StatusUnprocessableEntity {
		return resp, err
	}
	return resp, g.look(resp)
}

// look reads why a witness refuses (C2SP tlog-witness). 409 with a size no larger
// than ours only says where it stands; a larger one is of entries that we lost, and
// 422 of a tree that is not ours.
func (g *gate) look(resp *http.Response) error {
	const most = 1 << 10
	b, err := io.ReadAll(io.LimitReader(resp.Body, most))
	resp.Body.Close()
	if err != nil {
		return fmt.Errorf("ledger: a witness's refusal: %w", err)
	}
	resp.Body = io.NopCloser(strings.NewReader(string(b)))
	size, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if resp.StatusCode == http.StatusConflict && err == nil && size <= g.size() {
		return nil
	}
	select {
	case g.refused <- struct{}{}:
	default:
	}
	return nil
}

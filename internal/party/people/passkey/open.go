package passkey

import (
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
)

// question is one that is open.
type question struct {
	subject string
	kind    kind
	until   time.Time
	data    webauthn.SessionData
}

type kind int

const (
	registering kind = iota
	signingIn
	asserting
)

// open are the questions of one sort, oldest first. The oldest goes when there are
// too many.
type open struct {
	mu    sync.Mutex
	most  int
	asked map[string]question
	order []string
}

func newOpen(most int) *open { return &open{most: most, asked: make(map[string]question)} }

func (o *open) put(entropy io.Reader, now time.Time, q question) (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(entropy, b); err != nil {
		return "", fmt.Errorf("passkey: %w", err)
	}
	id := hex.EncodeToString(b)
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.order) > 0 && (len(o.order) >= o.most || !o.lives(o.order[0], now)) {
		delete(o.asked, o.order[0])
		o.order = o.order[1:]
	}
	o.asked[id] = q
	o.order = append(o.order, id)
	return id, nil
}

// lives tells whether a question in order has not been answered and has time left.
func (o *open) lives(id string, now time.Time) bool {
	q, ok := o.asked[id]
	return ok && now.Before(q.until)
}

// take gives a question and forgets it, whether it fits or not.
func (o *open) take(id string, k kind, subject string, now time.Time) (webauthn.SessionData, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	q, ok := o.asked[id]
	delete(o.asked, id)
	return q.data, ok && q.kind == k && q.subject == subject && now.Before(q.until)
}

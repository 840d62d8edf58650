package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
)

const (
	// sendTimeout bounds one try: 6 MB at 2G's 100 kbit/s take eight minutes.
	sendTimeout = 15 * time.Minute
	// every is how often Run looks for what is due.
	every = time.Second
	octet = "application/octet-stream"
)

// Run sends what is due and handles what has come, until ctx ends. Nothing waits for
// an office that is slow but what is to go there.
func (o *Office) Run(ctx context.Context) {
	if err := o.rearm(ctx); err != nil && ctx.Err() == nil {
		o.slog.Error("look through the inbox", "error", err)
	}
	var all sync.WaitGroup
	defer all.Wait()
	for {
		o.start(ctx, &all, func(err error) {
			if ctx.Err() == nil {
				o.slog.Error("exchange messages", "error", err)
			}
		})
		select {
		case <-ctx.Done():
			return
		case <-o.kick:
		case <-time.After(every):
		}
	}
}

// rearm lets handlers that are new since the messages came look at them.
func (o *Office) rearm(ctx context.Context) error {
	for k := range o.handlers {
		err := o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE ledger_inbox SET next_at = $3 WHERE state = $1 AND kind = $2 AND next_at IS NULL AND reason IS NULL`, Taken, k, tx.Now())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Round looks once at everything that is due, and comes back when it is done with:
// messages that wait for their signer to become known, messages to be handled,
// messages to be sent over HTTP. What becomes of each stands in its row; the error
// is of this node alone.
func (o *Office) Round(ctx context.Context) (err error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	o.start(ctx, &all, func(failed error) {
		mu.Lock()
		defer mu.Unlock()
		err = errors.Join(err, failed)
	})
	all.Wait()
	return err
}

// start handles what has come, and begins to send to each office that something is
// due for and that is not being sent to.
func (o *Office) start(ctx context.Context, all *sync.WaitGroup, report func(error)) {
	changed, err := o.learned(ctx)
	err = errors.Join(err, o.lookAgain(ctx, changed))
	due, failed := o.waiting(ctx, changed)
	if err = errors.Join(err, failed); err != nil {
		report(err)
	}
	byOffice := map[string][]*Outgoing{}
	for _, m := range due {
		byOffice[m.Message.To] = append(byOffice[m.Message.To], m)
	}
	for to, messages := range byOffice {
		o.sending.Lock()
		busy := o.busy[to]
		o.busy[to] = true
		o.sending.Unlock()
		if busy {
			continue
		}
		all.Go(func() {
			if err := o.sendAll(ctx, messages); err != nil {
				report(err)
			}
			o.sending.Lock()
			delete(o.busy, to)
			o.sending.Unlock()
		})
	}
}

// learned tells whether more is known of keys than at the last look: then what
// waits for a key is looked at without waiting for its time.
func (o *Office) learned(ctx context.Context) (bool, error) {
	if _, err := o.Directory(ctx); err != nil {
		return false, nil // each message that needs it says so
	}
	o.known.Lock()
	defer o.known.Unlock()
	changed := o.looked != o.counted
	o.looked = o.counted
	return changed, ctx.Err()
}

// lookAgain goes through what has come and is not done with.
func (o *Office) lookAgain(ctx context.Context, learned bool) error {
	var due []*Incoming
	err := o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) (err error) {
		due, err = store.Collect(tx, scanIncoming, `SELECT `+inboxColumns+` FROM ledger_inbox
			WHERE next_at <= $1 OR (state = $2 AND $3 = 1) ORDER BY n LIMIT 64`, tx.Now(), Received, learned)
		return err
	})
	if err != nil {
		return err
	}
	for _, in := range due {
		err = errors.Join(err, o.again(ctx, in))
	}
	return err
}

func (o *Office) again(ctx context.Context, in *Incoming) error {
	if in.State == Received {
		plain, err := o.open(ctx, in.raw)
		if err != nil {
			return o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) error { return o.waits(tx, in.Digest, err) })
		}
		// Over HTTP nobody waits for the answer any more: it goes by post.
		got, twice, err := o.take(ctx, in.Digest, plain, Mail)
		if got != nil && got.State == Refused {
			return nil
		}
		if err != nil || twice || got.State != Taken || got.Next.IsZero() {
			return err
		}
	}
	return o.handle(ctx, in.Digest)
}

// sendAll sends an office its messages one after another. When the office does not
// answer, the rest has been tried as well.
func (o *Office) sendAll(ctx context.Context, messages []*Outgoing) error {
	var silent error
	for _, m := range messages {
		err := silent
		if err == nil {
			err = o.deliver(ctx, m)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if fault.Is(err, "exchange.unreachable") {
			silent = err
		}
		if err := o.tried(ctx, m, HTTP, err); err != nil {
			return err
		}
	}
	return nil
}

// deliver posts a message to the other node and reads the acknowledgement in its
// answer. Faults: exchange.no_address; exchange.unreachable, with the seconds to
// wait when the node asks for it; exchange.not_accepted; those of seal.
func (o *Office) deliver(ctx context.Context, m *Outgoing) error {
	p, ok := o.cfg.Peers.For(m.Message.To)
	if !ok || p.Exchange == "" {
		return fault.Unavailable("exchange.no_address", fault.Arg("office", m.Message.To))
	}
	raw, err := o.encrypted(ctx, m)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Exchange, bytes.NewReader(raw))
	if err != nil {
		return fault.Unavailable("exchange.unreachable", fault.Arg("office", m.Message.To), fault.Because(err))
	}
	req.Header.Set("Content-Type", octet)
	req.Header.Set("User-Agent", "adamas")
	resp, err := o.cfg.Client.Do(req)
	if err != nil {
		return fault.Unavailable("exchange.unreachable", fault.Arg("office", m.Message.To), fault.Because(err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, MaxRaw+1))
	switch {
	case err != nil:
		return fault.Unavailable("exchange.unreachable", fault.Arg("office", m.Message.To), fault.Because(err))
	case resp.StatusCode == http.StatusAccepted:
		return nil // it may have it; the acknowledgement comes by itself, or we ask again
	case resp.StatusCode == http.StatusOK:
		return o.readAnswer(ctx, m, answer)
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return fault.Unavailable("exchange.unreachable", fault.Arg("office", m.Message.To), fault.Because(errors.New(resp.Status)))
	}
	return fault.Invalid("exchange.not_accepted", fault.Arg("office", m.Message.To), fault.Arg("status", strconv.Itoa(resp.StatusCode)))
}

// readAnswer takes the acknowledgement that came as an answer. One that is none is
// as good as no answer: whoever answered was not the office.
func (o *Office) readAnswer(ctx context.Context, m *Outgoing, raw []byte) error {
	plain, err := o.open(ctx, raw)
	if err != nil {
		return fault.Unavailable("exchange.no_answer", fault.Arg("office", m.Message.To), fault.Because(err))
	}
	ack, _, err := o.judge(ctx, plain)
	if err == nil && (ack.Kind != message.Acknowledgement || ack.From != m.Message.To || ack.Answers != m.Message.ID) {
		err = errors.New("it acknowledges something else")
	}
	if err != nil {
		return fault.Unavailable("exchange.no_answer", fault.Arg("office", m.Message.To), fault.Because(err))
	}
	now := o.cfg.Now()
	return o.store.Write(ctx, now, func(tx *store.Tx) error {
		if _, err := tx.Exec(`UPDATE ledger_outbox SET sent_at = COALESCE(sent_at, $2), carrier = $3 WHERE id = $1`, m.Message.ID, now, HTTP); err != nil {
			return err
		}
		_, err := acknowledge(tx, ack.From, ack.Answers)
		return err
	})
}

// acknowledgement makes the answer to a message that came over HTTP. Its id is made
// from that of the message, so that two answers to one message are one.
func (o *Office) acknowledgement(ctx context.Context, m *message.Message) ([]byte, error) {
	sum := canonical.Sum(append([]byte("adamas acknowledgement\n"+m.From+"\n"), m.ID[:]...))
	ack := &message.Message{Version: message.Version, ID: message.ID(sum[:16]), From: o.cfg.Office, To: m.From, Time: o.cfg.Now().Unix(),
		Kind: message.Acknowledgement, Synthetic: o.cfg.Synthetic, Answers: m.ID}
	payload, err := ack.Encode()
	if err != nil {
		return nil, err
	}
	signature, err := o.sign(ctx, payload)
	if err != nil {
		return nil, err
	}
	signed, err := message.Join(payload, signature)
	if err != nil {
		return nil, err
	}
	return o.seal(ctx, m.From, signed)
}

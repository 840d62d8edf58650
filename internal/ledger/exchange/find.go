package exchange

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// leastTyped is how many hexadecimal digits of an id people must type.
const leastTyped = 6

// Find gives the message whose id begins with what was typed: one of the outbox, or
// one of the inbox; of one that was not taken the digest of its ciphertext stands
// for the id. Faults: exchange.id_form, exchange.unknown_message,
// exchange.ambiguous.
func (o *Office) Find(ctx context.Context, typed string) (out *Outgoing, in *Incoming, err error) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	whole, bad := hex.DecodeString(typed[:len(typed)&^1])
	if bad != nil || len(typed) < leastTyped || len(typed) > 64 {
		return nil, nil, fault.Usage("exchange.id_form", fault.At("ID"), fault.Text(typed), fault.Arg("least", leastTyped))
	}
	low, high := whole, append(bytes.Clone(whole), bytes.Repeat([]byte{0xff}, 32-len(whole)+1)...)
	var sent []*Outgoing
	var came []*Incoming
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) (err error) {
		if sent, err = store.Collect(tx, scanOutgoing, `SELECT `+outboxColumns+` FROM ledger_outbox WHERE id >= $1 AND id <= $2 ORDER BY n LIMIT 64`, low, high); err != nil {
			return err
		}
		came, err = store.Collect(tx, scanIncoming, `SELECT `+inboxColumns+` FROM ledger_inbox
			WHERE (id >= $1 AND id <= $2) OR (id IS NULL AND digest >= $1 AND digest <= $2) ORDER BY n LIMIT 64`, low, high)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	found := 0
	for _, m := range sent {
		if strings.HasPrefix(m.Message.ID.String(), typed) {
			out, found = m, found+1
		}
	}
	for _, m := range came {
		if strings.HasPrefix(m.ID(), typed) {
			in, found = m, found+1
		}
	}
	switch {
	case found == 0:
		return nil, nil, fault.NotFound("exchange.unknown_message", fault.Text(typed))
	case found > 1:
		return nil, nil, fault.Usage("exchange.ambiguous", fault.At("ID"), fault.Text(typed))
	}
	return out, in, nil
}

// ID is how people name the message: its own id, or before it is taken the digest
// of its ciphertext.
func (in *Incoming) ID() string {
	if in.Message != nil {
		return in.Message.ID.String()
	}
	return in.Digest.String()
}

package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"adamas.example/internal/fault"
	"adamas.example/verify/message"
	"adamas.example/verify/trust"
)

// header begins every encrypted message (age-encryption.org/v1).
const header = "age-encryption.org/v1\n"

// MaxRaw bounds an encrypted message in bytes: 16 are added to each 64 KiB, and a
// header for one recipient.
const MaxRaw = message.MaxSize + message.MaxSize/4096 + 4096

// seal encrypts a signed message to the key that the other office's authority
// names. Faults: exchange.no_recipient while none is known; exchange.bad_recipient.
func (o *Office) seal(ctx context.Context, to string, signed []byte) ([]byte, error) {
	d, err := o.Directory(ctx)
	if err != nil {
		return nil, err
	}
	text, err := d.Recipient(to, o.cfg.Now().Unix())
	if err != nil {
		return nil, fault.Unavailable("exchange.no_recipient", fault.Arg("office", to), fault.Because(err))
	}
	r, err := age.ParseX25519Recipient(text)
	if err != nil {
		return nil, fault.Invalid("exchange.bad_recipient", fault.Arg("office", to), fault.Because(err))
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err != nil {
		return nil, fmt.Errorf("exchange: encrypting: %w", err)
	}
	if _, err := w.Write(signed); err != nil {
		return nil, fmt.Errorf("exchange: encrypting: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("exchange: encrypting: %w", err)
	}
	return b.Bytes(), nil
}

// open decrypts what was encrypted to a message key of this office. Faults:
// exchange.too_large, exchange.not_a_message, exchange.not_for_us,
// exchange.no_message_key, and those of the keys.
func (o *Office) open(ctx context.Context, raw []byte) ([]byte, error) {
	if len(raw) > MaxRaw {
		return nil, fault.TooLarge("exchange.too_large", fault.Arg("most", MaxRaw>>20))
	}
	if !strings.HasPrefix(string(raw[:min(len(raw), len(header))]), header) {
		return nil, fault.Invalid("exchange.not_a_message")
	}
	ids, err := o.keys(ctx)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(raw), ids...)
	if err != nil {
		return nil, fault.Invalid("exchange.not_for_us", fault.Arg("office", o.cfg.Office), fault.Because(err))
	}
	plain, err := io.ReadAll(io.LimitReader(r, message.MaxSize+1))
	if err != nil {
		return nil, fault.Invalid("exchange.not_for_us", fault.Arg("office", o.cfg.Office), fault.Because(err))
	}
	if len(plain) > message.MaxSize {
		return nil, fault.TooLarge("exchange.too_large", fault.Arg("most", message.MaxSize>>20))
	}
	return plain, nil
}

func (o *Office) keys(ctx context.Context) ([]age.Identity, error) {
	o.opening.Lock()
	defer o.opening.Unlock()
	if o.identities == nil {
		ids, err := o.cfg.Identities(ctx)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, fault.NotFound("exchange.no_message_key", fault.Arg("office", o.cfg.Office))
		}
		o.identities = ids
	}
	return o.identities, nil
}

// judge holds a decrypted message against everything known here. The second result
// tells whether following logs may change the answer: then the message waits.
//
// Faults: exchange.unreadable, other_addressee, synthetic_differs, sender_unknown
// (curable), false_signature, other_office, key_use, key_time, key_revoked.
func (o *Office) judge(ctx context.Context, plain []byte) (m *message.Signed, curable bool, err error) {
	m, err = message.Parse(plain)
	if err != nil {
		return nil, false, fault.Invalid("exchange.unreadable", fault.Arg("why", err.Error()), fault.Because(err))
	}
	switch {
	case m.To != o.cfg.Office:
		return nil, false, fault.Forbidden("exchange.other_addressee", fault.Arg("sender", m.From), fault.Arg("office", m.To))
	case m.Synthetic != o.cfg.Synthetic:
		return nil, false, fault.Forbidden("exchange.synthetic_differs", fault.Arg("sender", m.From))
	}
	d, err := o.Directory(ctx)
	if err != nil {
		return nil, true, err
	}
	_, err = d.Sender(m.Signature, m.Payload, m.From, m.Time)
	key := m.Signature.KeyID.String()
	switch {
	case err == nil:
		return m, false, nil
	case errors.Is(err, trust.ErrUnknownKey):
		return nil, true, fault.Unproven("exchange.sender_unknown", fault.Arg("sender", m.From), fault.Arg("key", key), fault.Because(err))
	case errors.Is(err, trust.ErrSignature):
		return nil, false, fault.Forbidden("exchange.false_signature", fault.Arg("sender", m.From), fault.Because(err))
	case errors.Is(err, trust.ErrUse):
		return nil, false, fault.Forbidden("exchange.key_use", fault.Arg("sender", m.From), fault.Arg("key", key), fault.Because(err))
	case errors.Is(err, trust.ErrKeyTime):
		return nil, false, fault.Forbidden("exchange.key_time", fault.Arg("sender", m.From), fault.Arg("key", key), fault.Because(err))
	case errors.Is(err, trust.ErrRevoked):
		return nil, false, fault.Forbidden("exchange.key_revoked", fault.Arg("sender", m.From), fault.Arg("key", key), fault.Because(err))
	}
	return nil, false, fault.Forbidden("exchange.other_office", fault.Arg("sender", m.From), fault.Arg("key", key), fault.Because(err))
}

package witness

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/verify/policy"
)

// cosigner makes cosignature/v1 lines. It holds the only reference to the
// signer; it does not know whether anything has been persisted, so only entry
// calls it.
type cosigner struct {
	name   string
	vkey   string
	id     uint32
	public ed25519.PublicKey
	signer crypto.Signer
}

func newCosigner(name string, signer crypto.Signer) (*cosigner, error) {
	if signer == nil {
		return nil, fault.Invalid("witness.signer", fault.Because(errors.New("no signer")))
	}
	public, ok := signer.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fault.Invalid("witness.signer", fault.Because(fmt.Errorf("key of type %T, not Ed25519", signer.Public())))
	}
	vkey, err := VKey(name, public)
	if err != nil {
		return nil, err
	}
	return &cosigner{
		name: name, vkey: vkey, public: public, signer: signer,
		id: policy.WitnessVKey(name, public).Hash,
	}, nil
}

// line signs the text of a checkpoint for a time (tlog-cosignature, "Ed25519
// signed message") and returns the signature line with its newline. The
// signature is verified before it leaves: a broken or wrong agent must not make
// a log carry a line that nobody can verify.
func (c *cosigner) line(text string, unix int64) (string, error) {
	message := policy.CosignatureMessage(text, unix)
	signature, err := c.signer.Sign(rand.Reader, message, crypto.Hash(0))
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	if !ed25519.Verify(c.public, message, signature) {
		return "", errors.New("the signer returned a signature that does not verify")
	}
	blob := binary.BigEndian.AppendUint32(nil, c.id)
	blob = binary.BigEndian.AppendUint64(blob, uint64(unix))
	blob = append(blob, signature...)
	return fmt.Sprintf("— %s %s\n", c.name, base64.StdEncoding.EncodeToString(blob)), nil
}

// clock gives times for cosignatures that never go back, over all logs of the
// witness. It reads the caller's clock under its own lock: two requests that
// read it before would look like a clock going back.
type clock struct {
	now  func() time.Time
	mu   sync.Mutex
	last int64 // latest time given out or found in a state file; under mu
}

// errClock: the time is behind the last cosignature, or before 1970.
type errClock struct{ now, last int64 }

func (e *errClock) Error() string {
	return fmt.Sprintf("the clock shows %s, the last cosignature was made at %s",
		time.Unix(e.now, 0).UTC().Format(time.RFC3339), time.Unix(e.last, 0).UTC().Format(time.RFC3339))
}

func (c *clock) next() (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().Unix()
	if now <= 0 || now < c.last {
		return 0, &errClock{now: now, last: c.last}
	}
	c.last = now
	return now, nil
}

// seen tells the clock of a cosignature made before this process began.
func (c *clock) seen(unix int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, unix)
}

package proof

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"adamas.example/internal/fault"
)

// Cost is what one password costs to reckon.
type Cost struct {
	Memory uint32 // KiB
	Time   uint32 // passes
	Lanes  uint8
}

// OfficeCost is OWASP's first choice for argon2id (Password Storage Cheat Sheet):
// 19 MiB, two passes, one lane. More would be too slow on the PCs of small offices.
func OfficeCost() Cost { return Cost{Memory: 19 * 1024, Time: 2, Lanes: 1} }

// most bounds what a stored text may ask for: it is our own, and still data.
func (c Cost) sane() bool {
	return c.Memory >= 8 && c.Memory <= 1<<20 && c.Time >= 1 && c.Time <= 20 && c.Lanes >= 1 && c.Lanes <= 8
}

const (
	saltSize = 16
	hashSize = 32
)

// Hasher reckons passwords, few at a time.
type Hasher struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int64
	most    int64
	nobody  string // the text that stands for a login that is not there
}

// NewHasher makes one that reckons so many at once and lets so many wait.
func NewHasher(c Cost, atOnce, waiting int) (*Hasher, error) {
	if !c.sane() || atOnce < 1 || waiting < 0 {
		return nil, fmt.Errorf("proof: cost %+v, %d at once", c, atOnce)
	}
	h := &Hasher{cost: c, slots: make(chan struct{}, atOnce), most: int64(atOnce + waiting)}
	h.nobody = phc(c, make([]byte, saltSize), make([]byte, hashSize))
	return h, nil
}

// turn waits until a password may be reckoned. Fault: people.busy.
func (h *Hasher) turn(ctx context.Context) (done func(), err error) {
	if h.waiting.Add(1) > h.most {
		h.waiting.Add(-1)
		return nil, fault.Busy("people.busy")
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.waiting.Add(-1) }, nil
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, context.Cause(ctx)
	}
}

// prepared makes one text of what keyboards spell in several ways (NIST SP 800-63B
// §5.1.1.2: NFKC).
func prepared(password string) []byte { return []byte(norm.NFKC.String(password)) }

// Hash makes the text to store. The password has been checked (CheckPassword).
func (h *Hasher) Hash(ctx context.Context, entropy io.Reader, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(entropy, salt); err != nil {
		return "", fmt.Errorf("proof: %w", err)
	}
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return phc(h.cost, salt, argon2.IDKey(prepared(password), salt, h.cost.Time, h.cost.Memory, h.cost.Lanes, hashSize)), nil
}

// Verify tells whether the password is that of the stored text, and whether the
// text should be made anew since the cost has changed. An empty text is that of
// nobody: it takes as long, and is never right.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (ok, renew bool, err error) {
	text := stored
	if text == "" || len(password) > longest {
		text = h.nobody
	}
	c, salt, want, err := parsePHC(text)
	if err != nil {
		return false, false, err
	}
	if len(password) > longest {
		password = ""
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	got := argon2.IDKey(prepared(password), salt, c.Time, c.Memory, c.Lanes, uint32(len(want)))
	same := subtle.ConstantTimeCompare(got, want) == 1
	ok = same && text == stored
	return ok, ok && c != h.cost, nil
}

// phc writes the PHC string format
// (github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
func phc(c Cost, salt, hash []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Lanes, enc.EncodeToString(salt), enc.EncodeToString(hash))
}

// parsePHC reads what phc wrote, and nothing else.
func parsePHC(text string) (c Cost, salt, hash []byte, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 {
		return c, nil, nil, fmt.Errorf("proof: a stored password has %d parts", len(parts))
	}
	_, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Lanes)
	if err == nil {
		salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	}
	if err == nil {
		hash, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err == nil && (!c.sane() || len(hash) != hashSize || phc(c, salt, hash) != text) {
		err = fmt.Errorf("not in the form that is written here")
	}
	if err != nil {
		return c, nil, nil, fmt.Errorf("proof: a stored password: %w", err)
	}
	return c, salt, hash, nil
}

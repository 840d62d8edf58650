package witness

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// Answer is what one witness of a policy says of a log.
type Answer struct {
	Label  string
	Pillar policy.Pillar // 0 when it stands in none of the three groups
	URL    string
	Size   int64
	// Checkpoint is what it has cosigned, signed by the log; nil when the size is
	// only its word, or when it has cosigned nothing.
	Checkpoint *policy.Checkpoint
	Err        error // why it did not answer; a fault of Client.LatestSize
}

// Report is what the witnesses of a policy say of a log, in the policy's order.
type Report struct {
	Policy  *policy.Policy
	Answers []Answer
}

// Ask asks every witness of a policy, side by side, for the largest size of the
// log it has cosigned. key is the log's, for the probe that Client.LatestSize
// describes; nil asks without one. Witnesses that do not answer stand in the
// report with the reason. Time limits are the context's and the client's.
func Ask(ctx context.Context, key note.Signer, pol *policy.Policy, client *http.Client) (Report, error) {
	verifier, err := note.NewVerifier(pol.Log.String())
	if err != nil {
		return Report{}, fmt.Errorf("witness: the policy's log key: %w", err)
	}
	var probe []byte
	if key != nil {
		if probe, err = emptyCheckpoint(key); err != nil {
			return Report{}, fmt.Errorf("witness: the probe: %w", err)
		}
	}
	r := Report{Policy: pol, Answers: make([]Answer, len(pol.Witnesses))}
	var all sync.WaitGroup
	for i, w := range pol.Witnesses {
		a := &r.Answers[i]
		a.Label, a.URL = w.Label, w.URL
		a.Pillar, _ = pol.PillarOf(w.Label)
		all.Go(func() { a.ask(ctx, Client{URL: w.URL, HTTP: client}, w.Key, pol.Log.Name, verifier, probe) })
	}
	all.Wait()
	return r, ctx.Err()
}

func (a *Answer) ask(ctx context.Context, c Client, own policy.VKey, origin string, key note.Verifier, probe []byte) {
	var text []byte
	if a.Size, text, a.Err = c.LatestSize(ctx, origin, key, probe); a.Err != nil || text == nil {
		return
	}
	if a.Checkpoint, a.Err = policy.ParseCheckpoint(string(text)); a.Err == nil && !cosignedBy(a.Checkpoint, own) {
		// An address that leads to another witness must not count as this one.
		a.Checkpoint, a.Err = nil, c.fault(fault.Unavailable, "witness.answer", errors.New("not cosigned with the witness's key"))
	}
}

// cosignedBy tells whether a witness's own cosignature is on a checkpoint (C2SP
// tlog-cosignature: 8 bytes of time, then Ed25519).
func cosignedBy(c *policy.Checkpoint, own policy.VKey) bool {
	for _, l := range c.Lines {
		if l.Name == own.Name && l.Hash == own.Hash && len(l.Sig) == 8+ed25519.SignatureSize {
			return ed25519.Verify(own.Public, policy.CosignatureMessage(c.Body(), int64(binary.BigEndian.Uint64(l.Sig))), l.Sig[8:])
		}
	}
	return false
}

// emptyCheckpoint is the log's checkpoint of size 0, which contradicts nothing.
func emptyCheckpoint(key note.Signer) ([]byte, error) {
	text := key.Name() + "\n0\n" + tlog.Hash(canonical.Sum(nil)).String() + "\n"
	return note.Sign(&note.Note{Text: text}, key)
}

// Largest is the answer with the largest size, one with a signed checkpoint
// before one without; ok is false when nobody has answered.
func (r Report) Largest() (largest Answer, ok bool) {
	for _, a := range r.Answers {
		if a.Err == nil && (!ok || a.Size > largest.Size || a.Size == largest.Size && largest.Checkpoint == nil) {
			largest, ok = a, true
		}
	}
	return largest, ok
}

// Silent are the labels of those who have not answered.
func (r Report) Silent() (labels []string) {
	for _, a := range r.Answers {
		if a.Err != nil {
			labels = append(labels, a.Label)
		}
	}
	return labels
}

// Binding tells whether the answers are enough to go by: of every pillar somebody
// has answered, and those who are silent could not have satisfied the policy
// among themselves. Else they may have witnessed a longer log than any of the
// others has seen: with "any of two" in every pillar there are quorums that have
// no witness in common.
func (r Report) Binding() bool {
	spoken := map[policy.Pillar]bool{}
	for _, a := range r.Answers {
		if a.Err == nil {
			spoken[a.Pillar] = true
		}
	}
	for _, p := range policy.Pillars {
		if !spoken[p] {
			return false
		}
	}
	return !r.Policy.Met(r.Silent()...)
}

// Standing is what the answers say of our copy of a log.
type Standing int

// From best to worst.
const (
	Agrees Standing = iota // all that witnesses have cosigned is in our copy
	Behind                 // a witness has seen a longer log
	Forked                 // a witness has cosigned another log of this name
)

// Compare holds the answers against our copy, which has size entries and gives
// its root at any size up to that. Silence is no disagreement: see Binding.
func (r Report) Compare(size int64, rootAt func(size int64) (canonical.Hash, error)) (Standing, error) {
	worst := Agrees
	for _, a := range r.Answers {
		switch {
		case a.Err != nil:
		case a.Size > size:
			worst = max(worst, Behind)
		case a.Checkpoint != nil:
			root, err := rootAt(a.Size)
			if err != nil {
				return worst, err
			}
			if root != a.Checkpoint.Root {
				worst = Forked
			}
		}
	}
	return worst, nil
}

package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// NewRoot gives the payload of the next version of the root document: what the
// pillars sign. r's Version and Prev are set here, from the chain it follows
// (nil for version 1). Faults: keyring.unsignable for a root that nobody could
// believe, root_broken_chain for one that cannot follow.
func NewRoot(chain *trust.Chain, r trust.Root) ([]byte, error) {
	r.Version, r.Prev = 1, canonical.Hash{}
	if chain != nil {
		r.Version = chain.Current().Version + 1
		r.Prev = chain.Fingerprints[len(chain.Fingerprints)-1]
	}
	if err := follows(chain, &r); err != nil {
		return nil, err
	}
	payload, err := r.Encode()
	if err != nil {
		return nil, unsignable(err)
	}
	return payload, nil
}

// SignRoot gives a pillar's detached signature of a root's payload, after the
// checks that the pillar would want made: the payload is a whole root document
// that follows the chain the pillar believes, it has not expired at the time
// `at`, and the key has a say in it, in this version or the one before. Faults:
// keyring.unsignable, root_broken_chain, root_expired, root_not_named, and those
// of Sign.
func SignRoot(ctx context.Context, s *Signer, chain *trust.Chain, payload []byte, at time.Time) ([]byte, error) {
	r, err := readRoot(chain, payload, at)
	if err != nil {
		return nil, err
	}
	if !names(r, s.key) && (chain == nil || !names(chain.Current(), s.key)) {
		return nil, fault.Forbidden("keyring.root_not_named", fault.Arg("key", s.ID().String()), fault.Arg("version", r.Version))
	}
	u, err := trust.UnsignedRoot(s.key, payload)
	if err != nil {
		return nil, fmt.Errorf("framing a root: %w", err)
	}
	return s.Sign(ctx, u)
}

// AssembleRoot joins a payload and the signatures gathered, and gives the signed
// root only if every verifier that holds earlier (the signed roots before it,
// version 1 first) would accept it: thresholds of both versions reached, every
// signature true and of a named key, not expired at `at`. Faults: those of
// SignRoot about the payload; keyring.root_refused with the reason.
func AssembleRoot(earlier [][]byte, payload []byte, signatures [][]byte, at time.Time) ([]byte, error) {
	var chain *trust.Chain
	if len(earlier) > 0 {
		var err error
		if chain, err = trust.ParseChain(earlier, canonical.Hash{}); err != nil {
			return nil, rootRefused(err)
		}
	}
	if _, err := readRoot(chain, payload, at); err != nil {
		return nil, err
	}
	signed, err := trust.Assemble(payload, signatures)
	if err != nil {
		return nil, rootRefused(err)
	}
	if _, err := trust.ParseChain(append(slices.Clone(earlier), signed), canonical.Hash{}); err != nil {
		return nil, rootRefused(err)
	}
	return signed, nil
}

func readRoot(chain *trust.Chain, payload []byte, at time.Time) (*trust.Root, error) {
	r, err := decodeRoot(payload)
	if err != nil {
		return nil, unsignable(err)
	}
	if err := follows(chain, r); err != nil {
		return nil, err
	}
	if at.Unix() >= r.Expires {
		return nil, fault.Invalid("keyring.root_expired", fault.Arg("version", r.Version),
			fault.Arg("expires", time.Unix(r.Expires, 0).UTC()))
	}
	return r, nil
}

// follows tells whether r can be the next version after chain. trust.ParseChain
// judges the same of what has been signed; here it is judged before.
func follows(chain *trust.Chain, r *trust.Root) error {
	var reason error
	switch {
	case chain == nil && r.Version != 1:
		reason = fmt.Errorf("version %d, and no chain before it", r.Version)
	case chain == nil:
		return nil
	case r.Version != chain.Current().Version+1:
		reason = fmt.Errorf("version %d after version %d", r.Version, chain.Current().Version)
	case r.Prev != chain.Fingerprints[len(chain.Fingerprints)-1]:
		reason = errors.New("prev names another document")
	case r.Issued < chain.Current().Issued:
		reason = errors.New("issued before its predecessor")
	case r.Synthetic != chain.Current().Synthetic:
		reason = errors.New("changes between SYNTHETIC and real")
	default:
		return nil
	}
	return fault.Invalid("keyring.root_broken_chain", fault.Arg("version", r.Version),
		fault.Arg("reason", reason.Error()), fault.Because(reason))
}

func names(r *trust.Root, key statement.Key) bool {
	thumb := key.Thumbprint()
	return slices.ContainsFunc(r.Keys, func(k trust.RootKey) bool { return k.Key.Thumbprint() == thumb })
}

func rootRefused(err error) error {
	return fault.Invalid("keyring.root_refused", fault.Arg("reason", err.Error()), fault.Because(err))
}

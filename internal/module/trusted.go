package module

import (
	"encoding/hex"
	"errors"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
)

const (
	// mostPack bounds a pack in bytes: the leaf hashes of 20 years of the world's
	// certificates, and the statements about them.
	mostPack   = 1 << 30
	mostPolicy = 1 << 20
)

// ReadPack reads the pack that a person has named and verifies it whole. pin, when
// not zero, is the fingerprint of a root document that it must hold. Faults: those
// of ReadFile; module.pack_refused, whose reason is in English.
func ReadPack(field, path string, pin canonical.Hash) (*pack.Pack, error) {
	b, err := ReadFile(field, path, mostPack)
	if err != nil {
		return nil, err
	}
	p, err := pack.Parse(b, pin)
	if err != nil {
		return nil, fault.Invalid("module.pack_refused", fault.At(field), fault.File(path), fault.Arg("why", err.Error()), fault.Because(err))
	}
	return p, nil
}

// ReadPolicy reads a C2SP tlog-policy and gives its text too. Faults: those of
// ReadFile; module.policy_refused, whose reason is in English.
func ReadPolicy(field, path string) (*policy.Policy, string, error) {
	b, err := ReadFile(field, path, mostPolicy)
	if err != nil {
		return nil, "", err
	}
	p, err := policy.Parse(string(b))
	if err != nil {
		line, why := 0, err.Error()
		if f, ok := errors.AsType[*policy.Fault](err); ok {
			line, why = f.Line, f.Reason+"; "+f.Remedy
		}
		return nil, "", fault.Invalid("module.policy_refused", fault.At(field), fault.File(path), fault.Record(line), fault.Arg("why", why), fault.Because(err))
	}
	return p, string(b), nil
}

// ReadFingerprint reads the fingerprint of a root document as people write it: 64
// hexadecimal digits, in groups or not; zero for "". Fault module.fingerprint.
func ReadFingerprint(field, typed string) (h canonical.Hash, err error) {
	if typed == "" {
		return h, nil
	}
	raw, err := hex.DecodeString(strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ":", "").Replace(typed))
	if len(raw) == len(h) {
		copy(h[:], raw)
	}
	if err != nil || h.IsZero() { // zero would mean that none is asked for
		return h, fault.Usage("module.fingerprint", fault.At(field), fault.Text(typed), fault.Because(err))
	}
	return h, nil
}

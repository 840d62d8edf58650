package setup

import (
	"bytes"
	"path/filepath"
	"slices"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

const mostRoot = 4 << 20

// takePolicyFile reads a file for TakePolicy. Faults also those of module.ReadFile.
func (o *Office) takePolicyFile(file string) error {
	_, text, err := module.ReadPolicy("--policy", file)
	if err != nil {
		return err
	}
	return fault.Locate(o.TakePolicy(text), fault.At("--policy"), fault.File(file))
}

// TakePolicy puts the witness policy in its place. It must be of this office's register
// and name its key. Faults setup.policy_refused, setup.policy_other_log,
// module.file_exists.
func (o *Office) TakePolicy(text string) error {
	p, err := policy.Parse(text)
	if err != nil {
		return fault.Invalid("setup.policy_refused", fault.Arg("why", err.Error()), fault.Because(err))
	}
	if p.Log.String() != o.Log.VKey {
		return fault.Invalid("setup.policy_other_log", fault.Arg("origin", o.Config.Origin))
	}
	return module.WriteNew("--policy", o.Config.PolicyPath(o.Dir), []byte(text), 0o644)
}

// takeRootFiles reads files for TakeRoots. Faults also those of module.ReadFile.
func (o *Office) takeRootFiles(files []string, typed string) error {
	var signed [][]byte
	for _, file := range files {
		b, err := module.ReadFile("--root", file, mostRoot)
		if err != nil {
			return err
		}
		signed = append(signed, b)
	}
	return o.TakeRoots(signed, typed)
}

// Fingerprint reads root documents, version 1 first, and gives the newest one's
// fingerprint, to be compared with what came another way. Fault keyring.root_refused.
func Fingerprint(signed [][]byte) (canonical.Hash, *trust.Root, error) {
	chain, err := trust.ParseChain(signed, canonical.Hash{})
	if err != nil {
		return canonical.Hash{}, nil, fault.Invalid("keyring.root_refused", fault.At("--root"), fault.Arg("reason", err.Error()), fault.Because(err))
	}
	return chain.Fingerprints[len(chain.Fingerprints)-1], chain.Current(), nil
}

// TakeRoots puts root documents in their place, version 1 first. Faults
// setup.fingerprint (which says it, and takes nothing), setup.root_without,
// setup.root_other, those of keyring and module.
func (o *Office) TakeRoots(signed [][]byte, typed string) error {
	newest, root, err := Fingerprint(signed)
	if err != nil {
		return err
	}
	want, err := module.ReadFingerprint("--fingerprint", typed)
	if err != nil {
		return err
	}
	if want != newest {
		return fault.Invalid("setup.fingerprint", fault.At("--fingerprint"), fault.Arg("fingerprint", newest.String()))
	}
	if err := o.belongs(root); err != nil {
		return err
	}
	have, err := keyring.ReadRoots(filepath.Join(o.Dir, node.RootFolder))
	if err != nil && !fault.Is(err, "keyring.root_missing") {
		return err
	}
	for i, b := range signed {
		if i < len(have) {
			if !bytes.Equal(have[i], b) {
				return fault.Conflict("setup.root_other", fault.At("--root"), fault.File(filepath.Join(o.Dir, node.RootFolder, keyring.RootFile(i+1))))
			}
			continue
		}
		if err := node.WriteFile(filepath.Join(o.Dir, node.RootFolder, keyring.RootFile(i+1)), b); err != nil {
			return err
		}
	}
	return nil
}

// belongs asks whether the scheme knows this office's Participant and register.
func (o *Office) belongs(r *trust.Root) error {
	code := string(ident.OfficeID(o.Config.Office).Participant())
	known := slices.ContainsFunc(r.Participants, func(p trust.Participant) bool {
		return p.Code == code && (p.Fallback == o.Config.Origin || slices.ContainsFunc(p.Homes, func(h trust.Home) bool { return h.Origin == o.Config.Origin }))
	})
	if !known || r.Synthetic != o.Config.Synthetic {
		return fault.Invalid("setup.root_without", fault.At("--root"), fault.Arg("participant", code), fault.Arg("origin", o.Config.Origin))
	}
	return nil
}

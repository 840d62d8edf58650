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
	"adamas.example/verify/trust"
)

const mostRoot = 4 << 20

// takePolicy puts the witness policy in its place. It must be of this office's register
// and name its key. Faults module.policy_refused, setup.policy_other_log,
// module.file_exists.
func (o *office) takePolicy(file string) error {
	p, text, err := module.ReadPolicy("--policy", file)
	if err != nil {
		return err
	}
	if p.Log.String() != o.log.VKey {
		return fault.Invalid("setup.policy_other_log", fault.At("--policy"), fault.File(file), fault.Arg("origin", o.config.Origin))
	}
	return module.WriteNew("--policy", o.config.PolicyPath(o.dir), []byte(text), 0o644)
}

// takeRoots puts root documents in their place, version 1 first. Faults
// setup.fingerprint (which says it, and takes nothing), setup.root_without,
// setup.root_other, those of keyring and module.
func (o *office) takeRoots(files []string, typed string) error {
	var signed [][]byte
	for _, file := range files {
		b, err := module.ReadFile("--root", file, mostRoot)
		if err != nil {
			return err
		}
		signed = append(signed, b)
	}
	chain, err := trust.ParseChain(signed, canonical.Hash{})
	if err != nil {
		return fault.Invalid("keyring.root_refused", fault.At("--root"), fault.Arg("reason", err.Error()), fault.Because(err))
	}
	newest := chain.Fingerprints[len(chain.Fingerprints)-1]
	want, err := module.ReadFingerprint("--fingerprint", typed)
	if err != nil {
		return err
	}
	if want != newest {
		return fault.Invalid("setup.fingerprint", fault.At("--fingerprint"), fault.Arg("fingerprint", newest.String()))
	}
	if err := o.belongs(chain.Current()); err != nil {
		return err
	}
	have, err := keyring.ReadRoots(filepath.Join(o.dir, node.RootFolder))
	if err != nil && !fault.Is(err, "keyring.root_missing") {
		return err
	}
	for i, b := range signed {
		if i < len(have) {
			if !bytes.Equal(have[i], b) {
				return fault.Conflict("setup.root_other", fault.At("--root"), fault.File(filepath.Join(o.dir, node.RootFolder, keyring.RootFile(i+1))))
			}
			continue
		}
		if err := node.WriteFile(filepath.Join(o.dir, node.RootFolder, keyring.RootFile(i+1)), b); err != nil {
			return err
		}
	}
	return nil
}

// belongs asks whether the scheme knows this office's Participant and register.
func (o *office) belongs(r *trust.Root) error {
	code := string(ident.OfficeID(o.config.Office).Participant())
	known := slices.ContainsFunc(r.Participants, func(p trust.Participant) bool {
		return p.Code == code && (p.Fallback == o.config.Origin || slices.ContainsFunc(p.Homes, func(h trust.Home) bool { return h.Origin == o.config.Origin }))
	})
	if !known || r.Synthetic != o.config.Synthetic {
		return fault.Invalid("setup.root_without", fault.At("--root"), fault.Arg("participant", code), fault.Arg("origin", o.config.Origin))
	}
	return nil
}

// Package trial gives one office a made-up scheme of its own: bodies of the three
// pillars that sign a root document, a witness of each, an authority that appoints and
// allots. Everything in it says SYNTHETIC, for ever, and it lies in the office's own
// folder: for trying, and for teaching a counter, on one computer without a network.
//
// Invariants:
//   - A trial is never mixed with a real office: its keys are of the demonstration's kind,
//     which an office that is not SYNTHETIC refuses.
//   - The witnesses listen on this computer alone and run while the office is served.
//   - Make writes no node.toml: until its caller does, there is no node.
//
// It may import everything that app may.
package trial

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"adamas.example/internal/app/demo"
	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

const (
	bodiesFolder    = "bodies"
	witnessesFolder = "witnesses"
	keyName         = "witness"
	authorityKey    = "authority"
	lasts           = 366 * 24 * time.Hour
)

// Make makes the scheme around an office and the office's own keys: everything but
// node.toml. What an earlier call that was cut off has left is made anew. Faults:
// setup.folder_taken, those of setup.MakeKeys.
func Make(ctx context.Context, dir string, c node.Config, now time.Time) error {
	if err := clear(ctx, dir); err != nil {
		return err
	}
	if err := setup.MakeKeys(ctx, dir, c, setup.Locks{}, now); err != nil {
		return err
	}
	ring, err := keyring.Open(filepath.Join(dir, node.KeysFolder), keyring.Demonstration())
	if err != nil {
		return err
	}
	log, err := ring.Card(node.LogKey)
	if err != nil {
		return err
	}
	authority, err := newKey(ctx, filepath.Join(dir, setup.AuthorityFolder), keyring.Spec{Name: authorityKey, Purpose: keyring.Authority, Created: now})
	if err != nil {
		return err
	}
	var all []watcher
	for _, p := range policy.Pillars {
		card, err := newKey(ctx, witnessRing(dir, p), keyring.Spec{Name: keyName, Purpose: keyring.Witness, Label: "witness." + p.String() + ".example/w", Created: now})
		if err != nil {
			return err
		}
		all = append(all, watcher{pillar: p, vkey: card.VKey})
	}
	bodies, err := demo.NewBodies(ctx, filepath.Join(dir, setup.TrialFolder, bodiesFolder), now)
	if err != nil {
		return err
	}
	root, err := signRoot(ctx, c, authority, bodies, policyText(log.VKey, all), now)
	if err != nil {
		return err
	}
	if err := node.WriteFile(filepath.Join(dir, node.RootFolder, keyring.RootFile(1)), root); err != nil {
		return err
	}
	return node.WriteFile(c.PolicyPath(dir), []byte(policyText(log.VKey, all)))
}

// clear takes away what an earlier call has left: made-up keys and what they have
// signed, of a scheme in which nothing was recorded yet.
func clear(ctx context.Context, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, node.ConfigFile)); !errors.Is(err, fs.ErrNotExist) {
		return fault.Conflict("setup.folder_taken", fault.File(dir), fault.Text(node.ConfigFile))
	}
	keys := filepath.Join(dir, node.KeysFolder)
	if ring, err := keyring.Open(keys, keyring.Demonstration()); err == nil {
		if err := ring.Mend(ctx); err != nil {
			return err
		}
		cards, err := ring.Cards()
		if err != nil {
			return err
		}
		for _, card := range cards {
			if !card.Synthetic {
				return fault.Usage("setup.other_world", fault.File(keys))
			}
		}
	}
	var failed []error
	for _, name := range []string{node.KeysFolder, setup.HandOnFolder, setup.TrialFolder, setup.AuthorityFolder, node.RootFolder, node.PolicyFile} {
		failed = append(failed, os.RemoveAll(filepath.Join(dir, name)))
	}
	return errors.Join(failed...)
}

func newKey(ctx context.Context, folder string, spec keyring.Spec) (*keyring.Card, error) {
	ring, err := keyring.Create(folder, keyring.Demonstration())
	if err != nil {
		return nil, err
	}
	return ring.New(ctx, spec)
}

// signRoot has the bodies say whom everybody is to believe.
func signRoot(ctx context.Context, c node.Config, authority *keyring.Card, bodies []demo.Body, watched string, now time.Time) ([]byte, error) {
	code := string(ident.OfficeID(c.Office).Participant())
	r := trust.Root{Issued: now.Unix(), Expires: now.Add(lasts).Unix(), Scheme: "SYNTHETIC Kimberley Process (trial)", Synthetic: true,
		Threshold:    trust.Threshold{Government: 1, Industry: 1, Civil: 1, Total: 4},
		Participants: []trust.Participant{{Code: code, Name: "SYNTHETIC " + code, Authority: authority.Key, Homes: []trust.Home{{Origin: c.Origin}}}},
		Logs:         []trust.Log{{Origin: c.Origin, Policy: watched}}}
	for _, b := range bodies {
		r.Keys = append(r.Keys, trust.RootKey{Pillar: b.Pillar, Holder: b.Holder, Key: b.Signer.Key()})
	}
	payload, err := keyring.NewRoot(nil, r)
	if err != nil {
		return nil, err
	}
	var signatures [][]byte
	for _, b := range bodies {
		s, err := keyring.SignRoot(ctx, b.Signer, nil, payload, now)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, s)
	}
	return keyring.AssembleRoot(nil, payload, signatures, now)
}

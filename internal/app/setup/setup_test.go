package setup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

var now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func newConfig() node.Config {
	return node.Config{Office: "CF/bangui", Station: "CF/bangui/pc-1", Origin: "cf.kp.example/2026", Synthetic: true}
}

func wants(t *testing.T, err error, key string) {
	t.Helper()
	if key == "" && err != nil || key != "" && !fault.Is(err, key) {
		t.Errorf("%v instead of %q", err, key)
	}
}

func stage(t *testing.T, dir string, want Stage) {
	t.Helper()
	if got, err := StageOf(dir); err != nil || got != want {
		t.Errorf("stage %d, %v", got, err)
	}
}

// signer is a key of a ring of its own.
func signer(t *testing.T, purpose keyring.Purpose, label string) (*keyring.Signer, *keyring.Card) {
	t.Helper()
	ring, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), keyring.Demonstration())
	if err != nil {
		t.Fatal(err)
	}
	card, err := ring.New(t.Context(), keyring.Spec{Name: "k", Purpose: purpose, Label: label, Created: now})
	if err != nil {
		t.Fatal(err)
	}
	if label != "" {
		return nil, card
	}
	s, err := ring.Signer(t.Context(), "k", purpose)
	if err != nil {
		t.Fatal(err)
	}
	return s, card
}

// scheme signs a root document that enters one register, and the policy of its log.
func scheme(t *testing.T, origin, logKey string) (root []byte, text string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", logKey)
	for _, p := range policy.Pillars {
		_, card := signer(t, keyring.Witness, "witness."+p.String()+".example/w")
		fmt.Fprintf(&b, "witness %s-1 %s\n", p, card.VKey)
	}
	for _, p := range policy.Pillars {
		fmt.Fprintf(&b, "group %s any %s-1\n", p, p)
	}
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	authority, _ := signer(t, keyring.Authority, "")
	r := trust.Root{Issued: now.Unix(), Expires: now.Add(1000 * time.Hour).Unix(), Scheme: "SYNTHETIC", Synthetic: true,
		Threshold:    trust.Threshold{Government: 1, Industry: 1, Civil: 1, Total: 4},
		Participants: []trust.Participant{{Code: "CF", Name: "SYNTHETIC", Authority: authority.Key(), Homes: []trust.Home{{Origin: origin}}}},
		Logs:         []trust.Log{{Origin: origin, Policy: b.String()}}}
	var signers []*keyring.Signer
	for _, p := range policy.Pillars {
		for n := range 2 {
			s, _ := signer(t, keyring.Root, "")
			signers = append(signers, s)
			r.Keys = append(r.Keys, trust.RootKey{Pillar: p, Holder: fmt.Sprintf("SYNTHETIC %s %d", p, n), Key: s.Key()})
		}
	}
	payload, err := keyring.NewRoot(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	var signatures [][]byte
	for _, s := range signers {
		sig, err := keyring.SignRoot(t.Context(), s, nil, payload, now)
		if err != nil {
			t.Fatal(err)
		}
		signatures = append(signatures, sig)
	}
	if root, err = keyring.AssembleRoot(nil, payload, signatures, now); err != nil {
		t.Fatal(err)
	}
	return root, b.String()
}

// TestOffice: from an empty folder by keys, policy and root document to an office that
// waits for nothing; nothing that is wrong is taken.
func TestOffice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "office")
	stage(t, dir, Empty)
	wants(t, Make(t.Context(), dir, node.Config{}, Locks{}, now), "setup.needs")
	bad := newConfig()
	bad.Office, bad.Station = "Bangui", "Bangui/pc-1"
	wants(t, Make(t.Context(), dir, bad, Locks{}, now), "ident.not_an_office")
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refusal has left a folder")
	}
	wants(t, MakeKeys(t.Context(), dir, newConfig(), Locks{}, now), "")
	stage(t, dir, Empty) // cut off before node.toml
	other := newConfig()
	other.Origin = "cf.kp.example/2027"
	wants(t, Make(t.Context(), dir, other, Locks{}, now), "setup.other_origin")
	real := newConfig()
	real.Synthetic = false
	wants(t, Make(t.Context(), dir, real, Locks{}, now), "setup.other_world")
	wants(t, Make(t.Context(), dir, newConfig(), Locks{}, now), "")
	stage(t, dir, Waiting)
	o, err := OfficeIn(dir)
	if err != nil || strings.Join(o.Waits(), " ") != "policy root" {
		t.Fatal(o.Waits(), err)
	}
	root, text := scheme(t, o.Config.Origin, o.Log.VKey)
	foreign, _ := scheme(t, "ae.kp.example/2026", logOf(t, "ae.kp.example/2026"))
	_, otherText := scheme(t, o.Config.Origin, logOf(t, o.Config.Origin))
	wants(t, o.TakePolicy("log"), "setup.policy_refused")
	wants(t, o.TakePolicy(otherText), "setup.policy_other_log")
	wants(t, o.TakePolicy(text), "")
	wants(t, o.TakePolicy(text), "module.file_exists")
	sum, _, err := Fingerprint([][]byte{root})
	wants(t, err, "")
	wants(t, o.TakeRoots([][]byte{root}, ""), "setup.fingerprint")
	wants(t, o.TakeRoots([][]byte{root}, strings.Repeat("ab", 32)), "setup.fingerprint")
	elsewhere, _, err := Fingerprint([][]byte{foreign})
	wants(t, err, "")
	wants(t, o.TakeRoots([][]byte{foreign}, elsewhere.String()), "setup.root_without")
	wants(t, o.TakeRoots([][]byte{root[:len(root)-1]}, sum.String()), "keyring.root_refused")
	if len(o.Waits()) != 1 {
		t.Fatal("a root document was taken that should not have been")
	}
	wants(t, o.TakeRoots([][]byte{root}, sum.String()), "")
	if len(o.Waits()) != 0 {
		t.Error(o.Waits())
	}
	stage(t, dir, Whole)
	again, _ := scheme(t, o.Config.Origin, o.Log.VKey)
	sum, _, err = Fingerprint([][]byte{again})
	wants(t, err, "")
	wants(t, o.TakeRoots([][]byte{again}, sum.String()), "setup.root_other")
}

// logOf is the key of somebody else's log.
func logOf(t *testing.T, origin string) string {
	t.Helper()
	_, card := signer(t, keyring.Log, origin)
	return card.VKey
}

// TestStageOf: a folder of somebody else is nobody's new office, and a node that has lost
// a file is not one that waits for it.
func TestStageOf(t *testing.T) {
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "letters.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := StageOf(foreign); !fault.Is(err, "node.no_config") {
		t.Error(err)
	}
	dir := t.TempDir()
	wants(t, Make(t.Context(), dir, newConfig(), Locks{}, now), "")
	stage(t, dir, Waiting)
	if err := os.WriteFile(filepath.Join(dir, "adamas.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	stage(t, dir, Whole)
}

// TestDraft: what was typed comes back; a draft that is damaged says so.
func TestDraft(t *testing.T) {
	dir := t.TempDir()
	if d, err := ReadDraft(dir); d != nil || err != nil {
		t.Error(d, err)
	}
	d := Draft{"name": "Alda Abara", "login": "a.abara", "reads": "fr"}
	wants(t, d.Write(dir), "")
	back, err := ReadDraft(dir)
	if p := Administrator(back); err != nil || p.Name != "Alda Abara" || p.Login != "a.abara" || p.Language != "fr" {
		t.Error(p, err)
	}
	stage(t, dir, Empty)
	if err := os.WriteFile(filepath.Join(dir, DraftFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = ReadDraft(dir)
	wants(t, err, "setup.draft_damaged")
}

// TestDuties: an office that only receives can sign no certificate.
func TestDuties(t *testing.T) {
	if names := ReceivesOnly.TypeNames(); strings.Contains(names, "certificate") || !strings.Contains(names, "receipt") {
		t.Error(names)
	}
	if len(IssuesAndReceives.Types()) != len(keyring.DailyTypes()) {
		t.Error(IssuesAndReceives.TypeNames())
	}
	wants(t, CheckOrigin("cf.kp.example/2026"), "")
	for _, bad := range []string{"", "a b", "a+b"} {
		wants(t, CheckOrigin(bad), "setup.origin")
	}
}

// TestMakeCutOff: the power fails between a key and its card. Made again, the office has
// the keys that were there, of a trial and of a real one.
func TestMakeCutOff(t *testing.T) {
	real := newConfig()
	real.Synthetic = false
	for name, c := range map[string]node.Config{"trial": newConfig(), "real": real} {
		t.Run(name, func(t *testing.T) {
			ask := func(context.Context) (string, error) { return "SYNTHETIC passphrase", nil }
			locks := Locks{Open: ask, New: ask, WorkFactor: 1}
			dir := t.TempDir()
			wants(t, MakeKeys(t.Context(), dir, c, locks, now), "")
			before := publicHalves(t, dir)
			for name := range before {
				if err := os.Remove(filepath.Join(dir, node.KeysFolder, name)); err != nil {
					t.Fatal(err)
				}
				wants(t, MakeKeys(t.Context(), dir, c, locks, now), "")
				if after := publicHalves(t, dir); !maps.Equal(before, after) {
					t.Errorf("without %s: %q, not %q", name, after, before)
				}
			}
			if err := os.Remove(filepath.Join(dir, node.KeysFolder, "log.pub")); err != nil {
				t.Fatal(err)
			}
			other := Locks{Open: func(context.Context) (string, error) { return "another SYNTHETIC passphrase", nil }, New: ask, WorkFactor: 1}
			if err := MakeKeys(t.Context(), dir, c, other, now); !c.Synthetic {
				wants(t, err, "keyring.wrong_passphrase")
			}
		})
	}
}

func publicHalves(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, node.KeysFolder, "*.pub"))
	for _, file := range files {
		b, failed := os.ReadFile(file)
		err = errors.Join(err, failed)
		out[filepath.Base(file)] = string(b)
	}
	if err != nil || len(out) != 3 {
		t.Fatal(out, err)
	}
	return out
}

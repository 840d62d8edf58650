package keyringweb

import (
	"fmt"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// rootShowCmd shows a payload or a signed root document.
type rootShowCmd struct {
	JSON bool   `name:"json" help:"cli_json"`
	File string `arg:"" help:"cli_keys_root_file"`
}

// Run shows what the file says and who has signed it.
func (c *rootShowCmd) Run(env *module.Env) error {
	d, err := readRoot(c.File)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(rootViewOf(d))
	}
	printRoot(env, d)
	if !d.Signed {
		env.Say("keyring.root.payload", nil)
	}
	return nil
}

func readRoot(path string) (*keyring.RootDocument, error) {
	b, err := module.ReadFile("FILE", path, keyring.MaxRoot)
	if err != nil {
		return nil, err
	}
	d, err := keyring.OpenRoot(b)
	return d, fault.Locate(err, fault.File(path))
}

// signCmd signs a payload with the key of one body of a pillar. Without the
// fingerprint it only shows what would be signed.
type signCmd struct {
	signerFlags
	Trust       string `placeholder:"DIR" help:"cli_keys_root_trust"`
	Fingerprint string `placeholder:"HEX" help:"cli_keys_root_sign_fingerprint"`
	Out         string `required:"" placeholder:"FILE" help:"cli_keys_root_sign_out"`
	JSON        bool   `name:"json" help:"cli_json"`
	File        string `arg:"" help:"cli_keys_root_payload"`
}

// Run writes the signature.
func (c *signCmd) Run(env *module.Env) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := module.CheckNew("--out", c.Out); err != nil {
		return err
	}
	chain, _, err := earlier(c.Trust)
	if err != nil {
		return err
	}
	d, err := readRoot(c.File)
	if err != nil {
		return err
	}
	if d.Signed {
		return fault.Usage("keyring.root_signed_already", fault.File(c.File))
	}
	if !c.JSON {
		printRoot(env, d)
	}
	if c.Fingerprint == "" {
		if c.JSON {
			return env.JSON(signatureView{Fingerprint: d.Fingerprint.String(), Root: rootViewOf(d)})
		}
		env.Say("keyring.root.dry_run", lang.Args{"fingerprint": d.Fingerprint.String()})
		return nil
	}
	typed, err := module.ReadFingerprint("--fingerprint", c.Fingerprint)
	if err != nil {
		return err
	}
	if typed != d.Fingerprint {
		return fault.Invalid("keyring.root_other_fingerprint", fault.At("--fingerprint"), fault.File(c.File),
			fault.Arg("fingerprint", d.Fingerprint.String()))
	}
	signer, err := c.open(env, keyring.Root)
	if err != nil {
		return err
	}
	signature, err := keyring.SignRoot(env.Context, signer, chain, d.Payload, env.Now())
	if err != nil {
		return fault.Locate(err, fault.File(c.File))
	}
	if err := module.WriteNew("--out", c.Out, signature, 0o644); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(signatureView{Fingerprint: d.Fingerprint.String(), KeyID: signer.ID().String(), File: c.Out, Signed: true, Root: rootViewOf(d)})
	}
	env.Say("keyring.root.signed", lang.Args{"key": signer.ID().String(), "file": c.Out})
	return nil
}

type signatureView struct {
	Signed      bool     `json:"signed"`
	Fingerprint string   `json:"fingerprint"`
	KeyID       string   `json:"key_id,omitempty"`
	File        string   `json:"file,omitempty"`
	Root        rootView `json:"root"`
}

// assembleCmd joins payload and signatures into a root document that every
// verifier of the version before accepts.
type assembleCmd struct {
	Trust      string   `placeholder:"DIR" help:"cli_keys_root_trust"`
	Out        string   `required:"" placeholder:"FILE" help:"cli_keys_root_assemble_out"`
	JSON       bool     `name:"json" help:"cli_json"`
	File       string   `arg:"" help:"cli_keys_root_payload"`
	Signatures []string `arg:"" name:"signature" help:"cli_keys_root_assemble_signatures"`
}

// Run writes the root document.
func (c *assembleCmd) Run(env *module.Env) error {
	if err := module.CheckNew("--out", c.Out); err != nil {
		return err
	}
	_, signed, err := earlier(c.Trust)
	if err != nil {
		return err
	}
	payload, err := readRoot(c.File)
	if err != nil {
		return err
	}
	var signatures [][]byte
	for _, path := range c.Signatures {
		b, err := module.ReadFile("SIGNATURE", path, mostCard)
		if err != nil {
			return err
		}
		signatures = append(signatures, b)
	}
	b, err := keyring.AssembleRoot(signed, payload.Payload, signatures, env.Now())
	if err != nil {
		return fault.Locate(err, fault.File(c.File))
	}
	return putRoot(env, c.Out, b, c.JSON, func(d *keyring.RootDocument) {
		env.Say("keyring.root.assembled", lang.Args{"file": c.Out, "name": keyring.RootFile(int(d.Version))})
	})
}

// putRoot writes a draft or a signed root document and shows what it says.
func putRoot(env *module.Env, path string, b []byte, asJSON bool, say func(*keyring.RootDocument)) error {
	d, err := keyring.OpenRoot(b)
	if err != nil {
		return err
	}
	if err := module.WriteNew("--out", path, b, 0o644); err != nil {
		return err
	}
	if asJSON {
		return env.JSON(rootViewOf(d))
	}
	printRoot(env, d)
	say(d)
	return nil
}

// rootView is a root document in JSON.
type rootView struct {
	Fingerprint  string            `json:"fingerprint"`
	Version      uint64            `json:"version"`
	Scheme       string            `json:"scheme"`
	Synthetic    bool              `json:"synthetic"`
	Issued       time.Time         `json:"issued"`
	Expires      time.Time         `json:"expires"`
	Prev         string            `json:"prev,omitempty"`
	Threshold    map[string]uint64 `json:"threshold"`
	Keys         []rootKeyView     `json:"keys"`
	Participants []participantView `json:"participants"`
	Logs         []logView         `json:"logs"`
}

type rootKeyView struct {
	Pillar string `json:"pillar"`
	Holder string `json:"holder"`
	KeyID  string `json:"key_id"`
	Signed bool   `json:"signed"` // a true signature of it stands in the file
}

type participantView struct {
	Code      string   `json:"code"`
	Name      string   `json:"name"`
	Authority string   `json:"authority_key_id"`
	Homes     []string `json:"homes"`
	Fallback  string   `json:"fallback,omitempty"`
	Former    []string `json:"former_key_ids,omitempty"`
}

type logView struct {
	Origin string `json:"origin"`
	Policy string `json:"policy"`
}

func rootViewOf(d *keyring.RootDocument) rootView {
	v := rootView{Fingerprint: d.Fingerprint.String(), Version: d.Version, Scheme: d.Scheme, Synthetic: d.Synthetic,
		Issued: time.Unix(d.Issued, 0).UTC(), Expires: time.Unix(d.Expires, 0).UTC(), Participants: []participantView{}, Logs: []logView{},
		Threshold: map[string]uint64{"government": d.Threshold.Government, "industry": d.Threshold.Industry, "civil": d.Threshold.Civil, "total": d.Threshold.Total}}
	if !d.Prev.IsZero() {
		v.Prev = d.Prev.String()
	}
	for _, k := range d.Keys {
		v.Keys = append(v.Keys, rootKeyView{k.Pillar.String(), k.Holder, k.Key.ID().String(), d.SignedBy(k.Key)})
	}
	for _, p := range d.Participants {
		pv := participantView{Code: p.Code, Name: p.Name, Authority: p.Authority.ID().String(), Fallback: p.Fallback}
		for _, h := range p.Homes {
			pv.Homes = append(pv.Homes, homeText(h))
		}
		for _, f := range p.Former {
			pv.Former = append(pv.Former, f.Key.ID().String())
		}
		v.Participants = append(v.Participants, pv)
	}
	for _, l := range d.Logs {
		v.Logs = append(v.Logs, logView{l.Origin, l.Policy})
	}
	return v
}

// homeText is "cf.kp.example/2026", with the stretch that counts when not all does.
func homeText(h trust.Home) string {
	switch {
	case h.Until != 0:
		return fmt.Sprintf("%s [%d, %d)", h.Origin, h.From, h.Until)
	case h.From != 0:
		return fmt.Sprintf("%s [%d, …)", h.Origin, h.From)
	}
	return h.Origin
}

// printRoot says a root document in words, before anybody signs or trusts it.
func printRoot(env *module.Env, d *keyring.RootDocument) {
	w := env.Words
	t := func(key string, args lang.Args) string { return w.T("keyring.root."+key, args) }
	fmt.Fprintln(env.Out, t("title", lang.Args{"version": fmt.Sprint(d.Version)})+synthetic(d.Synthetic))
	env.Fields(
		[2]string{t("scheme", nil), d.Scheme},
		[2]string{t("issued", nil), w.Time(time.Unix(d.Issued, 0))},
		[2]string{t("expires", nil), w.Time(time.Unix(d.Expires, 0))},
		[2]string{t("fingerprint", nil), d.Fingerprint.String()},
		[2]string{t("prev", nil), hashText(d.Prev)},
	)
	fmt.Fprintf(env.Out, "\n%s\n", t("threshold", lang.Args{"total": fmt.Sprint(d.Threshold.Total), "government": fmt.Sprint(d.Threshold.Government),
		"industry": fmt.Sprint(d.Threshold.Industry), "civil": fmt.Sprint(d.Threshold.Civil)}))
	for _, k := range d.Keys {
		mark, said := "◌", t("not_signed", nil)
		if d.SignedBy(k.Key) {
			mark, said = "●", t("has_signed", nil)
		}
		if !d.Signed {
			mark, said = "–", ""
		}
		fmt.Fprintf(env.Out, "  %s %s  %s  %s  %s\n", mark, k.Key.ID(), pillar(w, k.Pillar), k.Holder, said)
	}
	fmt.Fprintf(env.Out, "\n%s\n", t("participants", nil))
	for _, p := range d.Participants {
		fmt.Fprintf(env.Out, "  %s  %s\n", p.Code, p.Name)
		var homes []string
		for _, h := range p.Homes {
			homes = append(homes, homeText(h))
		}
		fmt.Fprintf(env.Out, "      %s\n", t("authority", lang.Args{"key": p.Authority.ID().String()}))
		for _, f := range p.Former {
			fmt.Fprintf(env.Out, "      %s\n", t("former", lang.Args{"key": f.Key.ID().String()}))
		}
		fmt.Fprintf(env.Out, "      %s\n", t("homes", lang.Args{"logs": homes}))
		if p.Fallback != "" {
			fmt.Fprintf(env.Out, "      %s\n", t("fallback", lang.Args{"log": p.Fallback}))
		}
	}
	for _, l := range d.Logs {
		fmt.Fprintf(env.Out, "\n%s\n", t("log", lang.Args{"log": l.Origin}))
		for line := range strings.Lines(l.Policy) {
			fmt.Fprintf(env.Out, "  %s\n", strings.TrimRight(line, "\n"))
		}
	}
	fmt.Fprintln(env.Out)
}

func pillar(w *lang.Printer, p policy.Pillar) string { return w.T("keyring.pillar."+p.String(), nil) }

// hashText is hexadecimal, "" for none.
func hashText(h canonical.Hash) string {
	if h.IsZero() {
		return ""
	}
	return h.String()
}

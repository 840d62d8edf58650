package ledgerweb

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
)

// OpenSource opens a register by address or folder: a web server's, a mirror's, a
// stick's, or that of a node, whose register lies in its folder log.
func OpenSource(field, from string) (*tiles.Source, error) {
	if strings.HasPrefix(from, "https://") || strings.HasPrefix(from, "http://") {
		return tiles.OpenURL(from, nil)
	}
	info, err := os.Stat(from)
	if err == nil && !info.IsDir() {
		err = errors.New("not a folder")
	}
	if err != nil {
		return nil, fault.NotFound("ledger.no_folder", fault.At(field), fault.File(from), fault.Because(err))
	}
	if _, err := os.Stat(filepath.Join(from, "checkpoint")); errors.Is(err, fs.ErrNotExist) {
		if inside := filepath.Join(from, "log"); isLog(inside) {
			return tiles.OpenFolder(inside), nil
		}
	}
	return tiles.OpenFolder(from), nil
}

// Places makes the folders among places whole, for who reads them from another
// working folder.
func Places(from []string) ([]string, error) {
	var out []string
	for _, f := range from {
		if !strings.HasPrefix(f, "https://") && !strings.HasPrefix(f, "http://") {
			var err error
			if f, err = filepath.Abs(f); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	return out, nil
}

func isLog(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "checkpoint"))
	return err == nil
}

// believed are the ways to say which witnesses vouch for a register.
type believed struct {
	Policy string `placeholder:"FILE" xor:"believed" help:"cli_log_policy"`
	Pack   string `placeholder:"FILE" xor:"believed" help:"cli_log_pack"`
	Root   string `placeholder:"HEX" help:"cli_pack_root"`
}

// policyFor gives the policy of the register called origin, as the policy file or
// the pack's root document says; nil when neither was named.
func (b *believed) policyFor(origin string) (*policy.Policy, error) {
	if b.Policy != "" {
		p, _, err := module.ReadPolicy("--policy", b.Policy)
		return p, err
	}
	if b.Pack == "" {
		return nil, nil
	}
	pin, err := module.ReadFingerprint("--root", b.Root)
	if err != nil {
		return nil, err
	}
	p, err := module.ReadPack("--pack", b.Pack, pin)
	if err != nil {
		return nil, err
	}
	return policyIn(p, b.Pack, origin)
}

func policyIn(p *pack.Pack, path, origin string) (*policy.Policy, error) {
	for _, l := range p.Chain.Current().Logs {
		if l.Origin == origin {
			return policy.Parse(l.Policy)
		}
	}
	return nil, fault.Invalid("ledger.log_not_in_pack", fault.At("--pack"), fault.File(path), fault.Arg("origin", origin))
}

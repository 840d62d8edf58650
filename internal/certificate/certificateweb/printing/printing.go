// Package printing are the commands that print what an importing office hands out and
// what every office files (package paper), and what all commands that print are given.
package printing

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Target is the node, and the file that is written.
type Target struct {
	Dir  string `default:"." placeholder:"DIR" help:"cli_consignment_dir"`
	JSON bool   `name:"json" help:"cli_json"`
	Out  string `required:"" placeholder:"FILE" help:"cli_certificate_bundle_out"`
}

// Load makes the path whole: whoever serves the node stands elsewhere. Fault
// module.file_exists.
func (t *Target) Load(*module.Env) (err error) {
	if t.Out, err = filepath.Abs(t.Out); err != nil {
		return err
	}
	return module.CheckNew("--out", t.Out)
}

// Look is how a paper is printed, where it is not to be as the profile of the office's
// Participant says.
type Look struct {
	Second string `enum:"profile,fr,pt,pt-BR,en" default:"profile" placeholder:"CODE" help:"cli_certificate_print_second"`
	Site   string `default:"HTTPS://V.KP.EXAMPLE" placeholder:"URL" help:"cli_certificate_print_site"`
}

// Profile is that of a Participant, with what the command line says instead of it.
func (l *Look) Profile(office ident.ParticipantCode) (paper.Profile, error) {
	all, err := paper.LoadProfiles()
	if err != nil {
		return paper.Profile{}, err
	}
	p := all.Of(office)
	if l.Second != "profile" && l.Second != "" {
		p.Language = lang.Language(l.Second)
	}
	p.Site = strings.ToUpper(l.Site)
	return p, nil
}

// OfficeName is the name of the office whose key it is, as its authority has stated it;
// the office's id where none has.
func OfficeName(ctx context.Context, n *module.Node, office string, key statement.KeyID) string {
	directory, err := n.Post.Directory(ctx)
	if err != nil {
		return office
	}
	for _, k := range directory.Key(key) {
		if k.Office == office && k.Name != "" {
			return k.Name
		}
	}
	return office
}

// writtenView is a printed file, in JSON.
type writtenView struct {
	File   string         `json:"file"`
	Of     string         `json:"of"` // consignment, or office
	Size   int            `json:"bytes"`
	SHA256 canonical.Hash `json:"sha256"`
}

// written puts the file in place and says so.
func (t *Target) written(env *module.Env, n *module.Node, of, key string, raw []byte) error {
	if err := module.WriteNew("--out", t.Out, raw, 0o644); err != nil {
		return err
	}
	if t.JSON {
		return env.JSON(writtenView{t.Out, of, len(raw), canonical.Sum(raw)})
	}
	if n.Synthetic {
		fmt.Fprintln(env.Out, "SYNTHETIC")
	}
	env.Say(key, lang.Args{"consignment": of, "file": t.Out})
	return nil
}

// refused is the fault of what cannot be printed.
func refused(id string, err error) error {
	return fault.Invalid("certificate.print_of", fault.Arg("consignment", id), fault.Because(err))
}

// dayOr is a typed date, or another day.
func dayOr(field, typed string, other period.Date) (period.Date, error) {
	if typed == "" {
		return other, nil
	}
	d, err := period.ParseTyped(typed)
	if err != nil {
		return 0, fault.Locate(err, fault.At(field))
	}
	return d, nil
}

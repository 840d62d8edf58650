// Package ruleweb is the face of the rules: commands that check a set somebody
// writes, and show what a set says, in words or as JSON. What a rule set is stands
// in package rule.
//
// It may import floor 0 to 2 and the shipped sets.
package ruleweb

import (
	"embed"
	"errors"
	"io/fs"
	"os"

	"adamas.example/internal/fault"
	"adamas.example/internal/rule"
	"adamas.example/rules"
)

//go:embed text
var text embed.FS

// Text is the face's words.
func Text() fs.FS { return text }

type commands struct {
	Rules struct {
		Check checkCmd `cmd:"" help:"cli_rules_check"`
		List  listCmd  `cmd:"" help:"cli_rules_list"`
		Show  showCmd  `cmd:"" help:"cli_rules_show"`
	} `cmd:"" help:"cli_rules"`
}

// Commands is a pointer to the commands, for module.Module.
func Commands() any { return &commands{} }

// readSet reads the set in a folder, or the shipped one of the scheme for "".
func readSet(field, dir string) (rule.Set, error) {
	if dir == "" {
		shipped, err := fs.Sub(rules.FS(), rules.KPCS)
		if err != nil {
			return rule.Set{}, err
		}
		return rule.Check(shipped)
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("not a folder")
	}
	if err != nil {
		return rule.Set{}, fault.NotFound("rule.folder_missing", fault.At(field), fault.File(dir), fault.Because(err))
	}
	return rule.Check(os.DirFS(dir))
}

package demo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/certificate/rogues"
	"adamas.example/internal/certificate/rogues/forge"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
)

// gallery plays the rogues.
type gallery struct {
	env   *module.Env
	dir   string // where the forged files are left; empty: nowhere
	json  bool
	judge rogues.Detectors
}

// playRogues plays every rogue with the program's own detectors. Faults:
// demo.folder_taken, demo.folder.
func playRogues(env *module.Env, dir string, json bool) error {
	if err := emptyFolder(dir); err != nil {
		return err
	}
	tables, err := os.MkdirTemp("", "adamas-rogues-")
	if err != nil {
		return err
	}
	g := &gallery{env, dir, json, rogues.NewDetectors(tables)}
	return errors.Join(g.play(), os.RemoveAll(tables))
}

// emptyFolder refuses a folder that holds anything.
func emptyFolder(dir string) error {
	if dir == "" {
		return nil
	}
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fault.CannotCreate("demo.folder", fault.At("--dir"), fault.File(dir), fault.Because(err))
	case len(entries) > 0:
		return fault.Conflict("demo.folder_taken", fault.At("--dir"), fault.File(dir))
	}
	return nil
}

// play shows them one after the other. It ends with status 1 when one was not
// refused for its own reason.
func (g *gallery) play() error {
	stories, err := rogues.Stories()
	if err != nil {
		return err
	}
	if !g.json {
		g.env.Say("demo.rogues.title", lang.Args{"rogues": len(stories)})
		g.env.Say("demo.rogues.synthetic", nil)
	}
	var escaped []string
	for i, s := range stories {
		if err := g.env.Context.Err(); err != nil {
			return err
		}
		p, err := rogues.Play(g.env.Context, s, g.judge)
		if err != nil {
			return err
		}
		if len(p.Wrong()) > 0 {
			escaped = append(escaped, s.ID)
		}
		if err := g.show(i+1, p); err != nil {
			return err
		}
	}
	return g.end(len(stories), escaped)
}

func (g *gallery) end(played int, escaped []string) error {
	if g.json {
		if err := g.env.JSON(map[string]any{"rogues": played, "refused": played - len(escaped), "escaped": append([]string{}, escaped...)}); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(g.env.Out)
		g.env.Say("demo.rogues.count", lang.Args{"rogues": played, "refused": played - len(escaped)})
		for _, id := range escaped {
			g.env.Say("demo.rogues.escaped", lang.Args{"rogue": id})
		}
	}
	if len(escaped) > 0 {
		return module.Exit(1)
	}
	return nil
}

// shownRogue is a line of --json.
type shownRogue struct {
	Rogue    string          `json:"rogue"`
	Title    string          `json:"title"`
	Story    string          `json:"story"`
	Did      string          `json:"did"`
	Case     string          `json:"case,omitempty"`
	Threat   string          `json:"threat"`
	Outcome  rogues.Outcome  `json:"outcome"`
	Code     string          `json:"code"`
	Reason   string          `json:"reason"`
	Why      string          `json:"why,omitempty"`
	Also     []string        `json:"also,omitempty"`
	Checks   int             `json:"checks"`
	Sentence string          `json:"sentence"`
	Genuine  *rogues.Outcome `json:"genuine"` // of a genuine one, asked the same; null: none could be told from it
	Own      bool            `json:"refused_for_its_own_reason"`
	Wrong    []string        `json:"wrong,omitempty"`
	Try      string          `json:"try,omitempty"` // the same at the command line
}

func (g *gallery) show(n int, p *rogues.Played) error {
	l, wrong := g.env.Words.Language(), p.Wrong()
	r := shownRogue{Rogue: p.ID, Title: p.Title.In(l), Story: p.Told.In(l), Did: p.Did.In(l), Case: p.Case, Threat: p.Threat, Outcome: p.Rogue.Outcome,
		Code: p.Rogue.Code, Reason: p.Rogue.Reason, Why: p.Rogue.Why, Also: p.Rogue.Also, Checks: p.Rogue.Checks, Sentence: g.sentence(p.Rogue),
		Own: len(wrong) == 0, Wrong: wrong}
	if p.Genuine != nil {
		r.Genuine = &p.Genuine.Outcome
	}
	var err error
	if g.dir != "" {
		dir := filepath.Join(g.dir, p.ID)
		if err = leave(dir, p.Attempt); err != nil {
			return err
		}
		r.Try = command(dir, p)
	}
	if g.json {
		return g.env.JSON(r)
	}
	g.tell(n, &r)
	return nil
}

// tell prints a rogue: what happened, what was done, the answer and its reason.
func (g *gallery) tell(n int, r *shownRogue) {
	words, indent := g.env.Words, "\n    "
	lines := []string{fmt.Sprintf("\n%2d  %s  (%s)", n, r.Title, r.Rogue), r.Story, r.Did}
	if r.Case != "" {
		lines = append(lines, words.T("demo.rogues.case", lang.Args{"source": r.Case}))
	}
	lines = append(lines, g.mark(r.Outcome)+"  "+strings.TrimSpace(r.Code+" "+r.Reason), r.Sentence)
	passed := lang.Args{"passed": max(r.Checks-1-len(r.Also), 0), "also": r.Also}
	switch {
	case len(r.Also) > 0:
		lines = append(lines, words.T("demo.rogues.also", passed))
	case r.Checks > 1:
		lines = append(lines, words.T("demo.rogues.alone", passed))
	}
	genuine := words.T("demo.rogues.no_genuine", nil)
	if r.Genuine != nil {
		genuine = words.T("demo.rogues.genuine", lang.Args{"outcome": g.mark(*r.Genuine)})
	}
	lines = append(lines, genuine)
	if r.Try != "" {
		lines = append(lines, "  "+r.Try)
	}
	for _, wrong := range r.Wrong {
		lines = append(lines, words.T("demo.rogues.wrong", lang.Args{"what": wrong}))
	}
	fmt.Fprintln(g.env.Out, strings.Join(lines, indent))
}

func (g *gallery) mark(o rogues.Outcome) string {
	return g.env.Words.T("demo.verdict."+string(o), nil)
}

// sentence is what a reader is told: the words of the verdict, of the finding that
// decided, or why nothing was judged.
func (g *gallery) sentence(a *rogues.Answer) string {
	words := g.env.Words
	if a.Verdict != nil {
		r := reading.Of(words, a.Verdict, true) // its mark stands above it already
		return strings.Join(append([]string{r.Synthetic}, r.Headline...), " ")
	}
	if f := a.Decisive(); f != nil {
		return words.T(f.Reason.Key, lang.Args(f.Reason.Args))
	}
	if key := "demo.rogues.refused." + a.Code; words.Has(key) {
		return words.T(key, nil)
	}
	return a.Why
}

// leave writes what was shown into a folder of its own.
func leave(dir string, a *forge.Attempt) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fault.CannotCreate("demo.folder", fault.At("--dir"), fault.File(dir), fault.Because(err))
	}
	var faults []error
	for name, s := range map[string]*forge.Shown{"genuine": a.Genuine, "rogue": a.Rogue} {
		if s == nil {
			continue
		}
		for suffix, content := range map[string][]byte{bundleSuffix: s.Bundle, pdfSuffix: s.PDF, codesSuffix: []byte(strings.Join(s.Codes, "\n")), ".root.cbor": s.Root, packSuffix: s.Pack} {
			if len(content) > 0 {
				faults = append(faults, os.WriteFile(filepath.Join(dir, name+suffix), content, 0o666))
			}
		}
	}
	return errors.Join(faults...)
}

// How the files of a rogue end.
const (
	bundleSuffix = ".adamas"
	pdfSuffix    = ".pdf"
	codesSuffix  = ".txt"
	packSuffix   = ".pack"
)

// command asks the same of what was left in a folder; "" where no command does: a root
// document, a paper that only a node with the register can judge.
func command(dir string, p *rogues.Played) string {
	s := p.Attempt.Rogue
	file := func(suffix string) string { return filepath.Join(dir, "rogue"+suffix) }
	switch {
	case s.Pack != nil:
		line := []string{"adamas verify --for import --to", s.Here, "--at", s.At.Format(time.RFC3339), "--pack", file(packSuffix)}
		if s.Pin != (canonical.Hash{}) {
			line = append(line, "--root", s.Pin.String())
		}
		switch {
		case s.Codes != nil:
			return strings.Join(append(line, file(codesSuffix)), " ")
		case s.PDF != nil:
			return strings.Join(append(line, file(pdfSuffix)), " ")
		}
		return strings.Join(append(line, file(bundleSuffix)), " ")
	case s.Paper != nil && p.Rogue.Code == "R-CRT-04":
		return strings.Join([]string{"adamas party number --on", s.Paper.Issued, "--parcel", strings.Join(s.Paper.Parcels, " --parcel "), s.Paper.Number}, " ")
	case s.Paper != nil && strings.HasPrefix(p.Rogue.Code, "R-MEM-"):
		return strings.Join([]string{"adamas party trade --from", s.Paper.Issuer, "--to", s.Paper.Importer, "--exported", s.Paper.Issued,
			"--imported", s.At.Format(time.DateOnly)}, " ")
	}
	return ""
}

package app

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

const documentPath = "../../docs/cli.md"

// statuses is what each exit status means. Those of faults are held against
// package fault below.
var statuses = []struct {
	code int
	text string
}{
	{0, "Done; for `verify`: every certificate is valid; for `audit`: no violation."},
	{1, "`verify`: a certificate is invalid. `audit`: a violation was found."},
	{2, "`verify`: one cannot be decided (unknown, stale, too late to tell). Never read it as 1."},
	{64, "The command line is not understood, or options contradict each other."},
	{65, "A file or value is wrong: damaged, refused, against a rule."},
	{66, "A file, folder, entry or key is not there, or cannot be read."},
	{69, "Something that is needed does not answer: a server, a witness, an agent, a port."},
	{70, "A mistake of this program. A reference is printed; give it to whoever runs it."},
	{73, "Something is there already, or was first, or a file cannot be made. Nothing is ever overwritten."},
	{74, "Reading or writing failed half-way: look at the disk."},
	{75, "Taken for the moment: the folder is in use by another process. Try again."},
	{77, "Not allowed: a wrong passphrase, a key of another use, a file that others may read."},
	{130, "Interrupted with Ctrl-C before it was done."},
}

// TestStatuses: every status that a fault can have stands in the table, and no other.
func TestStatuses(t *testing.T) {
	known := map[int]bool{0: true, 1: true, 2: true, 130: true}
	for k := fault.KindInvalid; k <= fault.KindInternal; k++ {
		known[k.ExitCode()] = true
	}
	for _, s := range statuses {
		if !known[s.code] {
			t.Errorf("%d stands in the table, and nothing exits with it", s.code)
		}
		delete(known, s.code)
	}
	for code := range known {
		t.Errorf("%d is missing in the table", code)
	}
}

const documentHead = `# The command line

` + "<!-- Written by `go test ./internal/app -run TestDocument -update` from the program itself; a test holds it to it. -->" + `

One program, ` + "`adamas`" + `. Results go to standard output; progress and remarks to standard error. Every command that gives
results takes ` + "`--json`" + `: one line of JSON on standard output instead of words, and a fault as one line of
` + "`application/problem+json`" + ` (RFC 9457) on standard error. Words come in English, French and Portuguese.

- Nothing is overwritten, and no file is left half written.
- What is written into a register, put back or recovered is first shown; ` + "`--apply`" + ` does it.
- A root document is signed only by who repeats its fingerprint.
- Days are UTC and written 2026-11-23.

## Exit status

| status | meaning |
| --- | --- |
`

const documentVariables = `
## Variables

| variable | meaning |
| --- | --- |
| ` + "`ADAMAS_LANG`" + ` | Language of what is printed: en, fr, pt, pt-BR. ` + "`--language`" + ` goes before it, ` + "`LC_ALL`, `LC_MESSAGES`, `LANG`" + ` after it. |
| ` + "`ADAMAS_PACK`" + ` | Pack that ` + "`adamas verify`" + ` judges from without ` + "`--pack`" + `. |
| ` + "`ADAMAS_PASSPHRASE_FILE`" + ` | File whose first line opens keys, for machines without anybody at the terminal. |
| ` + "`SSH_AUTH_SOCK`" + ` | The ssh-agent of ` + "`--agent`" + `, with a hardware module behind it or not. |

## Commands
`

// document is docs/cli.md: every command with what it takes, from kong's model.
func document(app *kong.Application, words *lang.Printer) string {
	var b strings.Builder
	b.WriteString(documentHead)
	for _, s := range statuses {
		fmt.Fprintf(&b, "| %d | %s |\n", s.code, s.text)
	}
	b.WriteString(documentVariables)
	leaves := app.Leaves(true)
	slices.SortFunc(leaves, func(x, y *kong.Node) int { return strings.Compare(x.Path(), y.Path()) })
	for _, n := range leaves {
		fmt.Fprintf(&b, "\n### adamas %s\n\n    %s\n\n%s.\n", n.Path(), synopsis(n, words), strings.TrimSuffix(n.Help, "."))
		if more := moreKey(n); words.Has(more) {
			fmt.Fprintf(&b, "%s\n", words.T(more, nil))
		}
		if len(n.Positional)+len(n.Flags) > 0 {
			b.WriteString("\n| | |\n| --- | --- |\n")
		}
		for _, arg := range n.Positional {
			fmt.Fprintf(&b, "| `%s` | %s |\n", argument(arg), cell(arg.Help))
		}
		for _, f := range n.Flags {
			if !f.Hidden {
				fmt.Fprintf(&b, "| `%s` | %s |\n", cell(option(f)), cell(optionHelp(f, words)))
			}
		}
	}
	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

func TestDocument(t *testing.T) {
	app, words := model(t, lang.English)
	want := document(app, words)
	if *update {
		if err := os.WriteFile(documentPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/cli.md is not what the program says; run: go test ./internal/app -run TestDocument -update\n%s", diff)
	}
}

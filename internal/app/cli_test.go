package app

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

var update = flag.Bool("update", false, "write docs/cli.md anew")

// call runs the program once, in this process.
func call(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Main(Invocation{Args: args, In: strings.NewReader(""), Out: &out, Err: &errs, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC) }})
	return code, out.String(), errs.String()
}

func model(t *testing.T, l lang.Language) (*kong.Application, *lang.Printer) {
	t.Helper()
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	p := words.Printer(l)
	parser, err := newParser(&module.Env{Words: p, Out: os.Stdout, Err: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model, p
}

func TestModulesAreInOrder(t *testing.T) {
	if err := module.Check(Modules()); err != nil {
		t.Error(err)
	}
}

// Every command has help in every language: words and no names of words, nothing
// left in English, and the same command line in all.
func TestHelpInEveryLanguage(t *testing.T) {
	english, _ := model(t, lang.English)
	for _, l := range lang.Languages() {
		app, words := model(t, l)
		nodes := append([]*kong.Node{app.Node}, app.Leaves(true)...)
		for i, n := range append([]*kong.Node{english.Node}, english.Leaves(true)...) {
			if nodes[i].Path() != n.Path() {
				t.Fatalf("%s: %q in place of %q", l, nodes[i].Path(), n.Path())
			}
			args := append(strings.Fields(n.Path()), "--help", "--language", string(l))
			code, out, errs := call(args...)
			if code != 0 || errs != "" {
				t.Fatalf("%v: exit %d, %s", args, code, errs)
			}
			if !strings.HasPrefix(out, words.T("cli.help.usage", nil)+" adamas "+n.Path()) {
				t.Errorf("%v: %q", args, strings.SplitN(out, "\n", 2)[0])
			}
			for _, bad := range []string{"cli.", "cli_", "${", "{{"} {
				if strings.Contains(out, bad) {
					t.Errorf("%v: %q in\n%s", args, bad, out)
				}
			}
			for line := range strings.Lines(out) {
				if len([]rune(line)) > helpWidth+1 && strings.Contains(strings.TrimSpace(line), " ") && i > 0 {
					t.Errorf("%v: a line of %d characters: %s", args, len([]rune(line)), line)
				}
			}
			if l != lang.English && n.Help == nodes[i].Help {
				t.Errorf("%v: its help is in English: %s", args, n.Help)
			}
		}
	}
}

func TestUsageFaults(t *testing.T) {
	tests := []struct {
		said string
		want string // key, and the arguments that matter
	}{
		{"unknown flag --frob", "cli.unknown_flag field=--frob"},
		{`unknown flag --dri, did you mean "--dir"?`, "cli.unknown_flag_near field=--dri near=--dir"},
		{`unknown flag --a, did you mean one of "--b", "--c"?`, "cli.unknown_flag_near field=--a near=--b, --c"},
		{"unexpected argument frob", "cli.unknown_command text=frob"},
		{`unexpected argument frob with blanks, did you mean "x"?`, "cli.unknown_command_near near=x text=frob with blanks"},
		{"missing flags: --dir=DIR, --name=NAME", "cli.missing_flags flags=--dir=DIR, --name=NAME"},
		{"missing flags: --pack=FILE or --policy=FILE", "cli.missing_flags flags=--pack=FILE | --policy=FILE"},
		{`expected "<file> ..."`, "cli.missing_argument missing=FILE ..."},
		{`expected one of "new", "list", ...`, "cli.missing_command missing=new, list, ..."},
		{`--for must be one of "record","import" but got "fun"`, "cli.not_one_of allowed=record, import field=--for text=fun"},
		{`--language must be one of "","en" but got "xx"`, "cli.not_one_of allowed=en field=--language text=xx"},
		{`--dir: expected string value but got "EOL" (EOL)`, "cli.no_value field=--dir"},
		{`--count: expected a valid 64 bit int but got "x"`, "cli.bad_value field=--count"},
		{"--policy and --pack can't be used together", "cli.together one=--policy other=--pack"},
		{"something that a later kong says", "cli.usage why=something that a later kong says"},
	}
	for _, tt := range tests {
		f, ok := fault.Of(usage(fmt.Errorf("%s", tt.said)))
		if !ok || f.Kind != fault.KindUsage || f.Args["command"] != "adamas" {
			t.Errorf("%s: %v", tt.said, f)
			continue
		}
		got := f.Key
		for _, name := range slices.Sorted(maps.Keys(f.Args)) {
			if name != "command" {
				got += fmt.Sprintf(" %s=%v", name, f.Args[name])
			}
		}
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.said, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"élève à là", 7, []string{"élève à", "là"}},
		{"overlongword x", 4, []string{"overlongword", "x"}},
	} {
		if diff := cmp.Diff(tt.want, wrap(tt.text, tt.width)); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
	}
}

// With --json faults too are for programs, on standard error.
func TestFaultsAsJSON(t *testing.T) {
	code, out, errs := call("pack", "show", "nowhere", "--json", "-L", "fr")
	if code != 66 || out != "" || !strings.HasPrefix(errs, `{"type":"tag:adamas.example,2026:fault/module.file_missing","title":"Le fichier nowhere n’existe pas."`) ||
		strings.Count(errs, "\n") != 1 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

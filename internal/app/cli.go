package app

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
	"k8s.io/klog/v2"

	"adamas.example/internal/app/demo"
	"adamas.example/internal/app/service"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

// Invocation is one run of the program, as the operating system gives it.
type Invocation struct {
	Args     []string // without the program's name
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
	Terminal bool // Err is a terminal
}

// Process is the invocation of this process.
func Process() Invocation {
	return Invocation{Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now,
		Terminal: term.IsTerminal(int(os.Stderr.Fd()))}
}

// commands are the program's own verbs; modules add theirs.
type commands struct {
	Language string          `name:"language" short:"L" enum:",en,fr,pt,pt-BR" default:"" placeholder:"CODE" help:"cli_language"`
	Demo     demo.Command    `cmd:"" help:"cli_demo"`
	Init     setup.Command   `cmd:"" help:"cli_init"`
	Serve    serveCmd        `cmd:"" help:"cli_serve"`
	Audit    auditCmd        `cmd:"" help:"cli_audit"`
	Service  service.Command `cmd:"" help:"cli_service"`
	upkeep.Commands
	Version versionCmd `cmd:"" help:"cli_version"`
	kong.Plugins
}

// Main runs one command and gives the exit status: 0 done or valid, 1 invalid,
// 2 cannot tell, 64 and up as package fault lists them.
func Main(in Invocation) int {
	quietLibraries()
	out := bufio.NewWriter(in.Out)
	defer out.Flush()
	speaks := language(in)
	words, err := lang.LoadOne(speaks, texts()...)
	if err != nil {
		fmt.Fprintln(in.Err, "adamas:", err)
		return 70
	}
	printer := words.Printer(speaks)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := &module.Env{Context: ctx, In: in.In, Out: flushing{out}, Err: in.Err, Now: in.Now, Getenv: in.Getenv, Words: printer, Terminal: in.Terminal}
	env.OpenNode = func(dir string) (*module.Node, error) { return openForFace(env, dir) }
	return run(in, env)
}

// flushing writes each piece through at once: commands that serve print their
// address and go on.
type flushing struct{ *bufio.Writer }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	return n, errors.Join(err, f.Flush())
}

// exited carries kong's wish to end (after --help) out of its parser.
type exited int

func run(in Invocation, env *module.Env) (code int) {
	defer func() {
		if r := recover(); r != nil {
			c, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(c)
		}
	}()
	parser, err := newParser(env)
	if err != nil {
		return fail(in, env, fmt.Errorf("app: command line: %w", err))
	}
	args := in.Args
	if len(args) == 0 {
		args = withoutArguments()
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		return fail(in, env, usage(err))
	}
	if path := commandPath(ctx.Selected()); env.Forward == nil {
		env.Forward = func(dir string, o module.Order) (bool, error) { return forward(in, env, path, dir, o) }
	}
	return fail(in, env, ctx.Run(env, schemas(), Modules(), service.Serve(serveAsService)))
}

// withoutArguments is what the program does when it is only called: it helps. Where
// somebody has opened it with the mouse he has no command line: it serves the office in
// his own folder, and sets one up where there is none.
func withoutArguments() []string {
	if home, err := os.UserHomeDir(); err == nil && service.DoubleClicked() {
		return []string{"serve", "--open", "--dir", filepath.Join(home, "Adamas")}
	}
	return []string{"--help"}
}

// newParser builds the command line from the modules' commands.
func newParser(env *module.Env) (*kong.Kong, error) {
	cli := &commands{}
	for _, m := range Modules() {
		if m.Commands != nil {
			cli.Plugins = append(cli.Plugins, m.Commands)
		}
	}
	parser, err := kong.New(cli, kong.Name("adamas"), kong.Description("cli.description"),
		kong.Writers(env.Out, env.Err), kong.Exit(func(c int) { panic(exited(c)) }), kong.Help(helpPrinter(env.Words)))
	if err != nil {
		return nil, err
	}
	parser.Model.HelpFlag.Help = "cli.help"
	speak(parser.Model.Node, env.Words, helpNames(env.Words))
	return parser, nil
}

// interrupted is the exit status after Ctrl-C.
const interrupted = 130

// fail puts an error into the reader's words, or with --json into one line of
// problem+json (RFC 9457), and gives the exit status.
func fail(in Invocation, env *module.Env, err error) int {
	if err == nil {
		return 0
	}
	if code, ok := errors.AsType[module.Exit](err); ok {
		return int(code)
	}
	if errors.Is(err, context.Canceled) && env.Context.Err() != nil {
		return interrupted
	}
	ref := reference()
	if slices.Contains(in.Args, "--json") {
		enc := json.NewEncoder(env.Err)
		enc.SetEscapeHTML(false)
		enc.Encode(fault.ProblemOf(err, ref, env.Words.FaultWords(ref)))
	} else {
		for _, s := range env.Words.Explain(err, ref) {
			fmt.Fprintln(env.Err, "adamas: "+s.Text)
			if s.Remedy != "" {
				fmt.Fprintln(env.Err, "  → "+s.Remedy)
			}
		}
	}
	if fault.KindOf(err) == fault.KindInternal {
		fmt.Fprintln(env.Err, "  ["+ref+"] "+err.Error())
	}
	return fault.ExitCode(err)
}

func reference() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// language is the one asked for by --language, else that of the environment.
// It is read before the command line is, since help is in words too.
func language(in Invocation) lang.Language {
	for i, a := range in.Args {
		if v, ok := strings.CutPrefix(a, "--language="); ok {
			return lang.Match(v)
		}
		if (a == "--language" || a == "-L") && i+1 < len(in.Args) {
			return lang.Match(in.Args[i+1])
		}
	}
	if v := in.Getenv("ADAMAS_LANG"); v != "" {
		return lang.Match(v)
	}
	return lang.FromEnvironment(in.Getenv)
}

// helpNames are the catalogue's entries under cli. by the name that a flag's tag has
// for them: `help:"cli_verify_pack"` is cli.verify.pack. They are put in after kong
// has read the tags: as variables of kong's they would cost a fifth of a second at
// every start, since it goes through all variables for each flag.
func helpNames(w *lang.Printer) map[string]string {
	names := map[string]string{}
	for _, key := range w.Keys("cli.") {
		names[variable(key)] = key
	}
	return names
}

func variable(key string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(key) }

// speak puts words in the place of names.
func speak(n *kong.Node, w *lang.Printer, names map[string]string) {
	n.Help = spoken(n.Help, w, names)
	for _, v := range n.Values() {
		v.Help = spoken(v.Help, w, names)
	}
	for _, child := range n.Children {
		speak(child, w, names)
	}
}

func spoken(help string, w *lang.Printer, names map[string]string) string {
	if key, ok := names[help]; ok {
		return w.T(key, nil)
	}
	if w.Has(help) {
		return w.T(help, nil)
	}
	return help
}

// quietLibraries keeps Tessera's log lines off the terminal: what matters of
// them reaches Health and our own log.
func quietLibraries() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
}

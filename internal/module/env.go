package module

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// Env is what a command is given: everything it may touch of the process. A
// command's Run method takes it as its only argument.
type Env struct {
	Context context.Context
	In      io.Reader
	Out     io.Writer // results, for people or (with --json) for programs
	Err     io.Writer // progress and remarks
	Now     func() time.Time
	Getenv  func(string) string
	Words   *lang.Printer
	// Terminal tells whether Err is a terminal: progress is shown only there.
	Terminal bool
	// Slog is where a process that serves says what happens; see Logger.
	Slog *slog.Logger
	// OpenNode opens the node in a folder; see Node. Faults: node.*, store.*,
	// keyring.*, ledger.*.
	OpenNode func(dir string) (*Node, error)
	// Typed are passphrases that were typed elsewhere than at the terminal, by folder of
	// keys: into the page that sets a new office up. They are kept nowhere else.
	Typed map[string]string
	// Forward hands an order to the process that serves the node in dir; taken is
	// false when there is none. Nil where orders are done at once.
	Forward func(dir string, o Order) (taken bool, err error)
}

// Exit is an error without words: the command has said what there is to say
// and ends with this status (1 and 2 are verdicts, see package verify).
type Exit int

// Error is for logs.
func (e Exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// Logger is Slog, or without one warnings and errors as text to Err.
func (e *Env) Logger() *slog.Logger {
	if e.Slog != nil {
		return e.Slog
	}
	return slog.New(slog.NewTextHandler(e.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// Say prints the words of a key as one line.
func (e *Env) Say(key string, args lang.Args) { fmt.Fprintln(e.Out, e.Words.T(key, args)) }

// JSON prints one value as one line of JSON.
func (e *Env) JSON(v any) error {
	enc := json.NewEncoder(e.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// PassphraseOf gives what opens a folder of keys: the first line of file, or of
// the file that ADAMAS_PASSPHRASE_FILE names when file is empty, or else a line
// typed at the terminal without echo. The question names the folder, since some
// commands open two. Faults: module.passphrase_file, module.no_terminal.
func (e *Env) PassphraseOf(dir, file string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		if typed, ok := e.Typed[dir]; ok {
			return typed, nil
		}
		return e.secret(file, e.Words.T("cli.passphrase.of", lang.Args{"file": dir}))
	}
}

// NewPassphraseOf is PassphraseOf for a folder that has no key yet: what is typed
// is typed twice, since nothing else would show a slip. Fault also
// module.passphrase_differs.
func (e *Env) NewPassphraseOf(dir, file string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		first, err := e.secret(file, e.Words.T("cli.passphrase.new", lang.Args{"file": dir}))
		if err != nil || e.passphraseFile(file) != "" {
			return first, err
		}
		second, err := e.secret("", e.Words.T("cli.passphrase.again", nil))
		if err == nil && second != first {
			return "", fault.Invalid("module.passphrase_differs")
		}
		return first, err
	}
}

func (e *Env) passphraseFile(file string) string {
	if file != "" {
		return file
	}
	return e.Getenv("ADAMAS_PASSPHRASE_FILE")
}

// mostPassphrase bounds a passphrase file in bytes.
const mostPassphrase = 4 << 10

func (e *Env) secret(file, question string) (string, error) {
	if path := e.passphraseFile(file); path != "" {
		b, err := ReadFile("", path, mostPassphrase)
		if err != nil {
			return "", fault.NotFound("module.passphrase_file", fault.File(path), fault.Because(err))
		}
		line, _, _ := strings.Cut(string(b), "\n")
		return strings.TrimSuffix(line, "\r"), nil
	}
	in, ok := e.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", fault.Unproven("module.no_terminal")
	}
	fmt.Fprint(e.Err, question+" ")
	b, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(e.Err)
	return string(b), err
}

// Fields prints names and values in two columns; a row with an empty value is left
// out.
func (e *Env) Fields(rows ...[2]string) {
	wide := 0
	for _, row := range rows {
		if row[1] != "" {
			wide = max(wide, utf8.RuneCountInString(row[0]))
		}
	}
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(e.Out, "  %-*s  %s\n", wide, row[0], strings.ReplaceAll(row[1], "\n", "\n"+strings.Repeat(" ", wide+4)))
		}
	}
}

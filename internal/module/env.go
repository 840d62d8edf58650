package module

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

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
}

// Exit is an error without words: the command has said what there is to say
// and ends with this status (1 and 2 are verdicts, see package verify).
type Exit int

// Error is for logs.
func (e Exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// Say prints the words of a key as one line.
func (e *Env) Say(key string, args lang.Args) { fmt.Fprintln(e.Out, e.Words.T(key, args)) }

// JSON prints one value as one line of JSON.
func (e *Env) JSON(v any) error {
	enc := json.NewEncoder(e.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Passphrase is what opens keys: the file that ADAMAS_PASSPHRASE_FILE names, or
// else a line typed at the terminal without echo. Faults:
// module.passphrase_file, module.no_terminal.
func (e *Env) Passphrase(context.Context) (string, error) {
	if path := e.Getenv("ADAMAS_PASSPHRASE_FILE"); path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return "", fault.NotFound("module.passphrase_file", fault.File(path), fault.Because(err))
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	in, ok := e.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", fault.Unproven("module.no_terminal")
	}
	fmt.Fprint(e.Err, e.Words.T("cli.passphrase", nil)+" ")
	b, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(e.Err)
	return string(b), err
}

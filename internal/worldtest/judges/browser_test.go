package judges

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify"
	"adamas.example/verify/verifytest/cases"
)

const browserProgram = "./internal/certificate/certificateweb/browser"

// mostBrowserWords is how large a language's words may be, compressed.
const mostBrowserWords = 40_000

// browserAnswer is a line of web/judges/browser.mjs.
type browserAnswer struct {
	Answer string
	Lines  string // a reading as lines; "" for other answers
}

// askBrowser makes calls, [function, argument...], and gives the answers.
func askBrowser(t *testing.T, calls [][]any) []browserAnswer {
	t.Helper()
	lines := runWASM(t, "judges/browser.mjs", browserProgram, calls)
	if len(lines) != len(calls) {
		t.Fatalf("%d answers to %d calls:\n%s", len(lines), len(calls), strings.Join(lines, "\n"))
	}
	out := make([]browserAnswer, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &out[i]); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
	}
	return out
}

// data is an argument that is a Uint8Array.
func data(b []byte) any { return map[string]string{"bytes": base64.StdEncoding.EncodeToString(b)} }

// command is `adamas verify` in one language, with files to verify.
type command struct {
	t      *testing.T
	dir    string
	words  *lang.Catalogue
	parser *kong.Kong
}

func newCommand(t *testing.T) *command {
	words, err := lang.Load(certificateweb.Text())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := lang.Placeholders(certificateweb.Text())
	if err != nil {
		t.Fatal(err)
	}
	vars := kong.Vars{"cli_json": "json"}
	for key := range keys {
		if strings.HasPrefix(key, "cli_") { // every variable costs kong time, once for every command
			vars[key] = key
		}
	}
	parser, err := kong.New(certificateweb.Commands(), vars)
	if err != nil {
		t.Fatal(err)
	}
	return &command{t, t.TempDir(), words, parser}
}

// verify gives what the command prints with --verbose.
func (c *command) verify(l lang.Language, packed, file []byte, opt verify.Options) string {
	c.t.Helper()
	pack, path := filepath.Join(c.dir, "pack"), filepath.Join(c.dir, "file.adamas")
	if err := errors.Join(os.WriteFile(pack, packed, 0o600), os.WriteFile(path, file, 0o600)); err != nil {
		c.t.Fatal(err)
	}
	args := []string{"verify", "--verbose", "--pack", pack, "--for", string(opt.Purpose), "--at", opt.At.Format(time.RFC3339), path}
	if opt.Destination != "" {
		args = append(args, "--to", opt.Destination)
	}
	ctx, err := c.parser.Parse(args)
	if err != nil {
		c.t.Fatal(err)
	}
	var out bytes.Buffer
	env := &module.Env{Context: c.t.Context(), Out: &out, Err: &out, Words: c.words.Printer(l), Now: time.Now, Getenv: func(string) string { return "" }}
	if err := ctx.Run(env); err != nil {
		if _, judged := errors.AsType[module.Exit](err); !judged {
			c.t.Fatal(err)
		}
	}
	return out.String()
}

// commanded are the cases in which the command itself is asked too: each outcome, for
// each purpose, with and without what is withheld.
var commanded = []string{"good", "another weight", "cancelled", "a stale status", "only weight and origin shown",
	"no record, and the pack is older than the limit", "a key that nobody names", "expired", "the pack has it"}

// TestBrowserSaysTheSame: in a browser's machine with the network off, every case is
// told in the words of the command, and its verdict is that of `adamas verify --json`.
// Where the command itself is asked, in every language, what it prints with --verbose
// is what the page can put together, sign for sign.
func TestBrowserSaysTheSame(t *testing.T) {
	c := newCommand(t)
	var calls [][]any
	var names, answers, lines []string
	call := func(name, answer, text string, args ...any) {
		calls, names, answers, lines = append(calls, args), append(names, name), append(answers, answer), append(lines, text)
	}
	asked := map[verify.Outcome]int{}
	for i, each := range cases.All() {
		s := each.Scene()
		file, err := s.Bundle.Encode()
		if err != nil {
			continue // a bundle that cannot be written does not reach a browser
		}
		packed := s.Pack()
		whole := slices.Contains(commanded, each.Name)
		call(each.Name, "", "", "open", data(packed))
		for j, l := range lang.Languages() {
			if !whole && i%3 != j {
				continue
			}
			spoken, err := certificateweb.BrowserWords(c.words.Printer(l))
			if err != nil {
				t.Fatal(err)
			}
			call(each.Name, `{"language":"`+string(l)+`"}`, "", "words", data(spoken))
			for _, p := range []verify.Purpose{verify.Record, verify.Import} {
				opt := s.Options(p)
				if opt.Limits = (verify.Limits{}); p == verify.Record {
					opt.Destination = ""
				}
				v := s.Verifier().Verify(s.Bundle, opt)
				text := ""
				if whole {
					asked[v.Outcome]++
					text = c.verify(l, packed, file, opt)
				}
				question := map[string]any{"at": opt.At.Format(time.RFC3339), "purpose": p, "destination": opt.Destination}
				if opt.Paper != nil {
					question["paper"] = opt.Paper.String()
				}
				call(each.Name+", "+string(p)+", "+string(l), wholeAnswer(t, c.words.Printer(l), v), text, "check", data(file), question)
			}
		}
	}
	if asked[verify.Valid] < 6 || asked[verify.Invalid] < 6 || asked[verify.CannotTell] < 6 || len(calls) < 400 {
		t.Fatalf("only %d calls, and the command was asked %v", len(calls), asked)
	}
	for i, got := range askBrowser(t, calls) {
		if answers[i] != "" && got.Answer != answers[i] {
			t.Errorf("%s: (-here +browser)\n%s", names[i], cmp.Diff(answers[i], got.Answer))
		}
		if lines[i] != "" && got.Lines != lines[i] {
			t.Errorf("%s: (-command +browser)\n%s", names[i], cmp.Diff(lines[i], got.Lines))
		}
		if strings.HasPrefix(got.Answer, `{"fault"`) {
			t.Errorf("%s: %s", names[i], got.Answer)
		}
	}
}

// wholeAnswer is what check answers, made by the printer that the command speaks with.
func wholeAnswer(t *testing.T, words *lang.Printer, v *verify.Verdict) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(reading.Of(words, v, true)); err != nil {
		t.Fatal(err)
	}
	return `{"verdict":` + lineOf(t, v) + `,"reading":` + strings.TrimSuffix(out.String(), "\n") + "}"
}

// TestBrowserTellsFaults: what cannot be done is told in words, and nothing of it stops
// what comes after.
func TestBrowserTellsFaults(t *testing.T) {
	c := newCommand(t)
	s := cases.New()
	s.Good()
	file, err := s.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	packed := s.Pack()
	spoken, err := certificateweb.BrowserWords(c.words.Printer(lang.French))
	if err != nil {
		t.Fatal(err)
	}
	question := map[string]any{"at": "2026-11-23T10:00:00Z"}
	with := func(name string, value any) map[string]any { return map[string]any{"at": question["at"], name: value} }
	tests := []struct {
		call []any
		want string
	}{
		{[]any{"check", data(file), question}, `"key":"check.no_pack","text":"fault.check.no_pack"`},
		{[]any{"words", data([]byte("{}"))}, `"key":"check.words_refused"`},
		{[]any{"words", data(spoken)}, `{"language":"fr"}`},
		{[]any{"pack"}, `"text":"Il faut un paquet`},
		{[]any{"open", data(file)}, `"text":"Le paquet est abîmé`},
		{[]any{"open", data(packed), strings.Repeat("a", 64)}, `"text":"Le paquet suit un autre document racine`},
		{[]any{"open", data(packed), "abc"}, "« abc »"},
		{[]any{"open"}, `"key":"check.unreadable"`},
		{[]any{"open", "a string"}, `"key":"check.unreadable"`},
		{[]any{"open", data(packed)}, `"synthetic":"SYNTHETIC, sans valeur."`},
		{[]any{"pack"}, `{"code":"CF","name":"République centrafricaine"}`},
		{[]any{"check", data([]byte("Monsieur")), question}, `"text":"Ce n’est pas le fichier d’un certificat`},
		{[]any{"check", data([]byte("%PDF-1.7")), question}, `"text":"Aucun certificat n’est joint au PDF."`},
		{[]any{"check", data([]byte("\x89PNG")), question}, `"text":"C’est une image`},
		{[]any{"check", data(make([]byte, 20<<20)), question}, `"key":"check.too_large"`},
		{[]any{"check", data(file)}, `"key":"check.question"`},
		{[]any{"check", data(file), "now"}, `"key":"check.question"`},
		{[]any{"check", data(file), map[string]any{}}, `"key":"check.question"`},
		{[]any{"check", data(file), with("purpose", "export")}, `"key":"check.question"`},
		{[]any{"check", data(file), with("destination", "<b>")}, `"key":"check.question"`},
		{[]any{"likeness", data(packed)}, `"key":"check.not_a_certificate"`},
		{[]any{"likeness", data(file)}, `"rosette":{"path":"M`},
		{[]any{"check", data(file), question}, `{"verdict":{"outcome":"valid"`},
	}
	var calls [][]any
	for _, tt := range tests {
		calls = append(calls, tt.call)
	}
	for i, got := range askBrowser(t, calls) {
		if plain := strings.ReplaceAll(got.Answer, "\u00a0", " "); !strings.Contains(plain, tests[i].want) {
			t.Errorf("%v: %.300s, want %s", tests[i].call[0], plain, tests[i].want)
		}
	}
}

func TestBrowserWordsTravelLight(t *testing.T) {
	c := newCommand(t)
	for _, l := range lang.Languages() {
		file, err := certificateweb.BrowserWords(c.words.Printer(l))
		if err != nil {
			t.Fatal(err)
		}
		size := compressed(t, file)
		t.Logf("%s: %d bytes, compressed %d", l, len(file), size)
		if size > mostBrowserWords {
			t.Errorf("%s: compressed %d bytes, at most %d", l, size, mostBrowserWords)
		}
	}
}

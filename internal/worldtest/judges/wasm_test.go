package judges

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/worldtest/npm"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest/cases"
)

// mostWASM is how large the verifier may be on its way to a browser, compressed:
// what a slow line takes in a minute or so.
const mostWASM = 2_500_000

// buildWASM builds a program for a browser and gives the file.
func buildWASM(t *testing.T, program string) string {
	file := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, program)
	build.Dir = "../../.."
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}

// asked is a question to the verifier, as web/judges/wasm.mjs reads it.
type asked struct {
	Bundle   []byte         `json:"bundle"` // null: no Uint8Array
	Pack     []byte         `json:"pack"`
	Question map[string]any `json:"question"`
}

// lineOf is a verdict as adamas verify --json writes it, without the file's name.
func lineOf(t *testing.T, v *verify.Verdict) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// native answers as the verifier of this process does.
func native(t *testing.T, s *cases.Scene, packed []byte, opt verify.Options) string {
	p, err := pack.Parse(packed, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return lineOf(t, verify.New(p).Verify(s.Bundle, opt))
}

// askWASM lets node ask all questions and gives the answers, one a line.
func askWASM(t *testing.T, questions []asked) []string {
	return runWASM(t, "judges/wasm.mjs", "./verify/wasm", questions)
}

// runWASM lets a script run a program that is built for a browser, on questions, and
// gives the lines that it prints.
func runWASM(t *testing.T, script, program string, questions any) []string {
	raw, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "questions.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	loader := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
	out, err := npm.Run(t, script, buildWASM(t, program), loader, file)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// TestWASM: in a browser's machine every case comes to the verdict it comes to
// here, byte for byte.
func TestWASM(t *testing.T) {
	var questions []asked
	var names, want []string
	for _, c := range cases.All() {
		s := c.Scene()
		file, err := s.Bundle.Encode()
		if err != nil {
			continue // a bundle that cannot be written does not reach a browser
		}
		packed := s.Pack()
		for _, p := range []verify.Purpose{verify.Record, verify.Import} {
			opt := s.Options(p)
			opt.Limits = verify.Limits{}
			question := map[string]any{"purpose": p, "at": opt.At.Format(time.RFC3339), "destination": opt.Destination}
			if opt.Paper != nil {
				question["paper"] = opt.Paper.String()
			}
			questions = append(questions, asked{file, packed, question})
			names = append(names, c.Name+", "+string(p))
			want = append(want, native(t, s, packed, opt))
		}
	}
	if len(questions) < 200 {
		t.Fatalf("only %d questions", len(questions))
	}
	got := askWASM(t, questions)
	if len(got) != len(want) {
		t.Fatalf("%d answers to %d questions:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			t.Errorf("%s: (-here +there)\n%s", names[i], diff)
		}
	}
}

// TestWASMRefuses: what cannot be judged is a fault that names which part.
func TestWASMRefuses(t *testing.T) {
	s := cases.New()
	s.Good()
	file, err := s.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	packed := s.Pack()
	p, err := pack.Parse(packed, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	root := p.Chain.Fingerprints[0].String()
	bent := bytes.Clone(packed)
	bent[len(bent)/2] ^= 1
	const now = "2026-11-23T10:00:00.000Z"
	tests := []struct {
		name     string
		question asked
		want     string
	}{
		{"the pinned root", asked{file, packed, map[string]any{"at": now, "root": root}}, `"outcome":"valid"`},
		{"another root", asked{file, packed, map[string]any{"at": now, "root": strings.Repeat("a", 64)}}, `{"fault":"pack_refused"`},
		{"the pinned root again", asked{file, packed, map[string]any{"at": now, "root": root}}, `"outcome":"valid"`},
		{"half a root", asked{file, packed, map[string]any{"at": now, "root": root[:32]}}, `{"fault":"question"`},
		{"no time", asked{file, packed, map[string]any{}}, `{"fault":"question"`},
		{"a time in numbers", asked{file, packed, map[string]any{"at": 1795420800}}, `{"fault":"question"`},
		{"another purpose", asked{file, packed, map[string]any{"at": now, "purpose": "export"}}, `{"fault":"question"`},
		{"no question", asked{file, packed, nil}, `{"fault":"question"`},
		{"no pack", asked{file, nil, map[string]any{"at": now}}, `{"fault":"pack_refused"`},
		{"a damaged pack", asked{file, bent, map[string]any{"at": now}}, `{"fault":"pack_refused"`},
		{"no bundle", asked{nil, packed, map[string]any{"at": now}}, `{"fault":"bundle_refused"`},
		{"a pack for a bundle", asked{packed, packed, map[string]any{"at": now}}, `{"fault":"bundle_refused"`},
		{"a PDF that nobody printed", asked{fmt.Appendf(nil, "%%PDF-1.7\n1 0 obj\n<</Type/EmbeddedFile/Length %d>>\nstream\n%s\nendstream", len(file), file), packed, map[string]any{"at": now}}, `"reason":"not_printed"`},
		{"a PDF without a certificate", asked{[]byte("%PDF-1.7\n"), packed, map[string]any{"at": now}}, `{"fault":"bundle_refused"`},
		{"half a paper", asked{file, packed, map[string]any{"at": now, "paper": root[:32]}}, `{"fault":"question"`},
		{"a good one after all that", asked{file, packed, map[string]any{"at": now, "purpose": nil, "root": ""}}, `"outcome":"valid"`},
	}
	var questions []asked
	for _, tt := range tests {
		questions = append(questions, tt.question)
	}
	got := askWASM(t, questions)
	if len(got) != len(tests) {
		t.Fatalf("%d answers to %d questions:\n%s", len(got), len(tests), strings.Join(got, "\n"))
	}
	for i, tt := range tests {
		if !strings.Contains(got[i], tt.want) {
			t.Errorf("%s: %s", tt.name, got[i])
		}
	}
}

// TestWASMSize keeps what a page loads small enough for a slow line: the verifier by
// itself, and with its words, papers and ornaments.
func TestWASMSize(t *testing.T) {
	for _, program := range []string{"./verify/wasm", "./internal/certificate/certificateweb/browser"} {
		raw, err := os.ReadFile(buildWASM(t, program))
		if err != nil {
			t.Fatal(err)
		}
		size := compressed(t, raw)
		t.Logf("%s: %d bytes, compressed %d", program, len(raw), size)
		if size > mostWASM {
			t.Errorf("%s: compressed %d bytes, at most %d", program, size, mostWASM)
		}
	}
}

// compressed is the size of a file on its way.
func compressed(t *testing.T, raw []byte) int {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

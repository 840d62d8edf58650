package certificateweb

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest"
	"adamas.example/verify/verifytest/cases"
)

// verifyDesk is a folder with a pack and certificates: one valid, one with another
// weight, one that is not recorded, one file that is no certificate.
type verifyDesk struct {
	t                                     *testing.T
	pack, good, bad, unrecorded, nonsense string
	second                                []byte // the one not recorded, with its proof
	variable                              string // what ADAMAS_PACK says
	out, err                              bytes.Buffer
}

func newDesk(t *testing.T) *verifyDesk {
	dir := t.TempDir()
	d := &verifyDesk{t: t}
	write := func(name string, b []byte, err error) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(err, os.WriteFile(path, b, 0o600)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	scene := func(name string) *cases.Scene {
		i := slices.IndexFunc(cases.All(), func(c cases.Case) bool { return c.Name == name })
		return cases.All()[i].Scene()
	}
	good := scene("good")
	b, err := good.Bundle.Encode()
	d.pack, d.good = write("pack", good.Pack(), nil), write("good.adamas", b, err)
	b, err = scene("another weight").Bundle.Encode()
	d.bad = write("bad.adamas", b, err)
	s := cases.New()
	s.Good()
	s.Good() // the second one: the pack is of the first
	d.second, err = s.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s.Bundle.Proof = nil
	b, err = s.Bundle.Encode()
	d.unrecorded = write("unrecorded.adamas", b, err)
	d.nonsense = write("nonsense.adamas", []byte("%PDF-1.7"), nil)
	return d
}

// env is an hour after the pack was made.
func (d *verifyDesk) env() *module.Env {
	return &module.Env{Context: d.t.Context(), Out: &d.out, Err: &d.err, Words: catalogue(d.t).Printer(lang.English),
		Now: func() time.Time { return time.Unix(verifytest.Start+7200, 0) },
		Getenv: func(name string) string {
			if name == "ADAMAS_PACK" {
				return d.variable
			}
			return ""
		}}
}

// run runs the command as the program does, an hour after the pack was made, and
// gives its status.
func (d *verifyDesk) run(args ...string) int {
	d.t.Helper()
	d.out.Reset()
	d.err.Reset()
	keys, err := lang.Placeholders(Text())
	if err != nil {
		d.t.Fatal(err)
	}
	vars := kong.Vars{"cli_json": "json"}
	for key := range keys {
		vars[strings.ReplaceAll(key, ".", "_")] = key
	}
	parser, err := kong.New(Commands(), vars, kong.Exit(func(int) { d.t.Fatal("the parser ends the program") }))
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, err := parser.Parse(append([]string{"verify"}, args...))
	if err != nil {
		return 64
	}
	env := d.env()
	err = ctx.Run(env)
	if code, ok := errors.AsType[module.Exit](err); ok {
		return int(code)
	}
	words := env.Words.FaultWords("ref")
	for _, f := range fault.All(err) {
		if strings.HasPrefix(f.Key, "module.") { // the program's own words
			d.err.WriteString(f.Error() + "\n")
			continue
		}
		text, remedy := words(f)
		d.err.WriteString(text + "\n" + remedy + "\n")
		if remedy == "" || strings.Contains(text+remedy, "{") {
			d.t.Errorf("a fault without a way out or with a hole: %q, %q", text, remedy)
		}
	}
	return fault.ExitCode(err)
}

// want runs the command and holds its status, and parts of what it prints.
func (d *verifyDesk) want(status int, out, said []string, args ...string) {
	d.t.Helper()
	if got := d.run(args...); got != status {
		d.t.Errorf("%q ends with %d, want %d\n%s\n%s", args, got, status, d.out.String(), d.err.String())
	}
	for _, part := range out {
		if !strings.Contains(d.out.String(), part) {
			d.t.Errorf("%q does not print %q:\n%s", args, part, d.out.String())
		}
	}
	if out == nil && d.out.Len() > 0 {
		d.t.Errorf("%q prints a verdict:\n%s", args, d.out.String())
	}
	for _, part := range said {
		if !strings.Contains(d.err.String(), part) {
			d.t.Errorf("%q does not say %q:\n%s", args, part, d.err.String())
		}
	}
	if said == nil && d.err.Len() > 0 {
		d.t.Errorf("%q says:\n%s", args, d.err.String())
	}
}

func TestStatus(t *testing.T) {
	d := newDesk(t)
	d.want(0, []string{"● SYNTHETIC", "As of"}, nil, "--pack", d.pack, d.good)
	d.want(1, []string{"■ SYNTHETIC"}, nil, "--pack", d.pack, d.bad)
	d.want(2, []string{"▲ SYNTHETIC"}, nil, "--pack", d.pack, d.unrecorded)
	d.want(1, []string{"■ SYNTHETIC", "Acceptable for import"}, nil, "--pack", d.pack, "--for", "import", d.unrecorded)
	d.want(0, []string{"It may be accepted"}, nil, "--pack", d.pack, "--for", "import", "--to", "AE", d.good)
	d.want(1, []string{"not for European Union"}, nil, "--pack", d.pack, "--for", "import", "--to", "EU", d.good)
	// Several: invalid before cannot tell, cannot tell before valid.
	d.want(2, []string{"●", "▲", d.good, d.unrecorded}, nil, "--pack", d.pack, d.good, d.unrecorded)
	d.want(1, []string{"▲", "■", "●"}, nil, "--pack", d.pack, d.unrecorded, d.bad, d.good)
	d.variable = d.pack
	d.want(0, []string{"●"}, nil, d.good)
	d.want(66, nil, []string{d.pack + "x", "--pack"}, "--pack", d.pack+"x", d.good)
}

func TestTime(t *testing.T) {
	d := newDesk(t)
	for at, status := range map[string]int{
		"2026-11-23": 0, "2026-11-23T12:00:00Z": 0, "2026-11-23T13:00:00+01:00": 0,
		"2026-11-23T07:00:00Z": 2, // before the record
		"2027-01-22":           2, // the last day, and the pack too old for it
		"2027-01-23T00:00:00Z": 1,
	} {
		if got := d.run("--pack", d.pack, "--for", "import", "--at", at, d.good); got != status {
			t.Errorf("--at %s ends with %d, want %d\n%s%s", at, got, status, d.out.String(), d.err.String())
		}
	}
	for _, at := range []string{"yesterday", "2026-13-01", "23/11/2026", "2026-11-23T12:00:00", "12:00"} {
		d.want(64, nil, []string{at, "--at"}, "--pack", d.pack, "--at", at, d.good)
	}
}

func TestFaults(t *testing.T) {
	d := newDesk(t)
	d.want(64, nil, []string{"--pack FILE", "ADAMAS_PACK"}, d.good)
	d.want(64, nil, nil, "--pack", d.pack)
	d.want(64, nil, nil, "--pack", d.pack, "--for", "export", d.good)
	d.want(64, nil, nil, "--pack", d.pack, "--nonsense", d.good)
	d.want(64, nil, []string{"--to", "ae"}, "--pack", d.pack, "--for", "import", "--to", "ae", d.good)
	d.want(64, nil, []string{"--to", "--for import"}, "--pack", d.pack, "--to", "AE", d.good)
	d.want(66, nil, []string{d.good + "x", "FILE"}, "--pack", d.pack, d.good+"x")
	d.want(66, nil, []string{filepath.Dir(d.pack), "--pack"}, "--pack", filepath.Dir(d.pack), d.good)
	d.want(65, nil, []string{d.nonsense, "FILE"}, "--pack", d.pack, d.nonsense)
	d.want(65, nil, []string{d.nonsense, "--pack"}, "--pack", d.nonsense, d.good)
	d.want(65, nil, []string{d.good, "--pack"}, "--pack", d.good, d.good)
	d.want(65, nil, []string{d.pack, "FILE"}, "--pack", d.pack, d.pack)
	raw, err := os.ReadFile(d.pack)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(d.pack, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	d.want(65, nil, []string{d.pack, "--pack"}, "--pack", d.pack, d.good)
}

// A file that cannot be judged does not keep the others from it; its status
// counts before theirs.
func TestOneUnreadableFile(t *testing.T) {
	d := newDesk(t)
	d.want(65, []string{"●", "■"}, []string{d.nonsense}, "--pack", d.pack, d.good, d.nonsense, d.bad)
	missing := d.good + "x"
	d.want(66, []string{"●"}, []string{missing, d.nonsense}, "--pack", d.pack, missing, d.nonsense, d.good)
	d.want(66, []string{`"outcome":"valid"`}, []string{missing}, "--json", "--pack", d.pack, missing, d.good)
	if lines := strings.Count(d.out.String(), "\n"); lines != 1 {
		t.Errorf("%d lines of JSON for one file", lines)
	}
}

func TestRoot(t *testing.T) {
	d := newDesk(t)
	raw, err := os.ReadFile(d.pack)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Parse(raw, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := p.Chain.Fingerprints[0].String()
	d.want(0, []string{"●"}, nil, "--pack", d.pack, "--root", fingerprint, d.good)
	other := strings.Repeat("a", 64)
	d.want(65, nil, []string{d.pack, "--root", fingerprint}, "--pack", d.pack, "--root", other, d.good)
	d.want(64, nil, []string{"--root", "abc"}, "--pack", d.pack, "--root", "abc", d.good)
}

func TestJSON(t *testing.T) {
	d := newDesk(t)
	d.want(1, []string{`"outcome":"valid"`, `"outcome":"invalid"`, `"outcome":"cannot_tell"`}, nil, "--json", "--pack", d.pack, d.good, d.bad, d.unrecorded)
	lines := strings.Split(strings.TrimSuffix(d.out.String(), "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines for three files", len(lines))
	}
	for i, want := range []struct{ file, outcome string }{{d.good, "valid"}, {d.bad, "invalid"}, {d.unrecorded, "cannot_tell"}} {
		var got struct {
			File        string `json:"file"`
			Outcome     string `json:"outcome"`
			Synthetic   bool   `json:"synthetic"`
			Certificate struct {
				Number string `json:"number"`
			} `json:"certificate"`
			Checks  []json.RawMessage `json:"checks"`
			NotSaid []json.RawMessage `json:"not_said"`
			Root    string            `json:"root"`
		}
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		if got.File != want.file || got.Outcome != want.outcome || !got.Synthetic || len(got.Checks) < 10 || len(got.NotSaid) < 4 || len(got.Root) != 64 {
			t.Errorf("%s", lines[i])
		}
	}
}

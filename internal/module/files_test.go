package module_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := module.ReadFile("--x", path, 5); err != nil || string(b) != "12345" {
		t.Errorf("%q %v", b, err)
	}
	for _, tt := range []struct {
		path string
		most int64
		key  string
		exit int
	}{
		{path, 4, "module.file_too_large", 65},
		{filepath.Join(dir, "none"), 9, "module.file_missing", 66},
		{dir, 9, "module.file_is_folder", 66},
		{filepath.Join(path, "below"), 9, "module.file_unreadable", 66},
	} {
		_, err := module.ReadFile("--x", tt.path, tt.most)
		f, ok := fault.Of(err)
		if !ok || f.Key != tt.key || f.Field != "--x" || fault.ExitCode(err) != tt.exit {
			t.Errorf("%s: %v", tt.path, err)
		}
	}
}

func TestWriteNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := module.WriteNew("--out", path, []byte("first"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := module.WriteNew("--out", path, []byte("second"), 0o640); !fault.Is(err, "module.file_exists") {
		t.Errorf("written over: %v", err)
	}
	if err := module.WriteNew("--out", filepath.Join(dir, "none", "f"), nil, 0o640); !fault.Is(err, "module.cannot_write") {
		t.Errorf("into no folder: %v", err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err == nil {
		if err := module.WriteNew("--out", filepath.Join(dir, "link"), nil, 0o640); !fault.Is(err, "module.file_exists") {
			t.Errorf("through a link: %v", err)
		}
	}
	b, err := os.ReadFile(path)
	info, _ := os.Stat(path)
	if err != nil || string(b) != "first" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q %v %s", b, err, info.Mode())
	}
	only(t, dir, "f", "link")
}

// Many write one name at once: one of them wins, whole.
func TestWriteNewRace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	const writers = 20
	var won, lost sync.Map
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			text := strings.Repeat(fmt.Sprint(i, " "), 5000)
			if err := module.WriteNew("--out", path, []byte(text), 0o600); err == nil {
				won.Store(text, true)
			} else if fault.Is(err, "module.file_exists") {
				lost.Store(i, true)
			} else {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := won.Load(string(b)); !ok {
		t.Error("the file is nobody's")
	}
	winners := 0
	won.Range(func(any, any) bool { winners++; return true })
	losers := 0
	lost.Range(func(any, any) bool { losers++; return true })
	if winners != 1 || losers != writers-1 {
		t.Errorf("%d won, %d lost", winners, losers)
	}
	only(t, dir, "f")
}

// only wants no other file than these: nothing half-written stays behind.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+e.Name()+" ") {
			t.Errorf("%s stays behind", e.Name())
		}
	}
}

func TestFingerprints(t *testing.T) {
	digits := strings.Repeat("0aF", 21) + "1"
	var groups []string
	for i := 0; i < len(digits); i += 4 {
		groups = append(groups, digits[i:i+4])
	}
	plain, err := module.ReadFingerprint("--root", digits)
	if err != nil || plain.IsZero() || plain.String() != strings.ToLower(digits) {
		t.Errorf("%s %v", plain, err)
	}
	for _, sep := range []string{" ", "\u00a0", "-", ":"} {
		if h, err := module.ReadFingerprint("--root", strings.Join(groups, sep)); err != nil || h != plain {
			t.Errorf("in groups by %q: %s %v", sep, h, err)
		}
	}
	if h, err := module.ReadFingerprint("--root", ""); err != nil || !h.IsZero() {
		t.Errorf("none: %s %v", h, err)
	}
	for _, bad := range []string{"00", digits[1:], digits + "00", strings.Repeat("0", 64), strings.Repeat("g", 64)} {
		if _, err := module.ReadFingerprint("--root", bad); !fault.Is(err, "module.fingerprint") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// A passphrase comes from the file that the command names, else from the one that
// the variable names, else from a terminal; there is none here.
func TestPassphrases(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	words, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	env := func(variable string) *module.Env {
		return &module.Env{In: strings.NewReader("typed\n"), Err: &bytes.Buffer{}, Words: words.Printer(lang.English),
			Getenv: func(string) string { return variable }}
	}
	named, other := write("named", "five words\r\nand a remark\n"), write("other", "six")
	for _, tt := range []struct {
		variable, file, want, fault string
	}{
		{other, named, "five words", ""},
		{other, "", "six", ""},
		{"", named, "five words", ""},
		{"", "", "", "module.no_terminal"},
		{"", filepath.Join(dir, "none"), "", "module.passphrase_file"},
		{dir, "", "", "module.passphrase_file"},
		{write("large", strings.Repeat("x", 5000)), "", "", "module.passphrase_file"},
	} {
		for _, ask := range []func(context.Context) (string, error){env(tt.variable).PassphraseOf("ring", tt.file), env(tt.variable).NewPassphraseOf("ring", tt.file)} {
			got, err := ask(t.Context())
			if got != tt.want || (tt.fault == "") != (err == nil) || tt.fault != "" && !fault.Is(err, tt.fault) {
				t.Errorf("%q, %q: %q %v", tt.variable, tt.file, got, err)
			}
		}
	}
}

func TestFields(t *testing.T) {
	var out bytes.Buffer
	e := &module.Env{Out: &out}
	e.Fields([2]string{"Délai", "72 h"}, [2]string{"Left out entirely", ""}, [2]string{"No", "one\ntwo"})
	if want := "  Délai  72 h\n  No     one\n         two\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDebianPackage: the package is built without root and holds what it should, owned
// by root; the same input gives the same bytes.
func TestDebianPackage(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("dpkg-deb is not here")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "adamas")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	build := func(out string) []byte {
		cmd := exec.Command("../../packaging/deb/build", program, "v1.2-3-gabc_x", "amd64", filepath.Join(dir, out))
		cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1767225600")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		b, err := os.ReadFile(filepath.Join(dir, out))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if string(build("a.deb")) != string(build("b.deb")) {
		t.Error("built twice it is another package")
	}
	ask := func(args ...string) string {
		out, err := exec.Command("dpkg-deb", append(args, filepath.Join(dir, "a.deb"))...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	fields := ask("--field")
	for _, want := range []string{"Package: adamas", "Version: 1.2.3.gabc.x", "Architecture: amd64", "Depends: adduser", "Maintainer: ", "Description: "} {
		if !strings.Contains(fields, want) {
			t.Errorf("no %q in\n%s", want, fields)
		}
	}
	list := ask("--contents")
	for _, want := range []string{"./usr/bin/adamas", "./usr/lib/systemd/system/adamas.service", "./usr/share/man/man1/adamas.1.gz", "./usr/share/doc/adamas/copyright",
		"./usr/share/doc/adamas/changelog.gz", "./usr/share/doc/adamas/cli.md.gz"} {
		if !strings.Contains(list, " "+want+"\n") {
			t.Errorf("no %s in\n%s", want, list)
		}
	}
	for line := range strings.Lines(list) {
		if !strings.Contains(line, " root/root ") || strings.Contains(line, "rwxrwx") {
			t.Errorf("not root's own: %s", line)
		}
	}
	if scripts := ask("--info"); !strings.Contains(scripts, "postinst") || !strings.Contains(scripts, "md5sums") {
		t.Errorf("%s", scripts)
	}
}

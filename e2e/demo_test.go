package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFirstVisitor: somebody has just typed `make run`. The story is told, the
// page is there in three languages, what it links to can be had, and what was
// downloaded is judged with the network off.
func TestFirstVisitor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	s := serve(t, dir)
	for _, want := range []string{"SYNTHETIC", "Camp Péré", "logged, not yet witnessed", "● valid  CF00000001.adamas", "■ invalid  facts.match"} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("the story does not say %q", want)
		}
	}
	for lang, want := range map[string]string{"en": "Register of the office", "fr": "Registre du bureau", "pt": "Registo da repartição"} {
		page, head := get(t, s.url+"/status?lang="+lang)
		for _, w := range []string{want, "SYNTHETIC", `<html lang="` + lang, "CF00000001.adamas", `href="/certificates/CF00000001.pdf"`, "cf.kp.example/2026"} {
			if !strings.Contains(page, w) {
				t.Errorf("%s: the page does not say %q", lang, w)
			}
		}
		if strings.Contains(page, "status.") || strings.Contains(page, "demo.") {
			t.Errorf("%s: the page shows a key instead of words", lang)
		}
		if csp := head.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("policy %q", csp)
		}
	}
	if checkpoint, _ := get(t, s.url+"/log/checkpoint"); !strings.HasPrefix(checkpoint, "cf.kp.example/2026\n") {
		t.Errorf("checkpoint %q", checkpoint)
	}
	for _, path := range []string{"/log/.state/treeState", "/log/", "/node.toml", "/certificates/..%2fpack", "/certificates/nothing.adamas", "/certificates/nothing.pdf", "/certificates/CF99999999"} {
		if r, err := http.Get(s.url + path); err != nil || r.StatusCode == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
	if pdf, head := get(t, s.url+"/certificates/CF00000001.pdf"); !strings.HasPrefix(pdf, "%PDF-") || head.Get("Content-Type") != "application/pdf" {
		t.Errorf("the paper is served as %s", head.Get("Content-Type"))
	}
	away := t.TempDir()
	for _, f := range []string{"pack", "certificates/CF00000002.adamas"} {
		body, _ := get(t, s.url+"/"+f)
		if err := os.WriteFile(filepath.Join(away, filepath.Base(f)), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code := s.stop(t); code != 0 {
		t.Errorf("Ctrl-C ended it with %d", code)
	}
	if out, _, _ := run(t, nil, "pgrep", "-f", dir); out != "" {
		t.Errorf("processes left behind: %s", out)
	}
	judge(t, away)

	// The next day it is served again, from what is there.
	again := serve(t, dir)
	if _, head := get(t, again.url+"/"); head.Get("Content-Type") == "" {
		t.Error("not served again")
	}
}

// judge verifies what was downloaded, in a network namespace without any
// network where the system allows one.
func judge(t *testing.T, away string) {
	t.Helper()
	args := []string{program(t), "verify", "--json", "--pack", filepath.Join(away, "pack"), filepath.Join(away, "CF00000002.adamas")}
	if exec.Command("unshare", "-rn", "true").Run() == nil {
		args = append([]string{"unshare", "-rn"}, args...)
	} else {
		t.Log("no network namespaces here: the network stays on")
	}
	out, errs, code := run(t, nil, args...)
	if code != 0 || !strings.Contains(out, `"outcome":"valid"`) {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	var verdict struct {
		Synthetic bool
		State     string
	}
	if err := json.Unmarshal([]byte(out), &verdict); err != nil || !verdict.Synthetic || verdict.State != "witnessed" {
		t.Errorf("%+v %v", verdict, err)
	}
	for _, file := range []string{"pack", "CF00000002.adamas"} {
		path := filepath.Join(away, file)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			bent := bytes.Clone(whole)
			i := rand.IntN(len(bent))
			bent[i] ^= byte(1 + rand.IntN(255))
			if err := os.WriteFile(path, bent, 0o600); err != nil {
				t.Fatal(err)
			}
			out, _, code := run(t, nil, args...)
			if code == 0 || strings.Contains(out, `"outcome":"valid"`) {
				t.Errorf("%s with byte %d changed is still valid", file, i)
			}
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func get(t *testing.T, url string) (string, http.Header) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, r.Status, err)
	}
	return string(b), r.Header
}

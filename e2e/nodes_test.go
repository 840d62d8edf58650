package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// countries of the demonstration, each with a node of its own.
var countries = []string{"cf", "ae", "eu"}

// numbers are the certificates of the demonstration.
var numbers = []string{"AE00000001", "CF00000001", "CF00000002", "CF00000003"}

// told is the demonstration, made once for all journeys that only need its end:
// each works on a copy. Beside the folder it gives what was printed.
var told = sync.OnceValues(func() ([2]string, error) {
	dir, err := os.MkdirTemp("", "adamas-e2e-demo-")
	if err != nil {
		return [2]string{}, err
	}
	path, err := built()
	if err != nil {
		return [2]string{}, err
	}
	dir = filepath.Join(dir, "demo")
	out, err := tell(path, dir)
	return [2]string{dir, out}, err
})

// copied is a copy of the demonstration's folder for one journey.
func copied(t *testing.T) string {
	t.Helper()
	d, err := told()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "demo")
	copyTree(t, d[0], dir)
	return dir
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	// CopyFS widens what only the owner may read, and keys are refused then.
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return os.Chmod(filepath.Join(to, rel), info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// judged is what `adamas verify --json` says of one file.
type judged struct {
	Outcome string
	State   string
	Checks  []struct {
		Code, Outcome, Reason string
		Facts                 map[string]any
	}
	Notes []struct {
		Code, By string
		Facts    map[string]any
	}
}

// failed is the reason and the facts of the check that failed.
func (j *judged) failed() (reason string, facts map[string]any) {
	for _, c := range j.Checks {
		if c.Outcome == "fail" {
			return c.Reason, c.Facts
		}
	}
	return "", nil
}

func verify(t *testing.T, pack, file string, more ...string) (judged, int) {
	t.Helper()
	out, errs, code := run(t, nil, append([]string{program(t), "verify", "--json", "--pack", pack, file}, more...)...)
	var j judged
	if code <= 2 {
		if err := json.Unmarshal([]byte(out), &j); err != nil {
			t.Fatalf("%s: %v\n%s%s", file, err, out, errs)
		}
	}
	return j, code
}

// TestThreeNodes: the whole story ends well; every certificate is genuine and
// recorded, and none may be imported now, each for its own reason.
func TestThreeNodes(t *testing.T) {
	dir := copied(t)
	d, _ := told()
	for _, office := range []string{"CF/bangui", "AE/dubai", "EU/antwerp"} {
		if !strings.Contains(d[1], office) {
			t.Errorf("the story does not tell of the node of %s", office)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "certificates", "*.adamas"))
	if err != nil || len(files) != len(numbers) {
		t.Fatal(files, err)
	}
	today := time.Now().UTC()
	reasons := map[string]struct{ reason, office string }{
		"CF00000001": {"already_imported", "AE/dubai"}, "AE00000001": {"already_imported", "EU/antwerp"},
		"CF00000002": {"reported_lost", "CF/bangui"}, "CF00000003": {"detained", "EU/antwerp"}}
	pack := filepath.Join(dir, "pack")
	for _, number := range numbers {
		file := filepath.Join(dir, "certificates", number+".adamas")
		if j, code := verify(t, pack, file); code != 0 || j.Outcome != "valid" || j.State != "witnessed" {
			t.Errorf("%s, record: exit %d, %+v", number, code, j)
		}
		j, code := verify(t, pack, file, "--for", "import")
		reason, facts := j.failed()
		if code != 1 || j.Outcome != "invalid" || reason != reasons[number].reason || facts["office"] != reasons[number].office {
			t.Errorf("%s, import: exit %d, %s: %s %v", number, code, j.Outcome, reason, facts)
		}
		if day, _ := time.Parse(time.DateOnly, fmt.Sprint(facts["day"])); today.Sub(day) > 48*time.Hour {
			t.Errorf("%s: no day: %v", number, facts)
		}
		bend(t, file, 6, func(at int) {
			if j, code := verify(t, pack, file); code == 0 || j.Outcome == "valid" {
				t.Errorf("%s with byte %d changed is valid", number, at)
			}
		})
		bend(t, pack, 6, func(at int) {
			if j, code := verify(t, pack, file); code == 0 || j.Outcome == "valid" {
				t.Errorf("%s is valid by a pack with byte %d changed", number, at)
			}
		})
	}
}

// bend changes one byte of a file at a time, n bytes in all, and puts it back.
func bend(t *testing.T, file string, n int, look func(at int)) {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		i := rand.IntN(len(whole))
		bent := append([]byte(nil), whole...)
		bent[i] ^= byte(1 + rand.IntN(255))
		write(t, file, bent)
		look(i)
	}
	write(t, file, whole)
}

func write(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestStrangerOfThree: somebody has the three log folders and the root document,
// and nothing else. He comes to what the verifier notes, and misses no change.
func TestStrangerOfThree(t *testing.T) {
	dir, away := copied(t), t.TempDir()
	root := filepath.Join(away, "trust", "root-1.cbor")
	copyTree(t, filepath.Join(dir, "trust"), filepath.Dir(root))
	args := []string{program(t), "audit", "--root", root, "--json"}
	var logs []string
	for _, c := range countries {
		logs = append(logs, filepath.Join(away, c))
		copyTree(t, filepath.Join(dir, "node-"+c, "log"), filepath.Join(away, c))
	}
	args = append(args, logs...)
	out, errs, code := run(t, nil, args...)
	var report struct {
		Violations int
		Logs       []struct{ Certificates int }
		Pairs      []struct {
			From, To                string
			Issued, Received, Ended int
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || report.Violations != 0 || len(report.Logs) != 3 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	pairs := map[string][3]int{}
	for _, p := range report.Pairs {
		pairs[p.From+p.To] = [3]int{p.Issued, p.Received, p.Ended}
	}
	if fmt.Sprint(pairs) != "map[AEEU:[1 1 0] CFAE:[2 1 1] CFEU:[1 0 0]]" {
		t.Errorf("pairs %v", pairs)
	}
	sameStatus(t, dir, filepath.Dir(root), logs)
	for _, log := range logs {
		for _, f := range publicFiles(t, log) {
			bend(t, f, 1, func(at int) {
				if out, _, code := run(t, nil, args...); code != 1 {
					t.Errorf("%s: exit %d with byte %d changed\n%s", f, code, at, out)
				}
			})
		}
	}
}

// sameStatus holds what `adamas status` counts from the logs against the verifier's
// notes from bundle and pack, certificate by certificate.
func sameStatus(t *testing.T, dir, trust string, logs []string) {
	t.Helper()
	out, errs, code := run(t, nil, append([]string{program(t), "status", "--json", "--trust", trust}, logs...)...)
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	noted := map[string]string{"status.used": "received", "status.lost": "lost", "status.detained": "detained"}
	seen := 0
	for line := range strings.Lines(out) {
		var c struct{ Number, State string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if c.Number == "" {
			continue // the counts
		}
		seen++
		j, _ := verify(t, filepath.Join(dir, "pack"), filepath.Join(dir, "certificates", c.Number+".adamas"))
		if len(j.Notes) == 0 || noted[j.Notes[len(j.Notes)-1].Code] != c.State {
			t.Errorf("%s: counted %s, noted %+v", c.Number, c.State, j.Notes)
		}
	}
	if seen != len(numbers) {
		t.Errorf("%d certificates counted", seen)
	}
}

package tilelog

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/tlog"
	"k8s.io/klog/v2"
)

// childDir in the environment makes the test binary a process to be killed.
const childDir = "TILELOG_TEST_CHILD"

func TestMain(m *testing.M) {
	klog.LogToStderr(false) // Tessera tells every failed attempt, and tests make many
	klog.SetOutput(io.Discard)
	if dir := os.Getenv(childDir); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

// child adds entries from many goroutines for ever and prints each that is
// acknowledged, on one line with its index. Checkpoints and collections go on as
// often as they can.
func child(dir string) {
	d, err := Open(Config{Dir: dir, HTTP: http.DefaultClient})
	if err != nil {
		log.Fatal(err)
	}
	signer, _ := logKey()
	opts := tessera.NewAppendOptions().WithCheckpointSigner(signer).WithBatching(16, time.Millisecond).
		WithCheckpointInterval(minInterval).WithGarbageCollectionInterval(7 * time.Millisecond)
	appender, _, _, err := tessera.NewAppender(context.Background(), d, opts)
	if err != nil {
		log.Fatal(err)
	}
	var all sync.WaitGroup
	for w := range 12 {
		all.Go(func() {
			for i := range 1_000_000 {
				data := fmt.Sprintf("SYNTHETIC process %d worker %d entry %d", os.Getpid(), w, i)
				index, err := appender.Add(context.Background(), tessera.NewEntry([]byte(data)))()
				if err != nil {
					log.Fatal(err)
				}
				fmt.Printf("%d %s\n", index.Index, data)
			}
		})
	}
	all.Wait()
}

// runAndKill lets a child work on dir and kills it some moments after so many
// acknowledgements; 0 is after its start. It returns what it acknowledged.
func runAndKill(t *testing.T, dir string, enough int, moments time.Duration) map[uint64]string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		time.Sleep(moments)
		if err := cmd.Process.Kill(); err != nil { // SIGKILL; TerminateProcess on Windows
			t.Error(err)
		}
	})
	var killed sync.WaitGroup
	defer killed.Wait()
	if enough == 0 {
		killed.Go(kill)
	}
	acknowledged := make(map[uint64]string)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // the pipe ends with the process; a line cut short says nothing
			break
		}
		at, data, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		index, err := strconv.ParseUint(at, 10, 64)
		if err != nil {
			t.Fatalf("the child says %q", line)
		}
		if other, twice := acknowledged[index]; twice {
			t.Fatalf("index %d went to %q and %q", index, other, data)
		}
		acknowledged[index] = data
		if len(acknowledged) == enough {
			wantTaken(t, dir)
			killed.Go(kill)
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Success() {
		t.Fatal("the child ended by itself")
	}
	return acknowledged
}

// wantTaken: another process has the folder.
func wantTaken(t *testing.T, dir string) {
	t.Helper()
	d, err := Open(Config{Dir: dir})
	if err == nil {
		d.Close()
	}
	wantFault(t, err, "tilelog.directory_taken")
}

// TestKill kills a busy process again and again at random moments. Every entry
// that was acknowledged is at its index, now and for ever; checkpoints only ever
// grow by appending; outside judges find nothing.
func TestKill(t *testing.T) {
	t.Parallel()
	const kills = 15
	dir := filepath.Join(t.TempDir(), "log")
	acknowledged := make(map[uint64]string)
	var checkpoints []tlog.Tree
	for n := range kills {
		enough, moments := 1+rand.N(600), rand.N(10*time.Millisecond)
		if n%5 == 0 {
			enough, moments = 0, rand.N(100*time.Millisecond) // perhaps before there is a log
		}
		for index, data := range runAndKill(t, dir, enough, moments) {
			if other, twice := acknowledged[index]; twice {
				t.Fatalf("index %d of %q was given again to %q", index, other, data)
			}
			acknowledged[index] = data
		}
		if raw, err := os.ReadFile(filepath.Join(dir, "checkpoint")); err == nil {
			checkpoints = append(checkpoints, openCheckpoint(t, raw))
		}
		entries := reopen(t, dir)
		for index, data := range acknowledged {
			if index >= uint64(len(entries)) || !bytes.Equal(entries[index], []byte(data)) {
				t.Fatalf("kill %d: %q is not at %d of %d", n, data, index, len(entries))
			}
		}
		stored := storedHashes(t, entries)
		for _, c := range checkpoints {
			if root, err := tlog.TreeHash(c.N, stored); err != nil || root != c.Hash {
				t.Fatalf("kill %d: the checkpoint of size %d is of another log, %v", n, c.N, err)
			}
		}
	}
	t.Logf("%d kills, %d entries acknowledged, %d checkpoints seen", kills, len(acknowledged), len(checkpoints))
}

// reopen opens a log after a crash, checks it in every way, lets it publish all
// it has and closes it.
func reopen(t *testing.T, dir string) [][]byte {
	t.Helper()
	r := ours().start(t, dir, options(t))
	if left, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(tmpDir))); err != nil || len(left) > 1 {
		t.Errorf("temporary files stay after the start: %v, %v", left, err) // one may be the checkpoint being written
	}
	size := int(r.size())
	r.published(size)
	r.stop()
	entries := checkFolder(t, dir)
	if len(entries) != size || slices.ContainsFunc(entries, func(e []byte) bool { return !bytes.HasPrefix(e, []byte("SYNTHETIC")) }) {
		t.Fatalf("%d entries are readable of %d", len(entries), size)
	}
	return entries
}

package tilelog

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/ledger/witness"
	"adamas.example/verify/policy"
)

// office is a witness behind a line that can be down.
type office struct {
	vkey  policy.VKey
	url   string
	down  atomic.Bool
	asked atomic.Int64 // while it was down
}

func newOffice(t *testing.T, name string, seed byte) *office {
	t.Helper()
	public := seededKey(1).Public().(ed25519.PublicKey)
	w, err := witness.New(witness.Config{
		Dir: t.TempDir(), Name: name, Signer: seededKey(seed), Now: time.Now,
		Logs: []witness.Log{{Origin: testOrigin, VKeys: []string{policy.LogVKey(testOrigin, public).String()}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{vkey: policy.WitnessVKey(name, seededKey(seed).Public().(ed25519.PublicKey))}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if o.down.Load() {
			o.asked.Add(1)
			http.Error(rw, "down", http.StatusBadGateway)
			return
		}
		w.ServeHTTP(rw, r)
	}))
	o.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// pillars is a policy of three pillars with one witness each, and the offices.
func pillars(t *testing.T) (string, []*office) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "log %s\n", policy.LogVKey(testOrigin, seededKey(1).Public().(ed25519.PublicKey)))
	offices := make([]*office, 3)
	for i, p := range policy.Pillars {
		offices[i] = newOffice(t, "witness.example/"+p.String(), byte(10+i))
		fmt.Fprintf(&text, "witness w%d %s %s\n", i, offices[i].vkey, offices[i].url)
		fmt.Fprintf(&text, "group %s 1 w%d\n", p, i)
	}
	text.WriteString("group all-pillars all government industry civil\nquorum all-pillars\n")
	return text.String(), offices
}

func witnessed(t *testing.T, text string) *tessera.AppendOptions {
	t.Helper()
	group, err := tessera.NewWitnessGroupFromPolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return options(t).WithWitnesses(group, &tessera.WitnessOptions{Timeout: 2 * time.Second})
}

// satisfied holds a checkpoint against the strict policy.
func satisfied(t *testing.T, text string, raw []byte) {
	t.Helper()
	p, err := policy.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := policy.ParseCheckpoint(string(raw))
	if err == nil {
		_, err = p.Check(c)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, raw)
	}
}

// TestWitnessesDownAndUp: without one pillar nothing is published, though
// entries go on being durable; when it is back the whole log is.
func TestWitnessesDownAndUp(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		text, offices := pillars(t)
		dir, entries := t.TempDir(), someEntries(1, 0, 900)
		r := e.start(t, dir, witnessed(t, text))
		r.append(0, entries[:300])
		_, before := r.published(300)
		satisfied(t, text, before)
		// The last checkpoint may have been asked for already: let it come.
		last := openCheckpoint(t, before).N
		for i, o := range offices {
			o.down.Store(true)
			from := 300 + 200*i
			r.append(from, entries[from:from+200])
			for end := time.Now().Add(patience); o.asked.Load() < 4; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("pillar %d was asked %d times", i, o.asked.Load())
				}
			}
			if tree, _ := r.published(0); tree.N != last {
				t.Errorf("size %d is published without pillar %d", tree.N, i)
			}
			if got := r.size(); got != uint64(from+200) {
				t.Errorf("%d entries are durable", got)
			}
			if i == 1 { // a restart while a pillar is away
				r.stop()
				r = e.start(t, dir, witnessed(t, text))
			}
			o.down.Store(false)
			tree, raw := r.published(from + 200)
			satisfied(t, text, raw)
			last = tree.N
		}
		r.stop()
		if got := checkFolder(t, dir); len(got) != 900 {
			t.Errorf("%d entries are published", len(got))
		}
	})
}

// TestFirstStartWithoutWitnesses: a log can begin offline. Nothing is published
// until the witnesses are there.
func TestFirstStartWithoutWitnesses(t *testing.T) {
	t.Parallel()
	text, offices := pillars(t)
	offices[2].down.Store(true)
	dir := t.TempDir()
	r := ours().start(t, dir, witnessed(t, text))
	r.append(0, someEntries(1, 0, 3))
	if raw, err := r.reader.ReadCheckpoint(t.Context()); !os.IsNotExist(err) {
		t.Errorf("published: %q, %v", raw, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "checkpoint")); !os.IsNotExist(err) {
		t.Errorf("there is a file: %v", err)
	}
	offices[2].down.Store(false)
	_, raw := r.published(3)
	satisfied(t, text, raw)
}

// timedSigner notes when it is asked to sign, and can refuse.
type timedSigner struct {
	note.Signer
	refuse atomic.Bool
	mu     sync.Mutex
	times  []time.Time
}

func (s *timedSigner) Sign(msg []byte) ([]byte, error) {
	s.mu.Lock()
	s.times = append(s.times, time.Now())
	s.mu.Unlock()
	if s.refuse.Load() {
		return nil, errors.New("the key is away")
	}
	return s.Signer.Sign(msg)
}

func (s *timedSigner) since(begin time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]time.Duration, len(s.times))
	for i, t := range s.times {
		out[i] = t.Sub(begin)
	}
	return fmt.Sprint(out)
}

// TestPace: a log that grows is published every interval and not before, one
// that does not every republish interval, and one that never republishes not at
// all. The clock of a bubble begins in the year 2000, so that to it the files of
// the one before are of the future, as on a PC whose clock was put back.
func TestPace(t *testing.T) {
	t.Parallel()
	const interval, republish = 10 * time.Second, time.Minute
	key, _ := logKey()
	tests := []struct {
		name      string
		republish time.Duration
		run       func(*running)
		want      string
	}{
		{"grows", republish, func(r *running) {
			r.append(0, someEntries(1, 0, 5))
			time.Sleep(25 * time.Second)
			r.append(5, someEntries(1, 5, 5)) // durable after a batch age of 1 ms
			time.Sleep(130 * time.Second)
		}, "[0s 10s 25.002s 1m25.002s 2m25.002s]"},
		{"clock put back", republish, func(*running) { time.Sleep(100 * time.Second) }, "[0s 1m0s]"},
		{"never republished", 0, func(*running) { time.Sleep(3 * time.Hour) }, "[]"},
		{"below zero is never", -1, func(*running) { time.Sleep(3 * time.Hour) }, "[]"},
	}
	dir := t.TempDir()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				signer, begin := &timedSigner{Signer: key}, time.Now()
				r := ours().start(t, dir, options(t).WithCheckpointSigner(signer).
					WithCheckpointInterval(interval).WithCheckpointRepublishInterval(test.republish))
				test.run(r)
				r.stop()
				if got := signer.since(begin); got != test.want {
					t.Errorf("published at %s, want %s", got, test.want)
				}
			})
		})
	}
}

// TestPaceAfterFailure: a failed attempt is repeated an interval after its end,
// however much the log grows meanwhile.
func TestPaceAfterFailure(t *testing.T) {
	t.Parallel()
	key, _ := logKey()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		signer, begin := &timedSigner{Signer: key}, time.Now()
		r := ours().start(t, dir, options(t).WithCheckpointSigner(signer).WithCheckpointInterval(10*time.Second))
		signer.refuse.Store(true)
		for i := range 35 {
			r.append(i, someEntries(1, i, 1))
			time.Sleep(999 * time.Millisecond) // and 1 ms of batch age
		}
		signer.refuse.Store(false)
		time.Sleep(time.Minute)
		if got := signer.since(begin); got != "[0s 10s 20s 30s 40s]" {
			t.Errorf("tried at %s", got)
		}
		if tree, _ := r.published(35); tree.N != 35 {
			t.Errorf("published %d", tree.N)
		}
		r.stop()
	})
}

// heldSigner signs when it is let go.
type heldSigner struct {
	note.Signer
	asked, letGo chan struct{}
}

func (s *heldSigner) Sign(msg []byte) ([]byte, error) {
	s.asked <- struct{}{}
	<-s.letGo
	return s.Signer.Sign(msg)
}

// TestCloseWaits: the folder is not given free while something is still being
// published.
func TestCloseWaits(t *testing.T) {
	key, _ := logKey()
	dir := t.TempDir()
	ours().start(t, dir, options(t)).stop()
	signer := &heldSigner{key, make(chan struct{}), make(chan struct{})}
	r := ours().start(t, dir, options(t).WithCheckpointSigner(signer))
	r.append(0, someEntries(1, 0, 1))
	<-signer.asked
	closed := make(chan error)
	go func() { closed <- r.driver.(*Driver).Close() }()
	select {
	case err := <-closed:
		t.Errorf("closed while publishing: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	_, err := Open(Config{Dir: dir})
	wantFault(t, err, "tilelog.directory_taken")
	close(signer.letGo)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if got := ours().start(t, dir, options(t)).size(); got != 1 {
		t.Errorf("%d entries", got)
	}
}

// TestPublicationFails: when the file cannot be written the attempt is repeated.
func TestPublicationFails(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		dir := t.TempDir()
		r := e.start(t, dir, options(t))
		r.published(0)
		file := filepath.Join(dir, "checkpoint")
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		block(t, file) // a folder in its place
		r.append(0, someEntries(1, 0, 5))
		time.Sleep(3 * minInterval) // some attempts; with none the test still holds
		if raw, err := r.reader.ReadCheckpoint(t.Context()); err == nil && !bytes.Equal(raw, before) {
			t.Errorf("published where no file can be: %q", raw)
		}
		unblock(t, file)
		if err := os.WriteFile(file, before, filePerm); err != nil {
			t.Fatal(err)
		}
		r.published(5)
		r.stop()
		checkFolder(t, dir)
	})
}

// block puts a folder with a file in it where a file should be written, which
// no system replaces.
func block(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(path, "in the way"), dirPerm); err != nil {
		t.Fatal(err)
	}
}

func unblock(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

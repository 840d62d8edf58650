package storm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/klog/v2"

	"adamas.example/internal/worldtest/nodes"
)

// TestStorm is the short trial.
func TestStorm(t *testing.T) {
	if os.Getenv("ADAMAS_SOAK") == "" {
		t.Skip("ADAMAS_SOAK=1 runs it: it makes the three-node demonstration first, which alone takes longer than the trial")
	}
	trial(t, 6, 20*time.Second, 3*time.Second)
}

// TestStormSoak is the long one.
func TestStormSoak(t *testing.T) {
	if os.Getenv("ADAMAS_SOAK") != "1" {
		t.Skip("ADAMAS_SOAK=1 runs it")
	}
	clients, long := 50, 10*time.Minute
	if s := os.Getenv("ADAMAS_STORM_CLIENTS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		clients = n
	}
	if s := os.Getenv("ADAMAS_STORM_TIME"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		long = d
	}
	if b := trial(t, clients, long, 5*time.Second); b.completed == b.systems || b.systems == 0 {
		t.Error("no journey of people, or none of systems, came to its end: nothing is shown of issue and receipt")
	}
}

func seed(t *testing.T) uint64 {
	s := os.Getenv("ADAMAS_STORM_SEED")
	if s == "" {
		return rand.Uint64()
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// build builds the program.
func build(t *testing.T) string {
	bin := filepath.Join(t.TempDir(), "adamas")
	cmd := exec.Command("go", "build", "-o", bin, "adamas.example/cmd/adamas")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

func trial(t *testing.T, clients int, long, every time.Duration) *book {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	bin, drawn := build(t), seed(t)
	dir, err := os.MkdirTemp("", "adamas-storm-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("ADAMAS_STORM_SEED=%d; kept: %s", drawn, dir)
		} else {
			os.RemoveAll(dir)
		}
	})
	w := &world{nodes.New(t, bin, filepath.Join(dir, "world")), map[string]int{}}
	if err := os.MkdirAll(w.Path("forms-storm"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.Procs {
		if err := w.Start(p); err != nil {
			t.Fatal(err)
		}
	}
	b := &book{gaveUp: map[string]int{}, applied: map[string]int{}}
	rage(t, w, b, clients, drawn, long, every)
	t.Logf("seed %d: %d clients, %s: kills %v, %d starts found the folder in use; %d journeys begun, %d completed (%d through the API), others %v; %d acts acknowledged, %d done unheard, %d sent again, %d approved again",
		drawn, clients, long, w.kills, w.Refused, b.started, b.completed, b.systems, b.gaveUp, len(b.acks), b.lookedUp, b.repeated, b.approved)
	judge(t, w, b)
	return b
}

// rage lets clients work and processes die until the time is over.
func rage(t *testing.T, w *world, b *book, clients int, drawn uint64, long, every time.Duration) {
	keys, sign := officerKeys(t, w), signers(t, w)
	systems := make([]*system, clients/2) // the other half are people at a command line
	for i := range systems {
		systems[i] = newSystem(t, w, b, fmt.Sprintf("system %d", i+1))
	}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var all sync.WaitGroup
	for i, s := range systems {
		s.ctx, s.keys, s.signers, s.r = ctx, keys, sign, rand.New(rand.NewPCG(drawn, uint64(clients+i+1)))
		all.Go(s.work)
	}
	for i := range clients - len(systems) {
		c := &client{w: w, b: b, ctx: ctx, r: rand.New(rand.NewPCG(drawn, uint64(i+1))), name: fmt.Sprintf("client %d", i+1), keys: keys}
		all.Go(c.work)
	}
	if err := w.storm(ctx, rand.New(rand.NewPCG(drawn, 0)), every); err != nil {
		t.Error(err)
	}
	all.Wait()
}

// officerKeys are the key ids of the two that prepare and issue.
func officerKeys(t *testing.T, w *world) (ids []string) {
	for i := range 2 {
		out, errs, code := w.Adamas(time.Minute, "keys", "show", "officer", "--dir", w.Path("keys-SYNTHETIC", fmt.Sprintf("officer-%d", i+1)), "--json")
		var v struct {
			ID string `json:"key_id"`
		}
		if err := json.Unmarshal([]byte(out), &v); code != 0 || err != nil {
			t.Fatalf("keys show: exit %d %v %s", code, err, errs)
		}
		ids = append(ids, v.ID)
	}
	return ids
}

// world is the nodes and witnesses, with how often each kind was killed.
type world struct {
	*nodes.World
	kills map[string]int
}

// storm kills and starts again until the time is over; then all are up.
func (w *world) storm(ctx context.Context, r *rand.Rand, every time.Duration) error {
	for {
		wait := every/2 + time.Duration(r.Int64N(int64(every)))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		p := w.Procs[r.IntN(len(w.Procs))]
		if r.IntN(2) == 0 { // nodes as often as witnesses, though there are fewer
			p = w.Nodes[nodes.Participants[r.IntN(len(nodes.Participants))]]
		}
		p.Kill()
		kind, _, _ := strings.Cut(p.Name, " ")
		w.kills[kind]++
		time.Sleep(time.Duration(r.Int64N(int64(time.Second))))
		if err := w.Start(p); err != nil {
			return err
		}
	}
}

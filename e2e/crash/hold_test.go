package crash

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/policy"
)

// until takes acknowledgements until one is as wanted.
func until(t *testing.T, r *run, what string, want func(ack) bool) (got []ack) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case a, ok := <-r.acks:
			if !ok {
				t.Fatalf("%s: the office ended: %s", what, r.errs.String())
			}
			got = append(got, a)
			if want(a) {
				return got
			}
		case <-late:
			t.Fatalf("%s: did not happen", what)
		}
	}
}

func isState(state string) func(ack) bool { return func(a ack) bool { return a.state == state } }

// TestWitnessesGone kills witness processes under a working office. One of a pillar
// hinders nobody. Both, and certificates are logged at once and called witnessed by
// nobody, in no file and to no clerk, until one is back; then all are.
func TestWitnessesGone(t *testing.T) {
	t.Parallel()
	c := newCampaign(t, true)
	r := c.begin(c.program, nil, c.args...)
	acks := until(t, r, "before", isState("witnessed"))

	civil := c.pillar("civ")
	civil[0].kill()
	for range 3 {
		acks = append(acks, until(t, r, "one witness gone", isState("witnessed"))...)
	}
	civil[1].kill()
	// What a witness had cosigned before it died may still be acknowledged. Nothing
	// that is logged afterwards is.
	text := string(must(os.ReadFile(filepath.Join(c.dir, "node", "log", "checkpoint")))(t))
	covered := must(policy.ParseCheckpoint(text))(t).Size
	logged := 0
	var newest int64
	for logged < 40 {
		more := until(t, r, "a pillar gone", isState("logged"))
		acks = append(acks, more...)
		newest = max(newest, more[len(more)-1].index)
		logged++
	}
	_, found, err := tiles.Trusted(t.Context(), tiles.OpenFolder(filepath.Join(c.dir, "node", "log")), c.policy())
	if err != nil {
		t.Fatal(err)
	}
	if newest < found.Checkpoint.Size {
		t.Errorf("entry %d was logged without a pillar and is published in a log of %d", newest, found.Checkpoint.Size)
	}
	for _, a := range acks {
		if a.state == "witnessed" && a.index >= found.Checkpoint.Size {
			t.Errorf("%s was called witnessed without civil society: entry %d of %d", a.subject, a.index, found.Checkpoint.Size)
		}
	}
	t.Logf("%d entries were witnessed when the pillar went, %d are published, %d are logged", covered, found.Checkpoint.Size, newest+1)

	civil[0].start(t)
	acks = append(acks, until(t, r, "the pillar is back", func(a ack) bool { return a.state == "witnessed" && a.index >= newest-20 })...)
	r.kill()
	c.after("after the pillar was back", append(acks, r.end(t)...))
	c.done("two witnesses killed, one came back")
}

//go:build !windows

package witness

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/worldtest/litewitness"
	"adamas.example/verify/policy"
)

// tesseraLog is a real log of transparency-dev/tessera with witnesses.
type tesseraLog struct {
	app     *tessera.Appender
	awaiter *tessera.PublicationAwaiter
	policy  string
	key     note.Verifier
	added   int
}

// startTessera opens a Tessera POSIX log whose checkpoints are published once
// the policy is met.
func startTessera(t *testing.T, key *logSigner, policyText string) *tesseraLog {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	driver, err := posix.New(ctx, posix.Config{Path: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	group, err := tessera.NewWitnessGroupFromPolicy([]byte(policyText))
	if err != nil {
		t.Fatal(err)
	}
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(key).
		WithBatching(16, 5*time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(group, &tessera.WitnessOptions{Timeout: 2 * time.Second})
	app, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer cancel()
		stop, done := context.WithTimeout(ctx, 10*time.Second)
		defer done()
		if err := shutdown(stop); err != nil {
			t.Errorf("stopping Tessera: %v", err)
		}
	})
	return &tesseraLog{
		app: app, key: key, policy: policyText,
		awaiter: tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 10*time.Millisecond),
	}
}

// add appends entries and returns the published checkpoint that holds the last.
func (l *tesseraLog) add(ctx context.Context, entries int) ([]byte, error) {
	var futures []tessera.IndexFuture
	for range entries {
		leaf := fmt.Appendf(nil, "SYNTHETIC entry %d", l.added)
		futures = append(futures, l.app.Add(ctx, tessera.NewEntry(leaf)))
		l.added++
	}
	var checkpoint []byte
	for _, future := range futures {
		var err error
		if _, checkpoint, err = l.awaiter.Await(ctx, future); err != nil {
			return nil, err
		}
	}
	return checkpoint, nil
}

// mustAdd appends entries one batch after another and holds each published
// checkpoint against every verifier there is.
func (l *tesseraLog) mustAdd(t *testing.T, batches int, vkeys map[string]string) {
	t.Helper()
	for range batches {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		checkpoint, err := l.add(ctx, 5)
		cancel()
		if err != nil {
			t.Fatalf("nothing published: %v", err)
		}
		l.verify(t, checkpoint, vkeys)
	}
}

// verify asks Tessera, torchwood, formats and our own verifier whether the
// published checkpoint satisfies the policy.
func (l *tesseraLog) verify(t *testing.T, checkpoint []byte, vkeys map[string]string) {
	t.Helper()
	group, err := tessera.NewWitnessGroupFromPolicy([]byte(l.policy))
	if err != nil {
		t.Fatal(err)
	}
	if !group.Satisfied(checkpoint) {
		t.Errorf("Tessera: policy not met by\n%s", checkpoint)
	}
	wood, err := torchwood.ParsePolicy([]byte(l.policy))
	if err != nil {
		t.Fatal(err)
	}
	wood = torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(l.key.Name()), wood)
	if _, _, err := torchwood.VerifyCheckpoint(checkpoint, wood); err != nil {
		t.Errorf("torchwood: %v in\n%s", err, checkpoint)
	}
	verifiers := []note.Verifier{l.key}
	for _, vkey := range vkeys {
		v, err := f_note.NewVerifierForCosignatureV1(vkey)
		if err != nil {
			t.Fatal(err)
		}
		verifiers = append(verifiers, v)
	}
	if n, err := note.Open(checkpoint, note.VerifierList(verifiers...)); err != nil || len(n.UnverifiedSigs) > 0 || len(n.Sigs) < 4 {
		t.Errorf("formats: %v in\n%s", err, checkpoint)
	}
	ours, err := policy.Parse(l.policy)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := policy.ParseCheckpoint(string(checkpoint))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Check(parsed); err != nil {
		t.Errorf("verify/policy: %v in\n%s", err, checkpoint)
	}
}

// pillars writes a policy: all of three groups, any one of each.
func pillars(key *logSigner, vkeys, urls map[string]string, civil string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", key.vkey)
	for _, label := range []string{"gov1", "gov2", "ind1", "ind2", "cso1", "cso2"} {
		fmt.Fprintf(&b, "witness %s %s %s\n", label, vkeys[label], urls[label])
	}
	b.WriteString("group government any gov1 gov2\n" + "group industry any ind1 ind2\n" +
		"group civil " + civil + " cso1 cso2\n" +
		"group tripartite all government industry civil\n" + "quorum tripartite\n")
	return b.String()
}

// TestTesseraThroughSixWitnesses: a real Tessera log publishes through six of
// our witnesses, each a process of its own; goes on when one of each pillar is
// killed; stops when a pillar is gone; and goes on when it is back.
func TestTesseraThroughSixWitnesses(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	children, vkeys, urls := make(map[string]*child), make(map[string]string), make(map[string]string)
	for i, label := range []string{"gov1", "gov2", "ind1", "ind2", "cso1", "cso2"} {
		ch := startChild(t, childConfig{
			Dir: t.TempDir(), Name: "witness.example/" + label, Seed: byte(100 + i), Logs: []Log{key.log()},
		})
		children[label], vkeys[label], urls[label] = ch, ch.vkey, ch.url
	}
	log := startTessera(t, key, pillars(key, vkeys, urls, "any"))
	log.mustAdd(t, 4, vkeys)

	for _, label := range []string{"gov1", "ind2", "cso1"} {
		children[label].kill()
	}
	log.mustAdd(t, 2, vkeys)

	children["cso2"].kill()
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	if checkpoint, err := log.add(ctx, 1); err == nil {
		t.Fatalf("published without civil society:\n%s", checkpoint)
	}
	for _, label := range []string{"cso1", "gov1"} {
		children[label] = children[label].again(t)
	}
	log.mustAdd(t, 2, vkeys)
}

// TestTesseraThroughMixedWitnesses: our witnesses and litewitness, in one
// policy that needs both: industry is litewitness alone, and of civil society
// both ours and litewitness must sign.
func TestTesseraThroughMixedWitnesses(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	vkeys, urls := make(map[string]string), make(map[string]string)
	for i, label := range []string{"gov1", "gov2", "cso1"} {
		ch := startChild(t, childConfig{
			Dir: t.TempDir(), Name: "witness.example/" + label, Seed: byte(100 + i), Logs: []Log{key.log()},
		})
		vkeys[label], urls[label] = ch.vkey, ch.url
	}
	for _, label := range []string{"ind1", "ind2", "cso2"} {
		lw := litewitness.Start(t, "witness.example/"+label, key.vkey, testOrigin)
		vkeys[label], urls[label] = lw.VKey, lw.URL
	}
	log := startTessera(t, key, pillars(key, vkeys, urls, "all"))
	log.mustAdd(t, 4, vkeys)
}

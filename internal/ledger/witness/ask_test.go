package witness

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

// six are the witnesses of a tripartite policy for a test log, two of each
// pillar, each a server of its own.
type six struct {
	*policy.Policy
	witnesses []*Witness
	servers   []*httptest.Server
}

func newSix(t *testing.T, key *logSigner) six {
	t.Helper()
	var out six
	text := "log " + key.vkey + "\n"
	for i, label := range verifytest.WitnessLabels {
		cfg := testConfig(t.TempDir(), newHandClock(), key)
		cfg.Name, cfg.Signer = "witness."+label+".example/w", seededKey(byte(100+i))
		w := start(t, cfg)
		server := httptest.NewServer(w)
		t.Cleanup(server.Close)
		text += fmt.Sprintf("witness %s %s %s\n", label, w.VKey(), server.URL)
		out.witnesses, out.servers = append(out.witnesses, w), append(out.servers, server)
	}
	text += "group government any gov1 gov2\ngroup industry any ind1 ind2\ngroup civil any civ1 civ2\n" +
		"group all-three all government industry civil\nquorum all-three\n"
	var err error
	if out.Policy, err = policy.Parse(text); err != nil {
		t.Fatal(err)
	}
	return out
}

func (tr *tree) rootAt(size int64) (canonical.Hash, error) { return canonical.Hash(tr.root(size)), nil }

func TestAsk(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 9)
	six := newSix(t, key)
	mustCosign(t, six.witnesses[0], tr.request(t, 0, 7))
	mustCosign(t, six.witnesses[4], tr.request(t, 0, 3))
	six.servers[1].Close()

	r, err := Ask(t.Context(), key, six.Policy, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Silent(); !slices.Equal(got, []string{verifytest.WitnessLabels[1]}) {
		t.Errorf("silent: %v", got)
	}
	if a, ok := r.Largest(); !ok || a.Size != 7 || a.Checkpoint == nil || a.Checkpoint.Root != canonical.Hash(tr.root(7)) || a.Pillar != policy.Government {
		t.Errorf("largest: %+v", a)
	}
	fork := newTree(key, 3)
	fork.grow("SYNTHETIC fork", 6)
	for _, c := range []struct {
		name string
		own  *tree
		size int64
		want Standing
	}{{"the same", tr, 7, Agrees}, {"longer", tr, 9, Agrees}, {"shorter", tr, 6, Behind}, {"empty", tr, 0, Behind},
		{"another past", fork, 9, Forked}, {"shorter than the fork", fork, 3, Behind}} {
		got, err := r.Compare(c.size, c.own.rootAt)
		if err != nil || got != c.want {
			t.Errorf("%s: %v %v, want %v", c.name, got, err, c.want)
		}
	}
	broken := errors.New("no root")
	if _, err := r.Compare(9, func(int64) (canonical.Hash, error) { return canonical.Hash{}, broken }); !errors.Is(err, broken) {
		t.Errorf("an unreadable tree: %v", err)
	}
}

// TestAskMisdirected: an address that leads to another witness is silence.
func TestAskMisdirected(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 9)
	six := newSix(t, key)
	mustCosign(t, six.witnesses[0], tr.request(t, 0, 7))
	moved := *six.Policy
	moved.Witnesses = slices.Clone(moved.Witnesses)
	moved.Witnesses[1].URL = moved.Witnesses[0].URL
	r, err := Ask(t.Context(), key, &moved, nil)
	if err != nil || r.Answers[0].Err != nil || r.Answers[1].Checkpoint != nil {
		t.Fatalf("%+v %v", r.Answers, err)
	}
	wantFault(t, r.Answers[1].Err, "witness.answer")
}

// TestBinding: with any of two in each pillar, three who answer may stand beside
// three who are silent and have witnessed something else.
func TestBinding(t *testing.T) {
	six := newSix(t, newLogSigner(t, testOrigin, 1))
	for answering, want := range map[string]bool{
		"gov1 gov2 ind1 ind2 civ1 civ2": true,
		"gov1 gov2 ind1 civ2":           true,
		"gov1 ind1 ind2 civ2":           true,
		"gov1 ind1 civ1":                false,
		"gov2 ind1 civ2":                false,
		"gov1 gov2 ind1 ind2":           false, // nobody of civil society
		"":                              false,
	} {
		r := Report{Policy: six.Policy}
		for _, w := range six.Witnesses {
			a := Answer{Label: w.Label}
			a.Pillar, _ = six.PillarOf(w.Label)
			if !slices.Contains(strings.Fields(answering), w.Label) {
				a.Err = errors.New("silent")
			}
			r.Answers = append(r.Answers, a)
		}
		if got := r.Binding(); got != want {
			t.Errorf("%q answer: %v", answering, got)
		}
	}
}

// TestCompareWordOnly: a size that no checkpoint proves still counts.
func TestCompareWordOnly(t *testing.T) {
	tr := newTree(newLogSigner(t, testOrigin, 1), 9)
	r := Report{Answers: []Answer{{Size: 12}, {Size: 1 << 40, Err: errors.New("silent")}}}
	if got, _ := r.Compare(9, tr.rootAt); got != Behind {
		t.Errorf("behind by word: %v", got)
	}
	if got, _ := r.Compare(12, tr.rootAt); got != Agrees {
		t.Errorf("not behind: %v", got)
	}
}

package policy_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/witness"

	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

// addresses gives each witness line a URL, which the parser of formats wants.
func addresses(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "witness") && len(strings.Fields(l)) == 3 {
			lines[i] = l + " https://w.example/"
		}
	}
	return strings.Join(lines, "\n")
}

// holes says which of our refusals the foreign parsers share. Where both are
// false no foreign parser has the hole; each true is a text that a log or a
// verifier built on that parser would believe. docs/adr/0003 rests on this.
var holes = map[string]struct{ torchwood, formats bool }{
	"one raw key under two key names, in two pillars": {true, true},
	"one key under two labels":                        {true, true},
	"the log's key among the witnesses":               {true, true},
	"two logs":                                        {true, true},
	"no log":                                          {true, true},
	"quorum of none":                                  {true, true},
	"no quorum":                                       {false, false},
	"a second quorum":                                 {false, true},
	"quorum that is not defined":                      {false, false},
	"unknown word":                                    {false, false},
	"a label twice":                                   {false, false},
	"a key name twice":                                {true, true},
	"a group with the name of a witness":              {false, false},
	"a witness in two groups":                         {true, true},
	"a witness twice in one group":                    {true, true},
	"a member defined below":                          {false, false},
	"threshold 0":                                     {false, true},
	"threshold beyond the members":                    {false, false},
	"threshold with a sign":                           {true, false},
	"a group of nobody":                               {false, true},
	"a name that is a word of the language":           {true, false},
	"carriage return":                                 {true, true},
	"escape character in a comment":                   {true, true},
	"no-break space in place of a space":              {true, true},
	"a comment at the end of a line":                  {true, true},
	"a format character in a name (U+202E)":           {true, true},
	"the key hash is that of another key":             {false, true},
	"a witness with a log's key type":                 {false, true},
	"a log with a witness's key type":                 {false, true},
	"an address that is none":                         {true, true},
	"one word too many":                               {true, false},
}

// TestHoles gives every policy that we refuse to the foreign parsers and holds
// what they make of it. A hole that is closed there fails here too: then the
// ADR is due for another look.
func TestHoles(t *testing.T) {
	w := verifytest.New()
	faults := vectors.PolicyFaults(w)
	if len(faults) != len(holes) {
		t.Errorf("%d refusals, %d in the table", len(faults), len(holes))
	}
	for _, f := range faults {
		want, ok := holes[f.Why]
		if !ok {
			t.Errorf("%q is not in the table", f.Why)
			continue
		}
		if _, err := policy.Parse(f.Text); err == nil {
			t.Errorf("%s: accepted by us", f.Why)
		}
		_, err := torchwood.ParsePolicy([]byte(f.Text))
		if (err == nil) != want.torchwood {
			t.Errorf("%s: torchwood says %v", f.Why, err)
		}
		_, err = witness.ParsePolicy([]byte(addresses(f.Text)))
		if (err == nil) != want.formats {
			t.Errorf("%s: formats says %v", f.Why, err)
		}
	}
}

// TestOneSignatureCountsTwice plays the attack that the strict parser exists
// for: the government's witness stands in the policy again as civil society's,
// under another key name. Its one cosignature, relabelled, satisfies both
// pillars in the foreign libraries; our parser refuses the policy.
func TestOneSignatureCountsTwice(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	gov := w.Witnesses["gov1"]
	text := strings.Replace(w.Policy(l), w.Witnesses["civ1"].VKey.String(), policy.WitnessVKey("witness.ngo.example/w", gov.Public()).String(), 1)
	size := int64(len(l.Leaves))
	cp := l.Checkpoint(size, verifytest.Start+60, "gov1", "ind1")
	cosigned := gov.Cosign(l.Body(size), verifytest.Start+60)
	relabelled := cosigned
	relabelled.Name, relabelled.Hash = "witness.ngo.example/w", policy.WitnessVKey("witness.ngo.example/w", gov.Public()).Hash
	forged := cp + relabelled.String()

	tw, err := torchwood.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := torchwood.VerifyCheckpoint([]byte(cp), tw); err == nil {
		t.Fatal("torchwood is satisfied without civil society: this test proves nothing")
	}
	if _, _, err := torchwood.VerifyCheckpoint([]byte(forged), tw); err != nil {
		t.Errorf("torchwood has closed the hole: %v", err)
	}
	fg, err := witness.ParsePolicy([]byte(addresses(text)))
	if err != nil {
		t.Fatal(err)
	}
	if fg.Satisfied([]byte(cp)) || !fg.Satisfied([]byte(forged)) {
		t.Errorf("formats: %t without the relabelled line, %t with it", fg.Satisfied([]byte(cp)), fg.Satisfied([]byte(forged)))
	}
	if _, err := policy.Parse(text); err == nil || !strings.Contains(err.Error(), "policy line 6") {
		t.Errorf("our parser: %v", err)
	}
	// Under the good policy the relabelled line is of a key nobody named.
	good, err := policy.Parse(w.Policy(l))
	if err != nil {
		t.Fatal(err)
	}
	c, err := policy.ParseCheckpoint(forged)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := good.Check(c); err == nil {
		t.Error("a relabelled cosignature passed")
	}
}

// TestOneLineCountsTwice: with the very same key under two labels formats
// counts one unchanged line for two pillars.
func TestOneLineCountsTwice(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	text := strings.Replace(w.Policy(l), w.Witnesses["civ1"].VKey.String(), w.Witnesses["gov1"].VKey.String(), 1)
	cp := []byte(l.Checkpoint(int64(len(l.Leaves)), verifytest.Start+60, "gov1", "ind1"))
	fg, err := witness.ParsePolicy([]byte(addresses(text)))
	if err != nil || !fg.Satisfied(cp) {
		t.Errorf("formats has closed the hole: %v", err)
	}
	tw, err := torchwood.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := torchwood.VerifyCheckpoint(cp, tw); err == nil || !strings.Contains(err.Error(), "multiple verifiers") {
		t.Errorf("torchwood: %v", err)
	}
	if _, err := policy.Parse(text); err == nil {
		t.Error("our parser accepts it")
	}
}

// TestThresholdZeroIsNoQuorum: formats lets a group of threshold 0 pass, which
// is satisfied by a checkpoint that nobody has cosigned.
func TestThresholdZeroIsNoQuorum(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	text := strings.Replace(w.Policy(l), "group tripartite all", "group tripartite 0", 1)
	fg, err := witness.ParsePolicy([]byte(addresses(text)))
	if err != nil || !fg.Satisfied([]byte(l.Body(1)+"\n— nobody "+base64.StdEncoding.EncodeToString(make([]byte, 8))+"\n")) {
		t.Errorf("formats has closed the hole: %v", err)
	}
	if _, err := policy.Parse(text); err == nil || !strings.Contains(err.Error(), "policy line 11") {
		t.Errorf("our parser: %v", err)
	}
}

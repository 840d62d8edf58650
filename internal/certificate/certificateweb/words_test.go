package certificateweb

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/lang"
	"adamas.example/verify"
	"adamas.example/verify/verifytest"
)

// catalogue is this face's words and those of floor 0.
func catalogue(t *testing.T) *lang.Catalogue {
	t.Helper()
	c, err := lang.Load(Text())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// noted are the events of a certificate's life: those that package verify makes
// notes of.
var noted = []verify.Code{verify.CodeVoid, verify.CodeReplaced, verify.CodeLost, verify.CodeUsed, verify.CodeDiscrepancy,
	verify.CodeDetained, verify.CodeReleased, verify.CodeDisposed, verify.CodeEndorsed, verify.CodeTransit}

// told lists the keys that the words of verdicts need, by what verify's source
// can say.
func told(t *testing.T) map[string]bool {
	source, err := verifytest.ReadSource(os.DirFS("../../../verify"))
	if err != nil {
		t.Fatal(err)
	}
	if len(source.Answers) < 70 || len(source.Codes) < 30 {
		t.Fatalf("only %d answers and %d codes were read", len(source.Answers), len(source.Codes))
	}
	keys := map[string]bool{
		"verify.check.record_proof.valid_by_pack": true, "verify.check.record_proof.no_record_unsearched": true,
		"verify.check.record_consistent.valid_not_compared": true, "verify.check.issuer_revoked.valid_later": true,
		"verify.check.issuer_four_eyes.valid_proved": true, "verify.note.third_party": true, "verify.note.other_content": true, "verify.note.under": true,
		"verify.note.attested":                   true,
		"verify.check.record_time.valid_by_pack": true,
	}
	for _, a := range source.Answers {
		base := "verify.check." + strings.ReplaceAll(a.Code, ".", "_")
		keys[base] = true
		if a.Outcome == "valid" {
			keys[base+".valid"] = true
			continue
		}
		keys[base+"."+a.Reason] = true
		keys[base+"."+a.Reason+"."+a.Outcome] = true
	}
	for _, code := range source.Codes {
		if strings.HasPrefix(code, "not_said.") {
			keys["verify."+code] = true
		}
	}
	for _, code := range noted {
		keys["verify.note."+strings.ReplaceAll(string(code), ".", "_")] = true
	}
	return keys
}

// Whatever package verify can say has words, and no words are left for what it
// no longer says.
func TestEveryAnswerHasWords(t *testing.T) {
	keys := told(t)
	c := catalogue(t)
	for _, l := range lang.Languages() {
		words := c.Printer(l)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if !words.Has(key) {
				t.Errorf("%s: no words for %s", l, key)
			}
		}
	}
	english, err := lang.Placeholders(Text())
	if err != nil {
		t.Fatal(err)
	}
	for key := range english {
		for _, prefix := range []string{"verify.check.", "verify.note.", "verify.not_said."} {
			if strings.HasPrefix(key, prefix) && !keys[key] {
				t.Errorf("%s: nothing says this any more", key)
			}
		}
	}
}

// The words of other machines stay out of sentences for readers (style.md).
func TestNoJargon(t *testing.T) {
	words := []string{"hash", "leaf", "leaves", "cose", "cbor", "checkpoint", "merkle", "ed25519", "feuille de", "error", "conflict-free", "sans conflit", "livre de conflito"}
	for _, l := range lang.Languages() {
		raw, err := os.ReadFile("text/" + string(l) + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			_, text, ok := strings.Cut(line, " = ")
			for _, word := range words {
				if ok && strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s says %q: %s", l, word, strings.TrimSpace(line))
				}
			}
		}
	}
}

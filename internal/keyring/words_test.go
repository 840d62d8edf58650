package keyring

import (
	"strings"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// Package arch holds that every fault has words in three languages; here that
// what the words take from a fault reads as a sentence.
func TestFaultsReadAsSentences(t *testing.T) {
	words, err := lang.Load(Text())
	if err != nil {
		t.Fatal(err)
	}
	ring := newRing(t, word(testPhrase))
	mustNew(t, ring, Spec{Name: "office", Purpose: Office, Created: created})
	_, purpose := ring.Signer(t.Context(), "office", Officer)
	id, _ := newIdentity(t)
	other, err := Open(ring.dir, id)
	if err != nil {
		t.Fatal(err)
	}
	_, lock := other.Signer(t.Context(), "office", Office)
	for _, tt := range []struct {
		language lang.Language
		err      error
		want     string
	}{
		{lang.English, purpose, "The key office is for another use: an office. Needed is: an officer."},
		{lang.French, purpose, "La clé office a un autre usage : bureau. Il faut : agent du bureau."},
		{lang.Portuguese, purpose, "A chave office tem outro uso: repartição. É preciso: funcionário da repartição."},
		{lang.English, lock, "This key is opened by a passphrase; what was given is an identity file."},
	} {
		f, ok := fault.Of(tt.err)
		if !ok {
			t.Fatalf("no fault: %v", tt.err)
		}
		text, remedy := words.Printer(tt.language).FaultWords("ref")(f)
		if text != tt.want || remedy == "" || strings.Contains(remedy, "{{") {
			t.Errorf("%s\n%s\nwant\n%s", text, remedy, tt.want)
		}
	}
	for _, p := range Purposes() {
		for _, l := range lang.Languages() {
			if !words.Printer(l).Has(p.TextKeys()[0]) {
				t.Errorf("%s: no word for the purpose %s", l, p)
			}
		}
	}
}

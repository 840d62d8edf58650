package lang

import (
	"slices"
	"testing"
)

func TestSort(t *testing.T) {
	words, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"Zambie", "Égypte", "Équateur", "Inde", "Île", "Émirats arabes unis", "Angola", "Espagne", "Åland"}
	want := []string{"Åland", "Angola", "Égypte", "Émirats arabes unis", "Équateur", "Espagne", "Île", "Inde", "Zambie"}
	Sort(words.Printer(French), all, func(s string) string { return s })
	if !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
	type pair struct {
		name string
		n    int
	}
	equal := []pair{{"b", 1}, {"a", 2}, {"b", 3}, {"a", 4}}
	Sort(words.Printer(English), equal, func(p pair) string { return p.name })
	if !slices.Equal(equal, []pair{{"a", 2}, {"a", 4}, {"b", 1}, {"b", 3}}) {
		t.Errorf("%v", equal)
	}
}

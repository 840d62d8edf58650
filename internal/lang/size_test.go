package lang_test

import (
	"encoding/json"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// TestSizes: a limit is read in the unit that is whole, with its sign in the language;
// for programs it stays a number of bytes.
func TestSizes(t *testing.T) {
	words, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		bytes int64
		want  map[lang.Language]string
	}{
		{48 << 20, map[lang.Language]string{lang.English: "48\u00a0MB", lang.French: "48\u00a0Mo", lang.Portuguese: "48\u00a0MB"}},
		{64<<10 + 1, map[lang.Language]string{lang.English: "64\u00a0kB", lang.French: "64\u00a0ko"}},
		{1<<20 - 1, map[lang.Language]string{lang.English: "1,023\u00a0kB"}},
		{500, map[lang.Language]string{lang.English: "500 bytes", lang.French: "500 octets"}},
		{1, map[lang.Language]string{lang.English: "1 byte", lang.French: "1 octet"}},
	} {
		for l, want := range tt.want {
			if got := words.Printer(l).Show(fault.Size(tt.bytes)); got != want {
				t.Errorf("%d in %s: %q, want %q", tt.bytes, l, got, want)
			}
		}
	}
	p := fault.TooLarge("a.b", fault.Most(48<<20)).Problem()
	if raw, err := json.Marshal(p.Args); err != nil || string(raw) != `{"most":50331648}` {
		t.Errorf("%s, %v", raw, err)
	}
}

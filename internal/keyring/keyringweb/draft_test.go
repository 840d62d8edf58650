package keyringweb

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"adamas.example/internal/fault"
	"adamas.example/verify/statement"
)

// The description that docs/root.md shows is one that is read, whole.
func TestDocumentedDescription(t *testing.T) {
	b, err := os.ReadFile("../../../docs/root.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "```toml\n")
	text, _, ok2 := strings.Cut(rest, "```")
	if !ok || !ok2 {
		t.Fatal("no description in docs/root.md")
	}
	var d description
	meta, err := toml.Decode(text, &d)
	if err != nil {
		t.Fatal(err)
	}
	if left := meta.Undecoded(); len(left) > 0 {
		t.Errorf("not read: %v", left)
	}
	if len(d.Keys) != 1 || len(d.Participants) != 1 || len(d.Participants[0].Homes) != 2 || len(d.Participants[0].Former) != 1 || len(d.Logs) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestInstants(t *testing.T) {
	tests := []struct {
		toml string
		end  bool
		want string // RFC 3339; "" for a fault
	}{
		{"2026-11-23", false, "2026-11-23T00:00:00Z"},
		{"2026-11-23", true, "2026-11-24T00:00:00Z"},
		{"2026-12-31", true, "2027-01-01T00:00:00Z"},
		{"2026-11-23T14:02:00", true, "2026-11-23T14:02:00Z"},
		{"2026-11-23T14:02:00Z", false, "2026-11-23T14:02:00Z"},
		{"2026-11-23T14:02:00+01:00", false, "2026-11-23T13:02:00Z"},
		{`"2026-11-23"`, false, ""},
		{"14:02:00", false, ""},
	}
	for _, tt := range tests {
		var d description
		if _, err := toml.Decode("expires = "+tt.toml, &d); err != nil {
			t.Fatal(err)
		}
		b := &drafting{file: "x.toml"}
		got := b.instant("expires", d.Expires, tt.end)
		if tt.want == "" {
			if !fault.Is(b.faults.Err(), "keyring.draft_day") {
				t.Errorf("%s: %v", tt.toml, time.Unix(got, 0).UTC())
			}
			continue
		}
		if s := time.Unix(got, 0).UTC().Format(time.RFC3339); s != tt.want || len(b.faults) > 0 {
			t.Errorf("%s: %s, want %s (%v)", tt.toml, s, tt.want, b.faults)
		}
	}
}

func TestTypesByName(t *testing.T) {
	for _, want := range allTypes() {
		if got, ok := typeNamed(want.String()); !ok || got != want {
			t.Errorf("%s: %v %v", want, got, ok)
		}
	}
	if _, ok := typeNamed("poem"); ok {
		t.Error("a poem is a type")
	}
	if len(allTypes()) != int(statement.TypeLogClosed) {
		t.Errorf("%d types", len(allTypes()))
	}
}

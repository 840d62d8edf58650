package form_test

import (
	"encoding/json"
	"slices"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/web/form"
)

type inner struct {
	HS     ident.HSCode   `json:"hs"`
	Carats measure.Carats `json:"carats"`
	Stones uint64         `json:"stones,omitempty"`
}

type outer struct {
	Name string `json:"name"`
	inner
	Day   period.Date  `json:"day,omitempty"`
	Lines []inner      `json:"lines,omitempty"`
	More  *inner       `json:"more,omitempty"`
	Open  bool         `json:"open,omitempty"`
	Value *measure.USD `json:"value,omitempty"`
	Texts []string     `json:"texts,omitempty"`
}

func TestRead(t *testing.T) {
	got, err := form.Read[outer]([]byte(`{"name": "é", "day": "2026-11-28", "lines": [{"hs": "7102.10", "carats": "1.5", "stones": 3}, {"hs": "7102.31", "carats": "0.01"}],
		"more": {"carats": "2"}, "open": true, "value": "12.50", "texts": ["a", "b"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "é" || got.Day.String() != "2026-11-28" || len(got.Lines) != 2 || got.Lines[0] != (inner{"7102.10", 1500, 3}) || got.More.Carats != 2000 ||
		!got.Open || *got.Value != 1250 || !slices.Equal(got.Texts, []string{"a", "b"}) {
		t.Errorf("%+v", got)
	}
}

// Every fault is named, and all of them at once.
func TestFaultsByPath(t *testing.T) {
	for text, want := range map[string][]string{
		`{"name": 3}`:                  {"web.form_kind name"},
		`{"nam": "x", "open": "yes"}`:  {"web.form_unknown nam", "web.form_kind open"},
		`{"name": "a", "name": "b"}`:   {"web.form_twice name"},
		`{"lines": {"hs": "7102.10"}}`: {"web.form_kind lines"},
		`{"lines": [{"hs": "7102.39"}, {"carats": "x", "stones": -1}]}`: {"ident.hs_out_of_scope lines[1].hs", "measure.not_canonical lines[2].carats", "web.form_kind lines[2].stones"},
		`{"more": null}`:            {"web.form_kind more"},
		`{"day": "28.11.2026"}`:     {"period.not_a_date day"},
		`{"more": {"stones": 1.5}}`: {"web.form_kind more.stones"},
		`[]`:                        {"web.form_kind "},
		`{} {}`:                     {"web.form_unreadable "},
		`{"name": "a"`:              {"web.form_unreadable "},
		`{"lines":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}`: {"web.form_unreadable "},
	} {
		got, err := form.Read[outer]([]byte(text))
		var keys []string
		for _, f := range fault.All(err) {
			keys = append(keys, f.Key+" "+f.Field)
		}
		if len(keys) != len(want) {
			t.Errorf("%s: %v, want %v", text, keys, want)
			continue
		}
		for i, w := range want {
			if w != keys[i] && !(w[:8] == "measure." && keys[i][:8] == "measure." || w[:7] == "period." && keys[i][:7] == "period.") {
				t.Errorf("%s: %v, want %v", text, keys, want)
			}
		}
		if got.Name != "" || got.Lines != nil || got.More != nil {
			t.Errorf("%s: something was read: %+v", text, got)
		}
	}
}

// FuzzRead: what is read is written as JSON that reads the same; nothing panics.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"name": "é", "day": "2026-11-28", "lines": [{"hs": "7102.10", "carats": "1.5", "stones": 3}], "more": {"hs": "7102.21", "carats": "2"}, "open": true, "value": "12.50"}`))
	f.Add([]byte(`{"lines":[[[[`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := form.Read[outer](raw)
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Errorf("no fault: %v", err)
			}
			return
		}
		var again outer
		b, err := json.Marshal(got)
		if err != nil {
			return // a date beyond the years that can be written is not made here
		}
		if json.Unmarshal(b, &again) == nil && again.Name != got.Name {
			t.Errorf("%+v, again %+v", got, again)
		}
	})
}

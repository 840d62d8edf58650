package form

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// TestTyped: a value put into its form and read from it is the same value.
func TestTyped(t *testing.T) {
	type row struct {
		Name   string         `json:"name"`
		Weight measure.Carats `json:"weight,omitempty"`
	}
	type Inner struct {
		Day   period.Date  `json:"day"`
		Value *measure.USD `json:"value,omitempty"`
	}
	type value struct {
		Inner
		Text  string `json:"text"`
		Count uint64 `json:"count"`
		Yes   bool   `json:"yes"`
		Rows  []row  `json:"rows"`
	}
	word := rapid.StringMatching(`[a-zé]{1,8}( [a-z]{1,4})?`)
	rapid.Check(t, func(t *rapid.T) {
		v := value{Text: word.Draw(t, "text"), Count: rapid.Uint64Range(0, 1<<40).Draw(t, "count"), Yes: rapid.Bool().Draw(t, "yes")}
		v.Day = period.Date(rapid.Int32Range(1, 30000).Draw(t, "day"))
		if rapid.Bool().Draw(t, "valued") {
			usd := measure.USD(rapid.Int64Range(1, 1<<40).Draw(t, "usd"))
			v.Value = &usd
		}
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			v.Rows = append(v.Rows, row{word.Draw(t, "name"), measure.Carats(rapid.Int64Range(0, 1<<40).Draw(t, "weight"))})
		}
		got, err := Values[value](Typed(v))
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Fatalf("%+v, read as %+v: %v", v, got, err)
		}
	})
}

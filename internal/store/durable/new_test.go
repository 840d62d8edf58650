package durable

import "testing"

// TestUnfinished: what New writes into is known by its name, and nothing else is.
func TestUnfinished(t *testing.T) {
	for name, want := range map[string]string{".office.pub.123456": "office.pub", ".office.key.age.0": "office.key.age"} {
		if of, is := Unfinished(name); of != want || !is {
			t.Errorf("%q: %q %v, want %q", name, of, is, want)
		}
	}
	for _, name := range []string{"", ".", "..", "..1", ".1", "office.pub", "office.pub.1", ".office.pub", ".office.pub.", ".office.pub.1a", ".ngoma.making"} {
		if of, is := Unfinished(name); of != name || is {
			t.Errorf("%q: %q %v", name, of, is)
		}
	}
}

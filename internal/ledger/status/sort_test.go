package status

import (
	"testing"

	"adamas.example/verify/pack"
)

// TestMoreThanFits: records that are sorted in pieces come out by number and place,
// each once, whatever order they came in.
func TestMoreThanFits(t *testing.T) {
	const most = 2*atOnce + 1000
	s := &sorter{scratch: new(pack.Memory)}
	for i := range most {
		n := uint64(i) * 7919 % most
		if err := s.add(&record{number: n/3 + 1, log: int(n % 2), index: n, by: "CF", refused: uint16(n), signed: n%5 == 0}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.runs) != 2 {
		t.Fatalf("%d pieces were put aside", len(s.runs))
	}
	seen, last := 0, uint64(0)
	err := s.groups(func(group []record) error {
		if group[0].number <= last {
			t.Fatalf("%d after %d", group[0].number, last)
		}
		last = group[0].number
		for i, r := range group {
			if r.number != last || r.number != r.index/3+1 || r.by != "CF" || r.refused != uint16(r.index) || r.signed != (r.index%5 == 0) || r.to != "" {
				t.Fatalf("%+v", r)
			}
			if i > 0 && (group[i-1].log > r.log || group[i-1].log == r.log && group[i-1].index >= r.index) {
				t.Fatalf("%+v after %+v", r, group[i-1])
			}
			seen++
		}
		return nil
	})
	if err != nil || seen != most {
		t.Errorf("%d records of %d: %v", seen, most, err)
	}
}

package generate

import (
	"testing"

	"pgregory.net/rapid"
)

// anyLot is goods of some origins.
func anyLot(t *rapid.T) lot {
	l := lot{under: &paper{number: "CF00000001"}, cents: rapid.Int64Range(1, 1e12).Draw(t, "cents")}
	for _, code := range []string{"AO", "BW", "CF", "RU", "ZA"} {
		if n := rapid.Int64Range(0, 1e9).Draw(t, code); n > 0 {
			l.origins = append(l.origins, part{code, n})
			l.hundredths += n
		}
	}
	return l
}

// Stock conserves carats, cents and carats of each origin, whatever is taken.
func TestStockConserves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s stock
		want := map[string]int64{}
		count := func(l lot, sign int64) {
			sum := int64(0)
			for i, o := range l.origins {
				want[o.code] += sign * o.hundredths
				sum += o.hundredths
				if o.hundredths <= 0 || i > 0 && l.origins[i-1].code >= o.code {
					t.Fatalf("origins %v", l.origins)
				}
			}
			if sum != l.hundredths {
				t.Fatalf("origins make %d of %d", sum, l.hundredths)
			}
			want["weight"] += sign * l.hundredths
			want["cents"] += sign * l.cents
		}
		for range rapid.IntRange(1, 30).Draw(t, "lots") {
			if l := anyLot(t); l.hundredths > 0 {
				count(l, 1)
				s.put(l)
			}
		}
		for range rapid.IntRange(0, 12).Draw(t, "takings") {
			most := rapid.Int64Range(1, 6e9).Draw(t, "most")
			taken := s.take(most)
			sum := int64(0)
			for _, l := range taken {
				count(l, -1)
				sum += l.hundredths
			}
			if sum > most || len(taken) > mostLots {
				t.Fatalf("took %d of %d wanted in %d lots", sum, most, len(taken))
			}
			if rapid.Bool().Draw(t, "back") {
				s.putBack(taken)
				for _, l := range taken {
					count(l, 1)
				}
			}
		}
		if s.hundredths != want["weight"] {
			t.Fatalf("stock of %d, want %d", s.hundredths, want["weight"])
		}
		for _, l := range s.lots {
			count(l, -1)
		}
		for what, n := range want {
			if n != 0 {
				t.Fatalf("%s: %d lost", what, n)
			}
		}
	})
}

package generate

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestExp2(t *testing.T) {
	for x := int64(-20 << 16); x < 20<<16; x += 977 {
		want := math.Exp2(float64(x) / 65536)
		got := float64(exp2(x)) / one
		if math.Abs(got-want) > 1e-8*want+1.0/one {
			t.Fatalf("2^%g: %g, want %g", float64(x)/65536, got, want)
		}
	}
}

// The mean of many factors is 1 and their logarithms spread as asked.
func TestFactors(t *testing.T) {
	for _, spread := range []int64{100_000, 600_000, 1_100_000} {
		c := newChance("factors")
		var sum, logs, squares float64
		const n = 200_000
		for range n {
			f := float64(c.factor(spread)) / one
			sum += f
			logs += math.Log(f)
			squares += math.Log(f) * math.Log(f)
		}
		sigma := math.Sqrt(squares/n - logs/n*logs/n)
		if mean := sum / n; math.Abs(mean-1) > 0.02 || math.Abs(sigma/float64(spread)*million-1) > 0.02 {
			t.Errorf("spread %d: mean %.4f, sigma %.4f", spread, mean, sigma)
		}
	}
}

func TestShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, whole := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "whole")
		part := rapid.Int64Range(0, whole).Draw(t, "part")
		want := new(big.Int).Mul(big.NewInt(n), big.NewInt(part))
		if want.Div(want, big.NewInt(whole)).Int64() != share(n, part, whole) {
			t.Fatalf("%d of %d parts of %d: %d, want %s", part, whole, n, share(n, part, whole), want)
		}
	})
}

func TestWheel(t *testing.T) {
	c := newChance("wheel")
	w := newWheel([]int64{0, 3, 0, 1, 0})
	var hits [5]int
	for range 40_000 {
		hits[w.spin(c)]++
	}
	if hits[0]+hits[2]+hits[4] > 0 || math.Abs(float64(hits[1])/float64(hits[3])-3) > 0.1 {
		t.Errorf("%v", hits)
	}
}

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

package chance

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestExp2(t *testing.T) {
	for x := int64(-20 << 16); x < 20<<16; x += 977 {
		want := math.Exp2(float64(x) / 65536)
		got := float64(exp2(x)) / One
		if math.Abs(got-want) > 1e-8*want+1.0/One {
			t.Fatalf("2^%g: %g, want %g", float64(x)/65536, got, want)
		}
	}
}

// The mean of many factors is 1 and their logarithms spread as asked.
func TestFactors(t *testing.T) {
	for _, spread := range []int64{100_000, 600_000, 1_100_000} {
		c := New("factors")
		var sum, logs, squares float64
		const n = 200_000
		for range n {
			f := float64(c.Factor(spread)) / One
			sum += f
			logs += math.Log(f)
			squares += math.Log(f) * math.Log(f)
		}
		sigma := math.Sqrt(squares/n - logs/n*logs/n)
		if mean := sum / n; math.Abs(mean-1) > 0.02 || math.Abs(sigma/float64(spread)*Million-1) > 0.02 {
			t.Errorf("spread %d: mean %.4f, sigma %.4f", spread, mean, sigma)
		}
	}
}

func TestShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, whole := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "whole")
		part := rapid.Int64Range(0, whole).Draw(t, "part")
		want := new(big.Int).Mul(big.NewInt(n), big.NewInt(part))
		if want.Div(want, big.NewInt(whole)).Int64() != Share(n, part, whole) {
			t.Fatalf("%d of %d parts of %d: %d, want %s", part, whole, n, Share(n, part, whole), want)
		}
	})
}

func TestWheel(t *testing.T) {
	c := New("wheel")
	w := NewWheel([]int64{0, 3, 0, 1, 0})
	var hits [5]int
	for range 40_000 {
		hits[w.Spin(c)]++
	}
	if hits[0]+hits[2]+hits[4] > 0 || math.Abs(float64(hits[1])/float64(hits[3])-3) > 0.1 {
		t.Errorf("%v", hits)
	}
}

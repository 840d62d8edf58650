package measure_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

func TestTypedCarats(t *testing.T) {
	tests := []struct {
		in   string
		want measure.Carats
		key  string
	}{
		{in: "2.31", want: 2310},
		{in: "2,31", want: 2310},
		{in: "2", want: 2000},
		{in: "0", want: 0},
		{in: " 2.315 ", want: 2315},
		{in: "0,345", want: 345}, // a thousand never starts with 0
		{in: "1 234,5", want: 1234500},
		{in: "1\u00a0234,567", want: 1234567},
		{in: "1\u202f234", want: 1234000},
		{in: "1,234.5", want: 1234500},
		{in: "1.234,5", want: 1234500},
		{in: "1,234,567", want: 1234567000},
		{in: "1234,567", want: 1234567},
		{in: "1.234", want: 1234},
		{in: "007.5", want: 7500},
		{in: "9223372036854775.807", want: math.MaxInt64},
		{in: "1,234", key: "measure.ambiguous"},
		{in: "2.3150", key: "measure.too_many_decimals"},
		{in: "2,3155", key: "measure.too_many_decimals"},
		{in: "-2.31", key: "measure.negative"},
		{in: "\u22122.31", key: "measure.negative"},
		{in: "9223372036854775.808", key: "measure.out_of_range"},
		{in: "99999999999999999999", key: "measure.out_of_range"},
		{in: "", key: "measure.not_a_number"},
		{in: ".5", key: "measure.not_a_number"},
		{in: "5.", key: "measure.not_a_number"},
		{in: "1 23", key: "measure.not_a_number"},
		{in: "1234 567", key: "measure.not_a_number"},
		{in: "1,23,456", key: "measure.not_a_number"},
		{in: "1.234 567", key: "measure.not_a_number"},
		{in: "1,234 567.5", key: "measure.not_a_number"},
		{in: "2.3 ct", key: "measure.not_a_number"},
		{in: "+2", key: "measure.not_a_number"},
		{in: "--2", key: "measure.not_a_number"},
		{in: "1e3", key: "measure.not_a_number"},
		{in: "٢", key: "measure.not_a_number"},
		{in: "NaN", key: "measure.not_a_number"},
	}
	for _, tt := range tests {
		got, err := measure.ParseCarats(tt.in)
		if tt.key != "" && !fault.Is(err, tt.key) || tt.key == "" && (err != nil || got != tt.want) {
			t.Errorf("%q = %d, %v, want %d %s", tt.in, got, err, tt.want, tt.key)
		}
	}
	_, err := measure.ParseCarats("1,234")
	f, _ := fault.Of(err)
	if diff := cmp.Diff(map[string]any{"text": "1,234", "small": "1.234", "large": "1234"}, f.Args); diff != "" {
		t.Error(diff)
	}
	if got, err := measure.ParseCaratDifference("\u22121 234,5"); err != nil || got != -1234500 {
		t.Errorf("%d %v", got, err)
	}
}

func TestCaratsPrint(t *testing.T) {
	tests := []struct {
		c                measure.Carats
		exact, printed   string
		hundredths, rest int64
	}{
		{2310, "2.31", "2.31", 231, 0},
		{2315, "2.315", "2.32", 232, -5},
		{2314, "2.314", "2.31", 231, 4},
		{-2315, "-2.315", "-2.32", -232, 5},
		{4, "0.004", "0.00", 0, 4},
		{-4, "-0.004", "0.00", 0, -4},
		{0, "0.00", "0.00", 0, 0},
		{1000, "1.00", "1.00", 100, 0},
		{math.MaxInt64, "9223372036854775.807", "9223372036854775.81", 922337203685477581, -3},
		{math.MinInt64, "-9223372036854775.808", "-9223372036854775.81", -922337203685477581, 2},
	}
	for _, tt := range tests {
		h, rest := tt.c.Hundredths()
		if tt.c.String() != tt.exact || tt.c.Printed() != tt.printed || h != tt.hundredths || int64(rest) != tt.rest {
			t.Errorf("%d: %s %s %d %d, want %+v", int64(tt.c), tt.c, tt.c.Printed(), h, int64(rest), tt)
		}
	}
}

func TestHundredthsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := measure.Carats(rapid.Int64().Draw(t, "c"))
		h, rounding := c.Hundredths()
		if new(big.Int).Add(new(big.Int).Mul(big.NewInt(h), big.NewInt(10)), big.NewInt(int64(rounding))).Int64() != int64(c) {
			t.Fatalf("%d: %d hundredths and %d", c, h, rounding)
		}
		if rounding > 5 || rounding < -5 || c > 0 && rounding == 5 || c < 0 && rounding == -5 {
			t.Fatalf("%d: rounding %d is not to the nearest, halves away from zero", c, rounding)
		}
		if back, err := measure.FromHundredths(h); err == nil && back+rounding != c {
			t.Fatalf("%d hundredths are %d", h, back)
		}
	})
	for _, h := range []int64{math.MaxInt64/10 + 1, math.MinInt64/10 - 1, math.MaxInt64, math.MinInt64} {
		if c, err := measure.FromHundredths(h); err == nil {
			t.Errorf("%d hundredths are %d", h, c)
		}
	}
}

func TestWhatIsPrintedReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		c, u := measure.Carats(n), measure.USD(n)
		if back, err := measure.ParseCaratDifference(c.String()); err != nil || back != c {
			t.Fatalf("%s reads %d, %v", c, back, err)
		}
		var cc measure.Carats
		var uu measure.USD
		if err := cc.UnmarshalText([]byte(c.String())); err != nil || cc != c {
			t.Fatalf("%s unmarshals %d, %v", c, cc, err)
		}
		if err := uu.UnmarshalText([]byte(u.String())); err != nil || uu != u {
			t.Fatalf("%s unmarshals %d, %v", u, uu, err)
		}
		if back, err := measure.ParseUSD(u.String()); n >= 0 && (err != nil || back != u) {
			t.Fatalf("%s reads %d, %v", u, back, err)
		}
	})
}

func TestSumsNeverWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64().Draw(t, "a")
		b := rapid.Int64().Draw(t, "b")
		hold := func(name string, got measure.Carats, err error, want *big.Int) {
			if want.IsInt64() != (err == nil) || err == nil && int64(got) != want.Int64() {
				t.Fatalf("%d %s %d = %d, %v, want %s", a, name, b, got, err, want)
			}
			if err != nil && !fault.Is(err, "measure.sum_out_of_range") {
				t.Fatal(err)
			}
		}
		sum, err := measure.Carats(a).Add(measure.Carats(b))
		hold("+", sum, err, new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		difference, err := measure.Carats(a).Sub(measure.Carats(b))
		hold("-", difference, err, new(big.Int).Sub(big.NewInt(a), big.NewInt(b)))
	})
	if total, err := measure.SumUSD(1, 2, 3); err != nil || total != 6 {
		t.Errorf("%d %v", total, err)
	}
	if _, err := measure.SumCarats(math.MaxInt64, 1, -1); !fault.Is(err, "measure.sum_out_of_range") {
		t.Error(err)
	}
}

func TestSplitIsExactAndFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Range(0, math.MaxInt64)), 1, 20).Draw(t, "weights")
		sum := new(big.Int)
		for _, w := range weights {
			sum.Add(sum, big.NewInt(w))
		}
		parts, err := measure.Split(total, weights)
		switch {
		case sum.Sign() == 0 && total != 0:
			if !fault.Is(err, "measure.cannot_split") {
				t.Fatalf("nothing to split by: %v %v", parts, err)
			}
			return
		case !sum.IsUint64():
			if !fault.Is(err, "measure.sum_out_of_range") && total != 0 {
				t.Fatalf("weights beyond 64 bits: %v", err)
			}
			return
		case err != nil:
			t.Fatal(err)
		}
		got := new(big.Int)
		for i, p := range parts {
			got.Add(got, big.NewInt(p))
			if sum.Sign() == 0 {
				continue
			}
			// |part·sum − total·weight| < sum: within one unit of the exact share.
			off := new(big.Int).Mul(big.NewInt(p), sum)
			off.Sub(off, new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i])))
			if off.CmpAbs(sum) >= 0 {
				t.Fatalf("part %d of %d by %v is %d", i, total, weights, p)
			}
		}
		if got.Cmp(big.NewInt(total)) != 0 {
			t.Fatalf("%d split by %v adds up to %s", total, weights, got)
		}
	})
}

func TestSplitServesLargestRemainderThenTheEarlier(t *testing.T) {
	tests := []struct {
		total   measure.Carats
		weights []int64
		want    []measure.Carats
	}{
		{10, []int64{1, 1, 1}, []measure.Carats{4, 3, 3}},
		{-10, []int64{1, 1, 1}, []measure.Carats{-4, -3, -3}},
		{100, []int64{47, 16, 15, 12, 6, 4}, []measure.Carats{47, 16, 15, 12, 6, 4}},
		{10, []int64{47, 16, 15, 12, 6, 4}, []measure.Carats{5, 2, 1, 1, 1, 0}},
		{7, []int64{0, 1, 0}, []measure.Carats{0, 7, 0}},
		{math.MinInt64, []int64{1}, []measure.Carats{math.MinInt64}},
		{0, []int64{0, 0}, []measure.Carats{0, 0}},
		{0, nil, []measure.Carats{}},
	}
	for _, tt := range tests {
		got, err := measure.Split(tt.total, tt.weights)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("Split(%d, %v): %v %s", tt.total, tt.weights, err, diff)
		}
	}
	if _, err := measure.Split(measure.Carats(5), []int64{3, -1}); !fault.Is(err, "measure.cannot_split") {
		t.Errorf("a negative weight: %v", err)
	}
}

func TestPriceIsRoundedOnce(t *testing.T) {
	p, err := measure.PerCarat(100_00, 3*measure.Carat)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.USD(); err != nil || got.String() != "33.33" {
		t.Errorf("%s %v", got, err)
	}
	// Three times the rounded price would be 99.99.
	if got, err := p.Of(3 * measure.Carat); err != nil || got != 100_00 {
		t.Errorf("%s %v", got, err)
	}
	half, _ := measure.PerCarat(1, 2*measure.Carat)
	if got, err := half.USD(); err != nil || got != 1 {
		t.Errorf("half a cent is rounded to %d, %v", got, err)
	}
	loss, _ := measure.PerCarat(-1, 2*measure.Carat)
	if got, err := loss.USD(); err != nil || got != -1 {
		t.Errorf("minus half a cent is rounded to %d, %v", got, err)
	}
	if _, err := measure.PerCarat(1, 0); !fault.Is(err, "measure.no_weight") {
		t.Error(err)
	}
	if _, err := (measure.Price{}).USD(); !fault.Is(err, "measure.no_weight") {
		t.Error(err)
	}
	huge, _ := measure.PerCarat(math.MaxInt64, 1)
	if _, err := huge.USD(); !fault.Is(err, "measure.sum_out_of_range") {
		t.Errorf("a price beyond 64 bits: %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		price := func(label string) (measure.Price, *big.Rat) {
			value, weight := rapid.Int64().Draw(t, label), rapid.Int64Range(1, math.MaxInt64).Draw(t, label+"/")
			p, _ := measure.PerCarat(measure.USD(value), measure.Carats(weight))
			return p, big.NewRat(value, weight)
		}
		p, ratP := price("p")
		o, ratO := price("o")
		if p.Compare(o) != ratP.Cmp(ratO) {
			t.Fatalf("%v against %v: %d", p, o, p.Compare(o))
		}
	})
}

func TestCurrencies(t *testing.T) {
	for code, decimals := range map[string]int{"USD": 2, "XAF": 0, "XOF": 0, "TND": 3, "CLF": 4, "AOA": 2, "SLE": 2, "SLL": 2, "JPY": 0} {
		c, err := measure.ParseCurrency(code)
		if err != nil || c.Decimals() != decimals {
			t.Errorf("%s: %d decimals, %v", code, c.Decimals(), err)
		}
	}
	for _, code := range []string{"", "usd", "US", "XXX", "XAU", "D A", "EDA", "USDT"} {
		if c, err := measure.ParseCurrency(code); !fault.Is(err, "measure.currency_unknown") {
			t.Errorf("ParseCurrency(%q) = %q, %v", code, c, err)
		}
	}
}

func TestMoney(t *testing.T) {
	m, err := measure.ParseMoney("1 250 000", "XAF")
	if err != nil || m.Amount != 1250000 || m.String() != "XAF 1250000" {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := measure.ParseMoney("12,5", "XAF"); !fault.Is(err, "measure.too_many_decimals") {
		t.Error(err)
	}
	if _, err := measure.ParseMoney("-1", "EUR"); !fault.Is(err, "measure.negative") {
		t.Error(err)
	}
	if _, err := measure.ParseMoney("1", "EURO"); !fault.Is(err, "measure.currency_unknown") {
		t.Error(err)
	}
	if got := (measure.Money{Amount: -5, Currency: "TND"}).Decimal(); got != "-0.005" {
		t.Error(got)
	}
	if _, err := m.Add(measure.USD(5).Money()); !fault.Is(err, "measure.currencies_differ") {
		t.Error(err)
	}
	if got, err := measure.USD(5).Money().Add(measure.USD(6).Money()); err != nil || got.String() != "USD 0.11" {
		t.Errorf("%s %v", got, err)
	}
}

func TestRates(t *testing.T) {
	day := period.MustDay(2026, 11, 23)
	// The CFA franc is fixed to the euro at 655.957 (data/reference/README).
	peg, err := measure.ParseRate("EUR", "XAF", "655.957", day)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ from, want measure.Money }{
		{measure.Money{Amount: 100, Currency: "EUR"}, measure.Money{Amount: 656, Currency: "XAF"}},
		{measure.Money{Amount: 100_000, Currency: "EUR"}, measure.Money{Amount: 655957, Currency: "XAF"}},
		{measure.Money{Amount: 655957, Currency: "XAF"}, measure.Money{Amount: 100_000, Currency: "EUR"}},
		{measure.Money{Amount: -1000, Currency: "XAF"}, measure.Money{Amount: -152, Currency: "EUR"}},
		{measure.Money{Amount: 0, Currency: "XAF"}, measure.Money{Amount: 0, Currency: "EUR"}},
	}
	for _, tt := range tests {
		if got, err := peg.Convert(tt.from); err != nil || got != tt.want {
			t.Errorf("%s = %s, %v, want %s", tt.from, got, err, tt.want)
		}
	}
	if _, err := peg.Convert(measure.USD(1).Money()); !fault.Is(err, "measure.currencies_differ") {
		t.Error(err)
	}
	if _, err := peg.Convert(measure.Money{Amount: math.MaxInt64, Currency: "EUR"}); !fault.Is(err, "measure.sum_out_of_range") {
		t.Error(err)
	}
	for _, bad := range []string{"0", "-1"} {
		if _, err := measure.ParseRate("EUR", "XAF", bad, day); !fault.Is(err, "measure.rate_not_positive") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := (measure.Rate{Base: "EUR", Quote: "XAF"}).Convert(tests[0].from); !fault.Is(err, "measure.rate_not_positive") {
		t.Errorf("the zero rate converts: %v", err)
	}
}

func TestJSONIsStringsAndSQLIsIntegers(t *testing.T) {
	type line struct {
		Weight measure.Carats   `json:"weight"`
		Value  measure.USD      `json:"value"`
		In     measure.Currency `json:"in"`
	}
	const text = `{"weight":"2.315","value":"1234.50","in":"XAF"}`
	var l line
	if err := json.Unmarshal([]byte(text), &l); err != nil || l != (line{2315, 123450, "XAF"}) {
		t.Errorf("%+v %v", l, err)
	}
	if raw, err := json.Marshal(l); err != nil || string(raw) != text {
		t.Errorf("%s %v", raw, err)
	}
	for _, bad := range []string{`{"weight":2.31}`, `{"weight":"2,31"}`, `{"weight":"1 000"}`, `{"value":"1.234"}`, `{"in":"ABC"}`, `{"weight":""}`, `{"weight":"+1"}`} {
		if err := json.Unmarshal([]byte(bad), &line{}); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	var c measure.Carats
	var u measure.USD
	value, err := measure.Carats(2315).Value()
	if err != nil || value != int64(2315) || c.Scan(value) != nil || c != 2315 || u.Scan(int64(7)) != nil || u != 7 {
		t.Errorf("%v %v %d %d", value, err, c, u)
	}
	for _, src := range []any{nil, "2315", 2315.0, []byte("1")} {
		if err := c.Scan(src); err == nil {
			t.Errorf("Scan took %T", src)
		}
	}
}

func FuzzParseCarats(f *testing.F) {
	for _, s := range []string{"2.31", "2,31", "1 234,5", "1,234.567", "-0.001", "1,234", "9223372036854775.807", "\u22125", "1.234.567,8", "0,000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := measure.ParseCaratDifference(s)
		if err != nil {
			if fault.KindOf(err) != fault.KindInvalid {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if back, err := measure.ParseCaratDifference(c.String()); err != nil || back != c {
			t.Errorf("%q is %d, prints %s, reads %d, %v", s, c, c, back, err)
		}
		var strict measure.Carats
		if err := strict.UnmarshalText([]byte(s)); err == nil && strict != c {
			t.Errorf("%q is %d typed and %d in JSON", s, c, strict)
		}
	})
}

package verify_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
)

func TestCheckSums(t *testing.T) {
	half := uint64(1) << 63
	weights := func(ws ...verify.Weight) []verify.Weight { return ws }
	tests := []struct {
		name  string
		facts verify.Facts
		good  bool
	}{
		{"nothing shown", verify.Facts{}, true},
		{"weight alone", verify.Facts{Carats: new(uint64(1))}, true},
		{"no weight", verify.Facts{Carats: new(uint64(0))}, false},
		{"no parcels", verify.Facts{Parcels: new(uint64(0))}, false},
		{"lines without the weight", verify.Facts{HS: weights(verify.Weight{Name: "7102.10", Hundredths: 5})}, true},
		{"two lines", verify.Facts{Carats: new(uint64(7)), HS: weights(verify.Weight{Name: "7102.10", Hundredths: 5}, verify.Weight{Name: "7102.31", Hundredths: 2})}, true},
		{"no lines", verify.Facts{Carats: new(uint64(7)), HS: []verify.Weight{}}, false},
		{"a line twice", verify.Facts{Carats: new(uint64(7)), HS: weights(verify.Weight{Name: "a", Hundredths: 5}, verify.Weight{Name: "a", Hundredths: 2})}, false},
		{"a line without a name", verify.Facts{Carats: new(uint64(7)), Origin: weights(verify.Weight{Hundredths: 7})}, false},
		{"too little", verify.Facts{Carats: new(uint64(7)), Origin: weights(verify.Weight{Name: "CF", Hundredths: 6})}, false},
		{"a sum that wraps round", verify.Facts{Carats: &half, Origin: weights(verify.Weight{Name: "CF", Hundredths: half},
			verify.Weight{Name: "CD", Hundredths: half}, verify.Weight{Name: "CG", Hundredths: half})}, false},
		{"used up in part", verify.Facts{Carats: new(uint64(7)), Consumed: []verify.Consumed{{Number: "CF00000001", Hundredths: 6}}}, true},
		{"more used up than there is", verify.Facts{Carats: new(uint64(7)), Consumed: []verify.Consumed{{Number: "CF00000001", Hundredths: 8}}}, false},
		{"one certificate used up twice", verify.Facts{Carats: new(uint64(7)), Consumed: []verify.Consumed{{Number: "CF00000001", Hundredths: 1}, {Number: "CF00000001", Hundredths: 1}}}, false},
		{"values", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 4}, {Name: "b", Cents: 5}}}, true},
		{"values without their sum", verify.Facts{HSValues: []verify.Cents{{Name: "a", Cents: 4}}}, true},
		{"values too little", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 4}}}, false},
		{"values too much", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 10}}}, false},
		{"a value twice", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 4}, {Name: "a", Cents: 5}}}, false},
		{"values that wrap round", verify.Facts{Value: &half, HSValues: []verify.Cents{{Name: "a", Cents: half}, {Name: "b", Cents: half}, {Name: "c", Cents: half}}}, false},
	}
	// The first of a list, the last that is compared one by one and the first that is
	// not, each a second time at the end.
	long := make([]verify.Weight, 20)
	for i := range long {
		long[i] = verify.Weight{Name: string(rune('a' + i)), Hundredths: 1}
	}
	total := uint64(len(long))
	tests = append(tests, tests[0])
	tests[len(tests)-1].name, tests[len(tests)-1].facts = "twenty lines", verify.Facts{Carats: &total, HS: long}
	for _, i := range []int{0, 7, 8, 9, 18} {
		twice := slices.Clone(long)
		twice[19].Name = long[i].Name
		tests = append(tests, tests[2])
		last := &tests[len(tests)-1]
		last.name, last.facts, last.good = "line "+twice[i].Name+" twice among twenty", verify.Facts{Carats: &total, HS: twice}, false
	}
	for _, tt := range tests {
		if err := tt.facts.CheckSums(); (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestFactsAreReadAsTheyWereWritten(t *testing.T) {
	all := &verify.Facts{Carats: new(uint64(1240)), HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}},
		Parcels: new(uint64(1)), Consumed: []verify.Consumed{{Number: "CF00000001", Statement: canonical.Hash{1}, Hundredths: 3}},
		Exporter: &verify.Party{Name: "a", Address: "b"}, Importer: &verify.Party{Name: "c", Address: "d"}, Value: new(uint64(5)),
		Seals: []verify.Seal{{Container: "1", Seal: "A118"}}, HSValues: []verify.Cents{{Name: "7102.10", Cents: 5}}}
	fs, err := all.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(fs); i++ {
		if fs[i-1].Label >= fs[i].Label {
			t.Errorf("label %d stands before %d", fs[i-1].Label, fs[i].Label)
		}
	}
	got, err := verify.DecodeFacts(fs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got, cmp.AllowUnexported(verify.Weight{}, verify.Consumed{}, verify.Party{}, verify.Seal{}, verify.Cents{})); diff != "" {
		t.Error(diff)
	}
	for _, f := range fs {
		if want := f.Label <= 32; verify.Delayed(f.Label) != want {
			t.Errorf("label %d: delayed is %v", f.Label, !want)
		}
	}
}
